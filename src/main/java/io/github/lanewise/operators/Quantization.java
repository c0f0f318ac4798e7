package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/** To whole numbers of a few bits, and sums of them. All rounds half to even. */
public final class Quantization {

  private Quantization() {}

  /** A value as one of the whole numbers of a type. */
  private static float within(double rounded, int least, int most) {
    return (float) Math.clamp(rounded, (double) least, (double) most);
  }

  /**
   * {@code round(x / scale) + zero}, within a range; scale and zero are the second and third input,
   * and broadcast.
   *
   * @param least smallest result
   * @param most largest result
   */
  public record Quantize(int least, int most) implements Operation {

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      return new BroadcastOperator(inputs[0], inputs) {
        @Override
        protected void combine(float[][] tiles, int n) {
          float[] x = tiles[0];
          float[] scale = tiles[1];
          float[] zero = tiles[2];
          for (int i = 0; i < n; i++) {
            x[i] = within(Math.rint(x[i] / scale[i]) + zero[i], least, most);
          }
        }

        @Override
        public String describe() {
          return "quantize to %d .. %d".formatted(least, most);
        }
      };
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
          for (int i = 0; i < n; i++) {
            x[i] = (x[i] - zero[i]) * scale[i];
          }
        }

        @Override
        public String describe() {
          return "dequantize";
        }
      };
    }
  }

  /** To 0 .. 255 by a scale and a zero of its own, which are the second and third result. */
  public record Dynamic() implements Operation {
    private static final int MOST = 255;

    @Override
    public int[][] shapes(int[]... inputs) {
      return new int[][] {inputs[0], {}, {}};
    }

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      return new DynamicRun(Sizes.count(inputs[0]));
    }

    private record DynamicRun(int count) implements Operator {
      @Override
      public void run(Context context, Places in, Places out) {
        float[] x = in.array(context, 0);
        int from = in.offset(0);
        float min = 0;
        float max = 0;
        for (int i = from; i < from + count; i++) {
          min = Math.min(min, x[i]);
          max = Math.max(max, x[i]);
        }
        float scale = max == min ? 1 : (max - min) / MOST;
        float zero = within(Math.rint(-min / scale), 0, MOST);
        float[] y = out.array(context, 0);
        for (int i = 0; i < count; i++) {
          y[out.offset(0) + i] = within(Math.rint(x[from + i] / scale) + zero, 0, MOST);
        }
        out.array(context, 1)[out.offset(1)] = scale;
        out.array(context, 2)[out.offset(2)] = zero;
      }

      @Override
      public String describe() {
        return "quantize by its range";
      }
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
   * last axis; then times a factor for each, rounded, plus a zero, and within a range.
   *
   * @param bits of a digit
   * @param offset for each of the last axis
   * @param factor for each of the last axis; null leaves the sum as it is
   * @param zero what the result 0 stands for
   * @param least smallest result
   * @param most largest result
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  public record Requantize(int bits, int[] offset, float[] factor, int zero, int least, int most)
      implements Operation {

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      return new RequantizeRun(this, inputs.length, Sizes.count(inputs[0]));
    }

    private record RequantizeRun(Requantize op, int parts, int count) implements Operator {
      @Override
      public void run(Context context, Places in, Places out) {
        int channels = op.offset.length;
        float[] y = out.array(context, 0);
        double base = 1 << op.bits;
        for (int i = 0; i < count; i++) {
          int c = i % channels;
          double sum = 0;
          for (int p = parts - 1; p >= 0; p--) {
            sum = sum * base + in.array(context, p)[in.offset(p) + i];
          }
          sum += op.offset[c];
          y[out.offset(0) + i] =
              op.factor == null
                  ? (float) sum
                  : within(Math.rint(sum * op.factor[c]) + op.zero, op.least, op.most);
        }
      }

      @Override
      public boolean worksInPlace() {
        return true;
      }

      @Override
      public String describe() {
        return op.factor == null ? "sum of digits" : "requantize";
      }
    }
  }
}
