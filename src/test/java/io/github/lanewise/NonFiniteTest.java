package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A NaN or infinity reaches exactly the outputs that depend on it: none of them is swallowed by an
 * activation, and none leaks through the padding of tiles and vectors into a neighbour.
 */
@Tag("backend")
class NonFiniteTest {
  private static final float[] POISONS = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
  };

  @ParameterizedTest
  @EnumSource(Operator.class)
  void poisonInTheInputReachesExactlyItsReceptiveField(Operator operator) {
    for (ConvCase c : cases(operator)) {
      ConvData data = ConvData.of(c);
      checkPoisons(c, data, data.src);
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void poisonInWeightsAndBiasReachesExactlyItsChannel(Operator operator) {
    for (ConvCase c : cases(operator)) {
      ConvData data = ConvData.of(c);
      checkPoisons(c, data, data.weights);
      checkPoisons(c, data, data.bias);
      if (operator == Operator.SEPARABLE) {
        checkPoisons(c, data, data.pointwiseWeights);
        checkPoisons(c, data, data.pointwiseBias);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void poisonInTheResidualReachesOneOutput(Operator operator) {
    for (ConvCase plain : cases(operator)) {
      ConvCase c = plain.with(plain.middle(), Activation.RELU6, true);
      ConvData data = ConvData.of(c);
      checkPoisons(c, data, data.residual);
    }
  }

  /** Products that overflow are infinite, as in a plain float loop, whatever the order of sums. */
  @ParameterizedTest
  @EnumSource(Operator.class)
  void productsThatOverflowBecomeInfinite(Operator operator) {
    for (ConvCase c : cases(operator)) {
      ConvData data = ConvData.of(c);
      // Of either sign, and too large for any weight and sum that is left to bring it back.
      for (float huge : new float[] {3e38f, -3e38f}) {
        data.src[data.src.length / 2] = huge;
        for (int i = 0; i < data.weights.length; i++) {
          data.weights[i] = Math.copySign(1e3f, data.weights[i]);
        }
        check(c, data, "src[" + data.src.length / 2 + "] = " + huge);
      }
    }
  }

  /**
   * Kernels look at products of two results for a NaN that their clamp would swallow: each place of
   * a tile is the only NaN once, among infinities and numbers above zero, whose products are none.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theOnlyNanOfADepthwiseTileSurvivesItsClamp(int stride) {
    int channels = 17;
    ConvShape shape =
        ConvShape.builder(3 * stride + 3, 4 * stride + 3, channels)
            .kernel(3)
            .stride(stride)
            .padding(Padding.VALID)
            .depthwise()
            .build();
    float[] weights = new float[9 * channels];
    Arrays.fill(weights, 0.1f);
    Arrays.fill(weights, 4 * channels, 5 * channels, 0); // in the middle: infinity times 0 is NaN
    float[] bias = new float[channels];
    Arrays.fill(bias, 1);
    ConvWeights w = ConvWeights.of(weights, WeightOrder.HWC).withBias(bias);
    ConvOptions relu6 = ConvOptions.DEFAULT.withActivation(Activation.RELU6);
    ConvPlan plan = Convolutions.depthwise(shape, w, relu6);
    float[] src = new float[plan.srcLength()];
    float[] dst = new float[plan.dstLength()];
    for (int pixel = 0; pixel < shape.outHeight() * shape.outWidth(); pixel++) {
      Arrays.fill(src, 0.5f);
      int row = pixel / shape.outWidth() * stride + 1;
      int middle = row * shape.inWidth() + pixel % shape.outWidth() * stride + 1;
      Arrays.fill(src, middle * channels, (middle + 1) * channels, Float.POSITIVE_INFINITY);
      plan.run(src, dst);
      for (int i = 0; i < dst.length; i++) {
        assertThat(Float.isNaN(dst[i]))
            .as("NaN at %d, dst[%d]", pixel, i)
            .isEqualTo(i / channels == pixel);
      }
    }
  }

  /** All activations, each on one of some shapes with edges and tails in every dimension. */
  private static List<ConvCase> cases(Operator operator) {
    int bits = Backend.current().vectorBits();
    int lanes = bits == 0 ? 8 : bits / Float.SIZE;
    List<ConvShape> shapes = new ArrayList<>();
    boolean one = operator == Operator.POINTWISE;
    for (int k : new int[] {3, 2, 5, 7}) {
      for (int stride = 1; stride <= 2; stride++) {
        for (int dilation = 1; dilation <= 2; dilation++) {
          Padding far = Padding.explicit(k, k - 1, k - 2, k - 1);
          ConvShape.Builder b =
              ConvShape.builder(4, 5, dilation == 1 ? lanes + 1 : 3)
                  .batch(2)
                  .kernel(one ? 1 : k)
                  .stride(stride)
                  .dilation(dilation)
                  .padding(one || dilation == 1 ? Padding.SAME : far);
          shapes.add(
              operator.isDepthwiseShape()
                  ? b.depthwise(stride).build()
                  : b.outChannels(lanes + 3).build());
        }
      }
    }
    List<ConvCase> cases = new ArrayList<>();
    List<Activation> all = TestActivations.ALL;
    for (int i = 0; i < all.size(); i++) {
      ConvCase plain = ConvCase.of(operator, shapes.get(i % shapes.size()));
      if (operator == Operator.SEPARABLE) {
        plain = ConvCase.of(operator, plain.shape(), 2 * lanes + 1);
      }
      cases.add(plain.with(all.get((i + 4) % all.size()), all.get(i), false));
    }
    return cases;
  }

  /** Puts each poison at a few places of an array of the data, one at a time. */
  private static void checkPoisons(ConvCase c, ConvData data, float[] array) {
    Set<Integer> places =
        new LinkedHashSet<>(List.of(0, array.length / 3, array.length / 2, array.length - 1));
    Backend[] backends = backends();
    float[][] clean = new float[backends.length][];
    for (int b = 0; b < backends.length; b++) {
      clean[b] = run(c, data, backends[b]);
    }
    for (int place : places) {
      float saved = array[place];
      boolean[] reached = null;
      for (float poison : POISONS) {
        array[place] = poison;
        if (reached == null) {
          reached = reachOfNan(c, data);
        }
        String name = "[" + place + "] of " + array.length + " = " + poison;
        Expected expected = Expected.of(c, data);
        for (int b = 0; b < backends.length; b++) {
          check(run(c, data, backends[b]), expected, clean[b], reached, c + " " + name);
        }
      }
      array[place] = saved;
    }
  }

  /** What depends on the NaN in the data, by the definition without activations. */
  private static boolean[] reachOfNan(ConvCase c, ConvData data) {
    Expected linear = Expected.of(c.with(Activation.NONE, Activation.NONE, c.residual()), data);
    boolean[] reached = new boolean[linear.value.length];
    for (int i = 0; i < reached.length; i++) {
      reached[i] = Double.isNaN(linear.value[i]);
    }
    return reached;
  }

  private static void check(ConvCase c, ConvData data, String name) {
    Expected expected = Expected.of(c, data);
    for (Backend backend : backends()) {
      check(run(c, data, backend), expected, null, null, c + " " + name + " " + backend);
    }
  }

  private static void check(
      float[] actual, Expected expected, float[] clean, boolean[] reached, String name) {
    for (int i = 0; i < actual.length; i++) {
      if (!expected.accepts(i, actual[i])) {
        throw new AssertionError(
            "dst[%d] is %s, not %s: %s".formatted(i, actual[i], expected.value[i], name));
      }
      if (reached != null && !reached[i] && Float.compare(actual[i], clean[i]) != 0) {
        throw new AssertionError(
            "dst[%d] changed from %s to %s, but does not depend on it: %s"
                .formatted(i, clean[i], actual[i], name));
      }
    }
  }

  private static float[] run(ConvCase c, ConvData data, Backend backend) {
    ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withBackend(backend));
    return GuardedRun.run(plan, data, c.toString());
  }

  private static Backend[] backends() {
    return Backend.current().vectorBits() == 0
        ? new Backend[] {Backend.scalar()}
        : new Backend[] {Backend.current(), Backend.scalar()};
  }
}
