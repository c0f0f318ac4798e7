package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.Padding;
import java.util.function.Predicate;

/**
 * Something to measure: one operator on one shape.
 *
 * @param operator the operator
 * @param network the layer list
 * @param name the layer's or block's name in the list
 * @param count how often the list has it
 * @param shape the shape; of a separable block that of its depthwise stage
 * @param middle the activation between the stages of a separable block, else {@link
 *     Activation#NONE}
 * @param outChannels channels of the result
 * @param activation the activation at the end
 * @param multiplications by the definition, taps on padding counted
 * @param theory of a block, how many times fewer multiplications separable needs than standard;
 *     else 0
 */
public record Target(
    Operator operator,
    String network,
    String name,
    int count,
    ConvShape shape,
    Activation middle,
    int outChannels,
    Activation activation,
    long multiplications,
    double theory) {

  static Target of(Layer layer, int count) {
    return new Target(
        layer.operator(),
        layer.network(),
        layer.name(),
        count,
        layer.shape(),
        Activation.NONE,
        layer.shape().outChannels(),
        layer.activation(),
        layer.shape().multiplications(),
        0);
  }

  static Target separable(Block block, int count) {
    return new Target(
        Operator.SEPARABLE,
        block.depthwise().network(),
        block.name(),
        count,
        block.depthwise().shape(),
        block.depthwise().activation(),
        block.pointwise().shape().outChannels(),
        block.pointwise().activation(),
        block.costs().separable(),
        block.costs().speedup());
  }

  static Target standard(Block block, int count) {
    ConvShape shape = block.standardShape();
    return new Target(
        Operator.STANDARD,
        block.depthwise().network(),
        block.name(),
        count,
        shape,
        Activation.NONE,
        shape.outChannels(),
        block.pointwise().activation(),
        shape.multiplications(),
        block.costs().speedup());
  }

  /**
   * Finds what a benchmark of an operator names.
   *
   * @param operator the operator
   * @param layer as {@link #layer} gives it
   * @return the target
   * @throws IllegalArgumentException if there is no such layer or block for this operator
   */
  public static Target find(Operator operator, String layer) {
    return find(layer, "the " + operator + " operator", target -> target.operator == operator);
  }

  /**
   * Finds whose plan is to be created: a layer, or of a block the separable convolution.
   *
   * @param layer as {@link #layer} gives it
   * @return the target
   * @throws IllegalArgumentException if there is no such layer or block
   */
  public static Target findToCreate(String layer) {
    return find(
        layer, "a plan", target -> !target.isBlock() || target.operator == Operator.SEPARABLE);
  }

  private static Target find(String layer, String purpose, Predicate<Target> fits) {
    int slash = layer.indexOf('/');
    if (slash > 0) {
      for (Target target : LayerList.named(layer.substring(0, slash)).targets()) {
        if (target.layer().equals(layer) && fits.test(target)) {
          return target;
        }
      }
    }
    throw new IllegalArgumentException(
        "layer '"
            + layer
            + "' must be list/name of a layer, or of a block (first+second), for "
            + purpose
            + ": see scripts/bench -l; of equal layers the first one's name counts");
  }

  /**
   * The value of the benchmarks' parameter {@code layer}.
   *
   * @return list and name
   */
  public String layer() {
    return network + "/" + name;
  }

  /**
   * Its name in the table.
   *
   * @return name and count
   */
  public String label() {
    return count == 1 ? name : name + " (x" + count + ")";
  }

  /**
   * Whether this is a separable block or the standard convolution of one.
   *
   * @return false for a layer
   */
  public boolean isBlock() {
    return theory > 0;
  }

  /**
   * Operations of one run, 2 a multiplication.
   *
   * @return the number
   */
  public long flops() {
    return 2 * multiplications;
  }

  /**
   * Bytes that have to move if every tensor moves once: input, weights and output, float32; what
   * lies between the stages of a separable block does not move at all.
   *
   * @return the number
   */
  public long bytes() {
    if (operator != Operator.SEPARABLE) {
      return shape.bytes();
    }
    long pixels = (long) shape.outHeight() * shape.outWidth();
    long weights = shape.weightsLength() + (long) shape.outChannels() * outChannels;
    return Float.BYTES * (shape.srcLength() + weights + pixels * outChannels);
  }

  /**
   * The shape for people: {@code 112x112x64 3x3/2}, {@code 14x14x512->512}.
   *
   * @return sizes, kernel, stride and whatever is not usual
   */
  public String shapeText() {
    StringBuilder text = new StringBuilder();
    text.append(shape.inHeight()).append('x').append(shape.inWidth());
    text.append('x').append(shape.inChannels());
    if (operator != Operator.DEPTHWISE) {
      text.append("->").append(outChannels);
    }
    if (operator != Operator.POINTWISE) {
      text.append(' ').append(shape.kernelHeight()).append('x').append(shape.kernelWidth());
    }
    if (shape.strideHeight() > 1) {
      text.append('/').append(shape.strideHeight());
    }
    if (shape.dilationHeight() > 1) {
      text.append(" dilation ").append(shape.dilationHeight());
    }
    if (shape.kernelHeight() > 1 && shape.padding().equals(Padding.VALID)) {
      text.append(" VALID");
    }
    return text.toString();
  }
}
