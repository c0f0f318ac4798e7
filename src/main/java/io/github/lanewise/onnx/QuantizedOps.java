package io.github.lanewise.onnx;

import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.MatrixProduct;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Quantization;
import io.github.lanewise.operators.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private static final Value NO_ZERO = new Value.Const(ElementType.INT32, new int[0], new long[1]);

  /**
   * How a tensor of whole numbers came about, so that what reads it need not undo it: a scale for
   * the real values, and a zero, for all of them.
   */
  static final class Made {
    private final Quantization.Quantize operation;
    private final Value scale;
    private final Value zero;

    /** What the operation reads. */
    private final List<Tensor> from;

    /** What was made of that. */
    private final Map<Quantization.Quantize, Tensor> results = new HashMap<>();

    Made(Quantization.Quantize operation, Value scale, Value zero, List<Tensor> from) {
      this.operation = operation;
      this.scale = scale;
      this.zero = zero;
      this.from = from;
    }

    Tensor result(Importer in, int least, int most, Quantization.Result result) {
      return results.computeIfAbsent(
          new Quantization.Quantize(least, most, operation.divides(), result),
          other -> in.builder.operation(other, from).getFirst());
    }

    Tensor result(Importer in, Quantization.Result result) {
      return result(in, operation.least(), operation.most(), result);
    }
  }

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
    Value scale = in.input(node, 1);
    Value zero = in.has(node, 2) ? in.input(node, 2) : NO_ZERO;
    if (in.input(node, 0) instanceof Value.View x && isForAll(node, scale, zero)) {
      List<Tensor> from = List.of(x.tensor(), number(in, scale), number(in, zero));
      return x.with(quantized(in, from, true, scale, zero, least(type), most(type))).as(type);
    }
    return scaled(in, node, operation(type, true), type);
  }

  static Value dequantize(Importer in, Attributes node) {
    node.ignore("output_dtype"); // that of the scale
    Value scale = in.input(node, 1);
    Value zero = in.has(node, 2) ? in.input(node, 2) : NO_ZERO;
    Value x = in.input(node, 0);
    Made made = x instanceof Value.View view ? in.quantized.get(view.tensor()) : null;
    if (made != null && isForAll(node, scale, zero) && isSame(made.zero, zero)) {
      Tensor real =
          isSame(made.scale, scale)
              ? made.result(in, Quantization.Result.REAL)
              : in.builder.multiply(
                  made.result(in, Quantization.Result.DISTANCE), number(in, scale));
      return ((Value.View) x).with(real).as(scale.type());
    }
    return scaled(in, node, new Quantization.Dequantize(), scale.type());
  }

  /** A range of whole numbers that were quantized is quantized to; null of others. */
  static Value clipped(Importer in, Value.View x, float min, float max) {
    Made made = in.quantized.get(x.tensor());
    if (made == null || x.type().isReal() || !made.operation.divides() || !(min <= max)) {
      return null;
    }
    int least = (int) Math.max(made.operation.least(), Math.ceil(min));
    int most = (int) Math.min(made.operation.most(), Math.floor(max));
    return least > most
        ? null
        : x.with(quantized(in, made.from, true, made.scale, made.zero, least, most));
  }

  /**
   * The whole numbers of a tensor.
   *
   * @param from the tensor, the scale and the zero
   * @param divides whether by the scale
   * @param scale for all of the real values; null where it is not known
   */
  private static Tensor quantized(
      Importer in,
      List<Tensor> from,
      boolean divides,
      Value scale,
      Value zero,
      int least,
      int most) {
    Quantization.Quantize operation =
        new Quantization.Quantize(least, most, divides, Quantization.Result.NUMBER);
    Made made = new Made(operation, scale, zero, from);
    Tensor result = made.result(in, Quantization.Result.NUMBER);
    in.quantized.put(result, made);
    return result;
  }

  private static Quantization.Quantize operation(ElementType type, boolean divides) {
    return new Quantization.Quantize(least(type), most(type), divides, Quantization.Result.NUMBER);
  }

  /** Whether there is one scale, and one zero. */
  private static boolean isForAll(Attributes node, Value scale, Value zero) {
    node.ignore("axis");
    return node.integer("block_size", 0) == 0 && isNumber(scale) && isNumber(zero);
  }

  private static boolean isNumber(Value value) {
    return Tensors.count(value.shape()) == 1;
  }

  /** One number for all. */
  private static Tensor number(Importer in, Value value) {
    return in.builder.reshape(in.view(value).tensor());
  }

  private static boolean isSame(Value a, Value b) {
    return b.equals(a)
        || (a instanceof Value.Const p
            && b instanceof Value.Const q
            && isNumber(p)
            && isNumber(q)
            && p.at(0) == q.at(0));
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
    Value zero = in.has(node, 2) ? in.input(node, 2) : NO_ZERO;
    if (x instanceof Value.Const c && x.type() == ElementType.INT32) {
      x = Folding.cast(in, c, ElementType.FLOAT32); // of any magnitude, as biases are
    }
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
                shaped(in, repeated(in, zero, part), part, order2, isKnown))
            .getFirst();
    return block > 0 ? shaped(in, result, shape, order, isKnown) : result;
  }

  /** A number that is known as often as a shape has it: what meets rows is fast as a row. */
  private static Value repeated(Importer in, Value value, int[] shape) {
    if (!(value instanceof Value.Const c) || c.length() != 1) {
      return value;
    }
    in.charge(Tensors.count(shape));
    float[] numbers = new float[(int) Tensors.count(shape)];
    Arrays.fill(numbers, c.asFloats()[0]);
    return Value.Const.of(shape, numbers);
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
    int[] axes = Importer.identity(x.shape().length);
    List<Tensor> range = new ArrayList<>();
    for (Reduction.Kind kind : List.of(Reduction.Kind.MIN, Reduction.Kind.MAX)) {
      range.addAll(in.builder.operation(new Reduction(kind, axes), List.of(x.tensor())));
    }
    List<Tensor> made = in.builder.operation(new Quantization.Range(), range);
    Value.View scale = Importer.wrap(made.getFirst(), new int[0]);
    Value.View zero = Importer.wrap(made.getLast(), new int[0]).as(ElementType.UINT8);
    for (int i = 1; i < Math.min(3, node.outputs().size()); i++) {
      if (!node.outputs().get(i).isEmpty()) {
        in.define(node.outputs().get(i), i == 1 ? scale : zero);
      }
    }
    List<Tensor> from = List.of(x.tensor(), scale.tensor(), zero.tensor());
    Tensor numbers =
        quantized(in, from, true, scale, zero, least(ElementType.UINT8), most(ElementType.UINT8));
    return x.with(numbers).as(ElementType.UINT8);
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
    Value.Const zero = in.constant(node, 7, "the zero point");
    Value.View view = in.view(node, 0);
    Tensor sum = conv(in, node, w, in.input(node, 2), zeros(in, node, 5, channels), bias);
    Tensor result = requantized(in, sum, factor(in, node, 4, channels), zero);
    return in.imageView(result, view).as(zero.type());
  }

  static Value convInteger(Importer in, Attributes node) {
    Value.Const w = in.constant(node, 1, "the weights");
    int channels = w.shape()[0];
    Value zero = in.has(node, 2) ? in.input(node, 2) : NO_ZERO;
    Tensor sum = conv(in, node, w, zero, zeros(in, node, 3, channels), new int[channels]);
    return in.imageView(sum, in.view(node, 0)).as(ElementType.INT32);
  }

  /** Sums as whole numbers again, by a factor for each of the last axis. */
  private static Tensor requantized(Importer in, Tensor sum, float[] factor, Value.Const zero) {
    float[] zeros = new float[factor.length];
    Arrays.fill(zeros, (float) zero.single("the zero point"));
    List<Tensor> from =
        List.of(
            sum,
            in.builder.constant(factor, factor.length),
            in.builder.constant(zeros, factor.length));
    return quantized(in, from, false, null, zero, least(zero.type()), most(zero.type()));
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

  private static Tensor conv(
      Importer in, Attributes node, Value.Const w, Value zero, int[] zeros, int[] offset) {
    Value.View view = in.view(node, 0);
    if (!isNumber(zero)) {
      throw new OnnxException(
          "the zero point's shape is %s, must be one number".formatted(zero.shapeText()));
    }
    Tensor x = in.image(view.with(less(in, view.tensor(), zero)));
    ConvShape shape = ConvolutionOps.shape(node, view, x, w);
    ConvolutionOps.charge(in, shape);
    int taps = w.length() / zeros.length;
    float[] weights = without(w, i -> zeros[i / taps]);
    long largest = largestSum(weights, zeros.length, i -> i / taps);
    in.charge(weights.length);
    ConvWeights packed = ConvWeights.of(weights, WeightOrder.OIHW);
    return sum(
        in,
        x,
        largest(view.type(), zero),
        largest,
        digit -> in.builder.convolution(digit, shape, packed),
        offset);
  }

  /** Less a zero, for all or of another shape. */
  private static Tensor less(Importer in, Tensor x, Value zero, int... shape) {
    Made made = in.quantized.get(x);
    if (made != null && isSame(made.zero, zero)) {
      return made.result(in, Quantization.Result.DISTANCE);
    }
    if (zero instanceof Value.Const c
        && Arrays.stream(c.asLongs("the zero point")).allMatch(z -> z == 0)) {
      return x;
    }
    return in.builder.subtract(x, in.builder.reshape(in.plain(in.view(zero)).tensor(), shape));
  }

  /** The largest magnitude of a number of a type, less a zero, which may not be known. */
  private static int largest(ElementType type, Value zero) {
    if (type.isReal() || type.bits() > BYTE) {
      throw new OnnxException("the input must be of int8 or uint8, not " + type);
    }
    int largest = most(type) - least(type);
    if (zero instanceof Value.Const c) {
      largest = 0;
      for (long z : c.asLongs("the zero point")) {
        long farthest = Math.max(Math.abs(least(type) - z), Math.abs(most(type) - z));
        largest = Math.toIntExact(Math.max(largest, farthest));
      }
    }
    return largest;
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
   * @param offset added to each of the last axis
   */
  private static Tensor sum(
      Importer in, Tensor x, int most, long weights, UnaryOperator<Tensor> product, int[] offset) {
    long largest = Arrays.stream(offset).mapToLong(i -> Math.abs((long) i)).max().orElse(0);
    if (most * weights + largest <= LARGEST) {
      Tensor sum = product.apply(x);
      return largest == 0 ? sum : in.builder.add(sum, offset(in, offset));
    }
    int bits = BYTE / 2;
    while (bits > 1 && ((1 << bits) - 1) * weights > LARGEST) {
      bits /= 2;
    }
    if (((1 << bits) - 1) * weights > LARGEST) {
      throw new OnnxException("sums of up to " + most * weights + " are not supported");
    }
    List<Tensor> sums = new ArrayList<>();
    in.builder
        .operation(new Quantization.Digits(BYTE / bits, bits), List.of(x))
        .forEach(part -> sums.add(product.apply(part)));
    return in.builder.operation(new Quantization.Sum(bits, offset), sums).getFirst();
  }

  private static Tensor offset(Importer in, int[] offset) {
    float[] floats = new float[offset.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = offset[i];
    }
    return in.builder.constant(floats, floats.length);
  }

  static Value matMul(Importer in, Attributes node) {
    float[] factor = factor(in, node, 4, last(in.input(node, 3)));
    Value.Const zero = in.constant(node, 7, "the zero point");
    Tensor result = requantized(in, matMul(in, node, 3, 2, 5), factor, zero);
    return Importer.wrap(result, Importer.identity(result.shape().length)).as(zero.type());
  }

  static Value matMulInteger(Importer in, Attributes node) {
    Tensor sum = matMul(in, node, 1, 2, 3);
    return Importer.wrap(sum, Importer.identity(sum.shape().length)).as(ElementType.INT32);
  }

  private static int last(Value value) {
    int[] shape = value.shape();
    if (shape.length < 2) {
      throw new OnnxException("a factor of shape " + value.shapeText() + " is no matrix");
    }
    return shape[shape.length - 1];
  }

  private static Tensor matMul(Importer in, Attributes node, int second, int aZero, int bZero) {
    Value.View a = in.view(node, 0);
    last(a);
    int rows = a.shape()[a.shape().length - 2];
    Value zero = in.has(node, aZero) ? in.input(node, aZero) : NO_ZERO;
    long zeros = Tensors.count(zero.shape());
    if (zeros != 1 && zeros != rows) {
      throw new OnnxException("there are %d zero points, must be 1 or %d".formatted(zeros, rows));
    }
    int most = largest(a.type(), zero);
    Tensor x =
        zeros == 1
            ? in.plain(a.with(less(in, a.tensor(), zero))).tensor()
            : less(in, in.plain(a).tensor(), zero, rows, 1);
    int channels = last(in.input(node, second));
    if (in.input(node, second) instanceof Value.Const b) {
      int[] columnZeros = zeros(in, node, bZero, channels);
      float[] matrix = without(b, i -> columnZeros[i % channels]);
      int size = b.shape()[b.shape().length - 2] * channels;
      long largest =
          largestSum(
              matrix, matrix.length / size * channels, i -> i / size * channels + i % channels);
      in.charge(2L * matrix.length);
      Tensor factor = in.builder.constant(matrix, b.shape());
      return sum(in, x, most, largest, digit -> product(in, digit, factor), new int[channels]);
    }
    Value.View b = in.plain(in.view(node, second));
    Value less = in.has(node, bZero) ? in.input(node, bZero) : NO_ZERO;
    Tensor factor = less(in, b.tensor(), less, isNumber(less) ? new int[0] : new int[] {channels});
    long inner = b.shape()[b.shape().length - 2];
    long largest = largest(b.type(), less) * inner;
    return sum(in, x, most, largest, digit -> product(in, digit, factor), new int[channels]);
  }

  private static Tensor product(Importer in, Tensor a, Tensor b) {
    return in.builder.operation(new MatrixProduct(), List.of(a, b)).getFirst();
  }
}
