package io.github.lanewise.onnx;

import io.github.lanewise.Activation;
import io.github.lanewise.network.NetworkBuilder;
import io.github.lanewise.network.Tensor;

/** Functions of each value, and of two tensors that broadcast. */
final class ElementwiseOps {

  /** One of the builder's functions of two tensors. */
  interface Binary {
    Tensor apply(NetworkBuilder builder, Tensor a, Tensor b);
  }

  private ElementwiseOps() {}

  static Value activation(Importer in, Attributes node, Activation activation) {
    Value.View x = in.view(node, 0);
    return x.with(in.builder.activation(x.tensor(), activation));
  }

  static Value leakyRelu(Importer in, Attributes node) {
    return activation(in, node, Activation.leakyRelu(node.real("alpha", 0.01f)));
  }

  static Value hardSigmoid(Importer in, Attributes node) {
    float alpha = node.real("alpha", 0.2f);
    return activation(in, node, Activation.hardSigmoid(alpha, node.real("beta", 0.5f)));
  }

  static Value clip(Importer in, Attributes node) {
    float min = Float.NEGATIVE_INFINITY;
    float max = Float.POSITIVE_INFINITY;
    if (node.opset() >= 11) {
      min = bound(in, node, 1, min);
      max = bound(in, node, 2, max);
    } else {
      min = node.real("min", min);
      max = node.real("max", max);
    }
    if (node.opset() >= 13 && min > max) {
      min = max; // as ONNX defines it since then: every value becomes the maximum
    }
    return activation(in, node, Activation.clamp(min, max));
  }

  private static float bound(Importer in, Attributes node, int i, float otherwise) {
    if (!in.has(node, i)) {
      return otherwise;
    }
    return (float) in.constant(node, i, "the bound").single("the bound");
  }

  /** Does nothing, unless it is told to train. */
  static Value dropout(Importer in, Attributes node) {
    node.ignore("ratio", "seed");
    if (node.opset() >= 12 && in.has(node, 2)) {
      if (in.constant(node, 2, "training_mode").single("training_mode") != 0) {
        throw new OnnxException("training_mode must be false: training is not supported");
      }
    }
    return in.input(node, 0);
  }

  static Value prelu(Importer in, Attributes node) {
    Value.View x = in.view(node, 0);
    Value.Const slope = in.constant(node, 1, "the slope");
    if (slope.length() == 1) {
      return activation(in, node, Activation.leakyRelu((float) slope.at(0)));
    }
    int[] shape = slope.shape();
    int shift = x.shape().length - shape.length; // axes are counted from the last
    int axis = 0;
    while (axis < shape.length - 1 && shape[axis] == 1) {
      axis++;
    }
    if (shift < 0 || slope.length() != shape[axis] || shape[axis] != x.shape()[axis + shift]) {
      throw new OnnxException(
          "shapes %s and %s: only one slope, or one for each index of an axis, is supported"
              .formatted(x.shapeText(), slope.shapeText()));
    }
    in.charge(2L * slope.length());
    int[] order = ShapeOps.withLast(x.order(), axis + shift);
    return Importer.wrap(in.builder.prelu(in.stored(x, order).tensor(), slope.asFloats()), order);
  }

  static Value binary(Importer in, Attributes node, Binary function, Folding.Arithmetic folded) {
    Value p = in.input(node, 0);
    Value q = in.input(node, 1);
    if (p instanceof Value.Const a && q instanceof Value.Const b) {
      return Folding.arithmetic(in, a, b, folded);
    }
    Value.View a;
    Value.View b;
    if (p instanceof Value.Const c) {
      b = in.view(q);
      a = in.operand(c, b);
    } else if (q instanceof Value.Const c) {
      a = in.view(p);
      b = in.operand(c, a);
    } else {
      a = in.view(p);
      b = in.view(q);
    }
    int axes = Math.max(a.shape().length, b.shape().length);
    a = in.withAxes(a, axes);
    b = in.withAxes(b, axes);
    if (Tensors.count(a.shape()) >= Tensors.count(b.shape())) {
      b = in.stored(b, a.order());
    } else {
      a = in.stored(a, b.order());
    }
    return Importer.wrap(a.type(), function.apply(in.builder, a.tensor(), b.tensor()), a.order());
  }

  static Value softmax(Importer in, Attributes node) {
    Value.View x = in.view(node, 0);
    int axes = x.shape().length;
    boolean flattens = node.opset() < 13;
    int axis = Importer.axis(node.integer("axis", flattens ? 1 : -1), axes);
    if (!flattens) {
      int[] order = ShapeOps.withLast(x.order(), axis);
      return Importer.wrap(in.builder.softmax(in.stored(x, order).tensor()), order);
    }
    Value.View rows = ShapeOps.flattened(in, x, axis);
    Tensor result = in.builder.softmax(in.plain(rows).tensor());
    return ShapeOps.reshaped(in, Importer.wrap(result, Importer.identity(2)), x.shape());
  }
}
