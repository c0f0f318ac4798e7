package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import java.util.Arrays;

/** What a name in the file stands for while it is read. */
sealed interface Value {

  /** Of its numbers, as the file counts them. */
  ElementType type();

  /** Sizes as the file counts them. */
  int[] shape();

  /** Sizes as text, for messages. */
  default String shapeText() {
    return Arrays.toString(shape());
  }

  /**
   * A tensor of the network, whose axes may lie in memory in another order than the file counts
   * them: axis i in memory is axis {@code order[i]} of the file. A Transpose of the file only
   * changes this view. Whatever the type, a run computes with float32, which holds whole numbers
   * exactly up to 2^24, false as 0 and true as 1.
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  record View(ElementType type, Tensor tensor, int[] shape, int[] order) implements Value {

    /** Another tensor of the same type, shape and order. */
    View with(Tensor other) {
      return new View(type, other, shape, order);
    }

    /** The same tensor, called one of another type. */
    View as(ElementType other) {
      return new View(other, tensor, shape, order);
    }
  }

  /**
   * Values known when the file is read, in their type's own arithmetic. {@code numbers} is a {@code
   * double[]} of float64, a {@code float[]} of the other real types, a {@code long[]} of whole ones
   * (uint64 in the bits of a long, false as 0 and true as 1).
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  record Const(ElementType type, int[] shape, Object numbers) implements Value {

    static Const of(int[] shape, float[] floats) {
      return new Const(ElementType.FLOAT32, shape, floats);
    }

    /** Of int64, as shapes, axes and the like are. */
    static Const of(int[] shape, long[] longs) {
      return new Const(ElementType.INT64, shape, longs);
    }

    /** Without values: of a shape that has a size of 0. */
    static Const empty(ElementType type, int[] shape) {
      return new Const(type, shape, array(type, 0));
    }

    /** An array for the numbers of a type, to be filled by {@link #put}. */
    static Object array(ElementType type, int count) {
      return !type.isReal()
          ? new long[count]
          : type == ElementType.FLOAT64 ? new double[count] : new float[count];
    }

    /** Sets a number of an {@link #array} of a real type, rounded to it. */
    static void put(ElementType type, Object numbers, int i, double value) {
      if (numbers instanceof double[] doubles) {
        doubles[i] = value;
      } else {
        ((float[]) numbers)[i] = (float) type.rounded(value);
      }
    }

    int length() {
      return numbers instanceof float[] floats
          ? floats.length
          : numbers instanceof long[] longs ? longs.length : ((double[]) numbers).length;
    }

    /** A number as a real one, where it is whole exact up to 2^53. */
    double at(int i) {
      return numbers instanceof float[] floats
          ? floats[i]
          : numbers instanceof long[] longs ? type.real(longs[i]) : ((double[]) numbers)[i];
    }

    /** The numbers of a whole type. */
    long[] longs() {
      return (long[]) numbers;
    }

    float[] asFloats() {
      if (numbers instanceof float[] floats) {
        return floats;
      }
      float[] out = new float[length()];
      for (int i = 0; i < out.length; i++) {
        out[i] = (float) at(i);
      }
      return out;
    }

    /** The numbers of a whole type that {@code what} has to be of. */
    long[] asLongs(String what) {
      if (type.isReal()) {
        throw new OnnxException(what + " must be whole numbers, not " + type);
      }
      return longs();
    }

    /** As sizes, axes and the like: whole numbers within an int. */
    int[] asInts(String what) {
      long[] longs = asLongs(what);
      int[] out = new int[longs.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = Attributes.toInt(what, longs[i]);
      }
      return out;
    }

    /** The one number that {@code what} has to be. */
    double single(String what) {
      if (length() != 1) {
        throw new OnnxException(
            "%s has the shape %s, must be one number".formatted(what, shapeText()));
      }
      return at(0);
    }

    Const reshaped(int... newShape) {
      return new Const(type, newShape, numbers);
    }

    /** With leading axes of size 1, up to a number of axes. */
    Const withAxes(int axes) {
      int[] more = new int[axes];
      Arrays.fill(more, 1);
      System.arraycopy(shape, 0, more, axes - shape.length, shape.length);
      return reshaped(more);
    }

    /** With the axes in another order. */
    Const transposed(int[] order) {
      int[] own = steps();
      int[] to = new int[order.length];
      int[] step = new int[order.length];
      for (int i = 0; i < order.length; i++) {
        to[i] = shape[order[i]];
        step[i] = own[order[i]];
      }
      return stepped(to, step);
    }

    /**
     * What broadcasts to these values: an axis along which they repeat is of size 1, unless {@code
     * like}, with as many axes, has another size there.
     */
    Const unrepeated(int[] like) {
      int[] steps = steps();
      int[] to = shape.clone();
      for (int axis = 0; axis < to.length && length() > 0; axis++) {
        if (to[axis] > 1 && like[axis] == to[axis] && repeats(to[axis], steps[axis])) {
          to[axis] = 1;
        }
      }
      return Arrays.equals(to, shape) ? this : stepped(to, steps);
    }

    /** Whether all numbers that lie a step apart along an axis are the same. */
    private boolean repeats(int size, int step) {
      for (int i = 0; i + step < length(); i++) {
        if (i / step % size < size - 1 && !isSame(i, i + step)) {
          return false;
        }
      }
      return true;
    }

    private boolean isSame(int i, int j) {
      return numbers instanceof long[] longs
          ? longs[i] == longs[j]
          : Double.compare(at(i), at(j)) == 0;
    }

    /** From a number to the next one along each axis. */
    private int[] steps() {
      int[] steps = new int[shape.length];
      int product = 1;
      for (int i = shape.length - 1; i >= 0; i--) {
        steps[i] = product;
        product *= shape[i];
      }
      return steps;
    }

    /** With other sizes, and other steps from a number to the next one along each axis. */
    private Const stepped(int[] to, int[] steps) {
      int count = 1;
      for (int size : to) {
        count *= size;
      }
      int[] from = new int[count];
      for (int i = 0; i < count; i++) {
        int rest = i;
        for (int axis = to.length - 1; axis >= 0; axis--) {
          from[i] += rest % to[axis] * steps[axis];
          rest /= to[axis];
        }
      }
      return picked(to, from);
    }

    /** The values at these places. */
    Const picked(int[] newShape, int[] places) {
      Object out = array(type, places.length);
      if (numbers instanceof float[] floats) {
        float[] to = (float[]) out;
        for (int i = 0; i < to.length; i++) {
          to[i] = floats[places[i]];
        }
      } else if (numbers instanceof long[] longs) {
        long[] to = (long[]) out;
        for (int i = 0; i < to.length; i++) {
          to[i] = longs[places[i]];
        }
      } else {
        double[] to = (double[]) out;
        for (int i = 0; i < to.length; i++) {
          to[i] = ((double[]) numbers)[places[i]];
        }
      }
      return new Const(type, newShape, out);
    }
  }
}
