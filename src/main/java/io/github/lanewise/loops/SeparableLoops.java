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

  private final ConvShape shape;
  private final Kernels kernels;
  private final Epilogue middle;
  private final PackedMatrix matrix;
  private final CacheSizes cache;
  private final DepthwiseStage tile;
  private final RowRanges ranges;
  private final MacroKernel product;
  private final int lda;

  /**
   * Packs the weights and chooses the rows of a range: their pixels fill half of L2, but they are
   * two at least, since the depthwise kernels take no longer for two rows than for one.
   */
  public SeparableLoops(
      ConvShape shape,
      Kernels kernels,
      Filters first,
      Activation middle,
      Filters second,
      Epilogue epilogue,
      CacheSizes cache,
      int parallelism) {
    this.shape = shape;
    this.kernels = kernels;
    this.middle = new Epilogue(middle, null, Residual.NONE).planned(kernels);
    PackedDepthwise depthwise = DepthwiseStage.pack(shape, first, kernels);
    int outputs = second.bias().length;
    int depth = shape.outChannels();
    this.matrix =
        new PackedMatrix(
            second.weights(),
            second.bias(),
            0,
            outputs,
            depth,
            second.format(),
            kernels,
            false,
            shape.batch() * shape.outHeight() * shape.outWidth() == 1);
    this.cache = cache;
    int fit = MacroKernel.fit(cache, depth) / shape.outWidth();
    int most = Math.max(2, fit);
    int rows = shape.outHeight();
    this.ranges = RowRanges.of(rows, most, parallelism, block(rows, parallelism));
    this.lda = MacroKernel.step(DepthwiseStage.pixelFloats(depthwise, shape.outChannels()));
    this.tile = new DepthwiseStage(shape, kernels, depthwise, this.middle, lda, cache);
    this.product = new MacroKernel(kernels, matrix, epilogue.planned(kernels), cache, lda);
  }

  /** Pairs of rows, unless a thread's share is more than an eighth larger by that. */
  private static int block(int rows, int parallelism) {
    long pairs = RowRanges.of(rows, rows, parallelism, 2).largest();
    long single = RowRanges.of(rows, rows, parallelism, 1).largest();
    return pairs * 8 <= single * 9 ? 2 : 1;
  }

  @Override
  public int units() {
    return shape.batch() * ranges.count();
  }

  // main scratch: tile | pixel rows | last panel
  @Override
  public Scratch.Size scratch() {
    return product.scratch(Math.addExact(edgeOffset(), product.edgeFloats()));
  }

  private int pixelsOffset() {
    return tile.scratchFloats();
  }

  private int edgeOffset() {
    return Math.addExact(
        pixelsOffset(), Math.multiplyExact(ranges.largest() * shape.outWidth(), lda));
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
    int image = unit / ranges.count();
    int range = unit % ranges.count();
    int firstRow = ranges.begin(range);
    int count = ranges.size(range);
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
        scratch,
        edgeOffset(),
        dst,
        dstOffset + at,
        columns,
        residual,
        residualOffset + at);
  }

  @Override
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %s; then %s; %d rows fused, for %s",
        tile.describe(),
        middle.activation(),
        product.describe(),
        ranges.largest(),
        cache);
  }
}
