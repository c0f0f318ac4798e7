package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.jmh.run.Folders;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests are really served, for a second in each way. */
class LoadComparisonTest {
  @TempDir Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private int run(String... more) {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    List<String> arguments = new ArrayList<>(List.of("--load", "--root", "..", "--seconds", "1"));
    arguments.addAll(List.of("--dir", "" + folder, "--clients", "1"));
    arguments.addAll(List.of(more));
    return Folders.commandLine(new LoadComparison(out)).execute(arguments.toArray(String[]::new));
  }

  @Test
  void everyServerServesTheNetworkAndTheLoop() throws Exception {
    assertThat(run("--only", "emotion")).as(printed.toString(StandardCharsets.UTF_8)).isZero();
    String text = Files.readString(folder.resolve("load.md"));
    assertThat(text).isEqualTo(printed.toString(StandardCharsets.UTF_8)).contains("Each row: 1 s");
    List<String> rows = text.lines().filter(line -> line.startsWith("| emotion")).toList();
    List<String> ways = new ArrayList<>();
    for (String row : rows) {
      String[] cells = row.split("\\|", -1);
      ways.add(cells[3].strip() + " by " + cells[4].strip());
      assertThat(cells[2].strip()).isEqualTo("" + Runtime.getRuntime().availableProcessors());
      double[] figures = new double[7];
      for (int i = 0; i < figures.length; i++) {
        figures[i] = Double.parseDouble(cells[5 + i].strip());
      }
      assertThat(figures[0]).isGreaterThan(10);
      assertThat(DoubleStream.of(figures).skip(2).limit(3).toArray()).isSorted();
      assertThat(figures[4]).isLessThan(60_000); // ms, as its heading says
      assertThat(figures[5]).isBetween(3.0, figures[6]);
    }
    List<String> expected = new ArrayList<>();
    for (Server server : Server.values()) {
      expected.add("network by " + server.title);
      expected.add("loop by " + server.title);
    }
    assertThat(ways).isEqualTo(expected);
  }

  @Test
  void theFiguresAreOfAllRequestsAndOfEachClient() {
    List<List<Double>> byClient = List.of(List.of(1.0, 3.0, 2.0), List.of(9.0));
    double[] figures =
        List.of(LoadFork.Figure.values()).stream().mapToDouble(f -> f.of(byClient, 2)).toArray();
    assertThat(figures[0]).isEqualTo(2);
    assertThat(figures[1]).isEqualTo(2.5);
    assertThat(figures[2]).isBetween(8.0, figures[3]);
    assertThat(figures[3]).isLessThan(9);
    assertThat(DoubleStream.of(figures).skip(4).toArray()).containsExactly(9, 1, 3);
  }
}
