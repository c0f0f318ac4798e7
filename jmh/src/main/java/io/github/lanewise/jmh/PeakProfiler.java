package io.github.lanewise.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
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
 * after one iteration is what was measured before the next. {@code fastestGflops} and {@code
 * fastestPeakGflops} are of the fastest millisecond of each.
 */
public final class PeakProfiler implements InternalProfiler {
  /** System property of a fork: the threads that a plan runs on. */
  public static final String THREADS = "lanewise.bench.threads";

  private static final DoubleAdder FASTEST = new DoubleAdder();

  private Peak.Look before;

  /** The threads that a plan of this fork runs on. */
  static int planThreads() {
    return Integer.getInteger(THREADS, 1);
  }

  /** What a thread of the benchmark reached in its fastest millisecond of an iteration. */
  static void addFastest(double gflops) {
    FASTEST.add(gflops);
  }

  @Override
  public String getDescription() {
    return "FMA peak beside every iteration";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (iteration.getType() == IterationType.MEASUREMENT && before == null) {
      Peak.warmUp();
      before = measure(benchmark);
    }
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    if (iteration.getType() != IterationType.MEASUREMENT) {
      FASTEST.reset();
      return List.of();
    }
    Peak.Look after = measure(benchmark);
    List<Result<?>> results = new ArrayList<>();
    results.add(
        result("peakGflops", (before.gflops() + after.gflops()) / 2, AggregationPolicy.AVG));
    double fastest = FASTEST.sumThenReset();
    if (fastest > 0) {
      double peak = Math.max(before.fastest(), after.fastest());
      results.add(result("fastestGflops", fastest, AggregationPolicy.MAX));
      results.add(result("fastestPeakGflops", peak, AggregationPolicy.MAX));
    }
    before = after;
    return results;
  }

  private static Result<?> result(String name, double gflops, AggregationPolicy policy) {
    return new ScalarResult(name, gflops, "GFLOP/s", policy);
  }

  private static Peak.Look measure(BenchmarkParams benchmark) {
    return Peak.measure(benchmark.getThreads() * planThreads());
  }
}
