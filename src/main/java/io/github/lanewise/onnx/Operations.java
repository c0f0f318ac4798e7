package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Nodes that are an {@link Operation}: run, or computed at once where all inputs are known. */
final class Operations {

  private Operations() {}

  /** The order in memory in which {@link #apply} reads a value: of constants that of the file. */
  static int[] order(Value value) {
    return value instanceof Value.View view
        ? view.order()
        : Importer.identity(value.shape().length);
  }

  /** Where in an order an axis lies. */
  static int place(int[] order, int axis) {
    for (int i = 0; i < order.length; i++) {
      if (order[i] == axis) {
        return i;
      }
    }
    throw new IllegalStateException("no axis " + axis);
  }

  /**
   * All results of an operation.
   *
   * @param operation whose axes are those in memory
   * @param order of every result in memory
   * @param from views, which the operation reads as they lie, or only constants
   */
  static List<Value> apply(Importer in, Operation operation, int[] order, Value... from) {
    List<Value> results = new ArrayList<>();
    if (Arrays.stream(from).allMatch(value -> value instanceof Value.Const)) {
      int[][] shapes = Arrays.stream(from).map(Value::shape).toArray(int[][]::new);
      float[][] values = new float[from.length][];
      Arrays.setAll(values, i -> ((Value.Const) from[i]).asFloats());
      int[][] made = operation.shapes(shapes);
      for (int[] shape : made) {
        in.charge(Tensors.count(shape));
      }
      float[][] computed = operation.compute(shapes, values);
      for (int i = 0; i < made.length; i++) {
        results.add(Value.Const.of(made[i], computed[i]));
      }
    } else {
      List<Tensor> tensors = Arrays.stream(from).map(value -> in.view(value).tensor()).toList();
      for (Tensor result : in.builder.operation(operation, tensors)) {
        results.add(Importer.wrap(result, order));
      }
    }
    return results;
  }
}
