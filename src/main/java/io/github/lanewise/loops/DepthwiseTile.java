package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The depthwise stage of one range of output rows and one channel block: the input rows it needs
 * are staged into contiguous scratch with their zero padding, columns sorted by their residue
 * modulo the stride, so that one kernel serves every padding, stride and dilation without a branch
 * and without the cache conflicts of channel counts that are powers of two. Immutable.
 */
final class DepthwiseTile {
  private final ConvShape shape;
  private final Kernels kernels;
  private final PackedDepthwise weights;
  private final int block;
  private final int multiplier;
  private final int rowFloats;
  private final int[] tapOffsets;

  /** By used phase: its residue, the range of its columns inside the image, its columns in all. */
  private final int[] residue;

  private final int[] firstInside;
  private final int[] endInside;
  private final int phaseColumns;

  DepthwiseTile(ConvShape shape, Kernels kernels, PackedDepthwise weights) {
    this.shape = shape;
    this.kernels = kernels;
    this.weights = weights;
    this.block = weights.block();
    this.multiplier = shape.outChannelsPerGroup();
    int stride = shape.strideWidth();
    residue =
        IntStream.range(0, shape.kernelWidth())
            .map(j -> j * shape.dilationWidth() % stride)
            .distinct()
            .sorted()
            .toArray();
    int reach = (shape.kernelWidth() - 1) * shape.dilationWidth();
    phaseColumns = shape.outWidth() + reach / stride;
    rowFloats = residue.length * phaseColumns * block;
    firstInside = new int[residue.length];
    endInside = new int[residue.length];
    for (int p = 0; p < residue.length; p++) {
      int before =
          shape.padLeft() - residue[p]; // column i of the phase is input i * stride - before
      firstInside[p] = Math.clamp((before + stride - 1L) / stride, 0, phaseColumns);
      if (before <= 0) {
        firstInside[p] = 0;
      }
      long end = ((long) shape.inWidth() + before + stride - 1) / stride;
      endInside[p] = Math.clamp(end, firstInside[p], phaseColumns);
    }
    tapOffsets = tapOffsets();
  }

  private int[] tapOffsets() {
    int stride = shape.strideWidth();
    int[] offsets = new int[shape.kernelHeight() * shape.kernelWidth()];
    for (int i = 0; i < shape.kernelHeight(); i++) {
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int column = j * shape.dilationWidth();
        int phase = Arrays.binarySearch(residue, column % stride);
        offsets[i * shape.kernelWidth() + j] =
            i * shape.dilationHeight() * rowFloats
                + (phase * phaseColumns + column / stride) * block;
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

  /** Floats of the staged tile for so many output rows. */
  int tileFloats(int rows) {
    return Math.multiplyExact(tileRows(rows), rowFloats);
  }

  /** Floats of the result for so many output rows. */
  int resultFloats(int rows) {
    return Math.multiplyExact(Math.multiplyExact(rows, shape.outWidth()), block);
  }

  /** Blocks whose tiles and results take at most so many bytes, 1 or more. */
  int chunk(int rows, int bytes) {
    long one = 4L * (tileFloats(rows) + (long) resultFloats(rows));
    return Math.clamp(bytes / one, 1, blocks());
  }

  private int tileRows(int rows) {
    return (rows - 1) * shape.strideHeight()
        + (shape.kernelHeight() - 1) * shape.dilationHeight()
        + 1;
  }

  /**
   * Computes {@code rows} output rows from {@code firstRow} of one image, {@code count} channel
   * blocks, bias included. The tiles are staged at the start of scratch, an input row for all
   * blocks at a time, so that it is read from memory once and in order; block b's result goes to
   * {@code [rows * outWidth][block]} at {@code resultOff + b * resultFloats(rows)}.
   */
  void compute(
      int image,
      int firstRow,
      int rows,
      int firstBlock,
      int count,
      float[] src,
      int srcOffset,
      float[] scratch,
      int resultOff) {
    int tileFloats = tileFloats(rows);
    int top = firstRow * shape.strideHeight() - shape.padTop();
    int imageOff = srcOffset + image * shape.inHeight() * shape.inWidth() * shape.inChannels();
    for (int r = 0; r < tileRows(rows); r++) {
      int y = top + r;
      int to = r * rowFloats;
      if (y >= 0 && y < shape.inHeight()) {
        int rowOff = imageOff + y * shape.inWidth() * shape.inChannels();
        stageRow(firstBlock, count, src, rowOff, scratch, to, tileFloats);
      } else {
        for (int b = 0; b < count; b++) {
          Arrays.fill(scratch, to + b * tileFloats, to + b * tileFloats + rowFloats, 0);
        }
      }
    }
    for (int b = 0; b < count; b++) {
      kernels.depthwise(
          rows,
          shape.outWidth(),
          block,
          tapOffsets,
          scratch,
          b * tileFloats,
          shape.strideHeight() * rowFloats,
          weights,
          firstBlock + b,
          scratch,
          resultOff + b * resultFloats(rows));
    }
  }

  /** One input row of several blocks, phase by phase, with its zeros left and right. */
  private void stageRow(
      int firstBlock, int count, float[] src, int rowOff, float[] tile, int to, int tileFloats) {
    int step = shape.strideWidth() * shape.inChannels();
    int lastBlock = firstBlock + count - 1;
    int whole = multiplier > 1 ? 0 : channels(lastBlock) == block ? count : count - 1;
    for (int p = 0; p < residue.length; p++) {
      int phaseOff = to + p * phaseColumns * block;
      int first = firstInside[p];
      int end = endInside[p];
      for (int b = 0; b < count; b++) {
        int at = phaseOff + b * tileFloats;
        zero(tile, at, at + first * block);
        zero(tile, at + end * block, at + phaseColumns * block);
      }
      int column = first * shape.strideWidth() + residue[p] - shape.padLeft();
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
    return "%s, %d taps, channel blocks of %d, %d column phase%s"
        .formatted(
            tapOffsets.length == 9 ? "dw_row9" : "dw_taps8",
            tapOffsets.length,
            block,
            residue.length,
            residue.length == 1 ? "" : "s");
  }
}
