package io.github.lanewise.jmh.networks;

import io.github.lanewise.image.Placement;
import java.util.List;
import java.util.function.Function;

/** What BlazeFace's outputs mean (Bazarevsky et al. 2019, arXiv:1907.05047). */
final class BlazeFace {
  private static final int SIZE = 128;
  private static final int VALUES = 16;

  private BlazeFace() {}

  /**
   * The faces, whose points are eyes, nose, mouth and ears.
   *
   * @param output by name
   */
  static List<Face> decode(Function<String, float[]> output, Placement placement) {
    float[] fine = output.apply("classificators_1");
    float[] coarse = output.apply("classificators_2");
    int n = fine.length + coarse.length;
    float[] boxes = new float[4 * n];
    float[] points = new float[(VALUES - 4) * n];
    float[] scores = new float[n];
    decode(0, 16, 2, fine, output.apply("regressors_1"), scores, boxes, points);
    decode(fine.length, 8, 6, coarse, output.apply("regressors_2"), scores, boxes, points);
    return Face.select(scores, boxes, points, placement);
  }

  /** Puts what a grid of anchors says behind the {@code first} boxes. */
  private static void decode(
      int first,
      int cells,
      int anchors,
      float[] logits,
      float[] values,
      float[] scores,
      float[] boxes,
      float[] points) {
    float cell = (float) SIZE / cells;
    for (int i = 0; i < logits.length; i++) {
      int to = first + i;
      int from = i * VALUES;
      int row = i / anchors / cells;
      int column = i / anchors % cells;
      float[] centre = {(column + 0.5f) * cell, (row + 0.5f) * cell};
      scores[to] = (float) (1 / (1 + Math.exp(-logits[i])));
      for (int axis = 0; axis < 2; axis++) {
        float middle = centre[axis] + values[from + axis];
        float half = values[from + 2 + axis] / 2;
        boxes[4 * to + axis] = middle - half;
        boxes[4 * to + 2 + axis] = middle + half;
      }
      for (int k = 4; k < VALUES; k++) {
        points[to * (VALUES - 4) + k - 4] = centre[k % 2] + values[from + k];
      }
    }
  }
}
