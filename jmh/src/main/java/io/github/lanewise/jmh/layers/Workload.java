package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Convolutions;
import io.github.lanewise.WeightOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A target's arrays: inputs random in [-1, 1), weights scaled so that outputs keep about that size,
 * a bias, all from a fixed seed. Not thread-safe.
 */
public final class Workload {
  private static final long SEED = 20_170_417;
  private static final int CHECKED_PIXELS = 64;
  private static final int CHECKED_CHANNELS = 16;

  private final Target target;
  private final ConvShape pointwise;
  private final float[] src;
  private final float[] dst;
  private final float[] weights;
  private final float[] bias;
  private final float[] pointwiseWeights;
  private final float[] pointwiseBias;

  /**
   * Makes the arrays.
   *
   * @param target what to run
   */
  public Workload(Target target) {
    this.target = target;
    ConvShape shape = target.shape();
    ConvShape last = shape;
    if (target.operator() == Operator.SEPARABLE) {
      last =
          ConvShape.builder(shape.outHeight(), shape.outWidth(), shape.outChannels())
              .outChannels(target.outChannels())
              .build();
    }
    this.pointwise = last;
    Random random = new Random(SEED);
    this.src = uniform(random, shape.srcLength(), 1);
    this.dst = new float[last.dstLength()];
    this.weights = uniform(random, shape.weightsLength(), weightScale(shape));
    this.bias = uniform(random, shape.outChannels(), 0.5f);
    this.pointwiseWeights = uniform(random, last.weightsLength(), weightScale(last));
    this.pointwiseBias = uniform(random, last.outChannels(), 0.5f);
  }

  private static float[] uniform(Random random, int length, float scale) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = scale * (2 * random.nextFloat() - 1);
    }
    return values;
  }

  /** Outputs of about the inputs' variance. */
  private static float weightScale(ConvShape s) {
    int terms = s.kernelHeight() * s.kernelWidth() * s.inChannelsPerGroup();
    return (float) Math.sqrt(3.0 / terms);
  }

  /**
   * Creates the plan, packing the weights.
   *
   * @param options backend and threads; the activation is the target's
   * @return the plan
   */
  public ConvPlan createPlan(ConvOptions options) {
    ConvOptions all = options.withActivation(target.activation());
    ConvShape shape = target.shape();
    return switch (target.operator()) {
      case DEPTHWISE -> Convolutions.depthwise(shape, depthwiseWeights(), all);
      case POINTWISE -> Convolutions.pointwise(shape, fullWeights(), all);
      case STANDARD -> Convolutions.standard(shape, fullWeights(), all);
      case SEPARABLE ->
          Convolutions.separable(
              shape,
              depthwiseWeights(),
              target.middle(),
              target.outChannels(),
              ConvWeights.of(pointwiseWeights, WeightOrder.HWIO).withBias(pointwiseBias),
              all);
    };
  }

  private ConvWeights depthwiseWeights() {
    return ConvWeights.of(weights, WeightOrder.HWC).withBias(bias);
  }

  private ConvWeights fullWeights() {
    return ConvWeights.of(weights, WeightOrder.HWIO).withBias(bias);
  }

  /**
   * Runs a plan once.
   *
   * @param plan made by {@link #createPlan}
   */
  public void run(ConvPlan plan) {
    plan.run(src, dst);
  }

  /**
   * Runs a plan and checks a sample of its result, corners and last channels included, against the
   * definition.
   *
   * @param plan made by {@link #createPlan}
   * @throws IllegalStateException if a value is off by more than rounding explains
   */
  public void check(ConvPlan plan) {
    Arrays.fill(dst, Float.NaN);
    run(plan);
    int width = pointwise.outWidth();
    int pixels = pointwise.outHeight() * width;
    Random random = new Random(SEED);
    int[] corners = {0, width - 1, pixels - width, pixels - 1};
    for (int i = 0; i < CHECKED_PIXELS; i++) {
      int pixel = i < corners.length ? corners[i] : random.nextInt(pixels);
      checkPixel(pixel / width, pixel % width, channels(random));
    }
  }

  /** The first, the last and some more output channels. */
  private int[] channels(Random random) {
    int n = target.outChannels();
    if (n <= CHECKED_CHANNELS) {
      return IntStream.range(0, n).toArray();
    }
    return IntStream.range(0, CHECKED_CHANNELS)
        .map(i -> i == 0 ? 0 : i <= 4 ? n - i : random.nextInt(n))
        .toArray();
  }

  private void checkPixel(int y, int x, int[] channels) {
    ConvShape shape = target.shape();
    boolean separable = target.operator() == Operator.SEPARABLE;
    Activation first = separable ? target.middle() : target.activation();
    Reference reference = new Reference(shape, weights, bias, first);
    int terms = shape.kernelHeight() * shape.kernelWidth() * shape.inChannelsPerGroup();
    Reference.Output[] middle = null;
    Reference second = null;
    if (separable) {
      middle =
          IntStream.range(0, shape.outChannels())
              .mapToObj(o -> reference.at(src, y, x, o))
              .toArray(Reference.Output[]::new);
      second = new Reference(pointwise, pointwiseWeights, pointwiseBias, target.activation());
      terms += shape.outChannels();
    }
    for (int o : channels) {
      Reference.Output expected = separable ? second.at(middle, o) : reference.at(src, y, x, o);
      float actual = dst[(y * pointwise.outWidth() + x) * target.outChannels() + o];
      double bound = (terms + 4) * Math.ulp(1f) * expected.magnitude();
      if (!(Math.abs(actual - expected.value()) <= bound)) {
        throw new IllegalStateException(
            "wrong result of %s %s at row %d, column %d, channel %d: %s instead of %s +- %.1e"
                .formatted(
                    target.operator(), target.layer(), y, x, o, actual, expected.value(), bound));
      }
    }
  }
}
