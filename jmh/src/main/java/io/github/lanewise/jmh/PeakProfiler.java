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

/**
 * Measures the FMA peak right before and right after every iteration, in the same JVM and outside
 * the timed region, and reports it as the secondary metric {@code peakGflops}: machines are shared,
 * and only the ratio to the peak of the same moment can be compared.
 */
public final class PeakProfiler implements InternalProfiler {
  /** System property of a fork: the threads that a plan runs on. */
  public static final String THREADS = "lanewise.bench.threads";

  private boolean warm;
  private double before;

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
    if (!warm) {
      Peak.warmUp();
      warm = true;
    }
    before = measure(benchmark);
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    double peak = (before + measure(benchmark)) / 2;
    return List.of(new ScalarResult("peakGflops", peak, "GFLOP/s", AggregationPolicy.AVG));
  }

  private static double measure(BenchmarkParams benchmark) {
    return Peak.measure(benchmark.getThreads() * planThreads());
  }
}
