package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/**
 * The largest or smallest values along the last axis, best first, and in a second result where they
 * stood; of equal ones that which comes first.
 *
 * @param k how many, 1 or more
 * @param largest whether the largest
 */
public record TopK(int k, boolean largest) implements Operation {

  @Override
  public int[][] shapes(int[]... inputs) {
    int[] shape = inputs[0].clone();
    int last = shape.length - 1;
    if (last < 0 || k < 1 || k > shape[last]) {
      throw new IllegalArgumentException(
          "k = %d must lie in 1 .. the last size of %s".formatted(k, Arrays.toString(inputs[0])));
    }
    shape[last] = k;
    return new int[][] {shape, shape};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] shape = inputs[0];
    int row = shape[shape.length - 1];
    return new Run(this, Sizes.count(shape) / row, row);
  }

  /** Keeps the best so far as a heap with the worst of them at its root. */
  private record Run(TopK op, int rows, int row) implements Operator {
    @Override
    public void run(Context context, Places in, Places out) {
      float[] x = in.array(context, 0);
      float[] values = context.tiles[0];
      float[] indices = context.tiles[1];
      int k = op.k;
      for (int r = 0; r < rows; r++) {
        int from = in.offset(0) + r * row;
        for (int i = 0; i < row; i++) {
          if (i < k) {
            values[i] = x[from + i];
            indices[i] = i;
            if (i == k - 1) {
              for (int root = k / 2 - 1; root >= 0; root--) {
                sink(values, indices, root, k);
              }
            }
          } else if (beats(x[from + i], i, values[0], indices[0])) {
            values[0] = x[from + i];
            indices[0] = i;
            sink(values, indices, 0, k);
          }
        }
        for (int end = k - 1; end > 0; end--) {
          swap(values, 0, end);
          swap(indices, 0, end);
          sink(values, indices, 0, end);
        }
        System.arraycopy(values, 0, out.array(context, 0), out.offset(0) + r * k, k);
        System.arraycopy(indices, 0, out.array(context, 1), out.offset(1) + r * k, k);
      }
    }

    private void sink(float[] values, float[] indices, int root, int end) {
      int at = root;
      for (int child = 2 * at + 1; child < end; child = 2 * at + 1) {
        if (child + 1 < end
            && beats(values[child], indices[child], values[child + 1], indices[child + 1])) {
          child++;
        }
        if (!beats(values[at], indices[at], values[child], indices[child])) {
          return;
        }
        swap(values, at, child);
        swap(indices, at, child);
        at = child;
      }
    }

    private static void swap(float[] array, int i, int k) {
      float kept = array[i];
      array[i] = array[k];
      array[k] = kept;
    }

    private boolean beats(float value, float index, float other, float otherIndex) {
      int order = value == other ? 0 : Float.compare(value, other);
      return order == 0 ? index < otherIndex : order > 0 == op.largest;
    }

    @Override
    public int tile() {
      return op.k;
    }

    @Override
    public String describe() {
      return (op.largest ? "largest " : "smallest ") + op.k;
    }
  }
}
