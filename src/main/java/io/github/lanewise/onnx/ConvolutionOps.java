package io.github.lanewise.onnx;

import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.WeightFormat;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.DynamicConvolution;
import java.util.Arrays;
import java.util.List;

/** Convolutions. */
final class ConvolutionOps {
  /** Packed weights are padded to whole panels of up to three vectors of 16 floats. */
  private static final int PANEL = 48;

  /** Rows that a depthwise plan's ring may have, whatever its kernel. */
  private static final int MAX_RING = 64;

  /** What the objects around a table of taps take, in floats. */
  private static final int TABLE_OBJECTS = 24;

  private ConvolutionOps() {}

  static Value conv(Importer in, Attributes node) {
    Value.View view = in.view(node, 0);
    Tensor x = in.image(view);
    Value w = in.input(node, 1);
    ConvShape shape = shape(node, view, x, w);
    Value bias = in.has(node, 2) ? in.input(node, 2) : null;
    if (!(w instanceof Value.Const weights)) {
      return in.imageView(biased(in, dynamic(in, shape, x, (Value.View) w), bias), view);
    }
    charge(in, shape);
    ConvWeights constant = ConvWeights.of(weights.asFloats(), WeightOrder.OIHW);
    if (bias instanceof Value.Const) {
      constant = constant.withBias(in.channels(node, 2, "the bias", shape.outChannels()));
      bias = null;
    }
    return in.imageView(biased(in, in.builder.convolution(x, shape, constant), bias), view);
  }

  /** With weights that a run computes. */
  private static Tensor dynamic(Importer in, ConvShape shape, Tensor x, Value.View weights) {
    boolean isSignal = weights.shape().length == 3;
    int[] outputsLast = isSignal ? new int[] {2, 1, 0} : new int[] {2, 3, 1, 0};
    Tensor stored =
        in.builder.reshape(
            in.stored(weights, outputsLast).tensor(),
            shape.kernelHeight(),
            shape.kernelWidth(),
            shape.inChannelsPerGroup(),
            shape.outChannels());
    return in.builder.operation(new DynamicConvolution(shape), List.of(x, stored)).getFirst();
  }

  /** With one more number for each channel, which a run computes or the weights cannot take. */
  private static Tensor biased(Importer in, Tensor made, Value bias) {
    if (bias == null) {
      return made;
    }
    int channels = made.shape()[3];
    if (!Arrays.equals(bias.shape(), new int[] {channels})) {
      throw new OnnxException(
          "the bias has the shape %s, must be [%d]".formatted(bias.shapeText(), channels));
    }
    return in.builder.add(made, in.view(bias).tensor());
  }

  /** The geometry of a convolution. */
  static ConvShape shape(Attributes node, Value.View view, Tensor x, Value weights) {
    int[] s = weights.shape();
    int axes = view.shape().length;
    int groups = node.integer("group", 1);
    if (s.length != axes || groups < 1 || (long) s[1] * groups != x.shape()[3]) {
      throw new OnnxException(
          "the weights' shape %s and group %d must agree with an input of %s"
              .formatted(weights.shapeText(), groups, view.shapeText()));
    }
    return WindowAttributes.of(node, axes, Arrays.copyOfRange(s, 2, axes)).shape(x, groups, s[0]);
  }

  /** For the weights of a plan. */
  static void charge(Importer in, ConvShape s) {
    int depth = s.kernelHeight() * s.kernelWidth() * s.inChannelsPerGroup();
    in.charge(
        s.isDepthwise()
            ? 3L * s.weightsLength() + tapTables(s)
            : s.weightsLength() + s.groups() * packed(in, depth, s.outChannelsPerGroup()));
  }

  /** An upper bound of a packed matrix with its bias, in floats. */
  static long packed(Importer in, int depth, int columns) {
    long rows = in.weights == WeightFormat.FLOAT16 ? (depth + 1L) / 2 : depth;
    return (columns + PANEL - 1L) / PANEL * PANEL * (rows + 1);
  }

  /**
   * An upper bound of a depthwise plan's tables: where the taps of one row and of two lie, in the
   * image and for each row of a ring that the first may be. The ring has the rows that two rows of
   * output span, or one place for all where these are too many. (The plan has still less where the
   * taps are very many; files with such kernels are not worth a closer look.)
   */
  private static long tapTables(ConvShape s) {
    long rows = s.vertical().span(2);
    long places = rows > Math.max(MAX_RING, 2L * s.kernelHeight()) ? 1 : rows;
    return Math.multiplyExact(
        3 * (places + 1), (long) s.kernelHeight() * s.kernelWidth() + TABLE_OBJECTS);
  }
}
