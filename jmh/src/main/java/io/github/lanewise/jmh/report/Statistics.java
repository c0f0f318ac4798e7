package io.github.lanewise.jmh.report;

import java.util.List;
import java.util.stream.Stream;

/** Medians and quantiles; NaN of no values. */
public final class Statistics {

  private Statistics() {}

  /** The median. */
  public static double median(List<Double> values) {
    return quantile(values, 0.5);
  }

  /** Both quartiles, and the median between them; nothing of no values. */
  static List<Double> quartiles(List<Double> values) {
    return values.isEmpty()
        ? List.of()
        : Stream.of(0.25, 0.5, 0.75).map(q -> quantile(values, q)).toList();
  }

  /** A quantile, 0 for the smallest and 1 for the largest, interpolated between neighbours. */
  public static double quantile(List<Double> values, double q) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    double at = q * (sorted.size() - 1);
    int below = (int) at;
    if (below == at) {
      return sorted.get(below); // not by way of its neighbour, which may be infinite
    }
    return sorted.get(below) + (at - below) * (sorted.get(below + 1) - sorted.get(below));
  }
}
