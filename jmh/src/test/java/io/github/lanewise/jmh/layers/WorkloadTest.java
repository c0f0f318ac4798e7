package io.github.lanewise.jmh.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkloadTest {
  private static final ConvOptions SCALAR = ConvOptions.DEFAULT.withBackend(Backend.scalar());

  static Stream<Target> smallTargets() {
    return Stream.concat(
        LayerList.named("odd").targets().stream(),
        LayerList.named("mobilenet_v1").targets().stream().filter(t -> t.shape().inHeight() == 14));
  }

  @ParameterizedTest
  @MethodSource("smallTargets")
  void bothBackendsPassTheCheck(Target target) {
    Workload workload = new Workload(target);
    for (Backend backend : new Backend[] {Backend.scalar(), Backend.current()}) {
      List<ConvPlan> plans = workload.createPlans(ConvOptions.DEFAULT.withBackend(backend));
      assertThat(plans.stream().mapToLong(ConvPlan::flops).sum()).isEqualTo(target.flops());
      assertThatCode(() -> workload.check(plans)).doesNotThrowAnyException();
    }
  }

  @Test
  void aWrongPlanFailsTheCheck() {
    Target right = Target.find(Operator.SEPARABLE, "mobilenet_v1_1.0_224/dw13+pw13");
    Layer dw = right.layers().getFirst();
    Layer noClamp =
        new Layer(
            dw.network(),
            dw.name(),
            dw.operator(),
            dw.shape(),
            Activation.NONE,
            dw.multiplications());
    Target wrong =
        new Target(
            right.operator(),
            right.network(),
            right.name(),
            right.count(),
            List.of(noClamp, right.layers().getLast()),
            right.theory());
    List<ConvPlan> plans = new Workload(wrong).createPlans(SCALAR);
    Workload workload = new Workload(right);
    assertThatThrownBy(() -> workload.check(plans))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("wrong result of separable mobilenet_v1_1.0_224/dw13+pw13");
  }

  @Test
  void aChainsPlansFollowEachOtherAndAForeignResultIsComparedWithTheirs() {
    Workload workload = new Workload(Target.find(Operator.CHAIN, "mobilenet_v1_1.0_224/chain"));
    List<ConvPlan> plans = workload.createPlans(ConvOptions.DEFAULT);
    workload.check(plans);
    float[] tensor = workload.src();
    for (ConvPlan plan : plans) {
      float[] next = new float[plan.dstLength()];
      plan.run(tensor, next);
      tensor = next;
    }
    float[] result = tensor;
    assertThat(result).hasSize(7 * 7 * 1024);
    assertThatCode(() -> workload.check(result)).doesNotThrowAnyException();
    result[0] += 1e-4f;
    assertThatThrownBy(() -> workload.check(result))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("wrong result of chain mobilenet_v1_1.0_224/chain");
  }
}
