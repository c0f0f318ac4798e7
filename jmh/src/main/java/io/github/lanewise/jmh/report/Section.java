package io.github.lanewise.jmh.report;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.peer.Peer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The figures of one collector.
 *
 * @param collector its name
 * @param backend what a fork says of its backend
 * @param fma the peak's own loop, {@code PeakBenchmark.fma}, measured as a layer is
 * @param copies GB/s of {@code PeakBenchmark.copy}, one an iteration
 * @param measurements all layers and blocks
 * @param tiles register tiles of the matrix kernels
 * @param peers other engines that took part
 * @param threads threads of a run
 */
public record Section(
    String collector,
    String backend,
    Measurement fma,
    List<Double> copies,
    List<Measurement> measurements,
    List<Tile> tiles,
    List<Peer> peers,
    int threads) {
  private static final String NONE = "-";
  private static final String CANNOT = "cannot";
  private static final List<String> ORDER =
      List.of("scalar", "vector128", "vector256", "vector512", "vector");

  /**
   * A register tile of the matrix kernels.
   *
   * @param depth input channels
   * @param tile its name, {@code 4x3v} for 4 rows of 3 vectors
   * @param share of the FMA peak
   */
  public record Tile(String depth, String tile, double share) {}

  /** Copies the lists. */
  public Section {
    copies = List.copyOf(copies);
    measurements = List.copyOf(measurements);
    tiles = List.copyOf(tiles);
    peers = List.copyOf(peers);
  }

  /** The heading lines: collector, backend, peak and bandwidth. */
  List<String> heading() {
    List<String> lines = new ArrayList<>();
    lines.add("Collector: " + collector);
    backend.lines().forEach(line -> lines.add("Backend: " + line.strip()));
    lines.add("FMA peak: " + figure(peaks(), "GFLOP/s beside what is measured"));
    if (!fma.values().isEmpty()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "Control: the peak's own loop, measured as a layer is, reaches %.1f %% of it"
                  + " (spread %.1f %%)",
              100 * fma.share(),
              100 * fma.spread()));
    }
    lines.add("Copy bandwidth: " + figure(copies, "GB/s read plus written, beyond the caches"));
    return lines;
  }

  /** What the shares of the peak were divided by; the loop's own where there is no layer. */
  private List<Double> peaks() {
    List<Double> beside = measurements.stream().flatMap(m -> m.peaks().stream()).toList();
    return beside.isEmpty() ? fma.peaks() : beside;
  }

  private static String figure(List<Double> values, String unit) {
    return values.isEmpty()
        ? "not measured"
        : String.format(
            Locale.ROOT,
            "%.1f %s (quartiles %.1f to %.1f)",
            Statistics.median(values),
            unit,
            Statistics.quantile(values, 0.25),
            Statistics.quantile(values, 0.75));
  }

  /** Our backends with runs, narrowest first. */
  List<String> backends() {
    return ORDER.stream().filter(this::hasRuns).toList();
  }

  private boolean hasRuns(String backend) {
    return measurements.stream().anyMatch(m -> m.backend().equals(backend) && !m.create());
  }

  /** What other engines cannot run of the layers here, a line an engine and reason. */
  List<String> refusals() {
    return peers.stream()
        .flatMap(
            peer ->
                measurements.stream()
                    .flatMap(m -> peer.cannot(m.target(), threads).stream())
                    .map(reason -> peer.name() + ": " + reason))
        .distinct()
        .toList();
  }

  /** The backend whose share of the peak the table states. */
  Optional<String> mainBackend() {
    List<String> backends = backends();
    return backends.isEmpty() ? Optional.empty() : Optional.of(backends.getLast());
  }

  /** The table of one layer list. */
  String table(String network) {
    List<String> backends = backends();
    boolean creations = measurements.stream().anyMatch(Measurement::create);
    List<Table.Column> columns = new ArrayList<>();
    columns.add(Table.Column.text("layer"));
    columns.add(Table.Column.text("operator"));
    columns.add(Table.Column.text("shape"));
    backends.forEach(b -> columns.add(Table.Column.number("GFLOP/s " + b + forks(network, b))));
    columns.add(Table.Column.number("% of peak"));
    columns.add(Table.Column.number("spread"));
    columns.add(Table.Column.number("% in best ms"));
    columns.add(Table.Column.number("forks"));
    columns.add(Table.Column.number("lottery"));
    peers.forEach(p -> columns.add(Table.Column.number(p.name() + forks(network, p.name()))));
    if (!peers.isEmpty()) {
      columns.add(Table.Column.number("x best peer"));
      columns.add(Table.Column.number("x in best ms"));
    }
    columns.add(Table.Column.number("x standard"));
    columns.add(Table.Column.number("theory"));
    if (creations) {
      columns.add(Table.Column.number("create us"));
    }
    Table table = new Table(columns);
    for (Target target : targets(network)) {
      table.add(row(target, backends, creations));
    }
    return table.render();
  }

  /** The forks of a column's rows; nothing for the main backend, whose rows say theirs. */
  private String forks(String network, String backend) {
    IntSummaryStatistics forks =
        measurements.stream()
            .filter(m -> !m.create() && m.backend().equals(backend))
            .filter(m -> m.target().network().equals(network))
            .mapToInt(Measurement::forks)
            .summaryStatistics();
    if (forks.getCount() == 0 || mainBackend().filter(backend::equals).isPresent()) {
      return "";
    }
    if (forks.getMin() < forks.getMax()) {
      return " (%d to %d forks)".formatted(forks.getMin(), forks.getMax());
    }
    return forks.getMax() == 1 ? " (1 fork)" : " (%d forks)".formatted(forks.getMax());
  }

  /** The shares of the register tiles by depth, and which is the best of each. */
  String tileTable() {
    Map<String, List<Tile>> byDepth =
        tiles.stream().collect(groupingBy(Tile::depth, LinkedHashMap::new, toList()));
    List<String> names = tiles.stream().map(Tile::tile).distinct().toList();
    List<String> head = new ArrayList<>(List.of("depth"));
    names.forEach(name -> head.add(name + " % of peak"));
    head.add("best");
    List<List<String>> rows = new ArrayList<>();
    byDepth.forEach(
        (depth, found) -> {
          List<String> row = new ArrayList<>(List.of(depth));
          for (String name : names) {
            Optional<Tile> tile = found.stream().filter(t -> t.tile().equals(name)).findFirst();
            row.add(text("%.1f", tile.map(t -> 100 * t.share())));
          }
          row.add(found.stream().max(Comparator.comparingDouble(Tile::share)).orElseThrow().tile());
          rows.add(row);
        });
    return Table.markdown(head, rows);
  }

  Set<String> networks() {
    Set<String> networks = new LinkedHashSet<>();
    measurements.forEach(m -> networks.add(m.target().network()));
    return networks;
  }

  private Set<Target> targets(String network) {
    Set<Target> targets = new LinkedHashSet<>();
    for (Measurement m : measurements) {
      if (m.target().network().equals(network)) {
        targets.add(m.target());
      }
    }
    return targets;
  }

  private List<String> row(Target target, List<String> backends, boolean creations) {
    List<String> cells = new ArrayList<>();
    cells.add(target.label());
    cells.add(target.operator().toString());
    cells.add(target.shapeText());
    for (String backend : backends) {
      cells.add(text("%.1f", find(target, backend).map(Measurement::median)));
    }
    Optional<Measurement> main = mainBackend().flatMap(b -> find(target, b));
    cells.add(text("%.1f", main.map(m -> 100 * m.share())));
    cells.add(text("%.1f %%", main.map(m -> 100 * m.spread())));
    cells.add(text("%.1f", main.flatMap(Measurement::fastest).map(share -> 100 * share)));
    cells.add(main.map(m -> Integer.toString(m.forks())).orElse(NONE));
    cells.add(text("%.2f", main.flatMap(Measurement::lottery)));
    for (Peer peer : peers) {
      Optional<Measurement> run = find(target, peer.name());
      boolean cannot = run.isEmpty() && peer.cannot(target, threads).isPresent();
      cells.add(cannot ? CANNOT : text("%.1f", run.map(Measurement::median)));
    }
    if (!peers.isEmpty()) {
      cells.add(
          text("%.2f", against(target, main.map(Measurement::share), m -> Optional.of(m.share()))));
      cells.add(
          text("%.2f", against(target, main.flatMap(Measurement::fastest), Measurement::fastest)));
    }
    boolean separable = target.operator() == Operator.SEPARABLE;
    cells.add(text("%.2f", main.flatMap(m -> m.speedup(measurements))));
    cells.add(text("%.2f", separable ? Optional.of(target.theory()) : Optional.empty()));
    if (creations) {
      cells.add(text("%.1f", creation(target).map(Measurement::median)));
    }
    return cells;
  }

  /** Our share of the peak over that of the fastest other engine. */
  private Optional<Double> against(
      Target target, Optional<Double> ours, Function<Measurement, Optional<Double>> share) {
    return peers.stream()
        .flatMap(peer -> find(target, peer.name()).stream())
        .flatMap(m -> share.apply(m).stream())
        .max(Double::compare)
        .flatMap(best -> ours.map(our -> our / best));
  }

  private Optional<Measurement> find(Target target, String backend) {
    return measurements.stream()
        .filter(m -> !m.create() && m.backend().equals(backend) && m.target().equals(target))
        .findFirst();
  }

  private Optional<Measurement> creation(Target target) {
    return measurements.stream()
        .filter(m -> m.create() && m.target().equals(target))
        .filter(m -> !m.backend().equals("scalar") || backends().equals(List.of("scalar")))
        .findFirst();
  }

  private static String text(String format, Optional<Double> value) {
    return value.map(v -> String.format(Locale.ROOT, format, v)).orElse(NONE);
  }
}
