package io.github.lanewise.onnx;

import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.MatrixProduct;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Products of matrices: by a constant one as a convolution of one tap, whose weights it is. */
final class MatrixOps {

  private MatrixOps() {}

  static Value gemm(Importer in, Attributes node) {
    Value.View a = in.view(node, 0);
    Value b = in.input(node, 1);
    if (a.shape().length != 2 || b.shape().length != 2) {
      throw new OnnxException("Gemm takes two matrices, not " + a.shapeText() + b.shapeText());
    }
    if (node.integer("transA", 0) != 0) {
      a = ShapeOps.transposed(a, new int[] {1, 0});
    }
    float alpha = node.real("alpha", 1);
    float beta = node.real("beta", 1);
    boolean byOutput = node.integer("transB", 0) != 0;
    int outputs = b.shape()[byOutput ? 0 : 1];
    Value c = in.has(node, 2) ? in.input(node, 2) : null;
    Value.View product;
    if (b instanceof Value.Const matrix) {
      product = byMatrix(in, a, b.shape()[byOutput ? 1 : 0], outputs, matrix, byOutput);
    } else {
      Value.View second = (Value.View) b;
      product = product(in, a, byOutput ? ShapeOps.transposed(second, new int[] {1, 0}) : second);
    }
    boolean isRow =
        c instanceof Value.Const bias
            && (bias.length() == 1
                || (bias.length() == outputs && c.shape()[c.shape().length - 1] == outputs));
    Value.View sum =
        isRow || alpha != 1 ? scaled(in, product, alpha, isRow ? c : null, beta) : product;
    return c == null || isRow ? sum : add(in, sum, c, beta);
  }

  private static Value.View scaled(
      Importer in, Value.View product, float alpha, Value bias, float beta) {
    int outputs = product.shape()[1];
    in.charge(2L * outputs);
    float[] scale = new float[outputs];
    Arrays.fill(scale, alpha);
    float[] shift = new float[outputs];
    if (bias instanceof Value.Const c) {
      float[] values = c.asFloats();
      for (int i = 0; i < outputs; i++) {
        shift[i] = values[values.length == 1 ? 0 : i] * beta;
      }
    }
    return product.with(in.builder.scale(product.tensor(), scale, shift));
  }

  private static Value add(Importer in, Value.View product, Value c, float beta) {
    if (c.shape().length > 2) {
      throw new OnnxException("the bias's shape is " + c.shapeText() + ", has more than two axes");
    }
    Value.View[] both = ElementwiseOps.aligned(in, product, c);
    Tensor bias = both[1].tensor();
    if (beta != 1) {
      bias = in.builder.multiply(bias, in.builder.constant(new float[] {beta}, 1));
    }
    Tensor sum = in.builder.add(both[0].tensor(), bias);
    Value.View result = Importer.wrap(product.type(), sum, both[0].order());
    if (!Arrays.equals(result.shape(), product.shape())) {
      throw new OnnxException(
          "the bias's shape is %s, must broadcast to %s"
              .formatted(c.shapeText(), product.shapeText()));
    }
    return result;
  }

  /** A vector as the first factor is a row, as the second a column. */
  static Value matMul(Importer in, Attributes node) {
    Value a = in.input(node, 0);
    Value b = in.input(node, 1);
    int[] from = a.shape();
    int[] by = b.shape();
    if (from.length == 0 || by.length == 0) {
      throw new OnnxException(
          "the factors' shapes are %s and %s, must have an axis"
              .formatted(a.shapeText(), b.shapeText()));
    }
    Value first = from.length == 1 ? ShapeOps.reshapedTo(in, a, new int[] {1, from[0]}) : a;
    Value second = by.length == 1 ? ShapeOps.reshapedTo(in, b, new int[] {by[0], 1}) : b;
    Value.View product = product(in, in.view(first), second);
    if (from.length > 1 && by.length > 1) {
      return product;
    }
    int[] shape = product.shape();
    int[] left =
        IntStream.range(0, shape.length)
            .filter(axis -> from.length > 1 || axis != shape.length - 2)
            .filter(axis -> by.length > 1 || axis != shape.length - 1)
            .map(axis -> shape[axis])
            .toArray();
    return ShapeOps.reshapedTo(in, product, left);
  }

  private static Value.View product(Importer in, Value.View a, Value b) {
    int[] shape = b.shape();
    int rows = shape[shape.length - 2];
    int columns = shape[shape.length - 1];
    boolean isMatrix =
        shape.length <= a.shape().length && Tensors.count(shape) == (long) rows * columns;
    if (isMatrix && b instanceof Value.Const matrix) {
      return byMatrix(in, a, rows, columns, matrix, false);
    }
    Value.View first = in.plain(a);
    Value.View second = in.plain(in.view(b));
    int axes = Math.max(a.shape().length, shape.length);
    Value.View result =
        (Value.View)
            Operations.apply(
                    in, new MatrixProduct(), a.type(), Importer.identity(axes), first, second)
                .getFirst();
    in.charge(2L * Tensors.count(Arrays.copyOf(result.shape(), axes - 2))); // where each begins
    return result;
  }

  /** The rows of {@code a} times a matrix: a pointwise convolution whose pixels are the rows. */
  private static Value.View byMatrix(
      Importer in, Value.View a, int inputs, int outputs, Value.Const matrix, boolean byOutput) {
    int[] shape = a.shape().clone();
    int last = shape.length - 1;
    if (shape[last] != inputs) {
      throw new OnnxException(
          "shape %s and a matrix of %d rows do not fit".formatted(a.shapeText(), inputs));
    }
    in.charge(ConvolutionOps.packed(in, inputs, outputs) + 2L * matrix.length());
    int rows = 1;
    for (int i = 0; i < last; i++) {
      rows *= shape[i];
    }
    WeightOrder order = byOutput ? WeightOrder.OIHW : WeightOrder.HWIO;
    ConvWeights w = ConvWeights.of(matrix.asFloats(), order);
    Tensor image = in.builder.reshape(in.plain(a).tensor(), 1, rows, 1, inputs);
    ConvShape conv = ConvShape.builder(rows, 1, inputs).outChannels(outputs).build();
    Tensor result = in.builder.convolution(image, conv, w);
    shape[last] = outputs;
    return Importer.wrap(
        a.type(), in.builder.reshape(result, shape), Importer.identity(shape.length));
  }
}
