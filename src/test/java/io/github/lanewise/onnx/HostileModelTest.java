package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Small files that would cost much time or memory, or put words into the reader's mouth. */
class HostileModelTest {
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
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
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
    TestModel m = relu();
    m.graph.addInitializer(
        TensorProto.newBuilder()
            .setName("bytes")
            .setDataType(3)
            .addDims(1 << 20)
            .setRawData(ByteString.copyFrom(new byte[1 << 20])));
    for (int i = 0; i < 32; i++) {
      m.node("Cast", "bytes", "f" + i, "to", 1);
    }
    refused(m, "(operator 'Cast'", "memory limit");
  }
}
