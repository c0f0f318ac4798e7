package io.github.lanewise.jmh.networks;

import io.github.lanewise.image.Detection;
import io.github.lanewise.image.NonMaximumSuppression;
import io.github.lanewise.image.Placement;
import java.util.ArrayList;
import java.util.List;

/**
 * A face in a photo, in its pixels.
 *
 * @param box with its score, 0 to 1
 * @param points eyes, nose, mouth and what else the network tells, x and y by turns
 */
record Face(Detection box, List<Float> points) {
  private static final NonMaximumSuppression SUREST =
      NonMaximumSuppression.DEFAULT.withScore(0.6f).withIou(0.3f);

  Face {
    points = List.copyOf(points);
  }

  /**
   * The surest first; of two that overlap only the surer.
   *
   * @param scores of candidates
   * @param boxes four corners of each in the network's input; overwritten
   * @param points of each, as many; overwritten
   */
  static List<Face> select(float[] scores, float[] boxes, float[] points, Placement placement) {
    placement.toImage(boxes, 0, boxes.length / 2);
    placement.toImage(points, 0, points.length / 2);
    int values = points.length / scores.length;
    List<Face> faces = new ArrayList<>();
    for (Detection box : SUREST.select(boxes, scores, 1)) {
      List<Float> own = new ArrayList<>();
      for (int k = 0; k < values; k++) {
        own.add(points[box.box() * values + k]);
      }
      faces.add(new Face(box, own));
    }
    return faces;
  }
}
