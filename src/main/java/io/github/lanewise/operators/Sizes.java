package io.github.lanewise.operators;

import java.util.Arrays;

/** Sizes of tensors. */
public final class Sizes {

  private Sizes() {}

  /** The number of values. */
  public static int count(int... shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  /** The number of values of the axes from one on up to another. */
  static int count(int[] shape, int from, int to) {
    return count(Arrays.copyOfRange(shape, from, to));
  }

  /** Of tensors whose axes, counted from the last, are equal or 1. */
  public static int[] broadcast(int[]... shapes) {
    int rank = Arrays.stream(shapes).mapToInt(s -> s.length).max().orElse(0);
    int[] out = new int[rank];
    Arrays.fill(out, 1);
    for (int[] shape : shapes) {
      for (int i = 1; i <= shape.length; i++) {
        int size = shape[shape.length - i];
        if (size != 1 && out[rank - i] != 1 && size != out[rank - i]) {
          throw new IllegalArgumentException(
              "shapes %s must be equal or 1 on each axis, counted from last"
                  .formatted(Arrays.deepToString(shapes)));
        }
        out[rank - i] = size == 1 ? out[rank - i] : size; // which may be 0
      }
    }
    return out;
  }

  static void axis(int axis, int[] shape) {
    if (axis < 0 || axis >= shape.length) {
      throw new IllegalArgumentException(
          "axis = %d must be an axis of %s".formatted(axis, Arrays.toString(shape)));
    }
  }
}
