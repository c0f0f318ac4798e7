package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Kernels.BOTTOM;
import static io.github.lanewise.kernel.Kernels.LEFT;
import static io.github.lanewise.kernel.Kernels.RIGHT;
import static io.github.lanewise.kernel.Kernels.TOP;
import static io.github.lanewise.kernel.Lanes.L;

/**
 * The depthwise kernel, on {@link DepthwiseTiles}. Those of 3x3 compute a tile of neighbouring
 * outputs and walk along the channels, so that tensors are read as they lie in memory, whatever
 * their row length, and each input serves all outputs of the tile. With stride 2, more than two
 * rows of two outputs read so many streams that L1 loses lines.
 */
final class VectorDepthwise {

  private VectorDepthwise() {}

  /** Of the kernels for such taps the one that takes least time for so many columns. */
  static DepthwiseKernel kernel(DepthwiseTaps taps, int width) {
    int columns = Math.ceilDiv(width, taps.residues());
    DepthwiseKernel best = null;
    for (DepthwiseKernel kernel : DepthwiseKernel.values()) {
      boolean fits =
          kernel.effort > 1
              && kernel.stride == taps.stride
              && kernel.run == taps.run
              && kernel.distance == taps.distance;
      if (fits && (best == null || cycles(kernel, columns) < cycles(best, columns))) {
        best = kernel;
      }
    }
    return best;
  }

  /** Cycles that two rows of outputs take, for a vector of channels. */
  private static int cycles(DepthwiseKernel kernel, int columns) {
    return 2 / kernel.rows * Math.ceilDiv(columns, kernel.columns) * kernel.cycles;
  }

  /**
   * {@link Kernels#depthwise} with a kernel, that of the arguments or the small one; every kernel
   * adds the taps of an output in one order.
   */
  static void rows(
      DepthwiseKernel kernel,
      DepthwiseArgs p,
      int edges,
      float[] src,
      int from,
      int first,
      int end,
      float[] dst,
      int to) {
    if (first == end) {
      return;
    }
    int count = p.taps.rows();
    int atOnce = p.taps.meet() ? kernel.rows : 1;
    Clamp by = p.clamp;
    for (int y = 0; y < count; y += atOnce) {
      int sides = edges & ~(y + atOnce >= count ? 0 : BOTTOM) & ~(y == 0 ? 0 : TOP);
      int out = to + y * p.dstRow;
      boolean nan = row(kernel, p, y, sides, src, from, first, end, dst, out, by);
      if (by.isLost(nan)) {
        row(kernel, p, y, sides, src, from, first, end, dst, out, Clamp.NONE);
      }
      if (by.isLeft(nan)) {
        clamp(p, atOnce, first, end, dst, out);
      }
    }
  }

  private static void clamp(DepthwiseArgs p, int rows, int first, int end, float[] dst, int to) {
    int begin = p.weights.firstChannel(first);
    int channels = p.weights.firstChannel(end - 1) + L - begin;
    for (int i = 0; i < rows * p.width; i++) {
      int at = to + i / p.width * p.dstRow + i % p.width * p.dstStep;
      p.clamp.apply(channels, dst, at + begin);
    }
  }

  /** Whether the sum of all results, or of products of two, is NaN. */
  private static boolean row(
      DepthwiseKernel kernel,
      DepthwiseArgs p,
      int y,
      int edges,
      float[] src,
      int from,
      int first,
      int end,
      float[] dst,
      int to,
      Clamp by) {
    if (kernel == DepthwiseKernel.TAPS4) {
      return taps4(p, y, edges, src, from, first, end, dst, to, by);
    }
    boolean nan = false;
    DepthwiseArgs[] residues = p.residues;
    for (int r = 0; r < residues.length; r++) {
      int in = from + r * p.taps.step;
      int out = to + r * p.dstStep;
      nan |=
          DepthwiseTiles.run(
              kernel, residues[r], y, edges, src, in, first, end, dst, out, by.min, by.max);
    }
    return nan;
  }

  /** Columns inside, and those at the edges by the taps that they have. */
  private static boolean taps4(
      DepthwiseArgs p,
      int y,
      int edges,
      float[] src,
      int from,
      int first,
      int end,
      float[] dst,
      int to,
      Clamp by) {
    int left = (edges & LEFT) == 0 ? 0 : 1;
    int right = p.width - ((edges & RIGHT) == 0 ? 0 : 1);
    boolean nan = false;
    for (int i = 0; i < 3; i++) {
      int begin = i == 0 ? 0 : i == 1 ? left : right;
      int stop = i == 0 ? left : i == 1 ? right : p.width;
      int sides = edges & (TOP | BOTTOM | (i == 0 ? LEFT : i == 2 ? RIGHT : 0));
      nan |=
          DepthwiseTiles.taps4(
              begin, stop, p, y, sides, src, from, first, end, dst, to, by.min, by.max);
    }
    return nan;
  }
}
