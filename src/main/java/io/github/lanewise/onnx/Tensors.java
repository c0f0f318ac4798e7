package io.github.lanewise.onnx;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Reads the values of a tensor in the file, after checking that there are as many as it says. */
final class Tensors {
  static final int MAX_AXES = 8;

  private Tensors() {}

  static Value.Const read(OnnxMl.TensorProto t) {
    String name = "tensor " + Attributes.quoted(t.getName());
    if (t.getDataLocation() == OnnxMl.TensorProto.DataLocation.EXTERNAL
        || t.getExternalDataCount() > 0) {
      throw new OnnxException(name + " keeps its values in another file, which is not supported");
    }
    int[] shape = shape(name, t.getDimsList());
    long count = count(shape);
    OnnxMl.TensorProto.DataType type = OnnxMl.TensorProto.DataType.forNumber(t.getDataType());
    if (type == null) {
      throw new OnnxException(name + " is of the unknown data type " + t.getDataType());
    }
    return switch (type) {
      case FLOAT -> Value.Const.of(shape, floats(name, t, count));
      case DOUBLE -> Value.Const.of(shape, doubles(name, t, count));
      case FLOAT16 -> Value.Const.of(shape, halves(name, t, count));
      case INT64 -> Value.Const.of(shape, longs(name, t, count));
      case INT32, INT16, INT8, UINT16, UINT8, BOOL ->
          Value.Const.of(shape, ints(name, t, count, type));
      default -> throw new OnnxException(name + " is of data type " + type + ": not supported");
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

  private static ByteBuffer raw(String name, OnnxMl.TensorProto t, long count, int bytes) {
    ByteString raw = t.getRawData();
    same(name, raw.size(), count * bytes, "bytes");
    return raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void same(String name, long has, long needs, String unit) {
    if (has != needs) {
      throw new OnnxException(
          "%s has %d %s of values, its shape needs %d".formatted(name, has, unit, needs));
    }
  }

  private static float[] floats(String name, OnnxMl.TensorProto t, long count) {
    if (t.hasRawData()) {
      ByteBuffer raw = raw(name, t, count, Float.BYTES);
      float[] out = new float[(int) count];
      raw.asFloatBuffer().get(out);
      return out;
    }
    same(name, t.getFloatDataCount(), count, "floats");
    float[] out = new float[(int) count];
    for (int i = 0; i < out.length; i++) {
      out[i] = t.getFloatData(i);
    }
    return out;
  }

  private static float[] doubles(String name, OnnxMl.TensorProto t, long count) {
    if (!t.hasRawData()) {
      same(name, t.getDoubleDataCount(), count, "doubles");
    }
    ByteBuffer raw = t.hasRawData() ? raw(name, t, count, Double.BYTES) : null;
    float[] out = new float[(int) count];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (raw == null ? t.getDoubleData(i) : raw.getDouble());
    }
    return out;
  }

  private static float[] halves(String name, OnnxMl.TensorProto t, long count) {
    if (!t.hasRawData()) {
      same(name, t.getInt32DataCount(), count, "floats");
    }
    ByteBuffer raw = t.hasRawData() ? raw(name, t, count, Short.BYTES) : null;
    float[] out = new float[(int) count];
    for (int i = 0; i < out.length; i++) {
      out[i] = Float.float16ToFloat(raw == null ? (short) t.getInt32Data(i) : raw.getShort());
    }
    return out;
  }

  private static long[] longs(String name, OnnxMl.TensorProto t, long count) {
    if (!t.hasRawData()) {
      same(name, t.getInt64DataCount(), count, "numbers");
    }
    ByteBuffer raw = t.hasRawData() ? raw(name, t, count, Long.BYTES) : null;
    long[] out = new long[(int) count];
    for (int i = 0; i < out.length; i++) {
      out[i] = raw == null ? t.getInt64Data(i) : raw.getLong();
    }
    return out;
  }

  private static long[] ints(
      String name, OnnxMl.TensorProto t, long count, OnnxMl.TensorProto.DataType type) {
    int bytes =
        switch (type) {
          case INT32 -> Integer.BYTES;
          case INT16, UINT16 -> Short.BYTES;
          default -> 1;
        };
    if (!t.hasRawData()) {
      same(name, t.getInt32DataCount(), count, "numbers");
    }
    ByteBuffer raw = t.hasRawData() ? raw(name, t, count, bytes) : null;
    long[] out = new long[(int) count];
    for (int i = 0; i < out.length; i++) {
      out[i] = raw == null ? t.getInt32Data(i) : element(raw, type);
    }
    return out;
  }

  private static long element(ByteBuffer raw, OnnxMl.TensorProto.DataType type) {
    return switch (type) {
      case INT32 -> raw.getInt();
      case INT16 -> raw.getShort();
      case UINT16 -> raw.getShort() & 0xffff;
      case INT8 -> raw.get();
      default -> raw.get() & 0xff;
    };
  }
}
