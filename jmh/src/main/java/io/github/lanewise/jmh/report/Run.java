package io.github.lanewise.jmh.report;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one run measured under one collector, as JMH wrote it.
 *
 * @param info what it ran on
 * @param figures its results, of benchmarks and layers that there are
 */
public record Run(RunInfo info, List<Figure> figures) {
  /** The key of the figures of {@code scripts/bench --start}, by which its file is known. */
  public static final String STARTS = "starts";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A result in JMH's JSON, as far as it is read. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Result(
      String benchmark,
      List<String> jvmArgs,
      String jdkVersion,
      String vmName,
      Map<String, String> params,
      Metric primaryMetric,
      Map<String, Metric> secondaryMetrics,
      RunInfo lanewise) {

    @SuppressWarnings("UnusedMethod") // by Jackson alone
    Result {
      jvmArgs = Objects.requireNonNullElse(jvmArgs, List.of());
      params = Objects.requireNonNullElse(params, Map.of());
      secondaryMetrics = Objects.requireNonNullElse(secondaryMetrics, Map.of());
    }

    /** A secondary metric, by forks and iterations. */
    List<List<Double>> metric(String name) {
      return secondaryMetrics.getOrDefault(name, new Metric(List.of())).rawData;
    }

    Figure figure(Kind kind) {
      return new Figure(
          kind,
          params,
          target(kind),
          kind.metric().map(this::metric).orElse(primaryMetric.rawData),
          metric("peakGflops"),
          metric("fastestGflops"),
          metric("fastestPeakGflops"));
    }

    /** What it ran; null of the peaks and tiles. */
    private Target target(Kind kind) {
      String layer = params.getOrDefault("layer", "");
      return switch (kind) {
        case LAYER ->
            Target.find(Operator.named(benchmark.substring(kind.benchmark().length())), layer);
        case CREATION -> Target.findToCreate(layer);
        default -> null;
      };
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  private record Metric(List<List<Double>> rawData) {}

  /** Copies the list. */
  public Run {
    figures = List.copyOf(figures);
  }

  /** The figures of a kind. */
  List<Figure> of(Kind kind) {
    return figures.stream().filter(figure -> figure.kind() == kind).toList();
  }

  /** GB/s of the copy bandwidth, one an iteration. */
  List<Double> copies() {
    return of(Kind.COPY).stream().flatMap(figure -> figure.all().stream()).toList();
  }

  /** GFLOP/s of the FMA peak beside each iteration of the figures of a kind. */
  List<Double> peaks(Kind kind) {
    return of(kind).stream().flatMap(f -> f.peaks().stream()).flatMap(List::stream).toList();
  }

  /**
   * Reads a file that JMH wrote. Results of other benchmarks and of layers that are no longer in a
   * list are left out.
   *
   * @return the runs, one a collector; none of a file of {@code scripts/bench --start}
   * @throws IOException if it cannot be read or is not such a file
   */
  public static List<Run> read(Path file) throws IOException {
    JsonNode root = json(file);
    return isOfStarts(root) ? List.of() : read(root, file.toString());
  }

  /**
   * Reads what JMH wrote.
   *
   * @param source where it is from, for messages
   * @return the runs, one a collector
   * @throws IOException if it is something else
   */
  public static List<Run> read(JsonNode results, String source) throws IOException {
    if (!results.isArray()) {
      throw new IOException(
          source + " must hold the array of results that JMH writes with -rf json");
    }
    Map<RunInfo, List<Figure>> byRun = new LinkedHashMap<>();
    for (JsonNode node : results) {
      Result result = JSON.treeToValue(node, Result.class);
      if (result.benchmark == null || result.primaryMetric == null) {
        throw new IOException(source + " holds something that is no result of JMH");
      }
      List<Figure> figures = byRun.computeIfAbsent(info(result, source), info -> new ArrayList<>());
      figure(result).ifPresent(figures::add);
    }
    return byRun.entrySet().stream().map(e -> new Run(e.getKey(), e.getValue())).toList();
  }

  /** Whether a file's content is that of {@code scripts/bench --start}. */
  static boolean isOfStarts(JsonNode json) {
    return json.path(STARTS).isArray() && json.path(RunInfo.KEY).isObject();
  }

  /** A file's content. */
  static JsonNode json(Path file) throws IOException {
    try {
      return JSON.readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Reads all results of a file or folder as one run a collector: of runs that took turns with
   * those of another commit, all forks count together. What the first of them says of its machine
   * stands for all.
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

  /** The files of results in a folder, at any depth, or the file itself. */
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
      figure
          .sameOf(all)
          .ifPresentOrElse(
              mine -> all.set(all.indexOf(mine), mine.with(figure)), () -> all.add(figure));
    }
    return new Run(info, all);
  }

  /** What {@code scripts/bench} said; of a file by JMH alone, what can be told from it. */
  private static RunInfo info(Result result, String source) {
    if (result.lanewise != null) {
      return result.lanewise;
    }
    String collector =
        String.join(" ", result.jvmArgs).replaceAll(".*-XX:\\+Use(\\w+)GC.*|.*", "$1");
    String jdk = result.jdkVersion + ", " + result.vmName;
    String name = Path.of(source).getFileName().toString();
    return new RunInfo(
        "", "", "", name, false, "unknown CPU", "", jdk, "", collector, 1, "", "", Map.of());
  }

  /** The figure of a result; none of other benchmarks and layers, or if peaks are missing. */
  private static Optional<Figure> figure(Result result) {
    try {
      return Stream.of(Kind.values())
          .filter(kind -> result.benchmark.startsWith(kind.benchmark()))
          .map(result::figure)
          .filter(Figure::isComplete)
          .findFirst();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // of an older version of the lists
    }
  }
}
