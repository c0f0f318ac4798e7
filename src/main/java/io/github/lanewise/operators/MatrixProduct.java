package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/** The products of matrices in the last two axes; the axes before these broadcast. */
public record MatrixProduct() implements Operation {

  @Override
  public int[][] shapes(int[]... inputs) {
    int[] a = inputs[0];
    int[] b = inputs[1];
    if (a.length < 2 || b.length < 2 || a[a.length - 1] != b[b.length - 2]) {
      throw new IllegalArgumentException(
          "matrices of %s and %s: the first's columns must be as many as the second's rows"
              .formatted(Arrays.toString(a), Arrays.toString(b)));
    }
    int[] outer = Sizes.broadcast(outer(a), outer(b));
    int[] out = Arrays.copyOf(outer, outer.length + 2);
    out[outer.length] = a[a.length - 2];
    out[outer.length + 1] = b[b.length - 1];
    return new int[][] {out};
  }

  private static int[] outer(int[] shape) {
    return Arrays.copyOf(shape, shape.length - 2);
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] a = inputs[0];
    int[] b = inputs[1];
    int[] outer = outer(shapes(inputs)[0]);
    return new Products(
        starts(a, outer), starts(b, outer), a[a.length - 2], a[a.length - 1], b[b.length - 1]);
  }

  /** Where the matrix of each product begins. */
  private static int[] starts(int[] shape, int[] outer) {
    int[] starts = new int[Sizes.count(outer)];
    int matrix = Sizes.count(shape, shape.length - 2, shape.length);
    for (int i = 0; i < starts.length; i++) {
      int rest = i;
      int step = matrix;
      for (int k = 1; k <= shape.length - 2; k++) {
        int size = shape[shape.length - 2 - k];
        starts[i] += size == 1 ? 0 : rest % size * step;
        step *= size;
        rest /= outer[outer.length - k];
      }
    }
    return starts;
  }

  @Override
  public String name() {
    return "matrix product";
  }

  /**
   * A row of the second matrix, copied to a tile, is added to two rows of the result at a time:
   * arrays that share an index make vectors. Both ways add in the same order.
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Products(int[] aStarts, int[] bStarts, int rows, int depth, int columns)
      implements PairOperator {
    /** Fewer columns fill no vector loop and are summed in registers. */
    private static final int FEW = 40;

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      for (int i = 0; i < aStarts.length; i++) {
        int from = aOff + aStarts[i];
        int by = bOff + bStarts[i];
        int to = dstOff + i * rows * columns;
        if (columns < FEW) {
          sums(a, from, b, by, dst, to);
        } else {
          for (int first = 0; first < columns; first += Context.TILE) {
            int n = Math.min(Context.TILE, columns - first);
            block(context.tiles, n, a, from, b, by + first, dst, to + first);
          }
        }
      }
    }

    private void sums(float[] a, int from, float[] b, int by, float[] dst, int to) {
      for (int row = 0; row < rows; row += 4) {
        for (int column = 0; column < columns; column += 2) {
          sums(row, column, a, from + row * depth, b, by + column, dst, to);
        }
      }
    }

    /** Four rows and two columns of the result, or the last ones more than once. */
    private void sums(
        int row, int column, float[] a, int a0, float[] b, int by, float[] dst, int to) {
      int left = rows - 1 - row;
      int right = Math.min(1, columns - 1 - column);
      int a1 = a0 + Math.min(1, left) * depth;
      int a2 = a0 + Math.min(2, left) * depth;
      int a3 = a0 + Math.min(3, left) * depth;
      float s00 = 0;
      float s01 = 0;
      float s10 = 0;
      float s11 = 0;
      float s20 = 0;
      float s21 = 0;
      float s30 = 0;
      float s31 = 0;
      int at = by;
      for (int k = 0; k < depth; k++) {
        float x = b[at];
        float y = b[at + right];
        s00 += a[a0 + k] * x;
        s01 += a[a0 + k] * y;
        s10 += a[a1 + k] * x;
        s11 += a[a1 + k] * y;
        s20 += a[a2 + k] * x;
        s21 += a[a2 + k] * y;
        s30 += a[a3 + k] * x;
        s31 += a[a3 + k] * y;
        at += columns;
      }
      put(dst, to + row * columns + column, right, s00, s01);
      put(dst, to + (row + Math.min(1, left)) * columns + column, right, s10, s11);
      put(dst, to + (row + Math.min(2, left)) * columns + column, right, s20, s21);
      put(dst, to + (row + Math.min(3, left)) * columns + column, right, s30, s31);
    }

    private static void put(float[] dst, int at, int right, float x, float y) {
      dst[at] = x;
      dst[at + right] = y;
    }

    private void block(
        float[][] tiles, int n, float[] a, int from, float[] b, int by, float[] dst, int to) {
      float[] p = tiles[0];
      float[] q = tiles[1];
      float[] factors = tiles[2];
      for (int row = 0; row < rows; row += 2) {
        int other = Math.min(row + 1, rows - 1); // of an odd number the last one twice
        Arrays.fill(p, 0, n, 0);
        Arrays.fill(q, 0, n, 0);
        for (int k = 0; k < depth; k++) {
          System.arraycopy(b, by + k * columns, factors, 0, n);
          addTo(p, q, factors, n, a[from + row * depth + k], a[from + other * depth + k]);
        }
        System.arraycopy(p, 0, dst, to + row * columns, n);
        System.arraycopy(q, 0, dst, to + other * columns, n);
      }
    }

    private static void addTo(float[] p, float[] q, float[] factors, int n, float x, float y) {
      for (int j = 0; j < n; j++) {
        p[j] += x * factors[j];
        q[j] += y * factors[j];
      }
    }

    @Override
    public int tile() {
      return columns < FEW ? 0 : Math.min(columns, Context.TILE);
    }

    @Override
    public String describe() {
      return new MatrixProduct().name();
    }
  }
}
