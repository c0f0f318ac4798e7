package io.github.lanewise.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.jmh.layers.LayerList;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchTest {

  private static CommandLine parse(String... arguments) {
    CommandLine line = Bench.commandLine(arguments);
    line.parseArgs(arguments);
    return line;
  }

  /** The exit status, and what was said. */
  private static String refusal(String... arguments) {
    PrintStream stderr = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(Bench.commandLine(arguments).execute(arguments)).isEqualTo(2);
    } finally {
      System.setErr(stderr);
    }
    assertThat(said.toString(StandardCharsets.UTF_8)).endsWith("See scripts/bench --help.\n");
    return said.toString(StandardCharsets.UTF_8).lines().findFirst().orElseThrow();
  }

  @Test
  void whatIsMeasuredHasOptionsOfItsOwn() {
    assertThat(refusal("--networks", "--threads", "2", "-f", "3"))
        .isEqualTo("Unknown options: '--threads', '2', '-f', '3'");
    assertThat(refusal("--networks", "--root", "..", "--models", "absent"))
        .isEqualTo("--models absent is no folder");
    assertThat(refusal("--models", "src")).contains("models");
    assertThat(refusal("--start", "--quick")).contains("'--quick'");
    assertThat(refusal("--start", "--networks")).contains("'--networks'");
    assertThat(refusal("-n", "3")).contains("n is not a recognized option");
    assertThat(refusal("--networks", "-n", "3")).contains("'-n'");
    parse("--start", "-n", "3", "--setups", "one,all-aot", "--seconds", "2", "--only", "v2");
    parse("--networks", "--dir", "a", "--models", "src");
    parse("--load", "--clients", "1,4", "--seconds", "2");
    assertThat(refusal("--load", "-n", "3")).contains("'-n'");
  }

  @Test
  void whatNobodyKnowsIsRefused() {
    assertThat(refusal("--nonsense")).contains("nonsense");
    assertThat(refusal("--gc", "none")).contains("none");
    assertThat(refusal("--layers", "vgg")).contains("'vgg'");
    assertThat(refusal("--quick", "--full")).contains("exclusive");
    assertThat(refusal("-f", "0")).contains("-f 0");
    assertThat(refusal("-tu", "ms")).contains("-tu");
    assertThat(refusal("-bm", "avgt")).contains("-bm");
    for (String[] counts :
        new String[][] {
          {"--threads"}, {"--start", "-n"}, {"--start", "--seconds"}, {"--load", "--clients"}
        }) {
      String[] arguments = Arrays.copyOf(counts, counts.length + 1);
      arguments[counts.length] = "0";
      assertThat(refusal(arguments))
          .contains("'" + counts[counts.length - 1] + "'", "'0' must be a number, 1 or more");
    }
    assertThat(refusal("--start", "--setups", "two")).contains("all-aot");
  }

  @Test
  void theLayersOfAListAreListed() {
    PrintStream stdout = System.out;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      assertThat(Bench.commandLine().execute("-l", "--layers", "odd", "--dir", "a")).isZero();
    } finally {
      System.setOut(stdout);
    }
    assertThat(said.toString(StandardCharsets.UTF_8).lines())
        .hasSize(LayerList.named("odd").targets().size())
        .contains("depthwise\todd/k1\t28x28x64 1x1");
  }
}
