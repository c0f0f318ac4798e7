package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.L;
import static io.github.lanewise.kernel.Lanes.fma;
import static io.github.lanewise.kernel.VectorActivation.clamp;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Matrix micro-kernels on packed operands, after the scheme of BLIS (Van Zee and van de Geijn 2015,
 * doi:10.1145/2764454): a register tile of 4 rows x 2 or 4 vectors of columns, one plain loop over
 * depth. Packed A is read at constant offsets from one index, which C2 schedules without spills
 * under every garbage collector; the textbook 6 x 2 tile runs at 40 % under those without loop
 * strip mining (docs/kernels.md).
 */
final class VectorGemm {
  private static final int ROWS = Kernels.ROWS;

  private VectorGemm() {}

  // for (m < 4) for (n < 2 * L) c(m, n) = b[n] + sum over k of a[k * 4 + m] * b[(1 + k) * 2 * L + n]
  static void gemm4x2v(
      int rows, int depth, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff, int ldc,
      float min, float max) {
    FloatVector c00 = FloatVector.fromArray(F, b, bOff);
    FloatVector c01 = FloatVector.fromArray(F, b, bOff + L);
    FloatVector c10 = c00;
    FloatVector c11 = c01;
    FloatVector c20 = c00;
    FloatVector c21 = c01;
    FloatVector c30 = c00;
    FloatVector c31 = c01;
    int w = bOff + 2 * L;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, w + k * 2 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, w + k * 2 * L + L);
      FloatVector a0 = FloatVector.broadcast(F, a[aOff + k * ROWS]);
      c00 = fma(a0, b0, c00);
      c01 = fma(a0, b1, c01);
      FloatVector a1 = FloatVector.broadcast(F, a[aOff + k * ROWS + 1]);
      c10 = fma(a1, b0, c10);
      c11 = fma(a1, b1, c11);
      FloatVector a2 = FloatVector.broadcast(F, a[aOff + k * ROWS + 2]);
      c20 = fma(a2, b0, c20);
      c21 = fma(a2, b1, c21);
      FloatVector a3 = FloatVector.broadcast(F, a[aOff + k * ROWS + 3]);
      c30 = fma(a3, b0, c30);
      c31 = fma(a3, b1, c31);
    }
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    store(c00, c01, c, cOff, lo, hi);
    if (rows > 1) {
      store(c10, c11, c, cOff + ldc, lo, hi);
    }
    if (rows > 2) {
      store(c20, c21, c, cOff + 2 * ldc, lo, hi);
    }
    if (rows > 3) {
      store(c30, c31, c, cOff + 3 * ldc, lo, hi);
    }
  }

  private static void store(
      FloatVector c0, FloatVector c1, float[] c, int at, FloatVector lo, FloatVector hi) {
    clamp(c0, lo, hi).intoArray(c, at);
    clamp(c1, lo, hi).intoArray(c, at + L);
  }

  // for (m < 4) for (n < 4 * L) c(m, n) = b[n] + sum over k of a[k * 4 + m] * b[(1 + k) * 4 * L + n]
  static void gemm4x4v(
      int rows, int depth, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff, int ldc,
      float min, float max) {
    FloatVector c00 = FloatVector.fromArray(F, b, bOff);
    FloatVector c01 = FloatVector.fromArray(F, b, bOff + L);
    FloatVector c02 = FloatVector.fromArray(F, b, bOff + 2 * L);
    FloatVector c03 = FloatVector.fromArray(F, b, bOff + 3 * L);
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
    int w = bOff + 4 * L;
    for (int k = 0; k < depth; k++) {
      FloatVector b0 = FloatVector.fromArray(F, b, w + k * 4 * L);
      FloatVector b1 = FloatVector.fromArray(F, b, w + k * 4 * L + L);
      FloatVector b2 = FloatVector.fromArray(F, b, w + k * 4 * L + 2 * L);
      FloatVector b3 = FloatVector.fromArray(F, b, w + k * 4 * L + 3 * L);
      FloatVector a0 = FloatVector.broadcast(F, a[aOff + k * ROWS]);
      c00 = fma(a0, b0, c00);
      c01 = fma(a0, b1, c01);
      c02 = fma(a0, b2, c02);
      c03 = fma(a0, b3, c03);
      FloatVector a1 = FloatVector.broadcast(F, a[aOff + k * ROWS + 1]);
      c10 = fma(a1, b0, c10);
      c11 = fma(a1, b1, c11);
      c12 = fma(a1, b2, c12);
      c13 = fma(a1, b3, c13);
      FloatVector a2 = FloatVector.broadcast(F, a[aOff + k * ROWS + 2]);
      c20 = fma(a2, b0, c20);
      c21 = fma(a2, b1, c21);
      c22 = fma(a2, b2, c22);
      c23 = fma(a2, b3, c23);
      FloatVector a3 = FloatVector.broadcast(F, a[aOff + k * ROWS + 3]);
      c30 = fma(a3, b0, c30);
      c31 = fma(a3, b1, c31);
      c32 = fma(a3, b2, c32);
      c33 = fma(a3, b3, c33);
    }
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    store(c00, c01, c, cOff, lo, hi);
    store(c02, c03, c, cOff + 2 * L, lo, hi);
    if (rows > 1) {
      store(c10, c11, c, cOff + ldc, lo, hi);
      store(c12, c13, c, cOff + ldc + 2 * L, lo, hi);
    }
    if (rows > 2) {
      store(c20, c21, c, cOff + 2 * ldc, lo, hi);
      store(c22, c23, c, cOff + 2 * ldc + 2 * L, lo, hi);
    }
    if (rows > 3) {
      store(c30, c31, c, cOff + 3 * ldc, lo, hi);
      store(c32, c33, c, cOff + 3 * ldc + 2 * L, lo, hi);
    }
  }

  // Shuffles that interleave two vectors: a0 b0 a1 b1 ... of their lower and of their upper halves.
  private static final VectorShuffle<Float> LOWER =
      VectorShuffle.fromOp(F, i -> i / 2 + (i % 2) * L);
  private static final VectorShuffle<Float> UPPER =
      VectorShuffle.fromOp(F, i -> i / 2 + L / 2 + (i % 2) * L);

  // for (k < depth) for (r < 4) dst[k * 4 + r] = clamp(src[s_r + k])
  static void pack4(
      int depth, float[] src, int s0, int s1, int s2, int s3, float[] dst, int dstOff, float min,
      float max) {
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    int whole = depth / L * L;
    for (int k = 0; k < whole; k += L) {
      FloatVector r0 = clamp(FloatVector.fromArray(F, src, s0 + k), lo, hi);
      FloatVector r1 = clamp(FloatVector.fromArray(F, src, s1 + k), lo, hi);
      FloatVector r2 = clamp(FloatVector.fromArray(F, src, s2 + k), lo, hi);
      FloatVector r3 = clamp(FloatVector.fromArray(F, src, s3 + k), lo, hi);
      FloatVector even = r0.rearrange(LOWER, r2);
      FloatVector odd = r1.rearrange(LOWER, r3);
      even.rearrange(LOWER, odd).intoArray(dst, dstOff + k * ROWS);
      even.rearrange(UPPER, odd).intoArray(dst, dstOff + k * ROWS + L);
      even = r0.rearrange(UPPER, r2);
      odd = r1.rearrange(UPPER, r3);
      even.rearrange(LOWER, odd).intoArray(dst, dstOff + k * ROWS + 2 * L);
      even.rearrange(UPPER, odd).intoArray(dst, dstOff + k * ROWS + 3 * L);
    }
    for (int k = whole; k < depth; k++) {
      dst[dstOff + k * ROWS] = ScalarMath.clamp(src[s0 + k], min, max);
      dst[dstOff + k * ROWS + 1] = ScalarMath.clamp(src[s1 + k], min, max);
      dst[dstOff + k * ROWS + 2] = ScalarMath.clamp(src[s2 + k], min, max);
      dst[dstOff + k * ROWS + 3] = ScalarMath.clamp(src[s3 + k], min, max);
    }
  }
}
