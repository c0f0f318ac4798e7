package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Nodes that are an {@link Operation}: run, or computed at once where all inputs are known. */
final class Operations {
  /** Up to here floats hold all whole numbers. */
  private static final long EXACT = 1L << 24;

  private Operations() {}

  /** The order in memory in which {@link #apply} reads a value: of constants that of the file. */
  static int[] order(Value value) {
    return value instanceof Value.View view
        ? view.order()
        : Importer.identity(value.shape().length);
  }

  /** Where in memory {@link #apply} reads an axis of a value. */
  static int place(Value value, int axis) {
    return value instanceof Value.View view ? Importer.place(view, axis) : axis;
  }

  /** An operation on one value, which keeps its axes. */
  static Value apply(Importer in, Operation operation, ElementType type, Value from) {
    return apply(in, operation, type, order(from), from).getFirst();
  }

  /**
   * All results of an operation.
   *
   * @param operation whose axes are those in memory
   * @param type of every result
   * @param order of every result in memory
   * @param from views, which the operation reads as they lie, or only constants
   */
  static List<Value> apply(
      Importer in, Operation operation, ElementType type, int[] order, Value... from) {
    List<Value> results = new ArrayList<>();
    if (areConstant(from)) {
      int[][] shapes = Arrays.stream(from).map(Value::shape).toArray(int[][]::new);
      float[][] values =
          Arrays.stream(from).map(value -> floats((Value.Const) value)).toArray(float[][]::new);
      int[][] made = operation.shapes(shapes);
      for (int[] shape : made) {
        in.charge(Tensors.count(shape));
        in.charge(type, Tensors.count(shape));
      }
      float[][] computed = operation.compute(shapes, values);
      for (int i = 0; i < made.length; i++) {
        results.add(constant(type, made[i], computed[i]));
      }
    } else {
      List<Tensor> tensors = Arrays.stream(from).map(value -> in.view(value).tensor()).toList();
      for (Tensor result : in.builder.operation(operation, tensors)) {
        results.add(Importer.wrap(type, result, order));
      }
    }
    return results;
  }

  static boolean areConstant(Value... values) {
    return Arrays.stream(values).allMatch(value -> value instanceof Value.Const);
  }

  private static float[] floats(Value.Const c) {
    if (!c.type().isReal()) {
      for (long value : c.longs()) {
        checkExact(value >= -EXACT && value <= EXACT, value);
      }
    }
    return c.asFloats();
  }

  private static Value.Const constant(ElementType type, int[] shape, float[] values) {
    if (type.isReal()) {
      Object out = Value.Const.array(type, values.length);
      for (int i = 0; i < values.length; i++) {
        Value.Const.put(type, out, i, values[i]);
      }
      return new Value.Const(type, shape, out);
    }
    long[] out = new long[values.length];
    for (int i = 0; i < out.length; i++) {
      checkExact(Math.abs(values[i]) <= EXACT && values[i] == (long) values[i], values[i]);
      out[i] = type.wrapped((long) values[i]);
    }
    return new Value.Const(type, shape, out);
  }

  private static void checkExact(boolean isExact, Object value) {
    if (!isExact) {
      throw new OnnxException(
          "%s is no whole number up to 2^24, beyond which floats do not hold them all"
              .formatted(value));
    }
  }
}
