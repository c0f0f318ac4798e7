package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.L;
import static jdk.incubator.vector.FloatVector.fromArray;

import io.github.lanewise.Activation;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Activations a vector at a time: the steps of {@link ScalarMath}, one loop each, which call the
 * Vector API without a helper of ours between: its methods C2 always inlines, ours only while a
 * method is small, and a vector that goes in or out of a call is an object. Comparisons and blends
 * rather than {@code min} and {@code max}, which order NaN and zeros at five instructions each. A
 * clamp as a pass of its own is left to plain Java, which C2 makes vectors of.
 */
final class VectorActivation {

  private VectorActivation() {}

  /**
   * The lower bound of a clamp on the bits as integers, x = max(min(x, upper), lower): right for
   * all but NaN where the bound is not negative, as the bits of floats that are not negative order
   * like them and those of negative ones lie below. Other clamps get bounds that change nothing.
   */
  static int lowerBits(float lo) {
    return lo >= 0 ? Float.floatToRawIntBits(lo + 0f) : Integer.MIN_VALUE;
  }

  /** The upper bound, see {@link #lowerBits}. */
  static int upperBits(float lo, float hi) {
    return lo >= 0 ? Float.floatToRawIntBits(hi + 0f) : Integer.MAX_VALUE;
  }

  /** Whether a clamp is still to be done after one on the bits. */
  static boolean isLeftByBits(float lo, float hi) {
    return lo < 0 && (lo > Float.NEGATIVE_INFINITY || hi < Float.POSITIVE_INFINITY);
  }

  static void apply(Activation activation, int count, float[] data, int offset) {
    float alpha = activation.alpha();
    float beta = activation.beta();
    if (activation.kind() == Activation.Kind.CLAMP) {
      ScalarMath.clamp(alpha, beta, count, data, offset);
      return;
    }
    int whole = offset + count / L * L;
    if (whole > offset) {
      switch (activation.kind()) {
        case NONE, CLAMP -> {}
        case LEAKY_RELU -> leakyRelu(alpha, data, offset, whole);
        case HARD_SIGMOID -> hardSigmoid(alpha, beta, data, offset, whole);
        case HARD_SWISH -> hardSwish(data, offset, whole);
        case SIGMOID -> sigmoid(false, data, offset, whole);
        case SILU -> sigmoid(true, data, offset, whole);
      }
    }
    for (int i = whole; i < offset + count; i++) {
      data[i] = ScalarMath.apply(activation.kind(), alpha, beta, data[i]);
    }
  }

  static void add(int count, float[] data, int offset, float[] other, int otherOffset) {
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(count);
    int whole = count / L * L;
    for (int i = 0; i < whole; i += L) {
      FloatVector sum = fromArray(F, data, offset + i).add(fromArray(F, other, otherOffset + i));
      sum.intoArray(data, offset + i);
    }
    for (int i = whole; i < count; i++) {
      data[offset + i] += other[otherOffset + i];
    }
  }

  static void max(int count, float[] data, int offset, float[] other, int otherOffset) {
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(count);
    int whole = count / L * L;
    for (int i = 0; i < whole; i += L) {
      FloatVector max = fromArray(F, data, offset + i).max(fromArray(F, other, otherOffset + i));
      max.intoArray(data, offset + i);
    }
    for (int i = whole; i < count; i++) {
      data[offset + i] = Math.max(data[offset + i], other[otherOffset + i]);
    }
  }

  static void leakyRelu(float slope, float[] data, int from, int to) {
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(to - from);
    for (int i = from; i < to; i += L) {
      FloatVector x = fromArray(F, data, i);
      x.blend(x.mul(slope), x.compare(VectorOperators.LT, 0)).intoArray(data, i);
    }
  }

  static void hardSigmoid(float slope, float shift, float[] data, int from, int to) {
    FloatVector zero = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(to - from);
    FloatVector one = FloatVector.broadcast(F, 1);
    for (int i = from; i < to; i += L) {
      FloatVector y = fromArray(F, data, i).mul(slope).add(shift);
      y = y.blend(zero, y.compare(VectorOperators.LE, zero));
      y.blend(one, y.compare(VectorOperators.GT, one)).intoArray(data, i);
    }
  }

  static void hardSwish(float[] data, int from, int to) {
    FloatVector zero = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(to - from);
    FloatVector one = FloatVector.broadcast(F, 1);
    for (int i = from; i < to; i += L) {
      FloatVector x = fromArray(F, data, i);
      FloatVector y = x.mul(1f / 6).add(0.5f);
      y = y.blend(zero, y.compare(VectorOperators.LE, zero));
      y = y.blend(one, y.compare(VectorOperators.GT, one));
      x.mul(y).intoArray(data, i);
    }
  }

  /** {@link ScalarMath}'s sigmoid in lanes, for SiLU times x. */
  static void sigmoid(boolean timesX, float[] data, int from, int to) {
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(to - from);
    for (int i = from; i < to; i += L) {
      FloatVector x = fromArray(F, data, i);
      FloatVector minus = x.abs().neg();
      FloatVector t = minus.mul(ScalarMath.LOG2_E).add(ScalarMath.ROUND);
      FloatVector n = t.sub(ScalarMath.ROUND);
      FloatVector r = minus.sub(n.mul(ScalarMath.LN2_HI)).sub(n.mul(ScalarMath.LN2_LO));
      FloatVector p = r.mul(ScalarMath.C7).add(ScalarMath.C6);
      p = p.mul(r).add(ScalarMath.C5);
      p = p.mul(r).add(ScalarMath.C4);
      p = p.mul(r).add(ScalarMath.C3);
      p = p.mul(r).add(ScalarMath.C2);
      p = p.mul(r).mul(r).add(r).add(1);
      IntVector exponent = t.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
      FloatVector power = exponent.add(ScalarMath.ONE_BITS).reinterpretAsFloats();
      FloatVector e = p.mul(power).blend(0, minus.compare(VectorOperators.LT, ScalarMath.EXP_MIN));
      FloatVector one = FloatVector.broadcast(F, 1);
      FloatVector y = one.blend(e, x.compare(VectorOperators.LT, 0)).div(e.add(1));
      (timesX ? y.mul(x) : y).intoArray(data, i);
    }
  }
}
