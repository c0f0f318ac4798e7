package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.WeightOrder;

/**
 * One convolution of a workload with its arrays: a layer is one, a separable block two, a chain
 * many, each reading what the one before wrote.
 */
public final class Stage {
  private final Layer layer;
  private final float[] weights;
  private final float[] bias;

  Stage(Layer layer, float[] weights, float[] bias) {
    this.layer = layer;
    this.weights = weights;
    this.bias = bias;
  }

  /** Which kind of convolution. */
  Operator operator() {
    return layer.operator();
  }

  /** Its weights and bias for a plan. */
  ConvWeights packable() {
    WeightOrder order = operator() == Operator.DEPTHWISE ? WeightOrder.HWC : WeightOrder.HWIO;
    return ConvWeights.of(weights, order).withBias(bias);
  }

  /**
   * Its shape.
   *
   * @return the shape
   */
  public ConvShape shape() {
    return layer.shape();
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
    return layer.activation();
  }
}
