package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;

/**
 * One convolution of a workload with its arrays: a layer is one, a separable block two, the second
 * reading what the first wrote.
 */
public final class Stage {
  private final ConvShape shape;
  private final float[] weights;
  private final float[] bias;
  private final Activation activation;

  Stage(ConvShape shape, float[] weights, float[] bias, Activation activation) {
    this.shape = shape;
    this.weights = weights;
    this.bias = bias;
    this.activation = activation;
  }

  /**
   * Its shape.
   *
   * @return the shape
   */
  public ConvShape shape() {
    return shape;
  }

  /**
   * Its weights; not a copy.
   *
   * @return HWIO, of which a depthwise layer's HWC is the special case of one input channel a group
   */
  public float[] weights() {
    return weights;
  }

  /**
   * Its bias; not a copy.
   *
   * @return a value for each output channel
   */
  public float[] bias() {
    return bias;
  }

  /**
   * The activation behind it.
   *
   * @return a clamp
   */
  public Activation activation() {
    return activation;
  }
}
