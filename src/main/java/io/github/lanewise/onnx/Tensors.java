package io.github.lanewise.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Reads the values of a tensor in the file, after checking that there are as many as it says, and
 * charging for them.
 */
final class Tensors {
  static final int MAX_AXES = 8;

  /** Numbers of another file that are read at a time. */
  private static final int CHUNK = 1 << 16;

  private Tensors() {}

  static Value.Const read(Importer in, Proto.Tensor t) {
    String name = "tensor " + Attributes.quoted(t.name);
    int[] shape = shape(name, t.dims());
    int count = (int) count(shape);
    ElementType type = ElementType.of(t.dataType, name);
    long bytes = ((long) count * type.bits() + 7) / 8;
    if (ExternalData.isUsed(t)) {
      try (ExternalData data = ExternalData.open(in.source, name, t, bytes)) {
        in.charge(type, count);
        Object numbers = Value.Const.array(type, count);
        ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(bytes, CHUNK * type.bits() / 8));
        for (int i = 0; i < count; i += CHUNK) {
          int n = Math.min(CHUNK, count - i);
          decode(type, data.next(chunk, (n * type.bits() + 7) / 8), numbers, i, n);
        }
        return new Value.Const(type, shape, numbers);
      }
    }
    ByteBuffer raw = t.rawData;
    if (raw != null) {
      same(name, raw.limit(), bytes, "bytes");
    } else {
      int packed = inByte(type); // in each of the list
      same(name, listed(t, type), (count + packed - 1) / packed, "numbers");
    }
    in.charge(type, count);
    Object numbers = Value.Const.array(type, count);
    raw = raw == null ? written(t, type) : raw;
    if (raw == null) {
      list(t, type, numbers, count);
    } else {
      decode(type, raw.duplicate().order(ByteOrder.LITTLE_ENDIAN), numbers, 0, count);
    }
    return new Value.Const(type, shape, numbers);
  }

  /** Numbers that share a byte, the first one in its lowest bits. */
  private static int inByte(ElementType type) {
    return Math.max(1, Byte.SIZE / type.bits());
  }

  private static int shift(ElementType type, int i) {
    return i % inByte(type) * type.bits();
  }

  /** How many numbers the field of a data type lists. */
  private static int listed(Proto.Tensor t, ElementType type) {
    return switch (type) {
      case FLOAT32 -> t.floatData.limit() / Float.BYTES;
      case FLOAT64 -> t.doubleData.limit() / Double.BYTES;
      case INT64 -> t.int64Data.limit();
      case UINT32, UINT64 -> t.uint64Data.limit();
      default -> t.int32Data.limit();
    };
  }

  /** The list of a data type whose numbers are written as in raw data; null of the others. */
  private static ByteBuffer written(Proto.Tensor t, ElementType type) {
    return switch (type) {
      case FLOAT32 -> t.floatData;
      case FLOAT64 -> t.doubleData;
      default -> null;
    };
  }

  static int[] shape(String name, long[] dims) {
    if (dims.length > MAX_AXES) {
      throw new OnnxException(
          "%s has %d axes; at most %d are supported".formatted(name, dims.length, MAX_AXES));
    }
    int[] shape = new int[dims.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Attributes.toInt("shape of " + name, dims[i]);
      if (shape[i] < 0) {
        throw new OnnxException(name + " has the negative size " + shape[i]);
      }
    }
    if (count(shape) < 0) {
      throw new OnnxException(
          name + " " + Arrays.toString(dims) + " has more than 2^31 - 1 elements");
    }
    return shape;
  }

  static void checkAxes(int axes) {
    if (axes > MAX_AXES) {
      throw new OnnxException(
          "the result would have %d axes; at most %d are supported".formatted(axes, MAX_AXES));
    }
  }

  /** The number of elements, or -1 if it exceeds that of an array. */
  static long count(int[] shape) {
    long product = 1;
    for (int size : shape) {
      product *= size;
      if (product > Integer.MAX_VALUE) {
        return -1;
      }
    }
    return product;
  }

  private static void same(String name, long has, long needs, String unit) {
    if (has != needs) {
      throw new OnnxException(
          "%s has %d %s of values, its shape needs %d".formatted(name, has, unit, needs));
    }
  }

  /** Sets some of the numbers from the bytes of a file. */
  private static void decode(ElementType type, ByteBuffer raw, Object numbers, int from, int n) {
    if (numbers instanceof long[] longs) {
      for (int i = 0; i < n; i++) {
        longs[from + i] =
            type.wrapped(
                switch (type.bits()) {
                  case 2, 4 -> raw.get(raw.position() + i / inByte(type)) >> shift(type, i);
                  case 8 -> raw.get();
                  case 16 -> raw.getShort();
                  case 32 -> raw.getInt();
                  default -> raw.getLong();
                });
      }
    } else if (numbers instanceof double[] doubles) {
      raw.asDoubleBuffer().get(doubles, from, n);
    } else if (type == ElementType.FLOAT32) {
      raw.asFloatBuffer().get((float[]) numbers, from, n);
    } else {
      for (int i = from; i < from + n; i++) {
        ((float[]) numbers)[i] = half(type, raw.getShort());
      }
    }
  }

  private static float half(ElementType type, short bits) {
    return type == ElementType.FLOAT16
        ? Float.float16ToFloat(bits)
        : Float.intBitsToFloat(bits << 16);
  }

  /** Sets the numbers from the list that the message has of them, of a varint each. */
  private static void list(Proto.Tensor t, ElementType type, Object numbers, int count) {
    if (numbers instanceof long[] longs) {
      for (int i = 0; i < count; i++) {
        longs[i] =
            type.wrapped(
                switch (type) {
                  case INT64 -> t.int64Data.get(i);
                  case UINT32, UINT64 -> t.uint64Data.get(i);
                  case INT2, UINT2, INT4, UINT4 ->
                      t.int32Data.get(i / inByte(type)) >> shift(type, i);
                  default -> (int) t.int32Data.get(i);
                });
      }
    } else {
      for (int i = 0; i < count; i++) {
        ((float[]) numbers)[i] = half(type, (short) t.int32Data.get(i));
      }
    }
  }
}
