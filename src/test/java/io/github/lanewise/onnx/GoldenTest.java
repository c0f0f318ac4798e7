package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Trained networks on real photos against what TensorFlow.js computed. {@code
 * -Dlanewise.test.networks=all} runs every network in every configuration and prints the errors;
 * else the configurations beside "auto" run those that they can compute in a second or two.
 */
@Tag("backend")
class GoldenTest {
  private static final boolean ALL = System.getProperty("lanewise.test.networks", "").equals("all");

  /** Largest difference as a share of the largest value; that of probabilities is absolute. */
  private static final double TOLERANCE = 1e-4;

  private static final double PROBABILITY_TOLERANCE = 1e-5;

  private static final Set<String> PROBABILITIES = Set.of("probs", "predictions", "gender");
  private static final Set<String> HEADS = Set.of("classificators_1", "classificators_2");

  static Stream<Models.Case> cases() {
    return Models.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithAnotherEngine(Models.Case c) throws Exception {
    assumeTrue(
        c.isPresent(),
        () -> c + " is not in src/models, nor in ../shared/models beside the checkout");
    assumeTrue(
        ALL || isAffordable(c),
        () -> c + " takes too long here: -Dlanewise.test.networks=all runs it");
    Network network = OnnxReader.DEFAULT.read(c.path());
    Port image = network.inputs().getFirst();
    assertThat(image.layout()).isEqualTo(Layout.NCHW);
    float[] nchw = c.inputValues();
    assertThat(nchw).hasSize(image.length());
    Map<String, float[]> results = network.run(Map.of(image.name(), nchw));
    check(c, network, results);

    Network nhwc = network.withLayout(image.name(), Layout.NHWC);
    Map<String, float[]> same = nhwc.run(Map.of(image.name(), nhwc(nchw, image)));
    check(c, nhwc, same);
    if (!network.toString().contains("of planes")) { // whose sums have another order
      results.forEach((name, values) -> assertThat(same.get(name)).as(name).isEqualTo(values));
    }
  }

  /** How the other configurations share the work: all kernels are met, none takes long. */
  private static boolean isAffordable(Models.Case c) {
    return switch (System.getProperty("lanewise.test.config", "auto")) {
      case "auto" -> true;
      case "vectorBits-0", "vectorBits-128", "vectorBits-256" ->
          c.isCommitted() && !c.input().equals("input2.bin");
      default -> c.model().equals("blazeface-front") && c.input().equals("input.bin");
    };
  }

  private static void check(Models.Case c, Network network, Map<String, float[]> results) {
    Map<String, float[]> goldens = new HashMap<>();
    for (Port port : network.outputs()) {
      float[] golden = c.golden(port.name());
      goldens.put(port.name(), golden);
      float[] result = results.get(port.name());
      Models.Difference difference = Models.Difference.of(result, golden);
      if (ALL) {
        System.out.printf(
            "golden %s %s %s: %s%n",
            System.getProperty("lanewise.test.config"), c, port.name(), difference);
      }
      boolean isProbability = PROBABILITIES.contains(port.name());
      assertThat(difference.error())
          .as("%s %s", c, port)
          .isLessThanOrEqualTo(
              isProbability ? PROBABILITY_TOLERANCE : TOLERANCE * difference.largest());
    }
    decoded(results, goldens);
  }

  /** The class, box or keypoints that a user would see. */
  private static void decoded(Map<String, float[]> results, Map<String, float[]> goldens) {
    goldens.forEach(
        (name, golden) -> {
          float[] result = results.get(name);
          if (PROBABILITIES.contains(name) || HEADS.contains(name)) {
            int best = best(golden, 0, golden.length);
            assertThat(best(result, 0, result.length)).as(name).isEqualTo(best);
          }
        });
    if (goldens.containsKey("heatmap_2")) {
      keypoints(results, goldens);
    }
    if (goldens.containsKey("activation_10")) {
      float[] mask = results.get("activation_10");
      float[] golden = goldens.get("activation_10");
      for (int i = 0; i < golden.length; i++) {
        if (Math.abs(golden[i] - 0.5) > 1e-4) {
          assertThat(mask[i] > 0.5).as("pixel %d", i).isEqualTo(golden[i] > 0.5);
        }
      }
    }
  }

  /** The cell of each of the 17 keypoints that is likely to be there, and its place in pixels. */
  private static void keypoints(Map<String, float[]> results, Map<String, float[]> goldens) {
    float[] heat = goldens.get("heatmap_2");
    int cells = heat.length / 17;
    for (int k = 0; k < 17; k++) {
      int cell = best(heat, k * cells, cells);
      if (heat[k * cells + cell] > 0) {
        assertThat(best(results.get("heatmap_2"), k * cells, cells))
            .as("keypoint " + k)
            .isEqualTo(cell);
        for (int axis = 0; axis < 2; axis++) {
          int at = (axis * 17 + k) * cells + cell;
          assertThat((double) results.get("offset_2")[at])
              .as("pixels of keypoint " + k)
              .isCloseTo(goldens.get("offset_2")[at], within(0.05));
        }
      }
    }
  }

  private static int best(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      best = values[from + i] > values[from + best] ? i : best;
    }
    return best;
  }

  private static float[] nhwc(float[] nchw, Port image) {
    int channels = image.shape().get(1);
    int pixels = nchw.length / channels;
    float[] out = new float[nchw.length];
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < pixels; p++) {
        out[p * channels + c] = nchw[c * pixels + p];
      }
    }
    return out;
  }
}
