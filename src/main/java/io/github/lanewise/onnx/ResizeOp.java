package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Resampling;
import io.github.lanewise.operators.Selection;
import java.util.Arrays;
import java.util.List;

/**
 * Resize, and Upsample as it was called once: from scales or sizes and modes to the place of each
 * index of the result in the input, axis by axis.
 */
final class ResizeOp {
  /** Where an axis is resized, and to what. */
  private record Axis(int in, int out, double scale, double start, double end) {}

  private final Importer in;
  private final Attributes node;
  private final Value x;
  private final String mode;
  private final String rule;
  private final boolean isSmooth;
  private final boolean excludes;
  private final float cubic;
  private final float outside;

  private ResizeOp(Importer in, Attributes node) {
    this.in = in;
    this.node = node;
    this.x = in.input(node, 0);
    this.mode = node.text("mode", "nearest");
    boolean isOld = node.opset() < 11;
    this.rule = isOld ? "asymmetric" : node.text("coordinate_transformation_mode", "half_pixel");
    this.isSmooth = node.opset() >= 18 && node.integer("antialias", 0) != 0;
    this.excludes = !isOld && node.integer("exclude_outside", 0) != 0;
    this.cubic = isOld ? -0.75f : node.real("cubic_coeff_a", -0.75f);
    this.outside = isOld ? 0 : node.real("extrapolation_value", 0);
    if (!List.of("nearest", "linear", "cubic").contains(mode)) {
      throw new OnnxException("mode " + Attributes.quoted(mode) + " is not supported");
    }
  }

  static Value read(Importer in, Attributes node) {
    ResizeOp resize = new ResizeOp(in, node);
    int scales = node.opset() < 11 ? 1 : 2;
    boolean bySizes = in.has(node, 3) && in.constant(node, 3, "the sizes").length() > 0;
    String what = bySizes ? "the sizes" : "the scales";
    node.ignore("keep_aspect_ratio_policy"); // of scales, which state it themselves
    Value.Const stated = in.constant(node, bySizes ? 3 : scales, what);
    return resize.resized(what, stated, bySizes);
  }

  /** Upsample: its scales were an attribute up to opset 8. */
  static Value upsample(Importer in, Attributes node) {
    Value.Const stated =
        node.opset() < 9
            ? Value.Const.of(new int[] {1}, node.reals("scales"))
            : in.constant(node, 1, "the scales");
    return new ResizeOp(in, node).resized("the scales", stated, false);
  }

  private Value resized(String what, Value.Const numbers, boolean bySizes) {
    int rank = x.shape().length;
    int[] which = Importer.identity(rank);
    if (node.opset() >= 18 && node.longs("axes") != null) {
      which = Importer.axes(node.longs("axes"), rank);
    }
    if (numbers.length() != which.length) {
      throw new OnnxException(
          "%s must be numbers for %d axes of %s".formatted(what, which.length, x.shapeText()));
    }
    double[] stated = new double[which.length];
    Arrays.setAll(stated, numbers::at);
    double[] scales = bySizes ? kept(which, stated) : stated;
    double[] region = region(which.length);
    Axis[] axes = new Axis[rank];
    for (int i = 0; i < which.length; i++) {
      int size = x.shape()[which[i]];
      double scale = scales == null ? stated[i] / size : scales[i];
      // In float, as ONNX defines it: 14 times 19f/14 is 19, the exact product a little less.
      double out =
          !bySizes
              ? Math.floor((float) size * (float) scale)
              : scales == null ? stated[i] : Math.floor(size * scale + 0.5);
      if (!(out >= 1 && out <= Integer.MAX_VALUE && scale > 0 && size > 0)) {
        throw new OnnxException("axis %d would have the size %s".formatted(which[i], out));
      }
      axes[which[i]] = new Axis(size, (int) out, scale, region[i], region[which.length + i]);
    }
    return mode.equals("nearest") ? nearest(axes) : weighted(axes);
  }

  /** The scale that all axes share so that their ratio is kept, or null where it need not be. */
  private double[] kept(int[] which, double[] sizes) {
    String policy =
        node.opset() < 18 ? "stretch" : node.text("keep_aspect_ratio_policy", "stretch");
    if (policy.equals("stretch")) {
      return null;
    }
    boolean isLarger = policy.equals("not_smaller");
    if (!isLarger && !policy.equals("not_larger")) {
      throw new OnnxException(
          "keep_aspect_ratio_policy " + Attributes.quoted(policy) + " is not known");
    }
    double scale = isLarger ? 0 : Double.POSITIVE_INFINITY;
    for (int i = 0; i < which.length; i++) {
      double own = sizes[i] / x.shape()[which[i]];
      scale = isLarger ? Math.max(scale, own) : Math.min(scale, own);
    }
    double[] scales = new double[which.length];
    Arrays.fill(scales, scale);
    return scales;
  }

  /** The starts and ends of what is cropped, as shares of the axes. */
  private double[] region(int axes) {
    double[] region = new double[2 * axes];
    if (rule.equals("tf_crop_and_resize")) {
      Value.Const stated = in.constant(node, 1, "the region");
      if (stated.length() != region.length) {
        throw new OnnxException(
            "the region's shape is %s, must be [%d]".formatted(stated.shapeText(), region.length));
      }
      Arrays.setAll(region, stated::at);
    }
    return region;
  }

  /**
   * Where an index of the result lies in the input, perhaps outside of it. With aligned corners the
   * last one lies on the last one, also where the scale leaves a fraction of an index: so does ONNX
   * Runtime, while the standard's reference counts the fraction.
   */
  private double place(Axis a, int i) {
    double half = (i + 0.5) / a.scale - 0.5;
    return switch (rule) {
      case "half_pixel" -> half;
      case "half_pixel_symmetric" -> {
        double exact = a.in * a.scale;
        yield a.in / 2.0 * (1 - a.out / exact) + half;
      }
      case "pytorch_half_pixel" -> a.out > 1 ? half : 0;
      case "tf_half_pixel_for_nn" -> (i + 0.5) / a.scale;
      case "asymmetric" -> i / a.scale;
      case "align_corners" -> a.out > 1 ? (double) i * (a.in - 1) / (a.out - 1) : 0;
      case "tf_crop_and_resize" ->
          a.out > 1
              ? a.start * (a.in - 1) + i * (a.end - a.start) * (a.in - 1) / (a.out - 1)
              : (a.start + a.end) * (a.in - 1) / 2;
      default ->
          throw new OnnxException(
              "coordinate_transformation_mode " + Attributes.quoted(rule) + " is not supported");
    };
  }

  private boolean isOutside(Axis a, double place) {
    return rule.equals("tf_crop_and_resize") && !(place >= 0 && place <= a.in - 1);
  }

  private Value nearest(Axis[] axes) {
    int[][] indices = new int[axes.length][];
    for (int axis = 0; axis < axes.length; axis++) {
      if (axes[axis] != null) {
        in.charge(axes[axis].out);
        indices[axis] = rounded(axes[axis]);
      }
    }
    boolean isOfPixels = x instanceof Value.View && areOfPixels(axes);
    if (isOfPixels && !rule.equals("tf_crop_and_resize")) {
      Tensor image = in.image((Value.View) x);
      Tensor result = in.builder.resizeNearest(image, all(indices, 2), all(indices, 3));
      return Importer.imageView(result).as(x.type());
    }
    return MoveOps.select(in, x, indices, outside);
  }

  private int[] all(int[][] indices, int axis) {
    return indices[axis] == null ? Importer.identity(x.shape()[axis]) : indices[axis];
  }

  /** Whether only the height and width of an image change. */
  private boolean areOfPixels(Axis[] axes) {
    boolean isImage = axes.length == 4;
    for (int i = 0; isImage && i < 2; i++) {
      isImage = axes[i] == null || (axes[i].in == axes[i].out && axes[i].scale == 1);
    }
    return isImage;
  }

  /** Opset 10 states no rule, and engines agree on one for each direction. */
  private int[] rounded(Axis a) {
    String otherwise = node.opset() > 10 ? "round_prefer_floor" : a.scale < 1 ? "ceil" : "floor";
    String nearest = node.opset() > 10 ? node.text("nearest_mode", otherwise) : otherwise;
    int[] out = new int[a.out];
    for (int i = 0; i < out.length; i++) {
      float p = (float) place(a, i); // 7 / 0.7f is 10 in float, a little more in double
      double whole =
          switch (nearest) {
            case "floor" -> Math.floor(p);
            case "ceil" -> Math.ceil(p);
            case "round_prefer_floor" -> Math.ceil(p - 0.5);
            case "round_prefer_ceil" -> Math.floor(p + 0.5);
            default ->
                throw new OnnxException(
                    "nearest_mode " + Attributes.quoted(nearest) + " is not supported");
          };
      out[i] = isOutside(a, p) ? Selection.NONE : (int) Math.clamp(whole, 0.0, a.in - 1.0);
    }
    return out;
  }

  private Value weighted(Axis[] axes) {
    node.ignore("nearest_mode");
    boolean isPlain = mode.equals("linear") && !isSmooth && !excludes;
    if (isPlain && areOfPixels(axes) && !rule.equals("tf_crop_and_resize")) {
      Tensor image = in.image(in.view(x));
      float[] rows = inside(axes[2], x.shape()[2]);
      float[] columns = inside(axes[3], x.shape()[3]);
      in.charge(2L * rows.length + columns.length * (2L + x.shape()[1]));
      return Importer.imageView(in.builder.resizeLinear(image, rows, columns)).as(x.type());
    }
    Value.View view = in.view(x);
    Tensor result = view.tensor();
    for (int axis = 0; axis < axes.length; axis++) {
      if (axes[axis] != null && !(axes[axis].in == axes[axis].out && isWhole(axes[axis]))) {
        Resampling sums = sums(axes[axis], Importer.place(view, axis));
        result = in.builder.operation(sums, List.of(result)).getFirst();
      }
    }
    return Importer.wrap(view.type(), result, view.order());
  }

  /** Whether each index of the result is the same one of the input. */
  private boolean isWhole(Axis a) {
    boolean isWhole = true;
    for (int i = 0; isWhole && i < a.out; i++) {
      isWhole = place(a, i) == i;
    }
    return isWhole;
  }

  private float[] inside(Axis a, int size) {
    float[] out = new float[a == null ? size : a.out];
    for (int i = 0; i < out.length; i++) {
      out[i] = a == null ? i : (float) Math.clamp(place(a, i), 0.0, a.in - 1.0);
    }
    return out;
  }

  /**
   * What each index sums: a kernel around its place, wider where the axis shrinks and that is to be
   * smooth. What lies beyond the edge counts as the edge, or not at all.
   */
  private Resampling sums(Axis a, int axis) {
    double narrow = isSmooth ? Math.min(a.scale, 1) : 1;
    double reach = (mode.equals("cubic") ? 2 : 1) / narrow;
    long most = 2 * (long) Math.min(reach + 1, Integer.MAX_VALUE) + 2;
    in.charge(Math.multiplyExact(2 * most + 8, (long) a.out));
    int[][] indices = new int[a.out][];
    float[][] weights = new float[a.out][];
    for (int i = 0; i < a.out; i++) {
      double place = place(a, i);
      if (isOutside(a, place)) {
        indices[i] = new int[0];
        weights[i] = new float[0];
      } else {
        sum(a, place, reach, narrow, indices, weights, i);
      }
    }
    return new Resampling(axis, indices, weights, outside);
  }

  private void sum(
      Axis a,
      double place,
      double reach,
      double narrow,
      int[][] indices,
      float[][] weights,
      int i) {
    int first = (int) Math.ceil(place - reach);
    int last = (int) Math.floor(place + reach);
    int from = Math.clamp(first, 0, a.in - 1);
    double[] sums = new double[Math.clamp(last, 0, a.in - 1) - from + 1];
    double whole = 0;
    for (int k = first; k <= last; k++) {
      double weight = kernel((k - place) * narrow);
      if (!excludes || (k >= 0 && k < a.in)) {
        sums[Math.clamp(k, 0, a.in - 1) - from] += weight;
        whole += weight;
      }
    }
    boolean isScaled = isSmooth || excludes;
    int n = 0;
    indices[i] = new int[sums.length];
    weights[i] = new float[sums.length];
    for (int k = 0; k < sums.length; k++) {
      if (sums[k] != 0) { // zero times infinity would be no number
        indices[i][n] = from + k;
        weights[i][n++] = (float) (isScaled ? sums[k] / whole : sums[k]);
      }
    }
    indices[i] = Arrays.copyOf(indices[i], n);
    weights[i] = Arrays.copyOf(weights[i], n);
  }

  private double kernel(double distance) {
    double t = Math.abs(distance);
    double a = cubic;
    if (mode.equals("linear")) {
      return Math.max(0, 1 - t);
    }
    return t <= 1
        ? ((a + 2) * t - (a + 3)) * t * t + 1
        : t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
  }
}
