package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.Statistics;
import io.github.lanewise.jmh.report.Table;
import io.github.lanewise.jmh.run.Machine;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Stream;

/**
 * {@code scripts/bench --networks}: Lanewise and ONNX Runtime on the same networks and inputs, each
 * network in JVMs of its own, in turns; first results and memory are medians of five JVMs each.
 * Times are medians of turns, "in best run" compares the fastest run of each: what a core does
 * while no neighbour wants it.
 */
public final class NetworkComparison {

  private static final int FIRSTS = 5;

  private final List<Path> folders;
  private final PrintStream out;

  /**
   * Creates a comparison.
   *
   * @param folders where networks lie, each a folder with {@code model*.onnx} beside its input,
   *     {@code input.bin}; of two of the same name the first counts
   * @param out where the table goes
   */
  public NetworkComparison(List<Path> folders, PrintStream out) {
    this.folders = List.copyOf(folders);
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
    Map<String, Path> models = find(folders);
    if (models.isEmpty()) {
      out.println("No model*.onnx beside an input.bin is in a folder of " + folders + ".");
      return false;
    }
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
    String table = facts(started) + Table.markdown(head, rows);
    out.print(table);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, table);
    return complete;
  }

  /** What the table was measured on, a line each. */
  static String facts(Instant started) {
    List<String> facts = new ArrayList<>(Machine.facts());
    facts.add(
        "JDK: %s, %s, its default collector"
            .formatted(
                System.getProperty("java.runtime.version"), System.getProperty("java.vm.name")));
    facts.add("Begun: " + started.truncatedTo(ChronoUnit.SECONDS));
    return facts.stream().map(fact -> "- " + fact + "\n").collect(Collectors.joining()) + "\n";
  }

  /** The networks by name, in its order. */
  static Map<String, Path> find(List<Path> folders) throws IOException {
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
      String[] times = fork(path, input, "compare", "" + threads).line().split(" ", -1);
      row.add(String.format(Locale.ROOT, "%.2f", Double.parseDouble(times[1])));
      row.add(String.format(Locale.ROOT, "%.2f", Double.parseDouble(times[2])));
      row.add(String.format(Locale.ROOT, "%.2f", Double.parseDouble(times[3])));
      row.add(String.format(Locale.ROOT, "%.2f", Double.parseDouble(times[4])));
      difference = Math.max(difference, Double.parseDouble(times[5]));
    }
    row.add(String.format(Locale.ROOT, "%.0e", difference));
    List<List<Said>> firsts = List.of(new ArrayList<>(), new ArrayList<>());
    for (int i = 0; i < FIRSTS; i++) {
      firsts.get(0).add(fork(path, input, "first", "lanewise"));
      firsts.get(1).add(fork(path, input, "first", "onnxruntime"));
    }
    firsts.forEach(all -> row.add(median(all, Said::millis)));
    firsts.forEach(
        all ->
            row.add(
                median(all, said -> Double.parseDouble(said.line.substring("first ".length())))));
    return row;
  }

  private static String median(List<Said> all, Function<Said, Double> figure) {
    return String.format(Locale.ROOT, "%.0f", Statistics.median(all.stream().map(figure).toList()));
  }

  /** The line that a fork printed, and how long after its start. */
  private record Said(String line, double millis) {}

  /** Runs a fork to its end. */
  private static Said fork(Path model, Path input, String mode, String what) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            NetworkFork.class.getName(),
            mode,
            what,
            model.toString(),
            input.toString());
    long start = System.nanoTime();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> noise = new ArrayList<>();
    Said said = null;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (Stream.of("first ", "times ").anyMatch(line::startsWith)) {
          said = new Said(line, (System.nanoTime() - start) / 1e6);
        } else {
          noise.add(line);
        }
      }
    }
    process.onExit().join();
    if (said == null) {
      throw new IllegalStateException("failed: " + String.join(" | ", noise));
    }
    return said;
  }
}
