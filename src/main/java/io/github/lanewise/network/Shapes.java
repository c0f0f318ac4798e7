package io.github.lanewise.network;

import java.util.Arrays;

/** The shape of an operator's result, and what is wrong with arguments that have none. */
final class Shapes {

  private Shapes() {}

  /** The number of elements, which must fit an array and be at least one. */
  static int elements(String name, int... shape) {
    return elements(name, 1, shape);
  }

  /** The same of a tensor that may be empty. */
  static int elementsOrNone(String name, int... shape) {
    return elements(name, 0, shape);
  }

  private static int elements(String name, int least, int... shape) {
    long product = 1;
    for (int size : shape) {
      if (size < least) {
        throw new IllegalArgumentException(
            "%s: sizes %s must be %d or more".formatted(name, Arrays.toString(shape), least));
      }
      product *= size;
      if (product > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "%s: sizes %s exceed 2^31 - 1 elements, the limit of a Java array"
                .formatted(name, Arrays.toString(shape)));
      }
    }
    return (int) product;
  }

  static int[] padded(Tensor x, int[] before, int[] after) {
    int[] out = new int[x.shape.length];
    if (before.length != out.length || after.length != out.length) {
      throw new IllegalArgumentException(
          "before.length = %d and after.length = %d must be the number of axes of %s"
              .formatted(before.length, after.length, x));
    }
    for (int i = 0; i < out.length; i++) {
      long size = (long) x.shape[i] + before[i] + after[i];
      if (before[i] < 0 || after[i] < 0 || size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "before[%1$d] = %2$d and after[%1$d] = %3$d must be 0 or more and fit into an int"
                .formatted(i, before[i], after[i]));
      }
      out[i] = (int) size;
    }
    return out;
  }

  static int[] joined(int axis, Tensor... parts) {
    if (parts.length == 0) {
      throw new IllegalArgumentException("parts must not be empty");
    }
    int[] out = parts[0].shape.clone();
    if (axis < 0 || axis >= out.length) {
      throw new IllegalArgumentException("axis = " + axis + " must be an axis of " + parts[0]);
    }
    long size = 0;
    for (Tensor part : parts) {
      int[] rest = part.shape.clone();
      size += axis < rest.length ? rest[axis] : 0;
      if (rest.length == out.length) {
        rest[axis] = out[axis];
      }
      if (!Arrays.equals(rest, out) || size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "%s and %s must be equal on every axis but %d, and their sum fit into an int"
                .formatted(part, parts[0], axis));
      }
    }
    out[axis] = (int) size;
    return out;
  }

  static int[] reordered(Tensor x, int[] order) {
    int[] out = new int[order.length];
    boolean[] seen = new boolean[x.shape.length];
    for (int i = 0; i < order.length; i++) {
      if (order.length != seen.length
          || order[i] < 0
          || order[i] >= seen.length
          || seen[order[i]]) {
        throw new IllegalArgumentException(
            "order = %s must name each axis of %s once".formatted(Arrays.toString(order), x));
      }
      seen[order[i]] = true;
      out[i] = x.shape[order[i]];
    }
    return out;
  }

  static void within(String name, float value, float max) {
    if (!(value >= 0 && value <= max)) {
      throw new IllegalArgumentException(
          "%s has %s, which must lie in 0 .. %s".formatted(name, value, max));
    }
  }

  static void length(String name, float[] values, int length) {
    if (notNull(name, values).length != length) {
      throw new IllegalArgumentException(
          "%s.length = %d must be %d".formatted(name, values.length, length));
    }
  }

  static <T> T notNull(String name, T value) {
    if (value == null) {
      throw new NullPointerException(name + " is null");
    }
    return value;
  }
}
