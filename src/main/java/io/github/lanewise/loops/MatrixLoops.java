package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;

/**
 * Pointwise and standard convolution as a matrix product: a range of output pixels is packed as its
 * left operand, each pixel's receptive field a row, and multiplied by the packed weights of each
 * group (im2col, Chellapilla et al. 2006, but only for as many pixels as L2 holds).
 */
public final class MatrixLoops implements Loops {

  /** Fewer pixels would stream the weights too often. */
  private static final int MIN_ROWS = 24;

  private final ConvShape shape;
  private final Kernels kernels;
  private final PackedMatrix[] groups;
  private final Epilogue epilogue;
  private final CacheSizes cache;
  private final int depth;
  private final int pixels;
  private final int rows;

  /** Pixels in a row of memory: no stride, one tap. */
  private final boolean dense;

  /** Chooses the pixels of a range: packed they fill half of L2. */
  public MatrixLoops(
      ConvShape shape,
      Kernels kernels,
      PackedMatrix[] groups,
      Epilogue epilogue,
      CacheSizes cache,
      int parallelism) {
    this.shape = shape;
    this.kernels = kernels;
    this.groups = groups;
    this.epilogue = epilogue;
    this.cache = cache;
    this.depth = groups[0].depth;
    this.pixels = shape.batch() * shape.outHeight() * shape.outWidth();
    this.dense =
        shape.isPointwise() && shape.strideHeight() == 1 && shape.strideWidth() == 1;
    int fit = Math.clamp(cache.l2() / 2 / 4L / depth, MIN_ROWS, Integer.MAX_VALUE);
    this.rows = RowPartition.rowsPerRange(pixels, fit, parallelism, Kernels.ROWS);
  }

  @Override
  public int units() {
    return (pixels + rows - 1) / rows;
  }

  @Override
  public int scratchFloats() {
    return Math.addExact(edgeOffset(), groups[0].edgeFloats(rows));
  }

  // scratch: packed pixels | last panel
  private int edgeOffset() {
    return Math.multiplyExact(rows + Kernels.ROWS - 1, depth);
  }

  @Override
  public void run(
      int unit,
      float[] src,
      int srcOffset,
      float[] residual,
      int residualOffset,
      float[] dst,
      int dstOffset,
      float[] scratch) {
    int first = unit * rows;
    int count = Math.min(rows, pixels - first);
    int at = first * shape.outChannels();
    for (int g = 0; g < groups.length; g++) {
      if (dense) {
        packDense(first, count, src, srcOffset, scratch);
      } else {
        packTaps(first, count, g, src, srcOffset, scratch);
      }
      groups[g].multiply(
          kernels,
          count,
          scratch,
          0,
          dst,
          dstOffset + at + g * groups[g].columns,
          shape.outChannels(),
          epilogue.lo(),
          epilogue.hi(),
          scratch,
          edgeOffset());
    }
    int floats = count * shape.outChannels();
    epilogue.activate(kernels, floats, dst, dstOffset + at);
    epilogue.addResidual(kernels, floats, at, dst, dstOffset, residual, residualOffset);
  }

  private void packDense(int first, int count, float[] src, int srcOffset, float[] a) {
    int whole = count / Kernels.ROWS;
    int from = srcOffset + first * depth;
    float none = Float.POSITIVE_INFINITY;
    kernels.pack(whole, depth, src, from, depth, a, 0, depth * Kernels.ROWS, -none, none);
    if (whole * Kernels.ROWS < count) {
      int s0 = from + whole * Kernels.ROWS * depth;
      int last = from + (count - 1) * depth; // rows past the end repeat it and are not stored
      kernels.pack4(
          depth,
          src,
          s0,
          Math.min(s0 + depth, last),
          Math.min(s0 + 2 * depth, last),
          last,
          a,
          whole * Kernels.ROWS * depth);
    }
  }

  private void packTaps(int first, int count, int g, float[] src, int srcOffset, float[] a) {
    int base = srcOffset + g * shape.inChannelsPerGroup();
    int row = first / shape.outWidth();
    int column = first % shape.outWidth();
    for (int m = 0; m < count; m += Kernels.ROWS) {
      packGroup(row, column, base, src, a, m * depth);
      column += Kernels.ROWS;
      row += column / shape.outWidth();
      column %= shape.outWidth();
    }
  }

  /**
   * Four pixels from an output row (of all images) and column on: a kernel row at a time where its
   * taps are neighbours in memory, else tap by tap.
   */
  private void packGroup(int row, int column, int base, float[] src, float[] a, int aOff) {
    int x = column * shape.strideWidth() - shape.padLeft();
    boolean wholeRows =
        shape.dilationWidth() == 1
            && shape.groups() == 1
            && column + Kernels.ROWS <= shape.outWidth()
            && x >= 0
            && x + (Kernels.ROWS - 1) * shape.strideWidth() + shape.kernelWidth()
                <= shape.inWidth();
    int taps = wholeRows ? shape.kernelWidth() : 1;
    int run = taps * shape.inChannelsPerGroup();
    int to = aOff;
    for (int i = 0; i < shape.kernelHeight(); i++) {
      for (int j = 0; j < shape.kernelWidth(); j += taps) {
        int s0 = index(row, column, i, j, base);
        int s1 = index(row, column + 1, i, j, base);
        int s2 = index(row, column + 2, i, j, base);
        int s3 = index(row, column + 3, i, j, base);
        if ((s0 | s1 | s2 | s3) >= 0) {
          kernels.pack4(run, src, s0, s1, s2, s3, a, to);
        } else {
          packRow(run, src, s0, a, to);
          packRow(run, src, s1, a, to + 1);
          packRow(run, src, s2, a, to + 2);
          packRow(run, src, s3, a, to + 3);
        }
        to += run * Kernels.ROWS;
      }
    }
  }

  /**
   * Where tap i, j of an output pixel starts in the input, -1 on padding. A column past the row's
   * end means the next row; a pixel past the last one repeats it and is not stored.
   */
  private int index(int row, int column, int i, int j, int base) {
    int r = row;
    int c = column;
    if (c >= shape.outWidth()) {
      r += c / shape.outWidth();
      c %= shape.outWidth();
      if (r >= shape.batch() * shape.outHeight()) {
        r = shape.batch() * shape.outHeight() - 1;
      }
    }
    int image = shape.batch() == 1 ? 0 : r / shape.outHeight();
    int y =
        (r - image * shape.outHeight()) * shape.strideHeight()
            - shape.padTop()
            + i * shape.dilationHeight();
    int x = c * shape.strideWidth() - shape.padLeft() + j * shape.dilationWidth();
    return y < 0 || y >= shape.inHeight() || x < 0 || x >= shape.inWidth()
        ? -1
        : base + ((image * shape.inHeight() + y) * shape.inWidth() + x) * shape.inChannels();
  }

  /** One pixel's run of a group, zeros if it starts on padding. */
  private static void packRow(int depth, float[] src, int from, float[] a, int to) {
    for (int k = 0; k < depth; k++) {
      a[to + k * Kernels.ROWS] = from < 0 ? 0 : src[from + k];
    }
  }

  @Override
  public String describe() {
    return "%s, matrix depth %d, panels of %d columns (%d KiB), %d pixels packed for %s"
        .formatted(
            dense ? "pixels as they lie" : "receptive fields gathered",
            depth,
            groups[0].panel,
            groups[0].panelBytes() >> 10,
            rows,
            cache);
  }
}
