package io.github.lanewise.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Convolutions;
import io.github.lanewise.Padding;
import io.github.lanewise.Residual;
import io.github.lanewise.WeightFormat;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.kernel.Kernels;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A fused pool has the bits of a pool by its definition over the plan of the convolution. */
@Tag("backend")
class PooledLoopsTest {
  private static final int CHANNELS = 11;
  private static final float[] SLOPES = new float[CHANNELS];

  private final Random random = new Random(3);

  private float[] values(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() - 0.5f;
    }
    return out;
  }

  private ConvShape window(ConvShape s) {
    int kernel = 1 + random.nextInt(5);
    int dilation = 1 + random.nextInt(2);
    int before = random.nextInt(kernel);
    int after = random.nextInt(kernel + 2);
    return ConvShape.builder(s.outHeight(), s.outWidth(), CHANNELS)
        .batch(s.batch())
        .depthwise()
        .kernel(kernel, 1 + random.nextInt(4))
        .stride(1 + random.nextInt(4), 1 + random.nextInt(3))
        .dilation(dilation)
        .padding(Padding.explicit(before, random.nextInt(3), after, random.nextInt(3)))
        .build();
  }

  @Test
  void asThePlanAndThePool() {
    Kernels kernels = Backend.current().kernels();
    for (int i = 0; i < 200; i++) {
      ConvShape s =
          ConvShape.builder(20 + random.nextInt(30), 14 + random.nextInt(9), 1 + random.nextInt(6))
              .batch(1 + random.nextInt(2))
              .outChannels(CHANNELS)
              .kernel(1 + 2 * random.nextInt(2))
              .stride(1 + random.nextInt(2))
              .build();
      ConvShape window = window(s);
      float[] w = values(s.weightsLength());
      float[] src = values(s.srcLength());
      ConvPlan plan =
          Convolutions.standard(
              s,
              ConvWeights.of(w, WeightOrder.OIHW),
              ConvOptions.DEFAULT.withActivation(Activation.RELU6));
      float[] middle = new float[plan.dstLength()];
      plan.run(src, middle);
      float[] expected = pool(window, middle);
      for (int threads = 1; threads <= 3; threads++) {
        Loops loops =
            new PooledLoops(
                s,
                kernels,
                new Filters(hwi(s, w), new float[CHANNELS], null, WeightFormat.FLOAT32),
                new Epilogue(Activation.RELU6, null, Residual.NONE),
                window,
                new CacheSizes(4096, 4096 << random.nextInt(4), "test"),
                threads);
        assertThat(run(loops, src, expected.length))
            .as("%d: %s, %s", i, s, window)
            .isEqualTo(expected);
      }
    }
  }

  private static float[] run(Loops loops, float[] src, int results) {
    float[] dst = new float[results];
    Scratch scratch = new Scratch(loops.scratch());
    for (int unit = loops.units() - 1; unit >= 0; unit--) {
      Arrays.fill(scratch.main, Float.NaN);
      loops.run(unit, src, 0, null, 0, dst, 0, scratch);
    }
    return dst;
  }

  @Test
  void asTheSameOfPlanes() {
    int width = 64; // wide enough for tiles of whole rows
    ConvShape s =
        ConvShape.builder(9, width, 2).batch(2).outChannels(CHANNELS).kernel(3).stride(2).build();
    ConvShape window =
        ConvShape.builder(5, width / 2, CHANNELS).batch(2).depthwise().kernel(2).build();
    ConvWeights w = ConvWeights.of(values(s.weightsLength()), WeightOrder.OIHW);
    ConvPlan plan = Convolutions.pooled(s, w, window, ConvOptions.DEFAULT);
    assertThat(plan.ofPlanes().isPresent()).isEqualTo(plan.kernels().contains(" staged "));
    float[] src = values(plan.srcLength());
    float[] planes = new float[src.length];
    for (int i = 0; i < src.length; i++) {
      int pixel = i / 2 % (9 * width);
      planes[i - i % (18 * width) + i % 2 * 9 * width + pixel] = src[i];
    }
    float[] expected = new float[plan.dstLength()];
    plan.run(src, expected);
    plan.ofPlanes()
        .ifPresent(
            planar -> {
              float[] actual = new float[expected.length];
              planar.run(planes, actual);
              assertThat(planar.kernels()).contains(" pixels of planes staged at once");
              assertThat(actual).containsExactly(expected, within(1e-5f));
            });
  }

  private static float[] hwi(ConvShape s, float[] oihw) {
    float[] out = new float[oihw.length];
    int at = 0;
    int taps = s.kernelHeight() * s.kernelWidth();
    for (int o = 0; o < CHANNELS; o++) {
      for (int t = 0; t < taps; t++) {
        for (int c = 0; c < s.inChannels(); c++) {
          out[at++] = oihw[(o * s.inChannels() + c) * taps + t];
        }
      }
    }
    return out;
  }

  private static float[] pool(ConvShape s, float[] src) {
    float[] out = new float[s.batch() * s.outHeight() * s.outWidth() * CHANNELS];
    Arrays.fill(out, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < out.length; i++) {
      int c = i % CHANNELS;
      int x = i / CHANNELS % s.outWidth();
      int y = i / CHANNELS / s.outWidth() % s.outHeight();
      int image = i / CHANNELS / s.outWidth() / s.outHeight();
      for (int ky = 0; ky < s.kernelHeight(); ky++) {
        for (int kx = 0; kx < s.kernelWidth(); kx++) {
          int row = y * s.strideHeight() - s.padTop() + ky * s.dilationHeight();
          int column = x * s.strideWidth() - s.padLeft() + kx * s.dilationWidth();
          if (row >= 0 && row < s.inHeight() && column >= 0 && column < s.inWidth()) {
            int at = ((image * s.inHeight() + row) * s.inWidth() + column) * CHANNELS + c;
            out[i] = Math.max(out[i], src[at]);
          }
        }
      }
    }
    return out;
  }

  @Test
  void argumentsAreNamed() {
    ConvShape s = ConvShape.builder(9, 9, 2).outChannels(CHANNELS).kernel(3).build();
    ConvWeights w = ConvWeights.of(new float[s.weightsLength()], WeightOrder.OIHW);
    ConvShape window = ConvShape.builder(9, 9, CHANNELS).kernel(2).stride(2).depthwise().build();
    ConvOptions o = ConvOptions.DEFAULT;
    ConvPlan plan = Convolutions.pooled(s, w, window, o.withPrelu(SLOPES));
    assertThat(plan.dstLength()).isEqualTo(5 * 5 * CHANNELS);
    assertThat(plan.toString()).contains("pooled", "then a pool, ", " rows fused");
    ConvShape other = ConvShape.builder(8, 9, CHANNELS).kernel(2).depthwise().build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Convolutions.pooled(s, w, other, o))
        .withMessageContaining("must be on the result of");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Convolutions.pooled(s, w, s, o))
        .withMessageContaining("window groups = 1");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Convolutions.pooled(s, w, window, o.withResidual(Residual.AFTER_ACTIVATION)))
        .withMessageContaining("must have no residual");
    ConvShape depthwise = ConvShape.builder(9, 9, CHANNELS).depthwise().build();
    ConvWeights one = ConvWeights.of(SLOPES, WeightOrder.HWC);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Convolutions.pooled(depthwise, one, window, o))
        .withMessageContaining("must not be depthwise");
  }
}
