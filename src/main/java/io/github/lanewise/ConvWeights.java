package io.github.lanewise;

import io.github.lanewise.loops.Filters;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.DoublePredicate;

/**
 * The weights of one convolution as a framework stores them, and their optional bias. The arrays
 * are the caller's: they are read while a plan is created, which packs them, and not kept by it.
 * Plans whose packed weights have equal values share them, in memory. Thread-safe as long as nobody
 * changes the arrays.
 */
public final class ConvWeights {
  private final float[] values;
  private final WeightOrder order;
  private final float[] bias;

  /**
   * By group the channel of the tensor that is read as each input channel, null for that itself.
   */
  private final int[][] channels;

  private ConvWeights(float[] values, WeightOrder order, float[] bias, int[][] channels) {
    this.values = Checks.notNull("weights", values);
    this.order = Checks.notNull("order", order);
    this.bias = bias;
    this.channels = channels;
  }

  /**
   * Weights without bias.
   *
   * @param values the weights, {@link ConvShape#weightsLength()} floats
   * @param order how they are stored
   * @return the weights
   */
  public static ConvWeights of(float[] values, WeightOrder order) {
    return new ConvWeights(values, order, null, null);
  }

  /**
   * The same weights with a bias.
   *
   * @param values one float an output channel
   * @return new weights on the same array
   */
  public ConvWeights withBias(float[] values) {
    return new ConvWeights(this.values, order, Checks.notNull("bias", values), channels);
  }

  /**
   * The same filters in another order, so that what reorders the output can be left out. Those of a
   * depthwise convolution take their input channels with them.
   *
   * @param shape the convolution; of several groups only a depthwise one
   * @param from for each output channel the one that it was, each once
   * @return new weights, in the same order of storage
   */
  public ConvWeights reordered(ConvShape shape, int... from) {
    check("weights", Checks.notNull("shape", shape));
    int n = shape.outChannels();
    if (shape.groups() > 1 && (!shape.isDepthwise() || n != shape.inChannels())) {
      throw new IllegalArgumentException(
          "shape = " + shape + " must have one group, or as many as input and output channels");
    }
    Checks.permutation("from", from, n);
    float[] newValues = new float[values.length];
    float[] newBias = bias == null ? null : new float[n];
    for (int o = 0; o < n; o++) {
      for (int i = 0; i < shape.inChannelsPerGroup(); i++) {
        copyTaps(shape, from[o], i, newValues, o, i);
      }
      if (bias != null) {
        newBias[o] = bias[from[o]];
      }
    }
    return new ConvWeights(newValues, order, newBias, channels);
  }

  /**
   * The same filters for a tensor whose channels have another order, so that what reorders them
   * before the convolution can be left out: a channel shuffle, also between groups.
   *
   * @param shape the convolution, not a depthwise one of several channels
   * @param from for each input channel the one of the tensor that is read as it, each once
   * @return new weights, in the same order of storage
   */
  public ConvWeights reading(ConvShape shape, int... from) {
    check("weights", Checks.notNull("shape", shape));
    if (shape.isDepthwise() && shape.groups() > 1) {
      throw new IllegalArgumentException(
          "shape = " + shape + " must not be depthwise: reorder its filters instead");
    }
    int each = shape.inChannelsPerGroup();
    Checks.permutation("from", from, shape.inChannels());
    int[][] sorted = new int[shape.groups()][]; // so that neighbours are read together
    float[] newValues = new float[values.length];
    for (int g = 0; g < sorted.length; g++) {
      int[] read = new int[each];
      for (int i = 0; i < each; i++) {
        read[i] = from[channels == null ? g * each + i : channels[g][i]];
      }
      sorted[g] = read.clone();
      Arrays.sort(sorted[g]);
      int first = g * shape.outChannelsPerGroup();
      for (int i = 0; i < each; i++) {
        int to = Arrays.binarySearch(sorted[g], read[i]);
        for (int o = first; o < first + shape.outChannelsPerGroup(); o++) {
          copyTaps(shape, o, i, newValues, o, to);
        }
      }
    }
    return new ConvWeights(newValues, order, bias, shape.groups() == 1 ? null : sorted);
  }

  private void copyTaps(ConvShape s, int o, int i, float[] to, int newO, int newI) {
    for (int y = 0; y < s.kernelHeight(); y++) {
      for (int x = 0; x < s.kernelWidth(); x++) {
        to[order.index(s, newO, newI, y, x)] = values[order.index(s, o, i, y, x)];
      }
    }
  }

  /**
   * Folds the batch normalization that follows the convolution into its weights and bias: {@code
   * scale = gamma / sqrt(variance + epsilon)}, {@code weight * scale}, {@code (bias - mean) * scale
   * + beta} (Ioffe and Szegedy 2015, arXiv:1502.03167), computed in double. What float32 cannot
   * hold becomes infinite, denormal or zero: {@link #foldScale} can refuse it.
   *
   * @param shape the convolution
   * @param gamma scale, one float an output channel
   * @param beta offset, one float an output channel
   * @param mean moving mean, one float an output channel
   * @param variance moving variance, one float an output channel, with {@code variance + epsilon}
   *     positive
   * @param epsilon added to the variance, 0 or more
   * @return new weights with bias, in the same order
   */
  public ConvWeights foldBatchNorm(
      ConvShape shape,
      float[] gamma,
      float[] beta,
      float[] mean,
      float[] variance,
      double epsilon) {
    Checks.notNull("shape", shape);
    check("weights", shape);
    int n = shape.outChannels();
    Checks.length("gamma", gamma, n, "one an output channel");
    Checks.length("beta", beta, n, "one an output channel");
    Checks.length("mean", mean, n, "one an output channel");
    Checks.length("variance", variance, n, "one an output channel");
    if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
      throw new IllegalArgumentException("epsilon = " + epsilon + " must be 0 or more and finite");
    }
    double[] scale = new double[n];
    for (int o = 0; o < n; o++) {
      if (!(variance[o] + epsilon > 0)) {
        throw new IllegalArgumentException(
            "variance["
                + o
                + "] = "
                + variance[o]
                + " plus epsilon "
                + epsilon
                + " must be positive");
      }
      scale[o] = gamma[o] / Math.sqrt(variance[o] + epsilon);
    }
    return folded(scale, mean, beta, any -> true).orElseThrow();
  }

  /**
   * Folds the {@code x * scale[o] + shift[o]} that follows the convolution into its weights and
   * bias, computed in double, unless a constant forbids it.
   *
   * @param shape the convolution
   * @param scale one float an output channel
   * @param shift one float an output channel
   * @param isAllowed is asked for every constant that goes in, and for every weight and bias that
   *     comes out, before it is rounded to float
   * @return new weights with bias, in the same order; empty if one constant is not allowed
   */
  public Optional<ConvWeights> foldScale(
      ConvShape shape, float[] scale, float[] shift, DoublePredicate isAllowed) {
    Checks.notNull("shape", shape);
    check("weights", shape);
    int n = shape.outChannels();
    Checks.length("scale", scale, n, "one an output channel");
    Checks.length("shift", shift, n, "one an output channel");
    Checks.notNull("isAllowed", isAllowed);
    double[] factors = new double[n];
    for (int o = 0; o < n; o++) {
      factors[o] = scale[o];
      if (!isAllowed.test(scale[o]) || !isAllowed.test(shift[o]) || !isAllowed.test(bias(o))) {
        return Optional.empty();
      }
    }
    return folded(factors, new float[n], shift, isAllowed);
  }

  /** {@code weight * scale} and {@code (bias - mean) * scale + shift}. */
  private Optional<ConvWeights> folded(
      double[] scale, float[] mean, float[] shift, DoublePredicate isAllowed) {
    int n = scale.length;
    float[] newBias = new float[n];
    for (int o = 0; o < n; o++) {
      double exact = (bias(o) - (double) mean[o]) * scale[o] + shift[o];
      if (!isAllowed.test(exact)) {
        return Optional.empty();
      }
      newBias[o] = (float) exact;
    }
    float[] newValues = new float[values.length];
    for (int at = 0; at < values.length; at++) {
      double exact = values[at] * scale[channel(at, n)];
      if (!isAllowed.test(values[at]) || !isAllowed.test(exact)) {
        return Optional.empty();
      }
      newValues[at] = (float) exact;
    }
    return Optional.of(new ConvWeights(newValues, order, newBias, channels));
  }

  /** That they are what a plan can have in a format, too. */
  void check(String name, ConvShape shape, WeightFormat format) {
    check(name, shape);
    for (int at = 0; format != WeightFormat.FLOAT32 && at < values.length; at++) {
      if (!format.holds(values[at])) {
        throw new IllegalArgumentException(
            "%s[%d] = %s of output channel %d must be at most 65504, or infinite, for %s"
                .formatted(name, at, values[at], channel(at, shape.outChannels()), format));
      }
    }
  }

  /** The output channel that a value is of: it is the slowest or fastest. */
  private int channel(int at, int channels) {
    return order == WeightOrder.OIHW ? at / (values.length / channels) : at % channels;
  }

  /** That the arrays fit the shape; {@code name} is the argument that these weights are. */
  void check(String name, ConvShape shape) {
    Checks.length(
        name,
        values,
        shape.weightsLength(),
        "kernelHeight * kernelWidth * inChannels / groups * outChannels",
        shape);
    if (bias != null) {
      Checks.length(name + " bias", bias, shape.outChannels(), "outChannels", shape);
    }
    if (channels != null
        && (channels.length != shape.groups()
            || channels[0].length != shape.inChannelsPerGroup())) {
      throw new IllegalArgumentException(
          "%s are for %d input channels in %d groups, must be for those of %s"
              .formatted(name, channels.length * channels[0].length, channels.length, shape));
    }
    if (order == WeightOrder.HWC && !shape.isDepthwise()) {
      throw new IllegalArgumentException(
          name
              + " order = HWC is for depthwise weights; groups = "
              + shape.groups()
              + " must then equal inChannels = "
              + shape.inChannels());
    }
  }

  /** The bias of an output channel, 0 where there is none. */
  float bias(int outChannel) {
    return bias == null ? 0 : bias[outChannel];
  }

  /** What plans pack, to be read only: not copied where the weights are stored so. */
  Filters filters(ConvShape s, WeightFormat format) {
    float[] biases = bias == null ? new float[s.outChannels()] : bias;
    return new Filters(byOutput(s), biases, channels, format);
  }

  private float[] byOutput(ConvShape s) {
    boolean oneTap = s.kernelHeight() == 1 && s.kernelWidth() == 1;
    if (order == WeightOrder.OIHW && (oneTap || s.inChannelsPerGroup() == 1)) {
      return values;
    }
    float[] out = new float[values.length];
    int at = 0;
    for (int o = 0; o < s.outChannels(); o++) {
      for (int y = 0; y < s.kernelHeight(); y++) {
        for (int x = 0; x < s.kernelWidth(); x++) {
          for (int i = 0; i < s.inChannelsPerGroup(); i++) {
            out[at++] = values[order.index(s, o, i, y, x)];
          }
        }
      }
    }
    return out;
  }
}
