package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The values of every activation, through every operator that applies one, on both backends. */
@Tag("backend")
class ActivationTest {
  private static final float[] SPECIAL = {
    0f,
    -0f,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    -Float.MIN_NORMAL,
    3f,
    -3f,
    Math.nextUp(3f),
    Math.nextDown(-3f),
    6f,
    Math.nextUp(6f),
    Math.nextDown(6f),
    // where exp(-x) leaves the floats: above the largest, below the smallest normal, below them all
    -87.3f,
    -88.7f,
    -88.8f,
    -103f,
    -104f,
    88.7f,
    88.8f,
    104f,
    1e10f,
    -1e10f,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.NaN
  };

  static List<Activation> activations() {
    return TestActivations.ALL;
  }

  @ParameterizedTest
  @MethodSource("activations")
  void valuesFollowTheDefinition(Activation activation) {
    float[] samples = samples();
    for (Operator operator : Operator.values()) {
      checkBoth(identity(operator, samples.length).with(Activation.NONE, activation, false));
    }
    ConvCase separable = identity(Operator.SEPARABLE, samples.length);
    checkBoth(separable.with(activation, Activation.NONE, false));
  }

  /** One channel, 1x1: what goes in comes out, through the activation. */
  private static ConvCase identity(Operator operator, int length) {
    ConvShape.Builder shape = ConvShape.builder(1, length, 1);
    return ConvCase.of(operator, shape.build());
  }

  private static void checkBoth(ConvCase c) {
    check(c, Backend.scalar());
    if (Backend.current().vectorBits() != 0) {
      check(c, Backend.current());
    }
  }

  private static void check(ConvCase c, Backend backend) {
    ConvData data = ConvData.of(c);
    float[] x = samples();
    Arrays.fill(data.weights, 1);
    Arrays.fill(data.bias, -0f); // the one number that leaves every other as it is, -0.0 too
    if (c.operator() == Operator.SEPARABLE) {
      Arrays.fill(data.pointwiseWeights, 1);
      Arrays.fill(data.pointwiseBias, -0f);
    }
    ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withBackend(backend));
    float[] y = GuardedRun.run(plan, x, null, c.toString());
    Activation a = c.activation().equals(Activation.NONE) ? c.middle() : c.activation();
    checkValues(a, x, y, "on %s, in %s".formatted(backend, c));
  }

  private static void checkValues(Activation a, float[] x, float[] y, String where) {
    for (int i = 0; i < x.length; i++) {
      double exact = NaiveConv.activate(a, x[i]);
      double tolerance = Expected.ownError(a, x[i], exact);
      boolean ok =
          Math.abs(exact) <= Float.MAX_VALUE // false for NaN
              ? Math.abs(y[i] - exact) <= tolerance
              : Float.compare((float) exact, y[i]) == 0;
      // A clamp is exact to the bit.
      ok &= !a.isClamp() || Float.compare((float) exact, y[i]) == 0;
      if (!ok) {
        throw new AssertionError(
            "%s(%s) is %s, not %s within %.3g, %s"
                .formatted(a, x[i], y[i], exact, tolerance, where));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("activations")
  void backendsApplyItInPlaceAndTouchNothingElse(Activation activation) {
    float[] samples = samples();
    for (int n = 0; n < 70; n++) {
      checkInPlace(activation, Arrays.copyOfRange(samples, 5 * n, 6 * n));
    }
    checkInPlace(activation, samples);
  }

  private static void checkInPlace(Activation activation, float[] x) {
    int before = 3;
    for (Backend backend : List.of(Backend.scalar(), Backend.current())) {
      float[] data = new float[before + x.length + 40];
      Arrays.fill(data, -7.5f); // what every activation but none changes
      System.arraycopy(x, 0, data, before, x.length);
      float[] expected = data.clone();
      backend.activate(activation, data, before, x.length);
      float[] y = Arrays.copyOfRange(data, before, before + x.length);
      String where = "%d in place on %s".formatted(x.length, backend);
      checkValues(activation, x, y, where);
      System.arraycopy(y, 0, expected, before, y.length);
      assertThat(data).as("%s, %s", activation, where).isEqualTo(expected);
    }
  }

  @Test
  void rangesMustLieInTheArrayWhateverTheActivation() {
    for (Activation activation : List.of(Activation.NONE, Activation.SILU)) {
      for (Backend backend : List.of(Backend.scalar(), Backend.current())) {
        float[] data = new float[4];
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> backend.activate(activation, data, 1, 4))
            .withMessageContainingAll("dataOffset = 1", "4 floats", "length 4");
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> backend.activate(activation, data, -1, 2))
            .withMessageContaining("dataOffset = -1");
        assertThatIllegalArgumentException()
            .isThrownBy(() -> backend.activate(activation, data, 0, -1))
            .withMessageContaining("count = -1");
        assertThatNullPointerException()
            .isThrownBy(() -> backend.activate(activation, null, 0, 0))
            .withMessageContaining("data");
      }
    }
    assertThatNullPointerException()
        .isThrownBy(() -> Backend.current().activate(null, new float[4], 0, 4))
        .withMessageContaining("activation");
  }

  /** Both signs, dense around zero, over all magnitudes, and the special values. */
  private static float[] samples() {
    List<Float> out = new ArrayList<>();
    for (float special : SPECIAL) {
      out.add(special);
    }
    int step = TestBudget.current().every();
    for (int i = -12_000; i <= 12_000; i += 7 * step) {
      out.add(i / 100f); // -120 .. 120
      out.add(i / 1500f); // -8 .. 8
    }
    for (int bits = 0; bits < 0x7f800000; bits += 1_234_567 * step) {
      out.add(Float.intBitsToFloat(bits));
      out.add(-Float.intBitsToFloat(bits));
    }
    float[] values = new float[out.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = out.get(i);
    }
    return values;
  }

  @Test
  void namesAndBoundsAreThoseOfTheDefinition() {
    assertThat(Activation.RELU).isEqualTo(Activation.clamp(0, Float.POSITIVE_INFINITY));
    assertThat(Activation.RELU6).hasToString("relu6").isEqualTo(Activation.clamp(0, 6));
    assertThat(Activation.HARD_SIGMOID).isEqualTo(Activation.hardSigmoid(1f / 6, 0.5f));
    assertThat(Activation.clamp(-1, 2)).hasToString("clamp(-1.0,2.0)");
    assertThat(TestActivations.ALL).extracting(Activation::kind).contains(Activation.Kind.values());
  }

  @Test
  void badParametersAreNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Activation.clamp(2, 1))
        .withMessageContainingAll("clamp min = 2.0", "max = 1.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Activation.leakyRelu(Float.NaN))
        .withMessageContainingAll("LEAKY_RELU", "NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Activation.clamp(Float.NaN, 1))
        .withMessageContaining("NaN");
  }
}
