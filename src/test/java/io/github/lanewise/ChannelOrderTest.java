package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Weights for channels in another order do what the reordered tensor and the plain ones do. */
@Tag("backend")
class ChannelOrderTest {
  private static final int CHANNELS = 12;

  private final Random random = new Random(5);

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,3,1", "2,1,1", "3,1,2", "4,3,1", "3,3,2", "6,5,1"})
  void inputs(int groups, int kernel, int stride) {
    ConvShape s = shape(groups, kernel, stride, 24);
    float[] src = values(s.srcLength());
    int[] from = {3, 7, 0, 1, 2, 11, 10, 4, 5, 6, 8, 9};
    int[] again = {1, 0, 2, 3, 4, 5, 6, 7, 11, 10, 9, 8};
    for (WeightOrder order : new WeightOrder[] {WeightOrder.OIHW, WeightOrder.HWIO}) {
      ConvWeights w = ConvWeights.of(values(s.weightsLength()), order).withBias(values(24));
      float[] moved = moved(moved(src, from), again);
      float[] expected = run(s, w, moved);
      float[] actual = run(s, w.reading(s, again).reading(s, from), src);
      for (int i = 0; i < actual.length; i++) {
        assertThat(actual[i]).as("at %d", i).isCloseTo(expected[i], within(1e-5f));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,3", "12,3"})
  void outputs(int groups, int kernel) {
    ConvShape s = shape(groups, kernel, 1, CHANNELS);
    int[] from = {3, 7, 0, 1, 2, 11, 10, 4, 5, 6, 8, 9};
    float[] src = values(s.srcLength());
    WeightOrder[] orders =
        groups == 1 ? new WeightOrder[] {WeightOrder.OIHW, WeightOrder.HWIO} : WeightOrder.values();
    for (WeightOrder order : orders) {
      ConvWeights w = ConvWeights.of(values(s.weightsLength()), order).withBias(values(CHANNELS));
      float[] expected = moved(run(s, w, src), from);
      float[] reordered = groups == 1 ? src : moved(src, from);
      assertThat(run(s, w.reordered(s, from), reordered)).isEqualTo(expected);
    }
  }

  @Test
  void argumentsAreNamed() {
    ConvShape two = shape(2, 1, 1, CHANNELS);
    ConvWeights w = ConvWeights.of(new float[two.weightsLength()], WeightOrder.OIHW);
    int[] from = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> w.reading(two, from))
        .withMessageContaining("from = [0, 1, 2")
        .withMessageContaining("each of 0 to 11 once");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> w.reading(two, 0, 1))
        .withMessageContaining("from = [0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> w.reordered(two, from))
        .withMessageContaining("must have one group");
    from[11] = 11;
    ConvShape depthwise = shape(CHANNELS, 1, 1, CHANNELS);
    ConvWeights dw = ConvWeights.of(new float[CHANNELS], WeightOrder.HWC);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dw.reading(depthwise, from))
        .withMessageContaining("must not be depthwise");
    ConvShape other = ConvShape.builder(9, 7, 6).outChannels(CHANNELS).build();
    ConvWeights read = w.reading(two, from);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Convolutions.standard(other, read, ConvOptions.DEFAULT))
        .withMessageContaining("12 input channels");
    ConvShape asMany = shape(1, 1, 1, CHANNELS / 2);
    assertThatIllegalArgumentException()
        .as("as many weights in another number of groups")
        .isThrownBy(() -> Convolutions.standard(asMany, read, ConvOptions.DEFAULT))
        .withMessageContaining("weights are for 12 input channels in 2 groups");
  }

  private static ConvShape shape(int groups, int kernel, int stride, int outChannels) {
    return ConvShape.builder(9, 7, CHANNELS)
        .batch(2)
        .kernel(kernel)
        .stride(stride)
        .groups(groups)
        .outChannels(outChannels)
        .build();
  }

  private float[] values(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() - 0.5f;
    }
    return out;
  }

  private static float[] moved(float[] src, int[] from) {
    float[] out = new float[src.length];
    for (int i = 0; i < src.length; i++) {
      out[i] = src[i / CHANNELS * CHANNELS + from[i % CHANNELS]];
    }
    return out;
  }

  private static float[] run(ConvShape s, ConvWeights weights, float[] src) {
    ConvPlan plan =
        s.isDepthwise()
            ? Convolutions.depthwise(s, weights, ConvOptions.DEFAULT)
            : Convolutions.standard(
                s, weights, ConvOptions.DEFAULT.withActivation(Activation.RELU));
    float[] dst = new float[plan.dstLength()];
    plan.run(src, dst);
    return dst;
  }
}
