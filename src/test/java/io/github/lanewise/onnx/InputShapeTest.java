package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import java.io.IOException;
import java.io.UncheckedIOException;
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

/** A network that was read is planned again for other shapes of its inputs. */
class InputShapeTest {
  private static final List<OnnxReader> READERS =
      List.of(
          OnnxReader.DEFAULT,
          OnnxReader.DEFAULT.withOptions(ConvOptions.DEFAULT.withBackend(Backend.scalar())));

  @TempDir private Path folder;

  private static float[] random(int n, int seed) {
    Random random = new Random(seed);
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() - 0.5f;
    }
    return out;
  }

  /**
   * Height and width are open, and what is made of them is worked out when the file is read: the
   * sizes of a resize and of a reshape. A batch norm and a factor go into weights.
   */
  private static TestModel image() {
    return new TestModel()
        .input("x", -1, 3, -1, -1)
        .floats("w", List.of(8L, 3L, 3L, 3L), random(216, 1))
        .floats("gamma", List.of(8L), random(8, 2))
        .floats("beta", List.of(8L), random(8, 3))
        .floats("variance", List.of(8L), 1, 2, 3, 4, 5, 6, 7, 8)
        .floats("d", List.of(8L, 1L, 3L, 3L), random(72, 4))
        .floats("p", List.of(16L, 8L, 1L, 1L), random(128, 5))
        .floats("m", List.of(16L, 5L), random(80, 6))
        .floats("two", List.of(1L), 2)
        .longs("at", 2, 3)
        .longs("rows", 0, -1, 16)
        .node("Conv", "x w", "c", "pads", List.of(1, 1, 1, 1), "strides", List.of(2, 2))
        .node("BatchNormalization", "c gamma beta beta variance", "n")
        .node("Relu", "n", "r")
        .node("Conv", "r d", "e", "pads", List.of(1, 1, 1, 1), "group", 8)
        .node("Conv", "e p", "f")
        .node("Shape", "x", "s")
        .node("Gather", "s at", "hw")
        .node("Shape", "f", "t")
        .longs("zeroOne", 0, 1)
        .node("Gather", "t zeroOne", "nc")
        .node("Concat", "nc hw", "sizes", "axis", 0)
        .node("Resize", "f   sizes", "g")
        .node("Mul", "g two", "h")
        .node("Transpose", "h", "i", "perm", List.of(0, 2, 3, 1))
        .node("Reshape", "i rows", "j")
        .node("MatMul", "j m", "y")
        .output("y")
        .output("h");
  }

  private static void same(Network actual, Network expected) {
    assertThat(actual).hasToString(expected.toString());
    Map<String, float[]> in = new HashMap<>();
    for (Port port : expected.inputs()) {
      in.put(port.name(), random(port.length(), 7));
    }
    Map<String, float[]> out = expected.run(in);
    actual.run(in).forEach((name, values) -> assertThat(values).isEqualTo(out.get(name)));
  }

  @Test
  void isTheNetworkThatIsReadWithThatShape() {
    byte[] bytes = image().model().toByteArray();
    for (OnnxReader reader : READERS) {
      Network small = reader.withInputShape("x", 1, 3, 10, 14).read(bytes);
      Network large = reader.withInputShape("x", 2, 3, 33, 20).read(bytes);
      assertThat(small.inputs()).hasToString("[x [1, 3, 10, 14] NCHW]");
      Network found = small.withInputShape("x", 2, 3, 33, 20);
      same(found, large);
      same(found.withInputShapes(Map.of("x", new int[] {1, 3, 10, 14})), small);
      assertThat(small.withInputShape("x", 1, 3, 10, 14)).isSameAs(small);
    }
  }

  @Test
  void layoutsStayAndSayTheOrderOfSizes() {
    byte[] bytes = image().model().toByteArray();
    OnnxReader reader = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 10, 14);
    Network turned = reader.read(bytes).withLayout("x", Layout.NHWC).withLayout("h", Layout.NHWC);
    Network found = turned.withInputShape("x", 1, 12, 20, 3);
    Network expected = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 12, 20).read(bytes);
    same(found, expected.withLayout("x", Layout.NHWC).withLayout("h", Layout.NHWC));
  }

  /** Two inputs that only together have a shape that is allowed. */
  @Test
  void shapesOfSeveralInputsChangeTogether() {
    TestModel m = new TestModel().input("a", -1, -1).input("b", -1, -1);
    m.node("Sub", "a b", "y").output("y");
    OnnxReader reader = OnnxReader.DEFAULT.withInputShape("a", 2, 3).withInputShape("b", 2, 3);
    Network network = reader.read(m.model().toByteArray());
    Map<String, int[]> both = Map.of("a", new int[] {4, 5}, "b", new int[] {4, 5});
    Network found = network.withInputShapes(both);
    assertThat(found.outputs()).hasToString("[y [4, 5]]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.withInputShape("a", 4, 5))
        .withMessageContainingAll("'y' (operator 'Sub'", "[[4, 5], [2, 3]]");
  }

  /** One of 16 MB of weights: a second copy of them would show. */
  @Test
  void weightsAreInMemoryOnce() throws IOException {
    int size = 2048;
    TestModel m = new TestModel().input("x", -1, size).output("y");
    byte[] values = new byte[4 * size * size];
    ByteBuffer.wrap(values)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .put(random(size * size, 8));
    TensorProto.Builder t = TensorProto.newBuilder().setName("w").setDataType(1);
    t.addDims(size).addDims(size).setRawData(ByteString.copyFrom(values));
    m.graph.addInitializer(t);
    Path file =
        Files.write(
            folder.resolve("large.onnx"), m.node("MatMul", "x w", "y").model().toByteArray());
    m.graph.clear();
    for (OnnxReader reader : READERS) {
      long before = usedBytes();
      Network network = reader.withInputShape("x", 3, size).read(file);
      long one = usedBytes() - before;
      Network other = network.withInputShape("x", 7, size);
      long both = usedBytes() - before;
      assertThat(one).isGreaterThan(values.length);
      assertThat(both - one).isLessThan(values.length / 4);
      assertThat(other.outputs()).hasToString("[y [7, 2048]]");
      assertThat(network.outputs()).hasToString("[y [3, 2048]]");
    }
  }

  private static long usedBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5; i++) { // what another thread allocates meanwhile does not count
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }

  @Test
  void whatIsNotAllowedIsSaid() {
    byte[] bytes = image().model().toByteArray();
    Network network = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 10, 14).read(bytes);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.withInputShape("y", 1, 3, 10, 14))
        .withMessageContainingAll("name = 'y' must be one of the inputs", "x [1, 3, 10, 14]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.withInputShape("x", 3, 10, 14))
        .withMessageContainingAll("shape = [3, 10, 14]", "'x'", "as many sizes as [1, 3, 10, 14]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.withInputShape("x", 1, 3, 0, 14))
        .withMessageContainingAll("'x'", "[1, 3, 0, 14]", "must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.withInputShape("x", 1, 4, 10, 14))
        .withMessageContainingAll("'x'", "[1, 4, 10, 14]", "sizes [?, 3, ?, ?] in the file");
    Network fixed = new TestModel().input("x", 1, 2).node("Relu", "x", "y").output("y").read();
    assertThat(fixed.withInputShape("x", 1, 2)).isSameAs(fixed);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> fixed.withInputShape("x", 1, 3))
        .withMessageContainingAll("[x [1, 3]] must stay [x [1, 2]]", "the file fixes all sizes");
  }

  @Test
  void theFileIsReadAgainAndMustBeTheSame() throws IOException {
    byte[] bytes = image().model().toByteArray();
    Path file = Files.write(folder.resolve("model.onnx"), bytes);
    Network network = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 10, 14).read(file);
    Network expected = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 12, 20).read(bytes);
    same(network.withInputShape("x", 1, 3, 12, 20), expected);
    byte[] others = bytes.clone();
    others[bytes.length / 2]++;
    Files.write(file, others);
    assertThatThrownBy(() -> network.withInputShape("x", 1, 3, 12, 20))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll(file.toString(), "has changed since the network was read");
    Files.write(file, bytes);
    same(network.withInputShape("x", 1, 3, 12, 20), expected);
    Files.delete(file);
    assertThatThrownBy(() -> network.withInputShape("x", 1, 3, 12, 20))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("model.onnx");
    Network inMemory = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 10, 14).read(bytes);
    bytes[bytes.length / 2]++;
    assertThatThrownBy(() -> inMemory.withInputShape("x", 1, 3, 12, 20))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the array of the model has changed");
  }

  @Test
  void soAreWeightsInOtherFiles() throws IOException {
    TestModel m = new TestModel().input("x", -1, 2).output("y").node("MatMul", "x w", "y");
    TensorProto.Builder t = TensorProto.newBuilder().setName("w").setDataType(1);
    t.addDims(2).addDims(2).setDataLocation(TensorProto.DataLocation.EXTERNAL);
    t.addExternalData(
        StringStringEntryProto.newBuilder().setKey("location").setValue("weights.bin"));
    m.graph.addInitializer(t);
    Path file = Files.write(folder.resolve("model.onnx"), m.model().toByteArray());
    Path weights = Files.write(folder.resolve("weights.bin"), new byte[16]);
    Network network = OnnxReader.DEFAULT.read(file);
    assertThat(network.withInputShape("x", 3, 2).outputs()).hasToString("[y [3, 2]]");
    byte[] others = new byte[16];
    others[3] = 64;
    Files.write(weights, others);
    assertThatThrownBy(() -> network.withInputShape("x", 3, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("a file with weights in " + folder, "has changed");
  }

  /** Sizes that a file fixes for one image do not stand in the way of a batch. */
  @Test
  void aFileForOneImageRunsABatch() {
    TestModel m = new TestModel().input("x", 1, 2, 3, 4).longs("row", 1, 24);
    m.node("Reshape", "x row", "r").node("Softmax", "r", "y").output("y");
    Network one = m.read();
    float[] images = random(3 * 24, 9);
    float[] all = one.withBatch(3).run(Map.of("x", images)).get("y");
    for (int image = 0; image < 3; image++) {
      float[] x = Arrays.copyOfRange(images, 24 * image, 24 * (image + 1));
      assertThat(Arrays.copyOfRange(all, 24 * image, 24 * (image + 1)))
          .isEqualTo(one.run(Map.of("x", x)).get("y"));
    }
  }

  @Test
  void aPublicNetworkOfAnySize() throws IOException {
    Path file = Path.of("../shared/networks/ppocr_v4_det/model.onnx");
    assumeTrue(Files.exists(file), "no ../shared/networks beside the checkout");
    OnnxReader reader = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 64, 96);
    Network network = reader.read(file);
    same(
        network.withInputShape("x", 1, 3, 96, 160),
        OnnxReader.DEFAULT.withInputShape("x", 1, 3, 96, 160).read(file));
  }
}
