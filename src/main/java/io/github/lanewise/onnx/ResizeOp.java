package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;

/** Resize: from the file's scales or sizes and modes to the place of each output in the input. */
final class ResizeOp {

  private ResizeOp() {}

  static Value read(Importer in, Attributes node) {
    node.ignore("cubic_coeff_a", "exclude_outside", "extrapolation_value", "nearest_mode");
    Value.View view = in.view(node, 0);
    Tensor x = in.image(view);
    String mode = node.text("mode", "nearest");
    if (!mode.equals("nearest") && !mode.equals("linear")) {
      throw new OnnxException("mode " + Attributes.quoted(mode) + " is not supported");
    }
    if (node.has("axes") || node.integer("antialias", 0) != 0) {
      throw new OnnxException("axes and antialias are not supported");
    }
    int scalesAt = node.opset() < 11 ? 1 : 2;
    double[] scales = new double[4];
    int[] sizes = new int[4];
    boolean bySizes = in.has(node, 3) && in.constant(node, 3, "sizes").length() > 0;
    Value.Const stated = in.constant(node, bySizes ? 3 : scalesAt, "sizes or scales");
    if (stated.length() != 4) {
      throw new OnnxException("sizes or scales must be four numbers, not " + stated.shapeText());
    }
    if (!node.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
      throw new OnnxException("keep_aspect_ratio_policy is not supported");
    }
    for (int i = 0; i < 4; i++) {
      int size = view.shape()[i];
      scales[i] = bySizes ? stated.at(i) / size : stated.at(i);
      // In float, as ONNX defines it: 14 times 19f/14 is 19, the exact product a little less.
      double out = bySizes ? stated.at(i) : Math.floor((float) size * (float) scales[i]);
      if (!(out >= 1 && out <= Integer.MAX_VALUE && scales[i] > 0)) {
        throw new OnnxException("axis %d would have the size %s".formatted(i, out));
      }
      sizes[i] = (int) out;
    }
    boolean isScaled = !bySizes && (scales[0] != 1 || scales[1] != 1); // 1.1 may leave the size
    if (isScaled || sizes[0] != view.shape()[0] || sizes[1] != view.shape()[1]) {
      throw new OnnxException("only height and width can be resized");
    }
    in.charge(2L * sizes[2] + sizes[3] * (2L + sizes[1]));
    String rule =
        node.text(
            "coordinate_transformation_mode", node.opset() < 11 ? "asymmetric" : "half_pixel");
    double[] rows = places(rule, view.shape()[2], sizes[2], scales[2]);
    double[] columns = places(rule, view.shape()[3], sizes[3], scales[3]);
    Tensor result;
    if (mode.equals("linear")) {
      result =
          in.builder.resizeLinear(
              x, inside(rows, view.shape()[2]), inside(columns, view.shape()[3]));
    } else {
      result =
          in.builder.resizeNearest(
              x,
              rounded(node, scales[2], rows, view.shape()[2]),
              rounded(node, scales[3], columns, view.shape()[3]));
    }
    return Importer.imageView(result).as(view.type());
  }

  /** Where each output lies in the input, perhaps outside of it. */
  private static double[] places(String rule, int in, int out, double scale) {
    double[] places = new double[out];
    for (int i = 0; i < out; i++) {
      places[i] =
          switch (rule) {
            case "half_pixel" -> (i + 0.5) / scale - 0.5;
            case "pytorch_half_pixel" -> out > 1 ? (i + 0.5) / scale - 0.5 : 0;
            case "asymmetric" -> i / scale;
            case "align_corners" -> out > 1 ? (double) i * (in - 1) / (out - 1) : 0;
            default ->
                throw new OnnxException(
                    "coordinate_transformation_mode "
                        + Attributes.quoted(rule)
                        + " is not supported");
          };
    }
    return places;
  }

  private static float[] inside(double[] places, int size) {
    float[] out = new float[places.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) Math.clamp(places[i], 0.0, size - 1.0);
    }
    return out;
  }

  /** Opset 10 states no rule, and engines agree on one for each direction. */
  private static int[] rounded(Attributes node, double scale, double[] places, int size) {
    String otherwise = node.opset() > 10 ? "round_prefer_floor" : scale < 1 ? "ceil" : "floor";
    String rule = node.text("nearest_mode", otherwise);
    int[] out = new int[places.length];
    for (int i = 0; i < out.length; i++) {
      float p = (float) places[i]; // 7 / 0.7f is 10 in float, a little more in double
      double whole =
          switch (rule) {
            case "floor" -> Math.floor(p);
            case "ceil" -> Math.ceil(p);
            case "round_prefer_floor" -> Math.ceil(p - 0.5);
            case "round_prefer_ceil" -> Math.floor(p + 0.5);
            default ->
                throw new OnnxException(
                    "nearest_mode " + Attributes.quoted(rule) + " is not supported");
          };
      out[i] = (int) Math.clamp(whole, 0.0, size - 1.0);
    }
    return out;
  }
}
