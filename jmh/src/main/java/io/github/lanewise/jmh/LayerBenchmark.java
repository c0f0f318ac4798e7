package io.github.lanewise.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Runs of a plan. The method names the operator, the parameters the layer and the backend. The
 * secondary metric {@code gflops} is GFLOP/s, 2 operations a multiplication, taps on padding
 * counted.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 200, timeUnit = TimeUnit.MILLISECONDS)
public class LayerBenchmark {

  /**
   * A depthwise layer.
   *
   * @param state the layer
   * @param counter its operations
   */
  @Benchmark
  public void depthwise(LayerState state, FlopCounter counter) {
    state.run(counter);
  }

  /**
   * A pointwise layer.
   *
   * @param state the layer
   * @param counter its operations
   */
  @Benchmark
  public void pointwise(LayerState state, FlopCounter counter) {
    state.run(counter);
  }

  /**
   * A standard layer, or the standard convolution that a separable block stands in for.
   *
   * @param state the layer or block
   * @param counter its operations
   */
  @Benchmark
  public void standard(LayerState state, FlopCounter counter) {
    state.run(counter);
  }

  /**
   * A separable block, fused.
   *
   * @param state the block
   * @param counter its operations
   */
  @Benchmark
  public void separable(LayerState state, FlopCounter counter) {
    state.run(counter);
  }

  /**
   * All layers of a list, each reading what the one before wrote.
   *
   * @param state the layers
   * @param counter their operations
   */
  @Benchmark
  public void chain(LayerState state, FlopCounter counter) {
    state.run(counter);
  }
}
