package io.github.lanewise.network;

import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.UnitOperator;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Images of another size. */
final class Resize {

  private Resize() {}

  /** Copies pixels. */
  static final class Nearest implements UnitOperator {
    private final int[] rows;
    private final int[] columns;
    private final int batch;
    private final int height;
    private final int width;
    private final int channels;

    Nearest(int[] rows, int[] columns, int[] in) {
      this.rows = rows;
      this.columns = columns;
      this.batch = in[0];
      this.height = in[1];
      this.width = in[2];
      this.channels = in[3];
    }

    @Override
    public int units() {
      return batch * rows.length;
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
      int line = columns.length * channels;
      for (int unit = from; unit < to; unit++) {
        int y = unit % rows.length;
        int at = dstOff + unit * line;
        if (unit > from && y > 0 && rows[y] == rows[y - 1]) {
          System.arraycopy(dst, at - line, dst, at, line);
        } else {
          int source = aOff + (unit / rows.length * height + rows[y]) * width * channels;
          gather(a, source, columns, channels, dst, at);
        }
      }
    }

    @Override
    public String describe() {
      return "resize nearest";
    }
  }

  /** Copies the pixels of one row that are named. */
  private static void gather(
      float[] from, int fromOff, int[] columns, int channels, float[] to, int toOff) {
    if (channels == 1) {
      for (int x = 0; x < columns.length; x++) {
        to[toOff + x] = from[fromOff + columns[x]];
      }
    } else {
      for (int x = 0; x < columns.length; x++) {
        System.arraycopy(from, fromOff + columns[x] * channels, to, toOff + x * channels, channels);
      }
    }
  }

  /** Weights two columns in each input row once, then two of these rows. */
  static final class Linear implements UnitOperator {
    private final float[] rows;
    private final int[] left;
    private final int[] right;

    /** Output columns that are an input column: infinity times a weight of 0 would be no number. */
    private final int[] whole;

    /** Share of the right column, for each float of an output row. */
    private final float[] weights;

    private final int batch;
    private final int height;
    private final int width;
    private final int channels;

    Linear(float[] rows, float[] columns, int[] in) {
      this.rows = rows;
      this.batch = in[0];
      this.height = in[1];
      this.width = in[2];
      this.channels = in[3];
      this.left = new int[columns.length];
      this.right = new int[columns.length];
      this.weights = new float[columns.length * channels];
      for (int x = 0; x < columns.length; x++) {
        left[x] = (int) columns[x];
        right[x] = Math.min(left[x] + 1, width - 1);
        Arrays.fill(weights, x * channels, (x + 1) * channels, columns[x] - left[x]);
      }
      this.whole = IntStream.range(0, left.length).filter(x -> columns[x] == left[x]).toArray();
    }

    @Override
    public int units() {
      return batch * rows.length;
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
      int line = left.length * channels;
      float[] upper = context.tiles[0];
      float[] lower = context.tiles[1];
      float[] part = context.tiles[2];
      int upperRow = -1;
      int lowerRow = -1;
      for (int unit = from; unit < to; unit++) {
        float place = rows[unit % rows.length];
        float w = place - (int) place;
        int row = unit / rows.length * height + (int) place;
        if (row == lowerRow) {
          float[] swap = upper;
          upper = lower;
          lower = swap;
          lowerRow = upperRow;
          upperRow = row;
        } else if (row != upperRow) {
          blendColumns(a, aOff + row * width * channels, upper, part);
          upperRow = row;
        }
        if (w > 0 && lowerRow != row + 1) {
          blendColumns(a, aOff + (row + 1) * width * channels, lower, part);
          lowerRow = row + 1;
        }
        if (w > 0) {
          blendRows(upper, lower, w, part, line);
        }
        System.arraycopy(w > 0 ? part : upper, 0, dst, dstOff + unit * line, line);
      }
    }

    private void blendColumns(float[] a, int row, float[] result, float[] other) {
      gather(a, row, left, channels, result, 0);
      gather(a, row, right, channels, other, 0);
      for (int x : whole) {
        Arrays.fill(other, x * channels, (x + 1) * channels, 0);
      }
      float[] w = weights;
      for (int i = 0; i < w.length; i++) {
        result[i] = result[i] * (1 - w[i]) + other[i] * w[i];
      }
    }

    private static void blendRows(float[] upper, float[] lower, float w, float[] result, int n) {
      for (int i = 0; i < n; i++) {
        result[i] = upper[i] * (1 - w) + lower[i] * w;
      }
    }

    @Override
    public int tile() {
      return weights.length;
    }

    @Override
    public String describe() {
      return "resize linear";
    }
  }
}
