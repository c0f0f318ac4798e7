package io.github.lanewise.jmh.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.jmh.report.Run;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs with real forks, as short as can be. */
class SessionTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private boolean run(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--quick", "--layers", "odd"));
    arguments.addAll(List.of("--gc", "serial", "--dir", folder.toString()));
    arguments.addAll(List.of(more));
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return new Session(SettingsTest.parse(arguments.toArray(String[]::new)), out).run();
  }

  private static long count(String text, String pattern) {
    return Pattern.compile(pattern).matcher(text).results().count();
  }

  @Test
  void roundsBecomeTheForksOfOneResult() throws Exception {
    Path copy = folder.resolve("copy.csv");
    boolean good =
        run(
            "-f",
            "2",
            "-wi",
            "1",
            "-w",
            "1ms",
            "-i",
            "2",
            "-r",
            "20ms",
            "-p",
            "layer=k1",
            "-p",
            "backend=scalar",
            "-rf",
            "csv",
            "-rff",
            copy.toString(),
            "LayerBenchmark");
    String text = printed.toString(StandardCharsets.UTF_8);
    assertThat(good).as(text).isTrue();
    String json = Files.readString(folder.resolve("results.json"));
    assertThat(count(json, "\"benchmark\" : ")).isEqualTo(1);
    assertThat(json)
        .contains("\"benchmark\" : \"io.github.lanewise.jmh.LayerBenchmark.depthwise\"")
        .contains("\"forks\" : 2,")
        .contains("\"layer\" : \"odd/k1\"")
        .contains("\"backend\" : \"scalar\"")
        .contains("-XX:+UseSerialGC");
    String gflops = json.substring(json.indexOf("\"gflops\""), json.indexOf("\"peakGflops\""));
    String raw = gflops.substring(gflops.indexOf("rawData")).replaceAll("\\s", "");
    assertThat(raw).matches("rawData\":\\[\\[[\\d.E-]+,[\\d.E-]+],\\[[\\d.E-]+,[\\d.E-]+]]},");
    assertThat(Files.readString(folder.resolve("report.md")))
        .contains("| layer | operator  | shape        |", "| k1    | depthwise | 28x28x64 1x1 |");
    assertThat(text).contains("[1/2]", "[2/2]").endsWith("report.md" + System.lineSeparator());
    assertThat(Files.readString(copy)).contains("\"Benchmark\"", "odd/k1");
    assertThat(Run.read(folder.resolve("results.json"))).hasSize(1);
    Run read = Run.read(folder.resolve("results.json")).getFirst();
    assertThat(read.figures())
        .singleElement()
        .asString()
        .matches("[\\d.]+ GFLOP/s, \\d+ % of peak");
    assertThat(read.info().collector()).isEqualTo("Serial");
    assertThat(read.info().backend()).contains("jdk.incubator.vector present");
  }

  @Test
  void aFailureIsShownAndTheRestGoesOn() throws Exception {
    boolean good =
        run(
            "-wi",
            "0",
            "-i",
            "1",
            "-r",
            "1ms",
            "-p",
            "layer=k1",
            "-p",
            "backend=vector64,scalar",
            "LayerBenchmark");
    String text = printed.toString(StandardCharsets.UTF_8);
    assertThat(good).isFalse();
    assertThat(text)
        .contains("[1/2] 0:00  odd/k1 depthwise vector64 (Serial): failed")
        .contains("Not measured: odd/k1 depthwise vector64 (Serial)");
    assertThat(count(Files.readString(folder.resolve("results.json")), "\"benchmark\" : "))
        .isEqualTo(1);
  }

  @Test
  void otherEnginesAreCheckedAndWhatTheyCannotIsSaid() throws Exception {
    boolean good =
        run("--peers", "-wi", "0", "-i", "1", "-r", "1ms", "-p", "layer=n7,k1,n3", "LayerBench");
    String text = printed.toString(StandardCharsets.UTF_8);
    String report = Files.readString(folder.resolve("report.md"));
    assertThat(good).isFalse();
    assertThat(report)
        .contains("- Peer test: scalar loops, threads: 1\n")
        .contains("- Peer broken: none: java.lang.UnsatisfiedLinkError: no broken in java.library")
        .containsPattern("\\| k1 .*\\| +cannot \\| +- \\|")
        .containsPattern("\\| n7 .*\\| +[0-9.]+ \\| +[0-9.]+ \\| +- \\| +- \\|")
        .contains("Not measured: odd/n3 pointwise test (Serial)")
        .contains("Cannot: test: is for pointwise layers\n")
        .doesNotContain(" broken |");
    assertThat(text).contains("wrong result of pointwise odd/n3");
    assertThat(Files.readString(folder.resolve("results.json"))).contains("\"backend\" : \"test\"");
  }

  @Test
  void tilesAreMeasuredInForksOfTheirOwn() throws Exception {
    assertThat(
            run("--tiles", "-wi", "0", "-i", "1", "-r", "1ms", "-p", "tile=4x3v", "TileBenchmark"))
        .as(printed.toString(StandardCharsets.UTF_8))
        .isTrue();
    assertThat(Files.readString(folder.resolve("report.md")))
        .contains("| depth | 4x3v % of peak | best |")
        .containsPattern("\\| 512   \\| +[0-9.]+ \\| 4x3v \\|");
  }

  @Test
  void anEmptySelectionSaysSo() {
    assertThat(run("-p", "layer=none", "LayerBenchmark")).isFalse();
    assertThat(printed.toString(StandardCharsets.UTF_8)).startsWith("Nothing to measure");
    assertThat(folder).isEmptyDirectory();
  }
}
