// Written by src/build/Tiles.java from its tables: change those, then mvn initialize -Pformat
package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.I;
import static io.github.lanewise.kernel.Lanes.L;
import static jdk.incubator.vector.FloatVector.fromArray;

import io.github.lanewise.jvm.Gate;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Register tiles. Each says whether the sum of its results, or of products of two, is NaN. */
final class MatrixTiles {
  /** Not final, so that C2 does not fold it (docs/kernels.md, R3). */
  @SuppressWarnings("NonFinalStaticField")
  private static int one = 1;

  private MatrixTiles() {}

  static boolean run(
      MatrixKernel kernel,
      MatrixArgs p,
      int rows,
      float[] a,
      int aOff,
      float[] c,
      int cOff,
      int ldc,
      int min,
      int max) {
    return switch (kernel) {
      case GEMM4X3V -> gemm4x3v(p, rows, a, aOff, c, cOff, ldc, min, max);
      case GEMM6X2V -> gemm6x2v(p, rows, a, aOff, c, cOff, ldc, min, max);
      case GEMM5X4V -> gemm5x4v(p, rows, a, aOff, c, cOff, ldc, min, max);
      case GEMM8X1V -> gemm8x1v(p, rows, a, aOff, c, cOff, ldc, min, max);
      case GEMM4X3V_RUNS -> gemm4x3vRuns(p, rows, a, aOff, c, cOff, ldc, min, max);
      case GEMM6X2V_RUNS -> gemm6x2vRuns(p, rows, a, aOff, c, cOff, ldc, min, max);
      case GEMM4X1 -> gemm4x1(p, rows, a, aOff, c, cOff, ldc, min, max);
      case AXPY8 -> throw new IllegalArgumentException(kernel + " is plain Java");
    };
  }

  // for (m < rows) c(m, n) =
  //   clamp(w[n] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * 3 * L + n])
  static boolean gemm4x3v(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, int min, int max) {
    if (rows == -1 || rows == -2 || rows == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    float[] w = p.array();
    int depth = p.depth();
    int lda = p.rows().step();
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
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, int min, int max) {
    if (rows == -1 || rows == -2 || rows == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    float[] w = p.array();
    int depth = p.depth();
    int lda = p.rows().step();
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

  // for (m < rows) c(m, n) =
  //   clamp(w[n] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * 4 * L + n])
  static boolean gemm5x4vOnce(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, int min, int max) {
    if (rows == -1 || rows == -2 || rows == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    float[] w = p.array();
    int depth = p.depth();
    int lda = p.rows().step();
    FloatVector c00 = fromArray(F, w, 0);
    FloatVector c01 = fromArray(F, w, L);
    FloatVector c02 = fromArray(F, w, 2 * L);
    FloatVector c03 = fromArray(F, w, 3 * L);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    FloatVector c12 = c02;
    FloatVector c13 = c03;
    FloatVector c20 = c00;
    FloatVector c21 = c01;
    FloatVector c22 = c02;
    FloatVector c23 = c03;
    FloatVector c30 = c00;
    FloatVector c31 = c01;
    FloatVector c32 = c02;
    FloatVector c33 = c03;
    FloatVector c40 = c00;
    FloatVector c41 = c01;
    FloatVector c42 = c02;
    FloatVector c43 = c03;
    int low = Math.max(0, Math.min(3, rows - 2));
    int r1 = Math.min(1, rows - 1) * lda;
    int r2 = Math.min(2, rows - 1) * lda;
    int step = one;
    int at = aOff;
    int atLow = aOff + low * lda;
    for (int k = 4 * L, end = (depth + 1) * 4 * L; k < end; k += 4 * L) {
      FloatVector w0 = fromArray(F, w, k);
      FloatVector w1 = fromArray(F, w, k + L);
      FloatVector w2 = fromArray(F, w, k + 2 * L);
      FloatVector w3 = fromArray(F, w, k + 3 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[at]);
      c00 = a0.fma(w0, c00);
      c01 = a0.fma(w1, c01);
      c02 = a0.fma(w2, c02);
      c03 = a0.fma(w3, c03);
      FloatVector a1 = FloatVector.broadcast(F, a[at + r1]);
      c10 = a1.fma(w0, c10);
      c11 = a1.fma(w1, c11);
      c12 = a1.fma(w2, c12);
      c13 = a1.fma(w3, c13);
      FloatVector a2 = FloatVector.broadcast(F, a[at + r2]);
      c20 = a2.fma(w0, c20);
      c21 = a2.fma(w1, c21);
      c22 = a2.fma(w2, c22);
      c23 = a2.fma(w3, c23);
      FloatVector a3 = FloatVector.broadcast(F, a[atLow]);
      c30 = a3.fma(w0, c30);
      c31 = a3.fma(w1, c31);
      c32 = a3.fma(w2, c32);
      c33 = a3.fma(w3, c33);
      FloatVector a4 = FloatVector.broadcast(F, a[atLow + r1]);
      c40 = a4.fma(w0, c40);
      c41 = a4.fma(w1, c41);
      c42 = a4.fma(w2, c42);
      c43 = a4.fma(w3, c43);
      at += step;
      atLow += step;
    }
    sum =
        c00.add(c01)
            .add(c02)
            .add(c03.add(c10))
            .add(c11.add(c12).add(c13).add(c20.add(c21)))
            .add(
                c22.add(c23)
                    .add(c30)
                    .add(c31.add(c32))
                    .add(c33.add(c40).add(c41).add(c42.add(c43))))
            .add(sum);
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    c00.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff);
    c01.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + L);
    c02.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + 2 * L);
    c03.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + 3 * L);
    if (rows > 1) {
      c10.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + ldc);
      c11.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + ldc + L);
      c12.reinterpretAsInts()
          .min(hi)
          .max(lo)
          .reinterpretAsFloats()
          .intoArray(c, cOff + ldc + 2 * L);
      c13.reinterpretAsInts()
          .min(hi)
          .max(lo)
          .reinterpretAsFloats()
          .intoArray(c, cOff + ldc + 3 * L);
    }
    if (rows > 2) {
      c20.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + 2 * ldc);
      c21.reinterpretAsInts()
          .min(hi)
          .max(lo)
          .reinterpretAsFloats()
          .intoArray(c, cOff + 2 * ldc + L);
      c22.reinterpretAsInts()
          .min(hi)
          .max(lo)
          .reinterpretAsFloats()
          .intoArray(c, cOff + 2 * ldc + 2 * L);
      c23.reinterpretAsInts()
          .min(hi)
          .max(lo)
          .reinterpretAsFloats()
          .intoArray(c, cOff + 2 * ldc + 3 * L);
    }
    int toLow = cOff + low * ldc;
    if (low > 0) {
      c30.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow);
      c31.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow + L);
      c32.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow + 2 * L);
      c33.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow + 3 * L);
      c40.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow + ldc);
      c41.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow + ldc + L);
      c42.reinterpretAsInts()
          .min(hi)
          .max(lo)
          .reinterpretAsFloats()
          .intoArray(c, toLow + ldc + 2 * L);
      c43.reinterpretAsInts()
          .min(hi)
          .max(lo)
          .reinterpretAsFloats()
          .intoArray(c, toLow + ldc + 3 * L);
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  static boolean gemm5x4v(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, int min, int max) {
    boolean nan = false;
    int lda = p.rows().step();
    int m = 0;
    do {
      nan |= gemm5x4vOnce(p, rows - m, a, aOff + m * lda, c, cOff + m * ldc, ldc, min, max);
      m += 5;
    } while (m < rows);
    return nan;
  }

  // for (m < rows) c(m, n) =
  //   clamp(w[n] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * L + n])
  static boolean gemm8x1v(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, int min, int max) {
    if (rows == -1 || rows == -2 || rows == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    float[] w = p.array();
    int depth = p.depth();
    int lda = p.rows().step();
    int run = p.rows().run();
    int[] jumps = p.rows().jumps();
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int floats = run * L;
    int end = (depth + 1) * L;
    int step = one;
    for (int m = 0; m < rows; m += 8) {
      int left = rows - m;
      int low = Math.max(0, Math.min(4, left - 4));
      int r1 = Math.min(1, left - 1) * lda;
      int r2 = Math.min(2, left - 1) * lda;
      int r3 = Math.min(3, left - 1) * lda;
      int at = aOff + m * lda;
      int atLow = at + low * lda;
      FloatVector c0 = fromArray(F, w, 0);
      FloatVector c1 = c0;
      FloatVector c2 = c0;
      FloatVector c3 = c0;
      FloatVector c4 = c0;
      FloatVector c5 = c0;
      FloatVector c6 = c0;
      FloatVector c7 = c0;
      for (int from = L, next = 0; from < end; from += floats, next++) {
        for (int k = 0; k < floats; k += L) {
          FloatVector w0 = fromArray(F, w, from + k);
          FloatVector a0 = FloatVector.broadcast(F, a[at]);
          c0 = a0.fma(w0, c0);
          FloatVector a1 = FloatVector.broadcast(F, a[at + r1]);
          c1 = a1.fma(w0, c1);
          FloatVector a2 = FloatVector.broadcast(F, a[at + r2]);
          c2 = a2.fma(w0, c2);
          FloatVector a3 = FloatVector.broadcast(F, a[at + r3]);
          c3 = a3.fma(w0, c3);
          FloatVector a4 = FloatVector.broadcast(F, a[atLow]);
          c4 = a4.fma(w0, c4);
          FloatVector a5 = FloatVector.broadcast(F, a[atLow + r1]);
          c5 = a5.fma(w0, c5);
          FloatVector a6 = FloatVector.broadcast(F, a[atLow + r2]);
          c6 = a6.fma(w0, c6);
          FloatVector a7 = FloatVector.broadcast(F, a[atLow + r3]);
          c7 = a7.fma(w0, c7);
          at += step;
          atLow += step;
        }
        at += jumps[next];
        atLow += jumps[next];
      }
      sum = c0.add(c1).add(c2.add(c3)).add(c4.add(c5).add(c6.add(c7))).add(sum);
      int to = cOff + m * ldc;
      c0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
      if (left > 1) {
        c1.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + ldc);
      }
      if (left > 2) {
        c2.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + 2 * ldc);
      }
      if (left > 3) {
        c3.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + 3 * ldc);
      }
      to += low * ldc;
      if (low > 0) {
        c4.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to);
        c5.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + ldc);
        c6.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + 2 * ldc);
        c7.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + 3 * ldc);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (m < rows) c(m, n) =
  //   clamp(w[n] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * 3 * L + n])
  static boolean gemm4x3vRuns(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, int min, int max) {
    if (rows == -1 || rows == -2 || rows == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    float[] w = p.array();
    int depth = p.depth();
    int lda = p.rows().step();
    int run = p.rows().run();
    int[] jumps = p.rows().jumps();
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
  static boolean gemm6x2vRuns(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, int min, int max) {
    if (rows == -1 || rows == -2 || rows == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    float[] w = p.array();
    int depth = p.depth();
    int lda = p.rows().step();
    int run = p.rows().run();
    int[] jumps = p.rows().jumps();
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

  /** One vector of a panel of any width: small, serves until the others are compiled. */
  // for (m < rows) for (j < n) c(m, j) =
  //   clamp(w[j] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * n + j])
  static boolean gemm4x1(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, int min, int max) {
    if (rows == 0) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    float[] w = p.array();
    int depth = p.depth();
    int lda = p.rows().step();
    int run = p.rows().run();
    int[] jumps = p.rows().jumps();
    int n = p.columns();
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    for (int j = 0; j < n; j += L) {
      for (int m = 0; m < rows; m += 4) {
        int m1 = Math.min(m + 1, rows - 1);
        int m2 = Math.min(m + 2, rows - 1);
        int m3 = Math.min(m + 3, rows - 1);
        int at = aOff + m * lda;
        int r1 = (m1 - m) * lda;
        int r2 = (m2 - m) * lda;
        int r3 = (m3 - m) * lda;
        int stop = at + run;
        int next = 0;
        int k = j;
        FloatVector c0 = fromArray(F, w, j);
        FloatVector c1 = c0;
        FloatVector c2 = c0;
        FloatVector c3 = c0;
        for (int i = 0; i < depth; i++) {
          k += n;
          FloatVector w0 = fromArray(F, w, k);
          c0 = FloatVector.broadcast(F, a[at]).fma(w0, c0);
          c1 = FloatVector.broadcast(F, a[at + r1]).fma(w0, c1);
          c2 = FloatVector.broadcast(F, a[at + r2]).fma(w0, c2);
          c3 = FloatVector.broadcast(F, a[at + r3]).fma(w0, c3);
          at++;
          if (at == stop) {
            at += jumps[next++];
            stop = at + run;
          }
        }
        sum = c0.add(c1).add(c2.add(c3)).add(sum);
        int to = cOff + j;
        c0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + m * ldc);
        c1.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + m1 * ldc);
        c2.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + m2 * ldc);
        c3.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, to + m3 * ldc);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }
}
