package io.github.lanewise.jmh.history;

import io.github.lanewise.jmh.peer.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A layer that became slower or faster from one run to another, in its share of the FMA peak
 * measured beside it: by more than a threshold and by more than the noise.
 *
 * @param base the earlier figure
 * @param fresh the later figure
 */
public record Change(Figure base, Figure fresh) {

  /** Relative change below which nothing is said. */
  public static final double THRESHOLD = 0.05;

  /**
   * What changed between two runs, of our own backends; other engines' speed is not ours to gate.
   *
   * @param base the earlier run
   * @param fresh the later run
   * @param threshold relative change, 0.05 for 5 %
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
   * How many times as fast.
   *
   * @return the later share of the peak over the earlier; below 1 if slower
   */
  public double ratio() {
    return fresh.measurement().share() / base.measurement().share();
  }

  /**
   * Whether it became slower.
   *
   * @return whether the ratio is below 1
   */
  public boolean isSlower() {
    return ratio() < 1;
  }

  /** What chance may do to the ratio: both runs' spread, as errors of a quotient add up. */
  double noise() {
    return Math.hypot(base.measurement().spread(), fresh.measurement().spread());
  }

  private boolean isPast(double threshold) {
    return Math.abs(ratio() - 1) > Math.max(threshold, noise());
  }
}
