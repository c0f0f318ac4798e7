package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.github.lanewise.network.Network;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Small files that would cost much time or memory, or put words into the reader's mouth. */
@Tag("backend")
class HostileModelTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long LIMIT = 64 << 20;

  private static void refused(TestModel model, String... parts) {
    byte[] bytes = model.model().toByteArray();
    assertThatThrownBy(() -> OnnxReader.DEFAULT.withMemoryLimit(LIMIT).read(bytes))
        .isInstanceOf(OnnxException.class)
        .hasMessageContainingAll(parts)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(2000))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContainPattern("[\\p{Cc}\\p{Cf}\u2028]"));
  }

  private static TestModel relu() {
    return new TestModel().input("x", 1, 3, 4, 4).node("Relu", "x", "y").output("y");
  }

  /** A million whole numbers in as many bytes. */
  private static TestModel withBytes() {
    TestModel m = relu();
    m.graph.addInitializer(
        TensorProto.newBuilder()
            .setName("bytes")
            .setDataType(3)
            .addDims(1 << 20)
            .setRawData(ByteString.copyFrom(new byte[1 << 20])));
    return m;
  }

  /** A Constant whose input is named too, though it has none. */
  private static NodeProto constant(String input, String output) {
    TensorProto value =
        TensorProto.newBuilder()
            .setDataType(1)
            .addAllDims(List.of(1L, 1L, 1L, 1L))
            .addFloatData(1)
            .build();
    return NodeProto.newBuilder()
        .setOpType("Constant")
        .addInput(input)
        .addOutput(output)
        .addAttribute(AttributeProto.newBuilder().setName("value").setT(value))
        .build();
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void constantsThatReadEachOther() {
    TestModel own = relu().output("c");
    own.graph.addNode(constant("c", "c"));
    refused(own, "node 2 of 2, 'c'", "1 input(s)", "must have none");
    TestModel two = relu().output("c");
    two.graph.addNode(constant("d", "c")).addNode(constant("c", "d"));
    refused(two, "node 2 of 3, 'c'", "must have none");
  }

  @Test
  void wholeNumbersThatBecomeFloatsAreCountedEachTime() {
    TestModel m = withBytes();
    for (int i = 0; i < 32; i++) {
      m.node("Cast", "bytes", "f" + i, "to", 1);
    }
    refused(m, "(operator 'Cast'", "memory limit");
  }

  private static TestModel scaled(TestModel m, String from, int nodes) {
    String last = from;
    for (int i = 0; i < nodes; i++) {
      m.node("Mul", last + " half", "m" + i);
      last = "m" + i;
    }
    return m.floats("half", List.of(), 0.5f).output(last);
  }

  /** Two of the factors do not become one, but each would go into zeros. */
  @Test
  void aChainOfFactorsThatAreNotMergedIsNotLookedAt() {
    TestModel wide = new TestModel().input("x", 1, 1 << 20).floats("f", List.of(), 1e19f);
    float[] zeros = new float[1 << 20];
    zeros[0] = -0f; // so that it is no repeated number
    wide.floats("v", List.of(1L << 20), zeros).node("Mul", "x v", "m0");
    for (int i = 0; i < 80; i++) {
      wide.node("Mul", "m%d f".formatted(i), "m%d".formatted(i + 1));
    }
    assertThat(readWithin(wide.output("m80"), 120 << 20).steps()).hasSize(81);
  }

  private static Network readWithin(TestModel m, long bytes) {
    byte[] file = m.model().toByteArray();
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Network network = OnnxReader.DEFAULT.read(file);
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(bytes);
    return network;
  }

  /** Each link used to take a copy of all weights. */
  @Test
  void aChainOfFactorsIsFoldedOnce() {
    TestModel conv = new TestModel().input("x", 1, 512, 1, 1);
    conv.floats("w", List.of(512L, 512L, 1L, 1L), new float[512 * 512]).node("Conv", "x w", "c");
    assertThat(readWithin(scaled(conv, "c", 600), 30 << 20).steps()).hasSize(1);
    TestModel wide = new TestModel().input("x", 1, 1 << 20);
    wide.floats("v", List.of(1L << 20), new float[1 << 20]).node("Mul", "x v", "c");
    assertThat(readWithin(scaled(wide, "c", 80), 120 << 20).steps()).hasSize(1);
  }

  /** A batch normalization is a factor at once, a product only after a pass. */
  @Test
  void aChainOfTwoKindsOfFactorsIsFoldedOnce() {
    TestModel m = new TestModel().input("x", 1, 512, 1, 1);
    m.floats("w", List.of(512L, 512L, 1L, 1L), new float[512 * 512]).node("Conv", "x w", "c");
    float[] ones = new float[512];
    Arrays.fill(ones, 1);
    m.floats("one", List.of(512L), ones).floats("half", List.of(), 0.5f);
    String last = "c";
    for (int i = 0; i < 100; i++) {
      m.node("BatchNormalization", last + " one one one one", "b" + i);
      m.node("Mul", "b" + i + " half", "m" + i);
      last = "m" + i;
    }
    assertThat(readWithin(m.output(last), 30 << 20).steps()).hasSize(1);
  }

  /** Each that goes into weights takes a copy of them. */
  @Test
  void aChainOfShufflesCopiesFewWeights() {
    TestModel m = new TestModel().input("x", 1, 512, 2, 2);
    m.floats("w", List.of(512L, 512L, 1L, 1L), new float[512 * 512]).node("Conv", "x w", "g0");
    m.longs("last", -1).longs("end", -1000).longs("axis", 1);
    for (int i = 0; i < 100; i++) {
      m.node("Slice", "g%d last end axis last".formatted(i), "g%d".formatted(i + 1));
    }
    m.node("Conv", "g100 w", "y").output("y");
    assertThat(readWithin(m, 40 << 20).steps()).hasSizeLessThan(100);
  }

  /** Every place in a ring of rows has tables of its own, and a stride makes the ring taller. */
  @Test
  void depthwiseTablesGrowWithStrides() {
    TestModel m = new TestModel().input("x", 1, 2, 1, 4096);
    m.floats("w", List.of(2L, 1L, 1L, 4096L), new float[2 * 4096]);
    for (int i = 0; i < 200; i++) {
      m.node("Conv", "x w", "c" + i, "group", 2, "strides", List.of(60, 1));
    }
    refused(m.output("c0"), "(operator 'Conv'", "memory limit");
  }

  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void axesAreNamedOnce() {
    TestModel sliced = relu().longs("z", new long[1 << 20]).longs("d", 1, 2, 3);
    for (int i = 0; i < 1000; i++) {
      sliced.node("Slice", "d z z z", "s" + i);
    }
    refused(sliced, "node 2 of", "1048576 axes", "of 1");
    TestModel unnamed = relu().longs("z", 0, 0).longs("d", 1, 2, 3).node("Slice", "d z z", "s");
    refused(unnamed, "node 2 of", "2 axes", "of 1");
    TestModel twice = relu().longs("z", 0, 0).floats("d", List.of(2L, 2L), 1, 2, 3, 4);
    refused(twice.node("Slice", "d z z z", "s"), "node 2 of", "axis 0", "twice");
    TestModel squeezed = relu().longs("a", new long[1 << 20]);
    refused(squeezed.node("Squeeze", "x a", "s"), "node 2 of", "1048576 axes", "of 4");
    TestModel again = relu().longs("a", 0, -4).node("Squeeze", "x a", "s");
    refused(again, "node 2 of", "axis 0", "twice");
    TestModel padded = relu().longs("p", 1, 2, 3, 4).longs("a", 3, -1).opset(18);
    refused(padded.node("Pad", "x p  a", "s"), "node 2 of", "axis 3", "twice");
    TestModel unsqueezed = relu().longs("a", 1, 1).node("Unsqueeze", "x a", "s");
    refused(unsqueezed, "node 2 of", "axis 1", "twice");
  }

  @Test
  void namesAreShortAndOnOneLine() {
    String forged = "y\u001b[31m\nERROR_fake\u202e\u2028" + "long".repeat(1000);
    refused(relu().input(forged, 1, 2).input(forged, 1, 2), "'y?[31m?ERROR_fake??long", "twice");
    TestModel out = new TestModel().input(forged, 1, 2).output(forged).output(forged);
    refused(out.node("Relu", forged, "z"), "output 'y?[31m?ERROR_fake??long", "twice");
    TestModel sum = new TestModel().input(forged, 1, 2).input("b", 1, 3);
    refused(sum.node("Add", forged + " b", "z").output("z"), "node 1 of 1", "'z'", "y?[31m?ERR");
    TestModel big = new TestModel().input(forged, 1, 1 << 30).output(forged);
    refused(big.node("Relu", forged, "z"), "input 'y?[31m?ERR", "memory limit");
  }

  @Test
  void listsOfAFileAreNotRepeatedInMessages() {
    TestModel shaped = relu().longs("s", new long[1 << 20]).node("Reshape", "x s", "z");
    refused(shaped, "node 2 of 2", "1048576 sizes; at most 8");
    List<Integer> many = Collections.nCopies(100_000, 1);
    TestModel turned = relu().node("Transpose", "x", "z", "perm", many);
    refused(turned, "node 2 of 2", "perm has 100000 axes, must have 4");
  }

  /** Whole numbers take twice as much as floats. */
  @Test
  void joinedWholeNumbersAreCountedAsLongs() {
    TestModel m = withBytes();
    for (int i = 0; i < 8; i++) {
      m.node("Concat", "bytes", "c" + i, "axis", 0);
    }
    refused(m, "(operator 'Concat'", "memory limit");
  }

  @Test
  void aFileThatDoesNotEnd() {
    Path endless = Path.of("/dev/zero");
    assumeThat(endless).exists();
    assertThatThrownBy(() -> OnnxReader.DEFAULT.withMemoryLimit(1 << 20).read(endless))
        .isInstanceOf(OnnxException.class)
        .hasMessageContainingAll("/dev/zero has 1048577 bytes or more", "memory limit");
  }
}
