package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;
import java.util.Locale;

/**
 * Reduces axes to size 1. Sums are in double.
 *
 * @param kind to what
 * @param axes which, of any number and in any order
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, never compared
public record Reduction(Kind kind, int... axes) implements Operation {

  /** What values become. */
  public enum Kind {
    /** The sum of absolute values. */
    L1,
    /** The root of the sum of squares. */
    L2,
    LOG_SUM,
    LOG_SUM_EXP,
    MAX,
    MEAN,
    MIN,
    PRODUCT,
    SUM,
    SUM_SQUARE
  }

  @Override
  public int[][] shapes(int[]... inputs) {
    int[] out = inputs[0].clone();
    for (int axis : axes) {
      Sizes.axis(axis, out);
      out[axis] = 1;
    }
    return new int[][] {out};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new Reducer(kind, axes, inputs[0]);
  }

  @Override
  public String name() {
    return "reduce " + kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /**
   * The last axes that behave alike are a line. Lines are joined side by side in so many sums, and
   * those then with each other if the line is reduced too: C2 makes vectors of the loop, and a sum
   * of many values loses fewer digits.
   */
  private static final class Reducer implements UnitOperator {
    /** Sums that a reduced line goes into. */
    private static final int LANES = 64;

    private final Kind kind;
    private final boolean isLineReduced;
    private final int line;
    private final int lanes;

    /** Of the axes before the line those that stay, and those that are reduced. */
    private final Walk kept;

    private final Walk reduced;

    Reducer(Kind kind, int[] axes, int[] shape) {
      this.kind = kind;
      boolean[] isReduced = new boolean[shape.length];
      for (int axis : axes) {
        isReduced[axis] = true;
      }
      int first = shape.length;
      int length = 1;
      boolean last = false;
      while (first > 0 && (shape[first - 1] == 1 || length == 1 || isReduced[first - 1] == last)) {
        first--;
        last = shape[first] == 1 ? last : isReduced[first];
        length *= shape[first];
      }
      this.isLineReduced = last;
      this.line = length;
      this.lanes = Math.clamp(line, 1, isLineReduced ? LANES : Context.TILE);
      this.kept = new Walk(shape, first, isReduced, false);
      this.reduced = new Walk(shape, first, isReduced, true);
    }

    @Override
    public int units() {
      return kept.count;
    }

    @Override
    public void run(
        Context context,
        float[] a,
        int aOff,
        float[] b,
        int bOff,
        float[] dst,
        int dstOff,
        int from,
        int to) {
      int at = dstOff + from * (isLineReduced ? 1 : line);
      for (int k = from; k < to; k++) {
        int source = aOff + kept.offset(k);
        if (isLineReduced) {
          dst[at++] = reduceLines(context.sums, a, source);
        } else {
          for (int i = 0; i < line; i += lanes) {
            int n = Math.min(lanes, line - i);
            double[] sums = context.sums;
            reduce(sums, a, source + i, n, n);
            for (int j = 0; j < n; j++) {
              dst[at++] = (float) finished(sums[j], sums[lanes + j], reduced.count);
            }
          }
        }
      }
    }

    private float reduceLines(double[] sums, float[] a, int from) {
      reduce(sums, a, from, line, lanes);
      double sum = sums[0];
      double shift = sums[lanes];
      for (int j = 1; j < lanes; j++) {
        sum = joined(sum, sums[j]);
      }
      return (float) finished(sum, shift, (double) reduced.count * line);
    }

    /** All lines from here on, in parts of n that go into as many sums. */
    private void reduce(double[] sums, float[] a, int from, int length, int n) {
      if (kind == Kind.LOG_SUM_EXP) {
        shifts(sums, a, from, length, n);
      }
      Arrays.fill(sums, 0, n, start(kind));
      for (int r = 0; r < reduced.count; r++) {
        int at = from + reduced.offset(r);
        for (int i = 0; i < length; i += n) {
          accumulate(kind, sums, a, at + i, Math.min(n, length - i));
        }
      }
    }

    /** The largest value of each sum, or of all, so that no power overflows. */
    private void shifts(double[] sums, float[] a, int from, int length, int n) {
      Arrays.fill(sums, 0, n, Double.NEGATIVE_INFINITY);
      for (int r = 0; r < reduced.count; r++) {
        int at = from + reduced.offset(r);
        for (int i = 0; i < length; i += n) {
          accumulate(Kind.MAX, sums, a, at + i, Math.min(n, length - i));
        }
      }
      double most = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < n; j++) {
        most = Math.max(most, sums[j]);
      }
      for (int j = 0; j < n; j++) {
        double shift = isLineReduced ? most : sums[j];
        sums[lanes + j] = Double.isInfinite(shift) ? 0 : shift;
      }
    }

    private static double start(Kind kind) {
      return switch (kind) {
        case MAX -> Double.NEGATIVE_INFINITY;
        case MIN -> Double.POSITIVE_INFINITY;
        case PRODUCT -> 1;
        default -> 0;
      };
    }

    private void accumulate(Kind step, double[] sums, float[] a, int at, int n) {
      switch (step) {
        case SUM, MEAN, LOG_SUM -> {
          for (int j = 0; j < n; j++) {
            sums[j] += a[at + j];
          }
        }
        case L1 -> {
          for (int j = 0; j < n; j++) {
            sums[j] += Math.abs(a[at + j]);
          }
        }
        case L2, SUM_SQUARE -> {
          for (int j = 0; j < n; j++) {
            sums[j] += (double) a[at + j] * a[at + j];
          }
        }
        case LOG_SUM_EXP -> {
          for (int j = 0; j < n; j++) {
            sums[j] += Math.exp(a[at + j] - sums[lanes + j]);
          }
        }
        case MAX -> {
          for (int j = 0; j < n; j++) {
            sums[j] = Math.max(sums[j], a[at + j]);
          }
        }
        case MIN -> {
          for (int j = 0; j < n; j++) {
            sums[j] = Math.min(sums[j], a[at + j]);
          }
        }
        case PRODUCT -> {
          for (int j = 0; j < n; j++) {
            sums[j] *= a[at + j];
          }
        }
      }
    }

    private double joined(double p, double q) {
      return switch (kind) {
        case MAX -> Math.max(p, q);
        case MIN -> Math.min(p, q);
        case PRODUCT -> p * q;
        default -> p + q;
      };
    }

    private double finished(double sum, double shift, double count) {
      return switch (kind) {
        case MEAN -> sum / count;
        case L2 -> Math.sqrt(sum);
        case LOG_SUM -> Math.log(sum);
        case LOG_SUM_EXP -> Math.log(sum) + shift;
        default -> sum;
      };
    }

    @Override
    public int sums() {
      return 2 * lanes;
    }

    @Override
    public String describe() {
      return new Reduction(kind).name();
    }
  }

  /** Some of the first axes of a tensor. */
  private static final class Walk {
    private final int[] sizes;
    private final int[] steps;
    final int count;

    Walk(int[] shape, int axes, boolean[] isReduced, boolean which) {
      this.sizes = new int[axes];
      this.steps = new int[axes];
      for (int i = 0; i < axes; i++) {
        sizes[i] = isReduced[i] == which ? shape[i] : 1;
        steps[i] = Sizes.count(shape, i + 1, shape.length);
      }
      this.count = Sizes.count(sizes);
    }

    int offset(int index) {
      int rest = index;
      int at = 0;
      for (int i = sizes.length - 1; i >= 0; i--) {
        at += rest % sizes[i] * steps[i];
        rest /= sizes[i];
      }
      return at;
    }
  }
}
