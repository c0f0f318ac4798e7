package io.github.lanewise.jmh.history;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.report.Measurement;
import io.github.lanewise.jmh.report.Statistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one run measured under one collector.
 *
 * @param info what it ran on
 * @param copies GB/s of the copy bandwidth, one an iteration
 * @param figures the layers and blocks
 */
public record Run(RunInfo info, List<Double> copies, List<Figure> figures) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PACKAGE = "io.github.lanewise.jmh.";
  private static final String LAYERS = PACKAGE + "LayerBenchmark.";

  /** Copies the lists. */
  public Run {
    copies = List.copyOf(copies);
    figures = List.copyOf(figures);
  }

  /** GFLOP/s of the FMA peak beside each iteration of the layers. */
  List<Double> peaks() {
    return figures.stream().flatMap(f -> f.measurement().peaks().stream()).toList();
  }

  /**
   * Reads a file that JMH wrote. Results of other benchmarks and of layers that are no longer in a
   * list are left out.
   *
   * @param file the file
   * @return the runs, one a collector; none of a {@link StartRun}
   * @throws IOException if it cannot be read or is not such a file
   */
  public static List<Run> read(Path file) throws IOException {
    JsonNode root = json(file);
    if (StartRun.is(root)) {
      return List.of();
    }
    if (!root.isArray()) {
      throw new IOException(file + " must hold the array of results that JMH writes with -rf json");
    }
    Map<RunInfo, List<JsonNode>> byRun = new LinkedHashMap<>();
    for (JsonNode result : root) {
      if (!result.path("benchmark").isTextual() || !result.path("primaryMetric").isObject()) {
        throw new IOException(file + " holds something that is no result of JMH");
      }
      byRun.computeIfAbsent(info(result, file), i -> new ArrayList<>()).add(result);
    }
    List<Run> runs = new ArrayList<>();
    byRun.forEach((info, results) -> runs.add(of(info, results)));
    return runs;
  }

  /** A file's content. */
  static JsonNode json(Path file) throws IOException {
    try {
      return JSON.readTree(file.toFile());
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Reads all results of a file or folder as one run a collector: of runs that took turns with
   * those of another commit, all forks count together.
   *
   * @param path a file, or a folder with files anywhere below
   * @return the runs, with what the first of them says of its machine
   * @throws IOException if something cannot be read or is no result of JMH
   */
  static List<Run> pooled(Path path) throws IOException {
    Map<String, Run> byCollector = new LinkedHashMap<>();
    for (Path file : files(path)) {
      for (Run run : read(file)) {
        byCollector.merge(run.info().collector(), run, Run::with);
      }
    }
    return List.copyOf(byCollector.values());
  }

  /** The files of results in a folder, or the file itself. */
  static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> inside = Files.walk(path)) {
      return inside.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
  }

  private Run with(Run other) {
    List<Figure> all = new ArrayList<>(figures);
    for (Figure figure : other.figures) {
      Optional<Figure> same = all.stream().filter(figure::sameAs).findFirst();
      same.ifPresentOrElse(
          mine -> all.set(all.indexOf(mine), mine.with(figure)), () -> all.add(figure));
    }
    return new Run(info, concat(copies, other.copies), all);
  }

  /** Two lists, one after the other. */
  static List<Double> concat(List<Double> first, List<Double> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** What {@code scripts/bench} said; of a file by JMH alone, what can be told from it. */
  private static RunInfo info(JsonNode result, Path file) throws IOException {
    JsonNode own = result.path(RunInfo.KEY);
    if (own.isObject()) {
      return JSON.treeToValue(own, RunInfo.class);
    }
    String arguments = String.join(" ", texts(result.path("jvmArgs")));
    String collector = arguments.replaceAll(".*-XX:\\+Use(\\w+)GC.*|.*", "$1");
    String jdk = result.path("jdkVersion").asText() + ", " + result.path("vmName").asText();
    String name = file.getFileName().toString();
    return new RunInfo(
        "", "", "", name, false, "unknown CPU", "", jdk, "", collector, 1, "", "", Map.of());
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(node -> texts.add(node.asText()));
    return texts;
  }

  private static Run of(RunInfo info, List<JsonNode> results) {
    List<Double> copies = new ArrayList<>();
    List<Figure> figures = new ArrayList<>();
    for (JsonNode result : results) {
      String benchmark = result.path("benchmark").asText();
      if (benchmark.equals(PACKAGE + "PeakBenchmark.copy")) {
        forks(result, "gbytes").forEach(copies::addAll);
      } else if (benchmark.startsWith(LAYERS)) {
        figure(result).ifPresent(figures::add);
      }
    }
    return new Run(info, copies, figures);
  }

  private static Optional<Figure> figure(JsonNode result) {
    List<List<Double>> gflops = forks(result, "gflops");
    List<List<Double>> peaks = forks(result, "peakGflops");
    List<Double> shares = new ArrayList<>();
    for (int fork = 0; fork < Math.min(gflops.size(), peaks.size()); fork++) {
      List<Double> ratios = new ArrayList<>();
      for (int i = 0; i < Math.min(gflops.get(fork).size(), peaks.get(fork).size()); i++) {
        ratios.add(gflops.get(fork).get(i) / peaks.get(fork).get(i));
      }
      shares.add(Statistics.median(ratios));
    }
    List<Double> allGflops = flat(gflops);
    List<Double> allPeaks = flat(peaks);
    if (allGflops.isEmpty() || allGflops.size() != allPeaks.size()) {
      return Optional.empty();
    }
    String operator = result.path("benchmark").asText().substring(LAYERS.length());
    JsonNode params = result.path("params");
    String backend = params.path("backend").asText();
    return target(operator, params.path("layer").asText())
        .map(
            t ->
                new Figure(
                    Measurement.ofRun(t, backend, shares.size(), allGflops, allPeaks)
                        .withFastest(
                            forks(result, "fastestGflops"), forks(result, "fastestPeakGflops")),
                    shares));
  }

  private static Optional<Target> target(String operator, String layer) {
    try {
      return Optional.of(Target.find(Operator.named(operator), layer));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // of an older version of the lists
    }
  }

  private static List<Double> flat(List<List<Double>> forks) {
    return forks.stream().flatMap(Collection::stream).toList();
  }

  /** A secondary metric, by forks and iterations. */
  private static List<List<Double>> forks(JsonNode result, String metric) {
    List<List<Double>> forks = new ArrayList<>();
    for (JsonNode fork : result.path("secondaryMetrics").path(metric).path("rawData")) {
      List<Double> values = new ArrayList<>();
      fork.forEach(value -> values.add(value.asDouble()));
      forks.add(values);
    }
    return forks;
  }
}
