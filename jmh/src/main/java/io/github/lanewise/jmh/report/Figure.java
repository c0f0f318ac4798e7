package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What was measured by one benchmark with its parameters: lists of forks, in each a value an
 * iteration.
 *
 * @param kind what it is a figure of
 * @param params the benchmark's parameters
 * @param target what it ran; null for the peaks and tiles
 * @param values GFLOP/s; GB/s of copies, microseconds of creations
 * @param peaks the FMA peak right beside each iteration, GFLOP/s; none beside copies and creations
 * @param fastest GFLOP/s in the fastest millisecond of each iteration, as far as measured
 * @param fastestPeaks the same of the peak beside it
 */
public record Figure(
    Kind kind,
    Map<String, String> params,
    Target target,
    List<List<Double>> values,
    List<List<Double>> peaks,
    List<List<Double>> fastest,
    List<List<Double>> fastestPeaks) {

  /** The parameter of this name, such as {@code backend}. */
  String param(String name) {
    return params.getOrDefault(name, "");
  }

  String backend() {
    return param("backend");
  }

  /** Whether it has values, and a peak beside each where there should be one. */
  boolean isComplete() {
    return values.stream().anyMatch(fork -> !fork.isEmpty())
        && (!kind.hasPeakBeside() || sizes(values).equals(sizes(peaks)));
  }

  private static List<Integer> sizes(List<List<Double>> forks) {
    return forks.stream().map(List::size).toList();
  }

  int forks() {
    return values.size();
  }

  List<Double> all() {
    return flat(values);
  }

  double median() {
    return Statistics.median(all());
  }

  private static List<Double> flat(List<List<Double>> forks) {
    return forks.stream().flatMap(Collection::stream).toList();
  }

  private static List<Double> ratios(List<Double> values, List<Double> peaks) {
    return IntStream.range(0, values.size()).mapToObj(i -> values.get(i) / peaks.get(i)).toList();
  }

  /** A quantile of the shares of the peak, each iteration's of the peak beside it. */
  double shareQuantile(double q) {
    return Statistics.quantile(ratios(all(), flat(peaks)), q);
  }

  double share() {
    return shareQuantile(0.5);
  }

  /** The distance of the shares' quartiles over their median. */
  double spread() {
    return (shareQuantile(0.75) - shareQuantile(0.25)) / share();
  }

  /** The median share of each fork. */
  List<Double> forkShares() {
    return IntStream.range(0, forks())
        .mapToObj(fork -> Statistics.median(ratios(values.get(fork), peaks.get(fork))))
        .toList();
  }

  /** The share of the peak in the fastest millisecond of each fork; empty if one has none. */
  List<Double> forkFastest() {
    boolean each =
        Stream.of(fastest, fastestPeaks)
            .allMatch(all -> all.size() == forks() && all.stream().noneMatch(List::isEmpty));
    return IntStream.range(0, each ? forks() : 0)
        .mapToObj(
            fork -> Collections.max(fastest.get(fork)) / Collections.max(fastestPeaks.get(fork)))
        .toList();
  }

  /** The share of the peak in the fastest millisecond of all; empty if a fork has none. */
  Optional<Double> bestShare() {
    return forkFastest().isEmpty()
        ? Optional.empty()
        : Optional.of(Collections.max(flat(fastest)) / Collections.max(flat(fastestPeaks)));
  }

  /** The best fork's fastest millisecond over the worst's; empty of fewer than two forks. */
  Optional<Double> lottery() {
    List<Double> shares = forkFastest();
    return shares.size() < 2
        ? Optional.empty()
        : Optional.of(Collections.max(shares) / Collections.min(shares));
  }

  /**
   * How many times faster than the standard convolution that it stands in for, each relative to the
   * peak of its own moment; empty unless it is a separable block and that one among the others.
   */
  Optional<Double> speedup(List<Figure> others) {
    if (target.operator() != Operator.SEPARABLE) {
      return Optional.empty();
    }
    return others.stream()
        .filter(other -> other.target.operator() == Operator.STANDARD)
        .filter(other -> other.target.layer().equals(target.layer()))
        .filter(other -> other.backend().equals(backend()))
        .findFirst()
        .map(standard -> target.theory() * share() / standard.share());
  }

  /** The figure of the same benchmark and parameters among others. */
  Optional<Figure> sameOf(List<Figure> others) {
    return others.stream()
        .filter(other -> kind == other.kind && params.equals(other.params))
        .filter(other -> target == null || target.operator() == other.target.operator())
        .findFirst();
  }

  /** Both figures' forks together. */
  Figure with(Figure other) {
    return new Figure(
        kind,
        params,
        target,
        concat(values, other.values),
        concat(peaks, other.peaks),
        concat(fastest, other.fastest),
        concat(fastestPeaks, other.fastestPeaks));
  }

  private static List<List<Double>> concat(List<List<Double>> first, List<List<Double>> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** The median for people, with its unit. */
  @Override
  public String toString() {
    return switch (kind) {
      case COPY -> Table.format("%.1f GB/s", median());
      case CREATION -> Table.format("%.1f us", median());
      default -> Table.format("%.1f GFLOP/s, %.0f %% of peak", median(), 100 * share());
    };
  }
}
