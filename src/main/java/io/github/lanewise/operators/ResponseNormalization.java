package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;

/**
 * {@code x / (bias + alpha / size * sum(x^2))^beta}, over the {@code size} values around each along
 * the last axis; one more behind than before where {@code size} is even.
 *
 * @param size 1 or more
 * @param alpha factor of the mean square
 * @param beta exponent
 * @param bias what is added to the sum
 */
public record ResponseNormalization(int size, double alpha, double beta, double bias)
    implements Operation {

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] shape = inputs[0];
    return new Run(this, Sizes.count(shape), shape[shape.length - 1]);
  }

  private record Run(ResponseNormalization op, int count, int row) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      int before = (op.size - 1) / 2;
      int after = op.size - 1 - before;
      double[] squares = context.sums;
      for (int r = 0; r < count; r += row) {
        for (int c = 0; c < row; c++) {
          double v = a[aOff + r + c];
          squares[c] = v * v;
        }
        for (int c = 0; c < row; c++) {
          double sum = 0;
          for (int k = Math.max(0, c - before);
              k <= Math.min((long) row - 1, (long) c + after);
              k++) {
            sum += squares[k];
          }
          double base = op.bias + op.alpha / op.size * sum;
          double factor =
              op.beta == 0.75 ? 1 / Math.sqrt(base * Math.sqrt(base)) : Math.pow(base, -op.beta);
          dst[dstOff + r + c] = (float) (a[aOff + r + c] * factor);
        }
      }
    }

    @Override
    public boolean worksInPlace() {
      return true;
    }

    @Override
    public int sums() {
      return row;
    }

    @Override
    public String describe() {
      return "local response normalization of " + op.size;
    }
  }
}
