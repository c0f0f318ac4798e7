package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/** To whole numbers of a few bits, and sums of them. All rounds half to even. */
public final class Quantization {

  /** Adding it, and taking it away, rounds what is of magnitude {@link #LARGEST} at most. */
  private static final float ROUNDING = 0x1.8p23f;

  private static final float LARGEST = 0x1p22f;

  private Quantization() {}

  /** What is known of a value by its whole number. */
  public enum Result {
    /** The whole number. */
    NUMBER,
    /** The same less the zero. */
    DISTANCE,
    /** The real value that it stands for, for a scale that divides. */
    REAL
  }

  /**
   * {@code round(x / scale) + zero}, within a range, or what that stands for; scale and zero are
   * the second and third input, and broadcast.
   *
   * @param least smallest whole number
   * @param most largest whole number
   * @param divides whether by the scale; else multiplies
   * @param result what to make
   */
  public record Quantize(int least, int most, boolean divides, Result result) implements Operation {

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      return new BroadcastOperator(inputs[0], inputs) {
        @Override
        protected void combine(float[][] tiles, int n) {
          quantize(tiles[0], tiles[1], tiles[2], n);
        }

        @Override
        public String describe() {
          return "quantize to %d .. %d%s"
              .formatted(least, most, result == Result.REAL ? " and back" : "");
        }
      };
    }

    private void quantize(float[] x, float[] scale, float[] zero, int n) {
      if (divides) {
        divide(x, scale, n);
      } else {
        multiply(x, scale, n);
      }
      round(x, zero, n, least, most);
      if (result != Result.NUMBER) {
        subtract(x, zero, n);
      }
      if (result == Result.REAL) {
        multiply(x, scale, n);
      }
    }
  }

  // a method for each loop: C2 then makes vectors of all of them, whichever of them a network uses

  private static void divide(float[] x, float[] scale, int n) {
    for (int i = 0; i < n; i++) {
      x[i] /= scale[i];
    }
  }

  private static void multiply(float[] x, float[] scale, int n) {
    for (int i = 0; i < n; i++) {
      x[i] *= scale[i];
    }
  }

  private static void subtract(float[] x, float[] zero, int n) {
    for (int i = 0; i < n; i++) {
      x[i] -= zero[i];
    }
  }

  private static void round(float[] x, float[] zero, int n, float least, float most) {
    for (int i = 0; i < n; i++) {
      float rounded = Math.max(Math.min(x[i], LARGEST), -LARGEST) + ROUNDING - ROUNDING;
      x[i] = Math.max(Math.min(rounded + zero[i], most), least);
    }
  }

  /** {@code (x - zero) * scale}; scale and zero are the second and third input, and broadcast. */
  public record Dequantize() implements Operation {

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      return new BroadcastOperator(inputs[0], inputs) {
        @Override
        protected void combine(float[][] tiles, int n) {
          float[] x = tiles[0];
          float[] scale = tiles[1];
          float[] zero = tiles[2];
          subtract(x, zero, n);
          multiply(x, scale, n);
        }

        @Override
        public String describe() {
          return "dequantize";
        }
      };
    }
  }

  /** Scale and zero of 0 .. 255 for all from a minimum to a maximum, and 0. */
  public record Range() implements Operation, Operator {
    private static final int MOST = 255;

    @Override
    public int[][] shapes(int[]... inputs) {
      return new int[][] {{}, {}};
    }

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      return this;
    }

    @Override
    public void run(Context context, Places in, Places out) {
      float min = Math.min(0, in.array(context, 0)[in.offset(0)]);
      float max = Math.max(0, in.array(context, 1)[in.offset(1)]);
      float scale = max == min ? 1 : (max - min) / MOST;
      out.array(context, 0)[out.offset(0)] = scale;
      out.array(context, 1)[out.offset(1)] =
          (float) Math.clamp(Math.rint(-min / scale), 0.0, (double) MOST);
    }

    @Override
    public String describe() {
      return "scale and zero of a range";
    }
  }

  /**
   * Whole numbers as {@code parts} numbers of {@code bits} bits each, least first, with the sign of
   * the whole: their sums are smaller, and exact in float32 up to 2^24.
   *
   * @param parts results
   * @param bits of each but the last, which has what remains
   */
  public record Digits(int parts, int bits) implements Operation {
    @Override
    public int[][] shapes(int[]... inputs) {
      int[][] shapes = new int[parts][];
      Arrays.fill(shapes, inputs[0]);
      return shapes;
    }

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      return new DigitsRun(this, Sizes.count(inputs[0]));
    }

    private record DigitsRun(Digits op, int count) implements Operator {
      @Override
      public void run(Context context, Places in, Places out) {
        float[] x = in.array(context, 0);
        int base = 1 << op.bits;
        for (int i = 0; i < count; i++) {
          int rest = (int) x[in.offset(0) + i];
          for (int p = 0; p < op.parts; p++) {
            boolean isLast = p == op.parts - 1;
            out.array(context, p)[out.offset(p) + i] = isLast ? rest : rest % base;
            rest /= base;
          }
        }
      }

      @Override
      public String describe() {
        return "%d digits of %d bits".formatted(op.parts, op.bits);
      }
    }
  }

  /**
   * The sum of products of {@link Digits}, which are the inputs, with an offset for each of the
   * last axis.
   *
   * @param bits of a digit
   * @param offset for each of the last axis
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  public record Sum(int bits, int... offset) implements Operation {

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      return new SumRun(this, inputs.length, Sizes.count(inputs[0]));
    }

    private record SumRun(Sum op, int parts, int count) implements Operator {
      @Override
      public void run(Context context, Places in, Places out) {
        int channels = op.offset.length;
        float[] y = out.array(context, 0);
        double base = 1 << op.bits;
        for (int i = 0; i < count; i++) {
          double sum = 0;
          for (int p = parts - 1; p >= 0; p--) {
            sum = sum * base + in.array(context, p)[in.offset(p) + i];
          }
          y[out.offset(0) + i] = (float) (sum + op.offset[i % channels]);
        }
      }

      @Override
      public boolean worksInPlace() {
        return true;
      }

      @Override
      public String describe() {
        return "sum of digits";
      }
    }
  }
}
