package io.github.lanewise.jmh.networks;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A face that BlazeFace found, in pixels of its input of 128 x 128 (Bazarevsky et al. 2019,
 * arXiv:1907.05047).
 *
 * @param score 0 to 1
 * @param x left edge
 * @param y upper edge
 * @param points eyes, nose, mouth and ears, x and y by turns
 */
record Face(double score, double x, double y, double width, double height, List<Double> points) {
  static final int SIZE = 128;
  private static final double MIN_SCORE = 0.6;
  private static final double MAX_OVERLAP = 0.3;
  private static final int VALUES = 16;

  Face {
    points = List.copyOf(points);
  }

  /** Faces of both grids, the surest first; of two that overlap only the surer. */
  static List<Face> decode(float[] fineScores, float[] fine, float[] coarseScores, float[] coarse) {
    List<Face> candidates = new ArrayList<>();
    decode(candidates, 16, 2, fineScores, fine);
    decode(candidates, 8, 6, coarseScores, coarse);
    candidates.sort(Comparator.comparingDouble(Face::score).reversed());
    List<Face> faces = new ArrayList<>();
    for (Face candidate : candidates) {
      if (faces.stream().noneMatch(face -> face.overlap(candidate) > MAX_OVERLAP)) {
        faces.add(candidate);
      }
    }
    return faces;
  }

  private static void decode(
      List<Face> faces, int cells, int anchors, float[] scores, float[] boxes) {
    double cell = (double) SIZE / cells;
    for (int i = 0; i < scores.length; i++) {
      double score = 1 / (1 + Math.exp(-scores[i]));
      if (score > MIN_SCORE) {
        int place = i / anchors;
        int row = place / cells;
        double centreX = (place - row * cells + 0.5) * cell;
        double centreY = (row + 0.5) * cell;
        int at = i * VALUES;
        List<Double> points = new ArrayList<>();
        for (int k = 4; k < VALUES; k += 2) {
          points.add(centreX + boxes[at + k]);
          points.add(centreY + boxes[at + k + 1]);
        }
        double width = boxes[at + 2];
        double height = boxes[at + 3];
        faces.add(
            new Face(
                score,
                centreX + boxes[at] - width / 2,
                centreY + boxes[at + 1] - height / 2,
                width,
                height,
                points));
      }
    }
  }

  /** Shared area over the area of both. */
  private double overlap(Face o) {
    double w = Math.min(x + width, o.x + o.width) - Math.max(x, o.x);
    double h = Math.min(y + height, o.y + o.height) - Math.max(y, o.y);
    double shared = Math.max(0, w) * Math.max(0, h);
    return shared / (width * height + o.width * o.height - shared);
  }
}
