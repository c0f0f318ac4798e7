package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.Statistics;
import io.github.lanewise.jmh.report.Table;
import io.github.lanewise.jmh.run.Machine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * {@code scripts/bench --networks}: Lanewise and ONNX Runtime on the same networks and inputs, each
 * network in JVMs of its own, in turns; first results and memory are medians of five JVMs each.
 * Times are medians of turns, "in best run" compares the fastest run of each: what a core does
 * while no neighbour wants it.
 */
public final class NetworkComparison {

  private static final int FIRSTS = 5;

  private final Map<String, Path> models;
  private final PrintStream out;

  /**
   * Creates a comparison.
   *
   * @param models the networks by name, each {@code model*.onnx} beside its input, {@code
   *     input.bin}
   * @param out where the table goes
   */
  public NetworkComparison(Map<String, Path> models, PrintStream out) {
    this.models = models;
    this.out = out;
  }

  /**
   * Measures every network and prints a table, also to a file.
   *
   * @param file the table, as Markdown
   * @return whether all could be measured
   * @throws IOException if a JVM cannot be started or the file not be written
   */
  public boolean run(Path file) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    boolean complete = true;
    Instant started = Instant.now();
    for (var model : models.entrySet()) {
      System.err.println(model.getKey() + " ...");
      try {
        rows.add(measure(model.getKey(), model.getValue()));
      } catch (IllegalStateException e) {
        complete = false;
        out.println(model.getKey() + ": " + e.getMessage());
      }
    }
    List<String> head =
        List.of(
            "network",
            "ms, 1 thread",
            "ORT",
            "x faster",
            "in best run",
            "ms, 2 threads",
            "ORT",
            "x faster",
            "in best run",
            "difference",
            "first result ms",
            "ORT",
            "resident MB",
            "ORT");
    String table =
        facts(started).stream().map(fact -> "- " + fact + "\n").collect(Collectors.joining())
            + "\n"
            + Table.markdown(head, rows);
    out.print(table);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, table);
    return complete;
  }

  /** What a table was measured on, a line each. */
  static List<String> facts(Instant started) {
    List<String> facts = new ArrayList<>(Machine.facts());
    facts.add("JDK: " + Machine.jdk() + ", its default collector");
    facts.add("Begun: " + started.truncatedTo(ChronoUnit.SECONDS));
    return facts;
  }

  /**
   * The networks in some folders, each a folder with {@code model*.onnx} beside its input, {@code
   * input.bin}.
   *
   * @param folders where they lie; of two of the same name the first counts
   * @param parts parts of names, one of which must be in each; all networks if there are none
   * @return by name, in its order
   * @throws IOException if a folder cannot be read
   */
  public static Map<String, Path> find(List<Path> folders, List<String> parts) throws IOException {
    Map<String, Path> found = new TreeMap<>();
    for (Path folder : folders) {
      try (DirectoryStream<Path> inputs = Files.newDirectoryStream(folder)) {
        for (Path each : inputs) {
          if (Files.exists(each.resolve("input.bin"))) {
            try (DirectoryStream<Path> models = Files.newDirectoryStream(each, "model*.onnx")) {
              models.forEach(model -> found.putIfAbsent(name(model), model));
            }
          }
        }
      }
    }
    if (!parts.isEmpty()) {
      found.keySet().removeIf(name -> parts.stream().noneMatch(name::contains));
    }
    return found;
  }

  private static String name(Path model) {
    String folder = model.getParent().getFileName().toString();
    String file = model.getFileName().toString();
    return file.equals("model.onnx") ? folder : folder + " " + file;
  }

  private static List<String> measure(String name, Path path) throws IOException {
    List<String> row = new ArrayList<>();
    row.add(name);
    Path input = path.resolveSibling("input.bin");
    double difference = 0;
    for (int threads = 1; threads <= 2; threads++) {
      String[] times = fork(path, input, "compare", "" + threads).text().split(" ", -1);
      row.add(String.format(Locale.ROOT, "%.2f", Double.parseDouble(times[0])));
      row.add(String.format(Locale.ROOT, "%.2f", Double.parseDouble(times[1])));
      row.add(String.format(Locale.ROOT, "%.2f", Double.parseDouble(times[2])));
      row.add(String.format(Locale.ROOT, "%.2f", Double.parseDouble(times[3])));
      difference = Math.max(difference, Double.parseDouble(times[4]));
    }
    row.add(String.format(Locale.ROOT, "%.0e", difference));
    List<List<ChildJvm.Line>> firsts = List.of(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < FIRSTS; i++) {
      firsts.get(0).add(fork(path, input, "first", "lanewise"));
      firsts.get(1).add(fork(path, input, "first", "onnxruntime"));
    }
    firsts.forEach(all -> row.add(median(all, ChildJvm.Line::millis)));
    firsts.forEach(all -> row.add(median(all, line -> Double.parseDouble(line.text()))));
    return row;
  }

  private static String median(List<ChildJvm.Line> all, Function<ChildJvm.Line, Double> figure) {
    return String.format(Locale.ROOT, "%.0f", Statistics.median(all.stream().map(figure).toList()));
  }

  /** Runs a fork to its end and returns the line it printed. */
  private static ChildJvm.Line fork(Path model, Path input, String mode, String what)
      throws IOException {
    List<String> command =
        List.of(
            ChildJvm.java(),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            NetworkFork.class.getName(),
            mode,
            what,
            model.toString(),
            input.toString());
    return ChildJvm.run(command, process -> {}).line(mode);
  }
}
