package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.WeightOrder;
import java.util.stream.Stream;

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
  public long[] paddingAfter() {
    return Stream.of(shape().vertical(), shape().horizontal())
        .mapToLong(axis -> axis.spanned() - axis.before() - axis.in())
        .toArray();
  }

  /** How many products an output is the sum of. */
  static int terms(ConvShape shape) {
    return shape.kernelHeight() * shape.kernelWidth() * shape.inChannelsPerGroup();
  }

  /**
   * A value and a bound of its size.
   *
   * @param magnitude the sum of the absolute values of all terms
   */
  record Output(double value, double magnitude) {}

  /**
   * The result at row y, column x, channel o, in double precision, from the definition. A benchmark
   * checks its plan against these rather than against the scalar backend: they share no code with
   * any backend, so that the scalar one is checked too, and tell the size of the terms, which
   * bounds the rounding.
   */
  Output at(float[] src, int y, int x, int o) {
    ConvShape shape = shape();
    int depth = shape.inChannelsPerGroup();
    int firstChannel = o / shape.outChannelsPerGroup() * depth;
    double sum = bias[o];
    double magnitude = Math.abs(bias[o]);
    for (int ky = 0; ky < shape.kernelHeight(); ky++) {
      int row = y * shape.strideHeight() + ky * shape.dilationHeight() - shape.padTop();
      for (int kx = 0; kx < shape.kernelWidth(); kx++) {
        int column = x * shape.strideWidth() + kx * shape.dilationWidth() - shape.padLeft();
        if (row < 0 || row >= shape.inHeight() || column < 0 || column >= shape.inWidth()) {
          continue;
        }
        int from = (row * shape.inWidth() + column) * shape.inChannels() + firstChannel;
        int tap = (ky * shape.kernelWidth() + kx) * depth;
        for (int i = 0; i < depth; i++) {
          double product = (double) src[from + i] * weights[(tap + i) * shape.outChannels() + o];
          sum += product;
          magnitude += Math.abs(product);
        }
      }
    }
    return new Output(activate(sum), magnitude);
  }

  /** The pointwise stage of a separable block over one pixel of the stage before it. */
  Output at(Output[] pixel, int o) {
    double sum = bias[o];
    double magnitude = Math.abs(bias[o]);
    for (int i = 0; i < pixel.length; i++) {
      double weight = weights[i * bias.length + o];
      sum += pixel[i].value() * weight;
      magnitude += pixel[i].magnitude() * Math.abs(weight);
    }
    return new Output(activate(sum), magnitude);
  }

  private double activate(double x) {
    Activation activation = activation();
    if (!activation.isClamp()) {
      throw new IllegalArgumentException("activation " + activation + " is in no layer list");
    }
    return Math.clamp(x, (double) activation.lower(), activation.upper());
  }
}
