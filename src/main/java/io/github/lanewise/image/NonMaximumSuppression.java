package io.github.lanewise.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Of boxes of the same class that overlap, keeps the one with the largest score: the boxes of a
 * class are taken by falling score, and dropped if their intersection over union with one that was
 * kept is larger than a threshold. As ONNX's NonMaxSuppression, OpenCV's NMSBoxes and torchvision's
 * {@code nms}. Immutable and thread-safe.
 *
 * <pre>{@code
 * List<Detection> faces =
 *     NonMaximumSuppression.DEFAULT.withScore(0.6f).withIou(0.3f).select(boxes, scores, 1);
 * }</pre>
 */
public final class NonMaximumSuppression {

  /** Scores above 0.5, overlap up to 0.5, any number of boxes. */
  public static final NonMaximumSuppression DEFAULT =
      new NonMaximumSuppression(0.5f, 0.5f, Integer.MAX_VALUE);

  private final float score;
  private final float iou;
  private final int limit;

  private NonMaximumSuppression(float score, float iou, int limit) {
    this.score = score;
    this.iou = iou;
    this.limit = limit;
  }

  /**
   * Sets the least score.
   *
   * @param above only larger scores count; any number, as scores need not be probabilities
   * @return a new one
   */
  public NonMaximumSuppression withScore(float above) {
    if (Float.isNaN(above)) {
      throw new IllegalArgumentException("above = NaN must be a number");
    }
    return new NonMaximumSuppression(above, iou, limit);
  }

  /**
   * Sets how much boxes may overlap.
   *
   * @param most intersection over union up to which both stay, 0 to 1
   * @return a new one
   */
  public NonMaximumSuppression withIou(float most) {
    if (!(most >= 0 && most <= 1)) {
      throw new IllegalArgumentException("most = " + most + " must lie in 0 .. 1");
    }
    return new NonMaximumSuppression(score, most, limit);
  }

  /**
   * Sets how many boxes of all classes together are kept, those with the largest scores.
   *
   * @param most 1 or more
   * @return a new one
   */
  public NonMaximumSuppression withLimit(int most) {
    if (most < 1) {
      throw new IllegalArgumentException("most = " + most + " must be 1 or more");
    }
    return new NonMaximumSuppression(score, iou, most);
  }

  /**
   * Selects. Of equal scores the box of the lower index is taken first, and of one box the lower
   * class. A score that is NaN is dropped, and so is a box with a coordinate that is.
   *
   * @param boxes {@code left, top, right, bottom} of each box, in any unit; opposite corners in the
   *     other order are the same box
   * @param scores of each box, one for each class
   * @param classes 1 or more
   * @return those kept, by falling score, ties as above
   * @throws IllegalArgumentException if the arrays are not of as many boxes
   */
  public List<Detection> select(float[] boxes, float[] scores, int classes) {
    if (classes < 1
        || boxes.length % 4 != 0
        || (long) boxes.length / 4 * classes != scores.length) {
      throw new IllegalArgumentException(
          ("classes = %d must be 1 or more, boxes.length = %d four for each box,"
                  + " scores.length = %d that number of boxes x classes")
              .formatted(classes, boxes.length, scores.length));
    }
    List<Detection> kept = new ArrayList<>();
    for (long candidate : candidates(scores)) {
      int at = (int) candidate;
      Detection next = detection(at / classes, at % classes, boxes, scores[at]);
      if (next != null && !isSuppressed(next, kept)) {
        kept.add(next);
        if (kept.size() == limit) {
          break;
        }
      }
    }
    return List.copyOf(kept);
  }

  /** Indices of scores in the lower 32 bits, by falling score. */
  private long[] candidates(float[] scores) {
    long[] found = new long[16];
    int n = 0;
    for (int i = 0; i < scores.length; i++) {
      if (scores[i] > score) {
        found = n == found.length ? Arrays.copyOf(found, 2 * n) : found;
        int bits = Float.floatToIntBits(scores[i] + 0f); // one zero
        int rising = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        found[n++] = ((long) ~rising << 32) | i;
      }
    }
    found = Arrays.copyOf(found, n);
    Arrays.sort(found);
    return found;
  }

  private static Detection detection(int box, int category, float[] boxes, float score) {
    float x0 = boxes[4 * box];
    float y0 = boxes[4 * box + 1];
    float x1 = boxes[4 * box + 2];
    float y1 = boxes[4 * box + 3];
    if (Float.isNaN(x0) || Float.isNaN(y0) || Float.isNaN(x1) || Float.isNaN(y1)) {
      return null;
    }
    return new Detection(
        box,
        category,
        score,
        Math.min(x0, x1),
        Math.min(y0, y1),
        Math.max(x0, x1),
        Math.max(y0, y1));
  }

  private boolean isSuppressed(Detection next, List<Detection> kept) {
    for (Detection other : kept) {
      if (other.category() == next.category() && other.iou(next) > iou) {
        return true;
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "score above %s, IoU up to %s, at most %d".formatted(score, iou, limit);
  }
}
