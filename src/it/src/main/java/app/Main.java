package app;

import io.github.lanewise.Backend;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import io.github.lanewise.onnx.OnnxReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Runs a network and says which kernels served and what came out, in one line. */
public final class Main {
  private Main() {}

  /**
   * Runs a network.
   *
   * @param args its file
   * @throws IOException if that cannot be read
   */
  public static void main(String[] args) throws IOException {
    System.out.println(run(Path.of(args[0])));
  }

  static String run(Path model) throws IOException {
    Network network = OnnxReader.DEFAULT.read(model);
    float[][] in = arrays(network.inputs());
    for (float[] input : in) {
      for (int i = 0; i < input.length; i++) {
        input[i] = i % 255 / 127.5f - 1;
      }
    }
    float[][] out = arrays(network.outputs());
    network.run(in, out);
    return Backend.current().name() + " kernels, result " + Arrays.deepHashCode(out);
  }

  private static float[][] arrays(List<Port> ports) {
    return ports.stream().map(port -> new float[port.length()]).toArray(float[][]::new);
  }
}
