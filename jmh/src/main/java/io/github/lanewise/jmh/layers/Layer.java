package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import java.util.List;

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

  /** What layers have in common that compute the same, but for the weights. */
  List<Object> computation() {
    return List.of(operator, shape, activation);
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
