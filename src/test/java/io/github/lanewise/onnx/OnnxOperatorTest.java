package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Step;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Operators and attributes that the trained networks do not meet, on values worked out by hand. */
class OnnxOperatorTest {
  private static TestModel of(long... shape) {
    return new TestModel().input("x", shape).output("y");
  }

  private static void gives(TestModel model, float[] input, double... expected) {
    float[] result = model.run(input);
    assertThat(result).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) result[i]).as("value %d", i).isEqualTo(expected[i], offset(1e-5));
    }
  }

  private static float[] upTo(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = i + 1;
    }
    return out;
  }

  /** Weights that another node computes; bias and group as with those that are known. */
  @Test
  void convolutionsWithComputedWeights() {
    TestModel m = of(1, 2, 1, 3).node("Relu", "x", "w");
    gives(m.node("Conv", "x w", "y"), upTo(6), 91);
    m = of(1, 2, 1, 3).longs("s", 2, 1, 1, 3).node("Reshape", "x s", "w").longs("axes", 0, 2, 3);
    m.node("ReduceSum", "x axes", "b", "keepdims", 0).node("Conv", "x w b", "y", "group", 2);
    gives(m, upTo(6), 14 + 6, 77 + 15);
    m = of(1, 2, 3).longs("from", 0).longs("to", 2).longs("axis", 2);
    m.node("Slice", "x from to axis", "w").floats("b", List.of(1L), 0.5f);
    gives(m.node("Conv", "x w b", "y"), upTo(6), 46.5, 58.5);
    m = of(1, 2, 1, 3).floats("w", List.of(1L, 2L, 1L, 3L), upTo(6)).longs("one", 1);
    m.node("ReduceSum", "x", "sum").node("Reshape", "sum one", "b");
    gives(m.node("Conv", "x w b", "y"), upTo(6), 91 + 21);
    m = of(1, 2, 1, 3).node("Relu", "x", "w").node("Conv", "x w x", "y");
    assertThatThrownBy(m::read).hasMessageContaining("bias has the shape [1, 2, 1, 3]");
  }

  @Test
  void gemm() {
    TestModel m = of(2, 3);
    m.floats("b", List.of(2L, 2L), 1, 2, 3, 4).floats("c", List.of(1L, 2L), 10, 20);
    m.node("Gemm", "x b c", "y", "transA", 1, "transB", 1, "alpha", 2f, "beta", 0.5f);
    // x' = [[1,4],[2,5],[3,6]], b' = [[1,3],[2,4]]
    gives(m, upTo(6), 2 * 9 + 5, 2 * 19 + 10, 2 * 12 + 5, 2 * 26 + 10, 2 * 15 + 5, 2 * 33 + 10);
  }

  /** Times alpha each weight is infinite; the sum of both products is not. */
  @Test
  void gemmOfAnAlphaThatDoesNotGoIntoTheWeights() {
    TestModel m = of(1, 2);
    m.floats("b", List.of(2L, 1L), -1, 2)
        .floats("c", List.of(1L), 1)
        .node("Gemm", "x b c", "g", "alpha", 3e38f);
    m.floats("least", List.of(), 0).floats("most", List.of(), 6).node("Clip", "g least most", "y");
    gives(m, new float[] {1.5f, 1}, 6);
  }

  @Test
  void aQuotientOfTensors() {
    TestModel m = of(1, 2, 1, 2).node("GlobalAveragePool", "x", "g").node("Div", "x g", "y");
    gives(m, new float[] {1, 3, 4, 8}, 0.5, 1.5, 4 / 6.0, 8 / 6.0);
    TestModel inverse = of(3).floats("one", List.of(), 1).node("Div", "one x", "y");
    gives(
        inverse,
        new float[] {4, 1e-39f, -0f},
        0.25,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY);
    TestModel tiny = of(2).floats("d", List.of(), 1e-39f).node("Div", "x d", "y");
    gives(tiny, new float[] {0, 1e-38f}, 0, 1e-38f / 1e-39f);
  }

  /** A bound that is not stated bounds nothing, not even infinity; NaN passes any. */
  @Test
  void clipWithoutABound() {
    float[] x = {Float.NEGATIVE_INFINITY, -5, 5, Float.POSITIVE_INFINITY, Float.NaN};
    double inf = Double.POSITIVE_INFINITY;
    gives(of(5).opset(10).node("Clip", "x", "y", "min", 1f), x, 1, 1, 5, inf, Double.NaN);
    gives(of(5).opset(10).node("Clip", "x", "y", "max", 1f), x, -inf, -5, 1, 1, Double.NaN);
    for (int opset : new int[] {11, 13}) {
      TestModel least = of(5).opset(opset).floats("b", List.of(), 1).node("Clip", "x b", "y");
      gives(least, x, 1, 1, 5, inf, Double.NaN);
      TestModel most = of(5).opset(opset).floats("b", List.of(), 1).node("Clip", "x  b", "y");
      gives(most, x, -inf, -5, 1, 1, Double.NaN);
      gives(of(5).opset(opset).node("Clip", "x", "y"), x, -inf, -5, 5, inf, Double.NaN);
      TestModel stated = of(5).opset(opset).floats("b", List.of(), Float.MAX_VALUE);
      gives(stated.node("Clip", "x  b", "y"), x, -inf, -5, 5, Float.MAX_VALUE, Double.NaN);
    }
  }

  @Test
  void matMulOfThreeAxesAndABiasThatIsAdded() {
    TestModel m = of(1, 2, 2);
    m.floats("b", List.of(2L, 1L), 10, 1).floats("c", List.of(1L), 5);
    m.node("MatMul", "x b", "p").node("Add", "p c", "q").node("Relu", "q", "y");
    gives(m, new float[] {1, 2, -3, 4}, 17, 0);
    assertThat(m.read().steps().stream().map(Step::name)).containsExactly("y");
  }

  private static TestModel withConstant(String attribute, Object value) {
    return of(2).node("Constant", "", "c", attribute, value);
  }

  @Test
  void constantsOfNumbers() {
    float[] x = {10, 20};
    gives(withConstant("value_float", 2.5f).node("Mul", "x c", "y"), x, 25, 50);
    TestModel floats = withConstant("value_floats", List.of(2.5f, -1f));
    gives(floats.node("Mul", "x c", "y"), x, 25, -20);
    TestModel number = withConstant("value_int", 7).node("Cast", "c", "f", "to", 1);
    gives(number.node("Add", "x f", "y"), x, 17, 27);
    TestModel numbers = withConstant("value_ints", List.of(2, 1, 1));
    numbers.node("Reshape", "x c", "y");
    assertThat(numbers.read().outputs().getFirst().shape()).containsExactly(2, 1, 1);
    gives(numbers, x, 10, 20);
    TestModel text = withConstant("value_string", "seven").node("Add", "x c", "y");
    assertThatThrownBy(text::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("only a tensor or numbers");
  }

  @Test
  void roundingOfConstants() {
    TestModel ceil = withConstant("value_floats", List.of(1.25f, -1.25f)).node("Ceil", "c", "r");
    gives(ceil.node("Add", "x r", "y"), new float[] {10, 20}, 12, 19);
    TestModel floor = withConstant("value_floats", List.of(1.25f, -1.25f)).node("Floor", "c", "r");
    gives(floor.node("Add", "x r", "y"), new float[] {10, 20}, 11, 18);
  }

  @Test
  void flattenCountsAsTheFileDoes() {
    TestModel m = of(1, 2, 2, 2);
    m.floats("b", List.of(8L, 1L), 1, 0, 0, 0, 0, 0, 100, 0);
    m.node("Flatten", "x", "f").node("MatMul", "f b", "y");
    gives(m, upTo(8), 701);
    assertThat(m.read().steps().getLast().name()).isEqualTo("y");
  }

  @Test
  void softmaxFlattensBeforeOpset13() {
    double sum = Math.exp(0) + Math.exp(1) + Math.exp(2) + Math.exp(3);
    TestModel old = of(1, 2, 1, 2).opset(11).node("Softmax", "x", "y", "axis", 1);
    gives(
        old,
        new float[] {0, 1, 2, 3},
        1 / sum,
        Math.exp(1) / sum,
        Math.exp(2) / sum,
        Math.exp(3) / sum);
    double far = 1 / (1 + Math.exp(2));
    TestModel today = of(1, 2, 1, 2).opset(13).node("Softmax", "x", "y", "axis", 1);
    gives(today, new float[] {0, 1, 2, 3}, far, far, 1 - far, 1 - far);
  }

  private static TestModel resize(String mode, String rule, long... sizes) {
    TestModel m = of(1, 1, 1, 4).longs("s", sizes);
    return m.node(
        "Resize",
        "x   s",
        "y",
        "mode",
        mode,
        "coordinate_transformation_mode",
        rule,
        "nearest_mode",
        "floor");
  }

  @Test
  void resize() {
    float[] x = {0, 10, 20, 30};
    gives(resize("nearest", "asymmetric", 1, 1, 1, 8), x, 0, 0, 10, 10, 20, 20, 30, 30);
    gives(resize("nearest", "half_pixel", 1, 1, 2, 2), x, 0, 20, 0, 20);
    gives(resize("linear", "half_pixel", 1, 1, 1, 8), x, 0, 2.5, 7.5, 12.5, 17.5, 22.5, 27.5, 30);
    gives(resize("linear", "align_corners", 1, 1, 1, 7), x, 0, 5, 10, 15, 20, 25, 30);
    gives(resize("linear", "pytorch_half_pixel", 1, 1, 1, 1), x, 0);
    gives(resize("linear", "asymmetric", 1, 1, 1, 8), x, 0, 5, 10, 15, 20, 25, 30, 30);
    TestModel empty = of(1, 1, 1, 4).floats("s", List.of(4L), 1, 1, 1, 0.5f).longs("none");
    gives(empty.node("Resize", "x  s none", "y"), x, 0, 20);
    TestModel old = of(1, 1, 1, 4).opset(10).floats("s", List.of(4L), 1, 1, 1, 2);
    gives(old.node("Resize", "x s", "y"), x, 0, 0, 10, 10, 20, 20, 30, 30);
  }

  /** The exact products are a little below whole numbers. */
  @Test
  void resizeCountsPixelsInFloat() {
    assertThat(resized(14, 19f / 14)).containsExactly(1, 1, 19, 19);
    assertThat(resized(10, 0.7f)).containsExactly(1, 1, 7, 7);
  }

  /** As ONNX Runtime does, and the tests of ONNX at that opset. */
  @Test
  void resizeOfOpset10RoundsUpWhereItShrinks() {
    TestModel m = of(1, 1, 2, 4).opset(10).floats("s", List.of(4L), 1, 1, 0.6f, 0.6f);
    gives(m.node("Resize", "x s", "y"), upTo(8), 1, 3);
    TestModel exact = of(1, 1, 1, 20).opset(10).floats("s", List.of(4L), 1, 1, 1, 0.7f);
    float[] result = exact.node("Resize", "x s", "y").run(upTo(20));
    assertThat(result).hasSize(14);
    assertThat(result[7]).as("7 / 0.7f").isEqualTo(11);
  }

  private static List<Integer> resized(long size, float scale) {
    TestModel m = of(1, 1, size, size).floats("s", List.of(4L), 1, 1, scale, scale);
    return m.node("Resize", "x  s", "y").read().outputs().getFirst().shape();
  }

  @Test
  void pad() {
    TestModel old = of(1, 1, 1, 2).opset(10);
    old.node("Pad", "x", "y", "pads", List.of(0, 1, 0, 0, 0, 0, 0, 1), "value", 7f);
    gives(old, upTo(2), 7, 7, 7, 1, 2, 7);
    TestModel today = of(1, 1, 1, 2).opset(18).longs("p", 2, 0).longs("a", -1);
    gives(today.node("Pad", "x p  a", "y"), upTo(2), 0, 0, 1, 2);
  }

  /** PyTorch's TorchScript exporter: sides of the last axis first, turned around at run time. */
  @Test
  void padOfPyTorch() {
    TestModel m = of(1, 1, 1, 1).longs("sides", 1, 2, 3, 0).longs("four", 4).longs("pairs", -1, 2);
    m.node("ConstantOfShape", "four", "others").node("Cast", "others", "zeros", "to", 7);
    m.node("Concat", "sides zeros", "all", "axis", 0).node("Reshape", "all pairs", "rows");
    m.longs("last", -1).longs("first", -Long.MAX_VALUE).longs("zero", 0);
    m.node("Slice", "rows last first zero last", "turned");
    m.node("Transpose", "turned", "t", "perm", List.of(1, 0)).node("Reshape", "t last", "flat");
    m.node("Cast", "flat", "pads", "to", 7).node("Pad", "x pads", "y");
    assertThat(m.read().outputs().getFirst().shape()).containsExactly(1, 1, 4, 4);
    gives(m, new float[] {7}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0);
  }

  private static TestModel sliced(long start, long end, long step) {
    TestModel m = of(1).longs("d", 10, 11, 12, 13, 14, 15).longs("a", 0);
    m.longs("from", start).longs("to", end).longs("step", step);
    return m.node("Slice", "d from to a step", "s").node("Cast", "s", "f", "to", 1);
  }

  @Test
  void slicesInSteps() {
    long min = Long.MIN_VALUE;
    long max = Long.MAX_VALUE;
    float[] x = {0};
    gives(sliced(1, -1, 2).node("Add", "x f", "y"), x, 11, 13);
    gives(sliced(0, max, 5).node("Add", "x f", "y"), x, 10, 15);
    gives(sliced(-2, min, -3).node("Add", "x f", "y"), x, 14, 11);
    gives(sliced(max, 0, -2).node("Add", "x f", "y"), x, 15, 13, 11);
    gives(sliced(max, min, min).node("Add", "x f", "y"), x, 15);
    gives(sliced(min, max, max).node("Add", "x f", "y"), x, 10);
    TestModel none = sliced(2, 3, -1).floats("one", List.of(1L), 1);
    gives(none.node("Concat", "f one", "g", "axis", 0).node("Add", "x g", "y"), x, 1);
    assertThatThrownBy(sliced(0, 1, 0).node("Add", "x f", "y")::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("steps must not be 0");
  }

  @Test
  void poolsThatRoundUp() {
    TestModel max = of(1, 1, 1, 4);
    max.node(
        "MaxPool",
        "x",
        "y",
        "kernel_shape",
        List.of(1, 3),
        "strides",
        List.of(1, 2),
        "ceil_mode",
        1);
    gives(max, upTo(4), 3, 4);
    TestModel mean = of(1, 1, 1, 4);
    mean.node(
        "AveragePool",
        "x",
        "y",
        "kernel_shape",
        List.of(1, 3),
        "strides",
        List.of(1, 2),
        "ceil_mode",
        1);
    gives(mean, upTo(4), 2, 3.5);
    TestModel counted = of(1, 1, 1, 2);
    counted.node(
        "AveragePool",
        "x",
        "y",
        "kernel_shape",
        List.of(1, 2),
        "pads",
        List.of(0, 1, 0, 0),
        "count_include_pad",
        1);
    gives(counted, upTo(2), 0.5, 1.5);
  }

  /** The standard's text and its shape inference make different shapes of it. */
  @Test
  void aValidPoolThatRoundsUp() {
    TestModel whole = of(1, 1, 1, 7);
    pool(whole, "MaxPool");
    gives(whole, upTo(7), 3, 5, 7);
    for (String operator : List.of("AveragePool", "MaxPool")) {
      TestModel cut = of(1, 1, 1, 6);
      pool(cut, operator);
      refused(cut, "ceil_mode with auto_pad VALID");
    }
  }

  private static void pool(TestModel m, String operator) {
    List<Integer> kernel = List.of(1, 3);
    List<Integer> strides = List.of(1, 2);
    m.node(
        operator,
        "x",
        "y",
        "kernel_shape",
        kernel,
        "strides",
        strides,
        "ceil_mode",
        1,
        "auto_pad",
        "VALID");
  }

  /** Taps outside the image cost nothing: a window may be far larger than it. */
  @Test
  @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void poolsWithHugeWindows() {
    for (String operator : List.of("AveragePool", "MaxPool")) {
      for (boolean tall : new boolean[] {true, false}) {
        int n = 1 << 21;
        TestModel m = of(1, 1, 1, 1);
        m.node(
            operator,
            "x",
            "y",
            "kernel_shape",
            tall ? List.of(n, 1) : List.of(1, n),
            "pads",
            tall ? List.of(n - 1, 0, n - 1, 0) : List.of(0, n - 1, 0, n - 1));
        float[] result = m.run(7);
        assertThat(result).hasSize(n);
        assertThat(new float[] {result[0], result[n - 1]}).containsExactly(7, 7);
      }
    }
  }

  @Test
  void autoPad() {
    TestModel m = of(1, 1, 1, 4).floats("w", List.of(1L, 1L, 1L, 2L), 1, 10);
    m.node("Conv", "x w", "y", "auto_pad", "SAME_LOWER");
    gives(m, upTo(4), 10, 21, 32, 43);
    TestModel upper = of(1, 1, 1, 4).floats("w", List.of(1L, 1L, 1L, 2L), 1, 10);
    upper.node("Conv", "x w", "y", "auto_pad", "SAME_UPPER");
    gives(upper, upTo(4), 21, 32, 43, 4);
    TestModel valid = of(1, 1, 1, 4).floats("w", List.of(1L, 1L, 1L, 2L), 1, 10);
    valid.node("Conv", "x w", "y", "auto_pad", "VALID", "dilations", List.of(1, 2));
    gives(valid, upTo(4), 31, 42);
  }

  @Test
  void constantsBroadcast() {
    TestModel m = of(1, 2, 1, 2);
    m.floats("channel", List.of(2L, 1L, 1L), 10, 20).floats("column", List.of(2L), 1, 2);
    m.floats("all", List.of(1L, 2L, 1L, 2L), 1, 2, 3, 4);
    m.node("Add", "x channel", "a").node("Mul", "column a", "b").node("Sub", "all b", "c");
    m.node("Div", "c channel", "y");
    gives(m, upTo(4), (1 - 11) / 10.0, (2 - 24) / 10.0, (3 - 23) / 20.0, (4 - 48) / 20.0);
  }

  @Test
  void tensorsBroadcast() {
    TestModel m = of(1, 2, 2, 2);
    m.node("GlobalAveragePool", "x", "g").node("Sub", "g x", "s").node("Squeeze", "g", "q");
    m.longs("last", -1).node("Unsqueeze", "q last", "r").node("Unsqueeze", "r last", "t");
    m.node("Mul", "s t", "y");
    gives(m, upTo(8), 3.75, 1.25, -1.25, -3.75, 9.75, 3.25, -3.25, -9.75);
  }

  @Test
  void slopes() {
    TestModel m = of(1, 2, 1, 2).floats("s", List.of(2L, 1L, 1L), 0.5f, 2);
    m.node("PRelu", "x s", "p").node("LeakyRelu", "p", "l").node("HardSigmoid", "l", "y");
    gives(m, new float[] {-2, 1, -3, 1}, 0.5 - 0.002, 0.7, 0.5 - 0.012, 0.7);
  }

  /** Some exporters write a value for each channel as a tensor of the image's size. */
  @Test
  void constantsThatRepeatAreThoseOfChannels() {
    TestModel m = of(1, 2, 1, 2).floats("w", List.of(2L, 2L, 1L, 1L), 1, 0, 0, 1);
    m.floats("s", List.of(2L, 1L, 1L), 0.5f, 2).longs("size", 1, 2, 1, 2);
    m.node("Expand", "s size", "slopes").floats("b", List.of(2L, 1L, 2L), 1, 1, -1, -1);
    m.node("Conv", "x w", "c").node("Add", "c b", "a").node("PRelu", "a slopes", "y");
    assertThat(m.read().steps().stream().filter(step -> step.plan() != null))
        .singleElement()
        .asString()
        .contains("prelu");
    assertThat(m.read().steps()).noneMatch(step -> step.description().equals("prelu"));
    gives(m, new float[] {-3, 3, 4, -4}, -1, 4, 3, -10);
    m = of(2, 1).floats("same", List.of(2L, 3L), 10, 10, 10, 20, 20, 20);
    gives(m.node("Add", "x same", "y"), upTo(2), 11, 11, 11, 22, 22, 22);
    m = of(2, 2).floats("signs", List.of(2L, 2L), 0, -0f, -0f, 0).node("Div", "x signs", "y");
    assertThat(m.run(new float[] {1, 1, 1, 1}))
        .containsExactly(
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.POSITIVE_INFINITY);
  }

  @Test
  void aSwishIsTheConvolutions() {
    for (float alpha : new float[] {1, 2}) {
      TestModel m = of(1, 1, 1, 2).opset(24).floats("w", List.of(1L, 1L, 1L, 1L), 2);
      m.node("Conv", "x w", "c").node("Swish", "c", "y", "alpha", alpha);
      assertThat(m.read().steps()).hasSize(alpha == 1 ? 1 : 2);
      double negative = -1 / (1 + Math.exp(alpha));
      gives(m, new float[] {-0.5f, 1}, negative, 2 / (1 + Math.exp(-2 * alpha)));
    }
  }

  /** Axes of a slope are counted from the last, so two slopes may be those of columns. */
  @Test
  void slopesOfOtherAxes() {
    float[] x = {-1, -2, -3, -4, -5, -6, -7, 8};
    TestModel columns = of(1, 2, 2, 2).floats("s", List.of(1L, 1L, 2L), 1, 10);
    gives(columns.node("PRelu", "x s", "y"), x, -1, -20, -3, -40, -5, -60, -7, 8);
    TestModel rows = of(1, 2, 2, 2).floats("s", List.of(2L, 1L), 1, 10);
    gives(rows.node("PRelu", "x s", "y"), x, -1, -2, -30, -40, -5, -6, -70, 8);
    TestModel channels = of(1, 2, 2, 2).floats("s", List.of(1L, 2L, 1L, 1L), 1, 10);
    gives(channels.node("PRelu", "x s", "y"), x, -1, -2, -3, -4, -50, -60, -70, 8);
  }

  @Test
  void shapesAreArithmetic() {
    TestModel m = of(1, 2, 2, 2).longs("i", 1).longs("two", 2).longs("rest", -1).longs("zero", 0);
    m.node("Shape", "x", "s").node("Gather", "s i", "c").node("Cast", "c", "f", "to", 1);
    m.node("Floor", "f", "g").node("Cast", "g", "h", "to", 7).node("Mul", "h two", "d");
    m.node("Sub", "d two", "e").node("Concat", "zero e rest", "t", "axis", 0);
    m.node("Reshape", "x t", "r").node("Transpose", "r", "y", "perm", List.of(0, 2, 1));
    gives(m, upTo(8), 1, 5, 2, 6, 3, 7, 4, 8);
  }

  @Test
  void anImageInNhwcIsReadAsItIs() {
    TestModel m = of(1, 1, 2, 3).floats("w", List.of(1L, 3L, 1L, 1L), 1, 10, 100);
    m.node("Transpose", "x", "t", "perm", List.of(0, 3, 1, 2)).node("Conv", "t w", "c");
    m.node("Transpose", "c", "y", "perm", List.of(0, 2, 3, 1));
    gives(m, upTo(6), 321, 654);
    assertThat(m.read().steps()).hasSize(1);
    TestModel scaled = of(1, 1, 2, 3).floats("w", List.of(1L, 3L, 1L, 1L), 1, 10, 100);
    scaled.floats("two", List.of(1L), 2).node("Mul", "x two", "m").node("Sub", "m two", "s");
    scaled.node("Transpose", "s", "t", "perm", List.of(0, 3, 1, 2)).node("Conv", "t w", "c");
    scaled.node("Transpose", "c", "y", "perm", List.of(0, 2, 3, 1));
    gives(scaled, upTo(6), 420, 1086);
    assertThat(scaled.read().steps()).hasSize(2);
    scaled.output("m"); // which is as the file counts it
    assertThat(scaled.read().inputs()).hasToString("[x [1, 1, 2, 3] NCHW]");
  }

  /** Layouts are those of images: four axes alone do not make one NHWC. */
  @Test
  void portsSayInWhichOrderTheFileCounts() {
    TestModel turned = of(1, 2, 3, 4).node("Transpose", "x", "y", "perm", List.of(0, 1, 3, 2));
    assertThat(turned.read().inputs()).hasToString("[x [1, 2, 3, 4] NCHW]");
    assertThat(turned.read().outputs()).hasToString("[y [1, 2, 4, 3] NCHW]");
    gives(
        turned, upTo(24), 1, 5, 9, 2, 6, 10, 3, 7, 11, 4, 8, 12, 13, 17, 21, 14, 18, 22, 15, 19, 23,
        16, 20, 24);
    TestModel product = of(1, 2).floats("w", List.of(2L, 8L), upTo(16)).longs("s", 1, 2, 2, 2);
    product.node("MatMul", "x w", "p").node("Reshape", "p s", "y");
    assertThat(product.read().outputs()).hasToString("[y [1, 2, 2, 2] NCHW]");
    gives(product, new float[] {1, 0}, 1, 2, 3, 4, 5, 6, 7, 8);
    float[] nhwc =
        product.read().withLayout("y", Layout.NHWC).run(Map.of("x", new float[] {1, 0})).get("y");
    assertThat(nhwc).containsExactly(1, 5, 2, 6, 3, 7, 4, 8);
    TestModel image = of(1, 2, 1, 3).node("Transpose", "x", "t", "perm", List.of(0, 2, 3, 1));
    image.node("Relu", "t", "y");
    assertThat(image.read().outputs()).hasToString("[y [1, 1, 3, 2] NHWC]");
    gives(image, upTo(6), 1, 4, 2, 5, 3, 6);
  }

  @Test
  void concatAndMeans() {
    TestModel m = of(1, 2, 2, 1).node("Concat", "x x", "c", "axis", 2);
    m.node("ReduceMean", "c", "m", "axes", List.of(-1, -2), "keepdims", 0);
    gives(m.node("Identity", "m", "y"), upTo(4), 1.5, 3.5);
    TestModel backwards = of(1, 3, 2, 2).node("Sigmoid", "x", "s");
    backwards.node("ReduceMean", "s", "y", "axes", List.of(-1, -2));
    assertThat(backwards.read().steps().stream().map(Step::description))
        .containsExactly("transpose", "sigmoid", "global average pool");
    TestModel rows = of(1, 2, 2, 1).node("Concat", "x x", "y", "axis", 2);
    gives(rows, upTo(4), 1, 2, 1, 2, 3, 4, 3, 4);
    TestModel over = of(1, 2, 2, 1).opset(18).longs("a", 1, 2);
    gives(over.node("ReduceMean", "x a", "y"), upTo(4), 2.5);
  }

  private static void refused(TestModel model, String... parts) {
    assertThatThrownBy(model::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContainingAll(parts);
  }

  /** 1.1 times 3 channels are 3.3, of which 3 are whole: they are moved all the same. */
  @Test
  void resizeOfChannels() {
    TestModel m = of(1, 3, 1, 1).floats("s", List.of(4L), 1, 1.1f, 1, 1);
    double first = 1.5 / 1.1 - 0.5;
    gives(m.node("Resize", "x  s", "y", "mode", "linear"), upTo(3), 1, 1 + first, 2.5 / 1.1 + 0.5);
    TestModel batch = of(1, 1, 1, 2).floats("s", List.of(4L), 2, 1, 1, 1);
    gives(batch.node("Resize", "x  s", "y"), upTo(2), 1, 2, 1, 2);
  }

  private static TestModel resize19(long size, float scale, Object... attributes) {
    TestModel m = of(size).opset(19).floats("s", List.of(1L), scale);
    return m.node("Resize", "x  s", "y", attributes);
  }

  /** Of the kernel with -0.75 a half lies between weights of -3/32 and 19/32. */
  @Test
  void resizeCubic() {
    Object[] cubic = {"mode", "cubic", "coordinate_transformation_mode", "asymmetric"};
    double middle = (-3 * 1 + 19 * 2 + 19 * 8 - 3 * 16) / 32.0;
    float[] x = {1, 2, 8, 16};
    float[] result = resize19(4, 2, cubic).run(x);
    assertThat((double) result[3]).isEqualTo(middle, offset(1e-6));
    assertThat((double) result[1]).isEqualTo((-3 + 19 + 19 * 2 - 3 * 8) / 32.0, offset(1e-6));
    Object[] inside = {
      "mode", "cubic", "coordinate_transformation_mode", "asymmetric", "exclude_outside", 1
    };
    assertThat((double) resize19(4, 2, inside).run(x)[1])
        .isEqualTo((19 + 19 * 2 - 3 * 8) / 35.0, offset(1e-6));
  }

  /** A triangle of twice the width over four values: weights of 1, 3, 3 and 1 eighths. */
  @Test
  void resizeSmoothly() {
    TestModel m = resize19(6, 0.5f, "mode", "linear", "antialias", 1);
    gives(m, new float[] {1, 2, 8, 16, 32, 64}, 18 / 8.0, 106 / 8.0, 368 / 8.0);
  }

  @Test
  void resizeByOtherRules() {
    float[] x = {10, 20, 30, 40};
    String rule = "coordinate_transformation_mode";
    gives(
        resize19(4, 0.6f, rule, "half_pixel_symmetric", "mode", "linear"),
        x,
        16 + 2 / 3.0,
        100 / 3.0);
    TestModel crop = of(4).opset(19).floats("r", List.of(2L), 0.5f, 1.5f).longs("n", 4);
    crop.node("Resize", "x r  n", "y", rule, "tf_crop_and_resize", "extrapolation_value", 7f);
    gives(crop, x, 20, 30, 7, 7);
    TestModel linear = of(4).opset(19).floats("r", List.of(2L), 0.5f, 1.5f).longs("n", 4);
    linear.node("Resize", "x r  n", "y", rule, "tf_crop_and_resize", "mode", "linear");
    gives(linear, x, 25, 35, 0, 0);
    TestModel old = of(4).opset(11).floats("s", List.of(1L), 0.5f);
    gives(old.node("Resize", "x  s", "y", rule, "tf_half_pixel_for_nn"), x, 20, 40);
    TestModel ratio = of(2, 4).opset(19).longs("n", 5, 6);
    ratio.node("Resize", "x   n", "y", "keep_aspect_ratio_policy", "not_larger");
    assertThat(ratio.read().outputs().getFirst().shape()).containsExactly(3, 6);
    TestModel larger = of(2, 4).opset(19).longs("n", 6, 5).longs("a", 1, 0);
    larger.node(
        "Resize", "x   n", "y", "keep_aspect_ratio_policy", "not_smaller", "axes", List.of(1, 0));
    assertThat(larger.read().outputs().getFirst().shape()).containsExactly(5, 10);
    refused(resize19(4, 2, "keep_aspect_ratio_policy", "x", rule, "other"), "'other'");
  }

  @Test
  void trainingIsRefused() {
    TestModel dropout = of(1, 2).floats("ratio", List.of(), 0.5f).longs("train", 1);
    refused(dropout.node("Dropout", "x ratio train", "y"), "'Dropout'", "training_mode");
    TestModel unknown = of(1, 2).floats("ratio", List.of(), 0.5f);
    refused(unknown.node("Dropout", "x ratio x", "y"), "training_mode", "must be constant");
    TestModel off = of(1, 2).floats("ratio", List.of(), 0.5f).longs("train", 0);
    gives(off.node("Dropout", "x ratio train", "y"), upTo(2), 1, 2);
    TestModel norm = of(1, 2).opset(9).floats("c", List.of(2L), 1, 1);
    norm.node("BatchNormalization", "x c c c c", "y", "epsilon", 0f);
    norm.graph.getNodeBuilder(0).addOutput("");
    gives(norm, upTo(2), 1, 2);
    norm.graph.getNodeBuilder(0).addOutput("mean");
    refused(norm, "'BatchNormalization'", "it has 3 outputs, must have one", "training");
  }

  @Test
  void outputsThatAreNotReadAreNamed() {
    TestModel m = of(1, 2).node("Abs", "x", "d").node("Relu", "mask", "y");
    m.graph.getNodeBuilder(0).addOutput("mask");
    refused(m, "node 2 of 2, 'y'", "output 1 of node 1 of 2, 'd' (operator 'Abs'");
    TestModel end = new TestModel().input("x", 1, 2).output("mask").node("Abs", "x", "d");
    end.graph.getNodeBuilder(0).addOutput("mask");
    refused(end, "output 1 of node 1 of 1, 'd' (operator 'Abs'", "not supported");
  }

  /** As ONNX defines it from opset 13 on: everything becomes the maximum. */
  @Test
  void clipWithBoundsTheWrongWayRound() {
    TestModel m = of(3).floats("lo", List.of(), 5).floats("hi", List.of(), 2);
    gives(m.node("Clip", "x lo hi", "y"), new float[] {1, 3, 9}, 2, 2, 2);
    TestModel old = of(3).opset(12).floats("lo", List.of(), 5).floats("hi", List.of(), 2);
    refused(old.node("Clip", "x lo hi", "y"), "'Clip'", "must not exceed");
  }
}
