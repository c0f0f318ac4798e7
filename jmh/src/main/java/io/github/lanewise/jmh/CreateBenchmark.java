package io.github.lanewise.jmh;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.layers.Workload;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What creating a plan, or a chain's plans, costs: checking, planning, packing the weights. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
public class CreateBenchmark {
  /** List and name of a layer, of a block, which stands for the separable convolution, or chain. */
  @Param("mobilenet_v1_1.0_224/dw3+pw3")
  public String layer;

  /** As in {@link LayerState#backend}. */
  @Param({"scalar", "vector"})
  public String backend;

  private Workload workload;
  private ConvOptions options;

  /** Makes the weights. */
  @Setup
  public void setup() {
    workload = new Workload(Target.findToCreate(layer));
    options = ConvOptions.DEFAULT.withBackend(LayerState.backend(backend));
  }

  /** Creates a plan, or several. */
  @Benchmark
  public List<ConvPlan> create() {
    return workload.createPlans(options);
  }
}
