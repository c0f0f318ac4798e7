// Written by src/build/Tiles.java from its tables: change those, then mvn initialize -Pformat
package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Kernels.BOTTOM;
import static io.github.lanewise.kernel.Kernels.LEFT;
import static io.github.lanewise.kernel.Kernels.RIGHT;
import static io.github.lanewise.kernel.Kernels.TOP;
import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.I;
import static io.github.lanewise.kernel.Lanes.L;
import static jdk.incubator.vector.FloatVector.fromArray;

import io.github.lanewise.jvm.Gate;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Register tiles. Each says whether the sum of its results, or of products of two, is NaN. */
final class DepthwiseTiles {
  /** Not final, so that C2 does not fold it (docs/kernels.md, R3). */
  @SuppressWarnings("NonFinalStaticField")
  private static int zero = 0;

  private DepthwiseTiles() {}

  static boolean run(
      DepthwiseKernel kernel,
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    return switch (kernel) {
      case TILE2X4 -> tile2x4(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case TILE2X3 -> tile2x3(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case STRIDE2 -> stride2(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case RUNS3 -> runs3(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case RUNS5 -> runs5(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case RUNS7 -> runs7(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case RUNS5S2 -> runs5s2(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case TAPS8 -> taps8(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case TAPS4 -> taps4(p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
      case TAPS3 -> throw new IllegalArgumentException(kernel + " is plain Java");
    };
  }

  // for (y < 2) for (x < width) for (l < lanes) dst[dstOff + y * dstRow + x * dstStep + l] =
  //   clamp(w[l] + sum over i, j < 3 of
  //       tile[row(y + i) + (x + j) * step + l] * w(1 + 3 * i + j, l))
  static boolean tile2x4(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    if (end - first == -1 || end - first == -2 || end - first == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(end - first);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int width = p.width;
    int step = p.taps.apart;
    int[] above = p.taps.row(y);
    boolean meet = p.taps.meet();
    int dstRow = meet ? p.dstRow : 0;
    int[] below = meet ? p.taps.row(y + 1) : above;
    int row0 = tileOff + above[0];
    int row1 = tileOff + above[3];
    int row2 = tileOff + above[6];
    int row3 = tileOff + below[6];
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(4, width);
    int to1 = Math.min(1, columns - 1) * dstStep;
    int to2 = Math.min(2, columns - 1) * dstStep;
    int to3 = Math.min(3, columns - 1) * dstStep;
    int s = step;
    int z = zero;
    for (int x = 0; x < width; x += 4) {
      int column = Math.min(x, width - columns);
      int sides = edges;
      sides &= column > 0 ? ~LEFT : -1;
      sides &= column + columns < width ? ~RIGHT : -1;
      boolean inside = sides == 0;
      int from = column * step;
      int to = dstOff + column * dstStep;
      for (int i = 0; i < lanes; i += L) {
        int c = Math.min(i, last);
        int k = wOff + 10 * i;
        s += z;
        int e = sides + (s - step);
        FloatVector s00 = fromArray(F, w, k);
        FloatVector s01 = s00;
        FloatVector s02 = s00;
        FloatVector s03 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s12 = s00;
        FloatVector s13 = s00;
        FloatVector w00 = fromArray(F, w, k + L);
        FloatVector w01 = fromArray(F, w, k + 2 * L);
        FloatVector w02 = fromArray(F, w, k + 3 * L);
        int at;
        FloatVector v;
        if (inside || (e & TOP) == 0) {
          at = row0 + from + c;
          if (inside || (e & LEFT) == 0) {
            v = fromArray(F, tile, at);
            s00 = v.fma(w00, s00);
          }
          at += s;
          v = fromArray(F, tile, at);
          s00 = v.fma(w01, s00);
          s01 = v.fma(w00, s01);
          at += s;
          v = fromArray(F, tile, at);
          s00 = v.fma(w02, s00);
          s01 = v.fma(w01, s01);
          s02 = v.fma(w00, s02);
          at += s;
          v = fromArray(F, tile, at);
          s01 = v.fma(w02, s01);
          s02 = v.fma(w01, s02);
          s03 = v.fma(w00, s03);
          at += s;
          v = fromArray(F, tile, at);
          s02 = v.fma(w02, s02);
          s03 = v.fma(w01, s03);
          at += s;
          if (inside || (e & RIGHT) == 0) {
            v = fromArray(F, tile, at);
            s03 = v.fma(w02, s03);
          }
        }
        k += z;
        FloatVector w10 = fromArray(F, w, k + 4 * L);
        FloatVector w11 = fromArray(F, w, k + 5 * L);
        FloatVector w12 = fromArray(F, w, k + 6 * L);
        at = row1 + from + c;
        if (inside || (e & LEFT) == 0) {
          v = fromArray(F, tile, at);
          s00 = v.fma(w10, s00);
          s10 = v.fma(w00, s10);
        }
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w11, s00);
        s01 = v.fma(w10, s01);
        s10 = v.fma(w01, s10);
        s11 = v.fma(w00, s11);
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w12, s00);
        s01 = v.fma(w11, s01);
        s02 = v.fma(w10, s02);
        s10 = v.fma(w02, s10);
        s11 = v.fma(w01, s11);
        s12 = v.fma(w00, s12);
        at += s;
        v = fromArray(F, tile, at);
        s01 = v.fma(w12, s01);
        s02 = v.fma(w11, s02);
        s03 = v.fma(w10, s03);
        s11 = v.fma(w02, s11);
        s12 = v.fma(w01, s12);
        s13 = v.fma(w00, s13);
        at += s;
        v = fromArray(F, tile, at);
        s02 = v.fma(w12, s02);
        s03 = v.fma(w11, s03);
        s12 = v.fma(w02, s12);
        s13 = v.fma(w01, s13);
        at += s;
        if (inside || (e & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s03 = v.fma(w12, s03);
          s13 = v.fma(w02, s13);
        }
        k += z;
        FloatVector w20 = fromArray(F, w, k + 7 * L);
        FloatVector w21 = fromArray(F, w, k + 8 * L);
        FloatVector w22 = fromArray(F, w, k + 9 * L);
        at = row2 + from + c;
        if (inside || (e & LEFT) == 0) {
          v = fromArray(F, tile, at);
          s00 = v.fma(w20, s00);
          s10 = v.fma(w10, s10);
        }
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w21, s00);
        s01 = v.fma(w20, s01);
        s10 = v.fma(w11, s10);
        s11 = v.fma(w10, s11);
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w22, s00);
        s01 = v.fma(w21, s01);
        s02 = v.fma(w20, s02);
        s10 = v.fma(w12, s10);
        s11 = v.fma(w11, s11);
        s12 = v.fma(w10, s12);
        at += s;
        v = fromArray(F, tile, at);
        s01 = v.fma(w22, s01);
        s02 = v.fma(w21, s02);
        s03 = v.fma(w20, s03);
        s11 = v.fma(w12, s11);
        s12 = v.fma(w11, s12);
        s13 = v.fma(w10, s13);
        at += s;
        v = fromArray(F, tile, at);
        s02 = v.fma(w22, s02);
        s03 = v.fma(w21, s03);
        s12 = v.fma(w12, s12);
        s13 = v.fma(w11, s13);
        at += s;
        if (inside || (e & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s03 = v.fma(w22, s03);
          s13 = v.fma(w12, s13);
        }
        if (inside || (e & BOTTOM) == 0) {
          at = row3 + from + c;
          if (inside || (e & LEFT) == 0) {
            v = fromArray(F, tile, at);
            s10 = v.fma(w20, s10);
          }
          at += s;
          v = fromArray(F, tile, at);
          s10 = v.fma(w21, s10);
          s11 = v.fma(w20, s11);
          at += s;
          v = fromArray(F, tile, at);
          s10 = v.fma(w22, s10);
          s11 = v.fma(w21, s11);
          s12 = v.fma(w20, s12);
          at += s;
          v = fromArray(F, tile, at);
          s11 = v.fma(w22, s11);
          s12 = v.fma(w21, s12);
          s13 = v.fma(w20, s13);
          at += s;
          v = fromArray(F, tile, at);
          s12 = v.fma(w22, s12);
          s13 = v.fma(w21, s13);
          at += s;
          if (inside || (e & RIGHT) == 0) {
            v = fromArray(F, tile, at);
            s13 = v.fma(w22, s13);
          }
        }
        sum = s00.fma(s10, sum);
        sum = s01.fma(s11, sum);
        sum = s02.fma(s12, sum);
        sum = s03.fma(s13, sum);
        int out = to + c + dstRow;
        s13.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to3);
        s12.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to2);
        s11.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s10.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
        out = to + c;
        s03.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to3);
        s02.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to2);
        s01.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s00.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (y < 2) for (x < width) for (l < lanes) dst[dstOff + y * dstRow + x * dstStep + l] =
  //   clamp(w[l] + sum over i, j < 3 of
  //       tile[row(y + i) + (x + j) * step + l] * w(1 + 3 * i + j, l))
  static boolean tile2x3(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    if (end - first == -1 || end - first == -2 || end - first == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(end - first);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int width = p.width;
    int step = p.taps.apart;
    int[] above = p.taps.row(y);
    boolean meet = p.taps.meet();
    int dstRow = meet ? p.dstRow : 0;
    int[] below = meet ? p.taps.row(y + 1) : above;
    int row0 = tileOff + above[0];
    int row1 = tileOff + above[3];
    int row2 = tileOff + above[6];
    int row3 = tileOff + below[6];
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(3, width);
    int to1 = Math.min(1, columns - 1) * dstStep;
    int to2 = Math.min(2, columns - 1) * dstStep;
    int s = step;
    int z = zero;
    for (int x = 0; x < width; x += 3) {
      int column = Math.min(x, width - columns);
      int sides = edges;
      sides &= column > 0 ? ~LEFT : -1;
      sides &= column + columns < width ? ~RIGHT : -1;
      boolean inside = sides == 0;
      int from = column * step;
      int to = dstOff + column * dstStep;
      for (int i = 0; i < lanes; i += L) {
        int c = Math.min(i, last);
        int k = wOff + 10 * i;
        s += z;
        int e = sides + (s - step);
        FloatVector s00 = fromArray(F, w, k);
        FloatVector s01 = s00;
        FloatVector s02 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        FloatVector s12 = s00;
        FloatVector w00 = fromArray(F, w, k + L);
        FloatVector w01 = fromArray(F, w, k + 2 * L);
        FloatVector w02 = fromArray(F, w, k + 3 * L);
        int at;
        FloatVector v;
        if (inside || (e & TOP) == 0) {
          at = row0 + from + c;
          if (inside || (e & LEFT) == 0) {
            v = fromArray(F, tile, at);
            s00 = v.fma(w00, s00);
          }
          at += s;
          v = fromArray(F, tile, at);
          s00 = v.fma(w01, s00);
          s01 = v.fma(w00, s01);
          at += s;
          v = fromArray(F, tile, at);
          s00 = v.fma(w02, s00);
          s01 = v.fma(w01, s01);
          s02 = v.fma(w00, s02);
          at += s;
          v = fromArray(F, tile, at);
          s01 = v.fma(w02, s01);
          s02 = v.fma(w01, s02);
          at += s;
          if (inside || (e & RIGHT) == 0) {
            v = fromArray(F, tile, at);
            s02 = v.fma(w02, s02);
          }
        }
        k += z;
        FloatVector w10 = fromArray(F, w, k + 4 * L);
        FloatVector w11 = fromArray(F, w, k + 5 * L);
        FloatVector w12 = fromArray(F, w, k + 6 * L);
        at = row1 + from + c;
        if (inside || (e & LEFT) == 0) {
          v = fromArray(F, tile, at);
          s00 = v.fma(w10, s00);
          s10 = v.fma(w00, s10);
        }
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w11, s00);
        s01 = v.fma(w10, s01);
        s10 = v.fma(w01, s10);
        s11 = v.fma(w00, s11);
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w12, s00);
        s01 = v.fma(w11, s01);
        s02 = v.fma(w10, s02);
        s10 = v.fma(w02, s10);
        s11 = v.fma(w01, s11);
        s12 = v.fma(w00, s12);
        at += s;
        v = fromArray(F, tile, at);
        s01 = v.fma(w12, s01);
        s02 = v.fma(w11, s02);
        s11 = v.fma(w02, s11);
        s12 = v.fma(w01, s12);
        at += s;
        if (inside || (e & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s02 = v.fma(w12, s02);
          s12 = v.fma(w02, s12);
        }
        k += z;
        FloatVector w20 = fromArray(F, w, k + 7 * L);
        FloatVector w21 = fromArray(F, w, k + 8 * L);
        FloatVector w22 = fromArray(F, w, k + 9 * L);
        at = row2 + from + c;
        if (inside || (e & LEFT) == 0) {
          v = fromArray(F, tile, at);
          s00 = v.fma(w20, s00);
          s10 = v.fma(w10, s10);
        }
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w21, s00);
        s01 = v.fma(w20, s01);
        s10 = v.fma(w11, s10);
        s11 = v.fma(w10, s11);
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w22, s00);
        s01 = v.fma(w21, s01);
        s02 = v.fma(w20, s02);
        s10 = v.fma(w12, s10);
        s11 = v.fma(w11, s11);
        s12 = v.fma(w10, s12);
        at += s;
        v = fromArray(F, tile, at);
        s01 = v.fma(w22, s01);
        s02 = v.fma(w21, s02);
        s11 = v.fma(w12, s11);
        s12 = v.fma(w11, s12);
        at += s;
        if (inside || (e & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s02 = v.fma(w22, s02);
          s12 = v.fma(w12, s12);
        }
        if (inside || (e & BOTTOM) == 0) {
          at = row3 + from + c;
          if (inside || (e & LEFT) == 0) {
            v = fromArray(F, tile, at);
            s10 = v.fma(w20, s10);
          }
          at += s;
          v = fromArray(F, tile, at);
          s10 = v.fma(w21, s10);
          s11 = v.fma(w20, s11);
          at += s;
          v = fromArray(F, tile, at);
          s10 = v.fma(w22, s10);
          s11 = v.fma(w21, s11);
          s12 = v.fma(w20, s12);
          at += s;
          v = fromArray(F, tile, at);
          s11 = v.fma(w22, s11);
          s12 = v.fma(w21, s12);
          at += s;
          if (inside || (e & RIGHT) == 0) {
            v = fromArray(F, tile, at);
            s12 = v.fma(w22, s12);
          }
        }
        sum = s00.fma(s10, sum);
        sum = s01.fma(s11, sum);
        sum = s02.fma(s12, sum);
        int out = to + c + dstRow;
        s12.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to2);
        s11.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s10.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
        out = to + c;
        s02.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to2);
        s01.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s00.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (y < 2) for (x < width) for (l < lanes) dst[dstOff + y * dstRow + x * dstStep + l] =
  //   clamp(w[l] + sum over i, j < 3 of
  //       tile[row(2 * y + i) + (2 * x + j) * step + l] * w(1 + 3 * i + j, l))
  static boolean stride2(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    if (end - first == -1 || end - first == -2 || end - first == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(end - first);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int width = p.width;
    int step = p.taps.apart;
    int[] above = p.taps.row(y);
    boolean meet = p.taps.meet();
    int dstRow = meet ? p.dstRow : 0;
    int[] below = meet ? p.taps.row(y + 1) : above;
    int row0 = tileOff + above[0];
    int row1 = tileOff + above[3];
    int row2 = tileOff + above[6];
    int row3 = tileOff + below[3];
    int row4 = tileOff + below[6];
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(2, width);
    int to1 = (columns - 1) * dstStep;
    int s = step;
    int z = zero;
    for (int x = 0; x < width; x += 2) {
      int column = Math.min(x, width - columns);
      int sides = edges;
      sides &= column > 0 ? ~LEFT : -1;
      sides &= column + columns < width ? ~RIGHT : -1;
      boolean inside = sides == 0;
      int from = column * 2 * step;
      int to = dstOff + column * dstStep;
      for (int i = 0; i < lanes; i += L) {
        int c = Math.min(i, last);
        int k = wOff + 10 * i;
        s += z;
        int e = sides + (s - step);
        FloatVector w00 = fromArray(F, w, k + L);
        FloatVector w01 = fromArray(F, w, k + 2 * L);
        FloatVector w02 = fromArray(F, w, k + 3 * L);
        FloatVector w10 = fromArray(F, w, k + 4 * L);
        FloatVector w11 = fromArray(F, w, k + 5 * L);
        FloatVector w12 = fromArray(F, w, k + 6 * L);
        FloatVector w20 = fromArray(F, w, k + 7 * L);
        FloatVector w21 = fromArray(F, w, k + 8 * L);
        FloatVector w22 = fromArray(F, w, k + 9 * L);
        FloatVector s00 = fromArray(F, w, k);
        FloatVector s01 = s00;
        FloatVector s10 = s00;
        FloatVector s11 = s00;
        int at;
        FloatVector v;
        if (inside || (e & TOP) == 0) {
          at = row0 + from + c;
          if (inside || (e & LEFT) == 0) {
            v = fromArray(F, tile, at);
            s00 = v.fma(w00, s00);
          }
          at += s;
          v = fromArray(F, tile, at);
          s00 = v.fma(w01, s00);
          at += s;
          v = fromArray(F, tile, at);
          s00 = v.fma(w02, s00);
          s01 = v.fma(w00, s01);
          at += s;
          v = fromArray(F, tile, at);
          s01 = v.fma(w01, s01);
          at += s;
          if (inside || (e & RIGHT) == 0) {
            v = fromArray(F, tile, at);
            s01 = v.fma(w02, s01);
          }
        }
        at = row1 + from + c;
        if (inside || (e & LEFT) == 0) {
          v = fromArray(F, tile, at);
          s00 = v.fma(w10, s00);
        }
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w11, s00);
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w12, s00);
        s01 = v.fma(w10, s01);
        at += s;
        v = fromArray(F, tile, at);
        s01 = v.fma(w11, s01);
        at += s;
        if (inside || (e & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s01 = v.fma(w12, s01);
        }
        at = row2 + from + c;
        if (inside || (e & LEFT) == 0) {
          v = fromArray(F, tile, at);
          s00 = v.fma(w20, s00);
          s10 = v.fma(w00, s10);
        }
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w21, s00);
        s10 = v.fma(w01, s10);
        at += s;
        v = fromArray(F, tile, at);
        s00 = v.fma(w22, s00);
        s01 = v.fma(w20, s01);
        s10 = v.fma(w02, s10);
        s11 = v.fma(w00, s11);
        at += s;
        v = fromArray(F, tile, at);
        s01 = v.fma(w21, s01);
        s11 = v.fma(w01, s11);
        at += s;
        if (inside || (e & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s01 = v.fma(w22, s01);
          s11 = v.fma(w02, s11);
        }
        at = row3 + from + c;
        if (inside || (e & LEFT) == 0) {
          v = fromArray(F, tile, at);
          s10 = v.fma(w10, s10);
        }
        at += s;
        v = fromArray(F, tile, at);
        s10 = v.fma(w11, s10);
        at += s;
        v = fromArray(F, tile, at);
        s10 = v.fma(w12, s10);
        s11 = v.fma(w10, s11);
        at += s;
        v = fromArray(F, tile, at);
        s11 = v.fma(w11, s11);
        at += s;
        if (inside || (e & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s11 = v.fma(w12, s11);
        }
        if (inside || (e & BOTTOM) == 0) {
          at = row4 + from + c;
          if (inside || (e & LEFT) == 0) {
            v = fromArray(F, tile, at);
            s10 = v.fma(w20, s10);
          }
          at += s;
          v = fromArray(F, tile, at);
          s10 = v.fma(w21, s10);
          at += s;
          v = fromArray(F, tile, at);
          s10 = v.fma(w22, s10);
          s11 = v.fma(w20, s11);
          at += s;
          v = fromArray(F, tile, at);
          s11 = v.fma(w21, s11);
          at += s;
          if (inside || (e & RIGHT) == 0) {
            v = fromArray(F, tile, at);
            s11 = v.fma(w22, s11);
          }
        }
        sum = s00.fma(s10, sum);
        sum = s01.fma(s11, sum);
        int out = to + c + dstRow;
        s11.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s10.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
        out = to + c;
        s01.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s00.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
  //   clamp(w[l] + sum over t of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  static boolean runs3(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    if (end - first == -1 || end - first == -2 || end - first == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(end - first);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int width = p.width;
    int[] taps = p.taps.row(y);
    int step = p.taps.step;
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(10, width);
    int to1 = Math.min(1, columns - 1) * dstStep;
    int to2 = Math.min(2, columns - 1) * dstStep;
    int to3 = Math.min(3, columns - 1) * dstStep;
    int to4 = Math.min(4, columns - 1) * dstStep;
    int to5 = Math.min(5, columns - 1) * dstStep;
    int to6 = Math.min(6, columns - 1) * dstStep;
    int to7 = Math.min(7, columns - 1) * dstStep;
    int to8 = Math.min(8, columns - 1) * dstStep;
    int to9 = Math.min(9, columns - 1) * dstStep;
    for (int x = 0; x < width; x += 10) {
      int column = Math.min(x, width - columns);
      int from = tileOff + column * step;
      int to = dstOff + column * dstStep;
      for (int i = 0; i < lanes; i += L) {
        int c = Math.min(i, last);
        int k = wOff + (1 + taps.length) * i;
        FloatVector s0 = fromArray(F, w, k);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        FloatVector s8 = s0;
        FloatVector s9 = s0;
        for (int t = 0; t < taps.length; t += 3) {
          int at = from + c + taps[t];
          int row = k + L + t * L;
          FloatVector w0 = fromArray(F, w, row);
          FloatVector w1 = fromArray(F, w, row + L);
          FloatVector w2 = fromArray(F, w, row + 2 * L);
          FloatVector v = fromArray(F, tile, at);
          s0 = v.fma(w0, s0);
          v = fromArray(F, tile, at + step);
          s0 = v.fma(w1, s0);
          s1 = v.fma(w0, s1);
          v = fromArray(F, tile, at + 2 * step);
          s0 = v.fma(w2, s0);
          s1 = v.fma(w1, s1);
          s2 = v.fma(w0, s2);
          v = fromArray(F, tile, at + 3 * step);
          s1 = v.fma(w2, s1);
          s2 = v.fma(w1, s2);
          s3 = v.fma(w0, s3);
          v = fromArray(F, tile, at + 4 * step);
          s2 = v.fma(w2, s2);
          s3 = v.fma(w1, s3);
          s4 = v.fma(w0, s4);
          v = fromArray(F, tile, at + 5 * step);
          s3 = v.fma(w2, s3);
          s4 = v.fma(w1, s4);
          s5 = v.fma(w0, s5);
          v = fromArray(F, tile, at + 6 * step);
          s4 = v.fma(w2, s4);
          s5 = v.fma(w1, s5);
          s6 = v.fma(w0, s6);
          v = fromArray(F, tile, at + 7 * step);
          s5 = v.fma(w2, s5);
          s6 = v.fma(w1, s6);
          s7 = v.fma(w0, s7);
          v = fromArray(F, tile, at + 8 * step);
          s6 = v.fma(w2, s6);
          s7 = v.fma(w1, s7);
          s8 = v.fma(w0, s8);
          v = fromArray(F, tile, at + 9 * step);
          s7 = v.fma(w2, s7);
          s8 = v.fma(w1, s8);
          s9 = v.fma(w0, s9);
          v = fromArray(F, tile, at + 10 * step);
          s8 = v.fma(w2, s8);
          s9 = v.fma(w1, s9);
          v = fromArray(F, tile, at + 11 * step);
          s9 = v.fma(w2, s9);
        }
        sum = s0.add(s1).add(s2).add(s3.add(s4)).add(s5.add(s6).add(s7).add(s8.add(s9))).add(sum);
        int out = to + c;
        s9.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to9);
        s8.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to8);
        s7.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to7);
        s6.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to6);
        s5.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to5);
        s4.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to4);
        s3.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to3);
        s2.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to2);
        s1.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
  //   clamp(w[l] + sum over t of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  static boolean runs5(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    if (end - first == -1 || end - first == -2 || end - first == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(end - first);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int width = p.width;
    int[] taps = p.taps.row(y);
    int step = p.taps.step;
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(7, width);
    int to1 = Math.min(1, columns - 1) * dstStep;
    int to2 = Math.min(2, columns - 1) * dstStep;
    int to3 = Math.min(3, columns - 1) * dstStep;
    int to4 = Math.min(4, columns - 1) * dstStep;
    int to5 = Math.min(5, columns - 1) * dstStep;
    int to6 = Math.min(6, columns - 1) * dstStep;
    for (int x = 0; x < width; x += 7) {
      int column = Math.min(x, width - columns);
      int from = tileOff + column * step;
      int to = dstOff + column * dstStep;
      for (int i = 0; i < lanes; i += L) {
        int c = Math.min(i, last);
        int k = wOff + (1 + taps.length) * i;
        FloatVector s0 = fromArray(F, w, k);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        for (int t = 0; t < taps.length; t += 5) {
          int at = from + c + taps[t];
          int row = k + L + t * L;
          FloatVector w0 = fromArray(F, w, row);
          FloatVector w1 = fromArray(F, w, row + L);
          FloatVector w2 = fromArray(F, w, row + 2 * L);
          FloatVector w3 = fromArray(F, w, row + 3 * L);
          FloatVector w4 = fromArray(F, w, row + 4 * L);
          FloatVector v = fromArray(F, tile, at);
          s0 = v.fma(w0, s0);
          v = fromArray(F, tile, at + step);
          s0 = v.fma(w1, s0);
          s1 = v.fma(w0, s1);
          v = fromArray(F, tile, at + 2 * step);
          s0 = v.fma(w2, s0);
          s1 = v.fma(w1, s1);
          s2 = v.fma(w0, s2);
          v = fromArray(F, tile, at + 3 * step);
          s0 = v.fma(w3, s0);
          s1 = v.fma(w2, s1);
          s2 = v.fma(w1, s2);
          s3 = v.fma(w0, s3);
          v = fromArray(F, tile, at + 4 * step);
          s0 = v.fma(w4, s0);
          s1 = v.fma(w3, s1);
          s2 = v.fma(w2, s2);
          s3 = v.fma(w1, s3);
          s4 = v.fma(w0, s4);
          v = fromArray(F, tile, at + 5 * step);
          s1 = v.fma(w4, s1);
          s2 = v.fma(w3, s2);
          s3 = v.fma(w2, s3);
          s4 = v.fma(w1, s4);
          s5 = v.fma(w0, s5);
          v = fromArray(F, tile, at + 6 * step);
          s2 = v.fma(w4, s2);
          s3 = v.fma(w3, s3);
          s4 = v.fma(w2, s4);
          s5 = v.fma(w1, s5);
          s6 = v.fma(w0, s6);
          v = fromArray(F, tile, at + 7 * step);
          s3 = v.fma(w4, s3);
          s4 = v.fma(w3, s4);
          s5 = v.fma(w2, s5);
          s6 = v.fma(w1, s6);
          v = fromArray(F, tile, at + 8 * step);
          s4 = v.fma(w4, s4);
          s5 = v.fma(w3, s5);
          s6 = v.fma(w2, s6);
          v = fromArray(F, tile, at + 9 * step);
          s5 = v.fma(w4, s5);
          s6 = v.fma(w3, s6);
          v = fromArray(F, tile, at + 10 * step);
          s6 = v.fma(w4, s6);
        }
        sum = s0.add(s1).add(s2.add(s3)).add(s4.add(s5).add(s6)).add(sum);
        int out = to + c;
        s6.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to6);
        s5.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to5);
        s4.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to4);
        s3.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to3);
        s2.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to2);
        s1.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
  //   clamp(w[l] + sum over t of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  static boolean runs7(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    if (end - first == -1 || end - first == -2 || end - first == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(end - first);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int width = p.width;
    int[] taps = p.taps.row(y);
    int step = p.taps.step;
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(7, width);
    int to1 = Math.min(1, columns - 1) * dstStep;
    int to2 = Math.min(2, columns - 1) * dstStep;
    int to3 = Math.min(3, columns - 1) * dstStep;
    int to4 = Math.min(4, columns - 1) * dstStep;
    int to5 = Math.min(5, columns - 1) * dstStep;
    int to6 = Math.min(6, columns - 1) * dstStep;
    for (int x = 0; x < width; x += 7) {
      int column = Math.min(x, width - columns);
      int from = tileOff + column * step;
      int to = dstOff + column * dstStep;
      for (int i = 0; i < lanes; i += L) {
        int c = Math.min(i, last);
        int k = wOff + (1 + taps.length) * i;
        FloatVector s0 = fromArray(F, w, k);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        for (int t = 0; t < taps.length; t += 7) {
          int at = from + c + taps[t];
          int row = k + L + t * L;
          FloatVector w0 = fromArray(F, w, row);
          FloatVector w1 = fromArray(F, w, row + L);
          FloatVector w2 = fromArray(F, w, row + 2 * L);
          FloatVector w3 = fromArray(F, w, row + 3 * L);
          FloatVector w4 = fromArray(F, w, row + 4 * L);
          FloatVector w5 = fromArray(F, w, row + 5 * L);
          FloatVector w6 = fromArray(F, w, row + 6 * L);
          FloatVector v = fromArray(F, tile, at);
          s0 = v.fma(w0, s0);
          v = fromArray(F, tile, at + step);
          s0 = v.fma(w1, s0);
          s1 = v.fma(w0, s1);
          v = fromArray(F, tile, at + 2 * step);
          s0 = v.fma(w2, s0);
          s1 = v.fma(w1, s1);
          s2 = v.fma(w0, s2);
          v = fromArray(F, tile, at + 3 * step);
          s0 = v.fma(w3, s0);
          s1 = v.fma(w2, s1);
          s2 = v.fma(w1, s2);
          s3 = v.fma(w0, s3);
          v = fromArray(F, tile, at + 4 * step);
          s0 = v.fma(w4, s0);
          s1 = v.fma(w3, s1);
          s2 = v.fma(w2, s2);
          s3 = v.fma(w1, s3);
          s4 = v.fma(w0, s4);
          v = fromArray(F, tile, at + 5 * step);
          s0 = v.fma(w5, s0);
          s1 = v.fma(w4, s1);
          s2 = v.fma(w3, s2);
          s3 = v.fma(w2, s3);
          s4 = v.fma(w1, s4);
          s5 = v.fma(w0, s5);
          v = fromArray(F, tile, at + 6 * step);
          s0 = v.fma(w6, s0);
          s1 = v.fma(w5, s1);
          s2 = v.fma(w4, s2);
          s3 = v.fma(w3, s3);
          s4 = v.fma(w2, s4);
          s5 = v.fma(w1, s5);
          s6 = v.fma(w0, s6);
          v = fromArray(F, tile, at + 7 * step);
          s1 = v.fma(w6, s1);
          s2 = v.fma(w5, s2);
          s3 = v.fma(w4, s3);
          s4 = v.fma(w3, s4);
          s5 = v.fma(w2, s5);
          s6 = v.fma(w1, s6);
          v = fromArray(F, tile, at + 8 * step);
          s2 = v.fma(w6, s2);
          s3 = v.fma(w5, s3);
          s4 = v.fma(w4, s4);
          s5 = v.fma(w3, s5);
          s6 = v.fma(w2, s6);
          v = fromArray(F, tile, at + 9 * step);
          s3 = v.fma(w6, s3);
          s4 = v.fma(w5, s4);
          s5 = v.fma(w4, s5);
          s6 = v.fma(w3, s6);
          v = fromArray(F, tile, at + 10 * step);
          s4 = v.fma(w6, s4);
          s5 = v.fma(w5, s5);
          s6 = v.fma(w4, s6);
          v = fromArray(F, tile, at + 11 * step);
          s5 = v.fma(w6, s5);
          s6 = v.fma(w5, s6);
          v = fromArray(F, tile, at + 12 * step);
          s6 = v.fma(w6, s6);
        }
        sum = s0.add(s1).add(s2.add(s3)).add(s4.add(s5).add(s6)).add(sum);
        int out = to + c;
        s6.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to6);
        s5.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to5);
        s4.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to4);
        s3.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to3);
        s2.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to2);
        s1.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
  //   clamp(w[l] + sum over t of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  static boolean runs5s2(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    if (end - first == -1 || end - first == -2 || end - first == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(end - first);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int width = p.width;
    int[] taps = p.taps.row(y);
    int step = p.taps.step;
    int apart = step / 2;
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(7, width);
    int to1 = Math.min(1, columns - 1) * dstStep;
    int to2 = Math.min(2, columns - 1) * dstStep;
    int to3 = Math.min(3, columns - 1) * dstStep;
    int to4 = Math.min(4, columns - 1) * dstStep;
    int to5 = Math.min(5, columns - 1) * dstStep;
    int to6 = Math.min(6, columns - 1) * dstStep;
    for (int x = 0; x < width; x += 7) {
      int column = Math.min(x, width - columns);
      int from = tileOff + column * step;
      int to = dstOff + column * dstStep;
      for (int i = 0; i < lanes; i += L) {
        int c = Math.min(i, last);
        int k = wOff + (1 + taps.length) * i;
        FloatVector s0 = fromArray(F, w, k);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        for (int t = 0; t < taps.length; t += 5) {
          int at = from + c + taps[t];
          int row = k + L + t * L;
          FloatVector w0 = fromArray(F, w, row);
          FloatVector w1 = fromArray(F, w, row + L);
          FloatVector w2 = fromArray(F, w, row + 2 * L);
          FloatVector w3 = fromArray(F, w, row + 3 * L);
          FloatVector w4 = fromArray(F, w, row + 4 * L);
          FloatVector v = fromArray(F, tile, at);
          s0 = v.fma(w0, s0);
          v = fromArray(F, tile, at + apart);
          s0 = v.fma(w1, s0);
          v = fromArray(F, tile, at + 2 * apart);
          s0 = v.fma(w2, s0);
          s1 = v.fma(w0, s1);
          v = fromArray(F, tile, at + 3 * apart);
          s0 = v.fma(w3, s0);
          s1 = v.fma(w1, s1);
          v = fromArray(F, tile, at + 4 * apart);
          s0 = v.fma(w4, s0);
          s1 = v.fma(w2, s1);
          s2 = v.fma(w0, s2);
          v = fromArray(F, tile, at + 5 * apart);
          s1 = v.fma(w3, s1);
          s2 = v.fma(w1, s2);
          v = fromArray(F, tile, at + 6 * apart);
          s1 = v.fma(w4, s1);
          s2 = v.fma(w2, s2);
          s3 = v.fma(w0, s3);
          v = fromArray(F, tile, at + 7 * apart);
          s2 = v.fma(w3, s2);
          s3 = v.fma(w1, s3);
          v = fromArray(F, tile, at + 8 * apart);
          s2 = v.fma(w4, s2);
          s3 = v.fma(w2, s3);
          s4 = v.fma(w0, s4);
          v = fromArray(F, tile, at + 9 * apart);
          s3 = v.fma(w3, s3);
          s4 = v.fma(w1, s4);
          v = fromArray(F, tile, at + 10 * apart);
          s3 = v.fma(w4, s3);
          s4 = v.fma(w2, s4);
          s5 = v.fma(w0, s5);
          v = fromArray(F, tile, at + 11 * apart);
          s4 = v.fma(w3, s4);
          s5 = v.fma(w1, s5);
          v = fromArray(F, tile, at + 12 * apart);
          s4 = v.fma(w4, s4);
          s5 = v.fma(w2, s5);
          s6 = v.fma(w0, s6);
          v = fromArray(F, tile, at + 13 * apart);
          s5 = v.fma(w3, s5);
          s6 = v.fma(w1, s6);
          v = fromArray(F, tile, at + 14 * apart);
          s5 = v.fma(w4, s5);
          s6 = v.fma(w2, s6);
          v = fromArray(F, tile, at + 15 * apart);
          s6 = v.fma(w3, s6);
          v = fromArray(F, tile, at + 16 * apart);
          s6 = v.fma(w4, s6);
        }
        sum = s0.add(s1).add(s2.add(s3)).add(s4.add(s5).add(s6)).add(sum);
        int out = to + c;
        s6.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to6);
        s5.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to5);
        s4.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to4);
        s3.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to3);
        s2.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to2);
        s1.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out + to1);
        s0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, out);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // all columns
  static boolean taps8(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    return taps8(0, p.width, p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
  }

  // for (column <= x < end) for (l < lanes) dst[dstOff + x * dstStep + l] = clamp(
  //   w[l] + sum over t in which of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  static boolean taps8(
      int column,
      int endColumn,
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    int width = endColumn - column;
    if (end - first == -1 || end - first == -2 || end - first == -3) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.turns; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(end - first);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int[] taps = p.taps.row(y);
    int[] which = p.taps.inside(edges);
    int step = p.taps.step;
    tileOff += column * step;
    dstOff += column * dstStep;
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(8, width);
    int n1 = Math.min(1, columns - 1);
    int n2 = Math.min(2, columns - 1);
    int n3 = Math.min(3, columns - 1);
    int n4 = Math.min(4, columns - 1);
    int n5 = Math.min(5, columns - 1);
    int n6 = Math.min(6, columns - 1);
    int n7 = Math.min(7, columns - 1);
    for (int l = 0; l < lanes; l += L) {
      int k = wOff + (1 + taps.length) * l;
      int c = Math.min(l, last);
      for (int x = 0; x < width; x += 8) {
        int q = Math.min(x, width - columns);
        int at0 = tileOff + q * step + c;
        int at1 = at0 + n1 * step;
        int at2 = at0 + n2 * step;
        int at3 = at0 + n3 * step;
        int at4 = at0 + n4 * step;
        int at5 = at0 + n5 * step;
        int at6 = at0 + n6 * step;
        int at7 = at0 + n7 * step;
        FloatVector s0 = fromArray(F, w, k);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        FloatVector s4 = s0;
        FloatVector s5 = s0;
        FloatVector s6 = s0;
        FloatVector s7 = s0;
        for (int i = 0; i < which.length; i++) {
          int t = which[i];
          FloatVector wt = fromArray(F, w, k + (1 + t) * L);
          int tap = taps[t];
          s0 = wt.fma(fromArray(F, tile, at0 + tap), s0);
          s1 = wt.fma(fromArray(F, tile, at1 + tap), s1);
          s2 = wt.fma(fromArray(F, tile, at2 + tap), s2);
          s3 = wt.fma(fromArray(F, tile, at3 + tap), s3);
          s4 = wt.fma(fromArray(F, tile, at4 + tap), s4);
          s5 = wt.fma(fromArray(F, tile, at5 + tap), s5);
          s6 = wt.fma(fromArray(F, tile, at6 + tap), s6);
          s7 = wt.fma(fromArray(F, tile, at7 + tap), s7);
        }
        sum = s0.add(s1).add(s2.add(s3)).add(s4.add(s5).add(s6.add(s7))).add(sum);
        int to = dstOff + q * dstStep + c;
        s0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, to);
        s1.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n1 * dstStep);
        s2.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n2 * dstStep);
        s3.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n3 * dstStep);
        s4.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n4 * dstStep);
        s5.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n5 * dstStep);
        s6.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n6 * dstStep);
        s7.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n7 * dstStep);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }

  // all columns
  static boolean taps4(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    return taps4(0, p.width, p, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
  }

  // for (column <= x < end) for (l < lanes) dst[dstOff + x * dstStep + l] = clamp(
  //   w[l] + sum over t in which of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  static boolean taps4(
      int column,
      int endColumn,
      DepthwiseArgs p,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    int width = endColumn - column;
    if (end - first == 0) {
      return false;
    }
    FloatVector sum = FloatVector.zero(F);
    PackedDepthwise weights = p.weights;
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int dstStep = p.dstStep;
    dstOff += weights.firstChannel(first);

    int[] taps = p.taps.row(y);
    int[] which = p.taps.inside(edges);
    int step = p.taps.step;
    tileOff += column * step;
    dstOff += column * dstStep;
    IntVector lo = IntVector.broadcast(I, min);
    IntVector hi = IntVector.broadcast(I, max);
    int columns = Math.min(4, width);
    int n1 = Math.min(1, columns - 1);
    int n2 = Math.min(2, columns - 1);
    int n3 = Math.min(3, columns - 1);
    for (int l = 0; l < lanes; l += L) {
      int k = wOff + (1 + taps.length) * l;
      int c = Math.min(l, last);
      for (int x = 0; x < width; x += 4) {
        int q = Math.min(x, width - columns);
        int at0 = tileOff + q * step + c;
        int at1 = at0 + n1 * step;
        int at2 = at0 + n2 * step;
        int at3 = at0 + n3 * step;
        FloatVector s0 = fromArray(F, w, k);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        for (int i = 0; i < which.length; i++) {
          int t = which[i];
          FloatVector wt = fromArray(F, w, k + (1 + t) * L);
          int tap = taps[t];
          s0 = wt.fma(fromArray(F, tile, at0 + tap), s0);
          s1 = wt.fma(fromArray(F, tile, at1 + tap), s1);
          s2 = wt.fma(fromArray(F, tile, at2 + tap), s2);
          s3 = wt.fma(fromArray(F, tile, at3 + tap), s3);
        }
        sum = s0.add(s1).add(s2.add(s3)).add(sum);
        int to = dstOff + q * dstStep + c;
        s0.reinterpretAsInts().min(hi).max(lo).reinterpretAsFloats().intoArray(dst, to);
        s1.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n1 * dstStep);
        s2.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n2 * dstStep);
        s3.reinterpretAsInts()
            .min(hi)
            .max(lo)
            .reinterpretAsFloats()
            .intoArray(dst, to + n3 * dstStep);
      }
    }
    return sum.compare(VectorOperators.NE, sum).anyTrue();
  }
}
