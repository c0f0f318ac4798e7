package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Locale;

/** Depthwise convolution, a range of output rows at a time. */
public final class DepthwiseLoops implements Loops {

  /** Fewer rows would stage the halo too often, more leave threads without work. */
  private static final int MAX_ROWS = 32;

  private final ConvShape shape;
  private final Kernels kernels;
  private final Epilogue epilogue;
  private final CacheSizes cache;
  private final DepthwiseStage tile;
  private final RowRanges ranges;

  /** Packs the weights and chooses the rows of a range. */
  public DepthwiseLoops(
      ConvShape shape,
      Kernels kernels,
      Filters filters,
      Epilogue epilogue,
      CacheSizes cache,
      int parallelism) {
    this.shape = shape;
    this.kernels = kernels;
    this.epilogue = epilogue.planned(kernels);
    this.cache = cache;
    this.ranges = RowRanges.of(shape.outHeight(), MAX_ROWS, parallelism, 2);
    PackedDepthwise weights = DepthwiseStage.pack(shape, filters, kernels);
    this.tile = new DepthwiseStage(shape, kernels, weights, epilogue, shape.outChannels(), cache);
  }

  @Override
  public int units() {
    return shape.batch() * ranges.count();
  }

  @Override
  public Scratch.Size scratch() {
    return new Scratch.Size(tile.scratchFloats());
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
    int channels = shape.outChannels();
    int at = (image * shape.outHeight() + firstRow) * shape.outWidth() * channels;
    int to = dstOffset + at;
    tile.compute(image, firstRow, count, src, srcOffset, scratch.main, dst, to);
    int floats = count * shape.outWidth() * channels;
    epilogue.finishClamped(kernels, floats, dst, to, residual, residualOffset + at);
  }

  @Override
  public String describe() {
    return String.format(
        Locale.ROOT, "%s, %d rows a range, for %s", tile.describe(), ranges.largest(), cache);
  }
}
