package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is read of a file is what Protocol Buffers' own classes read of it, and what they refuse is
 * refused. Meant to differ: groups are refused, which ONNX has none of, and known fields of another
 * wire type, which those classes take for unknown ones.
 */
class ProtoTest {
  private static final long SEED = Long.getLong("lanewise.test.seed", 20260101L);
  private static final int CASES = Integer.getInteger("lanewise.test.fuzz", 6000);
  private static final long LIMIT = 1 << 30;
  private static final List<Path> FOLDERS =
      List.of(Path.of("src/models"), Path.of("../shared/models"), Path.of("../shared/networks"));
  private static final Path NODE_TESTS = Path.of("../shared/onnx-node-tests.zip");

  /** How a comparison ended. */
  private enum Outcome {
    SAME,
    REFUSED,
    REFUSED_BY_US
  }

  private static Outcome compare(byte[] file, String as) throws IOException {
    Message theirs = null;
    try {
      theirs = ProtoOracle.theirs(file);
    } catch (InvalidProtocolBufferException e) {
      // as Lanewise has to refuse it, too
    }
    Proto.Model ours;
    try {
      ours = Proto.Model.parse(file, LIMIT);
    } catch (OnnxException e) {
      assertThat(e).as(as).hasMessageStartingWith("not an ONNX file, or truncated: ");
      assertThat(theirs == null || ProtoOracle.isUnfit(theirs)).as(as + ": " + e).isTrue();
      return theirs == null ? Outcome.REFUSED : Outcome.REFUSED_BY_US;
    }
    assertThat(theirs).as("%s: theirs, where ours is read", as).isNotNull();
    assertThat(ProtoOracle.isUnfit(theirs)).as(as).isFalse();
    String expected = ProtoOracle.text(theirs);
    String found = ProtoOracle.text(ours);
    assertThat(found.equals(expected)).as(() -> as + ": " + difference(found, expected)).isTrue();
    return Outcome.SAME;
  }

  private static String difference(String found, String expected) {
    int at = Math.max(0, Arrays.mismatch(found.toCharArray(), expected.toCharArray()) - 60);
    return "\n" + around(found, at) + "\n" + around(expected, at);
  }

  private static String around(String text, int at) {
    return text.substring(Math.min(at, text.length()), Math.min(at + 160, text.length()));
  }

  @Test
  void everyModelIsReadAsTheJarsReadIt() throws IOException {
    for (Path folder : FOLDERS) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.walk(folder)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".onnx")).toList()) {
            assertThat(compare(Models.bytes(file), "" + file)).isEqualTo(Outcome.SAME);
          }
        }
      }
    }
    for (byte[] file : small()) {
      assertThat(compare(file, "small")).isEqualTo(Outcome.SAME);
    }
  }

  /** Of a few kilobytes: what is built here, and ONNX's own node tests where they are. */
  private static List<byte[]> small() throws IOException {
    List<byte[]> small = new ArrayList<>();
    small.add(TestModel.manyOperators().model().toByteArray());
    small.add(ofEverything().toByteArray());
    if (Files.exists(NODE_TESTS)) {
      try (InputStream file = Files.newInputStream(NODE_TESTS);
          ZipInputStream zip = new ZipInputStream(file)) {
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          if (entry.getName().endsWith(".onnx")) {
            small.add(zip.readAllBytes());
          }
        }
      }
    }
    return small;
  }

  /** Every field that is read, and some that are not. */
  private static ModelProto ofEverything() {
    TensorProto tensor =
        TensorProto.newBuilder()
            .setName("t\u00e9\u4e2d\ud83d\ude00")
            .setDataType(1)
            .addDims(2)
            .addDims(-1)
            .addFloatData(Float.NaN)
            .addFloatData(-0f)
            .addDoubleData(0.1)
            .addDoubleData(1e300)
            .addInt32Data(-5)
            .addInt32Data(Integer.MAX_VALUE)
            .addInt64Data(Long.MIN_VALUE)
            .addInt64Data(300)
            .addUint64Data(-1)
            .setRawData(ByteString.copyFromUtf8("bytes"))
            .setDocString("not read")
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .build();
    AttributeProto attribute =
        AttributeProto.newBuilder()
            .setName("a")
            .setF(1.5f)
            .setI(-7)
            .setS(ByteString.copyFrom(new byte[] {'s', -1, -61}))
            .setT(tensor)
            .addFloats(1)
            .addFloats(2)
            .addInts(3)
            .addInts(-4)
            .addStrings(ByteString.copyFromUtf8("not read"))
            .setG(TestModel.manyOperators().graph)
            .setType(AttributeProto.AttributeType.TYPE_PROTOS)
            .build();
    TestModel m = new TestModel().input("x", 1, -1, 3).output("y").node("Relu", "x", "y");
    m.graph.addNode(
        NodeProto.newBuilder().setName("n").setDomain("d").addAttribute(attribute).addInput(""));
    m.graph.addInitializer(tensor).addValueInfo(TestModel.value("v", 0));
    TypeProto type = TestModel.type(7, 1, 2);
    List<TypeProto> types =
        List.of(
            TypeProto.newBuilder()
                .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(type))
                .build(),
            TypeProto.newBuilder()
                .setOptionalType(TypeProto.Optional.newBuilder().setElemType(type))
                .build(),
            TypeProto.newBuilder().setMapType(TypeProto.Map.newBuilder().setKeyType(1)).build(),
            TypeProto.newBuilder().setOpaqueType(TypeProto.Opaque.newBuilder()).build(),
            TypeProto.newBuilder().setSparseTensorType(TypeProto.SparseTensor.newBuilder()).build(),
            TypeProto.getDefaultInstance());
    for (TypeProto each : types) {
      m.graph.addInput(ValueInfoProto.newBuilder().setName("i").setType(each));
    }
    return m.model().toBuilder().setProducerName("not read").build();
  }

  @Test
  void changedFilesAreReadAsTheJarsReadThem() throws IOException {
    List<byte[]> bases = small();
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    for (int i = 0; i < CASES; i++) {
      Random random = new Random(SEED + i);
      byte[] file = bases.get(random.nextInt(random.nextBoolean() ? 2 : bases.size()));
      if (random.nextInt(4) > 0) {
        file =
            joined(new Rewriter(random, random.nextInt(8) == 0).rewritten(file, ProtoOracle.MODEL));
      }
      if (random.nextInt(3) == 0) {
        file = damaged(file, bases.get(random.nextInt(bases.size())), random);
      }
      outcomes.merge(compare(file, "-Dlanewise.test.seed=" + (SEED + i)), 1, Integer::sum);
    }
    assertThat(outcomes.get(Outcome.SAME)).isGreaterThan(CASES / 3);
    assertThat(outcomes.get(Outcome.REFUSED)).isGreaterThan(CASES / 20);
    assertThat(outcomes.get(Outcome.REFUSED_BY_US)).isGreaterThan(CASES / 500);
  }

  /** A few bytes changed, the end cut off, or a part left out, repeated or taken from another. */
  private static byte[] damaged(byte[] file, byte[] other, Random random) {
    byte[] bytes = file.clone();
    int at = random.nextInt(bytes.length + 1);
    return switch (random.nextInt(4)) {
      case 0 -> Arrays.copyOf(bytes, at);
      case 1 -> {
        int to = Math.min(bytes.length, at + random.nextInt(20));
        yield joined(List.of(Arrays.copyOf(bytes, to), Arrays.copyOfRange(bytes, at, file.length)));
      }
      case 2 -> {
        int from = random.nextInt(other.length);
        byte[] part = Arrays.copyOfRange(other, from, Math.min(other.length, from + 30));
        byte[] rest = Arrays.copyOfRange(bytes, at, bytes.length);
        yield joined(List.of(Arrays.copyOf(bytes, at), part, rest));
      }
      default -> {
        for (int i = 0, n = bytes.length == 0 ? 0 : 1 + random.nextInt(4); i < n; i++) {
          int place = random.nextInt(bytes.length);
          bytes[place] =
              random.nextBoolean()
                  ? (byte) random.nextInt(256)
                  : (byte) (bytes[place] ^ 1 << random.nextInt(8));
        }
        yield bytes;
      }
    };
  }

  private static byte[] joined(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static byte[] field(int tag, byte[] value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeUInt32NoTag(tag);
    out.writeByteArrayNoTag(value);
    out.flush();
    return bytes.toByteArray();
  }

  /** Writes files anew, some with what is meant to be refused. */
  private record Rewriter(Random random, boolean hasUnfit) {
    /**
     * The fields of a message in other forms and orders: lists of numbers packed or not or in
     * pieces, messages in pieces, fields repeated, left out, or of numbers that nobody knows.
     */
    List<byte[]> rewritten(byte[] message, Descriptor type) throws IOException {
      List<byte[]> fields = new ArrayList<>();
      CodedInputStream in = CodedInputStream.newInstance(message);
      while (!in.isAtEnd()) {
        int start = in.getTotalBytesRead();
        int tag = in.readTag();
        FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
        if (field == null
            || WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
          in.skipField(tag);
          fields.add(Arrays.copyOfRange(message, start, in.getTotalBytesRead()));
        } else if (field.getType() == FieldDescriptor.Type.MESSAGE) {
          List<byte[]> inner = rewritten(in.readByteArray(), field.getMessageType());
          int cut = random.nextInt(10) == 0 ? random.nextInt(inner.size() + 1) : inner.size();
          fields.add(field(tag, joined(inner.subList(0, cut))));
          if (cut < inner.size()) {
            fields.add(field(tag, joined(inner.subList(cut, inner.size()))));
          }
        } else if (field.isPackable() && random.nextBoolean()) {
          fields.addAll(unpacked(field, in.readByteArray()));
        } else {
          fields.add(field(tag, in.readByteArray()));
        }
        switch (random.nextInt(60)) {
          case 0 -> fields.add(fields.get(random.nextInt(fields.size())));
          case 1 -> fields.remove(random.nextInt(fields.size()));
          case 2 -> fields.add(field(WireFormat.WIRETYPE_LENGTH_DELIMITED | 99 << 3, new byte[3]));
          case 3 -> fields.add(new byte[] {(byte) (14 << 3), (byte) random.nextInt(4)});
          default -> {
            // as it was
          }
        }
        if (hasUnfit && random.nextInt(50) == 0) {
          byte[] group = {WireFormat.WIRETYPE_START_GROUP | 15 << 3, 15 << 3 | 4};
          byte[] other = {
            (byte) (random.nextInt(1, 15) << 3 | WireFormat.WIRETYPE_FIXED32), 1, 2, 3, 4
          };
          fields.add(random.nextBoolean() ? group : other);
        }
      }
      if (random.nextInt(20) == 0) {
        Collections.shuffle(fields, random);
      }
      return fields;
    }

    /** One by one, or some of them still in one piece. */
    private List<byte[]> unpacked(FieldDescriptor field, byte[] values) throws IOException {
      int wireType = field.getLiteType().getWireType();
      List<byte[]> fields = new ArrayList<>();
      CodedInputStream in = CodedInputStream.newInstance(values);
      while (!in.isAtEnd()) {
        int start = in.getTotalBytesRead();
        int count = 0;
        do {
          in.skipField(1 << 3 | wireType);
          count++;
        } while (!in.isAtEnd() && random.nextInt(3) == 0);
        byte[] some = Arrays.copyOfRange(values, start, in.getTotalBytesRead());
        int tag = field.getNumber() << 3;
        fields.add(
            count == 1
                ? joined(
                    List.of(new byte[] {(byte) (tag | wireType)}, some)) // of a number below 16
                : field(tag | WireFormat.WIRETYPE_LENGTH_DELIMITED, some));
      }
      return fields;
    }
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          3a                               | needs 1 bytes, its message has 0 more (before byte 1 of 1)
          3a 05 00                         | needs 5 bytes, its message has 1 more
          3a ff ff ff ff 0f                | needs 4294967295 bytes
          3a 03 0a 02 00                   | needs 2 bytes, its message has 1 more
          42 02 10 80 01                   | needs 1 bytes, its message has 0 more (before byte 4 of 5)
          42 00 ff ff ff ff ff ff ff ff ff 80 01 | a number of more than 10 bytes
          00                               | a field without a number
          02 00                            | a field without a number
          0b 0c                            | field 1 of wire type 3
          0c                               | field 1 of wire type 4
          0e 00                            | field 1 of wire type 6
          0f 00                            | field 1 of wire type 7
          38 01                            | field 7 of wire type 0 instead of 2
          42 05 15 00 00 00 00             | field 2 of wire type 5 instead of 0
          0d 00 00                         | needs 4 bytes, its message has 2 more
          09 00 00                         | needs 8 bytes, its message has 2 more
          3a 07 2a 05 0d 01 00 00 00       | field 1 of wire type 5 instead of 2
          3a 07 2a 05 22 03 00 00 00       | numbers of 4 bytes in 3
          3a 0b 2a 09 52 07 00 00 00 00 00 00 00 | numbers of 8 bytes in 7
          3a 0b 2a 09 21 00 00 00 00 00 00 00 00 | field 4 of wire type 1 instead of 5
          """)
  void damagedFiles(String bytes, String part) {
    assertThatThrownBy(() -> Proto.Model.parse(hex(bytes), LIMIT))
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith("not an ONNX file, or truncated: ")
        .hasMessageContaining(part);
  }

  /** Inside fields of these tags. */
  private static byte[] within(String tags, byte[] value) throws IOException {
    byte[] outer = hex(tags);
    byte[] all = value;
    for (int i = outer.length - 1; i >= 0; i--) {
      all = field(outer[i], all);
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          0a020801 2200,      SEQUENCE_TYPE, 0
          2200 0a020801,      TENSOR_TYPE,   1
          0a020801 2200 0a00, TENSOR_TYPE,   0
          0a020801 0a00,      TENSOR_TYPE,   1
          0a020801 0a020802,  TENSOR_TYPE,   2
          """)
  void theLastKindOfATypeCounts(String bytes, String kind, int elemType) throws IOException {
    byte[] file = within("3a5a12", hex(bytes));
    assertThat(compare(file, bytes)).isEqualTo(Outcome.SAME);
    Proto.Type type = Proto.Model.parse(file, LIMIT).graph.inputs.getFirst().type;
    assertThat(type.kind).isEqualTo(kind);
    assertThat(type.tensor.elemType).isEqualTo(elemType);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          0805 120161,      false, 0
          120161 0805,      true,  5
          0805 120161 0800, true,  0
          """)
  void theLastOfASizeAndItsNameCounts(String bytes, boolean hasValue, long value)
      throws IOException {
    byte[] file = within("3a5a120a120a", hex(bytes));
    assertThat(compare(file, bytes)).isEqualTo(Outcome.SAME);
    Proto.TensorType type = Proto.Model.parse(file, LIMIT).graph.inputs.getFirst().type.tensor;
    assertThat(type.dims().getFirst().hasValue).isEqualTo(hasValue);
    assertThat(type.dims().getFirst().value).isEqualTo(value);
  }

  /** The same small field again and again, inside other fields. */
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          '', 4200
          3a, 0a00
          3a0a, 0a00
          3a0a, 2a00
          3a0a2a, 4001
          3a0a2a42, 01
          3a0a2a, 3d00000000
          3a0a2a, 2a00
          3a, 2a00
          3a2a, 0801
          3a2a, 6a00
          3a2a2a, 01
          3a2a, 5801
          3a2a, 510000000000000000
          3a, 5a00
          3a, 6a00
          3a5a, 1200
          3a5a120a12, 0a00
          """)
  void whatIsReadIsWithinTheMemoryLimit(String tags, String field) throws IOException {
    byte[] all = within(tags, hex(field.repeat((4 << 20) / field.length() * 2)));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long limit = 1 << 20;
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatThrownBy(() -> Proto.Model.parse(all, limit))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("more than the memory limit of 1048576 bytes");
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(3 * limit);
  }

  /** So many that the stack would not suffice are not entered. */
  @Test
  void graphsInsideOfGraphs() throws IOException {
    Proto.Graph read = Proto.Model.parse(nested(30), LIMIT).graph;
    assertThat(read.allNodes()).hasSize(30);
    assertThat(compare(nested(30), "30 levels")).isEqualTo(Outcome.SAME);
    assertThat(compare(nested(34), "34 levels")).isEqualTo(Outcome.REFUSED);
    assertThatThrownBy(() -> Proto.Model.parse(nested(10_000), LIMIT))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("messages are nested more than 100 deep");
  }

  private static byte[] nested(int levels) throws IOException {
    byte[] graph = {};
    for (int i = 0; i < levels; i++) {
      byte[] attribute = field(6 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED, graph);
      byte[] node = field(5 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED, attribute);
      graph = field(1 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED, node);
    }
    return field(7 << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED, graph);
  }

  /** Weights are decoded from where they are in the file. */
  @Test
  void numbersInOnePieceAreNotCopied() {
    TensorProto.Builder t = TensorProto.newBuilder().setRawData(ByteString.copyFrom(new byte[99]));
    for (int i = 0; i < 100; i++) {
      t.addFloatData(i).addDoubleData(i);
    }
    TestModel m = new TestModel();
    m.graph.addInitializer(t);
    byte[] file = m.model().toByteArray();
    Proto.Tensor read = Proto.Model.parse(file, LIMIT).graph.initializers.getFirst();
    for (ByteBuffer values : List.of(read.rawData, read.floatData, read.doubleData)) {
      assertThat(values.array()).isSameAs(file);
      assertThat(file[values.arrayOffset()]).isEqualTo(values.get(0));
    }
  }

  @Test
  void attributeTypesAreReadByTheNumbersOfTheStandard() throws IOException {
    for (AttributeProto.AttributeType type : AttributeProto.AttributeType.values()) {
      TestModel m = new TestModel();
      m.graph.addNodeBuilder().addAttribute(AttributeProto.newBuilder().setType(type));
      Proto.Graph graph = Proto.Model.parse(m.model().toByteArray(), LIMIT).graph;
      assertThat(graph.nodes.getFirst().attributes.getFirst().type).hasToString(type.name());
    }
    byte[] other = within("3a0a2a", hex("a00103 a00163")); // 3, and a number that nobody knows
    assertThat(compare(other, "another type")).isEqualTo(Outcome.SAME);
    Proto.Node node = Proto.Model.parse(other, LIMIT).graph.nodes.getFirst();
    assertThat(node.attributes.getFirst().type).isEqualTo(Proto.AttributeType.STRING);
  }
}
