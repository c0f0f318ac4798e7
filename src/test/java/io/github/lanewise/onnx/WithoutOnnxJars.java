package io.github.lanewise.onnx;

import io.github.lanewise.Activation;
import io.github.lanewise.network.NetworkBuilder;
import java.util.Arrays;

/** The program that {@link OptionalJarsTest} runs with Lanewise alone on its class path. */
final class WithoutOnnxJars {
  private WithoutOnnxJars() {}

  public static void main(String[] args) {
    NetworkBuilder b = new NetworkBuilder();
    b.output("y", b.activation(b.input("x", 3), Activation.RELU6));
    float[] out = new float[3];
    b.build().run(new float[] {-1, 2, 9}, out);
    System.out.println("ran " + Arrays.toString(out));
    System.out.println("operators " + OnnxReader.operators().size());
    try {
      OnnxReader.DEFAULT.read(new byte[10]);
    } catch (IllegalStateException e) {
      System.out.println("told " + e.getMessage());
    }
  }
}
