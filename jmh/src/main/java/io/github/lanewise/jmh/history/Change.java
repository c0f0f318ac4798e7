package io.github.lanewise.jmh.history;

import io.github.lanewise.jmh.peer.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A layer that became slower or faster from one run to another, in its share of the FMA peak
 * measured beside it: by more than a threshold and by more than the noise.
 *
 * @param base the earlier figure
 * @param fresh the later figure
 */
public record Change(Figure base, Figure fresh) {

  /** Relative change below which nothing is said. */
  public static final double THRESHOLD = 0.08;

  /**
   * What changed between two runs, of our own backends; other engines' speed is not ours to gate.
   *
   * @param base the earlier run
   * @param fresh the later run
   * @param threshold relative change, 0.08 for 8 %
   * @return the changes, the worst slowdown first
   */
  public static List<Change> between(Run base, Run fresh, double threshold) {
    return pairs(base, fresh).stream()
        .filter(pair -> pair.isPast(threshold))
        .sorted((a, b) -> Double.compare(a.ratio(), b.ratio()))
        .toList();
  }

  /** Everything that both runs measured, of our own backends. */
  static List<Change> pairs(Run base, Run fresh) {
    List<Change> pairs = new ArrayList<>();
    for (Figure figure : fresh.figures()) {
      if (!Peer.isNamedBy(figure.measurement().backend())) {
        Optional<Figure> before = base.figures().stream().filter(figure::sameAs).findFirst();
        before.ifPresent(b -> pairs.add(new Change(b, figure)));
      }
    }
    return pairs;
  }

  /**
   * How many times as fast: the ratio of the median shares of the peak or of their upper quartiles,
   * whichever is nearer to 1, and 1 if the two disagree. What else a machine does takes from the
   * lower half of a run's iterations first; a slower kernel takes from all of them.
   *
   * @return below 1 if slower
   */
  public double ratio() {
    double median = fresh.measurement().share() / base.measurement().share();
    double upper = upper(fresh) / upper(base);
    if ((median < 1) != (upper < 1)) {
      return 1;
    }
    return median < 1 ? Math.max(median, upper) : Math.min(median, upper);
  }

  private static double upper(Figure figure) {
    return figure.measurement().shareQuantile(0.75);
  }

  /**
   * Whether it became slower.
   *
   * @return whether the ratio is below 1
   */
  public boolean isSlower() {
    return ratio() < 1;
  }

  /**
   * What chance may do to the ratio, in 19 of 20 cases: both runs' standard errors together, times
   * Student's factor for so few forks. Iterations of a fork resemble each other: only forks count.
   */
  double noise() {
    int freedom = base.forkShares().size() + fresh.forkShares().size() - 2;
    double factor = new TDistribution(Math.max(2, freedom)).inverseCumulativeProbability(0.975);
    return factor * Math.hypot(error(base), error(fresh));
  }

  /** The standard error, as if normal: there, quartiles lie 1.35 standard deviations apart. */
  private static double error(Figure figure) {
    return figure.measurement().spread() / 1.35 / Math.sqrt(figure.forkShares().size());
  }

  private boolean isPast(double threshold) {
    return Math.abs(ratio() - 1) > Math.max(threshold, noise());
  }
}
