package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.Statistics;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The processes, one or more, that ran a network on an engine with a setup. */
record Starts(String network, Side engine, Setup setup, List<Start> jvms) {

  Starts {
    jvms = List.copyOf(jvms);
  }

  /** A figure that a process does not have counts as endless; nothing if the median is. */
  Optional<Double> median(Start.Figure figure) {
    List<Double> values =
        jvms.stream().map(jvm -> jvm.get(figure).orElse(Double.POSITIVE_INFINITY)).toList();
    return Optional.of(Statistics.median(values)).filter(Double::isFinite);
  }

  /** The largest; nothing if a process does not have the figure. */
  Optional<Double> worst(Start.Figure figure) {
    List<Double> values = values(figure);
    return values.size() < jvms.size() ? Optional.empty() : Optional.of(Collections.max(values));
  }

  /** The worst steady time over the best: what chance of the process decides for good. */
  double lottery() {
    List<Double> steady = values(Start.Figure.STEADY);
    return Collections.max(steady) / Collections.min(steady);
  }

  /** How many processes were still getting faster when their steady time was taken. */
  long late() {
    return jvms.stream().filter(Start::late).count();
  }

  private List<Double> values(Start.Figure figure) {
    return jvms.stream().flatMap(jvm -> jvm.get(figure).stream()).toList();
  }
}
