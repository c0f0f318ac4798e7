package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Trained weights and photos have another distribution than random numbers, and 30 convolutions in
 * a row add up their errors: the features of a whole network against those of TensorFlow.js.
 */
@Tag("backend")
class TrainedLayersTest {

  /** Largest difference, as a share of the largest feature; other engines differ by 1e-6. */
  private static final double TOLERANCE = 1e-5;

  private static final double[] AGES = {31.192038, 74.83393};
  private static final double[] MALE = {0.34623268, 0.8679174};

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void fusedStagesGiveTheFeaturesOfAnotherEngine(int photo) {
    check(photo, new TinyXception(true, ConvOptions.DEFAULT));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void separateStagesGiveTheFeaturesOfAnotherEngine(int photo) {
    check(photo, new TinyXception(false, ConvOptions.DEFAULT));
  }

  private static void check(int photo, TinyXception network) {
    float[] features = network.features(TinyXception.image("input" + photo + ".bin.gz", 3, 112));
    float[] golden = TinyXception.image("features" + photo + ".bin.gz", 512, 7);
    assertThat(network.separableStages()).isEqualTo(13);
    double largest = 0;
    for (float value : golden) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < golden.length; i++) {
      assertThat((double) features[i])
          .as("feature %d of photo %d", i, photo)
          .isCloseTo(golden[i], within(TOLERANCE * largest));
    }
    assertThat(network.head("fc/age", features, 1)[0]).isCloseTo(AGES[photo - 1], within(1e-3));
    double[] gender = network.head("fc/gender", features, 2);
    double male = 1 / (1 + Math.exp(gender[1] - gender[0]));
    assertThat(male).isCloseTo(MALE[photo - 1], within(1e-4));
  }
}
