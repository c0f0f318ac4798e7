package io.github.lanewise.jmh.networks;

import io.github.lanewise.image.Placement;
import java.util.List;
import java.util.function.Function;

/** What YuNet's outputs mean (Wu, Peng and Yu 2023, doi:10.1007/s11633-023-1423-y). */
final class YuNet {
  private static final List<Integer> STRIDES = List.of(8, 16, 32);

  /** Eyes, nose, corners of the mouth: x and y of each. */
  private static final int VALUES = 10;

  private YuNet() {}

  /**
   * The faces: each cell of three grids has one candidate, told in cells from its upper left
   * corner, the sizes by their logarithm.
   *
   * @param output by name, probabilities among them
   * @param width of the network's input
   */
  static List<Face> decode(Function<String, float[]> output, int width, Placement placement) {
    int n = STRIDES.stream().mapToInt(stride -> output.apply("cls_" + stride).length).sum();
    float[] boxes = new float[4 * n];
    float[] points = new float[VALUES * n];
    float[] scores = new float[n];
    int to = 0;
    for (int stride : STRIDES) {
      float[] isFace = output.apply("cls_" + stride);
      float[] isObject = output.apply("obj_" + stride);
      float[] box = output.apply("bbox_" + stride);
      float[] point = output.apply("kps_" + stride);
      int columns = width / stride;
      for (int i = 0; i < isFace.length; i++, to++) {
        int[] cell = {i % columns, i / columns};
        scores[to] = (float) Math.sqrt(isFace[i] * isObject[i]);
        for (int axis = 0; axis < 2; axis++) {
          float middle = (cell[axis] + box[4 * i + axis]) * stride;
          float half = (float) Math.exp(box[4 * i + 2 + axis]) * stride / 2;
          boxes[4 * to + axis] = middle - half;
          boxes[4 * to + 2 + axis] = middle + half;
        }
        for (int k = 0; k < VALUES; k++) {
          points[VALUES * to + k] = (cell[k % 2] + point[VALUES * i + k]) * stride;
        }
      }
    }
    return Face.select(scores, boxes, points, placement);
  }
}
