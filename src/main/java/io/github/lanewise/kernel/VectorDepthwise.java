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

  /** Floats between pixels that meet in few sets of L1: loads are then worth more than spills. */
  private static final int CONFLICT = 64;

  /** Sweeps of a row; more would be too short. */
  private static final int MAX_SWEEPS = 4;

  /** The kernel that {@link #rows} takes for the taps of a row. */
  static String name(int[] taps, int step) {
    if (sweeps(taps, step) > 0) {
      return Lanes.REGISTERS >= 32 ? "sweep2" : "sweep1";
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

  /** Whether the kernel for these taps can do without a padding column on the left. */
  static boolean skipsLeft(int[] taps, int step) {
    return sweeps(taps, step) == 1;
  }

  /** Whether it can do without one on the right. */
  static boolean skipsRight(int[] taps, int step) {
    return sweeps(taps, step) == 1 || isStride2(taps, step);
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
      boolean skipLeft,
      boolean skipRight,
      int[][] taps,
      float[] tile,
      int tileOff,
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
    int origin = tileOff - weights.firstChannel(first);
    boolean two = Lanes.REGISTERS >= 32 || apart % CONFLICT == 0;
    if (two && taps.length == 2 && sweeps == 1 && b[0] == a[3] && b[3] == a[6]) {
      int columns = width + 2 - (skipLeft ? 1 : 0) - (skipRight ? 1 : 0);
      int left = origin + (skipLeft ? apart : 0);
      for (int i = first; i < end; i++) {
        int c = weights.firstChannel(i);
        int at = left + c;
        sweep2(
            columns,
            skipLeft ? 1 : 2,
            skipRight,
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
    } else {
      for (int y = 0; y < taps.length; y++) {
        row(
            width,
            skipLeft,
            skipRight,
            taps[y],
            sweeps,
            tile,
            origin,
            step,
            weights,
            first,
            end,
            dst,
            dstOff + y * dstRow,
            dstStep,
            lo,
            hi);
      }
    }
    if (skipRight) { // sweeps leave the clamp of the last pixel out: it would make them too large
      int channels = weights.firstChannel(end - 1) + L - weights.firstChannel(first);
      for (int y = 1; y <= taps.length; y++) {
        int last = dstOff + y * dstRow - dstStep + weights.firstChannel(first);
        VectorActivation.clamp(lo, hi, channels, dst, last);
      }
    }
  }

  private static void row(
      int width,
      boolean skipLeft,
      boolean skipRight,
      int[] t,
      int sweeps,
      float[] tile,
      int origin,
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
    int apart = apart(t);
    boolean stride2 = 2 * apart == step;
    int whole = stride2 && skipRight ? width - 1 : width;
    int columns = width + 2 - (skipLeft ? 1 : 0) - (skipRight ? 1 : 0);
    int left = skipLeft ? apart : 0;
    for (int i = first; i < end; i++) {
      int c = weights.firstChannel(i);
      int at = origin + c;
      int wOff = weights.offset(i);
      int to = dstOff + c;
      if (sweeps == 1) {
        sweep1(
            columns,
            skipLeft ? 1 : 2,
            skipRight,
            tile,
            at + left + t[0],
            at + left + t[3],
            at + left + t[6],
            apart,
            w,
            wOff,
            dst,
            to,
            dstStep,
            lo,
            hi);
      } else if (stride2) {
        sweepStride2(
            whole, tile, at + t[0], at + t[3], at + t[6], apart, w, wOff, dst, to, dstStep, lo, hi);
      } else if (sweeps == 0) {
        any(width, t, tile, at, step, w, wOff, dst, to, dstStep, lo, hi);
      }
      for (int r = 0; r < sweeps && sweeps > 1; r++) {
        int from = at + r * step;
        int some = (width - r + sweeps - 1) / sweeps;
        sweep1(
            some + 2,
            2,
            false,
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
    }
    if (whole < width) {
      int from = origin + whole * step;
      lastOfStride2(t, tile, from, weights, first, end, dst, dstOff + whole * dstStep);
    }
  }

  /** The last pixel of a row of stride 2 whose last column is padding, not clamped. */
  // c < channels: dst[c] = w[0] + sum over i < 3, j < 2 of tile[taps[3 * i + j]] * w[1 + 3 * i + j]
  private static void lastOfStride2(
      int[] taps,
      float[] tile,
      int origin,
      PackedDepthwise weights,
      int first,
      int end,
      float[] dst,
      int dstOff) {
    float[] w = weights.data();
    for (int i = first; i < end; i++) {
      int c = weights.firstChannel(i);
      int at = origin + c;
      int k = weights.offset(i);
      FloatVector s = FloatVector.fromArray(F, w, k);
      s = fma(FloatVector.fromArray(F, tile, at + taps[0]), FloatVector.fromArray(F, w, k + L), s);
      s =
          fma(
              FloatVector.fromArray(F, tile, at + taps[3]),
              FloatVector.fromArray(F, w, k + 4 * L),
              s);
      s =
          fma(
              FloatVector.fromArray(F, tile, at + taps[6]),
              FloatVector.fromArray(F, w, k + 7 * L),
              s);
      s =
          fma(
              FloatVector.fromArray(F, tile, at + taps[1]),
              FloatVector.fromArray(F, w, k + 2 * L),
              s);
      s =
          fma(
              FloatVector.fromArray(F, tile, at + taps[4]),
              FloatVector.fromArray(F, w, k + 5 * L),
              s);
      s =
          fma(
              FloatVector.fromArray(F, tile, at + taps[7]),
              FloatVector.fromArray(F, w, k + 8 * L),
              s);
      s.intoArray(dst, dstOff + c);
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
      int columns,
      int lead,
      boolean trail,
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
    for (int x = 0; x < columns; x++) {
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
      int to = dstOff + Math.max(x - lead, 0) * dstStep;
      clamp(a0, lo, hi).intoArray(dst, to);
      a0 = b0;
      b0 = c0;
    }
    if (trail) {
      int to = dstOff + (columns - lead) * dstStep;
      a0.intoArray(dst, to);
    }
  }

  /** Two output rows, {@code row1} being the second's first: 4 loads for 18 multiply-adds. */
  // for (r < 2) for (x < width) dst[dstOff + r * dstRow + x * dstStep] = clamp(w[0] +
  //   sum over i, j < 3 of tile[row(r + i) + (x + j) * step] * w[1 + 3 * i + j])
  static void sweep2(
      int columns,
      int lead,
      boolean trail,
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
    for (int x = 0; x < columns; x++) {
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
      int to = dstOff + Math.max(x - lead, 0) * dstStep;
      clamp(a0, lo, hi).intoArray(dst, to);
      clamp(a1, lo, hi).intoArray(dst, to + dstRow);
      a0 = b0;
      b0 = c0;
      a1 = b1;
      b1 = c1;
    }
    if (trail) {
      int to = dstOff + (columns - lead) * dstStep;
      a0.intoArray(dst, to);
      a1.intoArray(dst, to + dstRow);
    }
  }

  /**
   * Stride 2: an odd column is the middle of an output, an even one completes it and begins the
   * next.
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
    FloatVector bias = FloatVector.fromArray(F, w, wOff);
    FloatVector b = bias;
    int at0 = row0 + step;
    b = fma(FloatVector.fromArray(F, tile, row0), w00, b);
    int at1 = row1 + step;
    b = fma(FloatVector.fromArray(F, tile, row1), w10, b);
    int at2 = row2 + step;
    b = fma(FloatVector.fromArray(F, tile, row2), w20, b);
    int to = dstOff;
    for (int x = 0; x < width; x++) {
      FloatVector c = bias;
      FloatVector v;
      b = fma(FloatVector.fromArray(F, tile, at0), w01, b);
      at0 += step;
      b = fma(FloatVector.fromArray(F, tile, at1), w11, b);
      at1 += step;
      b = fma(FloatVector.fromArray(F, tile, at2), w21, b);
      at2 += step;
      v = FloatVector.fromArray(F, tile, at0);
      b = fma(v, w02, b);
      c = fma(v, w00, c);
      at0 += step;
      v = FloatVector.fromArray(F, tile, at1);
      b = fma(v, w12, b);
      c = fma(v, w10, c);
      at1 += step;
      v = FloatVector.fromArray(F, tile, at2);
      b = fma(v, w22, b);
      c = fma(v, w20, c);
      at2 += step;
      clamp(b, lo, hi).intoArray(dst, to);
      b = c;
      to += dstStep;
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
