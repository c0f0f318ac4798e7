package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.Table;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code scripts/bench --networks}: Lanewise and ONNX Runtime on the same networks and inputs, each
 * network in JVMs of its own, in turns.
 */
public final class NetworkComparison {

  /** A network and its input, by folder and file. */
  private record Model(String folder, String file) {
    Path in(Path models) {
      return models.resolve(folder).resolve(file);
    }

    @Override
    public String toString() {
      return file.equals("model.onnx") ? folder : folder + " " + file;
    }
  }

  private static final List<Model> MODELS =
      List.of(
          new Model("posenet-mnv1", "model.onnx"),
          new Model("mobilenet_v1_0.25_128", "model-plain.onnx"),
          new Model("mobilenet_v2_1.0_224", "model-plain.onnx"),
          new Model("mobilenet_v2_unfolded_bn", "model.onnx"),
          new Model("tinyxception", "model.onnx"),
          new Model("blazeface-front", "model.onnx"),
          new Model("emotion-minixception", "model.onnx"),
          new Model("selfie-mnv3", "model.onnx"),
          new Model("selfie-mnv3", "model-hardswish.onnx"));

  private final List<Path> folders;
  private final PrintStream out;

  /**
   * Creates a comparison.
   *
   * @param folders where networks may lie, the first that has one counts
   * @param out where the table goes
   */
  public NetworkComparison(List<Path> folders, PrintStream out) {
    this.folders = List.copyOf(folders);
    this.out = out;
  }

  /**
   * Measures every network that is there and prints a table, also to a file.
   *
   * @param file the table, as Markdown
   * @return whether all could be measured
   * @throws IOException if a JVM cannot be started or the file not be written
   */
  public boolean run(Path file) throws IOException {
    List<List<String>> rows = new ArrayList<>();
    boolean complete = true;
    for (Model model : MODELS) {
      Path path = folders.stream().map(model::in).filter(Files::exists).findFirst().orElse(null);
      if (path == null) {
        out.println(model + ": skipped, it is in none of " + folders);
        continue;
      }
      System.err.println(model + " ...");
      try {
        rows.add(measure(model, path));
      } catch (IllegalStateException e) {
        complete = false;
        out.println(model + ": " + e.getMessage());
      }
    }
    List<String> head =
        List.of(
            "network",
            "ms, 1 thread",
            "ORT",
            "x faster",
            "ms, 2 threads",
            "ORT",
            "x faster",
            "difference",
            "first result ms",
            "ORT",
            "resident MB",
            "ORT");
    String table = Table.markdown(head, rows);
    out.print(table);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, table);
    return complete;
  }

  private static List<String> measure(Model model, Path path) throws IOException {
    List<String> row = new ArrayList<>();
    row.add(model.toString());
    Path input = path.resolveSibling("input.bin");
    double difference = 0;
    for (int threads = 1; threads <= 2; threads++) {
      String[] times = fork(path, input, "compare", "" + threads).split(" ", -1);
      row.add("%.2f".formatted(Double.parseDouble(times[1])));
      row.add("%.2f".formatted(Double.parseDouble(times[2])));
      row.add("%.2f".formatted(Double.parseDouble(times[3])));
      difference = Math.max(difference, Double.parseDouble(times[4]));
    }
    row.add("%.0e".formatted(difference));
    List<String> memory = new ArrayList<>();
    for (String engine : List.of("lanewise", "onnxruntime")) {
      long start = System.nanoTime();
      String first = fork(path, input, "first", engine);
      row.add("%d".formatted((System.nanoTime() - start) / 1_000_000));
      memory.add(first.substring(first.indexOf(' ') + 1));
    }
    row.addAll(memory);
    return row;
  }

  /** The line that a fork prints, as soon as it does. */
  private static String fork(Path model, Path input, String mode, String what) throws IOException {
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
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> said = new ArrayList<>();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (Stream.of("first ", "times ").anyMatch(line::startsWith)) {
          return line;
        }
        said.add(line);
      }
    }
    throw new IllegalStateException("failed: " + String.join(" | ", said));
  }
}
