package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.L;
import static io.github.lanewise.kernel.Lanes.fma;
import static io.github.lanewise.kernel.VectorActivation.clamp;

import jdk.incubator.vector.FloatVector;

/**
 * Depthwise micro-kernels over one channel block of L lanes. Those of 3x3 sweep along a row: an
 * input is loaded once and added to all outputs of the row that it is part of, {@code a}, which it
 * completes, {@code b} and {@code c}. The first columns complete nothing; what they store is
 * overwritten.
 */
final class VectorDepthwise {

  private VectorDepthwise() {}

  /** Two rows at once want 24 registers. */
  private static final boolean TWO_ROWS = Lanes.REGISTERS >= 32;

  /** Sweeps of a row; more would be too short. */
  private static final int MAX_SWEEPS = 4;

  /** The kernel that {@link #rows} takes for the taps of a row. */
  static String name(int[] taps, int step) {
    if (sweeps(taps, step) > 0) {
      return TWO_ROWS ? "sweep2" : "sweep1";
    }
    return isStride2(taps, step) ? "sweepStride2" : "taps8";
  }

  /**
   * How many sweeps of stride 1 compute a row, one for each residue modulo the dilation; 0 where
   * the taps are not three times three, evenly apart.
   */
  private static int sweeps(int[] taps, int step) {
    int apart = apart(taps);
    return apart > 0 && apart % step == 0 && apart / step <= MAX_SWEEPS ? apart / step : 0;
  }

  private static boolean isStride2(int[] taps, int step) {
    return 2 * apart(taps) == step;
  }

  /** What lies between the taps of a row of a 3x3 kernel; 0 for other kernels. */
  private static int apart(int[] taps) {
    int apart = taps.length == 9 ? taps[1] - taps[0] : 0;
    for (int t = 0; t < taps.length && apart != 0; t += 3) {
      if (taps[t + 1] - taps[t] != apart || taps[t + 2] - taps[t + 1] != apart) {
        return 0;
      }
    }
    return apart;
  }

  /** {@link Kernels#depthwise}; every kernel adds the taps of a 3x3 in one order. */
  static void rows(
      int width,
      int[][] taps,
      float[] tile,
      int step,
      PackedDepthwise weights,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int dstStep,
      float lo,
      float hi) {
    float[] w = weights.data();
    int dstRow = width * dstStep;
    int[] a = taps[0];
    int[] b = taps[taps.length - 1];
    int apart = apart(a);
    int sweeps = Math.min(sweeps(a, step), width);
    int origin = weights.firstChannel(first);
    if (TWO_ROWS && taps.length == 2 && sweeps == 1 && b[0] == a[3] && b[3] == a[6]) {
      for (int i = first; i < end; i++) {
        int c = weights.firstChannel(i);
        int at = c - origin;
        sweep2(
            width,
            tile,
            at + a[0],
            at + a[3],
            at + a[6],
            at + b[6],
            apart,
            w,
            weights.offset(i),
            dst,
            dstOff + c,
            dstRow,
            dstStep,
            lo,
            hi);
      }
      return;
    }
    for (int y = 0; y < taps.length; y++) {
      int[] t = taps[y];
      for (int i = first; i < end; i++) {
        int c = weights.firstChannel(i);
        int at = c - origin;
        int wOff = weights.offset(i);
        int to = dstOff + y * dstRow + c;
        if (sweeps > 0) {
          for (int r = 0; r < sweeps; r++) {
            int from = at + r * step;
            sweep1(
                (width - r + sweeps - 1) / sweeps,
                tile,
                from + t[0],
                from + t[3],
                from + t[6],
                apart,
                w,
                wOff,
                dst,
                to + r * dstStep,
                sweeps * dstStep,
                lo,
                hi);
          }
        } else if (2 * apart == step) {
          sweepStride2(
              width, tile, at + t[0], at + t[3], at + t[6], apart, w, wOff, dst, to, dstStep, lo,
              hi);
        } else {
          any(width, t, tile, at, step, w, wOff, dst, to, dstStep, lo, hi);
        }
      }
    }
  }

  private static void any(
      int width,
      int[] taps,
      float[] tile,
      int from,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int to,
      int dstStep,
      float lo,
      float hi) {
    int x = 0;
    for (; x + 8 <= width; x += 8) {
      int at = from + x * step;
      taps8(taps, tile, at, step, w, wOff, dst, to + x * dstStep, dstStep, lo, hi);
    }
    for (; x < width; x++) {
      taps1(taps, tile, from + x * step, w, wOff, dst, to + x * dstStep, lo, hi);
    }
  }

  /** One output row: 3 loads for 9 multiply-adds; with 16 registers all there is room for. */
  // for (x < width) dst[dstOff + x * dstStep] = clamp(w[0] +
  //   sum over i, j < 3 of tile[row(i) + (x + j) * step] * w[1 + 3 * i + j])
  static void sweep1(
      int width,
      float[] tile,
      int row0,
      int row1,
      int row2,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int dstOff,
      int dstStep,
      float min,
      float max) {
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    FloatVector w00 = FloatVector.fromArray(F, w, wOff + L);
    FloatVector w01 = FloatVector.fromArray(F, w, wOff + 2 * L);
    FloatVector w02 = FloatVector.fromArray(F, w, wOff + 3 * L);
    FloatVector w10 = FloatVector.fromArray(F, w, wOff + 4 * L);
    FloatVector w11 = FloatVector.fromArray(F, w, wOff + 5 * L);
    FloatVector w12 = FloatVector.fromArray(F, w, wOff + 6 * L);
    FloatVector w20 = FloatVector.fromArray(F, w, wOff + 7 * L);
    FloatVector w21 = FloatVector.fromArray(F, w, wOff + 8 * L);
    FloatVector w22 = FloatVector.fromArray(F, w, wOff + 9 * L);
    FloatVector a0 = FloatVector.fromArray(F, w, wOff);
    FloatVector b0 = a0;
    FloatVector bias = a0;
    int at0 = row0;
    int at1 = row1;
    int at2 = row2;
    for (int x = 0; x < width + 2; x++) {
      FloatVector c0 = bias;
      FloatVector v = FloatVector.fromArray(F, tile, at0);
      at0 += step;
      a0 = fma(v, w02, a0);
      b0 = fma(v, w01, b0);
      c0 = fma(v, w00, c0);
      v = FloatVector.fromArray(F, tile, at1);
      at1 += step;
      a0 = fma(v, w12, a0);
      b0 = fma(v, w11, b0);
      c0 = fma(v, w10, c0);
      v = FloatVector.fromArray(F, tile, at2);
      at2 += step;
      a0 = fma(v, w22, a0);
      b0 = fma(v, w21, b0);
      c0 = fma(v, w20, c0);
      int to = dstOff + Math.max(x - 2, 0) * dstStep;
      clamp(a0, lo, hi).intoArray(dst, to);
      a0 = b0;
      b0 = c0;
    }
  }

  /** Two output rows, {@code row1} being the second's first: 4 loads for 18 multiply-adds. */
  // for (r < 2) for (x < width) dst[dstOff + r * dstRow + x * dstStep] = clamp(w[0] +
  //   sum over i, j < 3 of tile[row(r + i) + (x + j) * step] * w[1 + 3 * i + j])
  static void sweep2(
      int width,
      float[] tile,
      int row0,
      int row1,
      int row2,
      int row3,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int dstOff,
      int dstRow,
      int dstStep,
      float min,
      float max) {
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    FloatVector w00 = FloatVector.fromArray(F, w, wOff + L);
    FloatVector w01 = FloatVector.fromArray(F, w, wOff + 2 * L);
    FloatVector w02 = FloatVector.fromArray(F, w, wOff + 3 * L);
    FloatVector w10 = FloatVector.fromArray(F, w, wOff + 4 * L);
    FloatVector w11 = FloatVector.fromArray(F, w, wOff + 5 * L);
    FloatVector w12 = FloatVector.fromArray(F, w, wOff + 6 * L);
    FloatVector w20 = FloatVector.fromArray(F, w, wOff + 7 * L);
    FloatVector w21 = FloatVector.fromArray(F, w, wOff + 8 * L);
    FloatVector w22 = FloatVector.fromArray(F, w, wOff + 9 * L);
    FloatVector a0 = FloatVector.fromArray(F, w, wOff);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector bias = a0;
    int at0 = row0;
    int at1 = row1;
    int at2 = row2;
    int at3 = row3;
    for (int x = 0; x < width + 2; x++) {
      FloatVector c0 = bias;
      FloatVector c1 = bias;
      FloatVector v = FloatVector.fromArray(F, tile, at0);
      at0 += step;
      a0 = fma(v, w02, a0);
      b0 = fma(v, w01, b0);
      c0 = fma(v, w00, c0);
      v = FloatVector.fromArray(F, tile, at1);
      at1 += step;
      a0 = fma(v, w12, a0);
      b0 = fma(v, w11, b0);
      c0 = fma(v, w10, c0);
      a1 = fma(v, w02, a1);
      b1 = fma(v, w01, b1);
      c1 = fma(v, w00, c1);
      v = FloatVector.fromArray(F, tile, at2);
      at2 += step;
      a0 = fma(v, w22, a0);
      b0 = fma(v, w21, b0);
      c0 = fma(v, w20, c0);
      a1 = fma(v, w12, a1);
      b1 = fma(v, w11, b1);
      c1 = fma(v, w10, c1);
      v = FloatVector.fromArray(F, tile, at3);
      at3 += step;
      a1 = fma(v, w22, a1);
      b1 = fma(v, w21, b1);
      c1 = fma(v, w20, c1);
      int to = dstOff + Math.max(x - 2, 0) * dstStep;
      clamp(a0, lo, hi).intoArray(dst, to);
      clamp(a1, lo, hi).intoArray(dst, to + dstRow);
      a0 = b0;
      b0 = c0;
      a1 = b1;
      b1 = c1;
    }
  }

  /**
   * Stride 2: an even column completes one output and begins the next, an odd one is its middle.
   */
  // for (x < width) dst[dstOff + x * dstStep] = clamp(w[0] +
  //   sum over i, j < 3 of tile[row(i) + (2 * x + j) * step] * w[1 + 3 * i + j])
  static void sweepStride2(
      int width,
      float[] tile,
      int row0,
      int row1,
      int row2,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int dstOff,
      int dstStep,
      float min,
      float max) {
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    FloatVector w00 = FloatVector.fromArray(F, w, wOff + L);
    FloatVector w01 = FloatVector.fromArray(F, w, wOff + 2 * L);
    FloatVector w02 = FloatVector.fromArray(F, w, wOff + 3 * L);
    FloatVector w10 = FloatVector.fromArray(F, w, wOff + 4 * L);
    FloatVector w11 = FloatVector.fromArray(F, w, wOff + 5 * L);
    FloatVector w12 = FloatVector.fromArray(F, w, wOff + 6 * L);
    FloatVector w20 = FloatVector.fromArray(F, w, wOff + 7 * L);
    FloatVector w21 = FloatVector.fromArray(F, w, wOff + 8 * L);
    FloatVector w22 = FloatVector.fromArray(F, w, wOff + 9 * L);
    FloatVector a = FloatVector.fromArray(F, w, wOff);
    int at = 0;
    int to = dstOff;
    int next = dstOff;
    for (int x = 0; x <= width; x++) {
      FloatVector b = FloatVector.fromArray(F, w, wOff);
      FloatVector v = FloatVector.fromArray(F, tile, row0 + at);
      a = fma(v, w02, a);
      b = fma(v, w00, b);
      v = FloatVector.fromArray(F, tile, row1 + at);
      a = fma(v, w12, a);
      b = fma(v, w10, b);
      v = FloatVector.fromArray(F, tile, row2 + at);
      a = fma(v, w22, a);
      b = fma(v, w20, b);
      clamp(a, lo, hi).intoArray(dst, to);
      if (x == width) {
        break; // no odd column behind the last even one
      }
      at += step;
      b = fma(FloatVector.fromArray(F, tile, row0 + at), w01, b);
      b = fma(FloatVector.fromArray(F, tile, row1 + at), w11, b);
      b = fma(FloatVector.fromArray(F, tile, row2 + at), w21, b);
      at += step;
      a = b;
      to = next;
      next += dstStep;
    }
  }

  /** Any number of taps: eight outputs in registers, one loop over the taps. */
  // for (r < 8) dst[r * dstStep] = clamp(w[0] + sum over t of tile[from + taps[t] + r * step] * w[1
  // + t])
  static void taps8(
      int[] taps,
      float[] tile,
      int from,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int to,
      int dstStep,
      float min,
      float max) {
    FloatVector s0 = FloatVector.fromArray(F, w, wOff);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    FloatVector s4 = s0;
    FloatVector s5 = s0;
    FloatVector s6 = s0;
    FloatVector s7 = s0;
    int w1 = wOff + L;
    for (int t = 0; t < taps.length; t++) {
      FloatVector wt = FloatVector.fromArray(F, w, w1 + t * L);
      int at = from + taps[t];
      s0 = fma(wt, FloatVector.fromArray(F, tile, at), s0);
      s1 = fma(wt, FloatVector.fromArray(F, tile, at + step), s1);
      s2 = fma(wt, FloatVector.fromArray(F, tile, at + 2 * step), s2);
      s3 = fma(wt, FloatVector.fromArray(F, tile, at + 3 * step), s3);
      s4 = fma(wt, FloatVector.fromArray(F, tile, at + 4 * step), s4);
      s5 = fma(wt, FloatVector.fromArray(F, tile, at + 5 * step), s5);
      s6 = fma(wt, FloatVector.fromArray(F, tile, at + 6 * step), s6);
      s7 = fma(wt, FloatVector.fromArray(F, tile, at + 7 * step), s7);
    }
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    clamp(s0, lo, hi).intoArray(dst, to);
    clamp(s1, lo, hi).intoArray(dst, to + dstStep);
    clamp(s2, lo, hi).intoArray(dst, to + 2 * dstStep);
    clamp(s3, lo, hi).intoArray(dst, to + 3 * dstStep);
    clamp(s4, lo, hi).intoArray(dst, to + 4 * dstStep);
    clamp(s5, lo, hi).intoArray(dst, to + 5 * dstStep);
    clamp(s6, lo, hi).intoArray(dst, to + 6 * dstStep);
    clamp(s7, lo, hi).intoArray(dst, to + 7 * dstStep);
  }

  /** As {@link #taps8} for one output. */
  static void taps1(
      int[] taps,
      float[] tile,
      int from,
      float[] w,
      int wOff,
      float[] dst,
      int to,
      float min,
      float max) {
    FloatVector s = FloatVector.fromArray(F, w, wOff);
    for (int t = 0; t < taps.length; t++) {
      s =
          fma(
              FloatVector.fromArray(F, w, wOff + L + t * L),
              FloatVector.fromArray(F, tile, from + taps[t]),
              s);
    }
    clamp(s, FloatVector.broadcast(F, min), FloatVector.broadcast(F, max)).intoArray(dst, to);
  }
}
