package io.github.lanewise.jmh.report;

import static java.util.Comparator.comparingDouble;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.peer.Peer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IntSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The figures of one collector.
 *
 * @param run what was measured
 * @param peers other engines that took part
 */
record Section(Run run, List<Peer> peers) {
  private static final String CANNOT = "cannot";
  private static final List<String> ORDER =
      List.of("scalar", "vector128", "vector256", "vector512", "vector");

  /** The heading lines: collector, backend, peak and bandwidth. */
  List<String> heading() {
    List<String> lines = new ArrayList<>();
    lines.add("Collector: " + run.info().collector());
    run.info().backend().lines().forEach(line -> lines.add("Backend: " + line.strip()));
    // What the shares were divided by; the loop's own where there is no layer.
    List<Double> beside = run.peaks(Kind.LAYER);
    List<Double> peaks = beside.isEmpty() ? run.peaks(Kind.FMA) : beside;
    lines.add("FMA peak: " + quartiles(peaks, "GFLOP/s beside what is measured"));
    for (Figure fma : run.of(Kind.FMA)) {
      lines.add(
          Table.format(
              "Control: the peak's own loop, measured as a layer is, reaches %.1f %% of it"
                  + " (spread %.1f %%)",
              100 * fma.share(), 100 * fma.spread()));
    }
    lines.add(
        "Copy bandwidth: " + quartiles(run.copies(), "GB/s read plus written, beyond the caches"));
    return lines;
  }

  private static String quartiles(List<Double> values, String unit) {
    List<Double> q = Statistics.quartiles(values);
    return q.isEmpty()
        ? "not measured"
        : Table.format("%.1f %s (quartiles %.1f to %.1f)", q.get(1), unit, q.get(0), q.get(2));
  }

  private Stream<Figure> layers() {
    return run.of(Kind.LAYER).stream();
  }

  /** Our backends with runs, narrowest first. */
  private List<String> backends() {
    return ORDER.stream()
        .filter(backend -> layers().anyMatch(figure -> figure.backend().equals(backend)))
        .toList();
  }

  /** The backend whose share of the peak the table states. */
  Optional<String> mainBackend() {
    return backends().stream().reduce((narrower, wider) -> wider);
  }

  /** What other engines cannot run of the layers here, a line an engine and reason. */
  List<String> refusals() {
    return peers.stream()
        .flatMap(
            peer ->
                layers()
                    .flatMap(f -> peer.cannot(f.target(), run.info().threads()).stream())
                    .map(reason -> peer.name() + ": " + reason))
        .distinct()
        .toList();
  }

  /** The layer lists. */
  List<String> networks() {
    return targets().map(Target::network).distinct().toList();
  }

  private Stream<Target> targets() {
    return run.figures().stream()
        .filter(figure -> figure.target() != null)
        .map(Figure::target)
        .distinct();
  }

  /** The table of one layer list. */
  String table(String network) {
    Table<Target> table =
        new Table<Target>()
            .text("layer", Target::label)
            .text("operator", target -> target.operator().toString())
            .text("shape", Target::shapeText);
    for (String backend : backends()) {
      table.number(
          "GFLOP/s " + backend + forks(network, backend),
          "%.1f",
          target -> find(target, backend).map(Figure::median));
    }
    table
        .number("% of peak", "%.1f", main(figure -> Optional.of(100 * figure.share())))
        .number("spread", "%.1f %%", main(figure -> Optional.of(100 * figure.spread())))
        .number("% in best ms", "%.1f", main(f -> f.bestShare().map(share -> 100 * share)))
        .number("forks", "%.0f", main(figure -> Optional.of((double) figure.forks())))
        .number("lottery", "%.2f", main(Figure::lottery));
    for (Peer peer : peers) {
      table.number(peer.name() + forks(network, peer.name()), target -> cell(peer, target));
    }
    if (!peers.isEmpty()) {
      table
          .number("x best peer", "%.2f", against(figure -> Optional.of(figure.share())))
          .number("x in best ms", "%.2f", against(Figure::bestShare));
    }
    table
        .number("x standard", "%.2f", main(figure -> figure.speedup(run.of(Kind.LAYER))))
        .number(
            "theory",
            "%.2f",
            target ->
                Optional.of(target.theory()).filter(x -> target.operator() == Operator.SEPARABLE));
    if (!run.of(Kind.CREATION).isEmpty()) {
      table.number("create us", "%.1f", target -> creation(target).map(Figure::median));
    }
    return table.render(targets().filter(t -> t.network().equals(network)).toList());
  }

  private Optional<Figure> find(Target target, String backend) {
    return layers()
        .filter(f -> f.backend().equals(backend) && f.target().equals(target))
        .findFirst();
  }

  /** A figure of a target on the main backend. */
  private Function<Target, Optional<Double>> main(Function<Figure, Optional<Double>> figure) {
    return target -> mainBackend().flatMap(backend -> find(target, backend)).flatMap(figure);
  }

  private String cell(Peer peer, Target target) {
    return find(target, peer.name())
        .map(figure -> Table.format("%.1f", figure.median()))
        .orElse(peer.cannot(target, run.info().threads()).isPresent() ? CANNOT : Table.NONE);
  }

  /** Our share of the peak over that of the fastest other engine. */
  private Function<Target, Optional<Double>> against(Function<Figure, Optional<Double>> share) {
    return target ->
        peers.stream()
            .flatMap(peer -> find(target, peer.name()).flatMap(share).stream())
            .max(Double::compare)
            .flatMap(best -> main(share).apply(target).map(ours -> ours / best));
  }

  private Optional<Figure> creation(Target target) {
    return run.of(Kind.CREATION).stream()
        .filter(figure -> figure.target().equals(target))
        .filter(f -> !f.backend().equals("scalar") || backends().equals(List.of("scalar")))
        .findFirst();
  }

  /** The forks of a column's rows; nothing for the main backend, whose rows say theirs. */
  private String forks(String network, String backend) {
    IntSummaryStatistics forks =
        layers()
            .filter(f -> f.backend().equals(backend) && f.target().network().equals(network))
            .mapToInt(Figure::forks)
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
  Optional<String> tileTable() {
    Map<String, List<Figure>> byDepth =
        run.of(Kind.TILE).stream()
            .collect(groupingBy(f -> f.param("depth"), LinkedHashMap::new, toList()));
    Table<List<Figure>> table =
        new Table<List<Figure>>().text("depth", tiles -> tiles.getFirst().param("depth"));
    run.of(Kind.TILE).stream()
        .map(figure -> figure.param("tile"))
        .distinct()
        .forEach(
            name ->
                table.number(
                    name + " % of peak",
                    "%.1f",
                    tiles ->
                        tiles.stream()
                            .filter(figure -> figure.param("tile").equals(name))
                            .findFirst()
                            .map(figure -> 100 * figure.share())));
    table.number(
        "best", tiles -> Collections.max(tiles, comparingDouble(Figure::share)).param("tile"));
    return byDepth.isEmpty()
        ? Optional.empty()
        : Optional.of(table.render(List.copyOf(byDepth.values())));
  }
}
