package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights as float16: the bits of a float32 plan for the rounded weights, in half the memory. */
@Tag("backend")
class WeightFormatTest {
  private static final WeightFormat HALF = WeightFormat.FLOAT16;

  private static List<Backend> backends() {
    Backend current = Backend.current();
    return current.vectorBits() == 0 ? List.of(current) : List.of(current, Backend.scalar());
  }

  private static float rounded(float weight) {
    return Float.float16ToFloat(Float.floatToFloat16(weight));
  }

  private static void round(float[] weights) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] = rounded(weights[i]);
    }
  }

  /** Like the rounded ones of the same data in the plans that have them as float32. */
  private static ConvData rounded(ConvCase c) {
    ConvData data = ConvData.of(c);
    if (c.operator() == Operator.SEPARABLE) {
      round(data.pointwiseWeights);
    } else if (c.operator() != Operator.DEPTHWISE) {
      round(data.weights);
    }
    return data;
  }

  private static void check(ConvCase c, ConvOptions options) {
    ConvData halves = ConvData.of(c);
    ConvData floats = rounded(c);
    float[] actual = new float[0];
    float[] expected = new float[0];
    for (Backend backend : backends()) {
      ConvOptions on = options.withBackend(backend);
      ConvPlan plan = halves.plan(c, on.withWeights(HALF));
      ConvPlan reference = floats.plan(c, on);
      actual = new float[plan.dstLength()];
      expected = new float[plan.dstLength()];
      plan.run(halves.src, 0, halves.residual, 0, actual, 0);
      reference.run(floats.src, 0, floats.residual, 0, expected, 0);
      assertThat(actual).as("%s by %s", c, plan).isEqualTo(expected);
      checkPlanes(c, halves, plan, reference);
    }
  }

  private static void checkPlanes(ConvCase c, ConvData data, ConvPlan plan, ConvPlan reference) {
    if (plan.ofPlanes().isPresent()) {
      float[] planes = ConvData.planes(plan.shape(), data.src);
      float[] actual = new float[plan.dstLength()];
      float[] expected = new float[plan.dstLength()];
      plan.ofPlanes().get().run(planes, 0, data.residual, 0, actual, 0);
      reference.ofPlanes().orElseThrow().run(planes, 0, data.residual, 0, expected, 0);
      assertThat(actual).as("planes, %s by %s", c, plan).isEqualTo(expected);
    }
  }

  /** Every shape that the other tests have, of small ones. */
  @ParameterizedTest
  @EnumSource(Operator.class)
  void theBitsAreThoseOfTheRoundedWeights(Operator operator) {
    TestBudget budget = TestBudget.current();
    int bits = Backend.current().vectorBits();
    ShapeGrammar grammar =
        new ShapeGrammar(operator, bits == 0 ? 8 : bits / Float.SIZE, TestBudget.SEED);
    List<ConvCase> cases = new ArrayList<>(grammar.systematic());
    for (int i = 0; i < budget.random(); i++) {
      cases.add(grammar.random(budget.multiplications()));
    }
    Random random = new Random(TestBudget.SEED);
    for (int i = random.nextInt(budget.every()); i < cases.size(); i += budget.every()) {
      List<Activation> all = TestActivations.ALL;
      Activation middle = all.get(random.nextInt(all.size()));
      ConvCase c = cases.get(i);
      check(c.with(middle, all.get(random.nextInt(all.size())), c.residual()), ConvOptions.DEFAULT);
    }
  }

  /** One output pixel, where each weight is read once: dense, gathered, grouped, fused. */
  @Test
  void theBitsOfOneRowAreThoseOfTheRoundedWeights() {
    for (int depth = 1; depth <= 9; depth++) {
      for (int columns : new int[] {1, 7, 24, 1001, 1024, 1025, 2050}) {
        ConvShape s = ConvShape.builder(1, 1, depth).outChannels(columns).build();
        check(ConvCase.of(Operator.POINTWISE, s), ConvOptions.DEFAULT);
        check(
            ConvCase.of(Operator.POINTWISE, s).with(Activation.NONE, Activation.RELU6, true),
            ConvOptions.DEFAULT);
      }
      ConvShape.Builder field = ConvShape.builder(3, 3, 2 * depth).kernel(3);
      ConvShape gathered = field.padding(Padding.VALID).outChannels(50).build();
      check(ConvCase.of(Operator.STANDARD, gathered), ConvOptions.DEFAULT);
      ConvShape grouped = field.groups(2).build();
      check(ConvCase.of(Operator.STANDARD, grouped), ConvOptions.DEFAULT);
      ConvShape fused = ConvShape.builder(1, 1, depth).kernel(3).depthwise().build();
      check(ConvCase.of(Operator.SEPARABLE, fused, 30), ConvOptions.DEFAULT);
    }
    float[] slope = new float[30];
    Arrays.fill(slope, 0.25f);
    ConvShape s = ConvShape.builder(1, 1, 20).outChannels(30).build();
    check(ConvCase.of(Operator.POINTWISE, s), ConvOptions.DEFAULT.withPrelu(slope));
  }

  /** Convolutions that a pool follows keep their weights so, too. */
  @Test
  void pooledPlans() {
    ConvShape s = ConvShape.builder(9, 11, 3).kernel(3).outChannels(20).build();
    ConvShape window = ConvShape.builder(9, 11, 20).kernel(2).depthwise().build();
    ConvCase c = ConvCase.of(Operator.STANDARD, s);
    for (Backend backend : backends()) {
      ConvOptions on = ConvOptions.DEFAULT.withBackend(backend);
      ConvPlan plan = Convolutions.pooled(s, weights(ConvData.of(c)), window, on.withWeights(HALF));
      ConvPlan reference = Convolutions.pooled(s, weights(rounded(c)), window, on);
      float[] src = ConvData.of(c).src;
      float[] actual = new float[plan.dstLength()];
      float[] expected = new float[plan.dstLength()];
      plan.run(src, actual);
      reference.run(src, expected);
      assertThat(actual).isEqualTo(expected);
    }
  }

  private static ConvWeights weights(ConvData data) {
    return ConvWeights.of(data.weights, WeightOrder.HWIO).withBias(data.bias);
  }

  /** Each of a float16's values is kept: zeros of either sign, denormals, infinities, NaN. */
  @Test
  void everyFloat16IsKept() {
    int n = 1 << Short.SIZE;
    float[] weights = new float[n];
    for (int i = 0; i < n; i++) {
      weights[i] = Float.float16ToFloat((short) i);
    }
    for (int rows = 1; rows <= 2; rows++) {
      float[] expected = new float[rows * n];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = weights[i % n] + 0f; // the sum begins with 0, which a weight of -0 leaves
      }
      ConvShape s = ConvShape.builder(1, rows, 1).outChannels(n).build();
      for (Backend backend : backends()) {
        ConvPlan plan =
            Convolutions.pointwise(
                s,
                ConvWeights.of(weights, WeightOrder.HWIO),
                ConvOptions.DEFAULT.withBackend(backend).withWeights(HALF));
        float[] dst = new float[rows * n];
        plan.run(new float[] {1, 1}, dst);
        assertThat(dst).as("%s", plan).isEqualTo(expected);
      }
    }
  }

  @Test
  void weightsThatWouldBecomeInfiniteAreNamed() {
    ConvShape s = ConvShape.builder(2, 2, 3).outChannels(5).build();
    ConvOptions half = ConvOptions.DEFAULT.withWeights(HALF);
    for (float large : new float[] {65520, -65520, 1e30f, -Float.MAX_VALUE}) {
      float[] weights = new float[15];
      weights[8] = large;
      for (WeightOrder order : List.of(WeightOrder.HWIO, WeightOrder.OIHW)) {
        ConvWeights w = ConvWeights.of(weights, order);
        int channel = order == WeightOrder.HWIO ? 3 : 2;
        assertThatIllegalArgumentException()
            .isThrownBy(() -> Convolutions.pointwise(s, w, half))
            .withMessage(
                "weights[8] = %s of output channel %d must be at most 65504, or infinite, for"
                    + " FLOAT16",
                large, channel);
        Convolutions.pointwise(s, w, ConvOptions.DEFAULT);
      }
    }
  }

  /** By every operator that has such weights; filters of depthwise ones are none. */
  @Test
  void everyOperatorNamesThem() {
    ConvOptions half = ConvOptions.DEFAULT.withWeights(HALF);
    float[] large = new float[36];
    large[35] = 1e6f;
    ConvShape depthwise = ConvShape.builder(4, 4, 4).kernel(3).depthwise().build();
    ConvWeights filters = ConvWeights.of(large, WeightOrder.OIHW);
    Convolutions.depthwise(depthwise, filters, half);
    ConvWeights pointwise = ConvWeights.of(Arrays.copyOfRange(large, 20, 36), WeightOrder.OIHW);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Convolutions.separable(depthwise, filters, Activation.NONE, 4, pointwise, half))
        .withMessageStartingWith("pointwiseWeights[15] = 1000000.0 of output channel 3 ");
    ConvShape standard = ConvShape.builder(4, 4, 1).kernel(3).outChannels(4).build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Convolutions.standard(standard, filters, half))
        .withMessageStartingWith("weights[35] = 1000000.0 of output channel 3 ");
    ConvShape window = ConvShape.builder(4, 4, 4).kernel(2).depthwise().build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Convolutions.pooled(standard, filters, window, half))
        .withMessageStartingWith("weights[35] = 1000000.0 of output channel 3 ");
  }

  /** Whatever thread widens a panel has scratch of its own for it. */
  @ParameterizedTest
  @EnumSource(Operator.class)
  void theBitsAreTheSameOnSeveralThreads(Operator operator) {
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (int channels : new int[] {5, 70, 300}) {
        ConvShape.Builder b = ConvShape.builder(30, 29, channels);
        if (operator != Operator.POINTWISE) {
          b.kernel(3);
        }
        ConvShape s = (operator.isDepthwiseShape() ? b.depthwise() : b.outChannels(50)).build();
        int out = operator == Operator.SEPARABLE ? 50 : s.outChannels();
        check(ConvCase.of(operator, s, out), ConvOptions.DEFAULT.withExecutor(threads, 3));
      }
    }
  }

  /** Besides the biases, which are float32. */
  @Test
  void weightsTakeHalfTheMemory() throws IllegalAccessException {
    List<ConvCase> cases =
        List.of(
            ConvCase.of(Operator.POINTWISE, ConvShape.builder(5, 5, 512).outChannels(96).build()),
            ConvCase.of(Operator.POINTWISE, ConvShape.builder(1, 1, 512).outChannels(96).build()),
            ConvCase.of(
                Operator.STANDARD, ConvShape.builder(5, 5, 64).kernel(3).outChannels(96).build()),
            ConvCase.of(
                Operator.STANDARD,
                ConvShape.builder(5, 5, 512).groups(2).outChannels(192).build()));
    for (ConvCase c : cases) {
      ConvData data = ConvData.of(c);
      for (Backend backend : backends()) {
        ConvOptions on = ConvOptions.DEFAULT.withBackend(backend);
        long floats = HeldArrays.bytes(data.plan(c, on));
        long halves = HeldArrays.bytes(data.plan(c, on.withWeights(HALF)));
        assertThat(floats).isGreaterThanOrEqualTo(4L * data.weights.length);
        assertThat(halves)
            .as("%s on %s", c, backend)
            .isBetween(floats * 49 / 100, floats * 51 / 100);
      }
    }
    ConvShape depthwise = ConvShape.builder(5, 5, 512).kernel(3).depthwise().build();
    ConvCase filters = ConvCase.of(Operator.DEPTHWISE, depthwise);
    ConvCase fused = ConvCase.of(Operator.SEPARABLE, depthwise, 96);
    long own = HeldArrays.bytes(ConvData.of(filters).plan(filters, ConvOptions.DEFAULT));
    long floats = HeldArrays.bytes(ConvData.of(fused).plan(fused, ConvOptions.DEFAULT)) - own;
    ConvPlan plan = ConvData.of(fused).plan(fused, ConvOptions.DEFAULT.withWeights(HALF));
    assertThat(HeldArrays.bytes(plan) - own).isBetween(floats * 49 / 100, floats * 51 / 100);
  }

  /** Also those of another plan, for which their rows lie the same way. */
  @Test
  void equalWeightsAreInMemoryOnce() throws IllegalAccessException {
    ConvCase c =
        ConvCase.of(Operator.POINTWISE, ConvShape.builder(5, 5, 300).outChannels(96).build());
    for (Backend backend : backends()) {
      ConvOptions half = ConvOptions.DEFAULT.withBackend(backend).withWeights(HALF);
      ConvPlan one = ConvData.of(c).plan(c, half);
      ConvPlan other = ConvData.of(c).plan(c, half);
      assertThat(HeldArrays.bytes(one, other)).isEqualTo(HeldArrays.bytes(one));
      ConvData changed = ConvData.of(c);
      changed.weights[changed.weights.length - 1]++;
      assertThat(HeldArrays.bytes(one, changed.plan(c, half)))
          .isGreaterThan(HeldArrays.bytes(one) * 3 / 2);
    }
  }

  /** A workspace is as large as a panel that is widened needs, and says when it is not. */
  @Test
  void scratchHoldsAWidenedPanel() {
    ConvCase c =
        ConvCase.of(Operator.POINTWISE, ConvShape.builder(3, 5, 700).outChannels(50).build());
    ConvData data = ConvData.of(c);
    for (Backend backend : backends()) {
      ConvOptions on = ConvOptions.DEFAULT.withBackend(backend);
      ConvPlan floats = data.plan(c, on);
      ConvPlan halves = data.plan(c, on.withWeights(HALF));
      assertThat(halves.scratchBytes()).isGreaterThan(floats.scratchBytes());
      float[] dst = new float[halves.dstLength()];
      assertThatIllegalArgumentException()
          .isThrownBy(() -> halves.run(data.src, 0, null, 0, dst, 0, floats.newWorkspace()))
          .withMessageContaining("newWorkspace()");
      float[] expected = new float[halves.dstLength()];
      halves.run(data.src, expected);
      halves.run(data.src, 0, null, 0, dst, 0, Workspace.forPlans(floats, halves));
      assertThat(dst).isEqualTo(expected);
    }
  }

  @Test
  void optionsSayTheirFormat() {
    ConvOptions half = ConvOptions.DEFAULT.withWeights(HALF);
    assertThat(ConvOptions.DEFAULT.weights()).isEqualTo(WeightFormat.FLOAT32);
    for (ConvOptions o :
        List.of(
            half,
            half.withActivation(Activation.RELU),
            half.withPrelu(1),
            half.withResidual(Residual.AFTER_ACTIVATION),
            half.withExecutor(Runnable::run, 2),
            half.withExecutor(Runnable::run, 2).sequential(),
            half.withBackend(Backend.scalar()))) {
      assertThat(o.weights()).isEqualTo(HALF);
      assertThat(o.toString()).contains(", FLOAT16 weights, ");
    }
    assertThat(ConvOptions.DEFAULT.toString()).doesNotContain("weights");
    ConvShape s = ConvShape.builder(3, 5, 7).outChannels(9).build();
    ConvPlan plan =
        Convolutions.pointwise(s, ConvWeights.of(new float[63], WeightOrder.OIHW), half);
    assertThat(plan.kernels()).contains("as float16");
  }

  @Test
  void optionsAreEqualWhereTheySayTheSame() {
    ConvOptions plain = ConvOptions.DEFAULT;
    assertThat(plain.withWeights(HALF).withWeights(WeightFormat.FLOAT32))
        .isEqualTo(plain)
        .hasSameHashCodeAs(plain);
    ConvOptions threads = plain.withExecutor(Runnable::run, 2);
    assertThat(threads.withWeights(HALF).withWeights(WeightFormat.FLOAT32)).isEqualTo(threads);
    assertThat(plain.withPrelu(1, 2)).isEqualTo(plain.withPrelu(1, 2));
    for (ConvOptions other :
        List.of(
            plain.withWeights(HALF),
            plain.withActivation(Activation.RELU),
            plain.withPrelu(1),
            plain.withResidual(Residual.AFTER_ACTIVATION),
            threads,
            plain.withBackend(Backend.scalar()))) {
      assertThat(other).isNotEqualTo(plain).isNotEqualTo(null);
    }
    assertThat(threads).isNotEqualTo(plain.withExecutor(Runnable::run, 2));
    assertThat(plain.withPrelu(1)).isNotEqualTo(plain.withPrelu(2));
  }
}
