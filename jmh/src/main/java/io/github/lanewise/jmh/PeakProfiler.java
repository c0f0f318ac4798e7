package io.github.lanewise.jmh;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;
import org.openjdk.jmh.runner.IterationType;

/**
 * Measures the FMA peak right before and right after every measured iteration, in the same JVM and
 * outside the timed region, and reports it as the secondary metric {@code peakGflops}: machines are
 * shared, and only the ratio to the peak of the same moment can be compared. What was measured
 * after one iteration is what was measured before the next.
 */
public final class PeakProfiler implements InternalProfiler {
  /** System property of a fork: the threads that a plan runs on. */
  public static final String THREADS = "lanewise.bench.threads";

  private double before = Double.NaN;

  /**
   * The threads that a plan of this fork runs on.
   *
   * @return 1 or more
   */
  static int planThreads() {
    return Integer.getInteger(THREADS, 1);
  }

  @Override
  public String getDescription() {
    return "FMA peak beside every iteration";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (iteration.getType() == IterationType.MEASUREMENT && Double.isNaN(before)) {
      Peak.warmUp();
      before = measure(benchmark);
    }
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    if (iteration.getType() != IterationType.MEASUREMENT) {
      return List.of();
    }
    double after = measure(benchmark);
    double peak = (before + after) / 2;
    before = after;
    return List.of(new ScalarResult("peakGflops", peak, "GFLOP/s", AggregationPolicy.AVG));
  }

  private static double measure(BenchmarkParams benchmark) {
    return Peak.measure(benchmark.getThreads() * planThreads());
  }
}
