package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.management.ThreadMXBean;
import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import io.github.lanewise.network.Step;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is refused and how it is said; sizes that a file leaves open. */
@Tag("backend")
class OnnxReaderTest {
  private static void refused(TestModel model, String... parts) {
    refused(model.model().toByteArray(), parts);
  }

  private static void refused(byte[] bytes, String... parts) {
    assertThatThrownBy(() -> OnnxReader.DEFAULT.read(bytes))
        .isInstanceOf(OnnxException.class)
        .hasMessageContainingAll(parts);
  }

  private static TestModel relu() {
    return new TestModel().input("x", 1, 3, 4, 4).node("Relu", "x", "y").output("y");
  }

  @Test
  void anUnsupportedOperatorIsNamedBeforeAnythingElseIsRead() {
    TestModel m = relu().node("LSTM", "missing", "z").node("NonMaxSuppression", "z", "w");
    refused(
        m, "2 reasons", "node 2 of 3, 'z' (operator 'LSTM', opset 17)", "not supported", "'NonMax");
    TestModel custom = relu();
    custom.graph.getNodeBuilder(0).setDomain("com.example").setName("first\nline");
    refused(custom, "node 1 of 1, 'first?line' (operator 'Relu' of domain 'com.example'");
  }

  /** By operator and reason, however many nodes there are. */
  @Test
  void allThatStandsInTheWayIsToldAtOnce() {
    TestModel m = relu().floats("c", List.of(1L), 1).longs("s", 1, 2, 3);
    for (int i = 0; i < 3; i++) {
      m.node("LSTM", "x", "l" + i).node("Relu", "l" + i, "r" + i);
      m.node("Concat", "x", "c" + i, "axis", 4 + i);
    }
    m.node("Reshape", "c s", "d").node("Relu", "r0", "e").node("GRU", "e", "f");
    refused(
        m,
        "for 4 reasons",
        "3 times, first node 2 of 13, 'l0' (operator 'LSTM', opset 17): the operator is not",
        "3 times, first node 4 of 13, 'c0' (operator 'Concat', opset 17): axis 4 must be one of 4",
        "(3) node 11 of 13, 'd' (operator 'Reshape', opset 17): shape [1, 2, 3] does not fit [1]",
        "(4) node 13 of 13, 'f' (operator 'GRU'",
        "not looked at: 4");
    refused(relu().node("LSTM", "x", "a").node("LSTM", "x", "b"), "2 times, first node 2 of 3");
  }

  /** Where the file states shapes that nobody asks for, what follows can be looked at. */
  @Test
  void whatFollowsAnUnknownOperatorIsReadByTheShapeThatTheFileStates() {
    TestModel m = relu().node("LSTM", "x", "a").node("Concat", "a", "b", "axis", 2);
    m.longs("s", 5).node("GRU", "x", "n").node("Reshape", "a n", "c");
    m.graph.addValueInfo(TestModel.value("a", 1, 2, 3));
    m.graph.addValueInfo(TestModel.value("n", 2).toBuilder().setType(TestModel.type(7, 2)));
    refused(m, "for 2 reasons", "'LSTM'", "'GRU'", "not looked at: 1");
    m.node("Concat", "b", "d", "axis", 3);
    refused(m, "for 3 reasons", "'d' (operator 'Concat', opset 17): axis 3 must be one of 3 axes");
  }

  @Test
  void attributesThatAreNotKnown() {
    TestModel m = relu().node("Relu", "x", "z", "consumed", 1).node("Clip", "x", "c", "min", 0f);
    refused(m, "2 reasons", "attribute 'consumed' is not known", "attribute 'min'", "at opset 17");
    assertThat(relu().opset(10).node("Clip", "x", "c", "min", 0f).read()).isNotNull();
    TestModel typed = relu().node("Concat", "x", "z", "axis", 1f);
    refused(typed, "'z' (operator 'Concat'", "attribute axis is of type FLOAT, must be INT");
    assertThat(relu().node("Dropout", "x", "d", "seed", 7).read()).isNotNull();
  }

  @Test
  void operatorsThatAreNewerThanTheFile() {
    refused(relu().opset(13).node("HardSwish", "x", "z"), "'HardSwish'", "one of opset 14 to 28");
    assertThat(relu().opset(14).node("HardSwish", "x", "z").read()).isNotNull();
  }

  @Test
  void inputsThatAreNoNumbers() {
    TestModel text = relu();
    text.graph.addInput(TestModel.value("t", 2).toBuilder().setType(TestModel.type(8, 2)));
    refused(text, "input 't': it is of data type STRING, which is not supported");
    TestModel list = relu();
    var sequence = TypeProto.newBuilder().setSequenceType(TypeProto.Sequence.newBuilder());
    list.graph.addInput(TestModel.value("s", 2).toBuilder().setType(sequence));
    refused(list, "input 's': it is of kind SEQUENCE_TYPE, must be a tensor");
  }

  @Test
  void damagedFiles() {
    byte[] whole = Models.bytes(Path.of("src/models/emotion-minixception/model.onnx"));
    refused(new byte[0], "no graph");
    refused("hello, this is text".getBytes(java.nio.charset.StandardCharsets.UTF_8), "not an ONNX");
    for (int length : new int[] {1, 100, 5_000, whole.length / 2, whole.length - 1}) {
      refused(Arrays.copyOf(whole, length), "");
    }
    ModelProto none = relu().model().toBuilder().clearOpsetImport().build();
    refused(none.toByteArray(), "does not state its opset");
    var other = OperatorSetIdProto.newBuilder().setDomain("com.example").setVersion(1);
    refused(
        none.toBuilder().addOpsetImport(other).build().toByteArray(), "other domains", "'com.exam");
    refused(relu().opset(6), "opset 6", "oldest", "is 7");
    refused(relu().opset(99), "opset 99", "known is 28");
  }

  @Test
  void missingValuesAndCycles() {
    refused(
        new TestModel().input("x", 1, 3, 4, 4).node("Conv", "x w", "y").output("y"),
        "node 1 of 1",
        "'w' is no input, no initialiser");
    refused(relu().node("Add", "a y", "b").node("Add", "b y", "a"), "'a' is no input", "cycle");
    refused(relu().node("Relu", "x", "y"), "'y' is defined a second time");
    refused(relu().output("nowhere"), "'nowhere' is no input");
  }

  @Test
  void claimsThatDoNotFitTheData() {
    TestModel big = new TestModel().input("x", 1, 3, 4, 4);
    big.graph.addInitializer(
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(1)
            .addDims(1 << 10)
            .addDims(1 << 19)
            .setRawData(ByteString.copyFrom(new byte[1000])));
    refused(big.node("Relu", "x", "y").output("y"), "tensor 'w' has 1000 bytes", "2147483648");
    refused(relu().floats("w", List.of(-1L, 3L), 1, 2, 3), "negative size -1");
    refused(relu().floats("w", List.of(1L << 31), 1), "must fit into 32 bits");
    refused(relu().floats("w", List.of(1L << 20, 1L << 20), 1), "more than 2^31 - 1");
    TestModel external = relu();
    external.graph.addInitializer(
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(1)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL));
    refused(external, "tensor 'w' keeps its values in another file", "read the model from a Path");
  }

  @Test
  void sizesThatWouldTakeTooMuch() {
    refused(
        new TestModel().input("x", 1, 3, 20_000, 20_000).node("Relu", "x", "y").output("y"),
        "input 'x': ",
        "memory limit");
    refused(
        new TestModel().input("x", 1, 1L << 40, 4, 4).node("Relu", "x", "y").output("y"),
        "input 'x'",
        "32 bits");
    TestModel padded =
        new TestModel().input("x", 1, 1, 4, 4).floats("w", List.of(1L, 1L, 1L, 1L), 1);
    padded.node("Conv", "x w", "y", "pads", List.of(1 << 30, 1 << 30, 1 << 30, 1 << 30));
    refused(padded.output("y"), "node 1 of 1, 'y' (operator 'Conv'");
    TestModel filled = relu().longs("s", 1 << 15, 1 << 15).node("ConstantOfShape", "s", "c");
    refused(filled, "memory limit");
    TestModel resized =
        new TestModel().input("x", 1, 1, 4, 4).floats("s", List.of(4L), 1, 1, 1e8f, 1);
    refused(resized.node("Resize", "x  s", "y").output("y"), "memory limit");
  }

  /** One number for all channels stays one number; as one for each it would be a tensor's size. */
  @Test
  void aNumberForAllChannelsIsNotRepeated() {
    TestModel m = new TestModel().input("x", 1, 1 << 25).floats("c", List.of(), 0.5f);
    String last = "x";
    for (int i = 0; i < 12; i++) {
      String operator = List.of("Add", "Mul", "Sub", "PRelu").get(i % 4);
      m.node(operator, last + " c", "a" + i).node("Sigmoid", "a" + i, "s" + i);
      last = "s" + i;
    }
    byte[] file = m.output(last).model().toByteArray();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(OnnxReader.DEFAULT.read(file).steps()).hasSize(15);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(50L << 20);
  }

  /** A slope for each channel is kept by each node that uses it. */
  @Test
  void slopesThatManyNodesShareAreCountedEachTime() {
    TestModel m = new TestModel().input("x", 1, 1 << 20, 1);
    m.floats("s", List.of(1L << 20, 1L), new float[1 << 20]);
    String last = "x";
    for (int i = 0; i < 300; i++) {
      m.node("PRelu", last + " s", "p" + i);
      last = "p" + i;
    }
    refused(m.output(last), "memory limit");
  }

  @Test
  void aDepthwiseKernelWhoseTablesWouldBeTooLarge() {
    TestModel m = new TestModel().input("x", 1, 2, 20_000, 1);
    m.floats("w", List.of(2L, 1L, 20_000L, 1L), new float[40_000]);
    m.node("Conv", "x w", "y", "group", 2).output("y");
    refused(m, "node 1 of 1, 'y' (operator 'Conv'", "memory limit");
  }

  /** Empty constants need no values in the file, whatever their other sizes claim. */
  @Test
  void emptyConstants() {
    TestModel turned = relu().floats("e", List.of(3L, 0L)).longs("s", 0, -1, 7);
    turned.node("Transpose", "e", "t").node("Shape", "t", "n").node("Gather", "n s", "g");
    refused(turned, "'g' (operator 'Gather'", "index 7 must be within the size 2");
    TestModel empty = relu().floats("e", List.of(3L, 0L)).node("Transpose", "e", "t");
    empty
        .node("Shape", "t", "n")
        .node("ConstantOfShape", "n", "z")
        .node("Concat", "t z", "c", "axis", 1);
    empty.node("Shape", "c", "m").node("Cast", "m", "y2", "to", 1).output("y2");
    assertThat(empty.read().run(Map.of("x", new float[48])).get("y2")).containsExactly(0, 6);
    TestModel sliced = relu().longs("from", 0).longs("to", Integer.MAX_VALUE);
    sliced.floats("e", List.of((long) Integer.MAX_VALUE, 0L));
    refused(sliced.node("Slice", "e from to", "s"), "node 2 of 2", "memory limit");
    TestModel reshaped = relu().floats("e", List.of(0L)).longs("s", 0, -1);
    refused(reshaped.node("Reshape", "e s", "r"), "node 2 of 2", "[0, -1] does not fit [0]");
    TestModel joined = relu().longs("none").longs("four", 1, 48);
    joined
        .node("Concat", "none four", "s", "axis", 0)
        .node("Slice", "four none none", "t")
        .node("Reshape", "x s", "z")
        .output("z");
    assertThat(joined.read().outputs().getLast().shape()).containsExactly(1, 48);
  }

  /** They were converted for every row, in time that grew with the square of the file's size. */
  @Test
  void constantsOfTwoTypesAreNotJoined() {
    int n = 1 << 20;
    TestModel m =
        relu().longs("whole", new long[n]).floats("f", List.of((long) n, 1L), new float[n]);
    m.longs("s", n, 1).node("Reshape", "whole s", "w").node("Concat", "f w", "c", "axis", 1);
    refused(m, "node 3 of 3", "inputs 0 and 1 are of float32 and int64, must be of one type");
  }

  /** As in ONNX Runtime. */
  @Test
  void aPoolWhosePaddingHoldsAWholeWindow() {
    TestModel m = new TestModel().input("x", 1, 1, 1, 1);
    List<Integer> pads = List.of(0, 1 << 27, 0, 1 << 27);
    m.node("AveragePool", "x", "y", "kernel_shape", List.of(1, 1 << 27), "pads", pads);
    refused(m.output("y"), "node 1 of 1, 'y'", "pads [0, 134217728, 0, 134217728]", "kernel [1,");
    TestModel spread = new TestModel().input("x", 1, 1, 4, 4);
    List<Integer> two = List.of(2, 2, 2, 2);
    spread.node(
        "MaxPool",
        "x",
        "y",
        "kernel_shape",
        List.of(2, 2),
        "pads",
        two,
        "dilations",
        List.of(2, 2));
    assertThat(spread.output("y").read().outputs().getFirst().shape()).containsExactly(1, 1, 6, 6);
  }

  /** Every node by itself is small; packed weights of all of them would not be. */
  @Test
  void weightsThatManyNodesShareAreCountedEachTime() {
    TestModel m = new TestModel().input("x", 1, 512, 1, 1);
    m.floats("w", List.of(512L, 512L, 1L, 1L), new float[512 * 512]);
    String last = "x";
    for (int i = 0; i < 4000; i++) {
      m.node("Conv", last + " w", "c" + i);
      last = "c" + i;
    }
    refused(m.output(last), "memory limit");
  }

  @Test
  void theLongestChainThatIsAllowedIsPlannedSoon() {
    TestModel m = new TestModel().input("x", 1, 4, 4, 4);
    for (int i = 0; i < 4999; i++) {
      m.node(
          i % 3 == 0 ? "Sigmoid" : i % 3 == 1 ? "Add" : "Mul",
          i == 0 ? "x" : i % 3 == 0 ? "n" + (i - 1) : "n" + (i - 1) + " n" + (i / 2),
          "n" + i);
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime(); // which a busy machine does not change
    Network network = m.output("n4998").read();
    assertThat(network.steps()).hasSizeGreaterThan(4000);
    assertThat(threads.getCurrentThreadCpuTime() - start).isLessThan(5_000_000_000L);
    refused(m.node("Relu", "x", "a").node("Relu", "x", "b"), "5001 nodes; at most 5000");
  }

  /** An empty message takes two bytes of the file and becomes an object, a byte becomes a long. */
  @Test
  void whatParsingTakesIsWithinTheLimit() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    OnnxReader reader = OnnxReader.DEFAULT.withMemoryLimit(64 << 20);
    byte[] nodes = new byte[4 << 20];
    for (int i = 0; i < nodes.length; i += 2) {
      nodes[i] = 1 << 3 | 2; // GraphProto.node, of no bytes
    }
    byte[] many =
        ModelProto.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        ModelProto.GRAPH_FIELD_NUMBER,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFrom(nodes))
                            .build())
                    .build())
            .build()
            .toByteArray();
    TestModel narrow = relu();
    narrow.graph.addInitializer(
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(3)
            .addDims(16 << 20)
            .setRawData(ByteString.copyFrom(new byte[16 << 20])));
    for (byte[] file : List.of(many, narrow.model().toByteArray())) {
      long before = threads.getCurrentThreadAllocatedBytes();
      assertThatThrownBy(() -> reader.read(file))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("memory limit");
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(64 << 20);
    }
  }

  /** A second output is not read; here it has the name of the node's input. */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aNodeThatSeemsToMakeItsOwnInput() {
    TestModel m = relu().node("Relu", "y", "z").output("z");
    m.graph.getNodeBuilder(1).addOutput("y");
    assertThat(m.read().outputs()).hasToString("[y [1, 3, 4, 4] NCHW, z [1, 3, 4, 4] NCHW]");
  }

  /** Few nodes may read a lot. */
  @Test
  void whatIsReadOftenIsMovedOnce() {
    TestModel m = new TestModel().input("x", 1, 2, 3, 3).output("y");
    m.node("Transpose", "x", "t", "perm", List.of(0, 1, 3, 2));
    m.node("Concat", "x" + " t".repeat(19_998), "y", "axis", 1);
    List<Step> steps = m.read().steps();
    assertThat(steps.stream().filter(s -> s.description().equals("transpose"))).hasSize(3);
    m.node("Add", "x t", "z");
    refused(m, "20002 inputs of nodes; at most 20000");
    TestModel many = relu();
    for (int i = 0; i < 1000; i++) {
      many.output("y");
    }
    refused(many, "1001 outputs; at most 1000");
    TestModel inputs = relu();
    for (int i = 0; i < 1000; i++) {
      inputs.input("x" + i, 1, 2, 2, 2);
    }
    refused(inputs, "1001 inputs; at most 1000");
  }

  /** A size of 0 is one, unless it is the first and so an open batch, or set. */
  @Test
  void emptyInputsAndOutputs() {
    TestModel m = new TestModel().input("x", 2, 0, 4, 3).output("y").output("z").opset(13);
    m.node("Relu", "x", "y").node("ReduceSum", "x", "z", "keepdims", 0);
    Network network = m.read();
    assertThat(network.inputs().getFirst().shape()).containsExactly(2, 0, 4, 3);
    assertThat(network.outputs().getFirst().shape()).containsExactly(2, 0, 4, 3);
    assertThat(network.run(Map.of("x", new float[0])).get("z")).containsExactly(0);
    assertThat(network.run(Map.of("x", new float[0])).get("y")).isEmpty();
    byte[] bytes = m.model().toByteArray();
    Network image = OnnxReader.DEFAULT.withInputShape("x", 2, 5, 4, 3).read(bytes);
    assertThat(image.outputs().getFirst().shape()).containsExactly(2, 5, 4, 3);
    TestModel batch = new TestModel().input("x", 0, 3).node("Relu", "x", "y").output("y");
    assertThat(batch.read().inputs().getFirst().shape()).containsExactly(1, 3);
    Network none = OnnxReader.DEFAULT.withInputShape("x", 0, 3).read(batch.model().toByteArray());
    assertThat(none.outputs().getFirst().shape()).containsExactly(0, 3);
    TestModel pool = new TestModel().input("x", 1, 3, 0, 0).node("GlobalMaxPool", "x", "y");
    refused(pool.output("y"), "input 'x' is empty by the file", "withInputShape()");
  }

  @Test
  void sizesThatTheFileLeavesOpen() {
    TestModel batch = new TestModel().input("x", -1, 3, 4, 4).node("Relu", "x", "y").output("y");
    assertThat(batch.read().inputs().getFirst().shape()).containsExactly(1, 3, 4, 4);
    for (long size : new long[] {0, -1}) {
      var dims = batch.graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder();
      dims.getShapeBuilder().getDimBuilder(0).setDimValue(size);
      assertThat(batch.read().inputs().getFirst().shape()).containsExactly(1, 3, 4, 4);
      dims.getShapeBuilder().getDimBuilder(1).setDimValue(size);
      if (size < 0) {
        refused(batch, "input 'x': it leaves size 1 open", "withInputShape");
      }
      dims.getShapeBuilder().getDimBuilder(1).setDimValue(3);
    }
    byte[] open =
        new TestModel()
            .input("x", 1, 3, -1, -1)
            .node("Relu", "x", "y")
            .output("y")
            .model()
            .toByteArray();
    refused(open, "input 'x': it leaves size 2 open", "withInputShape");
    OnnxReader reader = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 5, 6);
    assertThat(reader.read(open).outputs().getFirst().shape()).containsExactly(1, 3, 5, 6);
    assertThatThrownBy(() -> reader.withInputShape("x", 1, 4, 5, 6).read(open))
        .hasMessageContaining("does not fit");
    assertThatThrownBy(() -> reader.withInputShape("z", 1).read(open))
        .hasMessageContaining("no input [z]");
  }

  @Test
  void halfAndDoubleWeightsAreRead() {
    TestModel m = new TestModel().input("x", 1, 2, 1, 1);
    m.graph.addInitializer(
        TensorProto.newBuilder()
            .setName("half")
            .setDataType(10)
            .addDims(2)
            .addDims(1)
            .addDims(1)
            .setRawData(ByteString.copyFrom(new byte[] {0, 0x3c, 0, (byte) 0xc0})));
    m.graph.addInitializer(
        TensorProto.newBuilder().setName("double").setDataType(11).addDoubleData(0.5));
    m.node("Mul", "x half", "a").node("Add", "a double", "y").output("y");
    assertThat(m.run(3, 4)).containsExactly(3.5f, -7.5f);
  }

  @Test
  void severalInputsAndAConstantOutput() {
    TestModel m = new TestModel().input("a", 2).input("b", 2).floats("c", List.of(2L), 7, 8);
    m.node("Sub", "a b", "d").output("d").output("c").output("a");
    Map<String, float[]> out =
        m.read().run(Map.of("a", new float[] {1, 2}, "b", new float[] {10, 20}));
    assertThat(out.get("d")).containsExactly(-9, -18);
    assertThat(out.get("c")).containsExactly(7, 8);
    assertThat(out.get("a")).containsExactly(1, 2);
  }

  /** As PyTorch writes {@code squeeze(1)} where the size of the axis is not known. */
  private static TestModel squeeze(long channels) {
    TestModel m = new TestModel().input("x", 1, channels, 2).output("y");
    m.longs("one", 1).longs("axes", 1).node("Shape", "x", "s").node("Gather", "s one", "size");
    TestModel squeezed = new TestModel().output("z").longs("by", 1).node("Squeeze", "x by", "z");
    return m.node("Equal", "size one", "isOne")
        .node(
            "If",
            "isOne",
            "y",
            "then_branch",
            squeezed.graph.build(),
            "else_branch",
            TestModel.passing("x"));
  }

  @Test
  void anIfIsTheBranchThatAConstantTakes() {
    assertThat(squeeze(1).read().outputs().getFirst().shape()).containsExactly(1, 2);
    assertThat(squeeze(1).run(3, 4)).containsExactly(3, 4);
    assertThat(squeeze(2).read().outputs().getFirst().shape()).containsExactly(1, 2, 2);
    assertThat(squeeze(2).run(3, 4, 5, 6)).containsExactly(3, 4, 5, 6);
  }

  /** Names inside of a graph end with it; what a graph inside reads of an input is no image's. */
  @Test
  void graphsInsideOfNodesHaveNamesOfTheirOwn() {
    TestModel m = new TestModel().input("x", 1, 2, 1, 3).output("y").output("z");
    m.raw("true", 9, List.of(), 1).node("Transpose", "x", "y", "perm", List.of(0, 3, 1, 2));
    TestModel outer = new TestModel().output("twice").raw("false", 9, List.of(1L), 0);
    outer.node("If", "false", "same", "then_branch", relu().graph.build(), "else_branch", inner());
    outer.node("Add", "same same", "twice");
    m.node("If", "true", "a", "then_branch", outer.graph.build(), "else_branch", inner());
    m.node("If", "true", "b", "then_branch", outer.graph.build(), "else_branch", inner());
    Network network = m.node("Add", "a b", "z").read();
    assertThat(network.inputs().getFirst().layout()).isEqualTo(Layout.NCHW); // not y's alone
    Map<String, float[]> results = network.run(Map.of("x", new float[] {1, 2, 3, 4, 5, 6}));
    assertThat(results.get("z")).containsExactly(4, 8, 12, 16, 20, 24);
    assertThat(results.get("y")).containsExactly(1, 4, 2, 5, 3, 6);
  }

  private static GraphProto inner() {
    return TestModel.passing("x");
  }

  @Test
  void anIfThatCannotBeReadSaysWhy() {
    TestModel computed = relu().node("ReduceMin", "y", "c", "keepdims", 0);
    computed.node("If", "c", "z", "then_branch", inner(), "else_branch", inner());
    refused(computed, "'z' (operator 'If'", "the condition (input 0, 'c') must be constant");
    TestModel none = relu().raw("t", 9, List.of(), 1).node("If", "t", "z", "else_branch", inner());
    refused(none, "attribute then_branch is missing");
    none = relu().raw("t", 9, List.of(2L), 1, 1);
    none.node("If", "t", "z", "then_branch", inner(), "else_branch", inner());
    refused(none, "the condition has the shape [2], must be one number");
    TestModel two = relu().raw("t", 9, List.of(), 1).node("If", "t", "z", "then_branch", inner());
    two.graph.getNodeBuilder(1).addOutput("more");
    refused(two, "the branch has 0 input(s) and 1 output(s), must have none and 2");
    GraphProto unknown = new TestModel().node("GRU", "x", "g").output("g").graph.build();
    TestModel within =
        relu().raw("t", 9, List.of(), 1).node("If", "t", "z", "then_branch", unknown);
    within.node("Relu", "z", "last");
    refused(within, "node 1 of 1 in 'z', 'g' (operator 'GRU', opset 17): ", "not looked at: 2");
    TestModel leaking = relu().raw("t", 9, List.of(), 1);
    leaking.node("If", "t", "z", "then_branch", inner());
    refused(leaking.node("Relu", "passed", "w"), "'passed' is no input, no initialiser");
  }

  @Test
  void nodesInsideOfNodesCountAsNodes() {
    TestModel many = new TestModel().output("r");
    for (int i = 0; i < 5000; i++) {
      many.node("Relu", "x", i == 0 ? "r" : "r" + i);
    }
    TestModel m = relu().raw("t", 9, List.of(), 1);
    refused(
        m.node("If", "t", "z", "then_branch", inner(), "else_branch", many.graph.build()),
        "the graph has 5003 nodes; at most 5000");
  }

  /** A detector, whose end is not supported and reads an input of its own. */
  private static TestModel detector() {
    TestModel m = new TestModel().input("x", 1, 2, 2, 2).input("most", -1, 7).output("kept");
    m.floats("w", List.of(1L, 2L, 1L, 1L), 1, 10)
        .raw("far", 9, List.of(400_000L), new int[400_000]);
    m.node("Conv", "x w", "map").node("Relu", "map", "scores").node("Neg", "scores", "boxes");
    m.node("NonMaxSuppression", "boxes scores most", "kept0")
        .node("Cast", "kept0", "kept", "to", 1);
    return m;
  }

  @Test
  void networkEndsAtNamedTensors() {
    OnnxReader reader = OnnxReader.DEFAULT.withOutputs("boxes", "map").withMemoryLimit(1 << 20);
    Network network = reader.withInputShape("most", 1, 7).read(detector().model().toByteArray());
    assertThat(network.inputs()).extracting(Port::name).containsExactly("x");
    assertThat(network.outputs()).extracting(Port::name).containsExactly("boxes", "map");
    float[] x = {1, 2, 3, 4, -1, 0, 0, 1};
    Map<String, float[]> made = network.run(Map.of("x", x));
    assertThat(made.get("map")).containsExactly(-9, 2, 3, 14);
    assertThat(made.get("boxes")).containsExactly(-0f, -2, -3, -14);
    Network same = OnnxReader.DEFAULT.withOutputs("x").read(detector().model().toByteArray());
    assertThat(same.run(Map.of("x", x)).get("x")).isEqualTo(x);
  }

  @Test
  void tensorsThatCannotBeOutputsAreNamed() {
    assertThatThrownBy(
            () -> OnnxReader.DEFAULT.withOutputs("score").read(detector().model().toByteArray()))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("no tensor 'score', which was to be an output; near it are 'scores',")
        .hasMessageContaining("must be an input, an initializer or a result");
    assertThatThrownBy(() -> OnnxReader.DEFAULT.withOutputs("a", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[a, a] must be one or more different ones");
    assertThatThrownBy(OnnxReader.DEFAULT::withOutputs)
        .isInstanceOf(IllegalArgumentException.class);
    OnnxReader reader = OnnxReader.DEFAULT.withOutputs("map").withInputShape("z", 1);
    assertThatThrownBy(() -> reader.read(detector().model().toByteArray()))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("no input [z]");
  }

  /** Where a network could end is said only if all that is missing lies behind that. */
  @Test
  void messageSaysWhereNetworkCouldEnd() {
    OnnxReader reader = OnnxReader.DEFAULT.withInputShape("most", 1, 7);
    assertThatThrownBy(() -> reader.read(detector().model().toByteArray()))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("node 4 of 5")
        .hasMessageEndingWith(
            "all of that lies behind 'boxes', 'scores', at which the network could end: see"
                + " OnnxReader.withOutputs()");
    TestModel early = detector().node("NonZero", "x", "early").output("early");
    assertThatThrownBy(() -> reader.read(early.model().toByteArray()))
        .isInstanceOf(OnnxException.class)
        .hasMessageNotContaining("withOutputs");
  }

  private static FunctionProto.Builder function(String name, TestModel body, String... inputs) {
    return FunctionProto.newBuilder()
        .setName(name)
        .setDomain("local")
        .addAllInput(List.of(inputs))
        .addAllNode(body.graph.getNodeList())
        .addAllOutput(body.graph.getOutputList().stream().map(ValueInfoProto::getName).toList());
  }

  private static OperatorSetIdProto set(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private static void refer(TestModel m, String attribute, String of, AttributeType type) {
    m.graph
        .getNodeBuilder(m.graph.getNodeCount() - 1)
        .addAttribute(
            AttributeProto.newBuilder().setName(attribute).setRefAttrName(of).setType(type));
  }

  private static void call(TestModel m, String function, String inputs, String... outputs) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(function).setDomain("local");
    m.graph.addNode(
        node.setName("call of " + function)
            .addAllInput(List.of(inputs.split(" ", -1)))
            .addAllOutput(List.of(outputs)));
  }

  private static byte[] file(TestModel m, FunctionProto.Builder... functions) {
    ModelProto.Builder model = m.model().toBuilder().addOpsetImport(set("local", 1));
    for (FunctionProto.Builder f : functions) {
      model.addFunctions(f);
    }
    return model.build().toByteArray();
  }

  private static FunctionProto.Builder leaky() {
    TestModel body = new TestModel().node("LeakyRelu", "x", "y").output("y");
    refer(body, "alpha", "slope", AttributeType.FLOAT);
    return function("Leaky", body, "x");
  }

  /** Names, opsets and attributes of their own; inputs and outputs that a call leaves out. */
  @Test
  void functionsAreReadInThePlaceOfTheirCalls() {
    TestModel outer = new TestModel();
    call(outer, "Leaky", "x", "z");
    refer(outer, "slope", "steep", AttributeType.FLOAT);
    outer.node("Clip", "z low", "y").node("Neg", "x", "other").output("y").output("other");
    outer.node("Squeeze", "x", "unread", "axes", List.of(0)); // of opset 11
    FunctionProto.Builder nested =
        function("Nested", outer, "x", "low")
            .addOpsetImport(set("", 11))
            .addOpsetImport(set("local", 1))
            .addAttributeProto(
                AttributeProto.newBuilder().setName("steep").setType(AttributeType.FLOAT).setF(4));
    TestModel m = new TestModel().input("x", 1, 3).output("a").output("b").output("c");
    m.floats("low", List.of(), -1);
    call(m, "Nested", "x", "z", "y");
    m.graph
        .getNodeBuilder(0)
        .addAttribute(
            AttributeProto.newBuilder().setName("steep").setType(AttributeType.FLOAT).setF(0.5f));
    call(m, "Nested", "z low", "b");
    call(m, "Leaky", "y", "c");
    m.node("Identity", "z", "a");
    Map<String, float[]> made =
        OnnxReader.DEFAULT.read(file(m, leaky(), nested)).run(Map.of("x", new float[] {-4, -1, 3}));
    assertThat(made.get("a")).containsExactly(-2, -0.5f, 3);
    assertThat(made.get("b")).containsExactly(-1, -1, 3);
    assertThat(made.get("c")).containsExactly(4, 1, -0.03f);
  }

  @Test
  void functionsThatCannotBeReadSayWhy() {
    TestModel body = new TestModel().node("GRU", "x", "y").output("y");
    TestModel m = relu();
    call(m, "F", "y", "z");
    refused(file(m, function("F", body, "x")), "node 1 of 1 in 'call of F', 'y' (operator 'GRU'");
    refused(file(m), "'call of F' (operator 'F' of domain 'local', opset 17)", "not supported");
    refused(file(m, leaky().setName("F"), leaky().setName("F")), "'F' is defined twice");
    refused(
        file(m, function("F", new TestModel().node("Relu", "y", "z").output("z"), "x")),
        "'y' is no input, no initialiser");
    m.node("Relu", "z", "w");
    refer(m, "alpha", "slope", AttributeType.FLOAT);
    refused(file(m, leaky().setName("F")), "attribute 'slope' is one of a function");
    TestModel two = relu();
    call(two, "Leaky", "y y", "z");
    refused(file(two, leaky()), "it has 2 input(s) and 1 output(s), its function 1 and 1");
  }

  /** Few bytes that would become very many nodes, or would never end. */
  @Test
  void functionsThatGrowWithoutBoundAreRefused() {
    TestModel m = relu();
    call(m, "F0", "y", "z");
    FunctionProto.Builder[] functions = new FunctionProto.Builder[30];
    for (int i = 0; i < functions.length; i++) {
      TestModel body = new TestModel().node("Relu", "x", "y0").output("y0");
      for (int k = 0; k < 9 && i < functions.length - 1; k++) {
        call(body, "F" + (i + 1), "x", "k" + k);
      }
      functions[i] = function("F" + i, body, "x");
    }
    refused(file(m, functions), "at most 5000 are supported");
    TestModel itself = new TestModel().output("y");
    call(itself, "F0", "x", "y");
    refused(file(m, function("F0", itself, "x")), "more than 32 deep, or themselves, as 'F0' does");
    TestModel both = new TestModel().input("x", 1).output("y");
    FunctionProto.Builder[] chain = new FunctionProto.Builder[40];
    for (int i = 0; i < chain.length; i++) {
      TestModel next = new TestModel().output("y");
      if (i < chain.length - 1) {
        call(next, "F" + (i + 1), "x", "y");
      } else {
        next.node("Relu", "x", "y");
      }
      chain[i] = function("F" + i, next, "x");
    }
    call(both, "F20", "x", "half");
    assertThat(OnnxReader.DEFAULT.withOutputs("half").read(file(both, chain)).steps()).hasSize(1);
    call(both, "F0", "x", "y");
    refused(file(both, chain), "more than 32 deep");
    TestModel body = new TestModel().raw("t", 9, List.of(), 1).node("Constant", "", "c");
    body.node("If", "c", "y", "else_branch", inner()).output("y");
    refer(body, "then_branch", "graph", AttributeType.GRAPH);
    TestModel given = relu();
    call(given, "F", "y", "z");
    given
        .graph
        .getNodeBuilder(1)
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("graph")
                .setType(AttributeType.GRAPH)
                .setG(inner()));
    refused(file(given, function("F", body, "x")), "attribute 'graph' of the call is a graph");
  }
}
