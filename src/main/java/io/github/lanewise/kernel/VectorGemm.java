package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.I;
import static io.github.lanewise.kernel.Lanes.L;
import static io.github.lanewise.kernel.Lanes.fma;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Matrix micro-kernels after the scheme of BLIS (Van Zee and van de Geijn 2015,
 * doi:10.1145/2764454): a register tile of some rows x some vectors of columns, one plain loop over
 * depth. With 16 registers 4 x 3 (12 sums, 3 weights, 1 broadcast), with 32 registers 5 x 4 (C2
 * keeps other values in vector registers too); 6 x 2 and 8 x 1 for what these do not divide.
 *
 * <p>The loops count in floats of the weights, whose checks C2 then moves out of the loop, and walk
 * A by a step that only run time knows to be 1. So C2 keeps the bounds check of every broadcast in
 * the loop, and with it the order in which the broadcasts stand here: one is alive at a time.
 * Without these checks it moves all of them to the top of the loop, runs out of registers and
 * spills sums. A check that is never taken costs one fused instruction.
 *
 * <p>A tile has an upper and a lower half of rows. Both share the offsets of their rows, which
 * saves general registers, and overlap where the rows left are fewer than the tile's. The kernels
 * of 3 and 2 vectors have the loop over tiles inside, which saves some 100 instructions a tile.
 */
final class VectorGemm {

  /** Not final, so that C2 does not fold it: see above. */
  @SuppressWarnings("NonFinalStaticField")
  private static int one = 1;

  private VectorGemm() {}

  /**
   * Panel widths in vectors, wide ones first, that hold so many vectors of columns. Wide panels of
   * 3 that leave 1 over end in 2 + 2 instead.
   */
  static int[] panelVectors(int vectors, int wide) {
    int wides = vectors / wide;
    int rest = vectors % wide;
    int[] narrow = rest == 3 ? new int[] {2, 1} : rest == 0 ? new int[0] : new int[] {rest};
    if (wide == 3 && rest == 1 && wides > 0) {
      wides--;
      narrow = new int[] {2, 2};
    }
    int[] widths = new int[wides + narrow.length];
    Arrays.fill(widths, 0, wides, wide);
    System.arraycopy(narrow, 0, widths, wides, narrow.length);
    return widths;
  }

  /** Rows of the register tile for panels of so many vectors. */
  static int tileRows(int vectors) {
    return switch (vectors) {
      case 1 -> 8;
      case 2 -> 6;
      case 3 -> 4;
      default -> 5;
    };
  }

  /**
   * {@link Kernels#gemm}, a register tile at a time. Clamps as {@link VectorDepthwise} does: on the
   * bits where they say it all, and once more in a pass of its own where NaN came out.
   */
  static void gemm(
      int rows,
      float[] a,
      int aOff,
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float lo,
      float hi) {
    int min = VectorActivation.lowerBits(lo);
    int max = VectorActivation.upperBits(lo, hi);
    boolean nan = tiles(rows, a, aOff, aRows, b, panel, c, cOff, ldc, min, max);
    boolean again = nan && min > Integer.MIN_VALUE;
    if (again) {
      int all = Integer.MIN_VALUE;
      tiles(rows, a, aOff, aRows, b, panel, c, cOff, ldc, all, Integer.MAX_VALUE);
    }
    if (again || VectorActivation.isLeftByBits(lo, hi)) {
      for (int m = 0; m < rows; m++) {
        VectorActivation.clamp(lo, hi, b.panelColumns(panel), c, cOff + m * ldc);
      }
    }
  }

  /** Whether the sum of all results is NaN. */
  private static boolean tiles(
      int rows,
      float[] a,
      int aOff,
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      int min,
      int max) {
    int depth = b.depth();
    float[] w = b.panelArray(panel);
    int vectors = b.panelColumns(panel) / L;
    int lda = aRows.step();
    int run = aRows.run();
    int[] jumps = aRows.jumps();
    if (vectors == 2) {
      return b.inRuns()
          ? VectorGemmRuns.gemm6x2v(
              rows, depth, a, aOff, lda, run, jumps, w, c, cOff, ldc, min, max)
          : gemm6x2v(rows, depth, a, aOff, lda, w, c, cOff, ldc, min, max);
    }
    if (vectors == 3) {
      return b.inRuns()
          ? VectorGemmRuns.gemm4x3v(
              rows, depth, a, aOff, lda, run, jumps, w, c, cOff, ldc, min, max)
          : gemm4x3v(rows, depth, a, aOff, lda, w, c, cOff, ldc, min, max);
    }
    int tile = tileRows(vectors);
    boolean nan = false;
    for (int m = 0; m < rows; m += tile) {
      int from = aOff + m * lda;
      int to = cOff + m * ldc;
      nan |=
          vectors == 1
              ? gemm8x1v(rows - m, depth, a, from, lda, run, jumps, w, c, to, ldc, min, max)
              : gemm5x4v(rows - m, depth, a, from, lda, w, c, to, ldc, min, max);
    }
    return nan;
  }

  // for (m < rows) c(m, n) = clamp(w[n] + sum over k of a[m * lda + k] * w[(1 + k) * 3 * L + n])
  private static boolean gemm4x3v(
      int rows,
      int depth,
      float[] a,
      int aOff,
      int lda,
      float[] w,
      float[] c,
      int cOff,
      int ldc,
      int min,
      int max) {
    for (int t = 0; t < Gate.IDLE; t++) {}
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    FloatVector sum = FloatVector.zero(F);
    int end = (depth + 1) * 3 * L;
    int step = one;
    for (int m = 0; m < rows; m += 4) {
      int left = rows - m;
      int low = Math.clamp(left - 2, 0, 2);
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
        c00 = fma(a0, w0, c00);
        c01 = fma(a0, w1, c01);
        c02 = fma(a0, w2, c02);
        FloatVector a1 = FloatVector.broadcast(F, a[at + r1]);
        c10 = fma(a1, w0, c10);
        c11 = fma(a1, w1, c11);
        c12 = fma(a1, w2, c12);
        FloatVector a2 = FloatVector.broadcast(F, a[atLow]);
        c20 = fma(a2, w0, c20);
        c21 = fma(a2, w1, c21);
        c22 = fma(a2, w2, c22);
        FloatVector a3 = FloatVector.broadcast(F, a[atLow + r1]);
        c30 = fma(a3, w0, c30);
        c31 = fma(a3, w1, c31);
        c32 = fma(a3, w2, c32);
        at += step;
        atLow += step;
      }
      FloatVector upper = c00.add(c01).add(c02).add(c10.add(c11).add(c12));
      FloatVector lower = c20.add(c21).add(c22).add(c30.add(c31).add(c32));
      sum = sum.add(upper.add(lower));
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

  // for (m < rows) c(m, n) = clamp(w[n] + sum over k of a[m * lda + k] * w[(1 + k) * 2 * L + n])
  private static boolean gemm6x2v(
      int rows,
      int depth,
      float[] a,
      int aOff,
      int lda,
      float[] w,
      float[] c,
      int cOff,
      int ldc,
      int min,
      int max) {
    for (int t = 0; t < Gate.IDLE; t++) {}
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    FloatVector sum = FloatVector.zero(F);
    int end = (depth + 1) * 2 * L;
    int step = one;
    for (int m = 0; m < rows; m += 6) {
      int left = rows - m;
      int low = Math.clamp(left - 3, 0, 3);
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
        c00 = fma(a0, w0, c00);
        c01 = fma(a0, w1, c01);
        FloatVector a1 = FloatVector.broadcast(F, a[at + r1]);
        c10 = fma(a1, w0, c10);
        c11 = fma(a1, w1, c11);
        FloatVector a2 = FloatVector.broadcast(F, a[at + r2]);
        c20 = fma(a2, w0, c20);
        c21 = fma(a2, w1, c21);
        FloatVector a3 = FloatVector.broadcast(F, a[atLow]);
        c30 = fma(a3, w0, c30);
        c31 = fma(a3, w1, c31);
        FloatVector a4 = FloatVector.broadcast(F, a[atLow + r1]);
        c40 = fma(a4, w0, c40);
        c41 = fma(a4, w1, c41);
        FloatVector a5 = FloatVector.broadcast(F, a[atLow + r2]);
        c50 = fma(a5, w0, c50);
        c51 = fma(a5, w1, c51);
        at += step;
        atLow += step;
      }
      FloatVector upper = c00.add(c01).add(c10).add(c11.add(c20).add(c21));
      FloatVector lower = c30.add(c31).add(c40).add(c41.add(c50).add(c51));
      sum = sum.add(upper.add(lower));
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

  // 5 x 4 vectors: c(m, n) = w[n] + sum over k of a[m * lda + k] * w[(1 + k) * 4 * L + n]
  private static boolean gemm5x4v(
      int rows,
      int depth,
      float[] a,
      int aOff,
      int lda,
      float[] w,
      float[] c,
      int cOff,
      int ldc,
      int min,
      int max) {
    for (int t = 0; t < Gate.IDLE; t++) {}
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
    int low = Math.clamp(rows - 2, 0, 3);
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
      c00 = fma(a0, w0, c00);
      c01 = fma(a0, w1, c01);
      c02 = fma(a0, w2, c02);
      c03 = fma(a0, w3, c03);
      FloatVector a1 = FloatVector.broadcast(F, a[at + r1]);
      c10 = fma(a1, w0, c10);
      c11 = fma(a1, w1, c11);
      c12 = fma(a1, w2, c12);
      c13 = fma(a1, w3, c13);
      FloatVector a2 = FloatVector.broadcast(F, a[at + r2]);
      c20 = fma(a2, w0, c20);
      c21 = fma(a2, w1, c21);
      c22 = fma(a2, w2, c22);
      c23 = fma(a2, w3, c23);
      FloatVector a3 = FloatVector.broadcast(F, a[atLow]);
      c30 = fma(a3, w0, c30);
      c31 = fma(a3, w1, c31);
      c32 = fma(a3, w2, c32);
      c33 = fma(a3, w3, c33);
      FloatVector a4 = FloatVector.broadcast(F, a[atLow + r1]);
      c40 = fma(a4, w0, c40);
      c41 = fma(a4, w1, c41);
      c42 = fma(a4, w2, c42);
      c43 = fma(a4, w3, c43);
      at += step;
      atLow += step;
    }
    FloatVector sum =
        c00.add(c01)
            .add(c02.add(c03.add(c10)))
            .add(c11.add(c12).add(c13.add(c20.add(c21))))
            .add(
                c22.add(c23)
                    .add(c30.add(c31.add(c32)))
                    .add(c33.add(c40).add(c41.add(c42.add(c43)))));
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

  // 8 x 1 vectors: c(m, n) = w[n] + sum over k of a[m * lda + offset(k)] * w[(1 + k) * L + n]
  private static boolean gemm8x1v(
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
    for (int t = 0; t < Gate.IDLE; t++) {}
    FloatVector c0 = fromArray(F, w, 0);
    FloatVector c1 = c0;
    FloatVector c2 = c0;
    FloatVector c3 = c0;
    FloatVector c4 = c0;
    FloatVector c5 = c0;
    FloatVector c6 = c0;
    FloatVector c7 = c0;
    int low = Math.clamp(rows - 4, 0, 4);
    int r1 = Math.min(1, rows - 1) * lda;
    int r2 = Math.min(2, rows - 1) * lda;
    int r3 = Math.min(3, rows - 1) * lda;
    int step = one;
    int at = aOff;
    int atLow = aOff + low * lda;
    int floats = run * L;
    int end = (depth + 1) * L;
    for (int from = L, next = 0; from < end; from += floats, next++) {
      for (int k = 0; k < floats; k += L) {
        FloatVector w0 = fromArray(F, w, from + k);
        FloatVector a0 = FloatVector.broadcast(F, a[at]);
        c0 = fma(a0, w0, c0);
        FloatVector a1 = FloatVector.broadcast(F, a[at + r1]);
        c1 = fma(a1, w0, c1);
        FloatVector a2 = FloatVector.broadcast(F, a[at + r2]);
        c2 = fma(a2, w0, c2);
        FloatVector a3 = FloatVector.broadcast(F, a[at + r3]);
        c3 = fma(a3, w0, c3);
        FloatVector a4 = FloatVector.broadcast(F, a[atLow]);
        c4 = fma(a4, w0, c4);
        FloatVector a5 = FloatVector.broadcast(F, a[atLow + r1]);
        c5 = fma(a5, w0, c5);
        FloatVector a6 = FloatVector.broadcast(F, a[atLow + r2]);
        c6 = fma(a6, w0, c6);
        FloatVector a7 = FloatVector.broadcast(F, a[atLow + r3]);
        c7 = fma(a7, w0, c7);
        at += step;
        atLow += step;
      }
      at += jumps[next];
      atLow += jumps[next];
    }
    FloatVector sum = c0.add(c1).add(c2.add(c3)).add(c4.add(c5).add(c6.add(c7)));
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    c0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff);
    if (rows > 1) {
      c1.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + ldc);
    }
    if (rows > 2) {
      c2.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + 2 * ldc);
    }
    if (rows > 3) {
      c3.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, cOff + 3 * ldc);
    }
    int toLow = cOff + low * ldc;
    if (low > 0) {
      c4.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow);
      c5.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow + ldc);
      c6.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow + 2 * ldc);
      c7.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(c, toLow + 3 * ldc);
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (m < rows) for (l < 4 * L) a[aOff + m * lda + l] = src[srcOff + m * srcStep + l]
  static void gather4v(
      int rows, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int t = 0; t < Gate.IDLE; t++) {}
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
    for (int t = 0; t < Gate.IDLE; t++) {}
    int from = srcOff;
    for (int m = 0; m < rows; m++) {
      fromArray(F, src, from).intoArray(a, aOff + m * lda);
      from += srcStep;
    }
  }

  // fewer than L floats a row: by four, the last four beginning earlier
  static void gatherFew(
      int rows, int count, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int t = 0; t < Gate.IDLE; t++) {}
    for (int m = 0; m < rows && count < 4; m++) {
      for (int l = 0; l < count; l++) {
        a[aOff + m * lda + l] = src[srcOff + m * srcStep + l];
      }
    }
    for (int m = 0; m < rows && count >= 4; m++) {
      int from = srcOff + m * srcStep;
      int to = aOff + m * lda;
      for (int l = 0; l < count; l += 4) {
        int at = Math.min(l, count - 4);
        fromArray(FloatVector.SPECIES_128, src, from + at).intoArray(a, to + at);
      }
    }
  }
}
