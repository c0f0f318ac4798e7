package io.github.lanewise.network;

import io.github.lanewise.ConvPlan;
import java.util.Arrays;

/** One step of a network: an operator, bound to the places of its tensors. Immutable. */
public final class Step {
  private final String name;
  private final Operator operator;
  private final int[] shape;
  private final Arena.Storage a;
  private final Arena.Storage b;
  private final Arena.Storage dst;

  Step(
      String name,
      Operator operator,
      int[] shape,
      Arena.Storage a,
      Arena.Storage b,
      Arena.Storage dst) {
    this.name = name;
    this.operator = operator;
    this.shape = shape;
    this.a = a;
    this.b = b;
    this.dst = dst;
  }

  void run(Context context) {
    float[][] arrays = context.arrays;
    operator.run(
        context,
        arrays[a.array],
        a.offset,
        b == null ? null : arrays[b.array],
        b == null ? 0 : b.offset,
        arrays[dst.array],
        dst.offset);
  }

  Operator operator() {
    return operator;
  }

  /**
   * The name of the tensor that it makes.
   *
   * @return as in the builder or the file, the last of what was fused
   */
  public String name() {
    return name;
  }

  /**
   * What it computes.
   *
   * @return operator and parameters; of a convolution operator, shape and activations
   */
  public String description() {
    return operator.describe();
  }

  /**
   * The plan of a convolution, whose {@code toString()} tells kernels and tiles.
   *
   * @return the plan, or null if the step is no convolution
   */
  public ConvPlan plan() {
    return operator.plan();
  }

  /**
   * The shape of its result, NHWC.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * Multiplications of a convolution by its definition.
   *
   * @return 0 for other operators
   */
  public long multiplications() {
    return operator.multiplications();
  }

  /** Where the result lies: an offset in the arena, or an output's array. */
  String place() {
    return dst.array == 0 ? "@" + dst.offset : "output";
  }

  @Override
  public String toString() {
    return "%s %s %s".formatted(name, description(), Arrays.toString(shape));
  }
}
