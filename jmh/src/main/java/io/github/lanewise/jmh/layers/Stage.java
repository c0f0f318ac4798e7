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

  /** Its shape. */
  public ConvShape shape() {
    return layer.shape();
  }

  /**
   * Its weights, HWIO; a depthwise layer's HWC is the special case of one input channel a group.
   * Not a copy.
   */
  public float[] weights() {
    return weights;
  }

  /** A value for each output channel; not a copy. */
  public float[] bias() {
    return bias;
  }

  /** The activation behind it, a clamp. */
  public Activation activation() {
    return layer.activation();
  }

  /**
   * Rows below and columns to the right of the input that the last outputs read; negative where
   * they leave out some of the input's own.
   */
  public int[] paddingAfter() {
    ConvShape s = shape();
    int bottom =
        (s.outHeight() - 1) * s.strideHeight() + (s.kernelHeight() - 1) * s.dilationHeight();
    int right = (s.outWidth() - 1) * s.strideWidth() + (s.kernelWidth() - 1) * s.dilationWidth();
    return new int[] {
      bottom + 1 - s.inHeight() - s.padTop(), right + 1 - s.inWidth() - s.padLeft()
    };
  }
}
