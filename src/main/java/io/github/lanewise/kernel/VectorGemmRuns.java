package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.I;
import static io.github.lanewise.kernel.Lanes.L;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The tiles of {@link VectorGemm} for rows of A in several runs ({@link MatrixRows}): where the
 * index reaches the end of a run it jumps to the next. The branch for it and the registers it wants
 * are three instructions more in 34, which cost nothing on a core of one's own, but a tenth of the
 * time on one shared with another thread; so dense rows have tiles without it. A tile of one vector
 * has a loop over runs around its loop, which takes no longer, and is not here.
 */
final class VectorGemmRuns {

  /** Vectors of the widest panel. */
  static final int WIDEST = 3;

  /** Not final, so that C2 does not fold it, as in {@link VectorGemm}. */
  @SuppressWarnings("NonFinalStaticField")
  private static int one = 1;

  private VectorGemmRuns() {}

  // for (m < rows) c(m, n) =
  //   clamp(w[n] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * 3 * L + n])
  static boolean gemm4x3v(
      int rows,
      int depth,
      float[] a,
      int aOff,
      int lda,
      int run,
      int[] jumps,
      float[] w,
      float[] c,
      int cOff,
      int ldc,
      int min,
      int max) {
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int end = (depth + 1) * 3 * L;
    int step = one;
    for (int m = 0; m < rows; m += 4) {
      int left = rows - m;
      int low = Math.max(0, Math.min(2, left - 2));
      int r1 = Math.min(1, left - 1) * lda;
      int at = aOff + m * lda;
      int atLow = at + low * lda;
      int next = 0;
      int stop = at + run;
      FloatVector c00 = fromArray(F, w, 0);
      FloatVector c01 = fromArray(F, w, L);
      FloatVector c02 = fromArray(F, w, 2 * L);
      FloatVector c10 = c00;
      FloatVector c11 = c01;
      FloatVector c12 = c02;
      FloatVector c20 = c00;
      FloatVector c21 = c01;
      FloatVector c22 = c02;
      FloatVector c30 = c00;
      FloatVector c31 = c01;
      FloatVector c32 = c02;
      for (int k = 3 * L; k < end; k += 3 * L) {
        FloatVector w0 = fromArray(F, w, k);
        FloatVector w1 = fromArray(F, w, k + L);
        FloatVector w2 = fromArray(F, w, k + 2 * L);
        FloatVector a0 = FloatVector.broadcast(F, a[at]);
        c00 = a0.fma(w0, c00);
        c01 = a0.fma(w1, c01);
        c02 = a0.fma(w2, c02);
        FloatVector a1 = FloatVector.broadcast(F, a[at + r1]);
        c10 = a1.fma(w0, c10);
        c11 = a1.fma(w1, c11);
        c12 = a1.fma(w2, c12);
        FloatVector a2 = FloatVector.broadcast(F, a[atLow]);
        c20 = a2.fma(w0, c20);
        c21 = a2.fma(w1, c21);
        c22 = a2.fma(w2, c22);
        FloatVector a3 = FloatVector.broadcast(F, a[atLow + r1]);
        c30 = a3.fma(w0, c30);
        c31 = a3.fma(w1, c31);
        c32 = a3.fma(w2, c32);
        at += step;
        atLow += step;
        if (at == stop) {
          int jump = jumps[next++];
          at += jump;
          atLow += jump;
          stop = at + run;
        }
      }
      FloatVector upper = c00.add(c01).add(c02).add(c10.add(c11).add(c12));
      FloatVector lower = c20.add(c21).add(c22).add(c30.add(c31).add(c32));
      sum = upper.add(lower).add(sum);
      int to = cOff + m * ldc;
      c00.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
      c01.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
      c02.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + 2 * L);
      if (left > 1) {
        to += ldc;
        c10.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c11.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
        c12.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + 2 * L);
      }
      to = cOff + (m + low) * ldc;
      if (low > 0) {
        c20.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c21.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
        c22.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + 2 * L);
        to += ldc;
        c30.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c31.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
        c32.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + 2 * L);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (m < rows) c(m, n) =
  //   clamp(w[n] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * 2 * L + n])
  static boolean gemm6x2v(
      int rows,
      int depth,
      float[] a,
      int aOff,
      int lda,
      int run,
      int[] jumps,
      float[] w,
      float[] c,
      int cOff,
      int ldc,
      int min,
      int max) {
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int end = (depth + 1) * 2 * L;
    int step = one;
    for (int m = 0; m < rows; m += 6) {
      int left = rows - m;
      int low = Math.max(0, Math.min(3, left - 3));
      int r1 = Math.min(1, left - 1) * lda;
      int r2 = Math.min(2, left - 1) * lda;
      int at = aOff + m * lda;
      int atLow = at + low * lda;
      int next = 0;
      int stop = at + run;
      FloatVector c00 = fromArray(F, w, 0);
      FloatVector c01 = fromArray(F, w, L);
      FloatVector c10 = c00;
      FloatVector c11 = c01;
      FloatVector c20 = c00;
      FloatVector c21 = c01;
      FloatVector c30 = c00;
      FloatVector c31 = c01;
      FloatVector c40 = c00;
      FloatVector c41 = c01;
      FloatVector c50 = c00;
      FloatVector c51 = c01;
      for (int k = 2 * L; k < end; k += 2 * L) {
        FloatVector w0 = fromArray(F, w, k);
        FloatVector w1 = fromArray(F, w, k + L);
        FloatVector a0 = FloatVector.broadcast(F, a[at]);
        c00 = a0.fma(w0, c00);
        c01 = a0.fma(w1, c01);
        FloatVector a1 = FloatVector.broadcast(F, a[at + r1]);
        c10 = a1.fma(w0, c10);
        c11 = a1.fma(w1, c11);
        FloatVector a2 = FloatVector.broadcast(F, a[at + r2]);
        c20 = a2.fma(w0, c20);
        c21 = a2.fma(w1, c21);
        FloatVector a3 = FloatVector.broadcast(F, a[atLow]);
        c30 = a3.fma(w0, c30);
        c31 = a3.fma(w1, c31);
        FloatVector a4 = FloatVector.broadcast(F, a[atLow + r1]);
        c40 = a4.fma(w0, c40);
        c41 = a4.fma(w1, c41);
        FloatVector a5 = FloatVector.broadcast(F, a[atLow + r2]);
        c50 = a5.fma(w0, c50);
        c51 = a5.fma(w1, c51);
        at += step;
        atLow += step;
        if (at == stop) {
          int jump = jumps[next++];
          at += jump;
          atLow += jump;
          stop = at + run;
        }
      }
      FloatVector upper = c00.add(c01).add(c10).add(c11.add(c20).add(c21));
      FloatVector lower = c30.add(c31).add(c40).add(c41.add(c50).add(c51));
      sum = upper.add(lower).add(sum);
      int to = cOff + m * ldc;
      c00.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
      c01.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
      if (left > 1) {
        to += ldc;
        c10.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c11.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
      }
      if (left > 2) {
        to += ldc;
        c20.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c21.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
      }
      to = cOff + (m + low) * ldc;
      if (low > 0) {
        c30.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c31.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
        to += ldc;
        c40.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c41.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
        to += ldc;
        c50.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c51.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + L);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }
}
