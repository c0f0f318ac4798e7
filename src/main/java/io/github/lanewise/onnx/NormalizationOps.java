package io.github.lanewise.onnx;

import io.github.lanewise.network.NetworkBuilder;
import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.Normalization;
import io.github.lanewise.operators.Normalization.Measure;
import io.github.lanewise.operators.ResponseNormalization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that scale values by what others are like. */
final class NormalizationOps {

  private NormalizationOps() {}

  static Value batch(Importer in, Attributes node) {
    if (node.integer("training_mode", 0) != 0) {
      throw new OnnxException("training_mode is not supported");
    }
    if (node.opset() < 9 && node.integer("spatial", 1) != 1) {
      throw new OnnxException("statistics of each pixel (spatial 0) are not supported");
    }
    node.ignore("momentum");
    if (node.opset() < 14 && node.outputs().stream().filter(o -> !o.isEmpty()).count() > 1) {
      throw new OnnxException(
          "it has %d outputs, must have one: more mean training, which is not supported"
              .formatted(node.outputs().size()));
    }
    Value.View x = withChannels(in, node);
    int[] order = ShapeOps.withLast(x.order(), 1);
    Tensor stored = in.stored(x, order).tensor();
    int channels = x.shape()[1];
    float epsilon = node.real("epsilon", 1e-5f);
    in.charge(2L * channels);
    boolean isConstant = true;
    for (int i = 1; i <= 4; i++) {
      isConstant &= in.input(node, i) instanceof Value.Const;
    }
    Tensor result =
        isConstant
            ? in.builder.batchNorm(
                stored,
                in.channels(node, 1, "scale", channels),
                in.channels(node, 2, "the bias", channels),
                in.channels(node, 3, "the mean", channels),
                in.channels(node, 4, "the variance", channels),
                epsilon)
            : batch(in.builder, stored, constants(in, node, 1, 4, channels), epsilon);
    return Importer.wrap(x.type(), result, order);
  }

  /** With scale, bias, mean and variance that are known only when it runs. */
  private static Tensor batch(NetworkBuilder b, Tensor x, List<Tensor> statistics, float epsilon) {
    Tensor variance = b.add(statistics.get(3), b.constant(new float[] {epsilon}, 1));
    Tensor deviation =
        b.operation(new Function(Function.Kind.SQRT, 0, 0), List.of(variance)).getFirst();
    Tensor normal = b.divide(b.subtract(x, statistics.get(2)), deviation);
    return b.add(b.multiply(normal, statistics.get(0)), statistics.get(1));
  }

  private static Value.View withChannels(Importer in, Attributes node) {
    Value.View x = in.view(node, 0);
    if (x.shape().length < 2) {
      throw new OnnxException("the input's shape is " + x.shapeText() + ", has no channels");
    }
    return x;
  }

  /** So many inputs from one on as tensors of one axis, as far as they are there. */
  private static List<Tensor> constants(
      Importer in, Attributes node, int first, int count, int channels) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = first; i < first + count && in.has(node, i); i++) {
      Value.View view = in.plain(in.view(node, i));
      if (Tensors.count(view.shape()) != channels) {
        throw new OnnxException(
            "input %d has the shape %s, must have %d values"
                .formatted(i, view.shapeText(), channels));
      }
      tensors.add(in.builder.reshape(view.tensor(), channels));
    }
    return tensors;
  }

  private static Tensor apply(
      Importer in, Normalization normalization, Tensor x, List<Tensor> constants) {
    List<Tensor> from = new ArrayList<>(List.of(x));
    from.addAll(constants);
    return in.builder.operation(normalization, from).getFirst();
  }

  /** Of all axes from one on; with the mean and the reciprocal of the deviation, if asked for. */
  static Value layer(Importer in, Attributes node, Measure measure) {
    Value.View x = in.view(node, 0);
    int axes = x.shape().length;
    int axis = Importer.axis(node.integer("axis", -1), axes);
    int[] order = axis == axes - 1 ? ShapeOps.withLast(x.order(), axis) : Importer.identity(axes);
    Tensor stored = in.stored(x, order).tensor();
    int[] shape = stored.shape();
    int outer = (int) Tensors.count(Arrays.copyOf(shape, axis));
    int channels = (int) Tensors.count(shape) / outer;
    Arrays.fill(shape, axis, axes, 1);
    node.ignore("stash_type"); // sums are in double
    Normalization normalization =
        new Normalization(
            measure,
            outer,
            1,
            1,
            channels,
            node.real("epsilon", 1e-5f),
            node.outputs().size() > 1 ? shape : null);
    List<Tensor> from = new ArrayList<>(List.of(stored));
    from.addAll(constants(in, node, 1, 2, channels));
    List<Tensor> results = in.builder.operation(normalization, from);
    for (int i = 1; i < node.outputs().size(); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        in.define(node.outputs().get(i), Importer.wrap(results.get(i), order));
      }
    }
    return Importer.wrap(x.type(), results.getFirst(), order);
  }

  /** The first axis, then those of the image, then channels. */
  private static int[] channelsLast(Value.View x) {
    int[] order = ShapeOps.withLast(x.order(), 1);
    int n = 1;
    int[] out = new int[order.length];
    for (int axis : order) {
      if (axis > 1) {
        out[n++] = axis;
      }
    }
    out[n] = 1;
    return out;
  }

  static Value instance(Importer in, Attributes node) {
    return groups(in, node, withChannels(in, node).shape()[1]);
  }

  static Value group(Importer in, Attributes node) {
    int groups = node.integer("num_groups", 0);
    int channels = withChannels(in, node).shape()[1];
    if (groups < 1 || channels % groups != 0) {
      throw new OnnxException(
          "num_groups = %d must divide the %d channels".formatted(groups, channels));
    }
    return groups(in, node, groups);
  }

  private static Value groups(Importer in, Attributes node, int groups) {
    Value.View x = withChannels(in, node);
    int[] order = channelsLast(x);
    int channels = x.shape()[1];
    int pixels = (int) (Tensors.count(x.shape()) / x.shape()[0] / channels);
    node.ignore("stash_type"); // sums are in double
    boolean perGroup = node.operator().equals("GroupNormalization") && node.opset() < 21;
    List<Tensor> constants = constants(in, node, 1, 2, perGroup ? groups : channels);
    if (perGroup) {
      constants.replaceAll(t -> repeated(in.builder, t, channels / groups));
    }
    Normalization normalization =
        new Normalization(
            Measure.DEVIATION,
            x.shape()[0],
            pixels,
            groups,
            channels / groups,
            node.real("epsilon", 1e-5f),
            null);
    return Importer.wrap(
        x.type(), apply(in, normalization, in.stored(x, order).tensor(), constants), order);
  }

  /** Each value so many times. */
  private static Tensor repeated(NetworkBuilder b, Tensor x, int times) {
    int n = x.shape()[0];
    Tensor[] columns = new Tensor[times];
    Arrays.fill(columns, b.reshape(x, n, 1));
    return b.reshape(b.concat(1, columns), n * times);
  }

  /** To a norm of 1 along an axis. */
  static Value norm(Importer in, Attributes node) {
    Value.View x = in.view(node, 0);
    int axis = Importer.axis(node.integer("axis", -1), x.shape().length);
    int p = node.integer("p", 2);
    if (p != 1 && p != 2) {
      throw new OnnxException("attribute p = " + p + " must be 1 or 2");
    }
    int[] order = ShapeOps.withLast(x.order(), axis);
    int channels = x.shape()[axis];
    int outer = (int) Tensors.count(x.shape()) / channels;
    Normalization normalization =
        new Normalization(p == 1 ? Measure.L1 : Measure.L2, outer, 1, 1, channels, 0, null);
    return Importer.wrap(
        x.type(), apply(in, normalization, in.stored(x, order).tensor(), List.of()), order);
  }

  static Value response(Importer in, Attributes node) {
    Value.View x = withChannels(in, node);
    int size = node.integer("size", 0);
    if (size < 1) {
      throw new OnnxException("attribute size = " + size + " must be 1 or more");
    }
    int[] order = ShapeOps.withLast(x.order(), 1);
    ResponseNormalization normalization =
        new ResponseNormalization(
            size, node.real("alpha", 1e-4f), node.real("beta", 0.75f), node.real("bias", 1));
    return Importer.wrap(
        x.type(),
        in.builder.operation(normalization, List.of(in.stored(x, order).tensor())).getFirst(),
        order);
  }
}
