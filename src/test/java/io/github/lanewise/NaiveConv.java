package io.github.lanewise;

/**
 * The oracle: convolution from its definition, plain loops in double. It shares no code with the
 * product, not even the geometry, which it works out itself from the raw fields of the shape; so a
 * mistake in the product cannot hide in both.
 */
final class NaiveConv {

  private NaiveConv() {}

  /** Output values, and for each the sum of |a * b| plus |bias| from which error bounds follow. */
  static final class Result {
    final double[] value;
    final double[] magnitude;

    private Result(int length) {
      value = new double[length];
      magnitude = new double[length];
    }
  }

  /** Where one axis of the output looks in the input. */
  private record Axis(int out, int before) {

    static Axis of(int in, int kernel, int stride, int dilation, Padding.Kind rule, int[] sides) {
      int span = (kernel - 1) * dilation + 1;
      return switch (rule) {
        case VALID -> new Axis((in - span) / stride + 1, 0);
        case SAME -> {
          // TensorFlow: as many outputs as ceil(in / stride); an odd zero goes behind.
          int out = (int) Math.ceil((double) in / stride);
          int zeros = Math.max((out - 1) * stride + span - in, 0);
          yield new Axis(out, zeros / 2);
        }
        case EXPLICIT -> new Axis((sides[0] + in + sides[1] - span) / stride + 1, sides[0]);
      };
    }
  }

  /** Rows and columns of the output. */
  static int[] outSize(ConvShape s) {
    return new int[] {rows(s).out(), columns(s).out()};
  }

  private static Axis rows(ConvShape s) {
    Padding p = s.padding();
    int[] sides = {p.top(), p.bottom()};
    return Axis.of(
        s.inHeight(), s.kernelHeight(), s.strideHeight(), s.dilationHeight(), p.kind(), sides);
  }

  private static Axis columns(ConvShape s) {
    Padding p = s.padding();
    int[] sides = {p.left(), p.right()};
    return Axis.of(
        s.inWidth(), s.kernelWidth(), s.strideWidth(), s.dilationWidth(), p.kind(), sides);
  }

  /**
   * The convolution without activation.
   *
   * @param src NHWC
   * @param weights in the given order
   * @param bias null for none
   */
  static Result run(ConvShape s, double[] src, double[] weights, WeightOrder order, double[] bias) {
    Axis rows = rows(s);
    Axis columns = columns(s);
    Result result = new Result(s.batch() * rows.out() * columns.out() * s.outChannels());
    double[] byOutput = byOutput(s, weights, order);
    int at = 0;
    for (int n = 0; n < s.batch(); n++) {
      for (int y = 0; y < rows.out(); y++) {
        for (int x = 0; x < columns.out(); x++) {
          int top = y * s.strideHeight() - rows.before();
          int left = x * s.strideWidth() - columns.before();
          for (int o = 0; o < s.outChannels(); o++) {
            output(s, src, byOutput, n, top, left, o, result, at);
            if (bias != null) {
              result.value[at] += bias[o];
              result.magnitude[at] += Math.abs(bias[o]);
            }
            at++;
          }
        }
      }
    }
    return result;
  }

  private static void output(
      ConvShape s,
      double[] src,
      double[] weights,
      int n,
      int top,
      int left,
      int o,
      Result r,
      int at) {
    int inputs = s.inChannels() / s.groups();
    int firstInput = o / (s.outChannels() / s.groups()) * inputs;
    int w = o * s.kernelHeight() * s.kernelWidth() * inputs;
    double sum = 0;
    double magnitude = 0;
    for (int ky = 0; ky < s.kernelHeight(); ky++) {
      for (int kx = 0; kx < s.kernelWidth(); kx++) {
        int y = top + ky * s.dilationHeight();
        int x = left + kx * s.dilationWidth();
        boolean inside = y >= 0 && y < s.inHeight() && x >= 0 && x < s.inWidth();
        int pixel = ((n * s.inHeight() + y) * s.inWidth() + x) * s.inChannels() + firstInput;
        for (int i = 0; i < inputs; i++) {
          // Padding is zeros that are multiplied like anything else: 0 * NaN is NaN.
          double product = (inside ? src[pixel + i] : 0) * weights[w++];
          sum += product;
          magnitude += Math.abs(product);
        }
      }
    }
    r.value[at] = sum;
    r.magnitude[at] = magnitude;
  }

  /** Weights as [output][kernel row][kernel column][input of the group]. */
  private static double[] byOutput(ConvShape s, double[] weights, WeightOrder order) {
    int inputs = s.inChannels() / s.groups();
    int height = s.kernelHeight();
    int width = s.kernelWidth();
    double[] out = new double[weights.length];
    int at = 0;
    for (int o = 0; o < s.outChannels(); o++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          for (int i = 0; i < inputs; i++) {
            out[at++] = weights[weightIndex(s, order, o, i, y, x)];
          }
        }
      }
    }
    return out;
  }

  private static int weightIndex(ConvShape s, WeightOrder order, int o, int i, int y, int x) {
    int inputs = s.inChannels() / s.groups();
    return switch (order) {
      case HWIO -> flat(new int[] {y, x, i, o}, s.kernelWidth(), inputs, s.outChannels());
      case HWC -> {
        int multiplier = s.outChannels() / s.inChannels();
        int[] at = {y, x, o / multiplier, o % multiplier};
        yield flat(at, s.kernelWidth(), s.inChannels(), multiplier);
      }
      case OIHW -> flat(new int[] {o, i, y, x}, inputs, s.kernelHeight(), s.kernelWidth());
    };
  }

  /** Row-major index; the sizes are those of all axes but the first. */
  private static int flat(int[] at, int... sizes) {
    int index = at[0];
    for (int axis = 0; axis < sizes.length; axis++) {
      index = index * sizes[axis] + at[axis + 1];
    }
    return index;
  }

  /** An activation from its definition. */
  static double activate(Activation a, double x) {
    return switch (a.kind()) {
      case NONE -> x;
      case CLAMP -> clamp(x, a.alpha(), a.beta());
      case LEAKY_RELU -> x < 0 ? a.alpha() * x : x;
      case HARD_SIGMOID -> clamp(a.alpha() * x + a.beta(), 0, 1);
      case HARD_SWISH -> x * clamp(x / 6 + 0.5, 0, 1);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case SILU -> x / (1 + Math.exp(-x));
    };
  }

  /** Comparisons with NaN are false, so NaN passes; -0.0 at a lower bound of 0 becomes 0. */
  private static double clamp(double x, double min, double max) {
    if (x <= min) {
      return min;
    }
    return x > max ? max : x;
  }

  /** The same numbers in double. */
  static double[] widen(float[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }
}
