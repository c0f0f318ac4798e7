package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto;
import io.github.lanewise.network.Network;
import java.util.List;
import java.util.Map;
import java.util.Random;
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

  @Test
  void otherTypesAreRefused() {
    TestModel m = model(INT32, 1, 4);
    whole(m, "b", INT8, List.of(4L, 1L), 1, 2, 3, 4);
    m.node("MatMulInteger", "x b", "y");
    assertThatThrownBy(m::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("int8 or uint8, not int32");
    TestModel q = new TestModel().opset(21).input("x", 2).output("y").floats("s", List.of(), 1);
    q.node("QuantizeLinear", "x s", "y", "output_dtype", INT32);
    assertThatThrownBy(q::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("quantizing to int32");
  }
}
