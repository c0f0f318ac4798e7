package io.github.lanewise.loops;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.Residual;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;
import io.github.lanewise.kernel.PackedMatrix;
import java.util.Locale;

/**
 * Depthwise, then pointwise, fused: the depthwise result of a range of rows becomes the rows of the
 * matrix product while it is in cache, and is multiplied from L2. Only that range ever exists.
 */
public final class SeparableLoops implements Loops {

  /** Ranges a thread from which on shares of whole pairs of rows are as good as equal. */
  private static final int MANY = 4;

  private final ConvShape shape;
  private final Kernels kernels;
  private final Epilogue middle;
  private final PackedMatrix matrix;
  private final Epilogue epilogue;
  private final CacheSizes cache;
  private final DepthwiseTile tile;
  private final int rows;
  private final PixelRows product;
  private final int lda;

  /**
   * Chooses the rows of a range: their pixels fill half of L2, but they are two at least, since the
   * depthwise kernels take no longer for two rows than for one.
   */
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
    this.middle = new Epilogue(middle, Residual.NONE);
    this.matrix = matrix;
    this.epilogue = epilogue;
    this.cache = cache;
    int fit = PixelRows.fit(cache, matrix.depth()) / shape.outWidth();
    int most = Math.max(2, fit);
    boolean pairs = parallelism == 1 || shape.outHeight() / most / parallelism >= MANY;
    this.rows = RowPartition.rowsPerRange(shape.outHeight(), most, parallelism, pairs ? 2 : 1);
    this.lda = PixelRows.step(DepthwiseTile.pixelFloats(depthwise, shape.outChannels()));
    this.tile = new DepthwiseTile(shape, kernels, depthwise, this.middle, lda, cache);
    this.product = new PixelRows(kernels, matrix, cache);
  }

  private int rangesPerImage() {
    return Math.ceilDiv(shape.outHeight(), rows);
  }

  @Override
  public int units() {
    return shape.batch() * rangesPerImage();
  }

  // main scratch: tile | pixel rows | last panel
  @Override
  public Scratch.Size scratch() {
    return new Scratch.Size(
        Math.addExact(edgeOffset(), product.edgeFloats()), matrix.widestPanel());
  }

  private int pixelsOffset() {
    return tile.scratchFloats();
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
    tile.compute(image, firstRow, count, src, srcOffset, main, main, pixelsOffset());
    middle.finishClamped(kernels, pixels * lda, main, pixelsOffset(), null, 0);
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
    return String.format(
        Locale.ROOT,
        "%s, %s; then matrix %s; %d rows fused, for %s",
        tile.describe(),
        middle.activation(),
        matrix,
        rows,
        cache);
  }
}
