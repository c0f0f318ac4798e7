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

  private Tensors() {}

  static Value.Const read(Importer in, OnnxMl.TensorProto t) {
    String name = "tensor " + Attributes.quoted(t.getName());
    if (t.getDataLocation() == OnnxMl.TensorProto.DataLocation.EXTERNAL
        || t.getExternalDataCount() > 0) {
      throw new OnnxException(name + " keeps its values in another file, which is not supported");
    }
    int[] shape = shape(name, t.getDimsList());
    int count = (int) count(shape);
    OnnxMl.TensorProto.DataType type = OnnxMl.TensorProto.DataType.forNumber(t.getDataType());
    if (type == null) {
      throw new OnnxException(name + " is of the unknown data type " + t.getDataType());
    }
    int bytes =
        switch (type) {
          case DOUBLE, INT64 -> Long.BYTES;
          case FLOAT, INT32 -> Integer.BYTES;
          case FLOAT16, INT16, UINT16 -> Short.BYTES;
          case INT8, UINT8, BOOL -> 1;
          default -> throw new OnnxException(name + " is of data type " + type + ": not supported");
        };
    if (t.hasRawData()) {
      same(name, t.getRawData().size(), (long) count * bytes, "bytes");
    } else {
      same(name, listed(t, type), count, "numbers");
    }
    ByteBuffer raw =
        t.hasRawData()
            ? t.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN)
            : null;
    return switch (type) {
      case FLOAT, DOUBLE, FLOAT16 -> {
        in.charge(count);
        yield Value.Const.of(shape, floats(t, type, raw, new float[count]));
      }
      default -> {
        in.charge((long) count * (Long.BYTES / Float.BYTES));
        yield Value.Const.of(shape, longs(t, type, raw, new long[count]));
      }
    };
  }

  /** How many numbers the field of a data type lists. */
  private static int listed(OnnxMl.TensorProto t, OnnxMl.TensorProto.DataType type) {
    return switch (type) {
      case FLOAT -> t.getFloatDataCount();
      case DOUBLE -> t.getDoubleDataCount();
      case INT64 -> t.getInt64DataCount();
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

  private static float[] floats(
      OnnxMl.TensorProto t, OnnxMl.TensorProto.DataType type, ByteBuffer raw, float[] out) {
    if (raw != null && type == OnnxMl.TensorProto.DataType.FLOAT) {
      raw.asFloatBuffer().get(out);
      return out;
    }
    for (int i = 0; i < out.length; i++) {
      out[i] =
          switch (type) {
            case FLOAT -> t.getFloatData(i);
            case DOUBLE -> (float) (raw == null ? t.getDoubleData(i) : raw.getDouble());
            default ->
                Float.float16ToFloat(raw == null ? (short) t.getInt32Data(i) : raw.getShort());
          };
    }
    return out;
  }

  private static long[] longs(
      OnnxMl.TensorProto t, OnnxMl.TensorProto.DataType type, ByteBuffer raw, long[] out) {
    for (int i = 0; i < out.length; i++) {
      if (raw != null) {
        out[i] = element(raw, type);
      } else {
        out[i] = type == OnnxMl.TensorProto.DataType.INT64 ? t.getInt64Data(i) : t.getInt32Data(i);
      }
    }
    return out;
  }

  private static long element(ByteBuffer raw, OnnxMl.TensorProto.DataType type) {
    return switch (type) {
      case INT64 -> raw.getLong();
      case INT32 -> raw.getInt();
      case INT16 -> raw.getShort();
      case UINT16 -> raw.getShort() & 0xffff;
      case INT8 -> raw.get();
      default -> raw.get() & 0xff;
    };
  }
}
