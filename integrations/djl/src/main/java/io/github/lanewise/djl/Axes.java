package io.github.lanewise.djl;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Where the elements of arrays lie, of which the last axis is the fastest. */
final class Axes {
  private Axes() {}

  static int size(Shape shape) {
    long size = 1;
    for (long axis : shape.getShape()) {
      if (axis < 0) {
        throw new IllegalArgumentException("shape = " + shape + " must have no negative size");
      }
      size = Math.multiplyExact(size, axis);
    }
    return Math.toIntExact(size);
  }

  /** Product of the sizes of {@code [from, to)}. */
  static int size(Shape shape, int from, int to) {
    return size(shape.slice(from, to));
  }

  /** An axis that may count from the end, as -1 does. */
  static int axis(int axis, int rank) {
    int found = axis < 0 ? axis + rank : axis;
    if (found < 0 || found >= rank) {
      throw new IllegalArgumentException(
          "axis = %d must be in [-%2$d, %2$d)".formatted(axis, rank));
    }
    return found;
  }

  static int[] axes(int[] axes, int rank) {
    int[] found = Arrays.stream(axes).map(axis -> axis(axis, rank)).toArray();
    if (Arrays.stream(found).distinct().count() < found.length) {
      throw new IllegalArgumentException(
          "axes = " + Arrays.toString(axes) + " must have none twice");
    }
    return found;
  }

  /** From one index of each axis to the next. */
  static int[] strides(Shape shape) {
    int[] strides = new int[shape.dimension()];
    int stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= (int) shape.get(i);
    }
    return strides;
  }

  /** The strides of an array that is read as a larger shape, by repeating it. */
  static int[] strides(Shape shape, Shape as) {
    int[] own = strides(shape);
    int[] strides = new int[as.dimension()];
    int added = strides.length - own.length;
    for (int i = 0; i < own.length; i++) {
      if (shape.get(i) != 1) {
        strides[added + i] = own[i];
      }
    }
    return strides;
  }

  /** The places of all elements, in order. */
  static int[] places(Shape shape, int[] strides, int offset) {
    int[] places = new int[size(shape)];
    int[] sizes = Arrays.stream(shape.getShape()).mapToInt(Math::toIntExact).toArray();
    int[] index = new int[sizes.length];
    int place = offset;
    for (int i = 0; i < places.length; i++) {
      places[i] = place;
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        place += strides[axis];
        if (++index[axis] < sizes[axis]) {
          break;
        }
        place -= sizes[axis] * strides[axis];
        index[axis] = 0;
      }
    }
    return places;
  }

  /** The places of all elements, those along {@code last} next to one another. */
  static int[] places(Shape shape, int... last) {
    int[] order = order(shape.dimension(), last);
    return places(sizes(shape, order), pick(strides(shape), order), 0);
  }

  /** All axes, some of them last. */
  private static int[] order(int rank, int[] last) {
    int[] order = new int[rank];
    int n = 0;
    for (int axis = 0; axis < rank; axis++) {
      if (!contains(last, axis)) {
        order[n++] = axis;
      }
    }
    System.arraycopy(last, 0, order, n, last.length);
    return order;
  }

  static boolean contains(int[] axes, int axis) {
    return Arrays.stream(axes).anyMatch(each -> each == axis);
  }

  static Shape sizes(Shape shape, int[] axes) {
    return new Shape(Arrays.stream(axes).mapToLong(shape::get).toArray());
  }

  static int[] pick(int[] values, int[] axes) {
    return Arrays.stream(axes).map(axis -> values[axis]).toArray();
  }

  /** Without some axes, or with the size 1 for each. */
  static Shape without(Shape shape, int[] axes, boolean isKept) {
    long[] sizes = new long[shape.dimension()];
    int n = 0;
    for (int axis = 0; axis < sizes.length; axis++) {
      if (!contains(axes, axis)) {
        sizes[n++] = shape.get(axis);
      } else if (isKept) {
        sizes[n++] = 1;
      }
    }
    return new Shape(Arrays.copyOf(sizes, n));
  }

  /** With one axis more. */
  static Shape with(Shape shape, int axis, long size) {
    return shape.slice(0, axis).add(size).addAll(shape.slice(axis));
  }

  /** What two arrays have in common where sizes of 1 and missing first axes repeat. */
  static Shape broadcast(Shape a, Shape b) {
    int rank = Math.max(a.dimension(), b.dimension());
    long[] sizes = new long[rank];
    for (int i = 1; i <= rank; i++) {
      long x = i <= a.dimension() ? a.get(a.dimension() - i) : 1;
      long y = i <= b.dimension() ? b.get(b.dimension() - i) : 1;
      if (x != y && x != 1 && y != 1) {
        throw new IllegalArgumentException(
            "shapes %s and %s must be equal, or 1, from the last axis on".formatted(a, b));
      }
      sizes[rank - i] = x == 1 ? y : x;
    }
    return new Shape(sizes);
  }
}
