package io.github.lanewise.network;

import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.PairOperator;
import io.github.lanewise.operators.UnitOperator;
import java.util.Arrays;

/** Operators that only move values. */
final class Movement {

  private Movement() {}

  /** Rows of {@code length} neighbours, to rows {@code step} apart from {@code shift} on. */
  record Copy(int rows, int length, int step, int shift) implements UnitOperator {
    @Override
    public int units() {
      return rows;
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
      for (int r = from; r < to; r++) {
        System.arraycopy(a, aOff + r * length, dst, dstOff + shift + r * step, length);
      }
    }

    @Override
    public String describe() {
      return "copy";
    }
  }

  /** Constants around a tensor. Axes inside of the last padded one move as one with it. */
  static final class Pad implements PairOperator {
    private final float value;

    /** By axis, in floats: what is put before and after, and one index of input and output. */
    private final int[] before;

    private final int[] after;
    private final int[] inStep;
    private final int[] outStep;
    private final int[] sizes;

    Pad(Op.Pad op, int[] in) {
      this.value = op.value();
      int n = in.length;
      while (n > 1 && op.before()[n - 1] + op.after()[n - 1] == 0) {
        n--;
      }
      this.sizes = Arrays.copyOf(in, n);
      this.before = new int[n];
      this.after = new int[n];
      this.inStep = new int[n];
      this.outStep = new int[n];
      int from = 1;
      int to = 1;
      for (int axis = in.length - 1; axis >= 0; axis--) {
        if (axis < n) {
          inStep[axis] = from;
          outStep[axis] = to;
          before[axis] = op.before()[axis] * to;
          after[axis] = op.after()[axis] * to;
        }
        from *= in[axis];
        to *= op.before()[axis] + in[axis] + op.after()[axis];
      }
    }

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      if (sizes.length == 0) {
        dst[dstOff] = a[aOff];
      } else {
        pad(0, a, aOff, dst, dstOff);
      }
    }

    private void pad(int axis, float[] a, int from, float[] dst, int to) {
      Arrays.fill(dst, to, to + before[axis], value);
      int at = to + before[axis];
      int inner = axis + 1;
      if (inner == sizes.length) {
        System.arraycopy(a, from, dst, at, sizes[axis] * inStep[axis]);
      } else if (inner == sizes.length - 1) {
        padRows(axis, a, from, dst, at);
      } else {
        for (int i = 0; i < sizes[axis]; i++) {
          pad(inner, a, from + i * inStep[axis], dst, at + i * outStep[axis]);
        }
      }
      int end = at + sizes[axis] * outStep[axis];
      Arrays.fill(dst, end, end + after[axis], value);
    }

    /** The last two axes: one loop, since channels are padded in short rows. */
    private void padRows(int axis, float[] a, int from, float[] dst, int to) {
      int inner = axis + 1;
      int length = inStep[axis];
      int step = outStep[axis];
      int first = before[inner];
      for (int i = 0; i < sizes[axis]; i++) {
        int at = to + i * step;
        for (int k = 0; k < first; k++) {
          dst[at + k] = value;
        }
        System.arraycopy(a, from + i * length, dst, at + first, length);
        for (int k = first + length; k < step; k++) {
          dst[at + k] = value;
        }
      }
    }

    @Override
    public String describe() {
      return "pad";
    }
  }

  /** Reorders axes; neighbouring axes that stay neighbours move as one. */
  static final class Transpose implements UnitOperator {
    private static final int BLOCK = 64;

    /** The same where these axes are short: blocks are long. */
    private static final int BLOCK_FLOATS = 4096;

    /** Fewer neighbours are copied faster one by one than by a call. */
    private static final int SHORT = 6;

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
    public int units() {
      int n = sizes.length;
      return n == 1 ? 1 : count / (sizes[n - 2] * sizes[n - 1]) * blocks();
    }

    /** Of the rows of the two fastest axes, small enough that both sides stay in the cache. */
    private int blocks() {
      return Math.ceilDiv(sizes[sizes.length - 2], rowsOfBlock());
    }

    private int rowsOfBlock() {
      return Math.max(BLOCK, BLOCK_FLOATS / sizes[sizes.length - 1]);
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
      int n = sizes.length;
      if (n == 1) {
        System.arraycopy(a, aOff, dst, dstOff, count);
        return;
      }
      int plane = sizes[n - 2] * sizes[n - 1];
      for (int unit = from; unit < to; unit++) {
        int p = unit / blocks();
        int rest = p;
        int source = aOff;
        for (int axis = n - 3; axis >= 0; axis--) {
          source += rest % sizes[axis] * steps[axis];
          rest /= sizes[axis];
        }
        int first = unit % blocks() * rowsOfBlock();
        if (isStaged()) {
          staged(context.tiles[0], a, source, dst, dstOff + p * plane, first);
        } else {
          block(a, source, dst, dstOff + p * plane, first);
        }
      }
    }

    /** Whether pixels become planes: at most a block of neighbours to long rows. */
    private boolean isStaged() {
      int n = sizes.length;
      return n > 1 && steps[n - 2] == 1 && sizes[n - 1] >= BLOCK;
    }

    /**
     * By way of a tile: rows of the output that are a power of two apart share a few lines of the
     * cache, which writing to all of them in turn would miss each time.
     */
    private void staged(float[] tile, float[] a, int from, float[] dst, int to, int first) {
      int columns = sizes[sizes.length - 1];
      int columnStep = steps[steps.length - 1];
      int rows = Math.min(sizes[sizes.length - 2] - first, rowsOfBlock());
      for (int start = 0; start < columns; start += BLOCK) {
        int n = Math.min(BLOCK, columns - start);
        for (int c = 0; c < n; c++) {
          int source = from + first + (start + c) * columnStep;
          for (int r = 0; r < rows; r++) {
            tile[r * BLOCK + c] = a[source + r];
          }
        }
        for (int r = 0; r < rows; r++) {
          System.arraycopy(tile, r * BLOCK, dst, to + (first + r) * columns + start, n);
        }
      }
    }

    @Override
    public int tile() {
      return isStaged() ? rowsOfBlock() * BLOCK : 0;
    }

    private void block(float[] a, int from, float[] dst, int to, int first) {
      int columns = sizes[sizes.length - 1];
      int rowStep = steps[steps.length - 2];
      int columnStep = steps[steps.length - 1];
      int end = Math.min(sizes[sizes.length - 2], first + rowsOfBlock());
      if (columns == 3 && rowStep == 1) {
        interleave(a, from + first, columnStep, dst, to + first * 3, end - first);
      } else if (columnStep == 1 && columns >= SHORT) {
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
