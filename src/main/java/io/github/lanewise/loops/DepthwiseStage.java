package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.DepthwiseArgs;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Locale;

/**
 * The depthwise stage of a range of output rows: inputs are read in place where kernels can, else
 * staged in a ring, a chunk of channels at a time; results go where they belong, or through scratch
 * where kernels would write past them. Immutable.
 */
final class DepthwiseStage {
  private final ConvShape shape;
  private final Kernels kernels;
  private final PackedDepthwise weights;
  private final InPlaceRows inPlace;
  private final RowRing ring;

  /** Rows whose inputs are in the ring, by output rows less one, by the slot of the first one. */
  private final DepthwiseArgs[][] staged;

  private final int ringFloats;

  /** Floats from one output pixel to the next. */
  private final int dstStep;

  /** Whether kernels may write the results of staged rows where they belong. */
  private final boolean isRoomy;

  /**
   * Plans it.
   *
   * @param dstStep floats from one output pixel to the next; where they leave room for {@link
   *     #pixelFloats}, what is past the last channel may be overwritten
   */
  DepthwiseStage(
      ConvShape shape,
      Kernels kernels,
      PackedDepthwise weights,
      Epilogue epilogue,
      int dstStep,
      CacheSizes cache) {
    this.shape = shape;
    this.kernels = kernels;
    this.weights = weights;
    this.dstStep = dstStep;
    this.isRoomy = dstStep >= weights.block() && !isTogether();
    this.inPlace = new InPlaceRows(shape, kernels, weights, epilogue.clamp(), dstStep, cache);
    this.ring = new RowRing(shape, weights, inPlace.isUsed(), cache);
    int row = isRoomy ? ring.wide() * dstStep : resultRow();
    int step = isRoomy ? dstStep : weights.pixels() * resultStep();
    this.staged = new DepthwiseArgs[RowRing.ROWS][ring.slots()];
    for (int r = 0; r < RowRing.ROWS; r++) {
      for (int slot = 0; slot < staged[r].length; slot++) {
        staged[r][slot] =
            new DepthwiseArgs(
                kernels, ring.wide(), ring.taps(r + 1, slot), weights, row, step, epilogue.clamp());
      }
    }
    this.ringFloats = ring.floats(staged[0]);
    kernels.planned(mostly());
  }

  /** Of one of most rows. */
  private DepthwiseArgs mostly() {
    return inPlace.isUsed() ? inPlace.args() : staged[0][0];
  }

  /** Packs weights for it. */
  static PackedDepthwise pack(ConvShape shape, Filters filters, Kernels kernels) {
    int block = kernels.channelBlock(shape.outChannels());
    boolean isDense = shape.strideWidth() == 1 && shape.outChannelsPerGroup() == 1;
    int pixels = isDense ? PackedDepthwise.pixelsTogether(shape.outChannels(), block) : 1;
    int taps = shape.kernelHeight() * shape.kernelWidth();
    return new PackedDepthwise(filters.weights(), filters.bias(), taps, block, pixels);
  }

  /** Floats of scratch: the ring, and results whose empty lanes must not reach a tensor. */
  int scratchFloats() {
    boolean isCopied = shape.outChannels() < weights.block() || isTogether();
    return Math.addExact(ringFloats, isCopied ? Math.multiplyExact(RowRing.ROWS, resultRow()) : 0);
  }

  /** Floats of a row of results that are copied. */
  private int resultRow() {
    return Math.multiplyExact(ring.wide() * weights.pixels(), resultStep());
  }

  /** Floats of a pixel of a result that is copied. */
  private int resultStep() {
    return isTogether() ? shape.outChannels() : weights.block();
  }

  private boolean isTogether() {
    return weights.pixels() > 1;
  }

  /** Floats of a pixel of a result that kernels may write to without a copy. */
  static int pixelFloats(PackedDepthwise weights, int channels) {
    return weights.pixels() > 1 ? channels : Math.max(channels, weights.block());
  }

  /**
   * Computes {@code count} output rows from {@code firstRow} of one image, bias and clamp included:
   * pixel p goes to {@code dstOff + p * dstStep}.
   */
  void compute(
      int image,
      int firstRow,
      int count,
      float[] src,
      int srcOffset,
      float[] scratch,
      float[] dst,
      int dstOff) {
    int imageOff = srcOffset + image * shape.inHeight() * shape.inWidth() * shape.inChannels();
    for (int first = 0; first < weights.blocks(); first += ring.chunkBlocks()) {
      int end = Math.min(first + ring.chunkBlocks(), weights.blocks());
      int done = 0;
      for (int y = 0; y < count; ) {
        if (inPlace.isUsed() && y == count - 1 && y > 0) {
          y--; // two rows take no longer than one
        }
        int row = firstRow + y;
        int rows = Math.min(RowRing.ROWS, count - y);
        int to = dstOff + y * shape.outWidth() * dstStep;
        if (inPlace.include(row, rows)) {
          inPlace.compute(rows, row, src, imageOff, dst, to);
        } else {
          done = ring.stage(y, rows, done, firstRow, first, end, src, imageOff, scratch);
          computeStaged(staged[rows - 1][ring.slot(y)], first, end, scratch, dst, to);
        }
        y += rows;
      }
    }
  }

  private void computeStaged(
      DepthwiseArgs rows, int first, int end, float[] scratch, float[] dst, int dstOff) {
    if (isRoomy) {
      kernels.depthwise(rows, 0, scratch, 0, first, end, dst, dstOff);
      return;
    }
    kernels.depthwise(rows, 0, scratch, 0, first, end, scratch, ringFloats);
    int width = shape.outWidth();
    int channels = shape.outChannels();
    boolean inOne = resultStep() == channels && dstStep == channels;
    for (int y = 0; y < rows.taps().rows(); y++) {
      kernels.gather(
          inOne ? 1 : width,
          inOne ? width * channels : channels,
          scratch,
          ringFloats + y * resultRow(),
          resultStep(),
          dst,
          dstOff + y * width * dstStep,
          dstStep);
    }
  }

  /** Which kernel the taps go to, and how they are staged. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "depthwise %s, %d taps, channel blocks of %d, %s",
        mostly().kernel(),
        shape.kernelHeight() * shape.kernelWidth(),
        weights.block(),
        inPlace.isUsed() ? "rows read in place" : ring.describe());
  }
}
