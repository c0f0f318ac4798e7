package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How much scratch memory plans want. */
class ScratchTest {

  private static ConvPlan plan(Operator operator, int height, int channels, int batch) {
    ConvShape.Builder b = ConvShape.builder(height, 40, channels).batch(batch);
    if (operator != Operator.POINTWISE) {
      b.kernel(3);
    }
    ConvCase c =
        ConvCase.of(operator, (operator.isDepthwiseShape() ? b.depthwise() : b).build(), channels);
    return ConvData.of(c).plan(c, ConvOptions.DEFAULT);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void scratchDoesNotGrowWithTheImage(Operator operator) {
    long bytes = plan(operator, 100, 32, 1).scratchBytes();
    // Ranges of rows are made equal, so that a taller image may get slightly other ones.
    assertThat(plan(operator, 1000, 32, 1).scratchBytes()).isLessThanOrEqualTo(bytes * 5 / 4);
    assertThat(plan(operator, 100, 32, 10).scratchBytes()).isLessThanOrEqualTo(bytes * 5 / 4);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void scratchIsSmallBesideTheTensorsOfALargeLayer(Operator operator) {
    ConvPlan plan = plan(operator, 224, 128, 1);
    assertThat(plan.scratchBytes()).as(plan.toString()).isLessThan(plan.shape().bytes() / 2);
  }

  @Test
  void scratchBeyondAnArrayIsNamed() {
    int far = 100_000;
    ConvShape shape =
        ConvShape.builder(1, 1, 1)
            .kernel(3)
            .dilation(far)
            .padding(Padding.explicit(far))
            .depthwise()
            .build();
    for (Operator operator : new Operator[] {Operator.DEPTHWISE, Operator.SEPARABLE}) {
      ConvCase c = ConvCase.of(operator, shape, 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> ConvData.of(c).plan(c, ConvOptions.DEFAULT))
          .withMessageContainingAll(shape.toString(), "scratch");
    }
  }
}
