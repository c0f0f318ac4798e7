package io.github.lanewise.image;

import java.util.ArrayList;
import java.util.List;

/**
 * One of the classes that a network finds likely.
 *
 * @param index of its score
 * @param label what it is called
 * @param score as the network has it
 */
public record Classification(int index, String label, float score) {

  /**
   * Turns scores into probabilities that are 1 in sum, in place: {@code exp(score)} over the sum of
   * these. A NaN or {@code +infinity} makes all of them NaN, as in other frameworks; {@code
   * -infinity} becomes 0 unless all are.
   *
   * @param scores any values; allocates nothing
   * @param offset the first
   * @param length how many
   * @throws IndexOutOfBoundsException if they are not in the array
   */
  public static void softmax(float[] scores, int offset, int length) {
    ImageInput.checkRange("scores", scores, offset, length);
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = offset; i < offset + length; i++) {
      largest = Math.max(largest, scores[i]);
    }
    double sum = 0;
    for (int i = offset; i < offset + length; i++) {
      sum += Math.exp(scores[i] - (double) largest);
    }
    for (int i = offset; i < offset + length; i++) {
      scores[i] = (float) (Math.exp(scores[i] - (double) largest) / sum);
    }
  }

  /**
   * The classes of the largest scores, the largest first; of equal ones the lower index first. NaN
   * is never among them.
   *
   * @param scores one for each label; not changed
   * @param k how many at most, 0 or more
   * @param labels a name for each score
   * @return k of them, or fewer where there are fewer scores that are numbers
   * @throws IllegalArgumentException if there are more or fewer scores than labels
   */
  public static List<Classification> top(float[] scores, int k, List<String> labels) {
    if (k < 0 || scores.length != labels.size()) {
      throw new IllegalArgumentException(
          "k = %d must be 0 or more, and scores.length = %d be labels.size() = %d"
              .formatted(k, scores.length, labels.size()));
    }
    int[] best = new int[Math.min(k, scores.length)];
    int found = 0;
    for (int i = 0; i < scores.length && best.length > 0; i++) {
      boolean isFull = found == best.length;
      if (Float.isNaN(scores[i]) || (isFull && scores[i] <= scores[best[found - 1]])) {
        continue;
      }
      int place = isFull ? found - 1 : found++;
      for (; place > 0 && scores[best[place - 1]] < scores[i]; place--) {
        best[place] = best[place - 1];
      }
      best[place] = i;
    }
    List<Classification> top = new ArrayList<>();
    for (int i = 0; i < found; i++) {
      top.add(new Classification(best[i], labels.get(best[i]), scores[best[i]]));
    }
    return List.copyOf(top);
  }
}
