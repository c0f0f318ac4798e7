package io.github.lanewise.jmh.networks;

import io.github.lanewise.image.Detection;
import io.github.lanewise.image.NonMaximumSuppression;
import io.github.lanewise.image.Placement;
import java.util.ArrayList;
import java.util.List;

/**
 * A face that BlazeFace found (Bazarevsky et al. 2019, arXiv:1907.05047), in pixels of the photo.
 *
 * @param box with its score, 0 to 1
 * @param points eyes, nose, mouth and ears, x and y by turns
 */
record Face(Detection box, List<Float> points) {
  private static final int SIZE = 128;
  private static final int VALUES = 16;
  private static final NonMaximumSuppression SUREST =
      NonMaximumSuppression.DEFAULT.withScore(0.6f).withIou(0.3f);

  Face {
    points = List.copyOf(points);
  }

  /** Faces of both grids, the surest first; of two that overlap only the surer. */
  static List<Face> decode(
      float[] fineScores, float[] fine, float[] coarseScores, float[] coarse, Placement placement) {
    int n = fineScores.length + coarseScores.length;
    float[] boxes = new float[4 * n];
    float[] points = new float[(VALUES - 4) * n];
    float[] scores = new float[n];
    decode(0, 16, 2, fineScores, fine, scores, boxes, points);
    decode(fineScores.length, 8, 6, coarseScores, coarse, scores, boxes, points);
    placement.toImage(boxes, 0, boxes.length / 2);
    placement.toImage(points, 0, points.length / 2);
    List<Face> faces = new ArrayList<>();
    for (Detection box : SUREST.select(boxes, scores, 1)) {
      List<Float> own = new ArrayList<>();
      for (int k = 0; k < VALUES - 4; k++) {
        own.add(points[box.box() * (VALUES - 4) + k]);
      }
      faces.add(new Face(box, own));
    }
    return faces;
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
