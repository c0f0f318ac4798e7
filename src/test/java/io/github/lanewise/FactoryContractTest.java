package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every bad argument of everything that leads to a plan, and what a good one gives; {@link
 * ConvShapeTest} has the shapes' own.
 */
@Tag("backend")
class FactoryContractTest {
  private static final ConvShape DEPTHWISE =
      ConvShape.builder(6, 7, 4).kernel(3).depthwise(2).build();
  private static final ConvShape POINTWISE = ConvShape.builder(6, 7, 4).outChannels(8).build();
  private static final ConvShape STANDARD =
      ConvShape.builder(6, 7, 4).kernel(3).outChannels(8).build();
  private static final ConvOptions PLAIN = ConvOptions.DEFAULT;

  private static ConvWeights weights(int length, WeightOrder order) {
    return ConvWeights.of(new float[length], order);
  }

  private static ConvPlan separable(
      ConvShape shape, ConvWeights dw, Activation middle, int out, ConvWeights pw, ConvOptions o) {
    return Convolutions.separable(shape, dw, middle, out, pw, o);
  }

  @Test
  void nullsAreNamed() {
    ConvWeights dw = weights(72, WeightOrder.HWC);
    ConvWeights pw = weights(40, WeightOrder.HWIO);
    Activation none = Activation.NONE;
    isNull(() -> Convolutions.depthwise(null, dw, PLAIN), "shape");
    isNull(() -> Convolutions.depthwise(DEPTHWISE, null, PLAIN), "weights");
    isNull(() -> Convolutions.depthwise(DEPTHWISE, dw, null), "options");
    isNull(() -> Convolutions.pointwise(null, dw, PLAIN), "shape");
    isNull(() -> Convolutions.pointwise(POINTWISE, null, PLAIN), "weights");
    isNull(() -> Convolutions.pointwise(POINTWISE, weights(32, WeightOrder.OIHW), null), "options");
    isNull(() -> Convolutions.standard(null, dw, PLAIN), "shape");
    isNull(() -> Convolutions.standard(STANDARD, null, PLAIN), "weights");
    isNull(() -> Convolutions.standard(STANDARD, weights(288, WeightOrder.HWIO), null), "options");
    isNull(() -> separable(null, dw, none, 5, pw, PLAIN), "depthwise");
    isNull(() -> separable(DEPTHWISE, null, none, 5, pw, PLAIN), "depthwiseWeights");
    isNull(() -> separable(DEPTHWISE, dw, null, 5, pw, PLAIN), "middle");
    isNull(() -> separable(DEPTHWISE, dw, none, 5, null, PLAIN), "pointwiseWeights");
    isNull(() -> separable(DEPTHWISE, dw, none, 5, pw, null), "options");
    isNull(() -> ConvWeights.of(null, WeightOrder.HWC), "weights");
    isNull(() -> ConvWeights.of(new float[1], null), "order");
    isNull(() -> dw.withBias(null), "bias");
    isNull(() -> PLAIN.withActivation(null), "activation");
    isNull(() -> PLAIN.withExecutor(null, 2), "threads");
    isNull(() -> PLAIN.withBackend(null), "backend");
    isNull(() -> PLAIN.withWeights(null), "format");
    isNull(() -> Workspace.forPlans((ConvPlan[]) null), "plans");
    isNull(() -> Workspace.forPlans((ConvPlan) null), "plan");
    isNull(() -> Workspace.bytesForPlans((ConvPlan) null), "plan");
  }

  @Test
  void lengthsThatDoNotFitAreNamed() {
    for (WeightOrder order : WeightOrder.values()) {
      for (int length : new int[] {0, 71, 73}) {
        refuses(
            () -> Convolutions.depthwise(DEPTHWISE, weights(length, order), PLAIN),
            "weights.length = " + length,
            "72",
            DEPTHWISE.toString());
      }
    }
    refuses(
        () -> Convolutions.pointwise(POINTWISE, weights(33, WeightOrder.OIHW), PLAIN),
        "weights.length = 33",
        "32");
    refuses(
        () -> Convolutions.standard(STANDARD, weights(287, WeightOrder.HWIO), PLAIN),
        "weights.length = 287",
        "288");
    refuses(
        () ->
            Convolutions.depthwise(
                DEPTHWISE, weights(72, WeightOrder.HWC).withBias(new float[4]), PLAIN),
        "bias.length = 4",
        "8");
    refuses(
        () ->
            separable(
                DEPTHWISE,
                weights(72, WeightOrder.HWC),
                Activation.NONE,
                5,
                weights(41, WeightOrder.HWIO),
                PLAIN),
        "pointwiseWeights.length = 41",
        "40");
    refuses(
        () ->
            separable(
                DEPTHWISE,
                weights(72, WeightOrder.HWC),
                Activation.NONE,
                5,
                weights(40, WeightOrder.HWIO).withBias(new float[8]),
                PLAIN),
        "pointwiseWeights bias.length = 8",
        "5");
  }

  @Test
  void shapesAndOrdersOfAnotherOperatorAreNamed() {
    refuses(
        () -> Convolutions.depthwise(STANDARD, weights(72, WeightOrder.HWC), PLAIN),
        "groups = 1",
        "inChannels = 4");
    refuses(
        () ->
            separable(
                STANDARD,
                weights(72, WeightOrder.HWC),
                Activation.NONE,
                5,
                weights(40, WeightOrder.HWIO),
                PLAIN),
        "groups = 1",
        "inChannels = 4");
    refuses(
        () -> Convolutions.pointwise(STANDARD, weights(32, WeightOrder.HWIO), PLAIN),
        "shape = " + STANDARD,
        "pointwise");
    refuses(
        () -> Convolutions.standard(STANDARD, weights(288, WeightOrder.HWC), PLAIN),
        "HWC",
        "groups = 1",
        "inChannels = 4");
    refuses(
        () -> Convolutions.pointwise(POINTWISE, weights(32, WeightOrder.HWC), PLAIN),
        "HWC",
        "groups = 1");
    for (int outChannels : new int[] {0, -1}) {
      refuses(
          () ->
              separable(
                  DEPTHWISE,
                  weights(72, WeightOrder.HWC),
                  Activation.NONE,
                  outChannels,
                  weights(40, WeightOrder.HWIO),
                  PLAIN),
          "outChannels = " + outChannels,
          "1 or more");
    }
    refuses(() -> PLAIN.withExecutor(Runnable::run, 0), "degree = 0", "1 or more");
    refuses(Workspace::forPlans, "plans.length = 0");
  }

  /** A stride past the only output means nothing, however large. */
  @Test
  void aHugeStrideOfOneOutputIsNoSize() {
    for (int stride : new int[] {3, 1 << 28, Integer.MAX_VALUE}) {
      ConvShape s = ConvShape.builder(1, 1, 16).kernel(3).depthwise().stride(stride).build();
      float[] w = new float[9 * 16];
      Arrays.fill(w, 1);
      float[] src = new float[16];
      Arrays.fill(src, 2);
      float[] dst = new float[16];
      Convolutions.depthwise(s, ConvWeights.of(w, WeightOrder.HWC), PLAIN).run(src, dst);
      assertThat(dst).as("stride %d", stride).containsOnly(2);
      ConvShape full = ConvShape.builder(1, 1, 16).kernel(3).stride(stride).build();
      ConvWeights ones = ConvWeights.of(new float[9 * 256], WeightOrder.HWIO).withBias(src);
      Convolutions.standard(full, ones, PLAIN).run(src, dst);
      assertThat(dst).as("stride %d", stride).containsOnly(2);
    }
  }

  /** The second output's column is beyond 2^31 - 1 but for the padding. */
  @Test
  void aHugeStrideWithAsMuchPaddingReadsItsPixel() {
    ConvShape s =
        ConvShape.builder(1, 100, 1)
            .stride(1, 2_147_483_646)
            .padding(Padding.explicit(0, 2_147_483_598, 0, 0))
            .build();
    float[] src = new float[100];
    src[48] = 48;
    float[] one = {1};
    float[] dst = new float[2];
    Convolutions.standard(s, ConvWeights.of(one, WeightOrder.HWIO), PLAIN).run(src, dst);
    assertThat(dst).containsExactly(0, 48);
    Convolutions.depthwise(s, ConvWeights.of(one, WeightOrder.HWC), PLAIN).run(src, dst);
    assertThat(dst).containsExactly(0, 48);
  }

  /** Where a row that does not exist would lie, in a plan that reads its tensor in place. */
  @Test
  void aHugeStrideOfOneRowIsNoSize() {
    ConvShape s =
        ConvShape.builder(3, 17, 8)
            .kernel(3)
            .stride(1 << 28, 2)
            .padding(Padding.VALID)
            .depthwise()
            .build();
    float[] ones = new float[s.weightsLength()];
    Arrays.fill(ones, 1);
    float[] src = new float[s.srcLength()];
    Arrays.fill(src, 2);
    float[] dst = new float[s.dstLength()];
    Convolutions.depthwise(s, ConvWeights.of(ones, WeightOrder.HWC), PLAIN).run(src, dst);
    assertThat(dst).containsOnly(18);
  }

  /** The pointwise stage of a separable plan has sizes of its own that may overflow. */
  @Test
  void sizesOfThePointwiseStageThatOverflowAreNamed() {
    ConvShape big = ConvShape.builder(40_000, 40_000, 1).build();
    refuses(
        () ->
            separable(
                big,
                weights(1, WeightOrder.HWC),
                Activation.NONE,
                2,
                weights(2, WeightOrder.HWIO),
                PLAIN),
        "output",
        "2^31 - 1");
  }

  @Test
  void batchNormArgumentsAreNamed() {
    ConvWeights w = weights(72, WeightOrder.HWC);
    float[] eight = {1, 1, 1, 1, 1, 1, 1, 1};
    float[] seven = new float[7];
    isNull(() -> w.foldBatchNorm(null, eight, eight, eight, eight, 0), "shape");
    isNull(() -> w.foldBatchNorm(DEPTHWISE, null, eight, eight, eight, 0), "gamma");
    isNull(() -> w.foldBatchNorm(DEPTHWISE, eight, null, eight, eight, 0), "beta");
    isNull(() -> w.foldBatchNorm(DEPTHWISE, eight, eight, null, eight, 0), "mean");
    isNull(() -> w.foldBatchNorm(DEPTHWISE, eight, eight, eight, null, 0), "variance");
    refuses(() -> w.foldBatchNorm(DEPTHWISE, seven, eight, eight, eight, 0), "gamma.length = 7");
    refuses(() -> w.foldBatchNorm(DEPTHWISE, eight, seven, eight, eight, 0), "beta.length = 7");
    refuses(() -> w.foldBatchNorm(DEPTHWISE, eight, eight, seven, eight, 0), "mean.length = 7");
    refuses(() -> w.foldBatchNorm(DEPTHWISE, eight, eight, eight, seven, 0), "variance.length = 7");
    refuses(() -> w.foldBatchNorm(DEPTHWISE, eight, eight, eight, new float[8], 0), "variance[0]");
    for (double epsilon : new double[] {-1e-9, Double.NaN, Double.POSITIVE_INFINITY}) {
      refuses(
          () -> w.foldBatchNorm(DEPTHWISE, eight, eight, eight, eight, epsilon),
          "epsilon = " + epsilon);
    }
  }

  /** (2 x + 3 y + 5) * 7 + 11 is 14 x + 21 y + 46. */
  @Test
  void aScaleIsFoldedIfEveryConstantIsAllowed() {
    ConvShape s = ConvShape.builder(1, 1, 2).outChannels(1).build();
    ConvWeights w = ConvWeights.of(new float[] {2, 3}, WeightOrder.OIHW).withBias(new float[] {5});
    float[] seven = {7};
    float[] eleven = {11};
    ConvWeights folded = w.foldScale(s, seven, eleven, any -> true).orElseThrow();
    float[] y = new float[1];
    Convolutions.standard(s, folded, PLAIN).run(new float[] {100, 10_000}, y);
    assertThat(y).containsExactly(211_446);
    for (double constant : new double[] {2, 3, 5, 7, 11, 14, 21, 46}) {
      assertThat(w.foldScale(s, seven, eleven, other -> other != constant))
          .as("without %s", constant)
          .isEmpty();
    }
    isNull(() -> w.foldScale(null, seven, eleven, any -> true), "shape");
    isNull(() -> w.foldScale(s, null, eleven, any -> true), "scale");
    isNull(() -> w.foldScale(s, seven, null, any -> true), "shift");
    isNull(() -> w.foldScale(s, seven, eleven, null), "isAllowed");
    refuses(() -> w.foldScale(s, new float[2], eleven, any -> true), "scale.length = 2");
    refuses(() -> w.foldScale(s, seven, new float[2], any -> true), "shift.length = 2");
  }

  /**
   * Against the definition: gamma * (conv(x) + bias - mean) / sqrt(variance + epsilon) + beta, on
   * numbers of which float32 is exact.
   */
  @Test
  void batchNormIsFoldedInEveryOrder() {
    for (WeightOrder order : WeightOrder.values()) {
      ConvShape s = order == WeightOrder.HWC ? DEPTHWISE : STANDARD;
      Operator operator = order == WeightOrder.HWC ? Operator.DEPTHWISE : Operator.STANDARD;
      ConvData data = ConvData.of(ConvCase.of(operator, s).withIntegers(true));
      float[] gamma = {1, 2, -1, 0.5f, 0, 3, 1, 1};
      float[] beta = {0, 1, 2, -3, 4, 5, -6, 7};
      float[] mean = {1, 0, -1, 2, 0.5f, 0, 0, 3};
      float[] variance = {1, 4, 0.25f, 4, 1, 0.25f, 4, 1};
      ConvWeights folded =
          ConvWeights.of(data.weights, order)
              .withBias(data.bias)
              .foldBatchNorm(s, gamma, beta, mean, variance, 0);
      ConvPlan plan =
          operator == Operator.DEPTHWISE
              ? Convolutions.depthwise(s, folded, PLAIN)
              : Convolutions.standard(s, folded, PLAIN);
      float[] actual = GuardedRun.run(plan, data, order.toString());
      double[] conv =
          NaiveConv.run(
                  s,
                  NaiveConv.widen(data.src),
                  NaiveConv.widen(data.weights),
                  order,
                  NaiveConv.widen(data.bias))
              .value;
      for (int i = 0; i < conv.length; i++) {
        int o = i % 8;
        double expected = gamma[o] * (conv[i] - mean[o]) / Math.sqrt(variance[o]) + beta[o];
        assertThat((double) actual[i]).as("%s [%d]", order, i).isEqualTo(expected);
      }
    }
  }

  @Test
  void plansSayWhatTheyAre() {
    Executor executor = Runnable::run;
    ConvCase c =
        ConvCase.of(Operator.SEPARABLE, DEPTHWISE, 5)
            .with(Activation.RELU6, Activation.HARD_SWISH, true);
    ConvPlan plan = ConvData.of(c).plan(c, PLAIN.withExecutor(executor, 2));
    assertThat(plan.shape()).isEqualTo(DEPTHWISE);
    assertThat(plan.outChannels()).isEqualTo(5);
    assertThat(plan.srcLength()).isEqualTo(6 * 7 * 4);
    assertThat(plan.dstLength()).isEqualTo(6 * 7 * 5);
    assertThat(plan.scratchBytes()).isEqualTo(plan.newWorkspace().bytes());
    assertThat(plan.toString())
        .contains("separable", DEPTHWISE.toString(), "5 channels", "hard-swish", "residual")
        .contains(Backend.current().name(), "scratch");
  }

  /** Depthwise kernels compute two rows at once: of a range of one, half their work is lost. */
  @Test
  void fusedRangesOfWideShapesAreWholePairsOfRows() {
    for (int size : new int[] {200, 256, 640}) {
      for (int stride = 1; stride <= 2; stride++) {
        ConvShape s =
            ConvShape.builder(size, size, 64).kernel(3).stride(stride).depthwise().build();
        for (int degree : new int[] {1, 2, 4}) {
          assertThat(fused(s, degree))
              .as(s + " on " + degree)
              .containsPattern("[02468] rows fused");
        }
      }
    }
  }

  private static String fused(ConvShape s, int degree) {
    return separable(
            s,
            weights(s.weightsLength(), WeightOrder.HWC),
            Activation.NONE,
            64,
            weights(s.inChannels() * 64, WeightOrder.HWIO),
            PLAIN.withExecutor(Runnable::run, degree))
        .toString();
  }

  /** Nothing of a plan's ranges overflows where its tensors are as long as an array can be. */
  @Test
  void theLargestTensorsHaveRanges() {
    ConvShape wide = ConvShape.builder(1, 2_147_483_600, 1).build();
    ConvShape tall = ConvShape.builder(2_147_483_640, 1, 1).build();
    ConvWeights one = weights(1, WeightOrder.HWIO);
    for (int degree : new int[] {1, 3}) {
      ConvOptions options = PLAIN.withExecutor(Runnable::run, degree);
      assertThat(Convolutions.pointwise(wide, one, options).toString())
          .containsPattern("[^-]480 pixels")
          .containsPattern("[^-]447392\\d row ranges on " + degree + " thread");
      ConvWeights channel = weights(1, WeightOrder.HWC);
      assertThat(Convolutions.depthwise(tall, channel, options).toString())
          .containsPattern("[^-]32 rows a range")
          .containsPattern(
              "[^-]%d row ranges on %d thread"
                  .formatted(degree == 1 ? 67108864 : 67108866, degree));
      assertThat(separable(tall, channel, Activation.NONE, 1, one, options).toString())
          .containsPattern("[^-]480 rows fused")
          .containsPattern("[^-]447392\\d row ranges on " + degree + " thread");
    }
  }

  /** More threads than there can be helpers would only cut the work into smaller pieces. */
  @Test
  void aHugeDegreeIsTakenForWhatThereCanBe() {
    ConvOptions options = PLAIN.withExecutor(Runnable::run, Integer.MAX_VALUE);
    int most = Math.max(64, 4 * Runtime.getRuntime().availableProcessors()) + 1;
    assertThat(options.parallelism()).isEqualTo(most);
    assertThat(PLAIN.withExecutor(Runnable::run, 7).parallelism()).isEqualTo(7);
  }

  /** Where each tap is in each slot of a ring as tall as the kernel would be 193 MB. */
  @Test
  void aHugeKernelKeepsItsRowsApart() {
    ConvShape s = ConvShape.builder(300, 300, 1).kernel(256).depthwise().build();
    assertThat(Convolutions.depthwise(s, weights(1 << 16, WeightOrder.HWC), PLAIN).toString())
        .contains("taps apart");
  }

  /** Weights are packed when the plan is made: what happens to the arrays later does not matter. */
  @Test
  void plansKeepNoCallersArray() {
    for (Operator operator : Operator.values()) {
      ConvShape s = operator.isDepthwiseShape() ? DEPTHWISE : POINTWISE;
      ConvCase c = ConvCase.of(operator, s);
      ConvData data = ConvData.of(c);
      ConvPlan plan = data.plan(c, PLAIN);
      float[] before = GuardedRun.run(plan, data, c.toString());
      Arrays.fill(data.weights, Float.NaN);
      Arrays.fill(data.bias, Float.NaN);
      if (operator == Operator.SEPARABLE) {
        Arrays.fill(data.pointwiseWeights, Float.NaN);
        Arrays.fill(data.pointwiseBias, Float.NaN);
      }
      GuardedRun.assertSameBits(GuardedRun.run(plan, data, c.toString()), before, c.toString());
    }
  }

  @Test
  void scratchPastAnArrayIsRefused() {
    ConvShape tall = ConvShape.builder(8, 8_000_000, 32).kernel(9).depthwise().build();
    ConvWeights w81 = weights(81 * 32, WeightOrder.HWC);
    refuses(() -> Convolutions.depthwise(tall, w81, PLAIN), "shape = " + tall, "2^31 - 1");
    ConvShape wide = ConvShape.builder(1, 60_000_000, 32).kernel(1, 3).depthwise().build();
    ConvWeights w3 = weights(3 * 32, WeightOrder.HWC);
    ConvWeights mix = weights(32 * 8, WeightOrder.HWIO);
    refuses(
        () -> separable(wide, w3, Activation.NONE, 8, mix, PLAIN), "shape = " + wide, "2^31 - 1");
    // what a plan reports as above; its weights alone would be half a gigabyte
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> new PackedDepthwise(new float[0], new float[1], 1 << 27, 32, 1));
  }

  private static void isNull(Supplier<?> action, String name) {
    assertThatNullPointerException().isThrownBy(action::get).withMessageContaining(name);
  }

  private static void refuses(Supplier<?> action, String... words) {
    assertThatIllegalArgumentException().isThrownBy(action::get).withMessageContainingAll(words);
  }
}
