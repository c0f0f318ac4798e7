package io.github.lanewise.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Boxes that another framework keeps, ties, thresholds, and what is no number. */
class NonMaximumSuppressionTest {
  /**
   * What ONNX Runtime 1.29 keeps (NonMaxSuppression, IoU 0.3, score 0.25) of 60 boxes in three
   * classes: for each class, by falling score, the boxes.
   */
  private static final List<List<Integer>> KEPT =
      List.of(
          List.of(52, 22, 45, 15, 7, 37, 25, 1, 20, 27, 14, 40, 8, 9, 51, 0, 32, 13, 30, 26),
          List.of(
              35, 26, 22, 33, 57, 56, 59, 27, 31, 11, 55, 58, 41, 19, 25, 5, 6, 8, 17, 43, 9, 48),
          List.of(
              44, 17, 37, 49, 21, 9, 35, 1, 39, 11, 45, 6, 29, 32, 51, 22, 23, 15, 43, 13, 3, 18, 7,
              5, 27, 36));

  private static final NonMaximumSuppression HALF = NonMaximumSuppression.DEFAULT;

  private long state = 7;

  private int next(int below) {
    state = (state * 1103515245 + 12345) % (1L << 31);
    return (int) (state >> 16 & below - 1);
  }

  @Test
  void keepsWhatOnnxRuntimeKeeps() {
    int n = 60;
    float[] boxes = new float[4 * n];
    for (int i = 0; i < n; i++) {
      int x = next(256);
      int y = next(256);
      boxes[4 * i] = x;
      boxes[4 * i + 1] = y;
      boxes[4 * i + 2] = x + 40 + next(256) / 4f;
      boxes[4 * i + 3] = y + 40 + next(256) / 4f;
    }
    float[] scores = new float[3 * n];
    for (int i = 0; i < scores.length; i++) {
      scores[i % n * 3 + i / n] = next(1024) / 1024f;
    }
    List<Detection> all = HALF.withScore(0.25f).withIou(0.3f).select(boxes, scores, 3);
    for (int category = 0; category < 3; category++) {
      int wanted = category;
      assertThat(all.stream().filter(each -> each.category() == wanted).map(Detection::box))
          .containsExactlyElementsOf(KEPT.get(category));
    }
    assertThat(all).isSortedAccordingTo((a, b) -> Float.compare(b.score(), a.score()));
    assertThat(HALF.withScore(0.25f).withIou(0.3f).withLimit(5).select(boxes, scores, 3))
        .isEqualTo(all.subList(0, 5));
  }

  private static float[] boxes(float... lefts) {
    float[] boxes = new float[4 * lefts.length];
    for (int i = 0; i < lefts.length; i++) {
      float[] box = {lefts[i], 0, lefts[i] + 3, 2};
      System.arraycopy(box, 0, boxes, 4 * i, 4);
    }
    return boxes;
  }

  private static List<Integer> kept(
      NonMaximumSuppression suppression, float[] boxes, float... scores) {
    List<Integer> kept = new ArrayList<>();
    suppression.select(boxes, scores, 1).forEach(each -> kept.add(each.box()));
    return kept;
  }

  /** Boxes one apart share 2 of 4: that is not more than one half. */
  @Test
  void thresholdsThemselvesAreOnTheQuietSide() {
    assertThat(kept(HALF, boxes(0, 1), 0.8f, 0.9f)).containsExactly(1, 0);
    assertThat(kept(HALF.withIou(0.49f), boxes(0, 1), 0.8f, 0.9f)).containsExactly(1);
    assertThat(kept(HALF, boxes(0, 9, 18), 0.5f, 0.6f, 0.4f)).containsExactly(1);
  }

  @Test
  void ofEqualScoresTheLowerIndexIsFirst() {
    assertThat(kept(HALF, boxes(0, 0, 9, 9), 0.7f, 0.7f, 0.7f, 0.7f)).containsExactly(0, 2);
    List<Detection> both = HALF.withScore(-1).select(boxes(0, 9), new float[] {0, 0f, -0f, 0}, 2);
    assertThat(both).extracting(Detection::box).containsExactly(0, 0, 1, 1);
    assertThat(both).extracting(Detection::category).containsExactly(0, 1, 0, 1);
  }

  @Test
  void classesDoNotSuppressOneAnother() {
    float[] scores = {0.9f, 0.6f, 0.8f, 0.7f};
    List<Detection> kept = HALF.select(boxes(0, 0), scores, 2);
    assertThat(kept)
        .containsExactly(
            new Detection(0, 0, 0.9f, 0, 0, 3, 2), new Detection(1, 1, 0.7f, 0, 0, 3, 2));
  }

  /** What was suppressed suppresses nothing: the third box overlaps the second alone. */
  @Test
  void onlyKeptBoxesSuppress() {
    assertThat(kept(HALF.withIou(0.3f), boxes(0, 1, 2), 0.9f, 0.8f, 0.7f)).containsExactly(0, 2);
  }

  @Test
  void scoresOfAnySignAreOrdered() {
    float low = Float.NEGATIVE_INFINITY;
    assertThat(kept(HALF.withScore(low), boxes(0, 9, 18, 27, 36), -3, 2, low, -1, 1 / 0f))
        .containsExactly(4, 1, 3, 0);
  }

  @Test
  void whatIsNoNumberIsDropped() {
    float[] boxes = boxes(0, 9, 18, 27, 36);
    assertThat(kept(HALF, boxes, 0.9f, Float.NaN, 0.8f, 0.7f, Float.NaN)).containsExactly(0, 2, 3);
    for (int coordinate = 0; coordinate < 4; coordinate++) {
      float[] broken = boxes.clone();
      broken[8 + coordinate] = Float.NaN;
      assertThat(kept(HALF, broken, 0.9f, 0.6f, 0.8f, 0.7f, 0)).containsExactly(0, 3, 1);
    }
  }

  @Test
  void cornersMayBeInTheOtherOrder() {
    float[] boxes = {0, 0, 4, 4, 4, 4, 0, 0, 4, 0, 0, 4};
    assertThat(kept(HALF, boxes, 0.9f, 0.8f, 0.7f)).containsExactly(0);
    assertThat(HALF.select(Arrays.copyOfRange(boxes, 8, 12), new float[] {1}, 1))
        .containsExactly(new Detection(0, 0, 1, 0, 0, 4, 4));
  }

  @Test
  void emptyBoxesOverlapNothing() {
    assertThat(kept(HALF.withIou(0), new float[] {1, 1, 1, 1, 1, 1, 1, 1}, 0.9f, 0.8f))
        .containsExactly(0, 1);
    assertThat(HALF.select(new float[0], new float[0], 3)).isEmpty();
  }

  @Test
  void overlapIsSharedOverAll() {
    Detection a = new Detection(0, 0, 1, 0, 0, 4, 4);
    assertThat(a.iou(new Detection(1, 0, 1, 2, 1, 6, 3))).isEqualTo(4 / 20.0, offset(1e-12));
    assertThat(a.iou(new Detection(1, 0, 1, 4, 0, 8, 4))).isZero();
    assertThat(a.iou(new Detection(1, 0, 1, 9, 9, 10, 10))).isZero();
    assertThat(a.iou(a)).isEqualTo(1);
  }

  @Test
  void wrongArgumentsAreRefused() {
    refused(() -> HALF.withScore(Float.NaN), "above = NaN");
    refused(() -> HALF.withIou(1.1f), "most = 1.1 must lie in 0 .. 1");
    refused(() -> HALF.withIou(Float.NaN), "most = NaN");
    refused(() -> HALF.withLimit(0), "most = 0 must be 1 or more");
    refused(() -> HALF.select(new float[4], new float[1], 0), "classes = 0 must be 1 or more");
    refused(() -> HALF.select(new float[5], new float[1], 1), "boxes.length = 5");
    refused(() -> HALF.select(new float[8], new float[3], 2), "scores.length = 3");
  }

  private static void refused(Runnable call, String part) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(part);
  }
}
