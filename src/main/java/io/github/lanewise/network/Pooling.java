package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvShape;
import io.github.lanewise.loops.PoolRows;
import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.PairOperator;
import io.github.lanewise.operators.UnitOperator;
import java.util.Arrays;

/** Reductions over windows, whole images and channels. */
final class Pooling {

  private Pooling() {}

  /** The maximum or mean of each window. */
  static final class Window implements UnitOperator {
    private final ConvShape s;
    private final PoolRows rows;
    private final boolean max;
    private final boolean countPadding;

    Window(Op.Pool op, Backend backend) {
      this.s = op.window();
      this.max = op.max();
      this.countPadding = op.countPadding();
      this.rows = new PoolRows(s, max, backend.kernels());
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
      for (int unit = from; unit < to; unit++) {
        int y = unit % s.outHeight();
        int image = aOff + unit / s.outHeight() * s.inHeight() * rows.rowFloats();
        int at = dstOff + unit * s.outWidth() * s.inChannels();
        rows.row(y, a, image, context.tiles[0], 0, dst, at);
        if (!max) {
          divide(dst, at, countPadding ? s.kernelHeight() : rows.rowsInside(y));
        }
      }
    }

    private void divide(float[] sums, int off, int inside) {
      for (int x = 0; x < s.outWidth(); x++) {
        int columns = countPadding ? s.kernelWidth() : rows.columnsInside(x);
        float scale = 1f / Math.max(1, columns * inside);
        for (int i = off + x * s.inChannels(), end = i + s.inChannels(); i < end; i++) {
          sums[i] *= scale;
        }
      }
    }

    @Override
    public int tile() {
      return rows.rowFloats();
    }

    @Override
    public String describe() {
      return describe(s, max);
    }

    static String describe(ConvShape window, boolean max) {
      return "%s %dx%d/%dx%d"
          .formatted(
              max ? "max pool" : "average pool",
              window.kernelHeight(),
              window.kernelWidth(),
              window.strideHeight(),
              window.strideWidth());
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
        average(sums, dst, dstOff + image * channels);
      }
    }

    private void average(double[] sums, float[] dst, int to) {
      for (int c = 0; c < channels; c++) {
        double sum = 0;
        for (int k = c; k < tile; k += channels) {
          sum += sums[k];
        }
        dst[to + c] = (float) (sum / pixels);
      }
    }

    /**
     * Adds {@code [from, end)}, which begins with a pixel. Loops in methods of their own take C2 a
     * few milliseconds, all in one a hundred.
     */
    private void addBlock(Context context, float[] a, int from, int end) {
      float[] block = context.tiles[0];
      float[] part = context.tiles[1];
      double[] sums = context.sums;
      int first = Math.min(tile, end - from);
      System.arraycopy(a, from, block, 0, first);
      for (int i = from + first; i < end; i += tile) {
        int n = Math.min(tile, end - i);
        System.arraycopy(a, i, part, 0, n);
        add(n, block, part);
      }
      add(first, sums, block);
    }

    private static void add(int count, float[] sums, float[] more) {
      for (int k = 0; k < count; k++) {
        sums[k] += more[k];
      }
    }

    private static void add(int count, double[] sums, float[] more) {
      for (int k = 0; k < count; k++) {
        sums[k] += more[k];
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

  /**
   * exp(x - max) over their sum. The exponential of what is not positive is s / (1 - s), where s is
   * the sigmoid, for which there is a kernel.
   */
  record Softmax(int count, int row, Backend backend) implements UnitOperator {
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
      int together = Math.max(1, Context.TILE / row);
      for (int r = from; r < to; r += together) {
        int begin = r * row;
        int n = Math.min(together, to - r) * row;
        System.arraycopy(a, aOff + begin, dst, dstOff + begin, n);
        rows(dst, dstOff + begin, n);
      }
    }

    /** In place, with one index a loop, so that C2 makes vectors. */
    private void rows(float[] x, int from, int n) {
      int end = from + n;
      for (int r = from; r < end; r += row) {
        float most = Float.NEGATIVE_INFINITY;
        for (int i = r; i < r + row; i++) {
          most = Math.max(most, x[i]);
        }
        for (int i = r; i < r + row; i++) {
          x[i] -= most;
        }
      }
      backend.activate(Activation.SIGMOID, x, from, n);
      for (int i = from; i < end; i++) {
        x[i] = x[i] / (1 - x[i]);
      }
      for (int r = from; r < end; r += row) {
        double sum = 0;
        for (int i = r; i < r + row; i++) {
          sum += x[i];
        }
        float scale = (float) (1 / sum);
        for (int i = r; i < r + row; i++) {
          x[i] *= scale;
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
