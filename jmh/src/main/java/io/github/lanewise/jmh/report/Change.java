package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.peer.Peer;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;

/**
 * A layer that became slower or faster from one run to another, in its share of the FMA peak
 * measured beside it, in the forks' fastest milliseconds if both runs have them: by more than a
 * threshold and by more than the noise.
 *
 * @param base the earlier figure
 * @param fresh the later figure
 */
record Change(Figure base, Figure fresh) {

  /** Relative change below which nothing is said. */
  static final double THRESHOLD = 0.08;

  /** Fewer forks of a run do not tell how far forks lie apart. */
  static final int MIN_FORKS = 3;

  /**
   * What changed between two runs, of our own backends; other engines' speed is not ours to gate;
   * by more than a threshold, 0.08 for 8 %. The worst slowdown comes first.
   */
  static List<Change> between(Run base, Run fresh, double threshold) {
    return pairs(base, fresh).stream()
        .filter(pair -> pair.isJudged() && pair.isPast(threshold))
        .sorted(Comparator.comparingDouble(Change::ratio))
        .toList();
  }

  /** Everything that both runs measured, of our own backends. */
  static List<Change> pairs(Run base, Run fresh) {
    return fresh.of(Kind.LAYER).stream()
        .filter(figure -> !Peer.isNamedBy(figure.backend()))
        .flatMap(figure -> figure.sameOf(base.figures()).map(b -> new Change(b, figure)).stream())
        .toList();
  }

  /**
   * How many times as fast: the ratio of the medians or of the best, whichever is nearer to 1, and
   * 1 if the two disagree. Of forks' fastest milliseconds if both runs have them; else of all
   * iterations' shares of the peak, the upper quartile being the best. What else a machine does
   * takes from the lower half first; a slower kernel takes from all.
   */
  double ratio() {
    double median = now() / was();
    double upper = upper(fresh) / upper(base);
    if ((median < 1) != (upper < 1)) {
      return 1;
    }
    return median < 1 ? Math.max(median, upper) : Math.min(median, upper);
  }

  /** The later share of the peak that counts. */
  double now() {
    return median(fresh);
  }

  /** The earlier share of the peak that counts. */
  double was() {
    return median(base);
  }

  private boolean isByFastest() {
    return Stream.of(base, fresh).noneMatch(figure -> figure.forkFastest().isEmpty());
  }

  private double median(Figure figure) {
    return isByFastest() ? Statistics.median(figure.forkFastest()) : figure.share();
  }

  private double upper(Figure figure) {
    return isByFastest() ? Collections.max(figure.forkFastest()) : figure.shareQuantile(0.75);
  }

  boolean isSlower() {
    return ratio() < 1;
  }

  /** Whether both runs have forks enough for a verdict. */
  boolean isJudged() {
    return Math.min(base.forkShares().size(), fresh.forkShares().size()) >= MIN_FORKS;
  }

  /**
   * What chance may do to the ratio, in 19 of 20 cases: both runs' standard errors together, times
   * Student's factor with Welch's degrees of freedom. Iterations of a fork resemble each other:
   * only forks count.
   */
  double noise() {
    double a = squaredError(base);
    double b = squaredError(fresh);
    if (a + b == 0) {
      return 0;
    }
    int n = base.forkShares().size();
    int m = fresh.forkShares().size();
    double freedom = (a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1));
    return Math.sqrt(a + b) * new TDistribution(freedom).inverseCumulativeProbability(0.975);
  }

  /** The square of the forks' standard error, relative to their mean. */
  private double squaredError(Figure figure) {
    List<Double> forks = isByFastest() ? figure.forkFastest() : figure.forkShares();
    double[] shares = forks.stream().mapToDouble(Double::doubleValue).toArray();
    double mean = StatUtils.mean(shares);
    return StatUtils.variance(shares) / shares.length / (mean * mean);
  }

  private boolean isPast(double threshold) {
    return Math.abs(ratio() - 1) > Math.max(threshold, noise());
  }
}
