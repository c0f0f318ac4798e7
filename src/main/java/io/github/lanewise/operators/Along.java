package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;

/**
 * A function of the values along the last axis.
 *
 * @param kind which
 */
public record Along(Kind kind) implements Operation {

  /** The functions. */
  public enum Kind {
    /** 1 for the first of the largest values, 0 for the others. */
    HARDMAX,
    LOG_SOFTMAX
  }

  @Override
  public int[][] shapes(int[]... inputs) {
    Sizes.axis(inputs[0].length - 1, inputs[0]);
    return new int[][] {inputs[0]};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] in = inputs[0];
    return new OfRows(kind, Sizes.count(in), in[in.length - 1]);
  }

  @Override
  public String name() {
    return kind == Kind.HARDMAX ? "hardmax" : "log softmax";
  }

  private record OfRows(Kind kind, int count, int row) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      for (int r = 0; r < count; r += row) {
        if (kind == Kind.HARDMAX) {
          hardmax(a, aOff + r, dst, dstOff + r);
        } else {
          logSoftmax(a, aOff + r, dst, dstOff + r);
        }
      }
    }

    private void hardmax(float[] a, int from, float[] dst, int to) {
      int best = 0;
      for (int i = 1; i < row; i++) {
        if (a[from + i] > a[from + best]) {
          best = i;
        }
      }
      java.util.Arrays.fill(dst, to, to + row, 0);
      dst[to + best] = 1;
    }

    private void logSoftmax(float[] a, int from, float[] dst, int to) {
      float most = Float.NEGATIVE_INFINITY;
      for (int i = 0; i < row; i++) {
        most = Math.max(most, a[from + i]);
      }
      double sum = 0;
      for (int i = 0; i < row; i++) {
        sum += Math.exp(a[from + i] - most);
      }
      double log = Math.log(sum);
      for (int i = 0; i < row; i++) {
        dst[to + i] = (float) (a[from + i] - most - log);
      }
    }

    @Override
    public boolean worksInPlace() {
      return true;
    }

    @Override
    public String describe() {
      return new Along(kind).name();
    }
  }
}
