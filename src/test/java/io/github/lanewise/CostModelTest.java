package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The multiplications that separable convolution saves. */
class CostModelTest {

  /** The example of the introductory articles, which print 23.86: 1 / (1/512 + 1/25) is 23.836. */
  @Test
  void speedupOf512ChannelsAndKernel5Is23Point84() {
    CostModel cost =
        CostModel.separable(ConvShape.builder(28, 28, 256).kernel(5).depthwise().build(), 512);
    assertThat(cost.speedup()).isCloseTo(23.836, within(0.0005));
    assertThat(cost.toString()).contains("23.84 times");
  }

  @ParameterizedTest
  @CsvSource({"1, 3", "64, 3", "256, 3", "512, 5", "1000, 7", "16, 1"})
  void ratioIsOneOverChannelsPlusOneOverKernelSquared(int outChannels, int kernel) {
    ConvShape depthwise = ConvShape.builder(14, 14, 8).kernel(kernel).depthwise().build();
    CostModel cost = CostModel.separable(depthwise, outChannels);
    double theory = 1.0 / outChannels + 1.0 / (kernel * kernel);
    assertThat(cost.ratio()).isCloseTo(theory, within(1e-12));
    assertThat(cost.speedup()).isCloseTo(1 / theory, within(1e-9));
  }

  @Test
  void formulasCountOutputsOfStrideDilationAndBatch() {
    ConvShape depthwise =
        ConvShape.builder(20, 31, 6)
            .batch(3)
            .kernel(3, 5)
            .stride(2, 3)
            .dilation(2, 1)
            .padding(Padding.explicit(1, 2, 0, 1))
            .depthwise()
            .build();
    long pixels = 3 * 9 * 10; // (20 + 1 - 5) / 2 + 1 rows, (31 + 3 - 5) / 3 + 1 columns
    CostModel cost = CostModel.separable(depthwise, 11);
    assertThat(cost.standard()).isEqualTo(3 * 5 * pixels * 6 * 11);
    assertThat(cost.depthwise()).isEqualTo(3 * 5 * pixels * 6);
    assertThat(cost.pointwise()).isEqualTo(pixels * 6 * 11);
    assertThat(cost.separable()).isEqualTo(cost.depthwise() + cost.pointwise());
  }

  @Test
  void aMultiplierWidensBothStagesButNotTheStandardConvolution() {
    ConvShape depthwise = ConvShape.builder(8, 8, 5).kernel(3).depthwise(2).build();
    CostModel cost = CostModel.separable(depthwise, 7);
    assertThat(cost).isEqualTo(new CostModel(9 * 64 * 5 * 7, 9 * 64 * 10, 64 * 10 * 7));
  }

  @Test
  void plansCountTwoOperationsForEachMultiplication() {
    ConvCase c =
        ConvCase.of(
            Operator.SEPARABLE, ConvShape.builder(8, 8, 5).kernel(3).depthwise(2).build(), 7);
    ConvPlan plan = ConvData.of(c).plan(c, ConvOptions.DEFAULT);
    assertThat(plan.flops()).isEqualTo(2 * CostModel.separable(c.shape(), 7).separable());
    assertThat(plan.flops()).isEqualTo(2 * c.multiplications());
  }

  @Test
  void hugeShapesNeitherOverflowNorLie() {
    ConvShape wide = ConvShape.builder(10_000, 10_000, 20).kernel(101).depthwise().build();
    CostModel cost = CostModel.separable(wide, 100_000);
    assertThat(cost.standard()).isEqualTo(10_201L * 100_000_000 * 20 * 100_000);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> CostModel.separable(wide, Integer.MAX_VALUE));
  }

  @Test
  void badArgumentsAreNamed() {
    ConvShape depthwise = ConvShape.builder(8, 8, 5).kernel(3).depthwise().build();
    ConvShape standard = ConvShape.builder(8, 8, 5).kernel(3).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CostModel.separable(depthwise, 0))
        .withMessageContainingAll("outChannels = 0", "1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CostModel.separable(standard, 4))
        .withMessageContainingAll("groups = 1", "inChannels = 5");
    assertThatNullPointerException()
        .isThrownBy(() -> CostModel.separable(null, 4))
        .withMessageContaining("depthwise");
  }
}
