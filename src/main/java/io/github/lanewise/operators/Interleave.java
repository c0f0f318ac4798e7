package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;

/**
 * An image of which each input is every so manieth row and column: input {@code r * columns + c} of
 * {@code rows * columns} begins at row {@code r} and column {@code c}, after some of its own rows
 * and columns that are left out, as are those beyond the result.
 *
 * @param rowsBefore for each of {@code rows} the input's rows that are left out
 * @param columnsBefore for each of {@code columns} the input's columns that are left out
 * @param height rows of the result
 * @param width columns of the result
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, never compared
public record Interleave(int[] rowsBefore, int[] columnsBefore, int height, int width)
    implements Operation {

  /** Fewer values are copied faster one by one than by a call. */
  private static final int SHORT = 6;

  @Override
  public int[][] shapes(int[]... inputs) {
    return new int[][] {{inputs[0][0], height, width, inputs[0][3]}};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new Run(this, inputs);
  }

  private record Run(Interleave op, int[][] inputs) implements Operator {
    @Override
    public void run(Context context, Places in, Places out) {
      float[] dst = out.array(context, 0);
      int rows = op.rowsBefore.length;
      int columns = op.columnsBefore.length;
      int channels = inputs[0][3];
      for (int n = 0; n < inputs[0][0]; n++) {
        for (int y = 0; y < op.height; y++) {
          for (int c = 0; c < columns; c++) {
            int part = y % rows * columns + c;
            int[] shape = inputs[part];
            int row = n * shape[1] + op.rowsBefore[y % rows] + y / rows;
            int from = in.offset(part) + (row * shape[2] + op.columnsBefore[c]) * channels;
            int to = out.offset(0) + (n * op.height + y) * op.width * channels;
            for (int x = c; x < op.width; x += columns, from += channels) {
              move(in.array(context, part), from, dst, to + x * channels, channels);
            }
          }
        }
      }
    }

    private static void move(float[] a, int from, float[] dst, int to, int n) {
      if (n < SHORT) {
        for (int i = 0; i < n; i++) {
          dst[to + i] = a[from + i];
        }
      } else {
        System.arraycopy(a, from, dst, to, n);
      }
    }

    @Override
    public String describe() {
      return "interleave %dx%d".formatted(op.rowsBefore.length, op.columnsBefore.length);
    }
  }
}
