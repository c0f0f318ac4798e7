package io.github.lanewise.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;

/**
 * What parsing makes of a file, found by walking over its bytes: only a tensor's values take no
 * more memory than they have bytes, while a node of two bytes becomes an object.
 */
enum Footprint {
  MODEL,
  GRAPH,
  NODE,
  ATTRIBUTE,
  TENSOR,
  VALUES,
  VARINTS;

  /** An empty message is two bytes in the file and up to 130 in memory. */
  private static final int OBJECTS = 64;

  /** A number of one byte becomes eight, in an array that grows by copying. */
  private static final int NUMBERS = 16;

  /** Bytes that the parsed model will need beside the file itself, at most. */
  static long of(byte[] model) throws IOException {
    return MODEL.of(CodedInputStream.newInstance(model));
  }

  private long of(CodedInputStream input) throws IOException {
    long sum = 0;
    while (!input.isAtEnd()) {
      long start = input.getTotalBytesRead();
      int tag = input.readTag();
      Footprint field = field(WireFormat.getTagFieldNumber(tag));
      boolean isMessage = field != null && field != VALUES && field != VARINTS;
      if (isMessage && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        int outer = input.pushLimit(input.readRawVarint32());
        sum += OBJECTS * (input.getTotalBytesRead() - start) + field.of(input);
        input.popLimit(outer);
      } else {
        input.skipField(tag);
        long bytes = input.getTotalBytesRead() - start;
        sum += bytes * (field == VALUES ? 1 : field == VARINTS ? NUMBERS : OBJECTS);
      }
    }
    return sum;
  }

  /** What a field of this message holds; null for what is small in real files. */
  private Footprint field(int number) {
    return switch (this) {
      case MODEL -> number == ModelProto.GRAPH_FIELD_NUMBER ? GRAPH : null;
      case GRAPH ->
          switch (number) {
            case GraphProto.NODE_FIELD_NUMBER -> NODE;
            case GraphProto.INITIALIZER_FIELD_NUMBER -> TENSOR;
            default -> null;
          };
      case NODE -> number == NodeProto.ATTRIBUTE_FIELD_NUMBER ? ATTRIBUTE : null;
      case ATTRIBUTE -> number == AttributeProto.T_FIELD_NUMBER ? TENSOR : null;
      case TENSOR ->
          switch (number) {
            case TensorProto.RAW_DATA_FIELD_NUMBER,
                TensorProto.FLOAT_DATA_FIELD_NUMBER,
                TensorProto.DOUBLE_DATA_FIELD_NUMBER ->
                VALUES;
            case TensorProto.INT32_DATA_FIELD_NUMBER,
                TensorProto.INT64_DATA_FIELD_NUMBER,
                TensorProto.UINT64_DATA_FIELD_NUMBER ->
                VARINTS;
            default -> null;
          };
      case VALUES, VARINTS -> null;
    };
  }
}
