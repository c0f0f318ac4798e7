package io.github.lanewise.jmh.history;

import io.github.lanewise.jmh.report.Measurement;
import java.util.List;
import java.util.Optional;

/**
 * One result of a run.
 *
 * @param measurement target, backend and every iteration
 * @param forkShares the median share of the peak of each fork
 */
public record Figure(Measurement measurement, List<Double> forkShares) {

  /** Copies the list. */
  public Figure {
    forkShares = List.copyOf(forkShares);
  }

  /** The share of the peak in the fastest millisecond of each fork; empty if not measured. */
  List<Double> forkFastest() {
    return measurement.forkFastest();
  }

  /** Both figures' forks together. */
  Figure with(Figure other) {
    Measurement a = measurement;
    Measurement b = other.measurement;
    boolean both = !a.forkFastest().isEmpty() && !b.forkFastest().isEmpty();
    return new Figure(
        new Measurement(
            a.target(),
            a.backend(),
            false,
            a.forks() + b.forks(),
            Run.concat(a.values(), b.values()),
            Run.concat(a.peaks(), b.peaks()),
            both
                ? a.fastest().flatMap(x -> b.fastest().map(y -> Math.max(x, y)))
                : Optional.empty(),
            both ? Run.concat(a.forkFastest(), b.forkFastest()) : List.of()),
        Run.concat(forkShares, other.forkShares));
  }

  /** Whether another figure is of the same layer, operator and backend. */
  boolean sameAs(Figure other) {
    return measurement.backend().equals(other.measurement.backend())
        && measurement.target().layer().equals(other.measurement.target().layer())
        && measurement.target().operator() == other.measurement.target().operator();
  }
}
