package io.github.lanewise.loops;

/** Weights and bias of a convolution, to be packed; the arrays are not copied. */
public final class Filters {
  private final float[] weights;
  private final float[] bias;

  /**
   * Of arrays that nobody changes before they are packed.
   *
   * @param weights {@code [outChannels][kernelHeight * kernelWidth][inChannels / groups]}
   * @param bias one float an output channel
   */
  public Filters(float[] weights, float[] bias) {
    this.weights = weights;
    this.bias = bias;
  }

  float[] weights() {
    return weights;
  }

  float[] bias() {
    return bias;
  }
}
