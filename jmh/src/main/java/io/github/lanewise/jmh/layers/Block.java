package io.github.lanewise.jmh.layers;

import io.github.lanewise.ConvShape;
import io.github.lanewise.CostModel;

/** A separable block: a depthwise layer and the pointwise one that reads it. */
public record Block(Layer depthwise, Layer pointwise) {

  /**
   * Both layers' names, a common prefix up to a dot said once: {@code dw3+pw3}, {@code
   * b1.dw+project}.
   */
  public String name() {
    String first = depthwise.name();
    String second = pointwise.name();
    int dot = first.lastIndexOf('.');
    boolean common = dot >= 0 && second.startsWith(first.substring(0, dot + 1));
    return first + "+" + (common ? second.substring(dot + 1) : second);
  }

  /**
   * The standard convolution that the block stands in for: the depthwise kernel, stride, dilation
   * and padding over all channels.
   */
  public Layer standard() {
    ConvShape s = depthwise.shape();
    ConvShape shape =
        ConvShape.builder(s.inHeight(), s.inWidth(), s.inChannels())
            .outChannels(pointwise.shape().outChannels())
            .kernel(s.kernelHeight(), s.kernelWidth())
            .stride(s.strideHeight(), s.strideWidth())
            .dilation(s.dilationHeight(), s.dilationWidth())
            .padding(s.padding())
            .build();
    return new Layer(
        depthwise.network(),
        name(),
        Operator.STANDARD,
        shape,
        pointwise.activation(),
        shape.multiplications());
  }

  /** The multiplications of both ways. */
  public CostModel costs() {
    return CostModel.separable(depthwise.shape(), pointwise.shape().outChannels());
  }

  /** Whether another block computes the same, but for the weights. */
  boolean sameAs(Block other) {
    return depthwise.sameAs(other.depthwise) && pointwise.sameAs(other.pointwise);
  }
}
