package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.Statistics;
import io.github.lanewise.jmh.report.Table;
import io.github.lanewise.jmh.run.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.StatUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Lanewise and ONNX Runtime on the same networks and inputs, each network in JVMs of its own, in
 * turns; first results and memory are medians of five JVMs each. Times are medians of turns, "in
 * best run" compares the fastest run of each: what a core does while no neighbour wants it.
 */
@Command(
    name = "scripts/bench --networks",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures whole networks against ONNX Runtime, on one and two threads: half a minute each.",
      ""
    })
public final class NetworkComparison extends Models {
  /** What tells this command from the others of the script. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = "--networks", hidden = true)
  private boolean chosen;

  private static final int FIRSTS = 5;

  /** Creates the command, which prints a table. */
  public NetworkComparison(PrintStream out) {
    super(out);
  }

  /**
   * What was measured of a network.
   *
   * @param compared the figures of each number of threads; none if an engine does not take it
   * @param firsts what the first results of Lanewise and of ONNX Runtime said
   * @param cannot the engine that does not take it, and why; empty if both do
   */
  record Row(
      String network,
      List<List<Double>> compared,
      Map<Side, List<Program.Line>> firsts,
      String cannot) {

    Optional<Double> compared(int threads, int figure) {
      return compared.stream().skip(threads - 1).findFirst().map(figures -> figures.get(figure));
    }

    /** A line for who waits for the table. */
    String brief() {
      return cannot.isEmpty()
          ? Table.format(
              "  %.2f x faster (in best run %.2f), on two threads %.2f (%.2f)",
              compared(1, 2).orElseThrow(),
              compared(1, 3).orElseThrow(),
              compared(2, 2).orElseThrow(),
              compared(2, 3).orElseThrow())
          : "  " + cannot;
    }

    /** The larger difference of outputs. */
    Optional<Double> difference() {
      return compared.stream().map(List::getLast).max(Double::compare);
    }

    Optional<Double> first(Side side, Function<Program.Line, Double> figure) {
      return Optional.ofNullable(firsts.get(side))
          .map(lines -> Statistics.median(lines.stream().map(figure).toList()));
    }
  }

  @Override
  boolean run(Map<String, Path> networks) throws IOException {
    List<Row> rows = new ArrayList<>();
    List<String> facts = facts(Instant.now());
    for (var network : networks.entrySet()) {
      System.err.println(network.getKey() + " ...");
      try {
        Row row = measure(network.getKey(), network.getValue());
        rows.add(row);
        System.err.println(row.brief()); // who stops it later has that much
      } catch (IllegalStateException e) {
        out.println(network.getKey() + ": " + e.getMessage());
        rows.add(new Row(network.getKey(), List.of(), Map.of(), "failed, see above"));
      }
    }
    publish("networks.md", facts, table(rows));
    return rows.stream().allMatch(row -> row.cannot.isEmpty());
  }

  /** The table, a column for what an engine does not take if there is any, and the means. */
  static String table(List<Row> rows) {
    Table<Row> table = new Table<Row>().text("network", Row::network);
    for (int threads = 1; threads <= 2; threads++) {
      int n = threads;
      table
          .number(n == 1 ? "ms, 1 thread" : "ms, 2 threads", "%.2f", row -> row.compared(n, 0))
          .number("ORT", "%.2f", row -> row.compared(n, 1))
          .number("x faster", "%.2f", row -> row.compared(n, 2))
          .number("in best run", "%.2f", row -> row.compared(n, 3));
    }
    Function<Program.Line, Double> resident = line -> Double.parseDouble(line.text());
    table
        .number("difference", "%.0e", Row::difference)
        .number("first result ms", "%.0f", row -> row.first(Side.LANEWISE, Program.Line::millis))
        .number("ORT", "%.0f", row -> row.first(Side.ONNX_RUNTIME, Program.Line::millis))
        .number("resident MB", "%.0f", row -> row.first(Side.LANEWISE, resident))
        .number("ORT", "%.0f", row -> row.first(Side.ONNX_RUNTIME, resident));
    if (rows.stream().anyMatch(row -> !row.cannot.isEmpty())) {
      table.text("cannot", row -> row.cannot.replace('|', '/'));
    }
    return table.render(rows) + geometricMeans(rows);
  }

  /** How many times faster over all networks that both engines take; nothing for a single one. */
  private static String geometricMeans(List<Row> rows) {
    List<Row> both = rows.stream().filter(row -> row.cannot.isEmpty()).toList();
    return both.size() < 2
        ? ""
        : Table.format(
            "\nGeometric mean of %d networks: %.2f x faster on 1 thread (in best run %.2f),"
                + " %.2f on 2 (%.2f)\n",
            both.size(), mean(both, 1, 2), mean(both, 1, 3), mean(both, 2, 2), mean(both, 2, 3));
  }

  private static double mean(List<Row> rows, int threads, int figure) {
    return StatUtils.geometricMean(
        rows.stream().mapToDouble(row -> row.compared(threads, figure).orElseThrow()).toArray());
  }

  private static Row measure(String name, Path model) throws IOException {
    List<List<Double>> compared = new ArrayList<>();
    for (int threads = 1; threads <= 2; threads++) {
      Program fork = fork(NetworkFork.class, "compare", "" + threads, "" + model);
      if (!fork.lines("cannot").isEmpty()) {
        return new Row(name, List.of(), Map.of(), fork.line("cannot").text());
      }
      String[] figures = fork.line("compare").text().split(" ", -1);
      compared.add(Stream.of(figures).map(Double::valueOf).toList());
    }
    Map<Side, List<Program.Line>> firsts = new EnumMap<>(Side.class);
    for (int i = 0; i < FIRSTS; i++) {
      for (Side side : Side.values()) {
        firsts
            .computeIfAbsent(side, each -> new ArrayList<>())
            .add(fork(NetworkFork.class, "first", side.id, "" + model).line("first"));
      }
    }
    return new Row(name, compared, firsts, "");
  }
}
