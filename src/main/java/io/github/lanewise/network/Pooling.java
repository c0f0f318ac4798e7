package io.github.lanewise.network;

import io.github.lanewise.Backend;
import io.github.lanewise.ConvShape;
import java.util.Arrays;

/** Reductions over windows, whole images and channels. */
final class Pooling {

  private Pooling() {}

  /** The maximum or mean of a window: first over rows, whole rows at a time, then columns. */
  static final class Window implements Operator {
    private final ConvShape s;
    private final Backend backend;
    private final boolean max;
    private final int[] insideColumns;
    private final boolean countPadding;

    Window(Op.Pool op, Backend backend) {
      this.s = op.window();
      this.backend = backend;
      this.max = op.max();
      this.countPadding = op.countPadding();
      this.insideColumns = max ? null : columnCounts();
    }

    /** For each output column how many columns of its window count. */
    private int[] columnCounts() {
      int[] counts = new int[s.outWidth()];
      for (int x = 0; x < counts.length; x++) {
        for (int k = 0; k < s.kernelWidth(); k++) {
          counts[x] += countPadding || isInside(column(x, k)) ? 1 : 0;
        }
      }
      return counts;
    }

    private int column(int x, int k) {
      return x * s.strideWidth() + k * s.dilationWidth() - s.padLeft();
    }

    private boolean isInside(int column) {
      return column >= 0 && column < s.inWidth();
    }

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      int rowIn = s.inWidth() * s.inChannels();
      int rowOut = s.outWidth() * s.inChannels();
      float[] rows = context.tiles[0];
      for (int image = 0; image < s.batch(); image++) {
        int from = aOff + image * s.inHeight() * rowIn;
        for (int y = 0; y < s.outHeight(); y++) {
          int inside = reduceRows(a, from, y, rows, rowIn);
          int to = dstOff + (image * s.outHeight() + y) * rowOut;
          reduceColumns(rows, dst, to);
          if (!max) {
            divide(dst, to, countPadding ? s.kernelHeight() : inside);
          }
        }
      }
    }

    /** One row of the maxima or sums over the window's rows; returns how many lie inside. */
    private int reduceRows(float[] a, int from, int y, float[] rows, int n) {
      int inside = 0;
      for (int k = 0; k < s.kernelHeight(); k++) {
        int row = y * s.strideHeight() + k * s.dilationHeight() - s.padTop();
        if (row >= 0 && row < s.inHeight()) {
          join(inside == 0, n, rows, 0, a, from + row * n);
          inside++;
        }
      }
      if (inside == 0) {
        Arrays.fill(rows, 0, n, outside());
      }
      return inside;
    }

    private void reduceColumns(float[] rows, float[] dst, int dstOff) {
      int channels = s.inChannels();
      for (int x = 0; x < s.outWidth(); x++) {
        int to = dstOff + x * channels;
        boolean first = true;
        for (int k = 0; k < s.kernelWidth(); k++) {
          int column = column(x, k);
          if (isInside(column)) {
            join(first, channels, dst, to, rows, column * channels);
            first = false;
          }
        }
        if (first) {
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
        float scale = 1f / Math.max(1, insideColumns[x] * rows);
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
   * The mean over height and width: as many pixels as fit into a tile are summed side by side,
   * which also keeps the errors of float sums apart, and these sums in double.
   */
  static final class Global implements Operator {
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
      float[] sums = context.tiles[0];
      float[] part = context.tiles[1];
      int count = pixels * channels;
      for (int image = 0; image < batch; image++) {
        int from = aOff + image * count;
        System.arraycopy(a, from, sums, 0, tile);
        for (int i = tile; i < count; i += tile) {
          int n = Math.min(tile, count - i);
          System.arraycopy(a, from + i, part, 0, n);
          for (int k = 0; k < n; k++) {
            sums[k] += part[k];
          }
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

    @Override
    public int tile() {
      return tile;
    }

    @Override
    public String describe() {
      return "global average pool";
    }
  }

  /** exp(x - max) over their sum, in double. */
  record Softmax(int count, int row) implements Operator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      for (int r = 0; r < count; r += row) {
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
