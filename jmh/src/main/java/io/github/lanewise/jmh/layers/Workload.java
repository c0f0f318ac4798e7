package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Convolutions;
import io.github.lanewise.WeightOrder;
import java.util.Arrays;
import java.util.List;
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
  private final List<Stage> stages;
  private final float[] src;
  private final float[] dst;

  /**
   * Makes the arrays.
   *
   * @param target what to run
   */
  public Workload(Target target) {
    this.target = target;
    ConvShape first = target.shape();
    Random random = new Random(SEED);
    this.src = uniform(random, first.srcLength(), 1);
    if (target.operator() == Operator.SEPARABLE) {
      ConvShape second =
          ConvShape.builder(first.outHeight(), first.outWidth(), first.outChannels())
              .outChannels(target.outChannels())
              .build();
      this.stages =
          List.of(
              stage(random, first, target.middle()), stage(random, second, target.activation()));
    } else {
      this.stages = List.of(stage(random, first, target.activation()));
    }
    this.dst = new float[stages.getLast().shape().dstLength()];
  }

  private static Stage stage(Random random, ConvShape shape, Activation activation) {
    float[] weights = uniform(random, shape.weightsLength(), weightScale(shape));
    return new Stage(shape, weights, uniform(random, shape.outChannels(), 0.5f), activation);
  }

  /**
   * What there is to compute.
   *
   * @return one convolution, or two that follow each other
   */
  public List<Stage> stages() {
    return stages;
  }

  /**
   * The input; not a copy.
   *
   * @return NHWC
   */
  public float[] src() {
    return src;
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
      case DEPTHWISE -> Convolutions.depthwise(shape, weights(0, WeightOrder.HWC), all);
      case POINTWISE -> Convolutions.pointwise(shape, weights(0, WeightOrder.HWIO), all);
      case STANDARD -> Convolutions.standard(shape, weights(0, WeightOrder.HWIO), all);
      case SEPARABLE ->
          Convolutions.separable(
              shape,
              weights(0, WeightOrder.HWC),
              target.middle(),
              target.outChannels(),
              weights(1, WeightOrder.HWIO),
              all);
    };
  }

  private ConvWeights weights(int index, WeightOrder order) {
    Stage stage = stages.get(index);
    return ConvWeights.of(stage.weights(), order).withBias(stage.bias());
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
   * Runs a plan and checks its result.
   *
   * @param plan made by {@link #createPlan}
   * @throws IllegalStateException if a value is off by more than rounding explains
   */
  public void check(ConvPlan plan) {
    Arrays.fill(dst, Float.NaN);
    run(plan);
    check(dst);
  }

  /**
   * Checks a sample of a result, corners and last channels included, against the definition in
   * double precision. With n terms and M the sum of their absolute values, an output may be off by
   * {@code (n + 4) * 2^-23 * M}, as much as rounding in any order explains.
   *
   * @param result of this workload, NHWC
   * @throws IllegalStateException if a value is further off
   */
  public void check(float[] result) {
    ConvShape last = stages.getLast().shape();
    int width = last.outWidth();
    int pixels = last.outHeight() * width;
    Random random = new Random(SEED);
    int[] corners = {0, width - 1, pixels - width, pixels - 1};
    for (int i = 0; i < CHECKED_PIXELS; i++) {
      int pixel = i < corners.length ? corners[i] : random.nextInt(pixels);
      checkPixel(result, pixel / width, pixel % width, channels(random));
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

  private void checkPixel(float[] result, int y, int x, int[] channels) {
    Stage first = stages.getFirst();
    Reference reference = new Reference(first);
    ConvShape shape = first.shape();
    int terms = shape.kernelHeight() * shape.kernelWidth() * shape.inChannelsPerGroup();
    Reference.Output[] middle = null;
    Reference second = null;
    if (stages.size() > 1) {
      middle =
          IntStream.range(0, shape.outChannels())
              .mapToObj(o -> reference.at(src, y, x, o))
              .toArray(Reference.Output[]::new);
      second = new Reference(stages.getLast());
      terms += shape.outChannels();
    }
    int width = stages.getLast().shape().outWidth();
    for (int o : channels) {
      Reference.Output expected =
          second == null ? reference.at(src, y, x, o) : second.at(middle, o);
      float actual = result[(y * width + x) * target.outChannels() + o];
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
