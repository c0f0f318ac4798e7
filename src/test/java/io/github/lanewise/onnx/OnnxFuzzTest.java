package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged and hostile files are refused with an {@link OnnxException}, soon and in bounded memory;
 * what is not refused runs. Mutations of the bytes and of the parsed model, alone and piled up.
 */
class OnnxFuzzTest {
  private static final long SEED = Long.getLong("lanewise.test.seed", 20260101L);
  private static final int CASES = Integer.getInteger("lanewise.test.fuzz", 6000);
  private static final long LIMIT = 32 << 20;

  /** What reading may allocate in all: the file several times, and the limit several times. */
  private static final long MAX_ALLOCATED = 400L << 20;

  /** Of CPU time, so that a busy machine does not fail the test. */
  private static final long MAX_NANOS = 5_000_000_000L;

  private static final long[] NUMBERS = {
    0,
    1,
    2,
    3,
    5,
    7,
    16,
    100,
    1000,
    65_536,
    1 << 20,
    Integer.MAX_VALUE,
    1L << 31,
    1L << 40,
    Long.MAX_VALUE,
    -1,
    -2,
    -100,
    Integer.MIN_VALUE,
    Long.MIN_VALUE
  };
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir private static Path folder;

  private int refused;
  private int ran;

  @Test
  void mutatedFilesAreRefusedOrRun() throws Exception {
    List<ModelProto> bases =
        List.of(
            TestModel.manyOperators().model(),
            ModelProto.parseFrom(Models.bytes(Path.of("src/models/blazeface-front/model.onnx"))),
            ModelProto.parseFrom(
                Models.bytes(Path.of("src/models/emotion-minixception/model.onnx"))),
            withExternalData(TestModel.manyOperators().model()));
    for (int i = 0; i < CASES; i++) {
      Random random = new Random(SEED + i);
      int pick = random.nextInt(10);
      ModelProto base = bases.get(pick == 0 ? 2 : pick <= 2 ? 1 : pick == 3 ? 3 : 0);
      byte[] bytes =
          random.nextInt(3) == 0
              ? mutatedBytes(base.toByteArray(), random)
              : mutatedModel(base, random).toByteArray();
      check(bytes, "-Dlanewise.test.seed=" + (SEED + i));
    }
    assertThat(refused).as("refused").isGreaterThan(CASES / 4);
    assertThat(ran).as("ran").isGreaterThan(CASES / 20);
  }

  /** The same with the values of its float tensors in one other file. */
  private static ModelProto withExternalData(ModelProto base) throws IOException {
    ModelProto.Builder model = base.toBuilder();
    ByteBuffer data = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (TensorProto.Builder t : model.getGraphBuilder().getInitializerBuilderList()) {
      if (t.getFloatDataCount() > 1) {
        entry(t, "location", "weights");
        entry(t, "offset", "" + data.position());
        entry(t, "length", "" + Float.BYTES * t.getFloatDataCount());
        t.getFloatDataList().forEach(data::putFloat);
        t.clearFloatData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
      }
    }
    Files.write(folder.resolve("weights"), Arrays.copyOf(data.array(), data.position()));
    return model.build();
  }

  private static void entry(TensorProto.Builder t, String key, String value) {
    t.addExternalData(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
  }

  private void check(byte[] bytes, String as) {
    long allocated = THREADS.getCurrentThreadAllocatedBytes();
    long start = THREADS.getCurrentThreadCpuTime();
    Network network = null;
    try {
      network = OnnxReader.DEFAULT.withMemoryLimit(LIMIT).read(bytes, folder);
    } catch (OnnxException e) {
      refused++;
      assertThat(e.getMessage()).as(as).isNotBlank().hasSizeLessThan(2000);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(as, e);
    }
    assertThat(THREADS.getCurrentThreadCpuTime() - start).as(as).isLessThan(MAX_NANOS);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated)
        .as(as)
        .isLessThan(MAX_ALLOCATED);
    if (network != null && network.multiplications() < 2_000_000) {
      Map<String, float[]> inputs = new HashMap<>();
      for (Port port : network.inputs()) {
        inputs.put(port.name(), new float[port.length()]);
      }
      try {
        assertThat(network.run(inputs)).as(as).hasSize(network.outputs().size());
      } catch (RuntimeException e) { // an index that is only known now may be out of range
        if (!(e instanceof IllegalArgumentException) || !e.getMessage().startsWith("index ")) {
          throw new AssertionError(as + " " + network, e);
        }
      }
      ran++;
    }
  }

  private static byte[] mutatedBytes(byte[] bytes, Random random) {
    if (random.nextInt(4) == 0) {
      return Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
    for (int i = 0, n = 1 + random.nextInt(8); i < n; i++) {
      // Names, sizes and attributes stand at the start and the end, weights between them.
      int at = random.nextInt(Math.min(bytes.length, 20_000));
      int place = random.nextBoolean() ? at : bytes.length - 1 - at;
      bytes[place] =
          random.nextBoolean()
              ? (byte) random.nextInt(256)
              : (byte) (bytes[place] ^ 1 << random.nextInt(8));
    }
    return bytes;
  }

  private static long number(Random random) {
    return NUMBERS[random.nextInt(NUMBERS.length)];
  }

  private static ModelProto mutatedModel(ModelProto base, Random random) {
    ModelProto.Builder model = base.toBuilder();
    for (int i = 0, n = 1 + random.nextInt(3); i < n; i++) {
      GraphProto.Builder graph = model.getGraphBuilder();
      switch (random.nextInt(6)) {
        case 0, 1 -> attribute(graph, random);
        case 2 -> wiring(graph, random);
        case 3 -> tensor(graph, random);
        case 4 -> structure(graph, random);
        default -> {
          if (random.nextInt(8) == 0) {
            model.getOpsetImportBuilder(0).setVersion(number(random));
          } else {
            shape(graph, random);
          }
        }
      }
    }
    return model.build();
  }

  private static NodeProto.Builder anyNode(GraphProto.Builder graph, Random random) {
    return graph.getNodeCount() == 0
        ? graph.addNodeBuilder()
        : graph.getNodeBuilder(random.nextInt(graph.getNodeCount()));
  }

  private static void attribute(GraphProto.Builder graph, Random random) {
    NodeProto.Builder node = anyNode(graph, random);
    for (int tries = 0; tries < 10 && node.getAttributeCount() == 0; tries++) {
      node = anyNode(graph, random);
    }
    if (node.getAttributeCount() == 0) {
      return;
    }
    int which = random.nextInt(node.getAttributeCount());
    AttributeProto.Builder a = node.getAttributeBuilder(which);
    switch (random.nextInt(8)) {
      case 0 -> node.removeAttribute(which);
      case 1 -> a.addInts(number(random));
      case 2 -> a.setF(Float.intBitsToFloat(random.nextInt()));
      case 3 -> a.setS(ByteString.copyFromUtf8("SAME_LOWER"));
      default -> {
        a.setI(number(random));
        for (int i = 0; i < a.getIntsCount(); i++) {
          if (random.nextBoolean()) {
            a.setInts(i, number(random));
          }
        }
      }
    }
  }

  private static String anyName(GraphProto.Builder graph, Random random) {
    if (random.nextInt(4) == 0 && graph.getInitializerCount() > 0) {
      return graph.getInitializer(random.nextInt(graph.getInitializerCount())).getName();
    }
    NodeProto.Builder node = anyNode(graph, random);
    return node.getOutputCount() == 0 ? "" : node.getOutput(0);
  }

  private static void wiring(GraphProto.Builder graph, Random random) {
    NodeProto.Builder node = anyNode(graph, random);
    switch (random.nextInt(5)) {
      case 0 -> node.setOpType(anyNode(graph, random).getOpType());
      case 1 -> node.setOpType(random.nextBoolean() ? "Loop" : "Add");
      case 2 -> node.addInput(anyName(graph, random));
      case 3 -> {
        if (node.getOutputCount() > 0) {
          node.setOutput(0, anyName(graph, random));
        }
      }
      default -> {
        if (node.getInputCount() > 0) {
          node.setInput(random.nextInt(node.getInputCount()), anyName(graph, random));
        }
      }
    }
  }

  private static void tensor(GraphProto.Builder graph, Random random) {
    if (graph.getInitializerCount() == 0) {
      return;
    }
    int which = random.nextInt(graph.getInitializerCount());
    TensorProto.Builder t = graph.getInitializerBuilder(which);
    if (t.getExternalDataCount() > 0 && random.nextBoolean()) {
      String[] values = {"..", "/etc/passwd", "weights/..", "none", "" + number(random)};
      t.getExternalDataBuilder(random.nextInt(t.getExternalDataCount()))
          .setValue(values[random.nextInt(values.length)]);
      return;
    }
    switch (random.nextInt(7)) {
      case 0 -> graph.removeInitializer(which);
      case 1 -> t.setDataType(random.nextInt(20));
      case 2 -> t.addDims(number(random));
      case 3 -> t.setRawData(ByteString.copyFrom(new byte[random.nextInt(64)]));
      case 4 -> {
        for (int i = 0; i < t.getInt64DataCount(); i++) {
          t.setInt64Data(i, number(random));
        }
        for (int i = 0; i < t.getFloatDataCount(); i++) {
          t.setFloatData(i, Float.intBitsToFloat(random.nextInt()));
        }
      }
      default -> {
        if (t.getDimsCount() > 0) {
          t.setDims(random.nextInt(t.getDimsCount()), number(random));
        }
      }
    }
  }

  private static void structure(GraphProto.Builder graph, Random random) {
    int n = graph.getNodeCount();
    switch (random.nextInt(5)) {
      case 0 -> graph.removeNode(random.nextInt(n));
      case 1 -> graph.addNode(graph.getNode(random.nextInt(n)));
      case 2 -> {
        int a = random.nextInt(n);
        NodeProto moved = graph.getNode(a);
        graph.removeNode(a);
        graph.addNode(random.nextInt(n), moved);
      }
      case 3 -> graph.addOutput(ValueInfoProto.newBuilder().setName(anyName(graph, random)));
      default -> {
        if (graph.getOutputCount() > 0) {
          graph.removeOutput(random.nextInt(graph.getOutputCount()));
        }
      }
    }
  }

  private static void shape(GraphProto.Builder graph, Random random) {
    var dims = graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().getShapeBuilder();
    if (random.nextInt(6) == 0) {
      dims.addDimBuilder().setDimValue(number(random));
    } else if (dims.getDimCount() > 0) {
      dims.getDimBuilder(random.nextInt(dims.getDimCount())).setDimValue(number(random));
    }
  }
}
