package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;

/** Depthwise convolution: ranges of output rows, channel blocks within, one staged tile each. */
public final class DepthwiseLoops implements Loops {

  /** More would not fit L2 for many channels, fewer would stage the halo too often. */
  private static final int DEFAULT_ROWS = 8;

  private final ConvShape shape;
  private final Kernels kernels;
  private final Epilogue epilogue;
  private final CacheSizes cache;
  private final DepthwiseTile tile;
  private final int rows;
  private final int chunk;

  /** Chooses rows and channel blocks that are staged at once: they fill half of L2. */
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
    this.rows = RowPartition.rowsPerRange(shape.outHeight(), DEFAULT_ROWS, parallelism, 1);
    this.tile = new DepthwiseTile(shape, kernels, weights, rows);
    this.chunk = tile.chunk(cache.l2() / 4);
  }

  private int rangesPerImage() {
    return (shape.outHeight() + rows - 1) / rows;
  }

  @Override
  public int units() {
    return shape.batch() * rangesPerImage();
  }

  @Override
  public Scratch.Size scratch() {
    return new Scratch.Size(
        Math.multiplyExact(chunk, Math.addExact(tile.tileFloats(), tile.resultFloats())), 0);
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
      Scratch scratch) {
    int image = unit / rangesPerImage();
    int firstRow = unit % rangesPerImage() * rows;
    int count = Math.min(rows, shape.outHeight() - firstRow);
    int pixels = count * shape.outWidth();
    int channels = shape.outChannels();
    int at = (image * shape.outHeight() + firstRow) * shape.outWidth() * channels;
    float[] main = scratch.main;
    for (int b = 0; b < tile.blocks(); b += chunk) {
      int blocks = Math.min(chunk, tile.blocks() - b);
      int resultOff = blocks * tile.tileFloats();
      tile.compute(image, firstRow, count, b, blocks, src, srcOffset, main, resultOff);
      int results = blocks * tile.resultFloats();
      epilogue.activateUnlessClamp(kernels, results, main, resultOff);
      for (int y = 0; y < count; y++) {
        storeRow(b, blocks, y, main, resultOff, dst, dstOffset + at);
      }
    }
    epilogue.addResidual(
        kernels, pixels * channels, dst, dstOffset + at, residual, residualOffset + at);
  }

  /** One output row of several blocks, so that its cache lines are written together. */
  private void storeRow(
      int first, int blocks, int y, float[] result, int resultOff, float[] dst, int to) {
    int width = shape.outWidth();
    int channels = shape.outChannels();
    int block = tile.block();
    float lo = epilogue.lo();
    float hi = epilogue.hi();
    int step = tile.resultFloats();
    int from = resultOff + y * width * block;
    int at = to + y * width * channels + first * block;
    int lanes = tile.channels(first + blocks - 1);
    int whole = lanes == block ? blocks : blocks - 1;
    kernels.store(width, whole, block, result, from, step, dst, at, channels, lo, hi);
    if (whole < blocks) {
      // clamp the whole last block in place, then copy the lanes that exist
      int last = from + whole * step;
      kernels.store(width, 1, block, result, last, step, result, last, block, lo, hi);
      for (int x = 0; x < width; x++) {
        for (int l = 0; l < lanes; l++) {
          dst[at + x * channels + whole * block + l] = result[last + x * block + l];
        }
      }
    }
  }

  @Override
  public String describe() {
    return "%s, %d rows x %d blocks staged at once for %s"
        .formatted(tile.describe(), rows, chunk, cache);
  }
}
