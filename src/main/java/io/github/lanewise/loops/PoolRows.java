package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import java.util.Arrays;

/**
 * A pool, row by row: the maximum or the sum of each window, first over its rows, whole rows at a
 * time, then over columns. Immutable.
 */
public final class PoolRows {
  private final ConvShape s;
  private final Kernels kernels;
  private final boolean max;

  /** The output columns whose taps are all inside the image. */
  private final int firstInside;

  private final int endInside;

  /**
   * Plans it.
   *
   * @param window kernel, stride, dilation and padding, as a depthwise shape
   * @param max whether maxima are taken, else sums
   */
  public PoolRows(ConvShape window, boolean max, Kernels kernels) {
    this.s = window;
    this.kernels = kernels;
    this.max = max;
    int first = 0;
    while (first < s.outWidth() && (firstTap(first) > 0 || endTap(first) < s.kernelWidth())) {
      first++;
    }
    int end = first;
    while (end < s.outWidth() && endTap(end) == s.kernelWidth()) {
      end++;
    }
    this.firstInside = first;
    this.endInside = end;
  }

  /** Floats of an input row, and of the scratch for {@link #row}. */
  public int rowFloats() {
    return s.inWidth() * s.inChannels();
  }

  /** The first input row that output row {@code y} reads, perhaps above the image. */
  private int top(int y) {
    return y * s.strideHeight() - s.padTop();
  }

  private int firstRowTap(int y) {
    return firstTap(top(y), s.dilationHeight());
  }

  private int endRowTap(int y) {
    return endTap(top(y), s.dilationHeight(), s.inHeight(), s.kernelHeight());
  }

  /** How many rows of a window are inside the image. */
  public int rowsInside(int y) {
    return Math.max(0, endRowTap(y) - firstRowTap(y));
  }

  /** How many columns of a window are inside the image. */
  public int columnsInside(int x) {
    return Math.max(0, endTap(x) - firstTap(x));
  }

  /** The end of the input rows that the output rows before {@code end} read. */
  int endRow(int end) {
    int reach = (s.kernelHeight() - 1) * s.dilationHeight() + 1;
    return Math.clamp(top(end - 1) + (long) reach, 0, s.inHeight());
  }

  /** The first input row that the output rows from {@code first} on read. */
  int firstRow(int first) {
    return Math.clamp(top(first), 0, s.inHeight());
  }

  /** The first tap at 0 or behind, of a window that begins at {@code at}. */
  private static int firstTap(int at, int dilation) {
    return Math.max(0, Math.ceilDiv(-at, dilation));
  }

  /** The first tap behind the image, or the number of taps. */
  private static int endTap(int at, int dilation, int in, int taps) {
    return Math.clamp(Math.ceilDiv((long) in - at, dilation), 0, taps);
  }

  private int column(int x) {
    return x * s.strideWidth() - s.padLeft();
  }

  private int firstTap(int x) {
    return firstTap(column(x), s.dilationWidth());
  }

  private int endTap(int x) {
    return endTap(column(x), s.dilationWidth(), s.inWidth(), s.kernelWidth());
  }

  /**
   * Computes one output row.
   *
   * @param y which
   * @param src has the input rows that it reads
   * @param image where the image's first row is, or would be
   * @param rows scratch of {@link #rowFloats} from {@code rowsOff} on; not within what is read
   */
  public void row(
      int y, float[] src, int image, float[] rows, int rowsOff, float[] dst, int dstOff) {
    int n = rowFloats();
    int inside = rowsInside(y);
    if (inside == 0) {
      Arrays.fill(dst, dstOff, dstOff + s.outWidth() * s.inChannels(), outside());
      return;
    }
    int at = image + (top(y) + firstRowTap(y) * s.dilationHeight()) * n;
    if (inside == 1) {
      columns(src, at, dst, dstOff);
    } else {
      join(1, n, src, at, 0, s.dilationHeight() * n, inside, rows, rowsOff, 0);
      columns(rows, rowsOff, dst, dstOff);
    }
  }

  private void columns(float[] row, int at, float[] dst, int dstOff) {
    int channels = s.inChannels();
    for (int x = 0; x < s.outWidth(); x++) {
      if (x == firstInside && x < endInside) {
        inside(row, at, dst, dstOff);
        x = endInside - 1;
      } else {
        edge(x, row, at, dst, dstOff + x * channels);
      }
    }
  }

  private void inside(float[] row, int at, float[] dst, int dstOff) {
    int channels = s.inChannels();
    int from = at + column(firstInside) * channels;
    int to = dstOff + firstInside * channels;
    int pixels = endInside - firstInside;
    boolean isRun = s.strideWidth() == 1;
    int step = s.strideWidth() * channels;
    join(
        isRun ? 1 : pixels,
        isRun ? pixels * channels : channels,
        row,
        from,
        step,
        s.dilationWidth() * channels,
        s.kernelWidth(),
        dst,
        to,
        channels);
  }

  private void edge(int x, float[] row, int at, float[] dst, int to) {
    int channels = s.inChannels();
    int taps = columnsInside(x);
    if (taps == 0) {
      Arrays.fill(dst, to, to + channels, outside());
    } else {
      int from = at + (column(x) + firstTap(x) * s.dilationWidth()) * channels;
      join(1, channels, row, from, 0, s.dilationWidth() * channels, taps, dst, to, 0);
    }
  }

  private float outside() {
    return max ? Float.NEGATIVE_INFINITY : 0;
  }

  /** Of {@code pixels} rows of {@code count} floats those {@code tapStep} floats apart. */
  private void join(
      int pixels,
      int count,
      float[] src,
      int from,
      int step,
      int tapStep,
      int taps,
      float[] dst,
      int to,
      int dstStep) {
    if (!max || taps == 1) {
      for (int p = 0; p < pixels; p++) {
        int own = to + p * dstStep;
        System.arraycopy(src, from + p * step, dst, own, count);
        for (int t = 1; t < taps; t++) {
          kernels.add(count, dst, own, src, from + p * step + t * tapStep);
        }
      }
      return;
    }
    for (int t = 1; t < taps; t += 2) {
      int second = from + t * tapStep;
      int more = t + 1 < taps ? tapStep : 0;
      if (t == 1) {
        kernels.max(pixels, count, src, from, step, src, second, step, more, dst, to, dstStep);
      } else {
        kernels.max(pixels, count, dst, to, dstStep, src, second, step, more, dst, to, dstStep);
      }
    }
  }
}
