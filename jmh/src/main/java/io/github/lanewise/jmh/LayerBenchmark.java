package io.github.lanewise.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;

/**
 * Runs of a plan. The method names the operator, the parameters the layer and the backend. The
 * secondary metric {@code gflops} is GFLOP/s, 2 operations a multiplication, taps on padding
 * counted.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class LayerBenchmark {

  /** A depthwise layer. */
  @Benchmark
  public void depthwise(LayerState state, FlopCounter counter) {
    state.run(counter);
  }

  /** A pointwise layer. */
  @Benchmark
  public void pointwise(LayerState state, FlopCounter counter) {
    state.run(counter);
  }

  /** A standard layer, or the standard convolution that a separable block stands in for. */
  @Benchmark
  public void standard(LayerState state, FlopCounter counter) {
    state.run(counter);
  }

  /** A separable block, fused. */
  @Benchmark
  public void separable(LayerState state, FlopCounter counter) {
    state.run(counter);
  }

  /** All layers of a list, each reading what the one before wrote. */
  @Benchmark
  public void chain(LayerState state, FlopCounter counter) {
    state.run(counter);
  }
}
