package io.github.lanewise.network;

import io.github.lanewise.Backend;
import io.github.lanewise.ConvShape;
import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.PairOperator;
import io.github.lanewise.operators.UnitOperator;
import java.util.Arrays;

/** Reductions over windows, whole images and channels. */
final class Pooling {

  private Pooling() {}

  /** The maximum or mean of a window: first over rows, whole rows at a time, then columns. */
  static final class Window implements UnitOperator {
    private final ConvShape s;
    private final Backend backend;
    private final boolean max;
    private final boolean countPadding;

    /**
     * For each output column the first of its taps inside the image, and the one after the last.
     */
    private final int[] firstTap;

    private final int[] endTap;

    Window(Op.Pool op, Backend backend) {
      this.s = op.window();
      this.backend = backend;
      this.max = op.max();
      this.countPadding = op.countPadding();
      this.firstTap = new int[s.outWidth()];
      this.endTap = new int[s.outWidth()];
      for (int x = 0; x < firstTap.length; x++) {
        firstTap[x] = firstTap(column(x, 0), s.dilationWidth());
        endTap[x] = endTap(column(x, 0), s.dilationWidth(), s.inWidth(), s.kernelWidth());
      }
    }

    /** The first tap at 0 or behind, of a window that begins at {@code at}. */
    private static int firstTap(int at, int dilation) {
      return Math.max(0, Math.ceilDiv(-at, dilation));
    }

    /** The first tap behind the image, or the number of taps. */
    private static int endTap(int at, int dilation, int in, int taps) {
      return Math.clamp(Math.ceilDiv((long) in - at, dilation), 0, taps);
    }

    private int column(int x, int k) {
      return x * s.strideWidth() + k * s.dilationWidth() - s.padLeft();
    }

    @Override
    public int units() {
      return s.batch() * s.outHeight();
    }

    @Override
    public void run(
        Context context,
        float[] a,
        int aOff,
        float[] b,
        int bOff,
        float[] dst,
        int dstOff,
        int from,
        int to) {
      int rowIn = s.inWidth() * s.inChannels();
      int rowOut = s.outWidth() * s.inChannels();
      float[] rows = context.tiles[0];
      for (int unit = from; unit < to; unit++) {
        int image = aOff + unit / s.outHeight() * s.inHeight() * rowIn;
        int inside = reduceRows(a, image, unit % s.outHeight(), rows, rowIn);
        int at = dstOff + unit * rowOut;
        reduceColumns(rows, dst, at);
        if (!max) {
          divide(dst, at, countPadding ? s.kernelHeight() : inside);
        }
      }
    }

    /** One row of the maxima or sums over the window's rows; returns how many lie inside. */
    private int reduceRows(float[] a, int from, int y, float[] rows, int n) {
      int top = y * s.strideHeight() - s.padTop();
      int first = firstTap(top, s.dilationHeight());
      int end = endTap(top, s.dilationHeight(), s.inHeight(), s.kernelHeight());
      for (int k = first; k < end; k++) {
        join(k == first, n, rows, 0, a, from + (top + k * s.dilationHeight()) * n);
      }
      if (first >= end) {
        Arrays.fill(rows, 0, n, outside());
      }
      return Math.max(0, end - first);
    }

    private void reduceColumns(float[] rows, float[] dst, int dstOff) {
      int channels = s.inChannels();
      for (int x = 0; x < s.outWidth(); x++) {
        int to = dstOff + x * channels;
        for (int k = firstTap[x]; k < endTap[x]; k++) {
          join(k == firstTap[x], channels, dst, to, rows, column(x, k) * channels);
        }
        if (firstTap[x] >= endTap[x]) {
          Arrays.fill(dst, to, to + channels, outside());
        }
      }
    }

    private float outside() {
      return max ? Float.NEGATIVE_INFINITY : 0;
    }

    private void join(boolean first, int n, float[] into, int to, float[] from, int at) {
      if (first) {
        System.arraycopy(from, at, into, to, n);
      } else if (max) {
        backend.max(into, to, from, at, n);
      } else {
        backend.add(into, to, from, at, n);
      }
    }

    private void divide(float[] sums, int off, int rows) {
      for (int x = 0; x < s.outWidth(); x++) {
        int columns = countPadding ? s.kernelWidth() : endTap[x] - firstTap[x];
        float scale = 1f / Math.max(1, columns * rows);
        for (int i = off + x * s.inChannels(), end = i + s.inChannels(); i < end; i++) {
          sums[i] *= scale;
        }
      }
    }

    @Override
    public int tile() {
      return s.inWidth() * s.inChannels();
    }

    @Override
    public String describe() {
      return "%s %dx%d/%dx%d"
          .formatted(
              max ? "max pool" : "average pool",
              s.kernelHeight(),
              s.kernelWidth(),
              s.strideHeight(),
              s.strideWidth());
    }
  }

  /**
   * The mean over height and width: as many pixels as fit into a tile are summed side by side, and
   * a few tiles in float, whose sums go on in double. Sums of many floats lose digits, and sums in
   * double take a tenth more time.
   */
  static final class Global implements PairOperator {
    private static final int BLOCK = 16;

    private final int batch;
    private final int pixels;
    private final int channels;
    private final int tile;

    Global(int[] shape) {
      this.batch = shape[0];
      this.pixels = shape[1] * shape[2];
      this.channels = shape[3];
      this.tile = channels * Math.clamp(Context.TILE / channels, 1, pixels);
    }

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      double[] sums = context.sums;
      int count = pixels * channels;
      for (int image = 0; image < batch; image++) {
        Arrays.fill(sums, 0, tile, 0);
        int end = aOff + (image + 1) * count;
        for (int from = end - count, next; from < end; from = next) {
          next = (int) Math.min(end, from + (long) BLOCK * tile);
          addBlock(context, a, from, next);
        }
        for (int c = 0; c < channels; c++) {
          double sum = 0;
          for (int k = c; k < tile; k += channels) {
            sum += sums[k];
          }
          dst[dstOff + image * channels + c] = (float) (sum / pixels);
        }
      }
    }

    /** Adds {@code [from, end)}, which begins with a pixel. */
    private void addBlock(Context context, float[] a, int from, int end) {
      float[] block = context.tiles[0];
      float[] part = context.tiles[1];
      double[] sums = context.sums;
      int first = Math.min(tile, end - from);
      System.arraycopy(a, from, block, 0, first);
      for (int i = from + first; i < end; i += tile) {
        int n = Math.min(tile, end - i);
        System.arraycopy(a, i, part, 0, n);
        for (int k = 0; k < n; k++) {
          block[k] += part[k];
        }
      }
      for (int k = 0; k < first; k++) {
        sums[k] += block[k];
      }
    }

    @Override
    public int tile() {
      return tile;
    }

    @Override
    public int sums() {
      return tile;
    }

    @Override
    public String describe() {
      return "global average pool";
    }
  }

  /** exp(x - max) over their sum, in double. */
  record Softmax(int count, int row) implements UnitOperator {
    @Override
    public int units() {
      return count / row;
    }

    @Override
    public void run(
        Context context,
        float[] a,
        int aOff,
        float[] b,
        int bOff,
        float[] dst,
        int dstOff,
        int from,
        int to) {
      for (int r = from * row; r < to * row; r += row) {
        float most = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < row; i++) {
          most = Math.max(most, a[aOff + r + i]);
        }
        double sum = 0;
        for (int i = 0; i < row; i++) {
          double e = Math.exp(a[aOff + r + i] - most);
          sum += e;
          dst[dstOff + r + i] = (float) e;
        }
        float scale = (float) (1 / sum);
        for (int i = 0; i < row; i++) {
          dst[dstOff + r + i] *= scale;
        }
      }
    }

    @Override
    public boolean worksInPlace() {
      return true;
    }

    @Override
    public String describe() {
      return "softmax";
    }
  }
}
