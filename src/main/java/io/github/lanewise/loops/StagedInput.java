package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Layout;
import io.github.lanewise.kernel.RowOffsets;
import java.util.Arrays;

/**
 * Input rows staged with their padding, so that the receptive fields of an output row's pixels are
 * rows of a matrix where they lie, and nothing is copied more than once. Immutable.
 */
final class StagedInput {
  /** Neighbouring floats of a kernel row below which gathering takes longer. */
  private static final int SHORT = 48;

  /**
   * Columns of the product whose multiplication takes as long as gathering: half a cycle a float,
   * and a sixteenth of one a column with vectors of 8.
   */
  private static final int GATHERED = 8;

  /** The same where kernel rows are short. */
  private static final int GATHERED_SHORT = 16;

  /** A jump's instructions are a twelfth of those of a step of depth. */
  private static final int JUMPS = 12;

  private final ConvShape shape;
  private final ConvShape.Axis rows;
  private final int rowFloats;

  /** Whether a tensor is NCHW, not NHWC. */
  private final boolean planar;

  /** Input columns that the outputs reach, padding included. */
  private final int columns;

  StagedInput(ConvShape shape, boolean planar) {
    this.shape = shape;
    this.planar = planar;
    this.rows = shape.vertical();
    this.columns = Math.toIntExact(shape.horizontal().spanned());
    this.rowFloats = columns * shape.inChannels();
  }

  /**
   * Whether this is the way for a shape: the inputs of a row fit cache and are fewer than what
   * would be gathered, and outputs are so few and so wide that jumps, and tiles that do not go on
   * in the next row, take less than gathering. Kernel rows that are not short also want as many
   * pixels as a block of the product has, or the weights would be streamed more often, and no
   * narrower panels of them.
   */
  static boolean suits(ConvShape shape, Layout layout, CacheSizes cache) {
    int width = shape.outWidth();
    int height = shape.outHeight();
    int outputs = shape.outChannelsPerGroup();
    long fit = cache.halfL2Floats() / shape.inChannels();
    long field = (long) shape.kernelHeight() * shape.kernelWidth();
    ConvShape.Axis vertical = shape.vertical();
    long columns = shape.horizontal().spanned();
    if (shape.isPointwise()
        || columns > fit
        || vertical.reach() > fit / columns
        || vertical.spanned() * columns > width * field * height) {
      return false;
    }
    boolean isShort = shape.kernelWidth() * shape.inChannelsPerGroup() < SHORT;
    long lost = idle(layout, outputs, width) + (long) outputs * width / JUMPS;
    if (lost > (isShort ? GATHERED_SHORT : GATHERED) * (long) width) {
      return false;
    }
    if (isShort) {
      return true;
    }
    int rows = Math.min(new StagedInput(shape, false).fit(cache), height);
    long pixels = (long) shape.batch() * height * width;
    return (long) rows * width >= Math.min(MacroKernel.MIN_ROWS, pixels)
        && Arrays.equals(layout.panelColumns(outputs, true), layout.panelColumns(outputs, false));
  }

  /** Results that tiles compute in vain at the end of each row of outputs. */
  private static long idle(Layout layout, int outputs, int width) {
    long idle = 0;
    for (int columns : layout.panelColumns(outputs, true)) {
      int tile = layout.matrix(columns, true).rowsInRuns();
      if (tile == 0) {
        return Integer.MAX_VALUE;
      }
      idle += (Math.ceilDiv(width, tile) * (long) tile - width) * columns;
    }
    return idle;
  }

  /** Output rows whose inputs fit cache, one at least. */
  int fit(CacheSizes cache) {
    int read = cache.halfL2Floats() / rowFloats;
    return 1 + Math.max(0, read - Math.toIntExact(rows.reach())) / shape.strideHeight();
  }

  /** The receptive fields of an output row's pixels. */
  RowOffsets fields() {
    int[] offsets = new int[runs(shape)];
    int each = offsets.length / shape.kernelHeight();
    for (int t = 0; t < offsets.length; t++) {
      int row = t / each * shape.dilationHeight();
      int column = t % each * shape.dilationWidth();
      offsets[t] = row * rowFloats + column * shape.inChannels();
    }
    int run = shape.kernelWidth() / each * shape.inChannelsPerGroup();
    return new RowOffsets(shape.strideWidth() * shape.inChannels(), run, offsets);
  }

  /** Runs of a receptive field: its rows, or its taps where these do not adjoin. */
  private static int runs(ConvShape shape) {
    boolean adjoin = shape.groups() == 1 && shape.dilationWidth() == 1;
    return shape.kernelHeight() * (adjoin ? 1 : shape.kernelWidth());
  }

  /** Floats from the inputs of an output row to those of the next one. */
  int step() {
    return shape.strideHeight() * rowFloats;
  }

  /** Floats of scratch to stage the inputs of so many output rows. */
  int floats(int outputRows) {
    return Math.toIntExact(rows.span(outputRows) * rowFloats);
  }

  /** Stages the inputs of output rows of one image, with zeros where there is no image. */
  void stage(int image, int firstRow, int count, float[] src, int srcOff, float[] dst, int dstOff) {
    int channels = shape.inChannels();
    int left = Math.min(columns, shape.padLeft());
    int inside = Math.clamp(shape.inWidth(), 0, columns - left);
    int top = firstRow * shape.strideHeight() - shape.padTop();
    int inputRows = (int) rows.span(count);
    int imageOff = srcOff + image * shape.inHeight() * shape.inWidth() * channels;
    for (int r = 0; r < inputRows; r++) {
      int to = dstOff + r * rowFloats;
      int done = to;
      int y = top + r;
      if (y >= 0 && y < shape.inHeight()) {
        done = to + (left + inside) * channels;
        int at = to + left * channels;
        Arrays.fill(dst, to, at, 0);
        if (planar) {
          interleave(inside, src, imageOff + y * shape.inWidth(), dst, at);
        } else {
          int from = imageOff + y * shape.inWidth() * channels;
          System.arraycopy(src, from, dst, at, inside * channels);
        }
      }
      Arrays.fill(dst, done, to + rowFloats, 0);
    }
  }

  /** How a tensor is read. */
  String describe() {
    return planar ? "of planes staged" : "staged";
  }

  /** Pixels of one row, whose channels are planes apart. */
  private void interleave(int pixels, float[] src, int from, float[] dst, int to) {
    int channels = shape.inChannels();
    for (int c = 0; c < channels; c++) {
      int at = from + c * shape.inHeight() * shape.inWidth();
      for (int x = 0; x < pixels; x++) {
        dst[to + c + x * channels] = src[at + x];
      }
    }
  }
}
