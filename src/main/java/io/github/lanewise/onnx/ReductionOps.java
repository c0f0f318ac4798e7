package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Along;
import io.github.lanewise.operators.CumulativeSum;
import io.github.lanewise.operators.Extreme;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.Reduction;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Functions of all values along one or more axes. */
final class ReductionOps {

  private ReductionOps() {}

  static Value reduce(Importer in, Attributes node, Reduction.Kind kind) {
    Value x = in.input(node, 0);
    int axes = x.shape().length;
    int[] stated = ShapeOps.axes(in, node, axes);
    boolean isNoop = node.integer("noop_with_empty_axes", 0) != 0;
    boolean keeps = node.integer("keepdims", 1) != 0;
    boolean isAll = stated == null || stated.length == 0;
    if (isAll && isNoop) {
      return x;
    }
    int[] over = isAll ? Importer.identity(axes) : stated;
    Value result =
        kind == Reduction.Kind.MEAN && x instanceof Value.View view && isPlane(view, over)
            ? meanOfPlane(in, view, over)
            : whole(in, reduced(in, x, kind, over));
    return keeps ? result : without(in, result, over);
  }

  /** {@code (x - mean) / (deviation + 1e-9)}, over all but channels unless stated. */
  static Value meanVarianceNormalization(Importer in, Attributes node) {
    Value.View x = in.view(node, 0);
    long[] stated = node.longs("axes");
    long[] over = stated == null ? new long[] {0, 2, 3} : stated;
    int[] axes = Importer.axes(over, x.shape().length);
    Value.View mean = (Value.View) reduced(in, x, Reduction.Kind.MEAN, axes);
    Value.View rest = x.with(in.builder.subtract(x.tensor(), mean.tensor()));
    Tensor square = in.builder.multiply(rest.tensor(), rest.tensor());
    Value variance = reduced(in, rest.with(square), Reduction.Kind.MEAN, axes);
    Function root = Function.of(Function.Kind.SQRT);
    Value.View deviation = (Value.View) Operations.apply(in, root, x.type(), variance);
    Tensor tiny = in.builder.constant(new float[] {1e-9f}, 1);
    Tensor divisor = in.builder.add(deviation.tensor(), tiny);
    return x.with(in.builder.divide(rest.tensor(), divisor));
  }

  private static Value reduced(Importer in, Value x, Reduction.Kind kind, int[] over) {
    int[] places = Arrays.stream(over).map(axis -> Operations.place(x, axis)).toArray();
    return Operations.apply(in, new Reduction(kind, places), x.type(), x);
  }

  /** Of whole numbers a mean and the like loses its fraction. */
  private static Value whole(Importer in, Value x) {
    return x.type().isReal() || x instanceof Value.Const
        ? x
        : Operations.apply(in, ElementwiseOps.conversion(x.type()), x.type(), x);
  }

  private static boolean isPlane(Value.View x, int[] over) {
    return x.shape().length == 4 && over.length == 2 && x.type().isReal();
  }

  /** As of an image whose height and width these axes are, in whatever order they lie. */
  private static Value meanOfPlane(Importer in, Value.View x, int[] over) {
    int[] order = new int[4];
    int outer = 0;
    int inner = 1;
    for (int axis : x.order()) {
      if (axis == over[0] || axis == over[1]) {
        order[inner++] = axis;
      } else {
        order[outer] = axis;
        outer = 3;
      }
    }
    Tensor mean = in.builder.globalAveragePool(in.stored(x, order).tensor());
    return Importer.wrap(x.type(), mean, order);
  }

  /** Without axes that have the size 1. */
  private static Value without(Importer in, Value x, int... axes) {
    int[] shape =
        IntStream.range(0, x.shape().length)
            .filter(axis -> Arrays.stream(axes).noneMatch(a -> a == axis))
            .map(axis -> x.shape()[axis])
            .toArray();
    return ShapeOps.reshapedTo(in, x, shape);
  }

  static Value extreme(Importer in, Attributes node, boolean isMax) {
    Value x = in.input(node, 0);
    int axis = Importer.axis(node.integer("axis", 0), x.shape().length);
    boolean isLast = node.opset() >= 12 && node.integer("select_last_index", 0) != 0;
    Extreme extreme = new Extreme(isMax, isLast, Operations.place(x, axis));
    Value kept = Operations.apply(in, extreme, ElementType.INT64, x);
    return node.integer("keepdims", 1) != 0 ? kept : without(in, kept, axis);
  }

  /** A value, and the axis of it that Softmax and its like go along. */
  private record Lines(Value value, int axis) {
    /** Before opset 13 all axes from one on are one. */
    static Lines of(Importer in, Attributes node) {
      Value x = in.input(node, 0);
      int axes = x.shape().length;
      boolean flattens = node.opset() < 13;
      int axis = Importer.axis(node.integer("axis", flattens ? 1 : -1), axes);
      return flattens && axis < axes - 1
          ? new Lines(ShapeOps.reshapedTo(in, x, ShapeOps.flat(x.shape(), axis)), 1)
          : new Lines(x, axis);
    }
  }

  static Value softmax(Importer in, Attributes node) {
    Lines lines = Lines.of(in, node);
    Value.View x = in.view(lines.value);
    int[] order = ShapeOps.withLast(x.order(), lines.axis);
    Tensor result = in.builder.softmax(in.stored(x, order).tensor());
    return likeInput(in, node, Importer.wrap(x.type(), result, order));
  }

  static Value along(Importer in, Attributes node, Along.Kind kind) {
    Lines lines = Lines.of(in, node);
    Along operation = new Along(kind, Operations.place(lines.value, lines.axis));
    return likeInput(in, node, Operations.apply(in, operation, lines.value.type(), lines.value));
  }

  private static Value likeInput(Importer in, Attributes node, Value result) {
    int[] shape = in.input(node, 0).shape();
    return Arrays.equals(shape, result.shape()) ? result : ShapeOps.reshapedTo(in, result, shape);
  }

  static Value cumulativeSum(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int stated = (int) in.constant(node, 1, "the axis").single("the axis");
    int axis = Operations.place(x, Importer.axis(stated, x.shape().length));
    boolean isExclusive = node.integer("exclusive", 0) != 0;
    boolean isReverse = node.integer("reverse", 0) != 0;
    return Operations.apply(in, new CumulativeSum(axis, isExclusive, isReverse), x.type(), x);
  }
}
