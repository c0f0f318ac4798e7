package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Kernels.BOTTOM;
import static io.github.lanewise.kernel.Kernels.LEFT;
import static io.github.lanewise.kernel.Kernels.RIGHT;
import static io.github.lanewise.kernel.Kernels.TOP;
import static io.github.lanewise.kernel.Lanes.L;

import io.github.lanewise.kernel.DepthwiseTaps.Kind;

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
      case ADJACENT -> DepthwiseTiles.tile2x4(0, 0, 0, 0, a, 0, 0, 0, 0, 0, a, 0, a, 0, 0, 0, 0, 0);
      case STRIDE_2 ->
          DepthwiseTiles.stride2(0, 0, 0, 0, a, 0, 0, 0, 0, 0, 0, a, 0, a, 0, 0, 0, 0, 0);
      case RUNS_5 -> DepthwiseTiles.runs5(0, at, 0, 0, a, 0, 0, a, 0, a, 0, 0, 0, 0);
      case RUNS_7 -> DepthwiseTiles.runs7(0, at, 0, 0, a, 0, 0, a, 0, a, 0, 0, 0, 0);
      case OTHER -> DepthwiseTiles.taps8(0, at, at, 0, 0, a, 0, 0, a, 0, a, 0, 0, 0, 0);
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
        ? DepthwiseTiles.runs5(
            width, at, lanes, last, tile, tileOff, step, w, wOff, dst, to, dstStep, min, max)
        : DepthwiseTiles.runs7(
            width, at, lanes, last, tile, tileOff, step, w, wOff, dst, to, dstStep, min, max);
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
        ? DepthwiseTiles.taps4(
            width, which, at, lanes, last, tile, in, step, w, wOff, dst, to, dstStep, min, max)
        : DepthwiseTiles.taps8(
            width, which, at, lanes, last, tile, in, step, w, wOff, dst, to, dstStep, min, max);
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
        ? DepthwiseTiles.stride2(
            width, edges, lanes, last, tile, r0, r1, r2, r3, r4, step, w, wOff, dst, out, down,
            dstStep, min, max)
        : DepthwiseTiles.tile2x4(
            width, edges, lanes, last, tile, r0, r1, r2, r4, step, w, wOff, dst, out, down, dstStep,
            min, max);
  }
}
