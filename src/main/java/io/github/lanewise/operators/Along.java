package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;

/**
 * A function of the values along an axis.
 *
 * @param kind which
 * @param axis the axis
 */
public record Along(Kind kind, int axis) implements Operation {

  /** The functions. */
  public enum Kind {
    /** 1 for the first of the largest values, 0 for the others. */
    HARDMAX,
    LOG_SOFTMAX
  }

  @Override
  public int[][] shapes(int[]... inputs) {
    Sizes.axis(axis, inputs[0]);
    return new int[][] {inputs[0]};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] in = inputs[0];
    int step = Sizes.count(in, axis + 1, in.length);
    return new OfLines(kind, Sizes.count(in), in[axis], step);
  }

  @Override
  public String name() {
    return kind == Kind.HARDMAX ? "hardmax" : "log softmax";
  }

  private record OfLines(Kind kind, int count, int size, int step) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      for (int first = 0; first < count; first += size * step) {
        for (int i = first; i < first + step; i++) {
          line(a, aOff + i, dst, dstOff + i);
        }
      }
    }

    private void line(float[] a, int from, float[] dst, int to) {
      int best = 0;
      for (int i = 1; i < size; i++) {
        if (isBeyond(a[from + i * step], a[from + best * step])) {
          best = i;
        }
      }
      float most = a[from + best * step];
      switch (kind) {
        case HARDMAX -> {
          for (int i = 0; i < size; i++) {
            dst[to + i * step] = i == best ? 1 : 0;
          }
        }
        case LOG_SOFTMAX -> {
          double log = Math.log(sum(a, from, most));
          for (int i = 0; i < size; i++) {
            dst[to + i * step] = (float) ((double) a[from + i * step] - most - log);
          }
        }
      }
    }

    /** No number is beyond all numbers, as in {@link Extreme}. */
    private static boolean isBeyond(float x, float best) {
      return x > best || (Float.isNaN(x) && !Float.isNaN(best));
    }

    private double sum(float[] a, int from, float most) {
      double sum = 0;
      for (int i = 0; i < size; i++) {
        sum += Math.exp((double) a[from + i * step] - most);
      }
      return sum;
    }

    @Override
    public boolean worksInPlace() {
      return true;
    }

    @Override
    public String describe() {
      return new Along(kind, 0).name();
    }
  }
}
