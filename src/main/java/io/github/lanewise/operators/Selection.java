package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/**
 * On each axis some of the indices, in any order and as often as they are named: slices,
 * repetitions, and paddings of every kind.
 *
 * @param indices for each axis those of the input, {@link #NONE} where there is {@code value}; null
 *     for all of them as they are
 * @param value what stands where an axis has no index
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, never compared
public record Selection(int[][] indices, float value) implements Operation {
  /** No index of the input. */
  public static final int NONE = -1;

  /** Fewer neighbours are copied faster one by one than by a call. */
  private static final int SHORT = 6;

  /** On one axis. */
  public static Selection of(int axes, int axis, int... indices) {
    int[][] all = new int[axes][];
    all[axis] = indices;
    return new Selection(all, 0);
  }

  @Override
  public int[][] shapes(int[]... inputs) {
    int[] out = inputs[0].clone();
    if (indices.length != out.length) {
      throw new IllegalArgumentException(
          "indices of %d axes must be of those of %s"
              .formatted(indices.length, Arrays.toString(out)));
    }
    for (int axis = 0; axis < out.length; axis++) {
      int[] own = indices[axis];
      if (own != null) {
        for (int index : own) {
          if (index < NONE || index >= out[axis]) {
            throw new IllegalArgumentException(
                "index %d must be within the size %d".formatted(index, out[axis]));
          }
        }
        out[axis] = own.length;
      }
    }
    return new int[][] {out};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new Copies(this, inputs[0]);
  }

  /** Axes of which all indices are taken move as one with what lies inside of them. */
  private static final class Copies implements PairOperator {
    private final float value;

    /** By axis up to the last of which not all is taken. */
    private final int[][] indices;

    /** Floats of one index of each of these axes, in the input and the output. */
    private final int[] inStep;

    private final int[] outStep;

    /** On the last of them: first float of the input, or {@link #NONE}, and floats to copy. */
    private final int[] from;

    private final int[] length;

    /** Whether single floats of the input are copied, none with a neighbour. */
    private final boolean areSingle;

    /** So many single floats with the same distance, from the first; 0 where it is not so. */
    private final int count;

    private final int distance;

    Copies(Selection selection, int[] in) {
      this.value = selection.value;
      int[] out = selection.shapes(in)[0];
      int[][] all = new int[in.length + 1][];
      int[] sizes = new int[in.length + 1];
      int n = 0;
      for (int axis = 0; axis < in.length; axis++) {
        int[] own = selection.indices[axis];
        boolean joins = own == null && n > 0 && all[n - 1] == null;
        n = joins ? n : n + 1;
        sizes[n - 1] = joins ? sizes[n - 1] * in[axis] : in[axis];
        all[n - 1] = own;
      }
      int inner = 1;
      if (n > 0 && all[n - 1] == null) {
        inner = sizes[--n];
      }
      if (n == 0) { // nothing is left out
        all[n] = new int[1];
        sizes[n++] = 1;
      }
      int[][] indices = new int[n][];
      this.inStep = new int[n];
      this.outStep = new int[n];
      int inSize = inner;
      int outSize = inner;
      for (int axis = n - 1; axis >= 0; axis--) {
        indices[axis] = all[axis] == null ? upTo(sizes[axis]) : all[axis];
        inStep[axis] = inSize;
        outStep[axis] = outSize;
        inSize *= sizes[axis];
        outSize *= indices[axis].length;
      }
      int[] last = indices[n - 1];
      int[] starts = new int[last.length];
      int[] lengths = new int[last.length];
      int runs = 0;
      for (int i = 0; i < last.length; i++) {
        boolean follows =
            i > 0 && (last[i] == NONE ? last[i - 1] == NONE : last[i] == last[i - 1] + 1);
        if (follows && (last[i] == NONE) == (last[i - 1] == NONE)) {
          lengths[runs - 1] += inner;
        } else {
          starts[runs] = last[i] == NONE ? NONE : last[i] * inner;
          lengths[runs++] = inner;
        }
      }
      this.from = Arrays.copyOf(starts, runs);
      this.length = Arrays.copyOf(lengths, runs);
      if (out.length == 0) {
        length[0] = 1;
      }
      this.areSingle = areSingle();
      boolean isOne = runs == 1 && length[0] == 1 && from[0] != NONE;
      if (isOne && n > 1 && all[n - 2] == null) { // on each index of the axis before
        this.count = sizes[n - 2];
        this.distance = inStep[n - 2];
        n--;
      } else {
        this.count = areEven() ? runs : 0;
        this.distance = count > 1 ? from[1] - from[0] : 0;
      }
      this.indices = Arrays.copyOf(indices, n);
    }

    private boolean areSingle() {
      for (int r = 0; r < from.length; r++) {
        if (from[r] == NONE || length[r] != 1) {
          return false;
        }
      }
      return true;
    }

    /** Whether the distance between single floats is the same. */
    private boolean areEven() {
      for (int r = 0; r < from.length; r++) {
        boolean isEven = from.length == 1 || from[r] == from[0] + r * (from[1] - from[0]);
        if (!areSingle || !isEven) {
          return false;
        }
      }
      return true;
    }

    private static int[] upTo(int n) {
      int[] all = new int[n];
      Arrays.setAll(all, i -> i);
      return all;
    }

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      copy(0, a, aOff, dst, dstOff);
    }

    private void copy(int axis, float[] a, int first, float[] dst, int to) {
      if (axis == indices.length - 1) {
        runs(a, first, dst, to);
        return;
      }
      int[] own = indices[axis];
      int step = outStep[axis];
      for (int i = 0; i < own.length; i++) {
        int at = to + i * step;
        if (own[i] == NONE) {
          Arrays.fill(dst, at, at + step, value);
        } else if (i > 0 && own[i] == own[i - 1]) {
          System.arraycopy(dst, at - step, dst, at, step);
        } else {
          copy(axis + 1, a, first + own[i] * inStep[axis], dst, at);
        }
      }
    }

    private void runs(float[] a, int first, float[] dst, int to) {
      if (count > 0) {
        int start = first + from[0];
        for (int i = 0; i < count; i++) {
          dst[to + i] = a[start + i * distance];
        }
        return;
      }
      if (areSingle) {
        for (int r = 0; r < from.length; r++) {
          dst[to + r] = a[first + from[r]];
        }
        return;
      }
      int at = to;
      for (int r = 0; r < from.length; r++) {
        int n = length[r];
        if (from[r] == NONE) {
          Arrays.fill(dst, at, at + n, value);
        } else if (n >= SHORT) {
          System.arraycopy(a, first + from[r], dst, at, n);
        } else {
          for (int i = 0; i < n; i++) {
            dst[at + i] = a[first + from[r] + i];
          }
        }
        at += n;
      }
    }

    @Override
    public String describe() {
      return "selection";
    }
  }
}
