package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Finds trained networks: the project's own, and more beside the checkout. */
final class Models {
  private static final List<Path> FOLDERS =
      List.of(Path.of("src/models"), Path.of("../shared/models"));

  /** An input of a model, and the prefix of the files with what another engine made of it. */
  record Case(String model, String file, String input, String expected) {
    Path path() {
      return folder(model + "/" + file);
    }

    boolean isCommitted() {
      return Files.exists(FOLDERS.getFirst().resolve(model).resolve(file))
          && Files.exists(FOLDERS.getFirst().resolve(model).resolve(input));
    }

    boolean isPresent() {
      return Files.exists(path()) && Files.exists(folder(model + "/" + input));
    }

    float[] inputValues() {
      return floats(folder(model + "/" + input));
    }

    /** What another engine computed for an output, NCHW where it is an image. */
    float[] golden(String output) {
      return floats(folder(model + "/" + expected + "-" + output + ".bin"));
    }

    @Override
    public String toString() {
      return model + " " + file + " " + input;
    }
  }

  private Models() {}

  static Stream<Case> cases() {
    return Stream.of(
        new Case("tinyxception", "model.onnx", "input.bin", "expected"),
        new Case("tinyxception", "model.onnx", "input2.bin", "expected2"),
        new Case("tinyxception", "model-rawinput.onnx", "input-rawinput.bin", "expected"),
        new Case("tinyxception", "model-rawinput.onnx", "input-rawinput2.bin", "expected2"),
        new Case("emotion-minixception", "model.onnx", "input.bin", "expected"),
        new Case("emotion-minixception", "model.onnx", "input2.bin", "expected2"),
        new Case("blazeface-front", "model.onnx", "input.bin", "expected"),
        new Case("blazeface-front", "model.onnx", "input2.bin", "expected2"),
        new Case("posenet-mnv1", "model.onnx", "input.bin", "expected"),
        new Case("posenet-mnv1", "model.onnx", "input2.bin", "expected2"),
        new Case("mobilenet_v1_0.25_128", "model.onnx", "input.bin", "expected"),
        new Case("mobilenet_v1_0.25_128", "model.onnx", "input2.bin", "expected2"),
        new Case("mobilenet_v1_0.25_128", "model-plain.onnx", "input.bin", "expected-plain"),
        new Case("mobilenet_v1_0.25_128", "model-plain.onnx", "input2.bin", "expected-plain2"),
        new Case("mobilenet_v2_1.0_224", "model-plain.onnx", "input.bin", "expected-plain"),
        new Case("mobilenet_v2_1.0_224", "model-plain.onnx", "input2.bin", "expected-plain2"),
        new Case("mobilenet_v2_unfolded_bn", "model.onnx", "input.bin", "expected"),
        new Case("mobilenet_v2_unfolded_bn", "model.onnx", "input2.bin", "expected2"),
        new Case("mobilenet_v2_unfolded_bn", "model.onnx", "input3.bin", "expected3"),
        new Case("selfie-mnv3", "model.onnx", "input.bin", "expected"),
        new Case("selfie-mnv3", "model.onnx", "input2.bin", "expected2"),
        new Case("selfie-mnv3", "model-hardswish.onnx", "input.bin", "expected-hardswish"),
        new Case("selfie-mnv3", "model-hardswish.onnx", "input2.bin", "expected-hardswish2"));
  }

  /** The first of the folders that has the file; the last one's if none has. */
  private static Path folder(String file) {
    return FOLDERS.stream()
        .map(folder -> folder.resolve(file))
        .filter(Files::exists)
        .findFirst()
        .orElse(FOLDERS.getLast().resolve(file));
  }

  /** How far a result is from what another engine computed. */
  record Difference(double error, double largest) {
    static Difference of(float[] result, float[] golden) {
      assertThat(result).hasSameSizeAs(golden);
      double error = 0;
      double largest = 0;
      for (int i = 0; i < golden.length; i++) {
        largest = Math.max(largest, Math.abs(golden[i]));
        error = Math.max(error, Math.abs(result[i] - (double) golden[i]));
      }
      return new Difference(error, largest);
    }

    @Override
    public String toString() {
      return "error %.2g of %.3g = %.2g".formatted(error, largest, error / largest);
    }
  }

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static float[] floats(Path file) {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    float[] out = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(out);
    return out;
  }
}
