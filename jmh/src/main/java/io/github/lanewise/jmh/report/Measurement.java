package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The figures of one target on one backend, one for each iteration of each fork.
 *
 * @param target what was measured; null for the peak's own loop and register tiles
 * @param backend on which backend; null for the peak's own loop and register tiles
 * @param create whether the plan's creation was measured rather than its runs
 * @param forks how many JVMs the iterations are from
 * @param values GFLOP/s of runs, or microseconds of creations
 * @param peaks the FMA peak right beside each iteration, GFLOP/s; empty for creations
 * @param fastest share of the peak in the fastest millisecond of all, each of its own; empty if not
 *     measured
 * @param forkFastest the same of each fork; empty if not measured in each
 */
public record Measurement(
    Target target,
    String backend,
    boolean create,
    int forks,
    List<Double> values,
    List<Double> peaks,
    Optional<Double> fastest,
    List<Double> forkFastest) {

  /** Copies the lists. */
  public Measurement {
    values = List.copyOf(values);
    peaks = List.copyOf(peaks);
    forkFastest = List.copyOf(forkFastest);
  }

  /**
   * Runs of a plan.
   *
   * @param target what was measured
   * @param backend on which backend
   * @param forks how many JVMs the iterations are from
   * @param gflops GFLOP/s of each iteration
   * @param peaks the peak beside each iteration
   * @return the measurement
   */
  public static Measurement ofRun(
      Target target, String backend, int forks, List<Double> gflops, List<Double> peaks) {
    if (gflops.size() != peaks.size()) {
      throw new IllegalArgumentException(
          gflops.size() + " iterations need as many peaks, not " + peaks.size());
    }
    return new Measurement(
        target, backend, false, forks, gflops, peaks, Optional.empty(), List.of());
  }

  /**
   * Creations of a plan.
   *
   * @param target whose plan
   * @param backend on which backend
   * @param forks how many JVMs the iterations are from
   * @param micros microseconds of each iteration
   * @return the measurement
   */
  public static Measurement ofCreation(
      Target target, String backend, int forks, List<Double> micros) {
    return new Measurement(
        target, backend, true, forks, micros, List.of(), Optional.empty(), List.of());
  }

  /**
   * The same with the fastest millisecond.
   *
   * @param gflops of each iteration's fastest millisecond, by forks
   * @param peaksGflops of the fastest millisecond of the peak beside it, by forks
   * @return the measurement; this one if there are none
   */
  public Measurement withFastest(List<List<Double>> gflops, List<List<Double>> peaksGflops) {
    OptionalDouble best = max(gflops);
    OptionalDouble bestPeak = max(peaksGflops);
    if (best.isEmpty() || bestPeak.isEmpty()) {
      return this;
    }
    boolean each =
        Stream.of(gflops, peaksGflops)
            .allMatch(all -> all.size() == forks && all.stream().noneMatch(List::isEmpty));
    List<Double> shares = new ArrayList<>();
    for (int fork = 0; each && fork < forks; fork++) {
      shares.add(Collections.max(gflops.get(fork)) / Collections.max(peaksGflops.get(fork)));
    }
    Optional<Double> share = Optional.of(best.getAsDouble() / bestPeak.getAsDouble());
    return new Measurement(target, backend, create, forks, values, peaks, share, shares);
  }

  private static OptionalDouble max(List<List<Double>> forks) {
    return forks.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).max();
  }

  /**
   * How far forks lie apart in what they can do at best: chance of the process, for good.
   *
   * @return the best fork's share of the peak in its fastest millisecond over the worst's; empty of
   *     fewer than two forks
   */
  public Optional<Double> lottery() {
    return forkFastest.size() < 2
        ? Optional.empty()
        : Optional.of(Collections.max(forkFastest) / Collections.min(forkFastest));
  }

  /**
   * Its figure.
   *
   * @return the median over iterations and forks
   */
  public double median() {
    return Statistics.median(values);
  }

  /**
   * Share of the FMA peak.
   *
   * @return the median of every iteration's ratio to the peak beside it
   */
  public double share() {
    return Statistics.median(shares());
  }

  /**
   * How far the iterations' shares of the peak lie apart.
   *
   * @return the distance of the quartiles over the median
   */
  public double spread() {
    List<Double> shares = shares();
    return (Statistics.quantile(shares, 0.75) - Statistics.quantile(shares, 0.25))
        / Statistics.median(shares);
  }

  /**
   * A quantile of the iterations' shares of the peak.
   *
   * @param q 0 for the smallest, 1 for the largest
   * @return the share
   */
  public double shareQuantile(double q) {
    return Statistics.quantile(shares(), q);
  }

  /**
   * How many times faster than the standard convolution that it stands in for: the ratio of the
   * times, each taken relative to the peak of its own moment.
   *
   * @param others what was measured beside it
   * @return empty unless it is a separable block and its standard convolution among the others
   */
  public Optional<Double> speedup(List<Measurement> others) {
    if (create || target.operator() != Operator.SEPARABLE) {
      return Optional.empty();
    }
    return others.stream()
        .filter(m -> !m.create && m.target.operator() == Operator.STANDARD)
        .filter(m -> m.target.layer().equals(target.layer()) && m.backend.equals(backend))
        .findFirst()
        .map(standard -> target.theory() * share() / standard.share());
  }

  private List<Double> shares() {
    return IntStream.range(0, values.size()).mapToObj(i -> values.get(i) / peaks.get(i)).toList();
  }
}
