package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Slopes by channel after a convolution: the bits of the plan without, and then the definition. */
@Tag("backend")
class PreluTest {

  /** Few channels, more than a vector, not whole vectors, and more than are repeated. */
  private static final int[] CHANNELS = {1, 3, 8, 37, 300};

  private static float[] slopes(int n) {
    Random random = new Random(n);
    float[] slope = new float[n];
    for (int c = 0; c < n; c++) {
      slope[c] = c % 7 == 3 ? Float.POSITIVE_INFINITY : random.nextFloat() * 3 - 1;
    }
    return slope;
  }

  private static List<ConvCase> cases(Operator operator) {
    List<ConvCase> cases = new ArrayList<>();
    for (int channels : CHANNELS) {
      int in = operator == Operator.STANDARD ? Math.min(8, channels) : channels;
      ConvShape.Builder b = ConvShape.builder(9, 7, in).batch(2);
      if (operator != Operator.POINTWISE) {
        b.kernel(3);
      }
      boolean isDepthwise = operator.isDepthwiseShape();
      ConvShape s = (isDepthwise ? b.depthwise() : b.outChannels(channels)).build();
      cases.add(ConvCase.of(operator, s));
      if (operator == Operator.STANDARD && channels == 8) {
        cases.add(ConvCase.of(operator, b.groups(2).build()));
      }
    }
    return cases;
  }

  /** NaN and infinities among the inputs, so that some results are. */
  private static float[] run(ConvPlan plan, ConvData data, float[] residual) {
    float[] src = data.src.clone();
    src[0] = Float.NaN;
    src[src.length / 2] = Float.NEGATIVE_INFINITY;
    float[] dst = new float[plan.dstLength()];
    plan.run(src, 0, residual, 0, dst, 0);
    return dst;
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void slopesFollowTheConvolution(Operator operator) {
    for (ConvCase c : cases(operator)) {
      for (Backend backend : List.of(Backend.current(), Backend.scalar())) {
        for (Residual place : Residual.values()) {
          ConvCase placed = c.with(Activation.RELU, Activation.NONE, place);
          ConvData data = ConvData.of(placed);
          float[] slope = slopes(c.outChannels());
          ConvOptions options = ConvOptions.DEFAULT.withBackend(backend);
          ConvCase bare = placed.with(Activation.RELU, Activation.NONE, Residual.NONE);
          float[] expected = run(data.plan(bare, options), data, null);
          for (int i = 0; i < expected.length; i++) {
            if (place == Residual.BEFORE_ACTIVATION) {
              expected[i] += data.residual[i];
            }
            if (expected[i] < 0) {
              expected[i] *= slope[i % slope.length];
            }
            if (place == Residual.AFTER_ACTIVATION) {
              expected[i] += data.residual[i];
            }
          }
          for (int threads = 1; threads <= 3; threads += 2) {
            ConvOptions prelu = options.withPrelu(slope).withExecutor(Runnable::run, threads);
            float[] actual = run(data.plan(placed, prelu), data, data.residual);
            assertThat(actual).as("%s on %s", placed, backend).isEqualTo(expected);
          }
        }
      }
    }
  }

  @Test
  void slopesAreCheckedAndCopied() {
    ConvShape s = ConvShape.builder(2, 2, 3).outChannels(2).build();
    ConvWeights w = ConvWeights.of(new float[] {1, 0, 0, 0, 1, 0}, WeightOrder.OIHW);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Convolutions.pointwise(s, w, ConvOptions.DEFAULT.withPrelu(1, 2, 3)))
        .withMessage("slopes.length = 3 must be 2 (outChannels)");
    assertThatNullPointerException()
        .isThrownBy(() -> ConvOptions.DEFAULT.withPrelu((float[]) null))
        .withMessage("slopes is null");
    float[] slope = {2, 3};
    ConvOptions options = ConvOptions.DEFAULT.withActivation(Activation.RELU).withPrelu(slope);
    slope[0] = 9;
    ConvPlan plan = Convolutions.pointwise(s, w, options);
    assertThat(plan.toString()).contains("activation prelu");
    float[] dst = new float[8];
    plan.run(new float[] {-1, -1, 5, 1, 1, 5, -2, 2, 5, 2, -2, 5}, dst);
    assertThat(dst).containsExactly(-2, -3, 1, 1, -4, 2, 2, -6);
  }

  /** The last one counts, as of two activations. */
  @Test
  void anActivationTakesThePlaceOfSlopes() {
    ConvOptions options = ConvOptions.DEFAULT.withPrelu(1, 2);
    assertThat(options.hasPrelu()).isTrue();
    assertThat(options.activation()).isEqualTo(Activation.NONE);
    options = options.withActivation(Activation.RELU);
    assertThat(options.hasPrelu()).isFalse();
    assertThat(options.withPrelu(1).activation()).isEqualTo(Activation.NONE);
  }
}
