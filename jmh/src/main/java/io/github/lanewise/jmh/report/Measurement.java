package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.layers.Target;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The figures of one target on one backend, one for each iteration of each fork.
 *
 * @param target what was measured
 * @param backend on which backend
 * @param create whether the plan's creation was measured rather than its runs
 * @param values GFLOP/s of runs, or microseconds of creations
 * @param peaks the FMA peak right beside each iteration, GFLOP/s; empty for creations
 */
public record Measurement(
    Target target, String backend, boolean create, List<Double> values, List<Double> peaks) {

  /** Copies the lists. */
  public Measurement {
    values = List.copyOf(values);
    peaks = List.copyOf(peaks);
  }

  /**
   * Runs of a plan.
   *
   * @param target what was measured
   * @param backend on which backend
   * @param gflops GFLOP/s of each iteration
   * @param peaks the peak beside each iteration
   * @return the measurement
   */
  public static Measurement ofRun(
      Target target, String backend, List<Double> gflops, List<Double> peaks) {
    if (gflops.size() != peaks.size()) {
      throw new IllegalArgumentException(
          gflops.size() + " iterations need as many peaks, not " + peaks.size());
    }
    return new Measurement(target, backend, false, gflops, peaks);
  }

  /**
   * Creations of a plan.
   *
   * @param target whose plan
   * @param backend on which backend
   * @param micros microseconds of each iteration
   * @return the measurement
   */
  public static Measurement ofCreation(Target target, String backend, List<Double> micros) {
    return new Measurement(target, backend, true, micros, List.of());
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

  private List<Double> shares() {
    return IntStream.range(0, values.size()).mapToObj(i -> values.get(i) / peaks.get(i)).toList();
  }
}
