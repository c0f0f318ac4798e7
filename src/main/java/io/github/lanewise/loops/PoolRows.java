package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Clamp;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PoolArgs;
import java.util.Arrays;

/**
 * A pool, row by row: the maximum or the sum of each window, first over its rows, whole rows at a
 * time, then over columns. Immutable.
 */
public final class PoolRows {
  private final ConvShape s;
  private final Kernels kernels;
  private final boolean max;

  /** Over the rows of a window. */
  private final PoolArgs down;

  /** Over the columns of the windows that are all inside the image. */
  private final PoolArgs inside;

  /** Over the columns of another one. */
  private final PoolArgs edge;

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
    int channels = s.inChannels();
    int across = s.dilationWidth() * channels;
    int pixels = end - first;
    this.down = new PoolArgs(1, rowFloats(), 0, s.dilationHeight() * rowFloats(), 0);
    this.inside =
        s.strideWidth() == 1
            ? new PoolArgs(1, pixels * channels, 0, across, 0)
            : new PoolArgs(pixels, channels, s.strideWidth() * channels, across, channels);
    this.edge = new PoolArgs(1, channels, 0, across, 0);
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
      join(down, inside, src, at, rows, rowsOff);
      columns(rows, rowsOff, dst, dstOff);
    }
  }

  private void columns(float[] row, int at, float[] dst, int dstOff) {
    int channels = s.inChannels();
    for (int x = 0; x < s.outWidth(); x++) {
      if (x == firstInside && x < endInside) {
        int from = at + column(x) * channels;
        join(inside, s.kernelWidth(), row, from, dst, dstOff + x * channels);
        x = endInside - 1;
      } else {
        edge(x, row, at, dst, dstOff + x * channels);
      }
    }
  }

  private void edge(int x, float[] row, int at, float[] dst, int to) {
    int channels = s.inChannels();
    int taps = columnsInside(x);
    if (taps == 0) {
      Arrays.fill(dst, to, to + channels, outside());
    } else {
      int from = at + (column(x) + firstTap(x) * s.dilationWidth()) * channels;
      join(edge, taps, row, from, dst, to);
    }
  }

  private float outside() {
    return max ? Float.NEGATIVE_INFINITY : 0;
  }

  /** The maximum or the sum of some taps. */
  private void join(PoolArgs p, int taps, float[] src, int from, float[] dst, int to) {
    if (max && taps > 1) {
      kernels.max(p, taps, src, from, dst, to);
      return;
    }
    for (int m = 0; m < p.rows(); m++) {
      int first = from + m * p.step();
      int own = to + m * p.dstStep();
      System.arraycopy(src, first, dst, own, p.count());
      for (int t = 1; t < taps; t++) {
        kernels.add(p.count(), dst, own, src, first + t * p.tapStep(), Clamp.NONE);
      }
    }
  }
}
