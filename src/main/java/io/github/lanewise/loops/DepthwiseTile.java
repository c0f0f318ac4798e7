package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The depthwise stage of one range of output rows: the input rows it needs are staged into
 * contiguous scratch with their zero padding, one channel block apart from the next, so that one
 * kernel serves every padding, stride and dilation without a branch, and without the cache
 * conflicts of channel counts that are powers of two.
 *
 * <p>Columns are sorted into phases, so that the taps of neighbouring outputs are neighbours: by
 * their residue modulo the stride or, where a large dilation would leave most of them unused, by
 * the tap that reads them. Rows likewise: all from the first to the last, or those of each tap
 * apart. Immutable.
 */
final class DepthwiseTile {
  /** Blocks that kernels stage side by side: whole cache lines of a pixel. */
  private static final int STAGED = 4;

  private final ConvShape shape;
  private final Kernels kernels;
  private final PackedDepthwise weights;
  private final int block;
  private final int multiplier;
  private final int rows;
  private final boolean rowsByTap;
  private final int tileRows;
  private final int rowFloats;
  private final int[] tapOffsets;

  /** By phase: its first column, in padded input columns, and its columns inside the image. */
  private final int[] phases;

  private final int[] firstInside;
  private final int[] endInside;
  private final int phaseColumns;

  /** For at most {@code rows} output rows at once. */
  DepthwiseTile(ConvShape shape, Kernels kernels, PackedDepthwise weights, int rows) {
    this.shape = shape;
    this.kernels = kernels;
    this.weights = weights;
    this.rows = rows;
    this.block = weights.block();
    this.multiplier = shape.outChannelsPerGroup();
    int stride = shape.strideWidth();
    int reach = (shape.kernelWidth() - 1) * shape.dilationWidth();
    int[] taps =
        IntStream.range(0, shape.kernelWidth()).map(j -> j * shape.dilationWidth()).toArray();
    int[] residues = Arrays.stream(taps).map(t -> t % stride).distinct().sorted().toArray();
    long byResidue = residues.length * ((long) shape.outWidth() + reach / stride);
    boolean columnsByTap = (long) taps.length * shape.outWidth() < byResidue;
    phases = columnsByTap ? taps : residues;
    phaseColumns = shape.outWidth() + (columnsByTap ? 0 : reach / stride);
    rowFloats = Math.multiplyExact(Math.multiplyExact(phases.length, phaseColumns), block);
    int between = (rows - 1) * shape.strideHeight() + rowReach() + 1;
    rowsByTap = (long) shape.kernelHeight() * rows < between;
    tileRows = rowsByTap ? shape.kernelHeight() * rows : between;
    firstInside = new int[phases.length];
    endInside = new int[phases.length];
    for (int p = 0; p < phases.length; p++) {
      int before = shape.padLeft() - phases[p]; // column i is input column i * stride - before
      firstInside[p] = Math.clamp(Math.ceilDiv(before, stride), 0, phaseColumns);
      long end = Math.ceilDiv((long) shape.inWidth() + before, stride);
      endInside[p] = Math.clamp(end, firstInside[p], phaseColumns);
    }
    tapOffsets = tapOffsets(columnsByTap);
  }

  private int rowReach() {
    return (shape.kernelHeight() - 1) * shape.dilationHeight();
  }

  private int[] tapOffsets(boolean columnsByTap) {
    int stride = shape.strideWidth();
    int[] offsets = new int[shape.kernelHeight() * shape.kernelWidth()];
    for (int i = 0; i < shape.kernelHeight(); i++) {
      int row = i * (rowsByTap ? rows : shape.dilationHeight());
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int column = j * shape.dilationWidth();
        int phase = columnsByTap ? j : Arrays.binarySearch(phases, column % stride);
        int within = columnsByTap ? 0 : column / stride;
        offsets[i * shape.kernelWidth() + j] =
            row * rowFloats + (phase * phaseColumns + within) * block;
      }
    }
    return offsets;
  }

  int blocks() {
    return (shape.outChannels() + block - 1) / block;
  }

  int block() {
    return block;
  }

  /** Channels of a block that exist. */
  int channels(int blockIndex) {
    return Math.min(block, shape.outChannels() - blockIndex * block);
  }

  /** Floats of one block's staged tile. */
  int tileFloats() {
    return Math.multiplyExact(tileRows, rowFloats);
  }

  /** Floats of one block's result. */
  int resultFloats() {
    return Math.multiplyExact(rows * shape.outWidth(), block);
  }

  /** Blocks whose tiles and results take about so many bytes, a multiple of what kernels stage. */
  int chunk(int bytes) {
    long fit = bytes / (4L * tileFloats() + 4L * resultFloats());
    return Math.clamp(fit / STAGED * STAGED, Math.min(STAGED, blocks()), blocks());
  }

  /**
   * Computes {@code count} output rows from {@code firstRow} of one image, {@code blocks} channel
   * blocks, bias included. The tiles are staged at the start of scratch, an input row for all
   * blocks at a time, so that it is read from memory once and in order; block b's result goes to
   * {@code [count * outWidth][block]} at {@code resultOff + b * resultFloats()}.
   */
  void compute(
      int image,
      int firstRow,
      int count,
      int firstBlock,
      int blocks,
      float[] src,
      int srcOffset,
      float[] scratch,
      int resultOff) {
    int top = firstRow * shape.strideHeight() - shape.padTop();
    int imageOff = srcOffset + image * shape.inHeight() * shape.inWidth() * shape.inChannels();
    int used = (count - 1) * shape.strideHeight() + rowReach() + 1;
    for (int r = 0; r < tileRows; r++) {
      if (rowsByTap ? r % rows >= count : r >= used) {
        continue; // a last range that is shorter than the others
      }
      int y =
          top
              + (rowsByTap
                  ? r % rows * shape.strideHeight() + r / rows * shape.dilationHeight()
                  : r);
      stageRow(y, firstBlock, blocks, src, imageOff, scratch, r * rowFloats);
    }
    for (int b = 0; b < blocks; b++) {
      kernels.depthwise(
          count,
          shape.outWidth(),
          block,
          tapOffsets,
          scratch,
          b * tileFloats(),
          (rowsByTap ? 1 : shape.strideHeight()) * rowFloats,
          weights,
          firstBlock + b,
          scratch,
          resultOff + b * resultFloats());
    }
  }

  /** One input row of several blocks, phase by phase, with its zeros left and right. */
  private void stageRow(
      int y, int firstBlock, int count, float[] src, int imageOff, float[] tile, int to) {
    int tileFloats = tileFloats();
    if (y < 0 || y >= shape.inHeight()) {
      for (int b = 0; b < count; b++) {
        int at = to + b * tileFloats;
        Arrays.fill(tile, at, at + rowFloats, 0);
      }
      return;
    }
    int rowOff = imageOff + y * shape.inWidth() * shape.inChannels();
    int step = shape.strideWidth() * shape.inChannels();
    int lastBlock = firstBlock + count - 1;
    int whole = multiplier > 1 ? 0 : channels(lastBlock) == block ? count : count - 1;
    for (int p = 0; p < phases.length; p++) {
      int phaseOff = to + p * phaseColumns * block;
      int first = firstInside[p];
      int end = endInside[p];
      for (int b = 0; b < count; b++) {
        int at = phaseOff + b * tileFloats;
        zero(tile, at, at + first * block);
        zero(tile, at + end * block, at + phaseColumns * block);
      }
      int column = first * shape.strideWidth() + phases[p] - shape.padLeft();
      int from = rowOff + column * shape.inChannels();
      int at = phaseOff + first * block;
      kernels.stage(
          end - first, whole, block, src, from + firstBlock * block, step, tile, at, tileFloats);
      for (int b = whole; b < count; b++) {
        gather(firstBlock + b, end - first, src, from, step, tile, at + b * tileFloats);
      }
    }
  }

  private static void zero(float[] tile, int from, int to) {
    for (int i = from; i < to; i++) {
      tile[i] = 0;
    }
  }

  /** A channel multiplier, or a last block that is not full: lane by lane, missing lanes zero. */
  private void gather(
      int blockIndex, int count, float[] src, int from, int step, float[] tile, int to) {
    int firstChannel = blockIndex * block;
    int channels = channels(blockIndex);
    for (int i = 0; i < count; i++) {
      int at = to + i * block;
      for (int l = 0; l < channels; l++) {
        tile[at + l] = src[from + i * step + (firstChannel + l) / multiplier];
      }
      for (int l = channels; l < block; l++) {
        tile[at + l] = 0;
      }
    }
  }

  /** Which kernel the taps go to. */
  String describe() {
    return "depthwise %s, %d taps, channel blocks of %d, %d column phase%s"
        .formatted(
            kernels.depthwiseName(tapOffsets.length),
            tapOffsets.length,
            block,
            phases.length,
            phases.length == 1 ? "" : "s");
  }
}
