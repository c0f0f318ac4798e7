package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import io.github.lanewise.network.Network;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Whole numbers that stand for real ones: sums are exact, however large. */
class QuantizedOperatorsTest {
  private static final int UINT8 = 2;
  private static final int INT8 = 3;
  private static final int INT32 = 6;

  private final Random random = new Random(3);

  private int[] values(int n, int least, int most) {
    return random.ints(n, least, most + 1).toArray();
  }

  private static TestModel whole(TestModel m, String name, int type, List<Long> shape, int... v) {
    TensorProto.Builder t = TensorProto.newBuilder().setName(name).setDataType(type);
    t.addAllDims(shape);
    for (int value : v) {
      t.addInt32Data(value);
    }
    m.graph.addInitializer(t);
    return m;
  }

  private static TestModel model(int type, long... shape) {
    TestModel m = new TestModel().input("x", shape).output("y");
    m.graph.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(type);
    return m;
  }

  private static float[] run(TestModel m, int... x) {
    Network network = m.read();
    float[] in = new float[x.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = x[i];
    }
    return network.run(Map.of("x", in)).get("y");
  }

  /** Of weights so many and so large that float32 holds their sums in no, some and all digits. */
  @Test
  void productsOfWholeNumbersAreExact() {
    for (int depth : new int[] {5, 300, 5000, 60000}) {
      int[] a = values(2 * depth, 0, 255);
      int[] b = values(depth * 3, 100, 127);
      TestModel m = whole(model(UINT8, 2, depth), "b", INT8, List.of((long) depth, 3L), b);
      whole(m, "za", UINT8, List.of(), 3);
      whole(m, "zb", INT8, List.of(3L), -128, 0, 7);
      m.node("MatMulInteger", "x b za zb", "y");
      int[] zero = {-128, 0, 7};
      float[] made = run(m, a);
      for (int i = 0; i < 6; i++) {
        long sum = 0;
        for (int k = 0; k < depth; k++) {
          sum += (a[i / 3 * depth + k] - 3L) * (b[k * 3 + i % 3] - zero[i % 3]);
        }
        assertThat(made[i]).as("%d at depth %d", i, depth).isEqualTo((float) sum);
      }
    }
  }

  /** With a zero point for each row, and a second factor that is no constant. */
  @Test
  void productsOfTwoTensorsAreExact() {
    int depth = 400;
    int[] a = values(2 * depth, -128, 127);
    TestModel m = model(INT8, 2, depth);
    whole(m, "za", INT8, List.of(2L), -128, 5);
    m.node("Transpose", "x", "b").node("MatMulInteger", "x b za", "y");
    float[] made = run(m, a);
    int[] zero = {-128, 5};
    for (int i = 0; i < 4; i++) {
      long sum = 0;
      for (int k = 0; k < depth; k++) {
        sum += (long) (a[i / 2 * depth + k] - zero[i / 2]) * a[i % 2 * depth + k];
      }
      assertThat(made[i]).isEqualTo((float) sum);
    }
  }

  @Test
  void convolutionsAreRequantizedByChannel() {
    int inputs = 600;
    int[] x = values(inputs * 4, 0, 255);
    int[] w = values(2 * inputs, -128, 127);
    TestModel m = model(UINT8, 1, inputs, 2, 2);
    m.floats("sx", List.of(), 0.02f).floats("sw", List.of(2L), 0.01f, 0.03f);
    m.floats("sy", List.of(), 2.5f);
    whole(m, "zx", UINT8, List.of(), 120);
    whole(m, "w", INT8, List.of(2L, (long) inputs, 1L, 1L), w);
    whole(m, "zw", INT8, List.of(2L), 0, 1);
    whole(m, "zy", UINT8, List.of(), 128);
    whole(m, "b", INT32, List.of(2L), 1000, -70000);
    m.node("QLinearConv", "x sx zx w sw zw sy zy b", "y");
    float[] made = run(m, x);
    for (int i = 0; i < 8; i++) {
      int o = i / 4;
      long sum = o == 0 ? 1000 : -70000;
      for (int c = 0; c < inputs; c++) {
        sum += (x[c * 4 + i % 4] - 120L) * (w[o * inputs + c] - o);
      }
      double real = sum * (double) (0.02f * (o == 0 ? 0.01f : 0.03f) / 2.5f);
      double rounded = Math.rint(real) + 128;
      assertThat(made[i]).as("%d", i).isEqualTo((float) Math.min(Math.max(rounded, 0), 255));
    }
  }

  /** What lies outside of the image stands for 0, as the zero point does. */
  @Test
  void paddingStandsForZero() {
    TestModel m = model(UINT8, 1, 1, 2, 2);
    whole(m, "w", UINT8, List.of(1L, 1L, 3L, 3L), 1, 1, 1, 1, 1, 1, 1, 1, 1);
    whole(m, "zx", UINT8, List.of(), 10);
    m.node("ConvInteger", "x w zx", "y", "pads", List.of(1, 1, 1, 1));
    assertThat(run(m, 11, 12, 13, 14)).containsExactly(10, 10, 10, 10);
  }

  @Test
  void scalesAreForAllForAnAxisAndForBlocks() {
    TestModel m = new TestModel().opset(21).input("x", 1, 2, 1, 2).output("y");
    m.floats("s", List.of(2L), 1, 2).node("QuantizeLinear", "x s", "y");
    assertThat(m.run(1.5f, 2.5f, -1, 5)).containsExactly(2, 2, 0, 2);
    m = new TestModel().opset(21).input("x", 2, 4).output("y");
    m.floats("s", List.of(2L, 2L), 1, 2, 4, 8);
    m.node("QuantizeLinear", "x s", "y", "block_size", 2, "output_dtype", INT8);
    assertThat(m.run(3, -4, 6, 8, 12, 16, 24, -2000)).containsExactly(3, -4, 3, 4, 3, 4, 3, -128);
    m = new TestModel().input("x", 2).output("y").floats("s", List.of(), 0.5f);
    whole(m, "w", INT8, List.of(2L), -128, 127);
    whole(m, "z", INT8, List.of(), 27);
    m.node("DequantizeLinear", "w s z", "r").node("Add", "x r", "y");
    assertThat(m.run(0, 0)).containsExactly(-77.5f, 50);
  }

  /** Exporters may state the type though the zero point has it. */
  @Test
  void statedOutputTypeIsThatOfTheZeroPoint() {
    for (int stated : new int[] {0, INT8, UINT8}) {
      TestModel m = new TestModel().opset(21).input("x", 3).output("y").floats("s", List.of(), 2);
      whole(m, "z", INT8, List.of(), 1);
      m.node("QuantizeLinear", "x s z", "y", "output_dtype", stated);
      if (stated == UINT8) {
        assertThatThrownBy(m::read)
            .isInstanceOf(OnnxException.class)
            .hasMessageContaining("output_dtype is uint8, must be that of the zero point, int8");
      } else {
        assertThat(m.run(4, -300, 300)).containsExactly(3, -128, 127);
      }
    }
  }

  /** Weights of a file that states quantized values are constants all the same. */
  @Test
  void weightsAreDequantizedWhenTheFileIsRead() {
    TestModel m = new TestModel().input("x", 1, 1, 1, 2).output("y");
    m.floats("s", List.of(2L), 0.5f, 2);
    whole(m, "w", INT8, List.of(2L, 1L, 1L, 1L), 6, -3);
    m.node("DequantizeLinear", "w s", "r", "axis", 0).node("Conv", "x r", "y");
    assertThat(m.run(1, 10)).containsExactly(3, 30, -6, -60);
    assertThat(m.read().steps().getFirst().plan()).isNotNull();
  }

  /** A bias by the products of scales is as large as these are small. */
  @Test
  void biasesMayBeOfAnyMagnitude() {
    TestModel m = new TestModel().input("x", 3).output("y");
    m.floats("s", List.of(3L), 0x1p-20f, 1, 0x1p-31f);
    whole(m, "b", INT32, List.of(3L), (1 << 30) + 1, 33554433, Integer.MIN_VALUE);
    m.node("DequantizeLinear", "b s", "r", "axis", 0).node("Add", "x r", "y");
    assertThat(m.run(1, 0, 0.5f)).containsExactly(1025, 33554432, -0.5f);
  }

  /** The zero point is known only while the network runs. */
  @Test
  void dynamicQuantizationIsTheDefinition() {
    float[] x = {-1, 0.25f, 3, 0.7f, -0.3f, 2.2f};
    TestModel m = new TestModel().input("x", 1, 2, 1, 3).output("y").output("z").output("other");
    m.graph.addNode(
        NodeProto.newBuilder()
            .setOpType("DynamicQuantizeLinear")
            .addInput("x")
            .addAllOutput(List.of("q", "s", "zero")));
    whole(m, "w", INT8, List.of(1L, 2L, 1L, 1L), 7, -9);
    whole(m, "b", INT8, List.of(3L, 1L), 5, -3, 100);
    m.node("ConvInteger", "q w zero", "sums").node("Cast", "sums", "real", "to", 1);
    m.node("Mul", "real s", "y").node("MatMulInteger", "q b zero", "z");
    whole(m, "another", UINT8, List.of(), 60).node("MatMulInteger", "q b another", "other");
    Map<String, float[]> made = m.read().run(Map.of("x", x));
    float scale = 4f / 255;
    long zero = Math.round(1 / scale);
    double[] q = new double[6];
    Arrays.setAll(q, i -> Math.rint(x[i] / scale)); // less the zero
    assertThat(zero).isEqualTo(64);
    for (int i = 0; i < 3; i++) {
      assertThat(made.get("y")[i]).isEqualTo((float) (7 * q[i] - 9 * q[i + 3]) * scale);
    }
    for (int i = 0; i < 2; i++) {
      double sum = 5 * q[3 * i] - 3 * q[3 * i + 1] + 100 * q[3 * i + 2];
      assertThat(made.get("z")[i]).isEqualTo((float) sum);
      assertThat(made.get("other")[i]).isEqualTo((float) sum + 102 * (zero - 60));
    }
  }

  /** The same mobile block as converters write it; its scales are exact, so are its results. */
  @Test
  void quantizedBlocksAreTheDefinition() {
    float[] x = new float[2 * 16];
    for (int i = 0; i < x.length; i++) {
      x[i] = (random.nextInt(400) - 100) / 16f;
    }
    int[] w1 = values(4 * 2, -127, 127);
    int[] w2 = values(4 * 9, -127, 127);
    int[] w3 = values(2 * 4, -127, 127);
    int[] bias = values(4, -3000, 3000);
    float[] scales = {1 / 16f, 1 / 32f, 1 / 64f, 1 / 8f};
    for (String form : List.of("pairs", "clipped pairs", "numbers")) {
      TestModel m = new TestModel().input("x", 1, 2, 4, 4).output("y");
      m.floats("sx", List.of(), 1 / 8f).floats("sw1", List.of(4L), scales);
      m.floats("s1", List.of(), 0.25f).floats("sw", List.of(), 1 / 64f).floats("s3", List.of(), 2);
      m.floats("sb", List.of(4L), 1 / 128f, 1 / 256f, 1 / 512f, 1 / 64f);
      whole(m, "zx", UINT8, List.of(), 60);
      whole(m, "z1", UINT8, List.of(), 0);
      whole(m, "z3", UINT8, List.of(), 128);
      whole(m, "zw", INT8, List.of(), 0);
      whole(m, "zw1", INT8, List.of(4L), 0, 0, 0, 0);
      whole(m, "w1", INT8, List.of(4L, 2L, 1L, 1L), w1);
      whole(m, "w2", INT8, List.of(4L, 1L, 3L, 3L), w2);
      whole(m, "w3", INT8, List.of(2L, 4L, 1L, 1L), w3);
      whole(m, "b", INT32, List.of(4L), bias);
      whole(m, "most", UINT8, List.of(), 127);
      boolean isClipped = form.startsWith("clipped");
      if (form.equals("numbers")) {
        m.node("QuantizeLinear", "x sx zx", "qx");
        m.node("QLinearConv", "qx sx zx w1 sw1 zw1 s1 z1 b", "q1");
        List<Integer> one = List.of(1, 1, 1, 1);
        m.node("QLinearConv", "q1 s1 z1 w2 sw zw s1 z1", "q2", "group", 4, "pads", one);
        m.node("QLinearConv", "q2 s1 z1 w3 sw zw s3 z3", "q3");
        m.node("DequantizeLinear", "qx sx zx", "dx").node("DequantizeLinear", "q3 s3 z3", "d3");
      } else {
        pair(m, "x", "sx zx", "dx", isClipped);
        m.node("DequantizeLinear", "w1 sw1", "r1", "axis", 0);
        m.node("DequantizeLinear", "b sb", "rb", "axis", 0);
        m.node("DequantizeLinear", "w2 sw zw", "r2").node("DequantizeLinear", "w3 sw zw", "r3");
        pair(m.node("Conv", "dx r1 rb", "c1"), "c1", "s1 z1", "d1", isClipped);
        m.node("Conv", "d1 r2", "c2", "group", 4, "pads", List.of(1, 1, 1, 1));
        pair(m, "c2", "s1 z1", "d2", isClipped);
        pair(m.node("Conv", "d2 r3", "c3"), "c3", "s3 z3", "d3", isClipped);
      }
      pair(m.node("Add", "dx d3", "sum"), "sum", "s3 z3", "y", isClipped);
      double most = isClipped ? 127 : 255;
      double[] q = quantized(most, 60, 1 / 8f, i -> x[i], x.length);
      double[] q1 =
          quantized(
              most,
              0,
              0.25,
              i -> pointwise(q, w1, i, scales[i / 16] / 8) + bias[i / 16] * scales[i / 16] / 8,
              64);
      double[] q2 = quantized(most, 0, 0.25, i -> depthwise(q1, w2, i) / 256, 64);
      double[] q3 = quantized(most, 128, 2, i -> pointwise(q2, w3, i, 1 / 256.), 32);
      double[] sum = quantized(most, 128, 2, i -> q[i] / 8 + 2 * q3[i], 32);
      float[] wanted = new float[32];
      for (int i = 0; i < wanted.length; i++) {
        wanted[i] = (float) (2 * sum[i]);
      }
      assertThat(m.run(x)).as(form).isEqualTo(wanted);
    }
  }

  private static void pair(TestModel m, String from, String by, String to, boolean isClipped) {
    m.node("QuantizeLinear", from + " " + by, "q " + to);
    if (isClipped) {
      m.graph.addNode(
          NodeProto.newBuilder()
              .setOpType("Clip")
              .addInput("q " + to)
              .addAllInput(List.of("", "most"))
              .addOutput("n " + to));
    }
    m.graph.addNode(
        NodeProto.newBuilder()
            .setOpType("DequantizeLinear")
            .addInput((isClipped ? "n " : "q ") + to)
            .addAllInput(List.of(by.split(" ")))
            .addOutput(to));
  }

  /** Whole numbers less their zero. */
  private static double[] quantized(
      double most, int zero, double scale, IntToDoubleFunction real, int count) {
    double[] out = new double[count];
    for (int i = 0; i < count; i++) {
      double number = Math.rint(real.applyAsDouble(i) / scale) + zero;
      out[i] = Math.min(Math.max(number, 0), most) - zero;
    }
    return out;
  }

  private static double pointwise(double[] x, int[] w, int i, double scale) {
    int inputs = x.length / 16;
    double sum = 0;
    for (int c = 0; c < inputs; c++) {
      sum += x[16 * c + i % 16] * w[i / 16 * inputs + c];
    }
    return sum * scale;
  }

  private static double depthwise(double[] x, int[] w, int i) {
    double sum = 0;
    for (int tap = 0; tap < 9; tap++) {
      int row = i / 4 % 4 + tap / 3 - 1;
      int column = i % 4 + tap % 3 - 1;
      if (row >= 0 && row < 4 && column >= 0 && column < 4) {
        sum += x[i / 16 * 16 + row * 4 + column] * w[i / 16 * 9 + tap];
      }
    }
    return sum;
  }

  /** A Clip of the numbers as real values may end between two of them. */
  @Test
  void realBoundsAreNotThoseOfTheNumbers() {
    TestModel m = new TestModel().input("x", 3).output("y").floats("s", List.of(), 1);
    m.floats("low", List.of(), 0.5f).floats("high", List.of(), 2.5f);
    m.node("QuantizeLinear", "x s", "q").node("Cast", "q", "r", "to", 1);
    assertThat(m.node("Clip", "r low high", "y").run(0, 2, 7)).containsExactly(0.5f, 2, 2.5f);
  }

  /** A pair of both is one step, also through a Clip, and whoever reads it. */
  @Test
  void quantizingAndBackIsOneStep() {
    TestModel m = new TestModel().input("x", 4).output("y").output("z");
    m.floats("s", List.of(), 0.5f);
    whole(m, "zero", INT8, List.of(), 3);
    pair(m, "x", "s zero", "r", false);
    m.node("Neg", "r", "y");
    m.graph.addNode(
        NodeProto.newBuilder()
            .setOpType("DequantizeLinear")
            .addAllInput(List.of("q r", "s", "zero"))
            .addOutput("z"));
    Network network = m.read();
    float[] x = {0.3f, -100, 100, -1.25f};
    assertThat(network.run(Map.of("x", x)).get("z")).containsExactly(0.5f, -65.5f, 62, -1);
    assertThat(network.steps()).hasSize(2);
    m.floats("other", List.of(), 2);
    whole(m, "farther", INT8, List.of(), 4);
    for (String by : List.of("other zero", "s farther")) {
      NodeProto.Builder back = NodeProto.newBuilder().setOpType("DequantizeLinear");
      back.addInput("q r").addAllInput(List.of(by.split(" "))).addOutput(by);
      m.graph.addNode(back);
      m.output(by);
    }
    Map<String, float[]> made = m.read().run(Map.of("x", x));
    assertThat(made.get("other zero")).containsExactly(2, -262, 248, -4);
    assertThat(made.get("s farther")).containsExactly(0, -66, 61.5f, -1.5f);
  }

  @Test
  void otherTypesAreRefused() {
    TestModel m = model(INT32, 1, 4);
    whole(m, "b", INT8, List.of(4L, 1L), 1, 2, 3, 4);
    m.node("MatMulInteger", "x b", "y");
    assertThatThrownBy(m::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("int8 or uint8, not int32");
    TestModel real = model(UINT8, 1, 4).floats("z", List.of(), 1);
    whole(real, "b", INT8, List.of(4L, 1L), 1, 2, 3, 4).node("MatMulInteger", "x b z", "y");
    assertThatThrownBy(real::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("the zero point must be whole numbers");
    TestModel q = new TestModel().opset(21).input("x", 2).output("y").floats("s", List.of(), 1);
    q.node("QuantizeLinear", "x s", "y", "output_dtype", INT32);
    assertThatThrownBy(q::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("quantizing to int32");
  }
}
