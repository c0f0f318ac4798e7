package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Kernels.BOTTOM;
import static io.github.lanewise.kernel.Kernels.LEFT;
import static io.github.lanewise.kernel.Kernels.RIGHT;
import static io.github.lanewise.kernel.Kernels.TOP;
import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.I;
import static io.github.lanewise.kernel.Lanes.L;
import static jdk.incubator.vector.FloatVector.fromArray;

import io.github.lanewise.kernel.DepthwiseTaps.Kind;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Depthwise micro-kernels. Those of 3x3 compute a tile of neighbouring outputs and walk along the
 * channels, so that tensors are read as they lie in memory, whatever their row length, and each
 * input serves all outputs of the tile. They call the Vector API without a helper between: C2
 * inlines only its methods, not ours, once a method has grown past some 45 operations. Their inputs
 * keep a bounds check each, because C2 cannot see through the minimum in their index; that holds
 * the loads in order, and with it few of them in registers. Where one lies is the place of the one
 * before plus a step that changes every turn, by a zero that C2 does not know: it would compute all
 * sums of steps before the loop, and load them from the stack.
 *
 * <p>Clamps: on the bits as integers, two instructions, where {@link VectorActivation#lowerBits}
 * can; that loses NaN, so a kernel adds up its results, or products of two of them, and says
 * whether the sum is NaN; the rows are then computed again without, and clamped after. (Infinities,
 * and results whose products are infinite, can do that too.) Padding: branches around the inputs at
 * an edge, whose condition is the same for all channels.
 */
final class VectorDepthwise {

  /** Not final, so that C2 does not fold it: see above. */
  @SuppressWarnings("NonFinalStaticField")
  private static int zero = 0;

  /** Arrays for calls without work. */
  private static final float[] ANY = {};

  private static final int[] NO_TAPS = {};

  private VectorDepthwise() {}

  /** Outputs side by side of the kernel of 3x3 with stride 1. */
  private static final int COLUMNS = 4;

  /** Outputs side by side of the kernel of 3x3 with stride 2. */
  private static final int COLUMNS_STRIDE_2 = 2;

  /** Outputs side by side of the kernels for runs of taps: a divisor of most image widths. */
  private static final int COLUMNS_RUNS = 7;

  /** Outputs side by side that a kernel for these taps computes at once; it reads for so many. */
  static int columns(DepthwiseTaps taps) {
    return switch (taps.kind()) {
      case ADJACENT -> COLUMNS * taps.residues();
      case STRIDE_2 -> COLUMNS_STRIDE_2;
      case RUNS_5, RUNS_7 -> COLUMNS_RUNS;
      case OTHER -> 1;
    };
  }

  /** Whether the kernel for these taps can do without padding. */
  static boolean skipsPadding(DepthwiseTaps taps) {
    return taps.residues() == 1 || taps.kind() == Kind.STRIDE_2;
  }

  /** The kernel that {@link #rows} takes. */
  static String name(DepthwiseTaps taps) {
    return switch (taps.kind()) {
      case ADJACENT -> "tile2x4";
      case STRIDE_2 -> "stride2";
      case RUNS_5 -> "runs5";
      case RUNS_7 -> "runs7";
      case OTHER -> "taps8";
    };
  }

  /** Calls the kernel for taps of a kind without work. */
  static void idle(Kind kind) {
    float[] a = ANY;
    int[] at = NO_TAPS;
    switch (kind) {
      case ADJACENT -> tile2x4(0, 0, 0, 0, a, 0, 0, 0, 0, 0, a, 0, a, 0, 0, 0, 0, 0);
      case STRIDE_2 -> stride2(0, 0, 0, 0, a, 0, 0, 0, 0, 0, 0, a, 0, a, 0, 0, 0, 0, 0);
      case RUNS_5 -> runs5(0, at, 0, 0, a, 0, 0, a, 0, a, 0, 0, 0, 0);
      case RUNS_7 -> runs7(0, at, 0, 0, a, 0, 0, a, 0, a, 0, 0, 0, 0);
      case OTHER -> taps8(0, at, at, 0, 0, a, 0, 0, a, 0, a, 0, 0, 0, 0);
    }
  }

  /** {@link Kernels#depthwise}; every kernel adds the taps of an output in one order. */
  static void rows(
      boolean small,
      DepthwiseRows rows,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff) {
    if (first == end) {
      return;
    }
    DepthwiseTaps taps = rows.taps();
    int atOnce = taps.meet() && !small ? 2 : 1;
    int count = taps.rows();
    for (int y = 0; y < count; y += atOnce) {
      int sides = edges & ~(y + atOnce >= count ? 0 : BOTTOM) & ~(y == 0 ? 0 : TOP);
      int to = dstOff + y * rows.dstRow();
      clamped(atOnce, small, rows, y, sides, tile, tileOff, first, end, dst, to);
    }
  }

  /** {@code count} rows from row {@code y} on. */
  private static void clamped(
      int count,
      boolean small,
      DepthwiseRows rows,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff) {
    float lo = rows.lo();
    float hi = rows.hi();
    int min = VectorActivation.lowerBits(lo);
    int max = VectorActivation.upperBits(lo, hi);
    boolean nan = row(small, rows, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
    boolean again = nan && min > Integer.MIN_VALUE;
    if (again) {
      min = Integer.MIN_VALUE;
      max = Integer.MAX_VALUE;
      row(small, rows, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
    }
    if (again || VectorActivation.isLeftByBits(lo, hi)) {
      int from = rows.weights().firstChannel(first);
      int channels = rows.weights().firstChannel(end - 1) + L - from;
      int width = rows.width();
      for (int p = 0; p < count * width; p++) {
        int at = dstOff + p / width * rows.dstRow() + p % width * rows.dstStep();
        ScalarMath.clamp(lo, hi, channels, dst, at + from);
      }
    }
  }

  /** Whether the sum of all results, or of products of two, is NaN. */
  private static boolean row(
      boolean small,
      DepthwiseRows rows,
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
    DepthwiseTaps taps = rows.taps();
    int width = rows.width();
    int dstStep = rows.dstStep();
    if (small || taps.kind() == Kind.OTHER) {
      return any(small, rows, y, edges, tile, tileOff, first, end, dst, dstOff, min, max);
    }
    if (taps.kind() == Kind.RUNS_5 || taps.kind() == Kind.RUNS_7) {
      return runs(rows, y, tile, tileOff, first, end, dst, dstOff, min, max);
    }
    int classes = Math.max(1, taps.residues());
    boolean nan = false;
    for (int r = 0; r < classes; r++) {
      int some = Math.ceilDiv(width - r, classes);
      int from = tileOff + r * taps.step();
      int to = dstOff + r * dstStep;
      int step = classes * dstStep;
      nan |= threes(some, rows, y, edges, tile, from, first, end, dst, to, step, min, max);
    }
    return nan;
  }

  /** Columns whose taps are runs. */
  private static boolean runs(
      DepthwiseRows rows,
      int y,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    int width = rows.width();
    int dstStep = rows.dstStep();
    int[] at = rows.taps().row(y);
    int step = rows.taps().step();
    PackedDepthwise weights = rows.weights();
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int to = dstOff + weights.firstChannel(first);
    return rows.taps().kind() == Kind.RUNS_5
        ? runs5(width, at, lanes, last, tile, tileOff, step, w, wOff, dst, to, dstStep, min, max)
        : runs7(width, at, lanes, last, tile, tileOff, step, w, wOff, dst, to, dstStep, min, max);
  }

  /** Columns of any taps: those inside, and those of the edges by the taps that they have. */
  private static boolean any(
      boolean small,
      DepthwiseRows rows,
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
    int ends = edges & (TOP | BOTTOM);
    int left = edges & LEFT;
    int right = edges & RIGHT;
    int from = left == 0 ? 0 : 1;
    int to = rows.width() - (right == 0 ? 0 : 1);
    boolean nan =
        some(small, rows, y, ends, from, to, tile, tileOff, first, end, dst, dstOff, min, max);
    if (left != 0) {
      int which = ends | left;
      nan |= some(small, rows, y, which, 0, 1, tile, tileOff, first, end, dst, dstOff, min, max);
    }
    if (right != 0) {
      int which = ends | right;
      nan |=
          some(small, rows, y, which, to, to + 1, tile, tileOff, first, end, dst, dstOff, min, max);
    }
    return nan;
  }

  /** Columns from one to another that all have the same taps. */
  private static boolean some(
      boolean small,
      DepthwiseRows rows,
      int y,
      int edges,
      int column,
      int endColumn,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int min,
      int max) {
    DepthwiseTaps taps = rows.taps();
    int[] at = taps.row(y);
    int[] which = taps.inside(edges);
    int step = taps.step();
    int dstStep = rows.dstStep();
    PackedDepthwise weights = rows.weights();
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int in = tileOff + column * step;
    int to = dstOff + column * dstStep + weights.firstChannel(first);
    int width = endColumn - column;
    return small
        ? taps4(width, which, at, lanes, last, tile, in, step, w, wOff, dst, to, dstStep, min, max)
        : taps8(width, which, at, lanes, last, tile, in, step, w, wOff, dst, to, dstStep, min, max);
  }

  /** Columns whose taps are threes evenly apart. */
  private static boolean threes(
      int width,
      DepthwiseRows rows,
      int y,
      int edges,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int dstStep,
      int min,
      int max) {
    DepthwiseTaps taps = rows.taps();
    PackedDepthwise weights = rows.weights();
    float[] w = weights.data();
    int wOff = weights.offset(first);
    int lanes = (end - first) * L;
    int last = weights.firstChannel(end - 1) - weights.firstChannel(first);
    int out = dstOff + weights.firstChannel(first);
    int step = taps.apart();
    int down = taps.meet() ? rows.dstRow() : 0;
    int[] above = taps.row(y);
    int[] below = taps.meet() ? taps.row(y + 1) : above;
    int r0 = tileOff + above[0];
    int r1 = tileOff + above[3];
    int r2 = tileOff + above[6];
    int r3 = tileOff + below[3];
    int r4 = tileOff + below[6];
    return taps.kind() == Kind.STRIDE_2
        ? stride2(
            width, edges, lanes, last, tile, r0, r1, r2, r3, r4, step, w, wOff, dst, out, down,
            dstStep, min, max)
        : tile2x4(
            width, edges, lanes, last, tile, r0, r1, r2, r4, step, w, wOff, dst, out, down, dstStep,
            min, max);
  }

  /**
   * Two rows of four outputs. A row of inputs meets at most two rows of weights, which with the
   * sums and one input are 15 registers. C2 would load all weights first; a step that it does not
   * know gives each row a check of its own, and holds its loads behind that.
   */
  // for (y < 2) for (x < width) for (l < lanes) dst[dstOff + y * dstRow + x * dstStep + l] =
  //   clamp(w[l] + sum over i, j < 3 of
  //       tile[row(y + i) + (x + j) * step + l] * w(1 + 3 * i + j, l))
  private static boolean tile2x4(
      int width,
      int edges,
      int lanes,
      int last,
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
      int min,
      int max) {
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(lanes);
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
        sides += z;
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
        if (inside || (sides & TOP) == 0) {
          at = row0 + from + c;
          if (inside || (sides & LEFT) == 0) {
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
          if (inside || (sides & RIGHT) == 0) {
            v = fromArray(F, tile, at);
            s03 = v.fma(w02, s03);
          }
        }
        k += z;
        FloatVector w10 = fromArray(F, w, k + 4 * L);
        FloatVector w11 = fromArray(F, w, k + 5 * L);
        FloatVector w12 = fromArray(F, w, k + 6 * L);
        at = row1 + from + c;
        if (inside || (sides & LEFT) == 0) {
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
        if (inside || (sides & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s03 = v.fma(w12, s03);
          s13 = v.fma(w02, s13);
        }
        k += z;
        FloatVector w20 = fromArray(F, w, k + 7 * L);
        FloatVector w21 = fromArray(F, w, k + 8 * L);
        FloatVector w22 = fromArray(F, w, k + 9 * L);
        at = row2 + from + c;
        if (inside || (sides & LEFT) == 0) {
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
        if (inside || (sides & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s03 = v.fma(w22, s03);
          s13 = v.fma(w12, s13);
        }
        if (inside || (sides & BOTTOM) == 0) {
          at = row3 + from + c;
          if (inside || (sides & LEFT) == 0) {
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
          if (inside || (sides & RIGHT) == 0) {
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

  /** Stride 2: two rows of two outputs; more of them read so many streams that L1 loses lines. */
  // for (y < 2) for (x < width) for (l < lanes) dst[dstOff + y * dstRow + x * dstStep + l] =
  //   clamp(w[l] + sum over i, j < 3 of
  //       tile[row(2 * y + i) + (2 * x + j) * step + l] * w(1 + 3 * i + j, l))
  private static boolean stride2(
      int width,
      int edges,
      int lanes,
      int last,
      float[] tile,
      int row0,
      int row1,
      int row2,
      int row3,
      int row4,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int dstOff,
      int dstRow,
      int dstStep,
      int min,
      int max) {
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(lanes);
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
        sides += z;
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
        if (inside || (sides & TOP) == 0) {
          at = row0 + from + c;
          if (inside || (sides & LEFT) == 0) {
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
          if (inside || (sides & RIGHT) == 0) {
            v = fromArray(F, tile, at);
            s01 = v.fma(w02, s01);
          }
        }
        at = row1 + from + c;
        if (inside || (sides & LEFT) == 0) {
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
        if (inside || (sides & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s01 = v.fma(w12, s01);
        }
        at = row2 + from + c;
        if (inside || (sides & LEFT) == 0) {
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
        if (inside || (sides & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s01 = v.fma(w22, s01);
          s11 = v.fma(w02, s11);
        }
        at = row3 + from + c;
        if (inside || (sides & LEFT) == 0) {
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
        if (inside || (sides & RIGHT) == 0) {
          v = fromArray(F, tile, at);
          s11 = v.fma(w12, s11);
        }
        if (inside || (sides & BOTTOM) == 0) {
          at = row4 + from + c;
          if (inside || (sides & LEFT) == 0) {
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
          if (inside || (sides & RIGHT) == 0) {
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

  /**
   * Taps in runs of five, one step apart: one row of seven outputs, a run's weights in registers.
   */
  // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
  //   clamp(w[l] + sum over t of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  private static boolean runs5(
      int width,
      int[] taps,
      int lanes,
      int last,
      float[] tile,
      int tileOff,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int dstOff,
      int dstStep,
      int min,
      int max) {
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(lanes);
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

  /** Taps in runs of seven. */
  // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
  //   clamp(w[l] + sum over t of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  private static boolean runs7(
      int width,
      int[] taps,
      int lanes,
      int last,
      float[] tile,
      int tileOff,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int dstOff,
      int dstStep,
      int min,
      int max) {
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(lanes);
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

  /** Some of any taps: eight outputs in registers, of fewer the last one several times. */
  // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
  //   clamp(w[l] + sum over t in which of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  private static boolean taps8(
      int width,
      int[] which,
      int[] taps,
      int lanes,
      int last,
      float[] tile,
      int tileOff,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int dstOff,
      int dstStep,
      int min,
      int max) {
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(lanes);
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
        int column = Math.min(x, width - columns);
        int at0 = tileOff + column * step + c;
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
        int to = dstOff + column * dstStep + c;
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

  /**
   * As {@link #taps8}, four outputs: C2 takes little time for it, so it serves until the others are
   * compiled.
   */
  // for (x < width) for (l < lanes) dst[dstOff + x * dstStep + l] =
  //   clamp(w[l] + sum over t in which of tile[tileOff + taps[t] + x * step + l] * w(1 + t, l))
  static boolean taps4(
      int width,
      int[] which,
      int[] taps,
      int lanes,
      int last,
      float[] tile,
      int tileOff,
      int step,
      float[] w,
      int wOff,
      float[] dst,
      int dstOff,
      int dstStep,
      int min,
      int max) {
    FloatVector sum = FloatVector.zero(F);
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(lanes);
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
        int column = Math.min(x, width - columns);
        int at0 = tileOff + column * step + c;
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
        int to = dstOff + column * dstStep + c;
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
