package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/**
 * The index of the largest or smallest value along an axis, which gets size 1. No number counts as
 * beyond all numbers.
 *
 * @param isMax which of the two
 * @param isLast whether the last of equal values counts, else the first
 * @param axis the axis
 */
public record Extreme(boolean isMax, boolean isLast, int axis) implements Operation {

  @Override
  public int[][] shapes(int[]... inputs) {
    Sizes.axis(axis, inputs[0]);
    int[] out = inputs[0].clone();
    out[axis] = 1;
    return new int[][] {out};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] in = inputs[0];
    int inner = Sizes.count(in, axis + 1, in.length);
    return new OfLines(this, Sizes.count(in, 0, axis), in[axis], inner);
  }

  @Override
  public String name() {
    return isMax ? "arg max" : "arg min";
  }

  private record OfLines(Extreme extreme, int outer, int size, int inner) implements PairOperator {
    /** Fewer lines side by side are searched one after another. */
    private static final int FEW = 8;

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      for (int o = 0; o < outer; o++) {
        int from = aOff + o * size * inner;
        int to = dstOff + o * inner;
        for (int first = 0; first < inner; first += Context.TILE) {
          int n = Math.min(Context.TILE, inner - first);
          if (inner < FEW) {
            one(n, a, from, dst, to);
          } else {
            together(context.tiles[0], n, a, from + first, dst, to + first);
          }
        }
      }
    }

    private void one(int n, float[] a, int from, float[] dst, int to) {
      for (int j = 0; j < n; j++) {
        int place = 0;
        float best = a[from + j];
        for (int i = 1; i < size; i++) {
          float x = a[from + j + i * inner];
          if (extreme.isBeyond(x, best)) {
            best = x;
            place = i;
          }
        }
        dst[to + j] = place;
      }
    }

    private void together(float[] best, int n, float[] a, int from, float[] dst, int to) {
      System.arraycopy(a, from, best, 0, n);
      Arrays.fill(dst, to, to + n, 0);
      for (int i = 1; i < size; i++) {
        int at = from + i * inner;
        for (int j = 0; j < n; j++) {
          if (extreme.isBeyond(a[at + j], best[j])) {
            best[j] = a[at + j];
            dst[to + j] = i;
          }
        }
      }
    }

    @Override
    public int tile() {
      return inner < FEW ? 0 : Math.min(inner, Context.TILE);
    }

    @Override
    public String describe() {
      return extreme.name();
    }
  }

  private boolean isBeyond(float x, float best) {
    if (Float.isNaN(x) || Float.isNaN(best)) {
      return Float.isNaN(x) && (isLast || !Float.isNaN(best));
    }
    return (isLast && x == best) || (isMax ? x > best : x < best);
  }
}
