package io.github.lanewise.jmh.networks;

import io.github.lanewise.image.Placement;
import java.util.ArrayList;
import java.util.List;

/**
 * The body that PoseNet sees, in pixels of the photo: for each keypoint the surest cell of its heat
 * map, moved by the offset there (Papandreou et al. 2018, arXiv:1803.08225).
 *
 * @param points one for each of {@link #NAMES}
 */
record Pose(List<Point> points) {
  static final double MIN_SCORE = 0.5;
  static final List<String> NAMES =
      List.of(
          "nose",
          "left eye",
          "right eye",
          "left ear",
          "right ear",
          "left shoulder",
          "right shoulder",
          "left elbow",
          "right elbow",
          "left wrist",
          "right wrist",
          "left hip",
          "right hip",
          "left knee",
          "right knee",
          "left ankle",
          "right ankle");

  /** Keypoints that a line joins. */
  static final int[][] BONES = {
    {0, 1}, {1, 3}, {0, 2}, {2, 4}, {5, 6}, {5, 7}, {7, 9}, {6, 8}, {8, 10}, {5, 11}, {6, 12},
    {11, 12}, {11, 13}, {13, 15}, {12, 14}, {14, 16}
  };

  private static final int CELLS = 25;
  private static final int STRIDE = 16;

  /**
   * A keypoint.
   *
   * @param score 0 to 1
   */
  record Point(double score, double x, double y) {
    boolean isSeen() {
      return score > MIN_SCORE;
    }
  }

  Pose {
    points = List.copyOf(points);
  }

  /** From the heat map and the offsets, y before x, both NHWC. */
  static Pose decode(float[] heat, float[] offsets, Placement placement) {
    int n = NAMES.size();
    List<Point> points = new ArrayList<>();
    for (int k = 0; k < n; k++) {
      int best = 0;
      for (int cell = 1; cell < CELLS * CELLS; cell++) {
        best = heat[cell * n + k] > heat[best * n + k] ? cell : best;
      }
      double score = 1 / (1 + Math.exp(-heat[best * n + k]));
      int row = best / CELLS;
      int column = best % CELLS;
      double y = row * STRIDE + offsets[best * 2 * n + k];
      double x = column * STRIDE + offsets[best * 2 * n + n + k];
      points.add(new Point(score, placement.imageX(x), placement.imageY(y)));
    }
    return new Pose(points);
  }
}
