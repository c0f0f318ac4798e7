package io.github.lanewise.jmh.networks;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.github.lanewise.jmh.networks.Start.Figure;
import io.github.lanewise.jmh.report.Statistics;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The processes, one or more, that ran a network on an engine with a setup. */
record Starts(String network, Side engine, Setup setup, List<Start> jvms) {

  Starts {
    jvms = List.copyOf(jvms);
  }

  /** The medians that there are. */
  @JsonProperty
  Map<Figure, Double> median() {
    return present(this::median);
  }

  /** The worst of each figure that every process has. */
  @JsonProperty
  Map<Figure, Double> worst() {
    return present(this::worst);
  }

  private static Map<Figure, Double> present(Function<Figure, Optional<Double>> figures) {
    Map<Figure, Double> present = new EnumMap<>(Figure.class);
    for (Figure figure : Figure.values()) {
      figures.apply(figure).ifPresent(value -> present.put(figure, value));
    }
    return present;
  }

  /** A figure that a process does not have counts as endless; nothing if the median is. */
  Optional<Double> median(Figure figure) {
    List<Double> values =
        jvms.stream().map(jvm -> jvm.get(figure).orElse(Double.POSITIVE_INFINITY)).toList();
    return Optional.of(Statistics.median(values)).filter(Double::isFinite);
  }

  /** The largest; nothing if a process does not have the figure. */
  Optional<Double> worst(Figure figure) {
    List<Double> values = values(figure);
    return values.size() < jvms.size() ? Optional.empty() : Optional.of(Collections.max(values));
  }

  /** The slowest process's fastest run over the fastest's: what chance decides for good. */
  @JsonProperty
  double lottery() {
    List<Double> best = values(Figure.BEST);
    return Collections.max(best) / Collections.min(best);
  }

  /** How many processes were still getting faster when their steady time was taken. */
  long late() {
    return jvms.stream().filter(Start::late).count();
  }

  private List<Double> values(Figure figure) {
    return jvms.stream().flatMap(jvm -> jvm.get(figure).stream()).toList();
  }
}
