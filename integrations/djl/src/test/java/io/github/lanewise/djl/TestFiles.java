package io.github.lanewise.djl;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Networks, inputs and goldens of the repository, and more that may lie beside the checkout. */
final class TestFiles {
  private static final Path OWN = Path.of("../../src/models");
  private static final Path OTHER = Path.of("../../../shared/models");

  private TestFiles() {}

  static Path own(String name) {
    return OWN.resolve(name);
  }

  /** Skips the test where it is not there. */
  static Path other(String name) {
    Path file = OTHER.resolve(name);
    assumeTrue(Files.exists(file), () -> file.toAbsolutePath() + " is not there");
    return file;
  }

  static Image photo() throws IOException {
    return ImageFactory.getInstance().fromFile(own("astronaut.png"));
  }

  static float[] floats(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
