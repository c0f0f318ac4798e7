package io.github.lanewise.jmh.networks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * An input of a network, from the files beside its model: those that {@code io.tsv} names, or
 * {@code input.bin} alone.
 *
 * @param name its name; empty for the only one, whatever it is called
 * @param axes its shape; empty for the one that the model states
 * @param type of its elements in the network, {@code FLOAT} or {@code FLOAT16}
 * @param file its elements, float32 whatever the type, little-endian
 */
record NetworkInput(String name, List<Integer> axes, String type, Path file) {
  static final String LIST = "io.tsv";
  static final String ALONE = "input.bin";

  NetworkInput {
    if (!type.equals("FLOAT") && !type.equals("FLOAT16")) {
      throw new IllegalStateException(
          "input " + name + " is " + type + ": it must be FLOAT or FLOAT16");
    }
  }

  /** The inputs of a model. */
  static List<NetworkInput> of(Path model) throws IOException {
    Path list = model.resolveSibling(LIST);
    if (!Files.exists(list)) {
      return List.of(new NetworkInput("", List.of(), "FLOAT", model.resolveSibling(ALONE)));
    }
    return Files.readAllLines(list).stream()
        .map(line -> line.split("\t", -1))
        .filter(cells -> cells[0].equals("input"))
        .map(
            cells ->
                new NetworkInput(
                    cells[1], axes(cells[2]), cells[3], model.resolveSibling(cells[4])))
        .toList();
  }

  /** Of {@code [1, 3, 224, 224]}. */
  private static List<Integer> axes(String text) {
    return Stream.of(text.split("\\D+")).filter(n -> !n.isEmpty()).map(Integer::valueOf).toList();
  }

  /** The input of a name among a network's. */
  static NetworkInput named(String name, List<NetworkInput> inputs) {
    return inputs.stream()
        .filter(input -> input.name.isEmpty() || input.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(LIST + " has no input " + name));
  }

  /** Its elements. */
  float[] floats() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    float[] floats = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(floats);
    return floats;
  }

  /** Whether its network computes on numbers of 11 bits. */
  boolean isHalf() {
    return type.equals("FLOAT16");
  }

  /** Its elements outside the heap, in its type, where ONNX Runtime leaves them. */
  ByteBuffer direct() throws IOException {
    float[] floats = floats();
    int bytes = isHalf() ? Short.BYTES : Float.BYTES;
    ByteBuffer direct =
        ByteBuffer.allocateDirect(floats.length * bytes).order(ByteOrder.nativeOrder());
    for (float value : floats) {
      if (isHalf()) {
        direct.putShort(Float.floatToFloat16(value));
      } else {
        direct.putFloat(value);
      }
    }
    return direct.rewind();
  }
}
