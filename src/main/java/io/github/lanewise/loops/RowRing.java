package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.DepthwiseArgs;
import io.github.lanewise.kernel.DepthwiseTaps;
import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Arrays;
import java.util.Locale;

/**
 * Input rows of a depthwise stage, a chunk of channels of them, copied with their zero padding into
 * a ring of rows just before they are needed, so that one kernel serves every padding without a
 * branch, and what it reads lies without the cache conflicts of channel counts that are powers of
 * two.
 *
 * <p>Usually all columns from the first to the last tap are in a row of the ring, and all rows of
 * that many are in the ring. Where a large dilation would leave most of them unused, the columns of
 * each tap stand apart, and the rows of each tap are copied for each output row; so are those of a
 * kernel so large that copying is little to its work.
 *
 * <p>Of few channels, neighbouring pixels together fill the kernels' blocks: to them a row of the
 * ring is one of fewer pixels with more channels, whose taps are closer than the pixels. Immutable.
 */
final class RowRing {
  /** Output rows that the kernels are handed together. */
  static final int ROWS = 2;

  /** A taller ring would not stay in cache. */
  private static final int MAX_RING = 64;

  /** More offsets of taps, a set for every slot, would be larger than most plans. */
  private static final int MAX_RING_TAPS = 1 << 18;

  /** Copying fewer channels of a pixel at once costs more than better use of the cache gains. */
  private static final int MIN_CHUNK = 256;

  /** Channels whose pixels, a multiple of so many floats apart, would meet in few sets of L1. */
  private static final int CONFLICT = 64;

  private final ConvShape shape;
  private final PackedDepthwise weights;
  private final int chunkBlocks;
  private final int wide;
  private final boolean columnsByTap;
  private final int columns;
  private final int pixelStep;
  private final int rowFloats;
  private final boolean rowsByTap;
  private final int ring;

  /** Input rows of an output row. */
  private final int rowReach;

  /**
   * Plans it.
   *
   * @param isWhole whether all channels are copied at once, else as many as fit cache
   */
  RowRing(ConvShape shape, PackedDepthwise weights, boolean isWhole, CacheSizes cache) {
    this.shape = shape;
    this.weights = weights;
    this.wide = Math.ceilDiv(shape.outWidth(), weights.pixels());
    long outputs = (long) wide * weights.pixels();
    this.rowReach = (int) shape.vertical().reach();
    long all = (outputs - 1) * strideWidth(shape) + shape.horizontal().reach();
    long byTap = shape.kernelWidth() * outputs;
    this.columnsByTap = byTap < all;
    this.columns = Math.toIntExact(Math.min(byTap, all));
    long allRows = shape.vertical().span(ROWS);
    long ringTaps = allRows * shape.kernelHeight() * shape.kernelWidth();
    this.rowsByTap =
        allRows > Math.max(MAX_RING, ROWS * shape.kernelHeight()) || ringTaps > MAX_RING_TAPS;
    this.ring = rowsByTap ? ROWS * shape.kernelHeight() : (int) allRows;
    int fit = Math.max(MIN_CHUNK, cache.halfL2Floats() / Math.multiplyExact(ring, columns));
    int few = Math.clamp(fit / weights.block(), 1, weights.blocks());
    this.chunkBlocks = isWhole || weights.pixels() > 1 ? weights.blocks() : few;
    int chunk = Math.min(shape.outChannels(), chunkBlocks * weights.block());
    this.pixelStep = chunk % CONFLICT == 0 ? chunk + CacheSizes.LINE : chunk;
    this.rowFloats = Math.multiplyExact(columns, pixelStep);
  }

  /** Input columns between two outputs; of one output none is far away, whatever the shape says. */
  static int strideWidth(ConvShape shape) {
    return shape.outWidth() == 1 ? 1 : shape.strideWidth();
  }

  /** Channel blocks that are copied at once. */
  int chunkBlocks() {
    return chunkBlocks;
  }

  /** Output pixels of a row, those that are one to the kernels counted as one. */
  int wide() {
    return wide;
  }

  /** Where the first row of some outputs may lie: so many places. */
  int slots() {
    return rowsByTap ? 1 : ring;
  }

  /** Where the first input row of the output row {@code y} of a range lies. */
  int slot(int y) {
    return rowsByTap ? 0 : y * shape.strideHeight() % ring;
  }

  /** Where the taps of output rows lie, the first of whose inputs is in a slot. */
  DepthwiseTaps taps(int rows, int slot) {
    int[][] each = new int[rows][];
    Arrays.setAll(each, row -> tapsOf(slot, row));
    return new DepthwiseTaps(each, shape.kernelWidth(), step());
  }

  private int[] tapsOf(int firstSlot, int row) {
    int[] offsets = new int[shape.kernelHeight() * shape.kernelWidth()];
    for (int i = 0; i < shape.kernelHeight(); i++) {
      int down = row * shape.strideHeight() + i * shape.dilationHeight();
      int slot = rowsByTap ? row * shape.kernelHeight() + i : (firstSlot + down) % ring;
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int column = columnsByTap ? j * columnsOfTap() : j * shape.dilationWidth();
        offsets[i * shape.kernelWidth() + j] = slot * rowFloats + column * pixelStep;
      }
    }
    return offsets;
  }

  /**
   * Floats of the ring, and of what kernels read past the last pixel and its channels.
   *
   * @param args of output rows in each slot: those that wrap around may get another kernel
   */
  int floats(DepthwiseArgs[] args) {
    int atOnce = 1;
    for (DepthwiseArgs one : args) {
      atOnce = Math.max(atOnce, one.columnsRead());
    }
    int more = Math.addExact(Math.multiplyExact(atOnce - 1, step()), weights.block());
    return Math.addExact(Math.multiplyExact(ring, rowFloats), more);
  }

  private int columnsOfTap() {
    return wide * weights.pixels();
  }

  private int step() {
    int between = columnsByTap ? 1 : strideWidth(shape);
    return Math.multiplyExact(weights.pixels() * between, pixelStep);
  }

  /** Stages what output rows need that is not staged yet; returns how far it got. */
  int stage(
      int y,
      int rows,
      int done,
      int firstRow,
      int firstBlock,
      int endBlock,
      float[] src,
      int imageOff,
      float[] tile) {
    int first = weights.firstChannel(firstBlock);
    int end = Math.min(shape.outChannels(), weights.firstChannel(endBlock - 1) + weights.block());
    int above = firstRow * shape.strideHeight() - shape.padTop();
    int top = y * shape.strideHeight();
    if (rowsByTap) {
      stageByTap(rows, above + top, first, end, src, imageOff, tile);
      return 0;
    }
    int below = top + (rows - 1) * shape.strideHeight() + rowReach;
    for (int r = Math.max(top, done); r < below; r++) {
      stageRow(above + r, r % ring, first, end, src, imageOff, tile);
    }
    return below;
  }

  private void stageByTap(
      int rows, int inputRow, int first, int end, float[] src, int imageOff, float[] tile) {
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < shape.kernelHeight(); i++) {
        int y = inputRow + r * shape.strideHeight() + i * shape.dilationHeight();
        stageRow(y, r * shape.kernelHeight() + i, first, end, src, imageOff, tile);
      }
    }
  }

  /** Channels [first, end) of one input row into a slot, with zeros where there is no image. */
  private void stageRow(
      int y, int slot, int first, int end, float[] src, int imageOff, float[] tile) {
    int to = slot * rowFloats;
    if (y < 0 || y >= shape.inHeight()) {
      Arrays.fill(tile, to, to + rowFloats, 0);
      return;
    }
    int from = imageOff + y * shape.inWidth() * shape.inChannels();
    if (columnsByTap) {
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int column = j * shape.dilationWidth() - shape.padLeft();
        int at = to + j * columnsOfTap() * pixelStep;
        stageColumns(columnsOfTap(), column, strideWidth(shape), first, end, src, from, tile, at);
      }
    } else {
      stageColumns(columns, -shape.padLeft(), 1, first, end, src, from, tile, to);
    }
  }

  /** {@code count} input columns from {@code column} in steps. */
  private void stageColumns(
      int count,
      int column,
      int columnStep,
      int first,
      int end,
      float[] src,
      int rowOff,
      float[] tile,
      int to) {
    int begin = Math.clamp(Math.ceilDiv(-column, columnStep), 0, count);
    long room = Math.ceilDiv((long) shape.inWidth() - column, columnStep);
    int inside = Math.clamp(room, begin, count) - begin;
    Arrays.fill(tile, to, to + begin * pixelStep, 0);
    Arrays.fill(tile, to + (begin + inside) * pixelStep, to + count * pixelStep, 0);
    if (inside == 0) {
      return;
    }
    int at = to + begin * pixelStep;
    int channels = shape.inChannels();
    int from = rowOff + (column + begin * columnStep) * channels;
    int multiplier = shape.outChannelsPerGroup();
    if (multiplier > 1) {
      for (int i = 0; i < inside; i++) {
        int pixel = from + i * columnStep * channels;
        repeat(multiplier, first, end, src, pixel, tile, at + i * pixelStep - first);
      }
    } else if (columnStep == 1 && pixelStep == channels && end - first == channels) {
      System.arraycopy(src, from, tile, at, inside * channels);
    } else {
      for (int i = 0; i < inside; i++) {
        System.arraycopy(
            src, from + i * columnStep * channels + first, tile, at + i * pixelStep, end - first);
      }
    }
  }

  /** Output channels [first, end) of a pixel: each input channel so many times. */
  private static void repeat(
      int multiplier, int first, int end, float[] src, int from, float[] tile, int to) {
    for (int m = 0; m < multiplier; m++) {
      int in = Math.ceilDiv(first - m, multiplier);
      int count = Math.ceilDiv(end - m, multiplier) - in;
      int at = to + in * multiplier + m;
      for (int i = 0; i < count; i++) {
        tile[at + i * multiplier] = src[from + in + i];
      }
    }
  }

  /** How inputs are staged. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "%d at a time staged in %d rows, pixels %d floats apart%s%s",
        chunkBlocks,
        ring,
        pixelStep,
        columnsByTap || rowsByTap ? ", taps apart" : "",
        weights.pixels() > 1 ? ", " + weights.pixels() + " pixels together" : "");
  }
}
