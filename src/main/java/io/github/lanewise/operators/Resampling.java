package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;

/**
 * Another number of indices on an axis, each a weighted sum of some of the input.
 *
 * @param axis the axis
 * @param indices for each index of the result those of the input that it sums; none where it is
 *     outside
 * @param weights as many
 * @param outside the value of those outside
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, never compared
public record Resampling(int axis, int[][] indices, float[][] weights, float outside)
    implements Operation {

  @Override
  public int[][] shapes(int[]... inputs) {
    Sizes.axis(axis, inputs[0]);
    int[] out = inputs[0].clone();
    out[axis] = indices.length;
    return new int[][] {out};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] in = inputs[0];
    int inner = Sizes.count(in, axis + 1, in.length);
    return new Sums(this, Sizes.count(in, 0, axis), in[axis], inner);
  }

  private record Sums(Resampling r, int outer, int size, int inner) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      int to = dstOff;
      for (int o = 0; o < outer; o++) {
        int from = aOff + o * size * inner;
        for (int i = 0; i < r.indices.length; i++, to += inner) {
          int[] own = r.indices[i];
          java.util.Arrays.fill(dst, to, to + inner, own.length == 0 ? r.outside : 0);
          for (int k = 0; k < own.length; k++) {
            add(a, from + own[k] * inner, r.weights[i][k], dst, to, inner);
          }
        }
      }
    }

    private static void add(float[] a, int from, float weight, float[] dst, int to, int n) {
      for (int j = 0; j < n; j++) {
        dst[to + j] += weight * a[from + j];
      }
    }

    @Override
    public String describe() {
      return "resampling";
    }
  }
}
