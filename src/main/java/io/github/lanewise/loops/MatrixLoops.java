package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedMatrix;
import io.github.lanewise.kernel.RowOffsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Pointwise and standard convolution as a matrix product: each output pixel's receptive field is a
 * row of the left operand, multiplied by the packed weights of each group. It is read where it lies
 * in the tensor or in {@link StagedInput}, or is gathered (im2col, Chellapilla et al. 2006, but
 * only for as many pixels as half of L2 holds).
 */
public final class MatrixLoops implements Loops {
  private final ConvShape shape;
  private final Kernels kernels;
  private final PackedMatrix[] groups;
  private final Epilogue epilogue;
  private final CacheSizes cache;
  private final int pixels;

  /** Pixels that no range reaches across: those of an image where rows are staged, or all. */
  private final int span;

  private final RowRanges ranges;
  private final MacroKernel[] products;

  /** Floats from one pixel's row to the next one's, unless inputs are staged. */
  private final int lda;

  /** Whether the pixels lie in the tensor as the product wants them: one tap, no stride. */
  private final boolean dense;

  /** Neighbouring channels of the tensor that a group reads, from the first on. */
  private record Read(int channel, int at, int count) {}

  /** For each group. */
  private final Read[][] reads;

  /** Inputs that are staged, so that nothing need be gathered; a range is then whole rows. */
  private final StagedInput padded;

  /** Where in the main scratch staged inputs or gathered rows begin. */
  private final int inputsOffset;

  /** Packs the weights and chooses the pixels of a range. */
  public MatrixLoops(
      ConvShape shape,
      Kernels kernels,
      Filters filters,
      Epilogue epilogue,
      CacheSizes cache,
      int parallelism) {
    this.shape = shape;
    this.kernels = kernels;
    this.dense = isDense(shape) && filters.channels() == null;
    boolean inRuns =
        !dense && filters.channels() == null && StagedInput.suits(shape, kernels, cache);
    this.pixels = shape.batch() * shape.outHeight() * shape.outWidth();
    this.groups = pack(shape, filters, kernels, inRuns, pixels == 1 && !inRuns);
    this.epilogue = epilogue.planned(kernels);
    this.cache = cache;
    this.reads = reads(shape, filters.channels());
    int depth = groups[0].depth();
    int width = shape.outWidth();
    this.padded = inRuns ? new StagedInput(shape, false, cache) : null;
    this.lda = dense ? shape.inChannels() : MacroKernel.step(depth);
    this.products = new MacroKernel[groups.length];
    if (padded == null) {
      this.span = pixels;
      this.ranges = RowRanges.of(span, MacroKernel.fit(cache, depth) / 4 * 4, parallelism, 4);
      Epilogue each = epilogueOfGroup();
      Arrays.setAll(products, g -> new MacroKernel(kernels, groups[g], each, cache, lda));
    } else {
      this.span = shape.outHeight() * width;
      int most = Math.min(padded.fit() * width, MacroKernel.MAX_ROWS);
      this.ranges = RowRanges.of(span, most, parallelism, width);
      multiplyFields();
    }
    this.inputsOffset = products[0].edgeFloats();
  }

  /** One group finishes its rows as it goes; of several, none has whole rows. */
  private Epilogue epilogueOfGroup() {
    return groups.length == 1 ? epilogue : epilogue.clampAlone();
  }

  /** Of staged inputs. */
  private void multiplyFields() {
    RowOffsets rows = padded.fields();
    Epilogue each = epilogueOfGroup();
    int width = shape.outWidth();
    Arrays.setAll(
        products,
        g -> new MacroKernel(kernels, groups[g], each, cache, rows, width, padded.step()));
  }

  /** The same of other staged inputs. */
  private MatrixLoops(MatrixLoops other, StagedInput padded) {
    this.shape = other.shape;
    this.kernels = other.kernels;
    this.groups = new PackedMatrix[other.groups.length];
    int[] order = padded.depthOrder();
    Arrays.setAll(groups, g -> other.groups[g].reordered(order));
    this.epilogue = other.epilogue;
    this.cache = other.cache;
    this.pixels = other.pixels;
    this.span = other.span;
    this.ranges = other.ranges;
    this.products = new MacroKernel[groups.length];
    this.lda = other.lda;
    this.dense = other.dense;
    this.reads = other.reads;
    this.padded = padded;
    this.inputsOffset = other.inputsOffset;
    multiplyFields();
  }

  @Override
  public MatrixLoops ofPlanes() {
    StagedInput planes = padded == null ? null : padded.ofPlanes(kernels);
    return planes == null ? null : new MatrixLoops(this, planes);
  }

  private static PackedMatrix[] pack(
      ConvShape shape, Filters filters, Kernels kernels, boolean inRuns, boolean oneRow) {
    int depth = shape.kernelHeight() * shape.kernelWidth() * shape.inChannelsPerGroup();
    int columns = shape.outChannelsPerGroup();
    PackedMatrix[] groups = new PackedMatrix[shape.groups()];
    for (int g = 0; g < groups.length; g++) {
      groups[g] =
          new PackedMatrix(
              filters.weights(),
              filters.bias(),
              g * columns,
              columns,
              depth,
              filters.format(),
              kernels,
              inRuns,
              oneRow);
    }
    return groups;
  }

  private static boolean isDense(ConvShape s) {
    return s.kernelHeight() == 1
        && s.kernelWidth() == 1
        && s.strideHeight() == 1 // by a stride as many outputs as inputs may read padding
        && s.strideWidth() == 1
        && s.outHeight() == s.inHeight()
        && s.outWidth() == s.inWidth()
        && s.padTop() == 0
        && s.padLeft() == 0;
  }

  private static Read[][] reads(ConvShape shape, int[][] channels) {
    int each = shape.inChannelsPerGroup();
    Read[][] reads = new Read[shape.groups()][];
    for (int g = 0; g < reads.length; g++) {
      int first = g * each;
      List<Read> own = new ArrayList<>();
      for (int i = 0, count; i < each; i += count) {
        int channel = channels == null ? first + i : channels[g][i];
        count = channels == null ? each : 1;
        while (i + count < each && channels[g][i + count] == channel + count) {
          count++;
        }
        own.add(new Read(channel, i, count));
      }
      reads[g] = own.toArray(Read[]::new);
    }
    return reads;
  }

  @Override
  public int units() {
    return pixels / span * ranges.count();
  }

  // main scratch: last panel | staged inputs, or gathered rows
  @Override
  public Scratch.Size scratch() {
    int largest = ranges.largest();
    int inputs =
        dense
            ? 0
            : padded != null
                ? padded.floats(largest / shape.outWidth())
                : Math.multiplyExact(largest, lda);
    return products[0].scratch(Math.addExact(inputsOffset, inputs));
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
    int range = unit % ranges.count();
    int first = unit / ranges.count() * span + ranges.begin(range);
    int at = first * shape.outChannels();
    multiply(
        first,
        ranges.size(range),
        src,
        srcOffset,
        residual,
        residualOffset + at,
        dst,
        dstOffset + at,
        scratch);
  }

  /** Whole output rows of an image, which are the first in dst; without residual. */
  void rows(
      int image,
      int firstRow,
      int count,
      float[] src,
      int srcOffset,
      float[] dst,
      int dstOffset,
      Scratch scratch) {
    int first = (image * shape.outHeight() + firstRow) * shape.outWidth();
    int pixelCount = count * shape.outWidth();
    for (int done = 0, some; done < pixelCount; done += some) {
      some = Math.min(ranges.largest(), pixelCount - done);
      int to = dstOffset + done * shape.outChannels();
      multiply(first + done, some, src, srcOffset, null, 0, dst, to, scratch);
    }
  }

  /** Neighbouring pixels, at most as many as the largest range has. */
  private void multiply(
      int first,
      int count,
      float[] src,
      int srcOffset,
      float[] residual,
      int residualAt,
      float[] dst,
      int dstAt,
      Scratch scratch) {
    float[] main = scratch.main;
    if (padded != null) {
      int y = first % span / shape.outWidth();
      int rows = count / shape.outWidth();
      padded.stage(first / span, y, rows, src, srcOffset, main, inputsOffset);
    }
    for (int g = 0; g < groups.length; g++) {
      int from = inputsOffset;
      if (dense) {
        from = srcOffset + first * lda + g * shape.inChannelsPerGroup();
      } else if (padded != null) {
        from += g * padded.groupStep();
      } else {
        for (Read read : reads[g]) {
          gather(first, count, read, src, srcOffset, main);
        }
      }
      products[g].multiply(
          count,
          dense ? src : main,
          from,
          scratch,
          0,
          dst,
          dstAt + g * groups[g].columns(),
          shape.outChannels(),
          residual,
          residualAt);
    }
    if (groups.length > 1) {
      epilogue.finishClamped(
          kernels, count * shape.outChannels(), dst, dstAt, residual, residualAt);
    }
  }

  /** The receptive fields of a range of output pixels, an output row at a time. */
  private void gather(int first, int count, Read read, float[] src, int srcOff, float[] main) {
    for (int done = 0; done < count; ) {
      int outRow = (first + done) / shape.outWidth();
      int column = (first + done) % shape.outWidth();
      int run = Math.min(count - done, shape.outWidth() - column);
      int image = outRow / shape.outHeight();
      int y = outRow % shape.outHeight() * shape.strideHeight() - shape.padTop();
      for (int i = 0; i < shape.kernelHeight(); i++) {
        int iy = y + i * shape.dilationHeight();
        int k = i * shape.kernelWidth() * shape.inChannelsPerGroup();
        if (iy < 0 || iy >= shape.inHeight()) {
          int floats = shape.kernelWidth() * shape.inChannelsPerGroup();
          putZeros(run, floats, main, done, k);
        } else {
          int rowOff =
              srcOff + (image * shape.inHeight() + iy) * shape.inWidth() * shape.inChannels();
          gatherRow(run, column, read, src, rowOff + read.channel, main, done, k);
        }
      }
      done += run;
    }
  }

  /** One kernel row of neighbouring output pixels: all taps at once where they adjoin. */
  private void gatherRow(
      int count, int column, Read read, float[] src, int rowOff, float[] main, int row, int k) {
    int width = shape.kernelWidth();
    if (shape.dilationWidth() > 1 || shape.groups() > 1) {
      gatherTaps(count, column, read, src, rowOff, main, row, k);
      return;
    }
    int begin = firstInside(0, column, column + count);
    int end = Math.max(begin, endInside(width - 1, column, column + count));
    gatherTaps(begin - column, column, read, src, rowOff, main, row, k);
    int from = rowOff + inputColumn(begin, 0) * shape.inChannels();
    int step = shape.strideWidth() * shape.inChannels();
    put(end - begin, width * shape.inChannels(), src, from, step, main, row + begin - column, k);
    gatherTaps(column + count - end, end, read, src, rowOff, main, row + end - column, k);
  }

  /** As {@link #gatherRow}, tap by tap, zeros where a tap falls on padding. */
  private void gatherTaps(
      int count, int column, Read read, float[] src, int rowOff, float[] main, int row, int k) {
    int channels = read.count;
    int step = shape.strideWidth() * shape.inChannels();
    for (int j = 0; j < shape.kernelWidth() && count > 0; j++) {
      int begin = firstInside(j, column, column + count);
      int end = Math.max(begin, endInside(j, column, column + count));
      int at = k + j * shape.inChannelsPerGroup() + read.at;
      putZeros(begin - column, channels, main, row, at);
      int from = rowOff + inputColumn(begin, j) * shape.inChannels();
      put(end - begin, channels, src, from, step, main, row + begin - column, at);
      putZeros(column + count - end, channels, main, row + end - column, at);
    }
  }

  private void put(
      int count, int floats, float[] src, int from, int step, float[] main, int row, int k) {
    kernels.gather(count, floats, src, from, step, main, inputsOffset + row * lda + k, lda);
  }

  private void putZeros(int count, int floats, float[] main, int row, int k) {
    for (int m = row; m < row + count; m++) {
      for (int i = 0; i < floats; i++) {
        main[inputsOffset + m * lda + k + i] = 0;
      }
    }
  }

  private int inputColumn(int column, int tap) {
    return column * shape.strideWidth() - shape.padLeft() + tap * shape.dilationWidth();
  }

  /** The first of the output columns in [from, to) whose tap is not left of the image. */
  private int firstInside(int tap, int from, int to) {
    int before = -inputColumn(0, tap);
    return Math.clamp(Math.ceilDiv(before, shape.strideWidth()), from, to);
  }

  /** The end of the output columns in [from, to) whose tap is not right of the image. */
  private int endInside(int tap, int from, int to) {
    long room = (long) shape.inWidth() - inputColumn(0, tap);
    return Math.clamp(Math.ceilDiv(room, shape.strideWidth()), from, to);
  }

  @Override
  public String describe() {
    String how = dense ? "read in place" : padded == null ? "gathered" : padded.describe();
    return String.format(
        Locale.ROOT,
        "%s, %d pixels %s at once for %s",
        products[0].describe(),
        ranges.largest(),
        how,
        cache);
  }
}
