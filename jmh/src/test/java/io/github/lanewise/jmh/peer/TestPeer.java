package io.github.lanewise.jmh.peer;

import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.layers.Workload;
import java.util.Optional;

/**
 * An engine for tests: the scalar backend of the library under another name. On the odd list it
 * takes pointwise layers only, and computes those named n3 wrongly.
 */
public final class TestPeer implements Peer {

  /** For the service loader. */
  public TestPeer() {}

  @Override
  public String name() {
    return "test";
  }

  @Override
  public boolean isJava() {
    return true;
  }

  @Override
  public String describe(int threads) {
    return "scalar loops, threads: " + threads;
  }

  @Override
  public Optional<String> cannot(Target target, int threads) {
    return target.operator() == Operator.POINTWISE
        ? Optional.empty()
        : Optional.of("is for pointwise layers");
  }

  @Override
  public Run prepare(Workload workload, int threads) {
    ConvPlan plan =
        workload.createPlans(ConvOptions.DEFAULT.withBackend(Backend.scalar())).getFirst();
    float[] result = new float[workload.stages().getLast().shape().dstLength()];
    boolean wrong = workload.stages().getLast().shape().outChannels() == 3;
    return new Run() {
      @Override
      public void run() {
        plan.run(workload.src(), result);
        if (wrong) {
          result[result.length - 1] += 1;
        }
      }

      @Override
      public float[] result() {
        return result;
      }
    };
  }
}
