package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import java.util.Arrays;

/**
 * Receptive fields of pixels with few channels, as a first layer's three. Copying a few floats at a
 * time takes as long as multiplying them, so input rows are first staged with their padding, and
 * then copied by whole vectors, whose surplus the next kernel row overwrites. Immutable.
 */
final class ShortPatches {
  /** Neighbouring floats of a kernel row from which on copying needs no help. */
  private static final int LONG = 48;

  private final ConvShape shape;
  private final Kernels kernels;

  /** Input columns that the outputs reach, padding included. */
  private final int columns;

  private final int rowFloats;

  /** Floats of neighbouring taps that lie in one piece, and how many pieces a kernel row has. */
  private final int run;

  private final int runs;

  /** Floats that are copied for a run. */
  private final int copied;

  ShortPatches(ConvShape shape, Kernels kernels) {
    this.shape = shape;
    this.kernels = kernels;
    this.columns = Math.toIntExact(columns(shape));
    this.rowFloats = columns * shape.inChannels();
    boolean adjoin = shape.groups() == 1 && shape.dilationWidth() == 1;
    this.runs = adjoin ? 1 : shape.kernelWidth();
    this.run = (adjoin ? shape.kernelWidth() : 1) * shape.inChannelsPerGroup();
    int vector = Math.max(1, kernels.vectorBits() / Float.SIZE);
    this.copied = Math.ceilDiv(run, vector) * vector;
  }

  /** Whether this is the way for a shape: few channels, rows that fit cache. */
  static boolean suits(ConvShape shape, CacheSizes cache) {
    long most = cache.l2() / 4 / Float.BYTES;
    return !shape.isPointwise()
        && shape.kernelWidth() * shape.inChannelsPerGroup() < LONG
        && shape.strideHeight() <= shape.kernelHeight()
        && columns(shape) < most / shape.inChannels()
        && inputRows(shape, 1) < most / columns(shape) / shape.inChannels();
  }

  private static long inputRows(ConvShape shape, int rows) {
    return (rows - 1L) * shape.strideHeight()
        + (shape.kernelHeight() - 1L) * shape.dilationHeight()
        + 1;
  }

  private static long columns(ConvShape shape) {
    return (shape.outWidth() - 1L) * shape.strideWidth()
        + (shape.kernelWidth() - 1L) * shape.dilationWidth()
        + 1;
  }

  /** Floats from one pixel's field to the next one's. */
  int step() {
    int depth = shape.kernelHeight() * runs * run;
    return PixelRows.step(depth - run + copied);
  }

  /** Floats of scratch to stage the inputs of so many output rows. */
  int stagedFloats(int rows) {
    return Math.toIntExact(inputRows(shape, rows) * rowFloats + copied);
  }

  /** Stages the inputs of output rows of one image, with zeros where there is no image. */
  void stage(int image, int firstRow, int rows, float[] src, int srcOff, float[] dst, int dstOff) {
    int channels = shape.inChannels();
    int left = Math.min(columns, shape.padLeft());
    int inside = Math.clamp(shape.inWidth(), 0, columns - left);
    int top = firstRow * shape.strideHeight() - shape.padTop();
    int inputRows = (int) inputRows(shape, rows);
    for (int r = 0; r < inputRows; r++) {
      int to = dstOff + r * rowFloats;
      int done = to;
      int y = top + r;
      if (y >= 0 && y < shape.inHeight()) {
        done = to + (left + inside) * channels;
        int from = srcOff + (image * shape.inHeight() + y) * shape.inWidth() * channels;
        Arrays.fill(dst, to, to + left * channels, 0);
        System.arraycopy(src, from, dst, to + left * channels, inside * channels);
      }
      Arrays.fill(dst, done, to + rowFloats, 0);
    }
  }

  /** The fields of all pixels of some output rows, one group's channels, from what was staged. */
  void gather(int group, int rows, float[] staged, int stagedOff, float[] dst, int dstOff) {
    int step = step();
    int width = shape.outWidth();
    for (int y = 0; y < rows; y++) {
      for (int i = 0; i < shape.kernelHeight(); i++) {
        int row = y * shape.strideHeight() + i * shape.dilationHeight();
        for (int j = 0; j < runs; j++) {
          int column = j * shape.dilationWidth() * shape.inChannels();
          kernels.gather(
              width,
              copied,
              staged,
              stagedOff + row * rowFloats + column + group * shape.inChannelsPerGroup(),
              shape.strideWidth() * shape.inChannels(),
              dst,
              dstOff + y * width * step + (i * runs + j) * run,
              step);
        }
      }
    }
  }
}
