package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Clamp;
import io.github.lanewise.kernel.DepthwiseArgs;
import io.github.lanewise.kernel.DepthwiseTaps;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * Output rows of a depthwise stage whose inputs the kernels read where they lie in the tensor, and
 * leave out padding of one row or column. Immutable.
 */
final class InPlaceRows {
  private final ConvShape shape;
  private final Kernels kernels;
  private final PackedDepthwise weights;

  /** By output rows less one. */
  private final DepthwiseArgs[] args = new DepthwiseArgs[RowRing.ROWS];

  /** Input rows of an output row. */
  private final int rowReach;

  /** Columns right of the image that the last output's taps reach. */
  private final long missingRight;

  private final boolean isUsed;

  /** Plans them, results {@code dstStep} floats a pixel. */
  InPlaceRows(
      ConvShape shape,
      Kernels kernels,
      PackedDepthwise weights,
      Clamp clamp,
      int dstStep,
      CacheSizes cache) {
    this.shape = shape;
    this.kernels = kernels;
    this.weights = weights;
    this.rowReach = (int) shape.vertical().reach();
    this.missingRight = shape.horizontal().missing();
    int[][] both = {tensorTaps(0), tensorTaps(shape.strideHeight())};
    int step = Math.multiplyExact(RowRing.strideWidth(shape), shape.inChannels());
    int dstRow = Math.multiplyExact(shape.outWidth(), dstStep);
    for (int r = 0; r < args.length; r++) {
      DepthwiseTaps taps = new DepthwiseTaps(Arrays.copyOf(both, r + 1), shape.kernelWidth(), step);
      args[r] = new DepthwiseArgs(kernels, shape.outWidth(), taps, weights, dstRow, dstStep, clamp);
    }
    this.isUsed = canReadTensor() && !inputsMeet(both, step, cache);
  }

  /** Whether there are any. */
  boolean isUsed() {
    return isUsed;
  }

  /** Of one row. */
  DepthwiseArgs args() {
    return args[0];
  }

  /** Whether the kernels can read rows where they are in the tensor. */
  private boolean canReadTensor() {
    return args[0].skipsPadding()
        && args[1].taps().meet()
        && weights.isFinite()
        && shape.padLeft() <= 1
        && missingRight <= 1
        && shape.outWidth() >= args[0].columnsRead()
        && shape.outChannelsPerGroup() == 1
        && shape.outChannels() >= weights.block()
        && weights.pixels() == 1;
  }

  /**
   * Whether so many inputs of a kernel's tile meet in one set of L1 that their cache lines are gone
   * before the next channels are read. With a quarter more than its ways a copy was still slower.
   */
  private boolean inputsMeet(int[][] rows, int step, CacheSizes cache) {
    Set<Integer> inputs = new HashSet<>();
    int[] inSet = new int[CacheSizes.SETS];
    for (int x = 0; x < args[0].columnsRead(); x++) {
      for (int[] row : rows) {
        for (int tap : row) {
          int input = tap + x * step;
          int set =
              Math.floorMod(
                  input / CacheSizes.LINE, CacheSizes.SETS); // what is never read may wrap
          inSet[set] += inputs.add(input) ? 1 : 0;
        }
      }
    }
    return Arrays.stream(inSet).max().orElseThrow() > cache.l1Ways() * 5 / 4;
  }

  /** The taps of a pixel in the tensor, relative to the first one's, {@code down} rows below. */
  private int[] tensorTaps(int down) {
    int[] offsets = new int[shape.kernelHeight() * shape.kernelWidth()];
    for (int t = 0; t < offsets.length; t++) {
      int row = down + t / shape.kernelWidth() * shape.dilationHeight();
      int column = t % shape.kernelWidth() * shape.dilationWidth();
      offsets[t] = (row * shape.inWidth() + column) * shape.inChannels();
    }
    return offsets;
  }

  /** Whether these output rows are some of them. */
  boolean include(int row, int rows) {
    int bottom = bottom(row, rows);
    // Padding below is left out only of two rows.
    int most = rows == 1 ? shape.inHeight() - 1 : shape.inHeight();
    return isUsed && top(row) >= -1 && bottom <= most;
  }

  /** The first input row of an output row. */
  private int top(int row) {
    return row * shape.strideHeight() - shape.padTop();
  }

  /** The last input row of some output rows. */
  private int bottom(int row, int rows) {
    return top(row) + (rows - 1) * shape.strideHeight() + rowReach - 1;
  }

  /** Computes some of them, bias and clamp included. */
  void compute(int rows, int row, float[] src, int imageOff, float[] dst, int dstOff) {
    int edges = shape.padLeft() == 1 ? Kernels.LEFT : 0;
    edges |= missingRight == 1 ? Kernels.RIGHT : 0;
    edges |= top(row) < 0 ? Kernels.TOP : 0;
    edges |= bottom(row, rows) == shape.inHeight() ? Kernels.BOTTOM : 0;
    int from = imageOff + (top(row) * shape.inWidth() - shape.padLeft()) * shape.inChannels();
    kernels.depthwise(args[rows - 1], edges, src, from, 0, weights.blocks(), dst, dstOff);
  }
}
