package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Arrays;

/**
 * The depthwise stage of a range of output rows, a chunk of channels at a time. Input rows are
 * copied, with their zero padding, into a ring of rows just before they are needed, so that one
 * kernel serves every padding without a branch, and what it reads is in L1 and lies without the
 * cache conflicts of channel counts that are powers of two.
 *
 * <p>Usually all columns from the first to the last tap are in a row of the ring, and all rows of
 * that many are in the ring. Where a large dilation would leave most of them unused, the columns of
 * each tap stand apart, and the rows of each tap are copied for each output row. Immutable.
 */
final class DepthwiseTile {
  /** Output rows that the kernels are handed together. */
  private static final int ROWS = 2;

  /** A taller ring would not stay in cache. */
  private static final int MAX_RING = 64;

  /** Copying fewer channels of a pixel at once costs more than better use of the cache gains. */
  private static final int MIN_CHUNK = 256;

  /** Channels whose pixels, a multiple of so many floats apart, would meet in few sets of L1. */
  private static final int CONFLICT = 64;

  /** Floats that move them apart: one cache line. */
  private static final int LINE = 16;

  private final ConvShape shape;
  private final Kernels kernels;
  private final PackedDepthwise weights;
  private final int chunkBlocks;
  private final boolean columnsByTap;
  private final int columns;
  private final int pixelStep;
  private final int rowFloats;
  private final boolean rowsByTap;
  private final int ring;

  /** By output rows less one, by the slot of their first input row: where each row's taps lie. */
  private final int[][][][] taps;

  DepthwiseTile(ConvShape shape, Kernels kernels, PackedDepthwise weights, CacheSizes cache) {
    this.shape = shape;
    this.kernels = kernels;
    this.weights = weights;
    int reachWidth = (shape.kernelWidth() - 1) * shape.dilationWidth();
    int reachHeight = (shape.kernelHeight() - 1) * shape.dilationHeight();
    long all = (shape.outWidth() - 1L) * shape.strideWidth() + reachWidth + 1;
    long byTap = (long) shape.kernelWidth() * shape.outWidth();
    this.columnsByTap = byTap < all;
    this.columns = Math.toIntExact(Math.min(byTap, all));
    long allRows = (ROWS - 1L) * shape.strideHeight() + reachHeight + 1;
    this.rowsByTap = allRows > Math.max(MAX_RING, ROWS * shape.kernelHeight());
    this.ring = rowsByTap ? ROWS * shape.kernelHeight() : (int) allRows;
    int fit = Math.max(MIN_CHUNK, cache.l2() / 2 / 4 / Math.multiplyExact(ring, columns));
    this.chunkBlocks = Math.clamp(fit / weights.block(), 1, weights.blocks());
    int chunk = Math.min(shape.outChannels(), chunkBlocks * weights.block());
    this.pixelStep = chunk % CONFLICT == 0 ? chunk + LINE : chunk;
    this.rowFloats = Math.multiplyExact(columns, pixelStep);
    this.taps = new int[ROWS][rowsByTap ? 1 : ring][][];
    for (int rows = 1; rows <= ROWS; rows++) {
      for (int slot = 0; slot < taps[rows - 1].length; slot++) {
        int first = slot;
        taps[rows - 1][slot] = new int[rows][];
        Arrays.setAll(taps[rows - 1][slot], row -> tapsOf(first, row));
      }
    }
  }

  private int[] tapsOf(int firstSlot, int row) {
    int[] offsets = new int[shape.kernelHeight() * shape.kernelWidth()];
    for (int i = 0; i < shape.kernelHeight(); i++) {
      int down = row * shape.strideHeight() + i * shape.dilationHeight();
      int slot = rowsByTap ? row * shape.kernelHeight() + i : (firstSlot + down) % ring;
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int column = columnsByTap ? j * shape.outWidth() : j * shape.dilationWidth();
        offsets[i * shape.kernelWidth() + j] = slot * rowFloats + column * pixelStep;
      }
    }
    return offsets;
  }

  /** Floats of the ring, and of what kernels read past the last pixel's channels. */
  private int ringFloats() {
    return Math.addExact(Math.multiplyExact(ring, rowFloats), weights.block());
  }

  /** Floats of scratch: the ring, and results whose empty lanes must not reach a tensor. */
  int scratchFloats() {
    int results = isNarrow() ? Math.multiplyExact(ROWS * shape.outWidth(), weights.block()) : 0;
    return Math.addExact(ringFloats(), results);
  }

  private boolean isNarrow() {
    return shape.outChannels() < weights.block();
  }

  /** Floats of a pixel of a result that kernels may write to without a copy. */
  int pixelFloats() {
    return Math.max(shape.outChannels(), weights.block());
  }

  /**
   * Computes {@code count} output rows from {@code firstRow} of one image, bias and clamp included:
   * pixel p goes to {@code dstOff + p * dstStep}. Where {@code dstStep} leaves room for {@link
   * #pixelFloats()}, what is past the last channel may be overwritten.
   */
  void compute(
      int image,
      int firstRow,
      int count,
      float[] src,
      int srcOffset,
      float[] scratch,
      float[] dst,
      int dstOff,
      int dstStep,
      Epilogue epilogue) {
    int imageOff = srcOffset + image * shape.inHeight() * shape.inWidth() * shape.inChannels();
    for (int first = 0; first < weights.blocks(); first += chunkBlocks) {
      int end = Math.min(first + chunkBlocks, weights.blocks());
      int firstChannel = weights.firstChannel(first);
      int channels = Math.min(shape.outChannels(), weights.firstChannel(end - 1) + weights.block());
      int staged = 0;
      for (int y = 0; y < count; y += ROWS) {
        int rows = Math.min(ROWS, count - y);
        int top = y * shape.strideHeight();
        int bottom = (y + rows - 1) * shape.strideHeight() + rowReach();
        int inputRow = firstRow * shape.strideHeight() - shape.padTop();
        if (rowsByTap) {
          stageByTap(rows, inputRow + top, firstChannel, channels, src, imageOff, scratch);
        } else {
          for (int r = Math.max(top, staged); r <= bottom; r++) {
            stageRow(inputRow + r, r % ring, firstChannel, channels, src, imageOff, scratch);
          }
          staged = bottom + 1;
        }
        int[][] at = taps[rows - 1][rowsByTap ? 0 : top % ring];
        int to = dstOff + y * shape.outWidth() * dstStep;
        computeRows(at, first, end, scratch, dst, to, dstStep, epilogue);
      }
    }
  }

  private int rowReach() {
    return (shape.kernelHeight() - 1) * shape.dilationHeight();
  }

  private int step() {
    return columnsByTap ? pixelStep : shape.strideWidth() * pixelStep;
  }

  private void computeRows(
      int[][] at,
      int firstBlock,
      int endBlock,
      float[] scratch,
      float[] dst,
      int dstOff,
      int dstStep,
      Epilogue epilogue) {
    int width = shape.outWidth();
    boolean direct = dstStep >= weights.block();
    int resultOff = ringFloats();
    kernels.depthwise(
        width,
        at,
        scratch,
        step(),
        weights,
        firstBlock,
        endBlock,
        direct ? dst : scratch,
        direct ? dstOff : resultOff,
        direct ? dstStep : weights.block(),
        epilogue.lo(),
        epilogue.hi());
    if (!direct) {
      int channels = shape.outChannels();
      for (int p = 0; p < at.length * width; p++) {
        for (int l = 0; l < channels; l++) {
          dst[dstOff + p * dstStep + l] = scratch[resultOff + p * weights.block() + l];
        }
      }
    }
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
        int at = to + j * shape.outWidth() * pixelStep;
        stageColumns(
            shape.outWidth(), column, shape.strideWidth(), first, end, src, from, tile, at);
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
        for (int c = first; c < end; c++) {
          tile[at + i * pixelStep + c - first] =
              src[from + i * columnStep * channels + c / multiplier];
        }
      }
    } else if (columnStep == 1 && pixelStep == channels) {
      System.arraycopy(src, from, tile, at, inside * channels);
    } else {
      for (int i = 0; i < inside; i++) {
        System.arraycopy(
            src, from + i * columnStep * channels + first, tile, at + i * pixelStep, end - first);
      }
    }
  }

  /** Which kernel the taps go to, and how they are staged. */
  String describe() {
    return "depthwise %s, %d taps, channel blocks of %d, %d at a time, ring of %d rows%s"
        .formatted(
            kernels.depthwiseName(taps[0][0][0], step()),
            shape.kernelHeight() * shape.kernelWidth(),
            weights.block(),
            chunkBlocks,
            ring,
            columnsByTap || rowsByTap ? ", taps apart" : "");
  }
}
