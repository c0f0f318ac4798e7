package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.L;
import static io.github.lanewise.kernel.Lanes.fma;
import static io.github.lanewise.kernel.VectorActivation.clamp;

import jdk.incubator.vector.FloatVector;

/**
 * Depthwise micro-kernels over one staged channel block of L lanes, and the copies that stage it
 * and take its result.
 */
final class VectorDepthwise {

  private VectorDepthwise() {}

  /**
   * Nine taps (a 3x3 kernel of any stride and dilation, the tile's phases making neighbouring
   * outputs contiguous): weights in nine registers, three short chains of multiply-adds, which keep
   * the scheduler of the CPU emptier than one of nine.
   */
  // for (x < width) dst[x] = w[0] + sum over t < 9 of tile[from + taps[t] + x] * w[1 + t]
  static void row9(
      int width, int[] taps, float[] tile, int from, float[] w, int wOff, float[] dst, int to) {
    int t0 = from + taps[0];
    int t1 = from + taps[1];
    int t2 = from + taps[2];
    int t3 = from + taps[3];
    int t4 = from + taps[4];
    int t5 = from + taps[5];
    int t6 = from + taps[6];
    int t7 = from + taps[7];
    int t8 = from + taps[8];
    FloatVector bias = FloatVector.fromArray(F, w, wOff);
    FloatVector w0 = FloatVector.fromArray(F, w, wOff + L);
    FloatVector w1 = FloatVector.fromArray(F, w, wOff + 2 * L);
    FloatVector w2 = FloatVector.fromArray(F, w, wOff + 3 * L);
    FloatVector w3 = FloatVector.fromArray(F, w, wOff + 4 * L);
    FloatVector w4 = FloatVector.fromArray(F, w, wOff + 5 * L);
    FloatVector w5 = FloatVector.fromArray(F, w, wOff + 6 * L);
    FloatVector w6 = FloatVector.fromArray(F, w, wOff + 7 * L);
    FloatVector w7 = FloatVector.fromArray(F, w, wOff + 8 * L);
    FloatVector w8 = FloatVector.fromArray(F, w, wOff + 9 * L);
    for (int x = 0; x < width; x++) {
      FloatVector s0 = fma(w0, FloatVector.fromArray(F, tile, t0 + x * L), bias);
      FloatVector s1 = w3.mul(FloatVector.fromArray(F, tile, t3 + x * L));
      FloatVector s2 = w6.mul(FloatVector.fromArray(F, tile, t6 + x * L));
      s0 = fma(w1, FloatVector.fromArray(F, tile, t1 + x * L), s0);
      s1 = fma(w4, FloatVector.fromArray(F, tile, t4 + x * L), s1);
      s2 = fma(w7, FloatVector.fromArray(F, tile, t7 + x * L), s2);
      s0 = fma(w2, FloatVector.fromArray(F, tile, t2 + x * L), s0);
      s1 = fma(w5, FloatVector.fromArray(F, tile, t5 + x * L), s1);
      s2 = fma(w8, FloatVector.fromArray(F, tile, t8 + x * L), s2);
      s0.add(s1).add(s2).intoArray(dst, to + x * L);
    }
  }

  /** Any number of taps: eight outputs in registers, one loop over the taps. */
  // for (r < 8) dst[r] = w[0] + sum over t of tile[from + taps[t] + r] * w[1 + t]
  static void taps8(int[] taps, float[] tile, int from, float[] w, int wOff, float[] dst, int to) {
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
      s1 = fma(wt, FloatVector.fromArray(F, tile, at + L), s1);
      s2 = fma(wt, FloatVector.fromArray(F, tile, at + 2 * L), s2);
      s3 = fma(wt, FloatVector.fromArray(F, tile, at + 3 * L), s3);
      s4 = fma(wt, FloatVector.fromArray(F, tile, at + 4 * L), s4);
      s5 = fma(wt, FloatVector.fromArray(F, tile, at + 5 * L), s5);
      s6 = fma(wt, FloatVector.fromArray(F, tile, at + 6 * L), s6);
      s7 = fma(wt, FloatVector.fromArray(F, tile, at + 7 * L), s7);
    }
    s0.intoArray(dst, to);
    s1.intoArray(dst, to + L);
    s2.intoArray(dst, to + 2 * L);
    s3.intoArray(dst, to + 3 * L);
    s4.intoArray(dst, to + 4 * L);
    s5.intoArray(dst, to + 5 * L);
    s6.intoArray(dst, to + 6 * L);
    s7.intoArray(dst, to + 7 * L);
  }

  /** As {@link #taps8} for one output. */
  static void taps1(int[] taps, float[] tile, int from, float[] w, int wOff, float[] dst, int to) {
    FloatVector s = FloatVector.fromArray(F, w, wOff);
    for (int t = 0; t < taps.length; t++) {
      s =
          fma(
              FloatVector.fromArray(F, w, wOff + L + t * L),
              FloatVector.fromArray(F, tile, from + taps[t]),
              s);
    }
    s.intoArray(dst, to);
  }

  // Four blocks at a time, so that whole cache lines of a pixel move together:
  // for (p < count) for (b < 4) dst[b * step + p * L .. + L] = src[p * srcStep + b * L .. + L]
  static void stage4(
      int count, float[] src, int srcOff, int srcStep, float[] dst, int d0, int step) {
    int d1 = d0 + step;
    int d2 = d1 + step;
    int d3 = d2 + step;
    int from = srcOff;
    for (int p = 0; p < count; p++) {
      FloatVector.fromArray(F, src, from).intoArray(dst, d0 + p * L);
      FloatVector.fromArray(F, src, from + L).intoArray(dst, d1 + p * L);
      FloatVector.fromArray(F, src, from + 2 * L).intoArray(dst, d2 + p * L);
      FloatVector.fromArray(F, src, from + 3 * L).intoArray(dst, d3 + p * L);
      from += srcStep;
    }
  }

  // for (p < count) dst[p * L .. + L] = src[p * srcStep .. + L]
  static void stage1(int count, float[] src, int srcOff, int srcStep, float[] dst, int dstOff) {
    int from = srcOff;
    for (int p = 0; p < count; p++) {
      FloatVector.fromArray(F, src, from).intoArray(dst, dstOff + p * L);
      from += srcStep;
    }
  }

  // for (p < count) for (b < 4) dst[p * dstStep + b * L .. + L] = clamp(src[b * step + p * L .. +
  // L])
  static void store4(
      int count,
      float[] src,
      int s0,
      int step,
      float[] dst,
      int dstOff,
      int dstStep,
      float min,
      float max) {
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    int s1 = s0 + step;
    int s2 = s1 + step;
    int s3 = s2 + step;
    int to = dstOff;
    for (int p = 0; p < count; p++) {
      clamp(FloatVector.fromArray(F, src, s0 + p * L), lo, hi).intoArray(dst, to);
      clamp(FloatVector.fromArray(F, src, s1 + p * L), lo, hi).intoArray(dst, to + L);
      clamp(FloatVector.fromArray(F, src, s2 + p * L), lo, hi).intoArray(dst, to + 2 * L);
      clamp(FloatVector.fromArray(F, src, s3 + p * L), lo, hi).intoArray(dst, to + 3 * L);
      to += dstStep;
    }
  }

  // for (p < count) dst[p * dstStep .. + L] = clamp(src[p * L .. + L])
  static void store1(
      int count,
      float[] src,
      int srcOff,
      float[] dst,
      int dstOff,
      int dstStep,
      float min,
      float max) {
    FloatVector lo = FloatVector.broadcast(F, min);
    FloatVector hi = FloatVector.broadcast(F, max);
    int to = dstOff;
    for (int p = 0; p < count; p++) {
      clamp(FloatVector.fromArray(F, src, srcOff + p * L), lo, hi).intoArray(dst, to);
      to += dstStep;
    }
  }
}
