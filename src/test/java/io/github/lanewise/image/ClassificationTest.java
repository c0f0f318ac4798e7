package io.github.lanewise.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Probabilities and the likeliest classes, also where scores are no numbers. */
class ClassificationTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  @Test
  void softmaxIsTheDefinition() {
    float[] scores = {9, 1, -2, 0.5f, 9};
    Classification.softmax(scores, 1, 3);
    double sum = Math.exp(1) + Math.exp(-2) + Math.exp(0.5);
    assertThat(scores)
        .containsExactly(
            new float[] {
              9,
              (float) (Math.exp(1) / sum),
              (float) (Math.exp(-2) / sum),
              (float) (Math.exp(0.5) / sum),
              9
            },
            offset(1e-7f));
  }

  @Test
  void softmaxOfHugeScoresIsFinite() {
    float[] scores = {3e38f, 3e38f, -3e38f, -INFINITY};
    Classification.softmax(scores, 0, 4);
    assertThat(scores).containsExactly(0.5f, 0.5f, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void softmaxOfNoNumberIsNone(float bad) {
    float[] scores = {1, bad, 2};
    Classification.softmax(scores, 0, 3);
    assertThat(scores).containsOnly(Float.NaN);
  }

  @Test
  void softmaxOfNothingAtAllIsNaN() {
    float[] scores = {-INFINITY, -INFINITY};
    Classification.softmax(scores, 0, 2);
    assertThat(scores).containsOnly(Float.NaN);
    Classification.softmax(scores, 2, 0);
    assertThatThrownBy(() -> Classification.softmax(scores, 1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("scores [1, 1 + 2)");
  }

  @Test
  void theLargestAreFirst() {
    List<String> labels = List.of("a", "b", "c", "d", "e");
    float[] scores = {1, 5, -INFINITY, 5, 3};
    assertThat(Classification.top(scores, 3, labels))
        .containsExactly(
            new Classification(1, "b", 5),
            new Classification(3, "d", 5),
            new Classification(4, "e", 3));
    assertThat(Classification.top(scores, 9, labels))
        .extracting(Classification::index)
        .containsExactly(1, 3, 4, 0, 2);
    assertThat(Classification.top(scores, 1, labels)).extracting("label").containsExactly("b");
    assertThat(Classification.top(scores, 0, labels)).isEmpty();
  }

  @Test
  void nanIsNoClass() {
    float[] scores = {Float.NaN, 1, Float.NaN, 2};
    List<String> labels = List.of("a", "b", "c", "d");
    for (int k : new int[] {2, 4}) {
      assertThat(Classification.top(scores, k, labels))
          .extracting(Classification::index)
          .containsExactly(3, 1);
    }
  }

  @Test
  void wrongArgumentsAreRefused() {
    assertThatThrownBy(() -> Classification.top(new float[2], 1, List.of("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("scores.length = 2", "labels.size() = 1");
    assertThatThrownBy(() -> Classification.top(new float[1], -1, List.of("a")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("k = -1 must be 0 or more");
  }
}
