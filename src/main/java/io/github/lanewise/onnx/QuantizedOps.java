package io.github.lanewise.onnx;

import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.MatrixProduct;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Quantization;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * Whole numbers of a few bits that stand for real ones. Sums of their products are those of the
 * definition to the last digit: where float32 would not hold them, 2^24 and more, one factor is
 * taken apart into digits whose sums it holds.
 */
final class QuantizedOps {
  /** Up to which every whole number is a float. */
  private static final long LARGEST = 1 << 24;

  private static final int BYTE = 8;

  private QuantizedOps() {}

  static Value quantize(Importer in, Attributes node) {
    int stated = node.integer("output_dtype", 0); // 0: that of the zero point
    ElementType type = stated == 0 ? ElementType.UINT8 : ElementType.of(stated, "the output");
    if (in.has(node, 2)) {
      ElementType zero = in.input(node, 2).type();
      if (stated != 0 && type != zero) {
        throw new OnnxException(
            "output_dtype is %s, must be that of the zero point, %s".formatted(type, zero));
      }
      type = zero;
    }
    node.ignore("saturate"); // of floats
    node.ignore("precision"); // at least that of float32
    return scaled(in, node, new Quantization.Quantize(least(type), most(type)), type);
  }

  static Value dequantize(Importer in, Attributes node) {
    node.ignore("output_dtype"); // that of the scale
    return scaled(in, node, new Quantization.Dequantize(), in.input(node, 1).type());
  }

  private static int least(ElementType type) {
    if (type.isReal() || type.bits() > 2 * BYTE) {
      throw new OnnxException("quantizing to " + type + " is not supported");
    }
    return type.isUnsigned() ? 0 : -(1 << (type.bits() - 1));
  }

  private static int most(ElementType type) {
    return least(type) + (1 << type.bits()) - 1;
  }

  /** A function of the first input with a scale and a zero for all, each of an axis, or blocks. */
  private static Value scaled(Importer in, Attributes node, Operation operation, ElementType type) {
    Value x = in.input(node, 0);
    Value scale = in.input(node, 1);
    Value zero = in.has(node, 2) ? in.input(node, 2) : Value.Const.of(new int[0], new float[1]);
    boolean isKnown = Operations.areConstant(x, scale, zero);
    int block = node.integer("block_size", 0);
    int stated = node.integer("axis", 1);
    int[] shape = x.shape();
    int[] order = block > 0 ? Importer.identity(shape.length) : Operations.order(x);
    int[] whole = block > 0 ? null : shape;
    int[] part = shape.clone();
    if (block > 0) {
      int axis = Importer.axis(stated, shape.length);
      if (shape[axis] % block != 0 || scale.shape().length != shape.length) {
        throw new OnnxException(
            "blocks of %d along axis %d must divide %s, and the scale have as many axes"
                .formatted(block, axis, x.shapeText()));
      }
      whole = split(shape, axis, block);
      part = split(scale.shape(), axis, 1);
    } else {
      Arrays.fill(part, 1);
      if (Tensors.count(scale.shape()) > 1) {
        int axis = Importer.axis(stated, shape.length);
        part[axis] = shape[axis];
      }
    }
    int[] order2 = whole.length == order.length ? order : Importer.identity(whole.length);
    Value result =
        Operations.apply(
                in,
                operation,
                type,
                order2,
                shaped(in, x, whole, order2, isKnown),
                shaped(in, scale, part, order2, isKnown),
                shaped(
                    in,
                    zero,
                    Tensors.count(zero.shape()) == 1 ? ones(part) : part,
                    order2,
                    isKnown))
            .getFirst();
    return block > 0 ? shaped(in, result, shape, order, isKnown) : result;
  }

  private static int[] ones(int[] shape) {
    int[] ones = new int[shape.length];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** With one axis as two, the second of a size. */
  private static int[] split(int[] shape, int axis, int inner) {
    int[] out = new int[shape.length + 1];
    System.arraycopy(shape, 0, out, 0, axis);
    out[axis] = shape[axis] / inner;
    out[axis + 1] = inner;
    System.arraycopy(shape, axis + 1, out, axis + 2, shape.length - axis - 1);
    return out;
  }

  /**
   * The values under another shape, whose axes lie in memory in an order; as a tensor of the
   * network unless all that is read is known.
   */
  private static Value shaped(Importer in, Value value, int[] shape, int[] order, boolean isKnown) {
    if (value instanceof Value.Const c) {
      Value.Const moved = c.reshaped(shape).transposed(order);
      if (isKnown) {
        return moved;
      }
      in.charge(2L * c.length());
      Tensor tensor = in.builder.constant(moved.asFloats(), moved.shape());
      return Importer.wrap(c.type(), tensor, order);
    }
    Value.View view = (Value.View) value;
    if (Arrays.equals(view.shape(), shape)) {
      return in.stored(view, order);
    }
    Value.View plain = in.plain(view);
    Tensor tensor = in.builder.reshape(plain.tensor(), shape);
    return in.stored(Importer.wrap(view.type(), tensor, Importer.identity(shape.length)), order);
  }

  static Value dynamic(Importer in, Attributes node) {
    Value.View x = in.view(node, 0);
    List<Tensor> results = in.builder.operation(new Quantization.Dynamic(), List.of(x.tensor()));
    for (int i = 1; i < Math.min(3, node.outputs().size()); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        Value.View number = Importer.wrap(results.get(i), new int[0]);
        in.define(node.outputs().get(i), i == 1 ? number : number.as(ElementType.UINT8));
      }
    }
    return Importer.wrap(results.getFirst(), x.order()).as(ElementType.UINT8);
  }

  /**
   * What becomes of sums of products.
   *
   * @param offset added to each channel
   * @param factor of each channel, or null
   * @param zero of the result
   * @param type of the result
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Result(int[] offset, float[] factor, int zero, ElementType type) {
    static Result ofSums(int channels) {
      return new Result(new int[channels], null, 0, ElementType.INT32);
    }

    Quantization.Requantize operation(int bits) {
      return factor == null
          ? new Quantization.Requantize(bits, offset, null, 0, 0, 0)
          : new Quantization.Requantize(bits, offset, factor, zero, least(type), most(type));
    }
  }

  static Value conv(Importer in, Attributes node) {
    Value.Const w = in.constant(node, 3, "the weights");
    int channels = w.shape()[0];
    int[] bias = new int[channels];
    if (in.has(node, 8)) {
      Value.Const b = in.constant(node, 8, "the bias");
      if (b.length() != channels) {
        throw new OnnxException(
            "the bias's shape is %s, must be [%d]".formatted(b.shapeText(), channels));
      }
      bias = b.asInts("the bias");
    }
    float[] factor = factor(in, node, 4, channels);
    Result result = new Result(bias, factor, zero(in, node, 7), in.input(node, 7).type());
    return conv(in, node, w, zero(in, node, 2), zeros(in, node, 5, channels), result);
  }

  static Value convInteger(Importer in, Attributes node) {
    Value.Const w = in.constant(node, 1, "the weights");
    int channels = w.shape()[0];
    int zero = in.has(node, 2) ? zero(in, node, 2) : 0;
    return conv(in, node, w, zero, zeros(in, node, 3, channels), Result.ofSums(channels));
  }

  /** The product of both scales by the result's, for each channel or one for all. */
  private static float[] factor(Importer in, Attributes node, int second, int channels) {
    float x = (float) in.constant(node, 1, "the scale").single("the scale");
    float y = (float) in.constant(node, second + 2, "the scale").single("the scale");
    float[] scales = in.constant(node, second, "the scale").asFloats();
    if (scales.length != 1 && scales.length != channels) {
      throw new OnnxException(
          "there are %d scales, must be 1 or %d".formatted(scales.length, channels));
    }
    float[] factor = new float[channels];
    for (int c = 0; c < channels; c++) {
      factor[c] = x * scales[scales.length == 1 ? 0 : c] / y;
    }
    return factor;
  }

  private static int zero(Importer in, Attributes node, int i) {
    return (int) in.constant(node, i, "the zero point").single("the zero point");
  }

  /** One for each channel. */
  private static int[] zeros(Importer in, Attributes node, int i, int channels) {
    int[] zeros = new int[channels];
    if (in.has(node, i)) {
      int[] stated = in.constant(node, i, "the zero point").asInts("the zero point");
      if (stated.length != 1 && stated.length != channels) {
        throw new OnnxException(
            "there are %d zero points, must be 1 or %d".formatted(stated.length, channels));
      }
      Arrays.setAll(zeros, c -> stated[stated.length == 1 ? 0 : c]);
    }
    return zeros;
  }

  private static Value conv(
      Importer in, Attributes node, Value.Const w, int zero, int[] zeros, Result result) {
    Value.View view = in.view(node, 0);
    Tensor x = in.image(view);
    ConvShape shape = ConvolutionOps.shape(node, view, x, w);
    ConvolutionOps.charge(in, shape);
    int taps = w.length() / zeros.length;
    float[] weights = without(w, i -> zeros[i / taps]);
    long largest = largestSum(weights, zeros.length, i -> i / taps);
    in.charge(weights.length);
    ConvWeights packed = ConvWeights.of(weights, WeightOrder.OIHW);
    Tensor sum =
        sum(
            in,
            less(in, x, new float[] {zero}, 1),
            largest(view.type(), zero),
            largest,
            digit -> in.builder.convolution(digit, shape, packed),
            result);
    return in.imageView(sum, view).as(result.type);
  }

  private static Tensor less(Importer in, Tensor x, float[] zeros, int... shape) {
    for (float zero : zeros) {
      if (zero != 0) {
        return in.builder.subtract(x, in.builder.constant(zeros, shape));
      }
    }
    return x;
  }

  /** The largest magnitude of a number of a type, less a zero. */
  private static int largest(ElementType type, int zero) {
    if (type.isReal() || type.bits() > BYTE) {
      throw new OnnxException("the input must be of int8 or uint8, not " + type);
    }
    return Math.max(Math.abs(least(type) - zero), Math.abs(most(type) - zero));
  }

  private static float[] without(Value.Const weights, IntUnaryOperator zero) {
    float[] out = new float[weights.length()];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (weights.at(i) - zero.applyAsInt(i));
    }
    return out;
  }

  /** The largest sum of magnitudes that goes into an output. */
  private static long largestSum(float[] weights, int outputs, IntUnaryOperator output) {
    long[] sums = new long[outputs];
    for (int i = 0; i < weights.length; i++) {
      sums[output.applyAsInt(i)] += (long) Math.abs(weights[i]);
    }
    return Arrays.stream(sums).max().orElse(0);
  }

  /**
   * The sums of products of a tensor with weights, in as many digits as keep each of the sums
   * within a float.
   *
   * @param most the largest magnitude in the tensor
   * @param weights the largest sum of magnitudes of the weights of an output
   */
  private static Tensor sum(
      Importer in, Tensor x, int most, long weights, UnaryOperator<Tensor> product, Result result) {
    int bits = BYTE;
    if (most * weights > LARGEST) {
      bits = BYTE / 2;
      while (bits > 1 && ((1 << bits) - 1) * weights > LARGEST) {
        bits /= 2;
      }
      if (((1 << bits) - 1) * weights > LARGEST) {
        throw new OnnxException("sums of up to " + most * weights + " are not supported");
      }
    }
    List<Tensor> sums = new ArrayList<>();
    int digits = BYTE / bits;
    List<Tensor> parts =
        digits == 1
            ? List.of(x)
            : in.builder.operation(new Quantization.Digits(digits, bits), List.of(x));
    parts.forEach(part -> sums.add(product.apply(part)));
    if (digits == 1 && result.factor == null) {
      return sums.getFirst();
    }
    return in.builder.operation(result.operation(bits), sums).getFirst();
  }

  static Value matMul(Importer in, Attributes node) {
    int channels = last(in.input(node, 3));
    Result result =
        new Result(
            new int[channels],
            factor(in, node, 4, channels),
            zero(in, node, 7),
            in.input(node, 7).type());
    return matMul(in, node, 3, 2, 5, result);
  }

  static Value matMulInteger(Importer in, Attributes node) {
    return matMul(in, node, 1, 2, 3, Result.ofSums(last(in.input(node, 1))));
  }

  private static int last(Value value) {
    int[] shape = value.shape();
    if (shape.length < 2) {
      throw new OnnxException("a factor of shape " + value.shapeText() + " is no matrix");
    }
    return shape[shape.length - 1];
  }

  private static Value matMul(
      Importer in, Attributes node, int second, int aZero, int bZero, Result result) {
    Value.View a = in.plain(in.view(node, 0));
    last(a);
    int rows = a.shape()[a.shape().length - 2];
    int[] zeros = {0};
    if (in.has(node, aZero)) {
      zeros = in.constant(node, aZero, "the zero point").asInts("the zero point");
      if (zeros.length != 1 && zeros.length != rows) {
        throw new OnnxException(
            "there are %d zero points, must be 1 or %d".formatted(zeros.length, rows));
      }
    }
    int most = 0;
    float[] floats = new float[zeros.length];
    for (int i = 0; i < zeros.length; i++) {
      floats[i] = zeros[i];
      most = Math.max(most, largest(a.type(), zeros[i]));
    }
    Tensor x = less(in, a.tensor(), floats, zeros.length, 1);
    int channels = result.offset.length;
    int[] columnZeros = zeros(in, node, bZero, channels);
    Tensor sum;
    if (in.input(node, second) instanceof Value.Const b) {
      float[] matrix = without(b, i -> columnZeros[i % channels]);
      int size = b.shape()[b.shape().length - 2] * channels;
      long largest =
          largestSum(
              matrix, matrix.length / size * channels, i -> i / size * channels + i % channels);
      in.charge(2L * matrix.length);
      Tensor factor = in.builder.constant(matrix, b.shape());
      sum = sum(in, x, most, largest, digit -> product(in, digit, factor), result);
    } else {
      Value.View b = in.plain(in.view(node, second));
      float[] less = new float[channels];
      int largest = 0;
      for (int c = 0; c < channels; c++) {
        less[c] = columnZeros[c];
        largest = Math.max(largest, largest(b.type(), columnZeros[c]));
      }
      Tensor factor = less(in, b.tensor(), less, channels);
      long inner = b.shape()[b.shape().length - 2];
      sum = sum(in, x, most, largest * inner, digit -> product(in, digit, factor), result);
    }
    return Importer.wrap(sum, Importer.identity(sum.shape().length)).as(result.type);
  }

  private static Tensor product(Importer in, Tensor a, Tensor b) {
    return in.builder.operation(new MatrixProduct(), List.of(a, b)).getFirst();
  }
}
