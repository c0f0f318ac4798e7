package io.github.lanewise.probe;

import io.github.lanewise.onnx.OnnxReader;
import java.nio.file.Path;

/** The program that {@code NoOtherJarTest} runs with Lanewise alone. */
public final class ModuleProbe {
  private ModuleProbe() {}

  /**
   * Reads a model and says from where.
   *
   * @param args none
   * @throws Exception if it cannot be read
   */
  public static void main(String[] args) throws Exception {
    System.out.println("named " + OnnxReader.class.getModule().isNamed());
    var network = OnnxReader.DEFAULT.read(Path.of("src/models/blazeface-front/model.onnx"));
    System.out.println("steps " + network.steps().size());
  }
}
