package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;

/**
 * Single outputs of a convolution in double precision, from the definition. A benchmark checks its
 * plan against these rather than against the scalar backend: they share no code with any backend,
 * so that the scalar one is checked too, and tell the size of the terms, which bounds the rounding.
 */
final class Reference {

  /**
   * A value and a bound of its size.
   *
   * @param magnitude the sum of the absolute values of all terms
   */
  record Output(double value, double magnitude) {}

  private final ConvShape shape;
  private final float[] weights;
  private final float[] bias;
  private final Activation activation;

  Reference(Stage stage) {
    this.shape = stage.shape();
    this.weights = stage.weights();
    this.bias = stage.bias();
    this.activation = stage.activation();
  }

  /** The result at row y, column x, channel o. */
  Output at(float[] src, int y, int x, int o) {
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
      double weight = weights[i * shape.outChannels() + o];
      sum += pixel[i].value() * weight;
      magnitude += pixel[i].magnitude() * Math.abs(weight);
    }
    return new Output(activate(sum), magnitude);
  }

  private double activate(double x) {
    if (!activation.isClamp()) {
      throw new IllegalArgumentException("activation " + activation + " is in no layer list");
    }
    return Math.clamp(x, (double) activation.lower(), activation.upper());
  }
}
