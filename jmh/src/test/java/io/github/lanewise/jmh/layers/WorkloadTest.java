package io.github.lanewise.jmh.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkloadTest {

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
      ConvPlan plan = workload.createPlan(ConvOptions.DEFAULT.withBackend(backend));
      assertThat(plan.flops()).isEqualTo(target.flops());
      assertThatCode(() -> workload.check(plan)).doesNotThrowAnyException();
    }
  }

  @Test
  void aWrongPlanFailsTheCheck() {
    Target right = Target.find(Operator.SEPARABLE, "mobilenet_v1_1.0_224/dw13+pw13");
    Target noClamp =
        new Target(
            right.operator(),
            right.network(),
            right.name(),
            right.count(),
            right.shape(),
            Activation.NONE,
            right.outChannels(),
            right.activation(),
            right.multiplications(),
            right.theory());
    ConvPlan wrong =
        new Workload(noClamp).createPlan(ConvOptions.DEFAULT.withBackend(Backend.scalar()));
    Workload workload = new Workload(right);
    assertThatThrownBy(() -> workload.check(wrong))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("wrong result of separable mobilenet_v1_1.0_224/dw13+pw13");
  }
}
