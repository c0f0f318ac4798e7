package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ConvTranspose against its definition: each input value adds the kernel to where it lies. */
class TransposedConvolutionTest {
  private final Random random = new Random(5);

  /** One way to state an axis: what the attributes say, and what they mean. */
  private record Axis(
      int in, int kernel, int stride, int dilation, int before, int after, int more) {
    int whole() {
      return (in - 1) * stride + (kernel - 1) * dilation + 1 + more;
    }

    int out() {
      return whole() - before - after;
    }
  }

  private Axis axis(int stride) {
    while (true) {
      int kernel = 1 + random.nextInt(5);
      int dilation = 1 + random.nextInt(3);
      int more = random.nextInt(Math.max(stride, dilation));
      Axis a =
          new Axis(
              1 + random.nextInt(5),
              kernel,
              stride,
              dilation,
              random.nextInt(4),
              random.nextInt(4),
              more);
      if (a.out() > 0) {
        return a;
      }
    }
  }

  private float[] values(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() * 2 - 1;
    }
    return out;
  }

  private static double[] scattered(
      Axis h,
      Axis w,
      int batch,
      int groups,
      int ins,
      int outs,
      float[] x,
      float[] k,
      float[] bias) {
    int channels = groups * outs;
    double[] y = new double[batch * channels * h.out() * w.out()];
    for (int i = 0; i < y.length; i++) {
      y[i] = bias[i / (h.out() * w.out()) % channels];
    }
    for (int i = 0; i < x.length; i++) {
      int c = i / (h.in * w.in) % (groups * ins);
      int n = i / (h.in * w.in * groups * ins);
      for (int t = 0; t < outs * h.kernel * w.kernel; t++) {
        int row = i / w.in % h.in * h.stride + t / w.kernel % h.kernel * h.dilation - h.before;
        int column = i % w.in * w.stride + t % w.kernel * w.dilation - w.before;
        int o = c / ins * outs + t / (h.kernel * w.kernel);
        if (row >= 0 && row < h.out() && column >= 0 && column < w.out()) {
          y[((n * channels + o) * h.out() + row) * w.out() + column] +=
              (double) x[i] * k[c * outs * h.kernel * w.kernel + t];
        }
      }
    }
    return y;
  }

  private static List<Long> shape(int... sizes) {
    return Arrays.stream(sizes).asLongStream().boxed().toList();
  }

  private void check(Axis h, Axis w, boolean isSignal) {
    int batch = 1 + random.nextInt(2);
    int groups = 1 + random.nextInt(3);
    int ins = 1 + random.nextInt(3);
    int outs = 1 + random.nextInt(4);
    float[] x = values(batch * groups * ins * h.in * w.in);
    float[] k = values(groups * ins * outs * h.kernel * w.kernel);
    float[] bias = values(groups * outs);
    TestModel m = new TestModel().output("y").floats("b", shape(groups * outs), bias);
    if (isSignal) {
      m.input("x", batch, (long) groups * ins, w.in)
          .floats("k", shape(groups * ins, outs, w.kernel), k)
          .node(
              "ConvTranspose",
              "x k b",
              "y",
              "group",
              groups,
              "strides",
              List.of(w.stride),
              "dilations",
              List.of(w.dilation),
              "pads",
              List.of(w.before, w.after),
              "output_padding",
              List.of(w.more));
    } else {
      m.input("x", batch, (long) groups * ins, h.in, w.in)
          .floats("k", shape(groups * ins, outs, h.kernel, w.kernel), k)
          .node(
              "ConvTranspose",
              "x k b",
              "y",
              "group",
              groups,
              "strides",
              List.of(h.stride, w.stride),
              "dilations",
              List.of(h.dilation, w.dilation),
              "pads",
              List.of(h.before, w.before, h.after, w.after),
              "output_padding",
              List.of(h.more, w.more));
    }
    double[] expected = scattered(h, w, batch, groups, ins, outs, x, k, bias);
    float[] made = m.run(x);
    assertThat(made).hasSize(expected.length);
    for (int i = 0; i < made.length; i++) {
      assertThat((double) made[i])
          .as("%s %s %d groups at %d", h, w, groups, i)
          .isCloseTo(expected[i], within(1e-5));
    }
  }

  @Test
  void isWhatItsDefinitionAddsUp() {
    for (int i = 0; i < 400; i++) {
      check(axis(1 + random.nextInt(4)), axis(1 + random.nextInt(4)), false);
    }
  }

  @Test
  void signalsAreImagesOfOneRow() {
    Axis row = new Axis(1, 1, 1, 1, 0, 0, 0);
    for (int i = 0; i < 60; i++) {
      check(row, axis(1 + random.nextInt(4)), true);
    }
  }

  /** Where the kernel is the stride, one convolution and a move, whatever follows. */
  @Test
  void blocksAreAPointwiseConvolution() {
    Axis two = new Axis(3, 2, 2, 1, 0, 0, 0);
    Axis three = new Axis(4, 3, 3, 1, 0, 0, 0);
    check(two, three, false);
    TestModel m =
        new TestModel()
            .input("x", 1, 5, 4, 4)
            .floats("k", shape(5, 3, 2, 2), values(60))
            .node("ConvTranspose", "x k", "y", "strides", List.of(2, 2))
            .output("y");
    assertThat(m.read().steps().stream().map(s -> s.description().split(" ", -1)[0]))
        .contains("pointwise")
        .doesNotContain("interleave", "standard");
  }

  /** Whether its parts interleave or are blocks, a batch norm and what follows are theirs. */
  @ParameterizedTest
  @CsvSource({"Relu, n", "PRelu, n s"})
  void takesWhatFollowsIt(String operator, String inputs) {
    float[] slope = operator.equals("Relu") ? new float[3] : new float[] {0.5f, -2, 3};
    for (int kernel : new int[] {2, 3, 4}) {
      float[] k = values(5 * 3 * kernel * kernel);
      float[] x = values(80);
      TestModel plain = new TestModel().input("x", 1, 5, 4, 4).output("y");
      plain.floats("k", shape(5, 3, kernel, kernel), k);
      plain.node("ConvTranspose", "x k", "y", "strides", List.of(2, 2));
      TestModel more = new TestModel().input("x", 1, 5, 4, 4).output("y");
      more.floats("k", shape(5, 3, kernel, kernel), k).floats("g", shape(3), 2, -1, 0.5f);
      more.floats("b", shape(3), 0.5f, 1, -2).floats("m", shape(3), 1, 2, 3);
      more.floats("v", shape(3), 1, 4, 9).floats("s", shape(3, 1, 1), slope);
      more.node("ConvTranspose", "x k", "t", "strides", List.of(2, 2));
      more.node("BatchNormalization", "t g b m v", "n", "epsilon", 0f);
      more.node(operator, inputs, "y");
      assertThat(more.read().steps()).as("%d", kernel).hasSameSizeAs(plain.read().steps());
      float[] made = plain.run(x);
      float[] scale = {2, -0.5f, 0.5f / 3};
      float[] shift = {0.5f - 2, 1 + 1, -2 - 0.5f};
      for (int i = 0; i < made.length; i++) {
        int c = i / (made.length / 3);
        float normal = made[i] * scale[c] + shift[c];
        made[i] = normal < 0 ? normal * slope[c] : normal;
      }
      assertThat(more.run(x)).containsExactly(made, within(1e-4f));
    }
  }

  @Test
  void sizesFollowTheOutputThatIsAsked() {
    TestModel same = of("auto_pad", "SAME_UPPER", "strides", List.of(2, 2));
    assertThat(same.read().outputs().getFirst().shape()).containsExactly(1, 1, 6, 6);
    TestModel asked = of("output_shape", List.of(7, 8), "strides", List.of(2, 2));
    assertThat(asked.read().outputs().getFirst().shape()).containsExactly(1, 1, 7, 8);
    assertThatThrownBy(() -> of("pads", List.of(3, 3, 3, 3)).read())
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("axis 0");
  }

  private static TestModel of(Object... attributes) {
    return new TestModel()
        .input("x", 1, 1, 3, 3)
        .floats("k", shape(1, 1, 3, 3), new float[9])
        .node("ConvTranspose", "x k", "y", attributes)
        .output("y");
  }
}
