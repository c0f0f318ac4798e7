package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.jmh.run.Folders;
import io.github.lanewise.jmh.run.Program;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkComparisonTest {
  @TempDir Path checkout;
  @TempDir Path first;
  @TempDir Path second;

  /** Of an empty checkout and two folders of models. */
  private Map<String, Path> find(String... only) throws IOException {
    NetworkComparison command = new NetworkComparison(System.out);
    Files.createDirectories(checkout.resolve("src/models"));
    List<String> arguments =
        new ArrayList<>(List.of("--root", "" + checkout, "--models", first + "," + second));
    arguments.addAll(List.of(only));
    Folders.commandLine(command).parseArgs(arguments.toArray(String[]::new));
    return command.find();
  }

  private static Path network(Path folder, String name, String... files) throws IOException {
    Path network = Files.createDirectories(folder.resolve(name));
    for (String file : files) {
      Files.createFile(network.resolve(file));
    }
    return network;
  }

  @Test
  void theTableSaysWhereAndWhenItWasMeasured() {
    List<String> facts = NetworkComparison.facts(Instant.parse("2026-01-31T12:00:00.5Z"));
    assertThat(facts.getFirst()).startsWith("CPU: ");
    assertThat(facts)
        .anyMatch(fact -> fact.startsWith("JDK: " + System.getProperty("java.runtime.version")))
        .endsWith("Begun: 2026-01-31T12:00:00Z");
  }

  @Test
  void everyModelBesideAnInputIsFoundTheFirstOfANameCounts() throws IOException {
    Path a = network(first, "a", "model.onnx", "model-2.onnx", "input.bin", "other.onnx");
    network(first, "without-input", "model.onnx");
    Files.createFile(first.resolve("README.md"));
    network(second, "a", "model.onnx", "input.bin");
    Path b = network(second, "b", "model.onnx", "input.bin");
    assertThat(find())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "a", a.resolve("model.onnx"),
                "a model-2.onnx", a.resolve("model-2.onnx"),
                "b", b.resolve("model.onnx")));
    assertThat(find("--only", "-2,absent")).containsOnlyKeys("a model-2.onnx");
  }

  private static NetworkComparison.Row row(String name, double faster, String cannot) {
    List<List<Double>> compared =
        cannot.isEmpty()
            ? List.of(List.of(2.0, 4.0, faster, 1.0, 1e-6), List.of(1.0, 1.5, 1.5, 1.25, 2e-6))
            : List.of();
    List<Program.Line> lines = List.of(new Program.Line("70", 400), new Program.Line("90", 500));
    return new NetworkComparison.Row(
        name, compared, cannot.isEmpty() ? Map.of(Side.LANEWISE, lines) : Map.of(), cannot);
  }

  @Test
  void whoWaitsForTheTableSeesEachNetwork() {
    assertThat(row("a", 1.5, "").brief())
        .isEqualTo("  1.50 x faster (in best run 1.00), on two threads 1.50 (1.25)");
    assertThat(row("b", 0, "no operator X").brief()).isEqualTo("  no operator X");
  }

  @Test
  void theTableEndsWithGeometricMeansAndSaysWhatAnEngineDoesNotTake() {
    String text =
        NetworkComparison.table(
            List.of(row("a", 4, ""), row("b", 1, ""), row("c", 0, "Lanewise: no | Loop")));
    assertThat(text)
        .containsPattern("\\| a .* 2\\.00 \\| 4\\.00 \\| +4\\.00 \\| +1\\.00 \\| +1\\.00 \\|")
        .containsPattern("\\| a .* 2e-06 \\| +450 \\| +- \\| +80 \\| +- \\| +\\|")
        .containsPattern("\\| c .* - \\| Lanewise: no / Loop \\|")
        .endsWith(
            "\n"
                + "Geometric mean of 2 networks: 2.00 x faster on 1 thread (in best run 1.00), 1.50"
                + " on 2 (1.25)\n");
    assertThat(NetworkComparison.table(List.of(row("a", 4, ""))))
        .doesNotContain("cannot", "Geometric");
  }

  @Test
  void aModelThatAnEngineDoesNotTakeSaysSoInItsRow() throws IOException {
    Files.writeString(network(first, "a", "input.bin").resolve("model.onnx"), "no model");
    Files.createDirectories(checkout.resolve("src/models"));
    Path results = checkout.resolve("results");
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    int status =
        Folders.commandLine(new NetworkComparison(out))
            .execute("--root", "" + checkout, "--models", "" + first, "--dir", "" + results);
    assertThat(status).isEqualTo(1);
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .isEqualTo(Files.readString(results.resolve("networks.md")))
        .containsPattern("\\| a +\\| .* - \\| Lanewise: [^|]+ \\|\n");
  }

  @Test
  void inputsAreThoseThatTheirListNames() throws IOException {
    Path folder = network(first, "a", "model.onnx");
    Files.writeString(
        folder.resolve("io.tsv"),
        """
        kind\tname\tshape\ttype\tfile
        input\tx:0\t[1, 2]\tFLOAT\tx.bin
        input\th\t[]\tFLOAT16\th.bin
        output\ty\t[1, 2]\tFLOAT\ty.bin
        """);
    Files.write(folder.resolve("x.bin"), new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40});
    Files.write(folder.resolve("h.bin"), new byte[] {0, 0, (byte) 0x80, (byte) 0xbf});
    List<NetworkInput> inputs = NetworkInput.of(folder.resolve("model.onnx"));
    assertThat(inputs.stream().map(NetworkInput::name)).containsExactly("x:0", "h");
    assertThat(NetworkInput.named("x:0", inputs).axes()).containsExactly(1, 2);
    assertThat(NetworkInput.named("x:0", inputs).floats()).containsExactly(1, 2);
    assertThat(NetworkInput.named("h", inputs).floats()).containsExactly(-1);
    assertThat(NetworkInput.named("h", inputs).direct().getShort()).isEqualTo((short) 0xbc00);
    assertThatThrownBy(() -> new NetworkInput("n", List.of(1), "INT64", folder))
        .hasMessage("input n is INT64: it must be FLOAT or FLOAT16");
    assertThatThrownBy(() -> NetworkInput.named("z", inputs)).hasMessageContaining("no input z");
    assertThat(find()).containsOnlyKeys("a");
  }
}
