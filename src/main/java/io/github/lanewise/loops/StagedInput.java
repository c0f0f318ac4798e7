package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Layout;
import io.github.lanewise.kernel.MatrixKernel;
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

  /** Cycles to put a float of a plane among those of pixels. */
  private static final int INTERLEAVED = 2;

  /** A jump's instructions are a twelfth of those of a step of depth. */
  private static final int JUMPS = 12;

  private final ConvShape shape;
  private final ConvShape.Axis rows;
  private final int rowFloats;

  /** Whether a tensor is NCHW, not NHWC; each staged row then is a row of every plane. */
  private final boolean planar;

  /** Input columns that the outputs reach, padding included. */
  private final int columns;

  /**
   * Whether each output row has input rows of its own, as those of so few would be fewer than all
   * between the first and the last: of a dilation, mostly.
   */
  private final boolean rowsByTap;

  private final CacheSizes cache;

  StagedInput(ConvShape shape, boolean planar, CacheSizes cache) {
    this.shape = shape;
    this.cache = cache;
    this.planar = planar;
    this.rows = shape.vertical();
    this.columns = Math.toIntExact(shape.horizontal().spanned());
    this.rowFloats = columns * shape.inChannels();
    int most = Math.min(shape.outHeight(), MacroKernel.MAX_ROWS / shape.outWidth());
    int together = Math.min(fitTogether(), Math.max(1, most));
    this.rowsByTap = rows.span(together) > (long) together * shape.kernelHeight();
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
    int rows = Math.min(new StagedInput(shape, false, cache).fit(), height);
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

  /**
   * The same of planes, whose fields have a run for each channel: nothing if bringing the inputs in
   * order takes less than so many jumps.
   */
  StagedInput ofPlanes(Layout layout) {
    StagedInput planes = new StagedInput(shape, true, cache);
    long jumps = (long) planes.runs() - runs();
    long cycles = 0;
    for (int columns : layout.panelColumns(shape.outChannelsPerGroup(), true)) {
      MatrixKernel tile = layout.matrix(columns, true);
      cycles += jumps * shape.groups() * tile.cyclesOfJump() / tile.rowsInRuns();
    }
    long inputs = (long) shape.strideHeight() * shape.strideWidth() * shape.inChannels();
    return cycles > INTERLEAVED * inputs ? null : planes;
  }

  /** Output rows whose inputs fit cache, one at least. */
  int fit() {
    int read = cache.halfL2Floats() / rowFloats;
    return rowsByTap ? Math.max(1, read / shape.kernelHeight()) : fitTogether();
  }

  /** The same of those that share their input rows. */
  private int fitTogether() {
    int read = cache.halfL2Floats() / rowFloats;
    return 1 + Math.max(0, read - Math.toIntExact(rows.reach())) / shape.strideHeight();
  }

  /** Rows that are staged for so many output rows. */
  private int staged(int outputRows) {
    long all = rowsByTap ? (long) outputRows * shape.kernelHeight() : rows.span(outputRows);
    return Math.toIntExact(all);
  }

  /** The receptive fields of an output row's pixels. */
  RowOffsets fields() {
    int channels = planar ? shape.inChannelsPerGroup() : 1;
    int pixel = planar ? 1 : shape.inChannels();
    int[] offsets = new int[runs()];
    for (int t = 0; t < offsets.length; t++) {
      int row = t / tapRuns() / channels * (rowsByTap ? 1 : shape.dilationHeight());
      int column = t % tapRuns() * shape.dilationWidth();
      int plane = t / tapRuns() % channels * columns;
      offsets[t] = row * rowFloats + plane + column * pixel;
    }
    int run = shape.kernelWidth() / tapRuns() * (shape.inChannelsPerGroup() / channels);
    return new RowOffsets(shape.strideWidth() * pixel, run, offsets);
  }

  private int runs() {
    return shape.kernelHeight() * (planar ? shape.inChannelsPerGroup() : 1) * tapRuns();
  }

  /** Runs of a kernel row, of one plane where there are planes: itself, or its taps. */
  private int tapRuns() {
    boolean adjoin = (planar || shape.groups() == 1) && shape.dilationWidth() == 1;
    return adjoin ? 1 : shape.kernelWidth();
  }

  /** Which weights of {@code [tap][channel]} a field of planes meets one after the other. */
  int[] depthOrder() {
    int channels = shape.inChannelsPerGroup();
    int[] order = new int[shape.kernelHeight() * shape.kernelWidth() * channels];
    int taps = shape.kernelWidth();
    for (int k = 0; k < order.length; k++) {
      int channel = k / taps % channels;
      int tap = k / taps / channels * taps + k % taps;
      order[k] = tap * channels + channel;
    }
    return order;
  }

  /** Floats from the field of a group to that of the next one. */
  int groupStep() {
    return shape.inChannelsPerGroup() * (planar ? columns : 1);
  }

  /** Floats from the inputs of an output row to those of the next one. */
  int step() {
    return (rowsByTap ? shape.kernelHeight() : shape.strideHeight()) * rowFloats;
  }

  /** Floats of scratch to stage the inputs of so many output rows. */
  int floats(int outputRows) {
    return Math.multiplyExact(staged(outputRows), rowFloats);
  }

  /** Stages the inputs of output rows of one image, with zeros where there is no image. */
  void stage(int image, int firstRow, int count, float[] src, int srcOff, float[] dst, int dstOff) {
    int channels = shape.inChannels();
    int parts = planar ? channels : 1;
    int pixel = planar ? 1 : channels;
    int left = Math.min(columns, shape.padLeft());
    int inside = Math.clamp(shape.inWidth(), 0, columns - left);
    int inRow = shape.inWidth() * pixel;
    int top = firstRow * shape.strideHeight() - shape.padTop();
    int taps = shape.kernelHeight();
    int inputRows = staged(count);
    for (int r = 0; r < inputRows; r++) {
      int to = dstOff + r * rowFloats;
      int y = top + r;
      if (rowsByTap) {
        y = top + r / taps * shape.strideHeight() + r % taps * shape.dilationHeight();
      }
      boolean isInside = y >= 0 && y < shape.inHeight();
      for (int p = 0; p < parts && isInside; p++) {
        int from = srcOff + ((image * parts + p) * shape.inHeight() + y) * inRow;
        int at = to + left * pixel;
        int done = at + inside * pixel;
        Arrays.fill(dst, to, at, 0);
        System.arraycopy(src, from, dst, at, done - at);
        to += columns * pixel;
        Arrays.fill(dst, done, to, 0);
      }
      Arrays.fill(dst, to, dstOff + (r + 1) * rowFloats, 0);
    }
  }

  /** How a tensor is read. */
  String describe() {
    return (planar ? "of planes staged" : "staged") + (rowsByTap ? " by tap" : "");
  }
}
