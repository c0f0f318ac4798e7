package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Kernels.BOTTOM;
import static io.github.lanewise.kernel.Kernels.LEFT;
import static io.github.lanewise.kernel.Kernels.RIGHT;
import static io.github.lanewise.kernel.Kernels.TOP;

import io.github.lanewise.jvm.Gate;

/**
 * Two rows of one and of two tiles, one row, one and more channel blocks, and edges so that each
 * input is padding and is not, whatever the others are.
 */
final class DepthwiseGate extends Gate {
  private static final int BLOCKS = 4;

  private final DepthwiseKernel kernel;
  private final int skipped;

  /** Two rows of one tile, and of two. */
  private final DepthwiseArgs[] args = new DepthwiseArgs[2];

  private final DepthwiseArgs oneRow;

  private final float[] src;
  private final float[] dst;

  DepthwiseGate(DepthwiseKernel kernel, Layout layout) {
    super(kernel.label, 5, kernel.effort);
    this.kernel = kernel;
    this.skipped = kernel.stride > 0 ? TOP | BOTTOM | LEFT | RIGHT : 0;
    int channels = BLOCKS * Lanes.L;
    int size = kernel.run > 0 ? kernel.run : 2;
    int stride = Math.max(1, kernel.distance);
    int width = kernel.columns + 1;
    int columns = (width - 1) * stride + size;
    int[][] at = new int[2][size * size];
    for (int y = 0; y < 2; y++) {
      for (int t = 0; t < size * size; t++) {
        at[y][t] = ((y * stride + t / size) * columns + t % size) * channels;
      }
    }
    int step = stride * channels;
    float[] zeros = new float[channels * size * size];
    PackedDepthwise weights =
        new PackedDepthwise(zeros, new float[channels], size * size, Lanes.L, 1);
    int row = width * channels;
    DepthwiseTaps one = new DepthwiseTaps(new int[][] {at[0]}, size, step);
    this.oneRow = new DepthwiseArgs(layout, width, one, weights, row, channels, Clamp.RELU6);
    DepthwiseTaps two = new DepthwiseTaps(at, size, step);
    for (int more = 0; more < args.length; more++) {
      int outputs = kernel.columns + more;
      args[more] = new DepthwiseArgs(layout, outputs, two, weights, row, channels, Clamp.RELU6);
    }
    this.src = new float[(stride + size) * columns * channels];
    this.dst = new float[2 * width * channels];
  }

  @Override
  public void call(int work) {
    if (work < 0) {
      int first = NONE - work;
      DepthwiseTiles.run(kernel, args[0], 0, 0, src, 0, first, 0, dst, 0, 0, 0);
      return;
    }
    switch (work) {
      case 0 -> run(args[1], 0, BLOCKS); // as most tiles are
      case 1 -> run(args[1], LEFT | RIGHT, 1);
      case 2 -> run(args[1], TOP | BOTTOM, 1);
      case 3 -> run(args[0], TOP | BOTTOM | LEFT | RIGHT, 1);
      default -> run(oneRow, 0, 1);
    }
  }

  private void run(DepthwiseArgs p, int edges, int blocks) {
    VectorDepthwise.rows(kernel, p, edges & skipped, src, 0, 0, blocks, dst, 0);
  }
}
