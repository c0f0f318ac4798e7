package io.github.lanewise.loops;

import io.github.lanewise.WeightFormat;

/** Weights and bias of a convolution, to be packed; the arrays are not copied. */
public final class Filters {
  private final float[] weights;
  private final float[] bias;
  private final int[][] channels;
  private final WeightFormat format;

  /**
   * Of arrays that nobody changes before they are packed.
   *
   * @param weights {@code [outChannels][kernelHeight * kernelWidth][inChannels / groups]}
   * @param bias one float an output channel
   * @param channels by group the channel of the tensor that is read as each input channel, in
   *     rising order; null for that itself, as it must be of one group and of a depthwise stage
   * @param format how they are packed, unless they are depthwise
   */
  public Filters(float[] weights, float[] bias, int[][] channels, WeightFormat format) {
    this.weights = weights;
    this.bias = bias;
    this.channels = channels;
    this.format = format;
  }

  float[] weights() {
    return weights;
  }

  float[] bias() {
    return bias;
  }

  int[][] channels() {
    return channels;
  }

  WeightFormat format() {
    return format;
  }
}
