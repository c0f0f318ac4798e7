package io.github.lanewise.loops;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;
import io.github.lanewise.kernel.PackedMatrix;

/**
 * Depthwise, then pointwise, fused: the depthwise result of a range of rows becomes the rows of the
 * matrix product while it is in cache, and is multiplied from L2. Only that range ever exists.
 */
public final class SeparableLoops implements Loops {
  private final ConvShape shape;
  private final Kernels kernels;
  private final Epilogue middle;
  private final PackedMatrix matrix;
  private final Epilogue epilogue;
  private final CacheSizes cache;
  private final DepthwiseTile tile;
  private final int rows;
  private final int chunk;
  private final PixelRows product;
  private final int lda;

  /** Chooses the rows of a range: their pixels fill half of L2. */
  public SeparableLoops(
      ConvShape shape,
      Kernels kernels,
      PackedDepthwise depthwise,
      Activation middle,
      PackedMatrix matrix,
      Epilogue epilogue,
      CacheSizes cache,
      int parallelism) {
    this.shape = shape;
    this.kernels = kernels;
    this.middle = new Epilogue(middle, false);
    this.matrix = matrix;
    this.epilogue = epilogue;
    this.cache = cache;
    int fit = PixelRows.fit(cache, matrix.depth()) / shape.outWidth();
    this.rows = RowPartition.rowsPerRange(shape.outHeight(), fit, parallelism, 1);
    this.tile = new DepthwiseTile(shape, kernels, depthwise, rows);
    this.chunk = tile.chunk(cache.l2() / 8);
    this.lda = PixelRows.step(tile.blocks() * tile.block());
    this.product = new PixelRows(kernels, matrix, cache);
  }

  private int rangesPerImage() {
    return (shape.outHeight() + rows - 1) / rows;
  }

  @Override
  public int units() {
    return shape.batch() * rangesPerImage();
  }

  // main scratch: tiles | depthwise results | pixel rows | last panel
  @Override
  public Scratch.Size scratch() {
    return new Scratch.Size(
        Math.addExact(edgeOffset(), product.edgeFloats()), matrix.widestPanel());
  }

  private int pixelsOffset() {
    return Math.multiplyExact(chunk, Math.addExact(tile.tileFloats(), tile.resultFloats()));
  }

  private int edgeOffset() {
    return Math.addExact(pixelsOffset(), Math.multiplyExact(rows * shape.outWidth(), lda));
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
    float[] main = scratch.main;
    for (int first = 0; first < tile.blocks(); first += chunk) {
      int blocks = Math.min(chunk, tile.blocks() - first);
      int resultOff = blocks * tile.tileFloats();
      tile.compute(image, firstRow, count, first, blocks, src, srcOffset, main, resultOff);
      int result = tile.resultFloats();
      middle.activateUnlessClamp(kernels, blocks * result, main, resultOff);
      // lanes past the last channel land behind the row's end, where nothing is read
      kernels.store(
          pixels,
          blocks,
          tile.block(),
          main,
          resultOff,
          result,
          main,
          pixelsOffset() + first * tile.block(),
          lda,
          middle.lo(),
          middle.hi());
    }
    int columns = matrix.columns();
    int at = (image * shape.outHeight() + firstRow) * shape.outWidth() * columns;
    product.multiply(
        pixels,
        main,
        pixelsOffset(),
        lda,
        scratch,
        edgeOffset(),
        dst,
        dstOffset + at,
        columns,
        epilogue,
        residual,
        residualOffset + at);
  }

  @Override
  public String describe() {
    return "%s, %s; then matrix %s; %d rows fused, %d blocks staged at once, for %s"
        .formatted(tile.describe(), middle.activation(), matrix, rows, chunk, cache);
  }
}
