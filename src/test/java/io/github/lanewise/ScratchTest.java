package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How much scratch memory plans want. */
@Tag("backend")
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

  /** A far dilation, or a wide padding, asks for no more than the taps that are there. */
  @ParameterizedTest
  @EnumSource(Operator.class)
  void scratchDoesNotGrowWithDilation(Operator operator) {
    for (int far : new int[] {1000, 100_000, 1_000_000_000}) {
      ConvShape.Builder b = ConvShape.builder(1, 1, 3);
      if (operator != Operator.POINTWISE) {
        b.kernel(3).dilation(far).padding(Padding.explicit(far));
      }
      ConvShape shape = (operator.isDepthwiseShape() ? b.depthwise() : b).build();
      ConvCase c = ConvCase.of(operator, shape);
      ConvData data = ConvData.of(c);
      ConvPlan plan = data.plan(c, ConvOptions.DEFAULT);
      assertThat(plan.scratchBytes()).as(plan.toString()).isLessThan(100_000);
      float[] actual = GuardedRun.run(plan, data, c.toString());
      Expected expected = Expected.of(c, data);
      for (int i = 0; i < actual.length; i++) {
        assertThat(expected.accepts(i, actual[i])).as("dst[%d] of %s", i, c).isTrue();
      }
    }
  }
}
