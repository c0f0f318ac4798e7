package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.HeldArrays;
import io.github.lanewise.WeightFormat;
import io.github.lanewise.network.Network;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Networks that keep the weights of their matrix products as float16. */
@Tag("backend")
class HalfWeightsTest {
  private static final OnnxReader HALF =
      OnnxReader.DEFAULT.withOptions(ConvOptions.DEFAULT.withWeights(WeightFormat.FLOAT16));
  private static final int UINT8 = 2;
  private static final int INT8 = 3;
  private static final int FLOAT16 = 10;
  private static final int BFLOAT16 = 16;

  private final Random random = new Random(26);

  private float[] values(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private static float[] rounded(float... values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = Float.float16ToFloat(Float.floatToFloat16(values[i]));
    }
    return rounded;
  }

  private static float[] run(OnnxReader reader, TestModel model, float... x) {
    return reader.read(model.model().toByteArray()).run(Map.of("x", x)).get("y");
  }

  /** Two bytes for each number, the lower first. */
  private static int[] bytes(int... numbers) {
    int[] bytes = new int[2 * numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      bytes[2 * i] = numbers[i] & 0xff;
      bytes[2 * i + 1] = numbers[i] >> Byte.SIZE;
    }
    return bytes;
  }

  /** A convolution, a product with a matrix and a Gemm, of these weights. */
  private static TestModel model(float[] conv, float[] matrix, float[] gemm) {
    return new TestModel()
        .input("x", -1, 3, -1, 4)
        .output("y")
        .floats("w", List.of(8L, 3L, 3L, 3L), conv)
        .floats("m", List.of(4L, 50L), matrix)
        .floats("g", List.of(60L, 50L), gemm)
        .floats("b", List.of(60L), new float[60])
        .longs("rows", -1, 50)
        .longs("image", 1, -1)
        .node("Conv", "x w", "a", "pads", List.of(1, 1, 1, 1))
        .node("MatMul", "a m", "c")
        .node("Reshape", "c rows", "d")
        .node("Gemm", "d g b", "e", "transB", 1)
        .node("Reshape", "e image", "y");
  }

  @Test
  void theBitsAreThoseOfTheRoundedWeights() {
    float[] conv = values(8 * 27);
    float[] matrix = values(200);
    float[] gemm = values(3000);
    float[] x = values(3 * 5 * 4);
    OnnxReader half = HALF.withInputShape("x", 1, 3, 5, 4);
    float[] y = run(half, model(conv, matrix, gemm), x);
    OnnxReader whole = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 5, 4);
    assertThat(y)
        .isEqualTo(run(whole, model(rounded(conv), rounded(matrix), rounded(gemm)), x))
        .isNotEqualTo(run(whole, model(conv, matrix, gemm), x));
  }

  /** However often the network is planned. */
  @Test
  void weightsTakeHalfTheMemoryOnce() throws IllegalAccessException {
    TestModel model = model(values(8 * 27), values(200), values(3000));
    byte[] bytes = model.model().toByteArray();
    Network one = HALF.withInputShape("x", 1, 3, 5, 4).read(bytes);
    Network whole = OnnxReader.DEFAULT.withInputShape("x", 1, 3, 5, 4).read(bytes);
    long held = HeldArrays.bytes(one.steps());
    assertThat(held).isBetween(6000L, HeldArrays.bytes(whole.steps()) * 6 / 10);
    Network batch = one.withBatch(3);
    Network tall = one.withInputShape("x", 1, 3, 6, 4);
    assertThat(HeldArrays.bytes(one.steps(), batch.steps(), tall.steps()))
        .isLessThan(held * 11 / 10);
    float[] x = values(3 * 3 * 5 * 4);
    float[] three = batch.run(Map.of("x", x)).get("y");
    float[] first = one.run(Map.of("x", x)).get("y");
    assertThat(three).startsWith(first);
  }

  /** Of a matrix that is most of what the network needs. */
  @Test
  void theMemoryLimitCountsWhatIsKept() {
    TestModel model =
        new TestModel()
            .input("x", 1, 96)
            .output("y")
            .floats("m", List.of(96L, 4800L), values(96 * 4800))
            .node("MatMul", "x m", "y");
    byte[] bytes = model.model().toByteArray();
    long file = 4L * 96 * 4800;
    long limit = 4 * file - file / 4; // the constant, its copies while it is packed, and that
    assertThatThrownBy(() -> OnnxReader.DEFAULT.withMemoryLimit(limit).read(bytes))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("more than the memory limit");
    HALF.withMemoryLimit(limit).read(bytes);
  }

  /** Every finite one, of either sign. */
  @Test
  void float16WeightsAreKept() {
    int n = 0x7c00;
    int[] halves = new int[2 * n];
    for (int i = 0; i < n; i++) {
      halves[i] = i;
      halves[n + i] = 0x8000 | i;
    }
    TestModel model =
        new TestModel()
            .input("x", 2, 1)
            .output("y")
            .raw("m", FLOAT16, List.of(1L, 2L * n), bytes(halves))
            .node("MatMul", "x m", "y");
    assertThat(run(HALF, model, 1, 3)).isEqualTo(run(OnnxReader.DEFAULT, model, 1, 3));
  }

  /** They are whole numbers of at most nine bits. */
  @Test
  void integerWeightsAreKept() {
    int inputs = 300;
    int[] w = random.ints(2L * inputs, -128, 128).toArray();
    TestModel model = new TestModel().typedInput("x", UINT8, 1, inputs, 2, 2).output("y");
    model.floats("sx", List.of(), 0.02f).floats("sw", List.of(2L), 0.013f, 0.031f);
    model.floats("sy", List.of(), 0.5f).raw("zx", UINT8, List.of(), 120);
    model.raw("w", INT8, List.of(2L, (long) inputs, 1L, 1L), w);
    model.raw("zw", INT8, List.of(2L), -128, 127).raw("zy", UINT8, List.of(), 128);
    model.node("QLinearConv", "x sx zx w sw zw sy zy", "y");
    float[] x = new float[4 * inputs];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextInt(256);
    }
    assertThat(run(HALF, model, x)).isEqualTo(run(OnnxReader.DEFAULT, model, x));
  }

  /** bfloat16 has the range of float32 and three bits less than float16. */
  @Test
  void bfloat16WeightsAreKeptWithinTheRangeOfFloat16() {
    int[] kept = {0x3f81, 0xc77f, 0x3881, 0x4700}; // 1.0078, -65280, 0x1.02p-14, 32768
    assertThat(run(HALF, bfloat16(kept), 1, 3))
        .isEqualTo(run(OnnxReader.DEFAULT, bfloat16(kept), 1, 3));
    int[] small = {0x3381, 0x3281, 0, 0}; // 0x1.02p-24, 0x1.02p-26
    assertThat(run(HALF, bfloat16(small), 1, 3))
        .containsExactly(0x1p-24f, 0, 0, 0, 3 * 0x1p-24f, 0, 0, 0);
    assertThatThrownBy(() -> HALF.read(bfloat16(0, 0, 0x4780, 0).model().toByteArray())) // 65536
        .isInstanceOf(OnnxException.class)
        .hasMessageContainingAll(
            "y: weights[2] = 65536.0 of output channel 2 must be at most 65504", "FLOAT16");
  }

  private static TestModel bfloat16(int... weights) {
    return new TestModel()
        .input("x", 2, 1)
        .output("y")
        .raw("m", BFLOAT16, List.of(1L, 4L), bytes(weights))
        .node("MatMul", "x m", "y");
  }
}
