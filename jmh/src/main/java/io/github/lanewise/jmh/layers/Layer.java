package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;

/**
 * One row of a layer list.
 *
 * @param network the list
 * @param name its name, unique in the list
 * @param operator depthwise, pointwise or standard
 * @param multiplications as the list states them
 */
public record Layer(
    String network,
    String name,
    Operator operator,
    ConvShape shape,
    Activation activation,
    long multiplications) {

  /** Whether another layer computes the same, but for the weights. */
  boolean sameAs(Layer other) {
    return operator == other.operator
        && shape.equals(other.shape)
        && activation.equals(other.activation);
  }

  /** Whether this layer can be the first half of a separable block whose second half is given. */
  boolean feeds(Layer next) {
    return operator == Operator.DEPTHWISE
        && next.operator == Operator.POINTWISE
        && next.shape.strideHeight() == 1
        && next.shape.strideWidth() == 1
        && shape.outHeight() == next.shape.inHeight()
        && shape.outWidth() == next.shape.inWidth()
        && shape.outChannels() == next.shape.inChannels();
  }
}
