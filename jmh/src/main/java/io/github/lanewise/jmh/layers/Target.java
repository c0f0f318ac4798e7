package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.CostModel;
import io.github.lanewise.Padding;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Something to measure: one operator on one shape, or a chain of convolutions.
 *
 * @param operator the operator
 * @param network the layer list
 * @param name the layer's or block's name in the list
 * @param count how often the list has it
 * @param layers what it computes: one layer, the two of a separable block, the standard convolution
 *     that stands in for a block, or all of a chain, each reading what the one before wrote
 * @param theory of a block, how many times fewer multiplications separable needs than standard;
 *     else 0
 */
public record Target(
    Operator operator, String network, String name, int count, List<Layer> layers, double theory) {
  /** The chain's name. */
  private static final String CHAIN = "chain";

  /** Copies the layers. */
  public Target {
    layers = List.copyOf(layers);
  }

  static Target of(Layer layer) {
    return new Target(layer.operator(), layer.network(), layer.name(), 1, List.of(layer), 0);
  }

  static Target chain(String network, List<Layer> layers) {
    return new Target(Operator.CHAIN, network, CHAIN, 1, layers, 0);
  }

  /** A separable block: a depthwise layer and the pointwise one that reads it. */
  static Target separable(Layer depthwise, Layer pointwise) {
    ConvShape shape = depthwise.shape();
    return new Target(
        Operator.SEPARABLE,
        depthwise.network(),
        blockName(depthwise.name(), pointwise.name()),
        1,
        List.of(depthwise, pointwise),
        CostModel.separable(shape, pointwise.shape().outChannels()).speedup());
  }

  /**
   * The standard convolution that a block stands in for: the depthwise kernel, stride, dilation and
   * padding over all channels.
   */
  static Target standard(Layer depthwise, Layer pointwise) {
    Target block = separable(depthwise, pointwise);
    ConvShape s = depthwise.shape();
    ConvShape shape =
        ConvShape.builder(s.inHeight(), s.inWidth(), s.inChannels())
            .outChannels(pointwise.shape().outChannels())
            .kernel(s.kernelHeight(), s.kernelWidth())
            .stride(s.strideHeight(), s.strideWidth())
            .dilation(s.dilationHeight(), s.dilationWidth())
            .padding(s.padding())
            .build();
    Operator operator = Operator.STANDARD;
    Activation activation = pointwise.activation();
    Layer layer =
        new Layer(block.network, block.name, operator, shape, activation, shape.multiplications());
    return new Target(operator, block.network, block.name, 1, List.of(layer), block.theory);
  }

  /** Both names, a common prefix up to a dot said once: {@code dw3+pw3}, {@code b1.dw+project}. */
  private static String blockName(String first, String second) {
    int dot = first.lastIndexOf('.');
    boolean common = dot >= 0 && second.startsWith(first.substring(0, dot + 1));
    return first + "+" + (common ? second.substring(dot + 1) : second);
  }

  /** The same once more. */
  Target oneMore() {
    return new Target(operator, network, name, count + 1, layers, theory);
  }

  /**
   * Finds what a benchmark of an operator names, as {@link #layer} gives it.
   *
   * @throws IllegalArgumentException if there is no such layer or block for this operator
   */
  public static Target find(Operator operator, String layer) {
    return find(layer, "the " + operator + " operator", target -> target.operator == operator);
  }

  /**
   * Finds whose plans are to be created: a layer, a chain, or of a block the separable convolution.
   *
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

  /** List and name, the value of the benchmarks' parameter {@code layer}. */
  public String layer() {
    return network + "/" + name;
  }

  /** Its name in the table, and its count. */
  public String label() {
    return count == 1 ? name : name + " (x" + count + ")";
  }

  /**
   * Whether this is a separable block or the standard convolution of one, rather than a layer or a
   * chain.
   */
  public boolean isBlock() {
    return theory > 0;
  }

  /** The first layer's shape. */
  public ConvShape shape() {
    return layers.getFirst().shape();
  }

  private ConvShape lastShape() {
    return layers.getLast().shape();
  }

  /**
   * The layers that each plan takes: a depthwise one together with the pointwise one that reads it.
   * One part, or of a chain several.
   */
  public List<List<Layer>> parts() {
    List<List<Layer>> parts = new ArrayList<>();
    for (int from = 0, to; from < layers.size(); from = to) {
      boolean block = from + 1 < layers.size() && layers.get(from).feeds(layers.get(from + 1));
      to = from + (block ? 2 : 1);
      parts.add(layers.subList(from, to));
    }
    return parts;
  }

  /** Operations of one run, 2 a multiplication, taps on padding counted. */
  public long flops() {
    return layers.stream().mapToLong(layer -> layer.shape().flops()).sum();
  }

  /**
   * Bytes that have to move if every tensor moves once: input, weights and output, float32; what
   * lies between the stages of a separable block does not move at all.
   */
  public long bytes() {
    long floats = 0;
    for (List<Layer> part : parts()) {
      floats += part.getFirst().shape().srcLength() + part.getLast().shape().dstLength();
      floats += part.stream().mapToLong(layer -> layer.shape().weightsLength()).sum();
    }
    return Float.BYTES * floats;
  }

  /**
   * The shape for people, with whatever is not usual: {@code 112x112x64 3x3/2}, {@code
   * 14x14x512->512}, of a chain {@code 224x224x3->7x7x1024}.
   */
  public String shapeText() {
    ConvShape shape = shape();
    StringBuilder text = new StringBuilder();
    text.append(shape.inHeight()).append('x').append(shape.inWidth());
    text.append('x').append(shape.inChannels());
    if (operator == Operator.CHAIN) {
      text.append("->").append(lastShape().outHeight()).append('x').append(lastShape().outWidth());
      return text.append('x').append(lastShape().outChannels()).toString();
    }
    if (operator != Operator.DEPTHWISE || shape.outChannels() != shape.inChannels()) {
      text.append("->").append(lastShape().outChannels());
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
