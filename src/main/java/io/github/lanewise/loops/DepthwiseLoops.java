package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;

/** Depthwise convolution: ranges of output rows, channel blocks within, one staged tile each. */
public final class DepthwiseLoops implements Loops {

  /** Fewer rows a tile would stage the halo of a 3x3 kernel more than half as often again. */
  private static final int MIN_ROWS = 4;

  private final ConvShape shape;
  private final Kernels kernels;
  private final Epilogue epilogue;
  private final CacheSizes cache;
  private final DepthwiseTile tile;
  private final int rows;

  /** Chooses the rows of a range: tile and result fit L1 where that leaves enough rows. */
  public DepthwiseLoops(
      ConvShape shape,
      Kernels kernels,
      PackedDepthwise weights,
      Epilogue epilogue,
      CacheSizes cache,
      int parallelism) {
    this.shape = shape;
    this.kernels = kernels;
    this.epilogue = epilogue;
    this.cache = cache;
    this.tile = new DepthwiseTile(shape, kernels, weights);
    this.rows =
        RowPartition.rowsPerRange(
            shape.outHeight(), tileRows(tile, shape.outHeight(), cache), parallelism, 1);
  }

  /** Rows whose tile and result fill three quarters of L1, at least {@link #MIN_ROWS}. */
  static int tileRows(DepthwiseTile tile, int most, CacheSizes cache) {
    int rows = 1;
    while (rows < most
        && (rows < MIN_ROWS || 4L * floats(tile, rows + 1) <= cache.l1() / 4 * 3)) {
      rows++;
    }
    return rows;
  }

  private static int floats(DepthwiseTile tile, int rows) {
    return Math.addExact(tile.tileFloats(rows), tile.resultFloats(rows));
  }

  private int rangesPerImage() {
    return (shape.outHeight() + rows - 1) / rows;
  }

  @Override
  public int units() {
    return shape.batch() * rangesPerImage();
  }

  @Override
  public int scratchFloats() {
    return floats(tile, rows);
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
    int image = unit / rangesPerImage();
    int firstRow = unit % rangesPerImage() * rows;
    int count = Math.min(rows, shape.outHeight() - firstRow);
    int pixels = count * shape.outWidth();
    int channels = shape.outChannels();
    int at = (image * shape.outHeight() + firstRow) * shape.outWidth() * channels;
    int resultOff = tile.tileFloats(rows);
    for (int b = 0; b < tile.blocks(); b++) {
      tile.compute(image, firstRow, count, b, src, srcOffset, scratch, 0, resultOff);
      epilogue.activate(kernels, pixels * tile.block(), scratch, resultOff);
      store(b, pixels, scratch, resultOff, dst, dstOffset + at + b * tile.block());
    }
    epilogue.addResidual(
        kernels, pixels * channels, at, dst, dstOffset, residual, residualOffset);
  }

  private void store(int block, int pixels, float[] result, int from, float[] dst, int to) {
    int channels = shape.outChannels();
    int lanes = tile.channels(block);
    if (lanes == tile.block()) {
      kernels.clampCopy(
          pixels, lanes, result, from, lanes, dst, to, channels, epilogue.lo(), epilogue.hi());
      return;
    }
    // clamp whole vectors in place, then copy the lanes that exist
    kernels.clampCopy(
        pixels,
        tile.block(),
        result,
        from,
        tile.block(),
        result,
        from,
        tile.block(),
        epilogue.lo(),
        epilogue.hi());
    for (int p = 0; p < pixels; p++) {
      for (int l = 0; l < lanes; l++) {
        dst[to + p * channels + l] = result[from + p * tile.block() + l];
      }
    }
  }

  @Override
  public String describe() {
    return "%s, tiles of %d rows for %s".formatted(tile.describe(), rows, cache);
  }
}
