package app;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MainTest {
  @Test
  void vectorKernelsServe() throws IOException {
    String said = Main.run(Path.of("../models/blazeface-front/model.onnx"));
    assertTrue(said.startsWith("vector kernels"), said);
  }
}
