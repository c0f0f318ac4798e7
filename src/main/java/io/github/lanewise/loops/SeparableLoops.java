package io.github.lanewise.loops;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;

/**
 * Depthwise, then pointwise, fused: the depthwise result of a range of rows is packed as the matrix
 * product's left operand while it is in L1, and multiplied from L2. Only that range ever exists.
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

  /** Chooses the rows of a range: its packed pixels fill half of L2. */
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
    this.tile = new DepthwiseTile(shape, kernels, depthwise);
    long rowBytes = 4L * shape.outWidth() * matrix.depth;
    int fit = Math.clamp(cache.l2() / 2 / rowBytes, 1, shape.outHeight());
    this.rows = RowPartition.rowsPerRange(shape.outHeight(), fit, parallelism, 1);
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
    return Math.addExact(edgeOffset(), matrix.edgeFloats(rows * shape.outWidth()));
  }

  // scratch: tile | depthwise result | packed pixels | last panel
  private int packedOffset() {
    return Math.addExact(tile.tileFloats(rows), tile.resultFloats(rows));
  }

  private int edgeOffset() {
    int pixels = groups(rows * shape.outWidth()) * Kernels.ROWS;
    return Math.addExact(packedOffset(), Math.multiplyExact(pixels, matrix.depth));
  }

  private static int groups(int pixels) {
    return (pixels + Kernels.ROWS - 1) / Kernels.ROWS;
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
    int resultOff = tile.tileFloats(rows);
    int packedOff = packedOffset();
    for (int b = 0; b < tile.blocks(); b++) {
      tile.compute(image, firstRow, count, b, src, srcOffset, scratch, 0, resultOff);
      middle.activate(kernels, pixels * tile.block(), scratch, resultOff);
      kernels.pack(
          groups(pixels),
          tile.channels(b),
          scratch,
          resultOff,
          tile.block(),
          scratch,
          packedOff + b * tile.block() * Kernels.ROWS,
          matrix.depth * Kernels.ROWS,
          middle.lo(),
          middle.hi());
    }
    int columns = matrix.columns;
    int at = (image * shape.outHeight() + firstRow) * shape.outWidth() * columns;
    matrix.multiply(
        kernels,
        pixels,
        scratch,
        packedOff,
        dst,
        dstOffset + at,
        columns,
        epilogue.lo(),
        epilogue.hi(),
        scratch,
        edgeOffset());
    epilogue.activate(kernels, pixels * columns, dst, dstOffset + at);
    epilogue.addResidual(kernels, pixels * columns, at, dst, dstOffset, residual, residualOffset);
  }

  @Override
  public String describe() {
    return "%s, %s; then matrix depth %d, panels of %d columns (%d KiB); %d rows fused for %s"
        .formatted(
            tile.describe(),
            middle.activation(),
            matrix.depth,
            matrix.panel,
            matrix.panelBytes() >> 10,
            rows,
            cache);
  }
}
