package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import io.github.lanewise.network.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Public networks from many exporters against what ONNX Runtime computed without optimizations: a
 * folder each with the model, the arrays in float32, and {@code io.tsv}, which lists them.
 */
class PublicNetworksTest {
  private static final Path FOLDER = Path.of("../shared/networks");

  /** Largest difference as a share of the largest value. */
  private static final double TOLERANCE = 1e-4;

  /**
   * The same of small results of a Sigmoid, absolutely: where those of all inputs are near 0, the
   * other engine's own error is a hundredth of the largest.
   */
  private static final double SIGMOID_TOLERANCE = 1e-6;

  private static final double SMALL = 1e-3;

  /** What the other engine computed with float16 is rounded to its eleven digits. */
  private static final double FLOAT16_TOLERANCE = 1e-3;

  /** Outputs of a Sigmoid over large sums, whose values are within 1e-4 as probabilities are. */
  private static final Set<String> SIGMOIDS = Set.of("mlsd_tiny_320/scores");

  /** Multiplications that scalar code does in a second. */
  private static final long MOST_OF_SCALAR = 250_000_000;

  /** A line of {@code io.tsv}. */
  private record Line(
      boolean isInput, String name, List<Integer> shape, Path file, double tolerance) {
    static Line of(Path folder, String text) {
      String[] cells = text.split("\t", -1);
      assertThat(cells[3]).as("type").isIn("FLOAT", "FLOAT16");
      List<Integer> shape =
          Stream.of(cells[2].replaceAll("[\\[\\] ]", "").split(",", -1))
              .map(Integer::valueOf)
              .toList();
      double tolerance = cells[3].equals("FLOAT16") ? FLOAT16_TOLERANCE : TOLERANCE;
      return new Line(
          cells[0].equals("input"), cells[1], shape, folder.resolve(cells[4]), tolerance);
    }
  }

  static List<String> names() throws IOException {
    if (!Files.isDirectory(FOLDER)) {
      return List.of("none");
    }
    try (Stream<Path> folders = Files.list(FOLDER)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void agreesWithOnnxRuntime(String name) throws IOException {
    Path folder = FOLDER.resolve(name);
    assumeTrue(
        Files.isDirectory(folder), FOLDER + " is not there: put the networks beside the checkout");
    Path model = folder.resolve("model.onnx");
    List<Line> lines = new ArrayList<>();
    for (String text : Files.readAllLines(folder.resolve("io.tsv"))) {
      if (!text.startsWith("kind\t")) {
        lines.add(Line.of(folder, text));
      }
    }
    OnnxReader reader = reader(lines);
    Network network = reader.read(model);
    check(network, lines);
    if (network.steps().stream().mapToLong(Step::multiplications).sum() < MOST_OF_SCALAR) {
      Backend scalar = Backend.scalar();
      check(reader.withOptions(ConvOptions.DEFAULT.withBackend(scalar)).read(model), lines);
    }
  }

  /** With the inputs' shapes, which some files leave open. */
  private static OnnxReader reader(List<Line> lines) {
    OnnxReader reader = OnnxReader.DEFAULT;
    for (Line line : lines) {
      if (line.isInput()) {
        int[] shape = line.shape().stream().mapToInt(n -> n).toArray();
        reader = reader.withInputShape(line.name(), shape);
      }
    }
    return reader;
  }

  private static void check(Network network, List<Line> lines) {
    Map<String, float[]> in = new HashMap<>();
    for (Line line : lines) {
      if (line.isInput()) {
        in.put(line.name(), Models.floats(line.file()));
      }
    }
    Map<String, float[]> out = network.run(in);
    Map<String, Port> ports = new HashMap<>();
    network.outputs().forEach(port -> ports.put(port.name(), port));
    for (Line line : lines) {
      if (!line.isInput()) {
        assertThat(ports.get(line.name()).shape()).as(line.name()).isEqualTo(line.shape());
        Models.Difference difference =
            Models.Difference.of(out.get(line.name()), Models.floats(line.file()));
        String output = line.file().getParent().getFileName() + "/" + line.name();
        double allowed =
            difference.largest() < SMALL
                ? SIGMOID_TOLERANCE
                : line.tolerance() * (SIGMOIDS.contains(output) ? 1 : difference.largest());
        assertThat(difference.error())
            .as("%s: %s", line.name(), difference)
            .isLessThanOrEqualTo(allowed);
      }
    }
  }
}
