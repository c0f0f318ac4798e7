package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/**
 * Along an axis the sum of all values so far, in double.
 *
 * @param axis the axis
 * @param isExclusive whether without the value itself
 * @param isReverse whether from the last one
 */
public record CumulativeSum(int axis, boolean isExclusive, boolean isReverse) implements Operation {

  @Override
  public int[][] shapes(int[]... inputs) {
    Sizes.axis(axis, inputs[0]);
    return new int[][] {inputs[0]};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] in = inputs[0];
    int inner = Sizes.count(in, axis + 1, in.length);
    return new Running(this, Sizes.count(in, 0, axis), in[axis], inner);
  }

  @Override
  public String name() {
    return "cumulative sum";
  }

  private record Running(CumulativeSum sum, int outer, int size, int inner)
      implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      double[] sums = context.sums;
      for (int o = 0; o < outer; o++) {
        for (int first = 0; first < inner; first += Context.TILE) {
          int n = Math.min(Context.TILE, inner - first);
          Arrays.fill(sums, 0, n, 0);
          for (int k = 0; k < size; k++) {
            int row = sum.isReverse ? size - 1 - k : k;
            int at = (o * size + row) * inner + first;
            for (int j = 0; j < n; j++) {
              double before = sums[j];
              sums[j] += a[aOff + at + j];
              dst[dstOff + at + j] = (float) (sum.isExclusive ? before : sums[j]);
            }
          }
        }
      }
    }

    @Override
    public boolean worksInPlace() {
      return true;
    }

    @Override
    public int sums() {
      return Math.min(inner, Context.TILE);
    }

    @Override
    public String describe() {
      return sum.name();
    }
  }
}
