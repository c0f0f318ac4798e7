package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.WeightOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Constants are merged where the results stay what the steps one by one give in float32. */
@Tag("backend")
class MergingTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;
  private static final long SEED = Long.getLong("lanewise.test.seed", 20260101L);

  private final NetworkBuilder b = new NetworkBuilder();

  private Tensor pixels(int count, int channels) {
    return b.input("x", 1, 1, count, channels);
  }

  private Tensor number(float value) {
    return b.constant(new float[] {value}, 1);
  }

  private Tensor pointwise(Tensor x, float... weights) {
    ConvShape shape = ConvShape.builder(1, x.shape()[2], weights.length).outChannels(1).build();
    return b.convolution(x, shape, ConvWeights.of(weights, WeightOrder.OIHW));
  }

  private Tensor relu6(Tensor x) {
    return b.activation(x, Activation.RELU6);
  }

  private void gives(Tensor y, float[] x, float... expected) {
    b.output("y", y);
    float[] result = b.build().run(Map.of("x", x)).get("y");
    assertThat(result).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      float error = Float.isFinite(expected[i]) ? 1e-6f * Math.abs(expected[i]) : 0;
      assertThat(result[i]).as("value %d", i).isEqualTo(expected[i], within(error));
    }
  }

  private List<String> steps(Tensor y) {
    b.output("y", y);
    return b.build().steps().stream().map(Step::description).toList();
  }

  /** In either order: a fused multiply-add forgives what it adds to infinity. */
  @Test
  void aFactorThatMakesWeightsInfinite() {
    Tensor x = pixels(1, 2);
    Tensor y = relu6(b.multiply(pointwise(x, 2, -1), number(3e38f)));
    Tensor z =
        relu6(
            b.multiply(
                pointwise(b.add(x, b.constant(new float[] {0.5f, -0.5f}, 2)), -1, 2),
                number(3e38f)));
    gives(b.concat(3, y, z), new float[] {1, 1.5f}, 6, 6);
  }

  /** Each weight times the factor is finite, each product but the sum of two is not. */
  @Test
  void aFactorThatMakesProductsInfinite() {
    Tensor sum = pointwise(pixels(1, 2), 1, -1);
    float[] x = {1.5f, 1.25f};
    gives(b.multiply(sum, number(3e38f)), x, 0.25f * 3e38f);
  }

  @Test
  void aDivisorWhoseReciprocalIsInfinite() {
    Tensor sum = pointwise(pixels(3, 2), 2, -1);
    Tensor quotient = b.divide(sum, number(1e-39f));
    gives(relu6(quotient), new float[] {1, 1, 2, 1.5f, 1, 2}, 6, 6, 0);
  }

  @Test
  void anInfiniteFactor() {
    Tensor sum = pointwise(pixels(2, 2), 1, -1);
    Tensor product = b.multiply(sum, number(INFINITY));
    gives(product, new float[] {2, 0.5f, 0.5f, 2}, INFINITY, -INFINITY);
  }

  @Test
  void twoFactorsWhoseProductIsInfinite() {
    Tensor y = b.multiply(b.multiply(pixels(2, 1), number(1e30f)), number(1e30f));
    gives(y, new float[] {0, 1e-30f}, 0, 1e-30f * 1e30f * 1e30f);
  }

  @Test
  void twoScalesWhoseProductIsInfinite() {
    float[] huge = {1e30f};
    float[] none = {0};
    Tensor y = b.scale(b.scale(pixels(2, 1), huge, none), huge, none);
    gives(y, new float[] {0, 1e-30f}, 0, 1e-30f * 1e30f * 1e30f);
  }

  /** In float32 the first product is infinite, and stays so. */
  @Test
  void factorsThatOnlyTogetherAreFinite() {
    Tensor y = pixels(1, 1);
    for (float factor : new float[] {1e30f, 1e30f, 1e-30f, 1e-30f}) {
      y = b.multiply(y, number(factor));
    }
    gives(y, new float[] {1}, INFINITY);
  }

  /** 1e-30 squared is zero; 1e-20 squared is denormal, with a third of the digits. */
  @Test
  void twoFactorsWhoseProductIsZeroOrDenormal() {
    Tensor x = pixels(1, 2);
    Tensor small = b.constant(new float[] {1e-30f, 1e-20f}, 2);
    float[] expected = {1e30f * 1e-30f * 1e-30f, 1e30f * 1e-20f * 1e-20f};
    gives(b.multiply(b.multiply(x, small), small), new float[] {1e30f, 1e30f}, expected);
  }

  @Test
  void aFactorThatMakesWeightsDenormal() {
    Tensor y = b.multiply(pointwise(pixels(1, 1), 1e-20f), number(1e-20f));
    gives(y, new float[] {1e30f}, 1e30f * 1e-20f * 1e-20f);
  }

  @Test
  void aQuotientOfDenormals() {
    Tensor y = b.divide(pixels(2, 1), number(1e-39f));
    gives(y, new float[] {0, 1e-38f}, 0, 1e-38f / 1e-39f);
  }

  @Test
  void divisorsWithoutReciprocals() {
    Tensor x = pixels(1, 4);
    float[] divisors = {0, -0f, INFINITY, 3e38f};
    float[] values = {1, 1, 1, 3e38f};
    gives(b.divide(x, b.constant(divisors, 4)), values, INFINITY, -INFINITY, 0, 1);
  }

  @Test
  void aConstantByATensor() {
    gives(b.divide(number(1), pixels(1, 2)), new float[] {4, -0f}, 0.25f, -INFINITY);
  }

  @Test
  void aProductKeepsTheSignOfZero() {
    Tensor y = b.multiply(pixels(1, 1), number(2));
    gives(b.divide(number(1), b.divide(y, number(2))), new float[] {-0f}, -INFINITY);
  }

  /** (3e38 - 3e38) / sqrt(1e-38) * 3e38 + 5 and the like: folded, each is NaN or infinite. */
  @Test
  void batchNormsWhoseConstantsAreHuge() {
    float[] gamma = {3e38f, 1e30f, 1e-30f, INFINITY};
    float[] beta = {5, 0, 0, 0};
    float[] mean = {3e38f, 0, 1e30f, 1};
    float[] variance = {1e-38f, 1e-38f, 1e38f, 1};
    Tensor y = b.batchNorm(pixels(1, 4), gamma, beta, mean, variance, 0);
    float[] x = {3e38f, 1e-30f, -1e30f, 2};
    float deviation = (float) Math.sqrt(1e-38f);
    gives(
        y, x, 5, 1e-30f / deviation * 1e30f, -2e30f / (float) Math.sqrt(1e38f) * 1e-30f, INFINITY);
  }

  /**
   * Between 0 and 1 lies a number; between 0 and 1 times infinity, which are NaN and infinite, not.
   */
  @Test
  void anInfiniteWeightAfterAnEnlargingResize() {
    Tensor x = b.resizeLinear(pixels(2, 1), new float[1], new float[] {0, 0.5f, 1});
    gives(pointwise(x, INFINITY), new float[] {0, 1}, Float.NaN, INFINITY, INFINITY);
  }

  @Test
  void ordinaryConstantsAreMerged() {
    Tensor x = b.add(b.multiply(pixels(4, 2), number(1 / 127.5f)), number(-1));
    x = pointwise(x, 0.5f, -0.25f);
    x = b.batchNorm(x, new float[] {1e-6f}, new float[1], new float[] {3}, new float[1], 1e-5);
    x = b.subtract(b.multiply(b.divide(x, number(255)), number(2)), number(1));
    assertThat(steps(relu6(x)))
        .containsExactly("scale and shift", "pointwise n1_h1w4c2_o1_k1x1_s1x1_d1x1_pSAME_g1 relu6");
  }

  /** A channel that training switched off is no reason to leave the others as they are. */
  @Test
  void zerosAreMerged() {
    Tensor y = b.scale(pointwise(pixels(4, 3), 1, 0, -0f), new float[1], new float[1]);
    assertThat(steps(y)).containsExactly("pointwise n1_h1w4c3_o1_k1x1_s1x1_d1x1_pSAME_g1");
  }

  /** What may be merged is, before and behind what may not. */
  @Test
  void aChainBecomesAsShortAsItMay() {
    Tensor x = pointwise(pixels(4, 1), 1);
    for (float factor : new float[] {3, 4, 1e38f, 5, 6}) {
      x = b.multiply(x, number(factor));
    }
    assertThat(steps(relu6(x)))
        .containsExactly(
            "pointwise n1_h1w4c1_o1_k1x1_s1x1_d1x1_pSAME_g1",
            "scale and shift",
            "scale and shift relu6");
  }

  @Test
  void extremeConstantsGiveWhatTheStepsOneByOneGive() {
    int links = 0;
    int steps = 0;
    int compared = 0;
    for (int i = 0; i < 4000; i++) {
      RandomChain chain = new RandomChain(SEED + i);
      Network network = chain.fused.build();
      links += chain.bounds.size();
      steps += network.steps().size();
      compared += chain.check(network.run(Map.of("x", chain.input)).get("y"), network);
    }
    assertThat(steps).as("some are merged, of " + links).isLessThan(links * 9 / 10);
    assertThat(steps).as("some are not, of " + links).isGreaterThan(links / 3);
    assertThat(compared).as("values compared").isGreaterThan(20_000);
  }

  /**
   * A chain of steps with constants of any size, built as it is and again of the simplest steps.
   * How far rounding may carry its values is counted along the way: a share of what each would be
   * if no signs cancelled.
   */
  private static final class RandomChain {
    private static final int PIXELS = 4;
    private static final double SHARE = 1e-5;
    private static final double LOST = -1;
    private static final float[] SPECIAL = {
      0, -0f, Float.NaN, INFINITY, -INFINITY, Float.MIN_VALUE, Float.MAX_VALUE, 1e38f, -1e-39f
    };

    private final Random random;
    private final int channels;
    private final float[] input;
    private final NetworkBuilder fused = new NetworkBuilder();
    private final NetworkBuilder simple = new NetworkBuilder();
    private final Map<Op.Conv, float[]> weights = new HashMap<>();
    private final List<Tensor> links = new ArrayList<>();
    private final List<UnaryOperator<double[]>> bounds = new ArrayList<>();
    private final Tensor first;
    private Tensor end;
    private Tensor last;

    RandomChain(long seed) {
      random = new Random(seed);
      channels = 1 + random.nextInt(3);
      input = new float[PIXELS * channels];
      for (int i = 0; i < input.length; i++) {
        input[i] = (random.nextFloat() + 0.25f) * (random.nextBoolean() ? 1 : -1);
      }
      end = fused.input("x", 1, PIXELS, 1, channels);
      last = simple.input("x", 1, PIXELS, 1, channels);
      first = last;
      for (int i = 2 + random.nextInt(5); i > 0; i--) {
        grow();
      }
      fused.output("y", end);
    }

    private float constant() {
      float sign = random.nextBoolean() ? 1 : -1;
      return switch (random.nextInt(12)) {
        case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
        case 1, 2, 3 -> sign * (float) Math.pow(10, random.nextDouble() * 83 - 45);
        default -> sign * (random.nextFloat() + 0.1f);
      };
    }

    private float[] constants() {
      float[] out = new float[channels];
      for (int c = 0; c < channels; c++) {
        out[c] = c == 0 || random.nextBoolean() ? constant() : out[0];
      }
      return out;
    }

    private float[] onePerChannel(float[] values) {
      return values.length == channels ? values : same(values[0]);
    }

    private float[] same(float value) {
      float[] out = new float[channels];
      Arrays.fill(out, value);
      return out;
    }

    private void link(Tensor next, UnaryOperator<double[]> bound) {
      last = next;
      links.add(next);
      bounds.add(bound);
    }

    private void line(float[] scale, float[] shift) {
      Tensor product = simple.multiply(last, simple.constant(scale, channels));
      link(product, x -> by(x, (v, c) -> v * Math.abs(scale[c])));
      Tensor sum = simple.add(last, simple.constant(shift, channels));
      link(sum, x -> by(x, (v, c) -> v + Math.abs(shift[c])));
    }

    private void quotient(float[] divisor) {
      Tensor y = simple.divide(last, simple.constant(divisor, channels));
      link(y, x -> by(x, (v, c) -> v / Math.abs(divisor[c])));
    }

    private void grow() {
      float[] some = random.nextBoolean() ? constants() : new float[] {constant()};
      Tensor known = fused.constant(some, some.length);
      switch (random.nextInt(8)) {
        case 0, 1 -> {
          end = random.nextBoolean() ? fused.multiply(end, known) : fused.multiply(known, end);
          line(onePerChannel(some), new float[channels]);
        }
        case 2 -> {
          end = fused.divide(end, known);
          quotient(onePerChannel(some));
        }
        case 3 -> {
          end = fused.subtract(known, end);
          line(same(-1), onePerChannel(some));
        }
        case 4 -> {
          float[] shift = constants();
          end = fused.scale(end, onePerChannel(some), shift);
          line(onePerChannel(some), shift);
        }
        case 5 -> batchNorm(onePerChannel(some));
        case 6 -> conv();
        default -> {
          Activation clamp = random.nextBoolean() ? Activation.RELU6 : Activation.RELU;
          end = fused.activation(end, clamp);
          link(simple.activation(last, clamp), x -> x);
        }
      }
    }

    private void batchNorm(float[] gamma) {
      float[] beta = constants();
      float[] mean = constants();
      float[] variance = constants();
      float[] deviation = new float[channels];
      for (int c = 0; c < channels; c++) {
        variance[c] = Float.isNaN(variance[c]) ? 1 : Math.abs(variance[c]) + Float.MIN_VALUE;
        deviation[c] = (float) Math.sqrt(variance[c]);
      }
      end = fused.batchNorm(end, gamma, beta, mean, variance, 0);
      Tensor difference = simple.subtract(last, simple.constant(mean, channels));
      link(difference, x -> by(x, (v, c) -> v + Math.abs(mean[c])));
      quotient(deviation);
      line(gamma, beta);
    }

    /** Weights that are not huge: in which order they are added is left open. */
    private void conv() {
      boolean depthwise = random.nextBoolean();
      ConvShape.Builder builder = ConvShape.builder(PIXELS, 1, channels);
      ConvShape shape = (depthwise ? builder.depthwise() : builder.outChannels(channels)).build();
      float[] w = new float[shape.weightsLength()];
      for (int i = 0; i < w.length; i++) {
        w[i] = constant();
        w[i] = Math.abs(w[i]) > 1e6 ? 2 : w[i];
      }
      ConvWeights stored = ConvWeights.of(w, WeightOrder.OIHW);
      end = fused.convolution(end, shape, stored);
      Tensor sum = simple.convolution(last, shape, stored);
      weights.put((Op.Conv) sum.op, w);
      int taps = depthwise ? 1 : channels;
      link(
          sum,
          x -> {
            double[] y = new double[x.length];
            for (int i = 0; i < x.length; i++) {
              int c = i % channels;
              for (int k = 0; k < taps && y[i] != LOST; k++) {
                double v = x[i - c + (depthwise ? c : k)];
                y[i] = v == LOST ? LOST : y[i] + v * Math.abs(w[c * taps + k]);
              }
              y[i] = y[i] > Float.MAX_VALUE ? LOST : y[i];
            }
            return y;
          });
    }

    private interface ByChannel {
      double apply(double value, int channel);
    }

    private double[] by(double[] x, ByChannel function) {
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        y[i] = x[i] == LOST ? LOST : function.apply(x[i], i % channels);
      }
      return y;
    }

    /**
     * Compares all values but those where the rounding of one step decides whether a later one is
     * infinite or no number, and those that overflow behind values larger than constants allow for.
     */
    private int check(float[] result, Network network) {
      Interpreter interpreter = new Interpreter(Map.of("x", input), weights, true);
      double[] bound = Arrays.stream(interpreter.value(first)).map(Math::abs).toArray();
      boolean[] unsure = new boolean[bound.length];
      boolean[] large = new boolean[bound.length];
      for (int k = 0; k < links.size(); k++) {
        double[] value = interpreter.value(links.get(k));
        bound = bounds.get(k).apply(bound);
        for (int i = 0; i < bound.length; i++) {
          boolean isFinite = Double.isFinite(value[i]);
          if (bound[i] == LOST || (!isFinite && (unsure[i] || large[i]))) {
            bound[i] = LOST;
          } else {
            double size = isFinite ? Math.abs(value[i]) : 0;
            double most = isFinite && Double.isFinite(bound[i]) ? bound[i] : 0;
            bound[i] = Math.max(Math.max(most, size), Float.MIN_NORMAL);
            large[i] |= size > 0x1p60;
            unsure[i] |= isFinite && !(size > 10 * SHARE * bound[i]);
          }
        }
      }
      double[] expected = interpreter.value(last);
      int compared = 0;
      for (int i = 0; i < result.length; i++) {
        if (bound[i] != LOST && !(unsure[i] && !Float.isFinite(result[i]))) {
          double error = Double.isFinite(expected[i]) ? SHARE * bound[i] : 0;
          assertThat((double) result[i])
              .as("%d of %s, weights %s, %s", i, links, weights.values(), network)
              .isEqualTo(expected[i], within(error));
          compared++;
        }
      }
      return compared;
    }
  }
}
