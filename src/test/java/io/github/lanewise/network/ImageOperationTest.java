package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.lanewise.ConvShape;
import io.github.lanewise.Padding;
import io.github.lanewise.operators.DynamicConvolution;
import io.github.lanewise.operators.GridSample;
import io.github.lanewise.operators.Interleave;
import io.github.lanewise.operators.Normalization;
import io.github.lanewise.operators.Normalization.Measure;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Quantization;
import io.github.lanewise.operators.ResponseNormalization;
import io.github.lanewise.operators.Sizes;
import io.github.lanewise.operators.TopK;
import io.github.lanewise.operators.Windows;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What normalizes, samples and quantizes against its definition in double. */
class ImageOperationTest {
  private static final int TIMES = 60;

  private final Random random = new Random(11);

  private int upTo(int most) {
    return 1 + random.nextInt(most);
  }

  private float[] values(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() * 4 - 2;
    }
    return out;
  }

  /** In -8 .. 8, so that equal ones are frequent. */
  private float[] whole(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextInt(17) - 8f;
    }
    return out;
  }

  private static void check(Operation operation, double tolerance, int[] shape, float[] values) {
    check(operation, tolerance, new int[][] {shape}, values);
  }

  private static void check(
      Operation operation, double tolerance, int[][] shapes, float[]... values) {
    float[][] made = operation.compute(shapes, values);
    double[][] exact = new double[values.length][];
    for (int i = 0; i < values.length; i++) {
      float[] floats = values[i];
      exact[i] = new double[floats.length];
      Arrays.setAll(exact[i], k -> floats[k]);
    }
    double[][] golden = Definitions.compute(operation, shapes, exact);
    assertThat(made.length).isEqualTo(golden.length);
    for (int r = 0; r < golden.length; r++) {
      assertThat(made[r]).hasSize(golden[r].length);
      for (int i = 0; i < golden[r].length; i++) {
        assertThat((double) made[r][i])
            .as("%s of %s, result %d at %d", operation, Arrays.deepToString(shapes), r, i)
            .isCloseTo(golden[r][i], within(tolerance * Math.max(1, Math.abs(golden[r][i]))));
      }
    }
  }

  /** With few channels and many, with a factor and an offset or without. */
  @ParameterizedTest
  @EnumSource(Measure.class)
  void normalizationsAreTheirDefinition(Measure measure) {
    for (int i = 0; i < TIMES; i++) {
      int outer = upTo(3);
      int pixels = upTo(30);
      int groups = upTo(5);
      int channels = i % 10 == 0 ? 1500 : upTo(6);
      int[] shape = {outer, pixels, groups * channels};
      int[] statistics = i % 2 == 0 ? null : new int[] {outer, groups};
      Operation n = new Normalization(measure, outer, pixels, groups, channels, 1e-3, statistics);
      int[][] shapes = {shape, {groups * channels}, {groups * channels}};
      float[][] values = new float[3][];
      Arrays.setAll(values, k -> values(Sizes.count(shapes[k])));
      int inputs = upTo(3);
      check(n, 1e-5, Arrays.copyOf(shapes, inputs), Arrays.copyOf(values, inputs));
    }
    Operation n = new Normalization(measure, 1, 1, 1, 4, 0, null);
    if (measure == Measure.L1 || measure == Measure.L2) {
      check(n, 0, new int[] {4}, new float[4]);
    }
  }

  @Test
  void responseNormalizationIsItsDefinition() {
    for (int i = 0; i < TIMES; i++) {
      Operation r =
          new ResponseNormalization(upTo(7), 0.5 + random.nextFloat(), i % 2 == 0 ? 0.75 : 0.6, 1);
      int[] shape = {upTo(4), upTo(9)};
      check(r, 1e-6, shape, values(Sizes.count(shape)));
    }
  }

  /** Inside and far outside; that nearest pixels are, by places that lie between no two. */
  @Test
  void gridSamplesAreTheirDefinition() {
    for (GridSample.Mode mode : GridSample.Mode.values()) {
      for (GridSample.Outside outside : GridSample.Outside.values()) {
        for (int i = 0; i < TIMES; i++) {
          int[] in = {upTo(2), upTo(5), upTo(5), upTo(3)};
          int[] grid = {in[0], upTo(4), upTo(4), 2};
          float[] places = values(Sizes.count(grid));
          if (i == 0) {
            places[0] = outside == GridSample.Outside.REFLECTION ? 40 : 1e30f;
          }
          GridSample g = new GridSample(mode, outside, i % 2 == 0 && in[1] > 1 && in[2] > 1);
          check(g, 2e-5, new int[][] {in, grid}, values(Sizes.count(in)), places);
        }
      }
    }
  }

  @Test
  void gridSamplesNeedAPlaceOfTwoForEachImage() {
    Operation g = new GridSample(GridSample.Mode.LINEAR, GridSample.Outside.ZEROS, false);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> g.shapes(new int[] {1, 2, 2, 1}, new int[] {2, 1, 1, 2}))
        .withMessageContaining("[2, 1, 1, 2]");
  }

  @Test
  void topKIsItsDefinition() {
    for (int i = 0; i < TIMES; i++) {
      int[] shape = {upTo(3), upTo(30)};
      check(new TopK(upTo(shape[1]), i % 2 == 0), 0, shape, whole(Sizes.count(shape)));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TopK(4, true).shapes(new int[] {3}))
        .withMessageContaining("k = 4");
  }

  @Test
  void windowsAreTheirDefinition() {
    for (int i = 0; i < TIMES; i++) {
      int[] shape = {upTo(2), 3 + upTo(5), 3 + upTo(5), upTo(4)};
      int pad = random.nextInt(2);
      ConvShape window =
          ConvShape.builder(shape[1], shape[2], shape[3])
              .batch(shape[0])
              .kernel(1 + upTo(2), 1 + upTo(2))
              .stride(upTo(2))
              .dilation(1)
              .padding(Padding.explicit(pad, pad, pad, pad))
              .depthwise()
              .build();
      check(new Windows(window, 0, i % 2 == 0), 0, shape, whole(Sizes.count(shape)));
      check(new Windows(window, upTo(3), false), 1e-6, shape, values(Sizes.count(shape)));
    }
  }

  /** No number is beyond all numbers, and of two the first one counts. */
  @Test
  void aMaximumOfNoNumberStandsWhereTheFirstOneDoes() {
    ConvShape row =
        ConvShape.builder(1, 4, 1).kernel(1, 4).padding(Padding.VALID).depthwise().build();
    float[] values = {1, Float.NaN, 3, Float.NaN};
    float[][] made =
        new Windows(row, 0, false).compute(new int[][] {{1, 1, 4, 1}}, new float[][] {values});
    assertThat(made[0]).containsExactly(Float.NaN);
    assertThat(made[1]).containsExactly(1);
  }

  /** With a group for each channel, for some of them or for all. */
  @Test
  void convolutionsWithComputedWeightsAreTheirDefinition() {
    for (int i = 0; i < TIMES; i++) {
      int groups = upTo(4);
      ConvShape s =
          ConvShape.builder(upTo(6), upTo(6), groups * upTo(3))
              .batch(upTo(2))
              .outChannels(groups * upTo(3))
              .groups(groups)
              .kernel(upTo(3), upTo(3))
              .stride(upTo(2))
              .dilation(upTo(2))
              .build();
      int[] image = {s.batch(), s.inHeight(), s.inWidth(), s.inChannels()};
      int[] weights = {s.kernelHeight(), s.kernelWidth(), s.inChannelsPerGroup(), s.outChannels()};
      float[] x = values(Sizes.count(image));
      float[] w = values(s.weightsLength());
      check(new DynamicConvolution(s), 1e-5, new int[][] {image, weights}, x, w);
    }
    DynamicConvolution one = new DynamicConvolution(ConvShape.builder(2, 2, 3).build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.shapes(new int[] {1, 2, 2, 3}, new int[] {1, 1, 2, 3}))
        .withMessageContaining("weights [1, 1, 2, 3] must be");
  }

  @Test
  void interleavedPartsAreTheirDefinition() {
    for (int i = 0; i < TIMES; i++) {
      int[] rows = random.ints(upTo(3), 0, 2).toArray();
      int[] columns = random.ints(upTo(3), 0, 2).toArray();
      Interleave operation = new Interleave(rows, columns, upTo(7), upTo(7));
      int[][] shapes = new int[rows.length * columns.length][];
      float[][] values = new float[shapes.length][];
      int channels = upTo(8);
      for (int p = 0; p < shapes.length; p++) {
        shapes[p] = new int[] {2, 8 + random.nextInt(2), 8 + random.nextInt(2), channels};
        values[p] = values(Sizes.count(shapes[p]));
      }
      check(operation, 0, shapes, values);
    }
  }

  @Test
  void quantizationsAreTheirDefinition() {
    int[][] shapes = {{2, 3, 50}, {3, 1}, {3, 1}};
    float[] scale = {0.5f, 0.25f, 0.03125f}; // so that quotients are exact, halves among them
    float[] zero = {0, 100, -3};
    float[] eighths = whole(300);
    for (int i = 0; i < eighths.length; i++) {
      eighths[i] /= 8;
    }
    for (Quantization.Result result : Quantization.Result.values()) {
      for (boolean divides : new boolean[] {true, false}) {
        check(
            new Quantization.Quantize(-128, 127, divides, result), 0, shapes, eighths, scale, zero);
        check(new Quantization.Quantize(0, 15, divides, result), 0, shapes, eighths, scale, zero);
      }
    }
    float[] far = {Float.MAX_VALUE, -1e20f, 0x1p31f, -0x1p23f, 8388609, 32766.5f, 0.5f, -1.5f};
    check(
        new Quantization.Quantize(-32768, 32767, true, Quantization.Result.NUMBER),
        0,
        new int[][] {{8}, {}, {}},
        far,
        new float[] {1},
        new float[] {32767});
    check(new Quantization.Dequantize(), 0, shapes, whole(300), scale, zero);
    for (float[] range : new float[][] {{-1, 3}, {0.25f, 0.5f}, {-0.5f, -0.25f}, {0, 0}}) {
      float[] min = {range[0]};
      check(new Quantization.Range(), 0, new int[][] {{1, 1}, {1, 1}}, min, new float[] {range[1]});
    }
  }

  @Test
  void digitsMakeTheNumberAgain() {
    float[] x = new float[511];
    for (int i = 0; i < x.length; i++) {
      x[i] = i - 255f;
    }
    for (int bits : new int[] {1, 2, 4, 8}) {
      Operation digits = new Quantization.Digits(8 / bits, bits);
      check(digits, 0, new int[] {x.length}, x);
      float[][] parts = digits.compute(new int[][] {{x.length}}, new float[][] {x});
      int[][] shapes = new int[parts.length][];
      Arrays.fill(shapes, new int[] {x.length});
      Operation sum = new Quantization.Sum(bits, 0);
      assertThat(sum.compute(shapes, parts)[0]).isEqualTo(x);
    }
  }

  @Test
  void sumsHaveAnOffsetByChannel() {
    Operation sum = new Quantization.Sum(4, 7, -1, 1 << 23);
    float[] large = {1 << 19, 5, -(1 << 19), 3, 2, 1, -7, 11, -131072};
    check(sum, 0, new int[][] {{3, 3}, {3, 3}}, whole(9), large);
  }
}
