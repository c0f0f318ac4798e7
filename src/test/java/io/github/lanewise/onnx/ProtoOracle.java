package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * What Protocol Buffers' own classes read of a file, and what Lanewise does, as texts to compare.
 * Those classes are given the fields alone that Lanewise reads: it does not look into others.
 */
final class ProtoOracle {
  /** By message the fields that are read. */
  private static final Map<String, Set<Integer>> READ =
      Map.ofEntries(
          Map.entry("ModelProto", Set.of(7, 8)),
          Map.entry("OperatorSetIdProto", Set.of(1, 2)),
          Map.entry("GraphProto", Set.of(1, 5, 11, 12, 13)),
          Map.entry("NodeProto", Set.of(1, 2, 3, 4, 5, 7)),
          Map.entry("AttributeProto", Set.of(1, 2, 3, 4, 5, 6, 7, 8, 20)),
          Map.entry("TensorProto", Set.of(1, 2, 4, 5, 7, 8, 9, 10, 11, 13, 14)),
          Map.entry("StringStringEntryProto", Set.of(1, 2)),
          Map.entry("ValueInfoProto", Set.of(1, 2)),
          Map.entry("TypeProto", Set.of(1, 4, 5, 7, 8, 9)),
          Map.entry("Tensor", Set.of(1, 2)),
          Map.entry("TensorShapeProto", Set.of(1)),
          Map.entry("Dimension", Set.of(1, 2)));

  /** Of which it counts whether they are there: of the others absent is 0, or empty. */
  private static final Set<String> OPTIONAL =
      Set.of(
          "graph",
          "g",
          "t",
          "raw_data",
          "shape",
          "dim_value",
          "tensor_type",
          "sequence_type",
          "map_type",
          "opaque_type",
          "sparse_tensor_type",
          "optional_type");

  static final Descriptor MODEL = descriptor();

  /** What a type may be: a tensor first, then others in the order of their fields. */
  private static final List<String> KINDS =
      List.of(
          "TENSOR_TYPE",
          "SEQUENCE_TYPE",
          "MAP_TYPE",
          "OPAQUE_TYPE",
          "SPARSE_TENSOR_TYPE",
          "OPTIONAL_TYPE",
          "VALUE_NOT_SET");

  private ProtoOracle() {}

  private static Descriptor descriptor() {
    FileDescriptorProto.Builder file = OnnxMl.getDescriptor().toProto().toBuilder();
    List<DescriptorProto> messages = pruned(file.getMessageTypeList());
    file.clearMessageType().addAllMessageType(messages);
    try {
      return FileDescriptor.buildFrom(file.build(), new FileDescriptor[0])
          .findMessageTypeByName("ModelProto");
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<DescriptorProto> pruned(List<DescriptorProto> messages) {
    List<DescriptorProto> pruned = new ArrayList<>();
    for (DescriptorProto message : messages) {
      Set<Integer> read = READ.get(message.getName());
      if (read != null) {
        DescriptorProto.Builder less = message.toBuilder().clearField().clearNestedType();
        less.addAllNestedType(pruned(message.getNestedTypeList()));
        message.getFieldList().stream()
            .filter(field -> read.contains(field.getNumber()))
            .forEach(field -> less.addField(opaque(field)));
        pruned.add(less.build());
      }
    }
    return pruned;
  }

  /** A message that is not read, but for its being there, is bytes. */
  private static FieldDescriptorProto opaque(FieldDescriptorProto field) {
    String type = field.getTypeName().substring(field.getTypeName().lastIndexOf('.') + 1);
    return field.getType() != FieldDescriptorProto.Type.TYPE_MESSAGE || READ.containsKey(type)
        ? field
        : field.toBuilder().clearTypeName().setType(FieldDescriptorProto.Type.TYPE_BYTES).build();
  }

  /** By a buffer of few bytes: from whole arrays it takes numbers of more than ten bytes. */
  static Message theirs(byte[] file) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(new ByteArrayInputStream(file), 8);
    DynamicMessage.Builder model = DynamicMessage.newBuilder(MODEL).mergeFrom(in);
    in.checkLastTagWas(0);
    return model.build();
  }

  /** Whether a message has groups, or values of another type than theirs, which are refused. */
  static boolean isUnfit(Message message) {
    Set<Integer> read = READ.get(message.getDescriptorForType().getName());
    for (Map.Entry<Integer, UnknownFieldSet.Field> unknown :
        message.getUnknownFields().asMap().entrySet()) {
      UnknownFieldSet.Field field = unknown.getValue();
      FieldDescriptor known = message.getDescriptorForType().findFieldByNumber(unknown.getKey());
      boolean isEnum = known != null && known.getType() == FieldDescriptor.Type.ENUM;
      boolean isOther = !isEnum || !isVarints(field);
      if (!field.getGroupList().isEmpty() || (read.contains(unknown.getKey()) && isOther)) {
        return true;
      }
    }
    for (Object value : message.getAllFields().values()) {
      List<?> values = value instanceof List<?> list ? list : List.of(value);
      if (values.stream().anyMatch(each -> each instanceof Message inner && isUnfit(inner))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isVarints(UnknownFieldSet.Field field) {
    return field.getFixed32List().isEmpty()
        && field.getFixed64List().isEmpty()
        && field.getLengthDelimitedList().isEmpty();
  }

  /** What Lanewise reads. */
  static String text(Proto.Model model) {
    return message("ModelProto", 7, model.graph, 8, model.opsetImport);
  }

  static String text(Message message) {
    StringBuilder text = new StringBuilder(message.getDescriptorForType().getName()).append('{');
    List<FieldDescriptor> fields = new ArrayList<>(message.getDescriptorForType().getFields());
    fields.sort(Comparator.comparingInt(FieldDescriptor::getNumber));
    for (FieldDescriptor field : fields) {
      Object value = message.getField(field);
      boolean isThere =
          field.isRepeated() || !OPTIONAL.contains(field.getName()) || message.hasField(field);
      switch (field.getName()) {
        case "dim_param" -> {
          // only takes the place of a size
        }
        case "sequence_type", "map_type", "opaque_type", "sparse_tensor_type", "optional_type" ->
            add(text, field.getNumber(), isThere ? field.getName().toUpperCase(Locale.ROOT) : null);
        case "s" -> add(text, field.getNumber(), ((ByteString) value).toStringUtf8());
        default -> add(text, field.getNumber(), isThere ? value : null);
      }
    }
    return text.append('}').toString();
  }

  private static void add(StringBuilder text, int number, Object value) {
    if (value != null) {
      text.append(number).append('=').append(value(value)).append(';');
    }
  }

  private static String value(Object value) {
    return switch (value) {
      case Message message -> text(message);
      case List<?> list -> list.stream().map(ProtoOracle::value).toList().toString();
      case Float f -> Integer.toHexString(Float.floatToRawIntBits(f));
      case Double d -> Long.toHexString(Double.doubleToRawLongBits(d));
      case ByteString bytes -> value(bytes.asReadOnlyByteBuffer());
      case ByteBuffer bytes -> {
        CRC32 sum = new CRC32();
        sum.update(bytes.duplicate());
        yield bytes.remaining() + " bytes " + sum.getValue();
      }
      case EnumValueDescriptor constant -> constant.getName();
      case long[] longs -> Arrays.toString(longs);
      case LongBuffer longs -> {
        long[] numbers = new long[longs.limit()];
        longs.get(0, numbers);
        yield Arrays.toString(numbers);
      }
      case Proto.Graph g ->
          message(
              "GraphProto",
              1,
              g.nodes,
              5,
              g.initializers,
              11,
              g.inputs,
              12,
              g.outputs,
              13,
              g.valueInfo);
      case Proto.OperatorSet o -> message("OperatorSetIdProto", 1, o.domain, 2, o.version);
      case Proto.Node n ->
          message(
              "NodeProto",
              1,
              n.inputs,
              2,
              n.outputs,
              3,
              n.name,
              4,
              n.opType,
              5,
              n.attributes,
              7,
              n.domain);
      case Proto.Attribute a ->
          message(
              "AttributeProto",
              1,
              a.name,
              2,
              a.f,
              3,
              a.i,
              4,
              a.s,
              5,
              a.t,
              6,
              a.g,
              7,
              floats(a.floats()),
              8,
              a.ints(),
              20,
              a.type.name());
      case Proto.Tensor t -> tensor(t);
      case Proto.Entry e -> message("StringStringEntryProto", 1, e.key, 2, e.value);
      case Proto.ValueInfo v -> message("ValueInfoProto", 1, v.name, 2, v.type);
      case Proto.Type t -> type(t);
      case Proto.TensorType t -> message("Tensor", 1, t.elemType, 2, t.shape);
      case Proto.Shape p -> message("TensorShapeProto", 1, p.dims);
      case Proto.Dimension d -> message("Dimension", 1, d.hasValue ? d.value : null);
      default -> value.toString();
    };
  }

  private static String tensor(Proto.Tensor t) {
    float[] floats = new float[t.floatData.limit() / Float.BYTES];
    t.floatData.asFloatBuffer().get(floats);
    List<Double> doubles = new ArrayList<>();
    for (int i = 0; i < t.doubleData.limit(); i += Double.BYTES) {
      doubles.add(t.doubleData.getDouble(i));
    }
    List<Integer> ints = new ArrayList<>();
    for (int i = 0; i < t.int32Data.limit(); i++) {
      ints.add((int) t.int32Data.get(i));
    }
    return message(
        "TensorProto",
        1,
        t.dims(),
        2,
        t.dataType,
        4,
        floats(floats),
        5,
        ints,
        7,
        t.int64Data,
        8,
        t.name,
        9,
        t.rawData,
        10,
        doubles,
        11,
        t.uint64Data,
        13,
        t.externalData,
        14,
        t.isExternal ? "EXTERNAL" : "DEFAULT");
  }

  private static List<Float> floats(float[] values) {
    List<Float> list = new ArrayList<>();
    for (float value : values) {
      list.add(value);
    }
    return list;
  }

  /** The bytes of another kind of type are not read. */
  private static String type(Proto.Type t) {
    int[] numbers = {1, 4, 5, 7, 8, 9};
    Object[] fields = new Object[2 * numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      String name = KINDS.get(i);
      fields[2 * i] = numbers[i];
      fields[2 * i + 1] = !t.kind.equals(name) ? null : i == 0 ? t.tensor : name;
    }
    assertThat(t.kind).isIn(KINDS);
    return message("TypeProto", fields);
  }

  /** Fields by number and value, null where there is none. */
  private static String message(String name, Object... fields) {
    StringBuilder text = new StringBuilder(name).append('{');
    for (int i = 0; i < fields.length; i += 2) {
      add(text, (Integer) fields[i], fields[i + 1]);
    }
    return text.append('}').toString();
  }
}
