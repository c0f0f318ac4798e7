package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.L;
import static jdk.incubator.vector.FloatVector.fromArray;

import io.github.lanewise.Activation;
import io.github.lanewise.jvm.Gate;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of floats a vector at a time: copies, sums, maxima, and activations by the steps of {@link
 * ScalarMath}. One loop each, which call the Vector API without a helper of ours between: its
 * methods C2 always inlines, ours only while a method is small, and a vector that goes in or out of
 * a call is an object (docs/kernels.md, R2). Comparisons and blends rather than {@code min} and
 * {@code max}, which order NaN and zeros at five instructions each.
 */
final class VectorFloats {

  private VectorFloats() {}

  static void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    if (rows == 0) {
      return; // where all taps of a row are padding
    }
    int k = 0;
    for (; k + 4 * L <= depth; k += 4 * L) {
      gather4v(rows, src, srcOff + k, srcStep, a, aOff + k, lda);
    }
    for (; k + L <= depth; k += L) {
      gather1v(rows, src, srcOff + k, srcStep, a, aOff + k, lda);
    }
    if (k < depth && depth >= L) { // the last vector begins earlier
      gather1v(rows, src, srcOff + depth - L, srcStep, a, aOff + depth - L, lda);
    } else if (k < depth) {
      gatherFew(rows, depth, src, srcOff, srcStep, a, aOff, lda);
    }
  }

  /**
   * Fewer floats a row than a vector holds. Not by narrower vectors: C2 inlines a method of the
   * Vector API for the classes that it has seen there, and some kernels keep objects where it has
   * seen two.
   */
  private static void gatherFew(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int m = 0; m < rows; m++) {
      for (int k = 0; k < depth; k++) {
        a[aOff + m * lda + k] = src[srcOff + m * srcStep + k];
      }
    }
  }

  // for (m < rows) for (l < 4 * L) a[aOff + m * lda + l] = src[srcOff + m * srcStep + l]
  static void gather4v(
      int rows, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (rows == 0) {
      return;
    }
    int from = srcOff;
    for (int m = 0; m < rows; m++) {
      fromArray(F, src, from).intoArray(a, aOff + m * lda);
      fromArray(F, src, from + L).intoArray(a, aOff + m * lda + L);
      fromArray(F, src, from + 2 * L).intoArray(a, aOff + m * lda + 2 * L);
      fromArray(F, src, from + 3 * L).intoArray(a, aOff + m * lda + 3 * L);
      from += srcStep;
    }
  }

  // for (m < rows) for (l < L) a[aOff + m * lda + l] = src[srcOff + m * srcStep + l]
  static void gather1v(
      int rows, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (rows == 0) {
      return;
    }
    int from = srcOff;
    for (int m = 0; m < rows; m++) {
      fromArray(F, src, from).intoArray(a, aOff + m * lda);
      from += srcStep;
    }
  }

  /** Of whole vectors, as {@link #add}; nothing for a clamp. */
  static void activate(
      Activation.Kind kind, float alpha, float beta, int count, float[] data, int offset) {
    int end = offset + count;
    switch (kind) {
      case NONE, CLAMP -> {}
      case LEAKY_RELU -> leakyRelu(alpha, data, offset, end);
      case HARD_SIGMOID -> hardSigmoid(alpha, beta, data, offset, end);
      case HARD_SWISH -> hardSwish(data, offset, end);
      case SIGMOID -> sigmoid(false, data, offset, end);
      case SILU -> sigmoid(true, data, offset, end);
    }
  }

  /** Of whole vectors: the branch of plain Java for a rest would be one more to sample. */
  static void add(
      int count, float[] data, int offset, float[] other, int otherOffset, Clamp clamp) {
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (count == 0) {
      return;
    }
    if (!clamp.isAny()) {
      for (int i = 0; i < count; i += L) {
        FloatVector sum = fromArray(F, data, offset + i).add(fromArray(F, other, otherOffset + i));
        sum.intoArray(data, offset + i);
      }
      return;
    }
    FloatVector least = FloatVector.broadcast(F, clamp.lo);
    FloatVector most = FloatVector.broadcast(F, clamp.hi);
    for (int i = 0; i < count; i += L) {
      FloatVector sum = fromArray(F, data, offset + i).add(fromArray(F, other, otherOffset + i));
      sum.max(least).min(most).intoArray(data, offset + i);
    }
  }

  /**
   * Of whole vectors, as {@link #add}; two taps more at a time, the last alone in a loop of its
   * own: a loop over taps around one vector takes twice as long.
   */
  static void max(PoolArgs p, int count, int taps, float[] src, int from, float[] dst, int to) {
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (count == 0) {
      return;
    }
    int rows = p.rows();
    int tapStep = p.tapStep();
    for (int t = 1; t < taps; t += 2) {
      float[] a = t == 1 ? src : dst;
      int more = t + 1 < taps ? tapStep : 0;
      for (int m = 0; m < rows; m++) {
        int own = to + m * p.dstStep();
        int first = t == 1 ? from + m * p.step() : own;
        int second = from + m * p.step() + t * tapStep;
        for (int i = 0; i < count && more == 0; i += L) {
          FloatVector most = fromArray(F, a, first + i).max(fromArray(F, src, second + i));
          most.intoArray(dst, own + i);
        }
        for (int i = 0; i < count && more != 0; i += L) {
          FloatVector most = fromArray(F, a, first + i).max(fromArray(F, src, second + i));
          most.max(fromArray(F, src, second + more + i)).intoArray(dst, own + i);
        }
      }
    }
  }

  /** Of whole vectors, as {@link #add}. */
  static void prelu(int count, float[] data, int offset, float[] slope, int slopeOffset) {
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (count == 0) {
      return;
    }
    for (int i = 0; i < count; i += L) {
      FloatVector x = fromArray(F, data, offset + i);
      FloatVector less = x.mul(fromArray(F, slope, slopeOffset + i));
      x.blend(less, x.compare(VectorOperators.LT, 0)).intoArray(data, offset + i);
    }
  }

  private static void leakyRelu(float slope, float[] data, int from, int to) {
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (from == to) {
      return;
    }
    for (int i = from; i < to; i += L) {
      FloatVector x = fromArray(F, data, i);
      x.blend(x.mul(slope), x.compare(VectorOperators.LT, 0)).intoArray(data, i);
    }
  }

  private static void hardSigmoid(float slope, float shift, float[] data, int from, int to) {
    FloatVector zero = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (from == to) {
      return;
    }
    FloatVector one = FloatVector.broadcast(F, 1);
    for (int i = from; i < to; i += L) {
      FloatVector y = fromArray(F, data, i).mul(slope).add(shift);
      y = y.blend(zero, y.compare(VectorOperators.LE, zero));
      y.blend(one, y.compare(VectorOperators.GT, one)).intoArray(data, i);
    }
  }

  private static void hardSwish(float[] data, int from, int to) {
    FloatVector zero = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (from == to) {
      return;
    }
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
  private static void sigmoid(boolean timesX, float[] data, int from, int to) {
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    if (from == to) {
      return;
    }
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
