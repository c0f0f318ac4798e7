package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

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

  /** Where the rows of a matrix product lie, by which kernels and loops are chosen. */
  enum Fields {
    IN_PLACE,
    GATHERED,
    IN_RUNS,
    FUSED
  }

  /**
   * Kernels that clamp on the bits look at sums of their results for a NaN, which a clamp would
   * swallow: each place of each tile is the only NaN once, among infinities and numbers above zero.
   * All widths of panels; lines that fill tiles, and that leave each number of rows.
   */
  @ParameterizedTest
  @EnumSource(Fields.class)
  void theOnlyNanOfAMatrixTileSurvivesItsClamp(Fields fields) {
    int lanes = lanes();
    boolean inRuns = fields == Fields.IN_RUNS; // shorter lines and wider panels are gathered
    int narrowest = inRuns ? 13 : 1;
    for (int vectors = 1; vectors <= (inRuns ? 3 : 4); vectors++) {
      for (int width = narrowest; width < narrowest + 9; width++) {
        for (Activation clamp : clamps(vectors + width)) {
          checkProduct(fields, width, vectors * lanes - width % 2, clamp);
        }
      }
    }
  }

  /**
   * For each vector of columns there is one input whose weight is 0 in one of them: where it is
   * infinite, that column is NaN.
   */
  private static void checkProduct(Fields fields, int width, int columns, Activation clamp) {
    int kernel = fields == Fields.IN_RUNS ? 2 : 1;
    int stride = fields == Fields.GATHERED ? 2 : 1;
    int vectors = Math.ceilDiv(columns, lanes());
    int channels = Math.ceilDiv(vectors, kernel);
    float[] weights = ones(kernel * channels * columns);
    for (int v = 0; v < vectors; v++) {
      weights[v * columns + column(v, columns)] = 0;
    }
    ConvWeights w = ConvWeights.of(weights, WeightOrder.HWIO).withBias(ones(columns));
    ConvOptions options = ConvOptions.DEFAULT.withActivation(clamp);
    ConvShape.Builder b = ConvShape.builder(kernel, stride * width, channels);
    ConvPlan plan =
        switch (fields) {
          case IN_PLACE, GATHERED ->
              Convolutions.pointwise(b.stride(stride).outChannels(columns).build(), w, options);
          case IN_RUNS ->
              Convolutions.standard(
                  b.kernel(2, 1).padding(Padding.VALID).outChannels(columns).build(), w, options);
          case FUSED -> {
            ConvWeights same = ConvWeights.of(ones(channels), WeightOrder.HWC);
            yield Convolutions.separable(
                b.depthwise().build(), same, Activation.NONE, columns, w, options);
          }
        };
    if (fields == Fields.IN_RUNS && Backend.current().vectorBits() > 0) {
      assertThat(plan.toString()).contains("staged");
    }
    for (int row = 0; row < width; row++) {
      for (int v = 0; v < vectors; v++) {
        int pixel = v / channels * width + row * stride;
        int nan = row * columns + column(v, columns);
        checkOnlyNan(plan, pixel * channels + v % channels, i -> i == nan);
      }
    }
  }

  /** One of a vector's columns, another lane in each vector. */
  private static int column(int vector, int columns) {
    return Math.min(vector * (lanes() + 1), columns - 1);
  }

  private static float[] ones(int length) {
    float[] ones = new float[length];
    Arrays.fill(ones, 1);
    return ones;
  }

  /**
   * The same for depthwise kernels, alone and as a first stage; channels that fill vectors and that
   * do not, rows for one and two at once.
   */
  @ParameterizedTest
  @CsvSource({"2,1,1", "3,1,1", "3,2,1", "3,1,2", "5,1,1", "5,2,1", "6,1,1", "7,1,1"})
  void theOnlyNanOfADepthwiseTileSurvivesItsClamp(int kernel, int stride, int dilation) {
    for (int channels : new int[] {3, lanes() + 1}) {
      for (int height = 1; height <= 3; height += 2) {
        for (int width : new int[] {1, 2, 3, 4, 7, 9, 11}) {
          ConvShape shape =
              ConvShape.builder(height * stride, width * stride, channels)
                  .kernel(kernel)
                  .stride(stride)
                  .dilation(dilation)
                  .depthwise()
                  .build();
          for (Activation clamp : clamps(height + width)) {
            checkDepthwise(shape, clamp);
          }
        }
      }
    }
  }

  /** An output is NaN where the input at the middle of its kernel is infinite. */
  private static void checkDepthwise(ConvShape shape, Activation clamp) {
    int channels = shape.inChannels();
    int kernel = shape.kernelHeight();
    int middle = (kernel - 1) / 2;
    int middleTap = middle * kernel + middle;
    float[] weights = ones(shape.weightsLength());
    Arrays.fill(weights, middleTap * channels, (middleTap + 1) * channels, 0);
    ConvWeights w = ConvWeights.of(weights, WeightOrder.HWC).withBias(ones(channels));
    ConvOptions plain = ConvOptions.DEFAULT;
    ConvPlan alone = Convolutions.depthwise(shape, w, plain.withActivation(clamp));
    ConvWeights both = ConvWeights.of(ones(2 * channels), WeightOrder.HWIO);
    ConvPlan first = Convolutions.separable(shape, w, clamp, 2, both, plain);
    int down = middle * shape.dilationHeight() - shape.padTop();
    int right = middle * shape.dilationWidth() - shape.padLeft();
    for (int pixel = 0; pixel < shape.outHeight() * shape.outWidth(); pixel++) {
      int row = pixel / shape.outWidth() * shape.strideHeight() + down;
      int column = pixel % shape.outWidth() * shape.strideWidth() + right;
      int nanPixel = pixel;
      for (int c = (channels - 1) % lanes(); c < channels; c += lanes()) {
        int infinite = (row * shape.inWidth() + column) * channels + c;
        int nan = pixel * channels + c;
        checkOnlyNan(alone, infinite, i -> i == nan);
        checkOnlyNan(first, infinite, i -> i / 2 == nanPixel);
      }
    }
  }

  /** The clamp that most networks have, and another one of all in turn. */
  private static List<Activation> clamps(int turn) {
    List<Activation> all = TestActivations.ALL.stream().filter(Activation::isClamp).toList();
    return List.of(Activation.RELU6, all.get(turn % all.size()));
  }

  private static void checkOnlyNan(ConvPlan plan, int infinite, IntPredicate isNan) {
    float[] src = new float[plan.srcLength()];
    Arrays.fill(src, 0.01f);
    src[infinite] = Float.POSITIVE_INFINITY;
    float[] dst = new float[plan.dstLength()];
    plan.run(src, dst);
    for (int i = 0; i < dst.length; i++) {
      if (Float.isNaN(dst[i]) != isNan.test(i)) {
        throw new AssertionError(
            "src[%d] is infinite, dst[%d] is %s: %s".formatted(infinite, i, dst[i], plan));
      }
    }
  }

  /** All activations, each on one of some shapes with edges and tails in every dimension. */
  private static List<ConvCase> cases(Operator operator) {
    int lanes = lanes();
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

  /** Floats of a vector, or of the scalar kernels' blocks. */
  private static int lanes() {
    int bits = Backend.current().vectorBits();
    return bits == 0 ? 8 : bits / Float.SIZE;
  }

  private static Backend[] backends() {
    return Backend.current().vectorBits() == 0
        ? new Backend[] {Backend.scalar()}
        : new Backend[] {Backend.current(), Backend.scalar()};
  }
}
