package io.github.lanewise.network;

import io.github.lanewise.ConvShape;
import java.util.Arrays;

/** Reductions over windows, whole images and channels. */
final class Pooling {

  private Pooling() {}

  /**
   * The maximum or mean of a window: first over rows, whole rows at a time, then over columns,
   * which are gathered so that each loop runs over neighbours.
   */
  static final class Window implements Operator {
    private final ConvShape s;
    private final boolean max;
    private final int[] insideColumns;
    private final boolean countPadding;

    Window(Op.Pool op) {
      this.s = op.window();
      this.max = op.max();
      this.countPadding = op.countPadding();
      this.insideColumns = max ? null : columnCounts();
    }

    /** For each output column how many columns of its window count. */
    private int[] columnCounts() {
      int[] counts = new int[s.outWidth()];
      for (int x = 0; x < counts.length; x++) {
        for (int k = 0; k < s.kernelWidth(); k++) {
          int from = column(x, k);
          counts[x] += countPadding || (from >= 0 && from < s.inWidth()) ? 1 : 0;
        }
      }
      return counts;
    }

    private int column(int x, int k) {
      return x * s.strideWidth() + k * s.dilationWidth() - s.padLeft();
    }

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      int rowIn = s.inWidth() * s.inChannels();
      int rowOut = s.outWidth() * s.inChannels();
      float[] rows = context.tiles[0];
      float[] part = context.tiles[1];
      float[] sums = context.tiles[2];
      for (int image = 0; image < s.batch(); image++) {
        int from = aOff + image * s.inHeight() * rowIn;
        for (int y = 0; y < s.outHeight(); y++) {
          int inside = reduceRows(a, from, y, rows, part, rowIn);
          reduceColumns(rows, part, sums, rowOut);
          if (!max) {
            divide(sums, countPadding ? s.kernelHeight() : inside);
          }
          System.arraycopy(sums, 0, dst, dstOff + (image * s.outHeight() + y) * rowOut, rowOut);
        }
      }
    }

    /** One row of the maxima or sums over the window's rows; returns how many lie inside. */
    private int reduceRows(float[] a, int from, int y, float[] rows, float[] part, int n) {
      int inside = 0;
      for (int k = 0; k < s.kernelHeight(); k++) {
        int row = y * s.strideHeight() + k * s.dilationHeight() - s.padTop();
        if (row >= 0 && row < s.inHeight()) {
          if (inside == 0) {
            System.arraycopy(a, from + row * n, rows, 0, n);
          } else {
            System.arraycopy(a, from + row * n, part, 0, n);
            join(rows, part, n);
          }
          inside++;
        }
      }
      if (inside == 0) {
        Arrays.fill(rows, 0, n, outside());
      }
      return inside;
    }

    private void reduceColumns(float[] rows, float[] part, float[] sums, int n) {
      int channels = s.inChannels();
      for (int k = 0; k < s.kernelWidth(); k++) {
        float[] to = k == 0 ? sums : part;
        for (int x = 0; x < s.outWidth(); x++) {
          int column = column(x, k);
          if (column >= 0 && column < s.inWidth()) {
            System.arraycopy(rows, column * channels, to, x * channels, channels);
          } else {
            Arrays.fill(to, x * channels, (x + 1) * channels, outside());
          }
        }
        if (k > 0) {
          join(sums, part, n);
        }
      }
    }

    private float outside() {
      return max ? Float.NEGATIVE_INFINITY : 0;
    }

    private void join(float[] into, float[] from, int n) {
      if (max) {
        for (int i = 0; i < n; i++) {
          into[i] = Math.max(into[i], from[i]);
        }
      } else {
        for (int i = 0; i < n; i++) {
          into[i] += from[i];
        }
      }
    }

    private void divide(float[] sums, int rows) {
      for (int x = 0; x < s.outWidth(); x++) {
        float scale = 1f / Math.max(1, insideColumns[x] * rows);
        for (int i = x * s.inChannels(), end = i + s.inChannels(); i < end; i++) {
          sums[i] *= scale;
        }
      }
    }

    @Override
    public int tile() {
      return Math.max(s.inWidth(), s.outWidth()) * s.inChannels();
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
