package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.Table;
import io.github.lanewise.jmh.run.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What requests wait for at saturation, by the threads that serve them; beside each network a plain
 * loop that takes as long, which tells what is the scheduler's from what is Lanewise's.
 */
@Command(
    name = "scripts/bench --load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures how long requests wait at saturation, on virtual threads and on platform threads:"
          + " sixteen minutes a network.",
      ""
    })
public final class LoadComparison extends Models {
  /** What tells this command from the others of the script. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = "--load", hidden = true)
  private boolean chosen;

  @Option(
      names = "--seconds",
      defaultValue = "60",
      paramLabel = "S",
      converter = Positive.class,
      description = "How long each row of the table is measured. Default: 60.")
  private int seconds;

  @Option(
      names = "--clients",
      split = ",",
      defaultValue = "2,8",
      paramLabel = "N",
      converter = Positive.class,
      description =
          "Clients for each processor; each sends a request when it has the answer to the one"
              + " before. Default: 2,8.")
  private List<Integer> clients;

  /** Creates the command, which prints a table. */
  public LoadComparison(PrintStream out) {
    super(out);
  }

  /** What came of some clients: the figures of {@link LoadFork}, in its order. */
  private record Row(
      String network, Server server, int clients, String work, List<Double> figures) {
    static Row of(String network, String line) {
      List<String> fields = List.of(line.split(" ", -1));
      return new Row(
          network,
          Server.valueOf(fields.get(1)),
          Integer.parseInt(fields.get(2)),
          fields.get(0),
          fields.stream().skip(3).map(Double::valueOf).toList());
    }
  }

  @Override
  boolean run(Map<String, Path> networks) throws IOException {
    List<String> facts = facts(Instant.now());
    facts.add("Each row: %d s".formatted(seconds));
    List<Row> rows = new ArrayList<>();
    for (var network : networks.entrySet()) {
      System.err.println(network.getKey() + " ...");
      rows.addAll(measure(network.getKey(), network.getValue()));
    }
    publish("load.md", facts, table(rows));
    return true;
  }

  private List<Row> measure(String name, Path model) throws IOException {
    Stream<String> counts = clients.stream().map(each -> "" + each);
    String[] arguments =
        Stream.concat(Stream.of(model.toString(), "" + seconds), counts).toArray(String[]::new);
    Program fork = fork(LoadFork.class, arguments);
    fork.line("load"); // or all that it said instead
    return fork.lines("load").stream().map(line -> Row.of(name, line.text())).toList();
  }

  private static String table(List<Row> rows) {
    Table<Row> table =
        new Table<Row>()
            .text("network", Row::network)
            .number("clients", row -> "" + row.clients)
            .text("a request is", Row::work)
            .text("served by", row -> row.server.title);
    int column = 0;
    for (LoadFork.Figure figure : LoadFork.Figure.values()) {
      int i = column++;
      table.number(figure.heading, figure.format, row -> Optional.of(row.figures.get(i)));
    }
    return table.render(rows);
  }
}
