package io.github.lanewise.onnx;

import ai.onnx.proto.OnnxMl;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Reads the values of a tensor in the file, after checking that there are as many as it says, and
 * charging for them.
 */
final class Tensors {
  static final int MAX_AXES = 8;

  /** Numbers of another file that are read at a time. */
  private static final int CHUNK = 1 << 16;

  private Tensors() {}

  static Value.Const read(Importer in, OnnxMl.TensorProto t) {
    String name = "tensor " + Attributes.quoted(t.getName());
    int[] shape = shape(name, t.getDimsList());
    int count = (int) count(shape);
    ElementType type = ElementType.of(t.getDataType(), name);
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
    if (t.hasRawData()) {
      same(name, t.getRawData().size(), bytes, "bytes");
    } else {
      int packed = inByte(type); // in each of the list
      same(name, listed(t, type), (count + packed - 1) / packed, "numbers");
    }
    in.charge(type, count);
    Object numbers = Value.Const.array(type, count);
    if (t.hasRawData()) {
      ByteBuffer raw = t.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
      decode(type, raw, numbers, 0, count);
    } else {
      list(t, type, numbers, count);
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
  private static int listed(OnnxMl.TensorProto t, ElementType type) {
    return switch (type) {
      case FLOAT32 -> t.getFloatDataCount();
      case FLOAT64 -> t.getDoubleDataCount();
      case INT64 -> t.getInt64DataCount();
      case UINT32, UINT64 -> t.getUint64DataCount();
      default -> t.getInt32DataCount();
    };
  }

  static int[] shape(String name, List<Long> dims) {
    if (dims.size() > MAX_AXES) {
      throw new OnnxException(
          "%s has %d axes; at most %d are supported".formatted(name, dims.size(), MAX_AXES));
    }
    int[] shape = new int[dims.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Attributes.toInt("shape of " + name, dims.get(i));
      if (shape[i] < 0) {
        throw new OnnxException(name + " has the negative size " + shape[i]);
      }
    }
    if (count(shape) < 0) {
      throw new OnnxException(name + " " + dims + " has more than 2^31 - 1 elements");
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

  /** Sets the numbers from the list that the message has of them. */
  private static void list(OnnxMl.TensorProto t, ElementType type, Object numbers, int count) {
    if (numbers instanceof long[] longs) {
      for (int i = 0; i < count; i++) {
        longs[i] =
            type.wrapped(
                switch (type) {
                  case INT64 -> t.getInt64Data(i);
                  case UINT32, UINT64 -> t.getUint64Data(i);
                  case INT2, UINT2, INT4, UINT4 ->
                      t.getInt32Data(i / inByte(type)) >> shift(type, i);
                  default -> t.getInt32Data(i);
                });
      }
    } else if (numbers instanceof double[] doubles) {
      for (int i = 0; i < count; i++) {
        doubles[i] = t.getDoubleData(i);
      }
    } else {
      float[] floats = (float[]) numbers;
      for (int i = 0; i < count; i++) {
        floats[i] =
            type == ElementType.FLOAT32 ? t.getFloatData(i) : half(type, (short) t.getInt32Data(i));
      }
    }
  }
}
