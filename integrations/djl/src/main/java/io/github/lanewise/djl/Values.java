package io.github.lanewise.djl;

import ai.djl.ndarray.types.DataType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * The Java arrays that hold the values of each type: {@code float[]}, {@code double[]}, {@code
 * int[]}, {@code long[]}, and {@code byte[]} for int8, uint8 and boolean, which is 0 or 1. Integers
 * are computed with as long, other numbers as double, which rounds once as float32 does.
 */
final class Values {
  private Values() {}

  static Object allocate(DataType type, int length) {
    return switch (type) {
      case FLOAT32 -> new float[length];
      case FLOAT64 -> new double[length];
      case INT32 -> new int[length];
      case INT64 -> new long[length];
      case INT8, UINT8, BOOLEAN -> new byte[length];
      default ->
          throw new UnsupportedOperationException(
              "type = "
                  + type
                  + " must be float32, float64, int8, uint8, int32, int64 or boolean for Lanewise");
    };
  }

  /** Copies from a buffer's position on, which stays; bytes are read in the buffer's order. */
  static Object read(Buffer data, DataType type, int length) {
    Object values = allocate(type, length);
    Buffer typed =
        data instanceof ByteBuffer bytes
            ? type.asDataType(bytes.duplicate().order(bytes.order()))
            : data;
    if (typed.remaining() < length) {
      throw new IllegalArgumentException(
          "data.remaining() = %d must be %d values of %s at least"
              .formatted(typed.remaining(), length, type));
    }
    int at = typed.position();
    switch (typed) {
      case FloatBuffer b when values instanceof float[] to -> b.get(at, to);
      case DoubleBuffer b when values instanceof double[] to -> b.get(at, to);
      case IntBuffer b when values instanceof int[] to -> b.get(at, to);
      case LongBuffer b when values instanceof long[] to -> b.get(at, to);
      case ByteBuffer b when values instanceof byte[] to -> b.get(at, to);
      default ->
          throw new IllegalArgumentException(
              "data of " + data.getClass().getSimpleName() + " must hold values of type " + type);
    }
    return type == DataType.BOOLEAN ? of(toLongs(values, type), type) : values;
  }

  /** A copy, in the machine's byte order. */
  static ByteBuffer bytes(Object values, DataType type, int length) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(length, type.getNumOfBytes()))
            .order(ByteOrder.nativeOrder());
    switch (values) {
      case float[] v -> bytes.asFloatBuffer().put(v);
      case double[] v -> bytes.asDoubleBuffer().put(v);
      case int[] v -> bytes.asIntBuffer().put(v);
      case long[] v -> bytes.asLongBuffer().put(v);
      default -> bytes.duplicate().put((byte[]) values);
    }
    return bytes;
  }

  /** {@code dst[to[i]] = src[from[i]]}, of arrays of the same type. */
  static void move(Object src, int[] from, Object dst, int[] to) {
    switch (dst) {
      case float[] d -> {
        float[] s = (float[]) src;
        for (int i = 0; i < to.length; i++) {
          d[to[i]] = s[from[i]];
        }
      }
      case double[] d -> {
        double[] s = (double[]) src;
        for (int i = 0; i < to.length; i++) {
          d[to[i]] = s[from[i]];
        }
      }
      case int[] d -> {
        int[] s = (int[]) src;
        for (int i = 0; i < to.length; i++) {
          d[to[i]] = s[from[i]];
        }
      }
      case long[] d -> {
        long[] s = (long[]) src;
        for (int i = 0; i < to.length; i++) {
          d[to[i]] = s[from[i]];
        }
      }
      default -> {
        byte[] d = (byte[]) dst;
        byte[] s = (byte[]) src;
        for (int i = 0; i < to.length; i++) {
          d[to[i]] = s[from[i]];
        }
      }
    }
  }

  static double[] toDoubles(Object values, DataType type) {
    if (!(values instanceof float[] floats)) {
      return values instanceof double[] doubles ? doubles.clone() : doubles(toLongs(values, type));
    }
    double[] result = new double[floats.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = floats[i];
    }
    return result;
  }

  private static double[] doubles(long[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i];
    }
    return result;
  }

  /** Of a type of integers. */
  static long[] toLongs(Object values, DataType type) {
    if (values instanceof long[] longs) {
      return longs.clone();
    }
    if (values instanceof int[] ints) {
      long[] result = new long[ints.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = ints[i];
      }
      return result;
    }
    byte[] bytes = (byte[]) values;
    long[] result = new long[bytes.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = type == DataType.INT8 ? bytes[i] : Byte.toUnsignedInt(bytes[i]);
    }
    return result;
  }

  /** Of another type. Fractions are cut off, integers keep their lowest bits. */
  static Object convert(Object values, DataType from, DataType to) {
    return from.isFloating() ? of(toDoubles(values, from), to) : of(toLongs(values, from), to);
  }

  /** The array itself for float64. */
  static Object of(double[] values, DataType type) {
    if (type == DataType.FLOAT64) {
      return values;
    }
    if (type == DataType.FLOAT32) {
      float[] result = new float[values.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = (float) values[i];
      }
      return result;
    }
    long[] result = new long[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = type == DataType.BOOLEAN ? (values[i] != 0 ? 1 : 0) : (long) values[i];
    }
    return of(result, type);
  }

  static Object of(long[] values, DataType type) {
    Object result = allocate(type, values.length);
    switch (result) {
      case float[] v -> {
        for (int i = 0; i < v.length; i++) {
          v[i] = values[i];
        }
      }
      case double[] v -> {
        for (int i = 0; i < v.length; i++) {
          v[i] = values[i];
        }
      }
      case int[] v -> {
        for (int i = 0; i < v.length; i++) {
          v[i] = (int) values[i];
        }
      }
      case long[] v -> System.arraycopy(values, 0, v, 0, v.length);
      default -> {
        byte[] v = (byte[]) result;
        for (int i = 0; i < v.length; i++) {
          v[i] = type == DataType.BOOLEAN ? (byte) (values[i] != 0 ? 1 : 0) : (byte) values[i];
        }
      }
    }
    return result;
  }

  /** What an operation on two types results in: the one with more range, floats above integers. */
  static DataType common(DataType a, DataType b) {
    if (a != b && Math.max(order(a), order(b)) == 1) { // int8 and uint8, with or without boolean
      return a == DataType.BOOLEAN ? b : b == DataType.BOOLEAN ? a : DataType.INT32;
    }
    return order(a) >= order(b) ? a : b;
  }

  private static int order(DataType type) {
    return switch (type) {
      case BOOLEAN -> 0;
      case INT8, UINT8 -> 1;
      case INT32 -> 2;
      case INT64 -> 3;
      case FLOAT32 -> 4;
      default -> 5;
    };
  }

  /** What an array and a number result in: the array's type, unless the number is of more kinds. */
  static DataType common(DataType array, Number number) {
    if (array.isFloating()) {
      return array;
    }
    if (number instanceof Float || number instanceof Double) {
      return DataType.FLOAT32;
    }
    return array.isBoolean() ? DataType.INT64 : array;
  }
}
