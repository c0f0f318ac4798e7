package io.github.lanewise.network;

import java.util.Arrays;

/** Operators that only move values. */
final class Movement {

  private Movement() {}

  /** Rows of {@code length} neighbours, to rows {@code step} apart from {@code shift} on. */
  record Copy(int rows, int length, int step, int shift) implements Operator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(a, aOff + r * length, dst, dstOff + shift + r * step, length);
      }
    }

    @Override
    public String describe() {
      return "copy";
    }
  }

  /** Constants around a tensor. */
  static final class Pad implements Operator {
    private final float value;
    private final int[] before;
    private final int[] in;
    private final int[] out;
    private final int count;

    Pad(Op.Pad op, int[] in) {
      this.value = op.value();
      this.before = op.before();
      this.in = in;
      this.out = new int[in.length];
      int product = 1;
      for (int i = 0; i < in.length; i++) {
        out[i] = before[i] + in[i] + op.after()[i];
        product *= out[i];
      }
      this.count = product;
    }

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      Arrays.fill(dst, dstOff, dstOff + count, value);
      int last = in.length - 1;
      int rows = 1;
      for (int i = 0; i < last; i++) {
        rows *= in[i];
      }
      int length = last < 0 ? 1 : in[last];
      for (int row = 0; row < rows; row++) {
        int rest = row;
        int at = last < 0 ? 0 : before[last];
        int step = last < 0 ? 1 : out[last];
        for (int axis = last - 1; axis >= 0; axis--) {
          at += (rest % in[axis] + before[axis]) * step;
          rest /= in[axis];
          step *= out[axis];
        }
        System.arraycopy(a, aOff + row * length, dst, dstOff + at, length);
      }
    }

    @Override
    public String describe() {
      return "pad";
    }
  }

  /** Reorders axes; neighbouring axes that stay neighbours move as one. */
  static final class Transpose implements Operator {
    private static final int BLOCK = 64;

    /** Of the output, slowest first: size, and step in the input. */
    private final int[] sizes;

    private final int[] steps;
    private final int count;

    Transpose(int[] in, int[] order) {
      int[] step = new int[in.length];
      int product = 1;
      for (int i = in.length - 1; i >= 0; i--) {
        step[i] = product;
        product *= in[i];
      }
      this.count = product;
      int[] size = new int[in.length + 1];
      int[] from = new int[in.length + 1];
      int n = 0;
      for (int axis : order) {
        if (in[axis] == 1) {
          continue;
        }
        if (n > 0 && from[n - 1] == step[axis] * in[axis]) {
          size[n - 1] *= in[axis];
          from[n - 1] = step[axis];
        } else {
          size[n] = in[axis];
          from[n++] = step[axis];
        }
      }
      if (n == 0) {
        size[n] = 1;
        from[n++] = 1;
      }
      this.sizes = Arrays.copyOf(size, n);
      this.steps = Arrays.copyOf(from, n);
    }

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      int n = sizes.length;
      if (n == 1) {
        System.arraycopy(a, aOff, dst, dstOff, count);
        return;
      }
      int plane = sizes[n - 2] * sizes[n - 1];
      for (int p = 0, planes = count / plane; p < planes; p++) {
        int rest = p;
        int from = aOff;
        for (int axis = n - 3; axis >= 0; axis--) {
          from += rest % sizes[axis] * steps[axis];
          rest /= sizes[axis];
        }
        plane(a, from, dst, dstOff + p * plane);
      }
    }

    /** The two fastest axes: in blocks of rows, so that both sides stay in the cache. */
    private void plane(float[] a, int from, float[] dst, int to) {
      int rows = sizes[sizes.length - 2];
      int columns = sizes[sizes.length - 1];
      int rowStep = steps[steps.length - 2];
      int columnStep = steps[steps.length - 1];
      for (int first = 0; first < rows; first += BLOCK) {
        int end = Math.min(rows, first + BLOCK);
        if (columns == 3 && rowStep == 1) {
          interleave(a, from + first, columnStep, dst, to + first * 3, end - first);
        } else if (columnStep == 1) {
          for (int r = first; r < end; r++) {
            System.arraycopy(a, from + r * rowStep, dst, to + r * columns, columns);
          }
        } else {
          for (int c = 0; c < columns; c++) {
            int source = from + c * columnStep;
            for (int r = first; r < end; r++) {
              dst[to + r * columns + c] = a[source + r * rowStep];
            }
          }
        }
      }
    }

    /** Three planes to pixels: the images that most networks are given. */
    private static void interleave(
        float[] a, int from, int planeStep, float[] dst, int to, int pixels) {
      int green = from + planeStep;
      int blue = green + planeStep;
      for (int i = 0; i < pixels; i++) {
        dst[to + 3 * i] = a[from + i];
        dst[to + 3 * i + 1] = a[green + i];
        dst[to + 3 * i + 2] = a[blue + i];
      }
    }

    @Override
    public String describe() {
      return sizes.length == 1 ? "copy" : "transpose";
    }
  }
}
