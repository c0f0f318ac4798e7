package io.github.lanewise.jmh.layers;

import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.ConvShape;
import io.github.lanewise.Convolutions;
import io.github.lanewise.Workspace;
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

  /** What rounding may make of a chain, of its largest output; it makes some 1e-6 of it. */
  private static final double CHAIN_TOLERANCE = 1e-5;

  private final Target target;
  private final List<List<Stage>> parts;
  private final float[][] tensors;

  /** Makes the arrays. */
  public Workload(Target target) {
    this.target = target;
    Random random = new Random(SEED);
    float[] src = uniform(random, target.shape().srcLength(), 1);
    this.parts =
        target.parts().stream()
            .map(part -> part.stream().map(layer -> stage(random, layer)).toList())
            .toList();
    this.tensors = tensors(src, parts);
  }

  private static Stage stage(Random random, Layer layer) {
    ConvShape shape = layer.shape();
    float scale = (float) Math.sqrt(3.0 / Stage.terms(shape)); // outputs of the inputs' variance
    float[] weights = uniform(random, shape.weightsLength(), scale);
    return new Stage(layer, weights, uniform(random, shape.outChannels(), 0.5f));
  }

  /** The input, then each part's output, for which two arrays take turns. */
  private static float[][] tensors(float[] src, List<List<Stage>> parts) {
    int[] lengths = new int[2];
    for (int i = 0; i < parts.size(); i++) {
      int length = parts.get(i).getLast().shape().dstLength();
      lengths[i % 2] = Math.max(lengths[i % 2], length);
    }
    float[][] turns = {new float[lengths[0]], new float[lengths[1]]};
    float[][] tensors = new float[parts.size() + 1][];
    Arrays.setAll(tensors, i -> i == 0 ? src : turns[(i - 1) % 2]);
    return tensors;
  }

  /** One convolution, or several that follow each other. */
  public List<Stage> stages() {
    return parts.stream().flatMap(List::stream).toList();
  }

  /** The input, NHWC; not a copy. */
  public float[] src() {
    return tensors[0];
  }

  private static float[] uniform(Random random, int length, float scale) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = scale * (2 * random.nextFloat() - 1);
    }
    return values;
  }

  /**
   * Creates one plan, or of a chain several that follow each other; packs the weights. The
   * activations are the target's whatever the options say.
   */
  public List<ConvPlan> createPlans(ConvOptions options) {
    return parts.stream().map(part -> createPlan(part, options)).toList();
  }

  private static ConvPlan createPlan(List<Stage> part, ConvOptions options) {
    Stage first = part.getFirst();
    Stage last = part.getLast();
    ConvOptions all = options.withActivation(last.activation());
    if (part.size() > 1) {
      return Convolutions.separable(
          first.shape(),
          first.packable(),
          first.activation(),
          last.shape().outChannels(),
          last.packable(),
          all);
    }
    return switch (first.operator()) {
      case DEPTHWISE -> Convolutions.depthwise(first.shape(), first.packable(), all);
      case POINTWISE -> Convolutions.pointwise(first.shape(), first.packable(), all);
      default -> Convolutions.standard(first.shape(), first.packable(), all);
    };
  }

  /**
   * Runs plans made by {@link #createPlans} once. The workspace for all of them keeps a chain's
   * scratch in the caches.
   */
  public void run(List<ConvPlan> plans, Workspace workspace) {
    for (int i = 0; i < plans.size(); i++) {
      plans.get(i).run(tensors[i], 0, null, 0, tensors[i + 1], 0, workspace);
    }
  }

  /**
   * Runs plans and checks what each makes of its input.
   *
   * @throws IllegalStateException if a value is off by more than rounding explains
   */
  public void check(List<ConvPlan> plans) {
    for (int i = 0; i < plans.size(); i++) {
      Arrays.fill(tensors[i + 1], Float.NaN);
      plans.get(i).run(tensors[i], tensors[i + 1]);
      check(parts.get(i), tensors[i], tensors[i + 1]);
    }
  }

  /**
   * Checks a result, NHWC. Of a chain, through whose layers no bound of rounding stays useful, all
   * of it is compared with what our scalar plans compute, each of which is checked by itself.
   *
   * @throws IllegalStateException if a value is off by more than rounding explains
   */
  public void check(float[] result) {
    if (parts.size() == 1) {
      check(parts.getFirst(), src(), result);
      return;
    }
    check(createPlans(ConvOptions.DEFAULT.withBackend(Backend.scalar())));
    float[] expected = tensors[parts.size()];
    int length = parts.getLast().getLast().shape().dstLength();
    double largest =
        IntStream.range(0, length).mapToDouble(i -> Math.abs(expected[i])).max().orElseThrow();
    for (int i = 0; i < length; i++) {
      if (!(Math.abs(result[i] - expected[i]) <= CHAIN_TOLERANCE * largest)) {
        throw new IllegalStateException(
            "wrong result of %s %s at %d: %s instead of %s, the largest is %s"
                .formatted(target.operator(), target.layer(), i, result[i], expected[i], largest));
      }
    }
  }

  /**
   * Checks a sample of a part's result, corners and last channels included, against the definition
   * in double precision. With n terms and M the sum of their absolute values, an output may be off
   * by {@code (n + 4) * 2^-23 * M}, as much as rounding in any order explains.
   */
  private void check(List<Stage> part, float[] src, float[] result) {
    ConvShape last = part.getLast().shape();
    int width = last.outWidth();
    int pixels = last.outHeight() * width;
    Random random = new Random(SEED);
    int[] corners = {0, width - 1, pixels - width, pixels - 1};
    for (int i = 0; i < CHECKED_PIXELS; i++) {
      int pixel = i < corners.length ? corners[i] : random.nextInt(pixels);
      int[] channels = channels(random, last.outChannels());
      checkPixel(part, src, result, pixel / width, pixel % width, channels);
    }
  }

  /** The first, the last and some more of n output channels. */
  private static int[] channels(Random random, int n) {
    if (n <= CHECKED_CHANNELS) {
      return IntStream.range(0, n).toArray();
    }
    return IntStream.range(0, CHECKED_CHANNELS)
        .map(i -> i == 0 ? 0 : i <= 4 ? n - i : random.nextInt(n))
        .toArray();
  }

  private void checkPixel(
      List<Stage> part, float[] src, float[] result, int y, int x, int[] channels) {
    Stage first = part.getFirst();
    Stage last = part.getLast();
    boolean block = part.size() > 1;
    int n = block ? first.shape().outChannels() : 0;
    Stage.Output[] middle = new Stage.Output[n];
    Arrays.setAll(middle, i -> first.at(src, y, x, i));
    int terms = n + Stage.terms(first.shape());
    for (int o : channels) {
      Stage.Output expected = block ? last.at(middle, o) : first.at(src, y, x, o);
      float actual = result[(y * last.shape().outWidth() + x) * last.shape().outChannels() + o];
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
