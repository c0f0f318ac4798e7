package io.github.lanewise.onnx;

import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Padding;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.network.Tensor;
import java.util.Arrays;

/** Convolutions, pooling and normalization. */
final class ConvolutionOps {
  /** Packed weights are padded to whole panels of up to three vectors of 16 floats. */
  private static final int PANEL = 48;

  /** Rows that a depthwise plan's ring may have, whatever its kernel. */
  private static final int MAX_RING = 64;

  /** What the objects around a table of taps take, in floats. */
  private static final int TABLE_OBJECTS = 24;

  private ConvolutionOps() {}

  static Value conv(Importer in, Attributes node) {
    Tensor x = in.image(in.view(node, 0));
    Value.Const w = in.constant(node, 1, "the weights");
    int[] s = w.shape();
    if (s.length != 4) {
      throw new OnnxException("the weights' shape is " + w.shapeText() + ", must have four axes");
    }
    int[] kernel = node.integers("kernel_shape", 2, 1, 1);
    if (node.has("kernel_shape") && (kernel[0] != s[2] || kernel[1] != s[3])) {
      throw new OnnxException(
          "kernel_shape %dx%d must agree with the weights' shape %s"
              .formatted(kernel[0], kernel[1], w.shapeText()));
    }
    int[] size = x.shape();
    int groups = node.integer("group", 1);
    if (groups < 1 || (long) s[1] * groups != size[3]) {
      throw new OnnxException(
          "the weights' shape %s and group %d must agree with %d input channels"
              .formatted(w.shapeText(), groups, size[3]));
    }
    ConvShape shape = window(node, x, new int[] {s[2], s[3]}, groups, s[0], false);
    int depth = w.length() / Math.max(1, s[0]);
    in.charge(
        shape.isDepthwise()
            ? 3L * w.length() + tapTables(shape)
            : w.length() + groups * packed(depth, shape.outChannelsPerGroup()));
    ConvWeights weights = ConvWeights.of(w.asFloats(), WeightOrder.OIHW);
    if (in.has(node, 2)) {
      weights = weights.withBias(in.channels(node, 2, "the bias", s[0]));
    }
    return Importer.imageView(in.builder.convolution(x, shape, weights));
  }

  /** An upper bound of a packed matrix with its bias. */
  static long packed(int depth, int columns) {
    return (columns + PANEL - 1L) / PANEL * PANEL * (depth + 1L);
  }

  /**
   * An upper bound of a depthwise plan's tables: where the taps of one row and of two lie, in the
   * image and for each row of a ring that the first may be. The ring has the rows that two rows of
   * output span, or one place for all where these are too many. (The plan has still less where the
   * taps are very many; files with such kernels are not worth a closer look.)
   */
  private static long tapTables(ConvShape s) {
    long rows = s.strideHeight() + (s.kernelHeight() - 1L) * s.dilationHeight() + 1;
    long places = rows > Math.max(MAX_RING, 2L * s.kernelHeight()) ? 1 : rows;
    return Math.multiplyExact(
        3 * (places + 1), (long) s.kernelHeight() * s.kernelWidth() + TABLE_OBJECTS);
  }

  /** The geometry that the attributes state. */
  private static ConvShape window(
      Attributes node, Tensor x, int[] kernel, int groups, int outChannels, boolean ceiling) {
    int[] size = x.shape();
    int[] strides = node.integers("strides", 2, 1, 1);
    int[] dilations = node.integers("dilations", 2, 1, 1);
    return new ConvShape(
        size[0],
        size[1],
        size[2],
        size[3],
        outChannels,
        kernel[0],
        kernel[1],
        strides[0],
        strides[1],
        dilations[0],
        dilations[1],
        padding(node, size, kernel, strides, dilations, ceiling),
        groups);
  }

  private static Padding padding(
      Attributes node, int[] size, int[] kernel, int[] strides, int[] dilations, boolean ceiling) {
    String rule = node.text("auto_pad", "NOTSET");
    int[] pads = node.integers("pads", 4, 0, 0);
    boolean isValid = rule.equals("VALID");
    int[] more = new int[2];
    for (int i = 0; ceiling && i < 2; i++) {
      int before = isValid ? 0 : pads[i];
      int after = isValid ? 0 : pads[2 + i];
      more[i] = beyond(size[1 + i], before, after, kernel[i], strides[i], dilations[i]);
    }
    return switch (rule) {
      case "NOTSET", "" -> Padding.explicit(pads[0], pads[1], pads[2] + more[0], pads[3] + more[1]);
      case "VALID" -> {
        if (more[0] + more[1] > 0) {
          throw new OnnxException(
              "ceil_mode with auto_pad VALID is not supported where a last window is not whole: by"
                  + " the standard's formula it is dropped, by its shape inference it is not");
        }
        yield Padding.VALID;
      }
      case "SAME_UPPER" -> Padding.SAME;
      case "SAME_LOWER" -> {
        int height = same(size[1], kernel[0], strides[0], dilations[0]);
        int width = same(size[2], kernel[1], strides[1], dilations[1]);
        yield Padding.explicit(height - height / 2, width - width / 2, height / 2, width / 2);
      }
      default -> throw new OnnxException("auto_pad " + Attributes.quoted(rule) + " is unknown");
    };
  }

  private static int same(int in, int kernel, int stride, int dilation) {
    long out = ((long) in + stride - 1) / stride;
    long total = (out - 1) * stride + (kernel - 1L) * dilation + 1 - in;
    return Math.toIntExact(Math.max(0, total));
  }

  /** Padding that ceil_mode adds, so that a last window that starts inside is not dropped. */
  private static int beyond(int in, int before, int after, int kernel, int stride, int dilation) {
    long room = (long) in + before + after - ((kernel - 1L) * dilation + 1);
    if (room < 0) {
      return 0;
    }
    long steps = (room + stride - 1) / stride;
    if (steps * stride >= (long) in + before) {
      steps--;
    }
    return Math.toIntExact(Math.max(0, steps * stride - room));
  }

  static Value maxPool(Importer in, Attributes node) {
    if (node.outputs().size() > 1 && !node.outputs().get(1).isEmpty()) {
      throw new OnnxException("the output of indices is not supported");
    }
    node.ignore("storage_order");
    Value.View view = in.view(node, 0);
    Tensor x = in.image(view);
    ConvShape window = pool(in, node, x, node.integer("ceil_mode", 0) != 0);
    return Importer.imageView(in.builder.maxPool(x, window)).as(view.type());
  }

  static Value averagePool(Importer in, Attributes node) {
    Tensor x = in.image(in.view(node, 0));
    boolean countPadding = node.integer("count_include_pad", 0) != 0;
    ConvShape window = pool(in, node, x, node.integer("ceil_mode", 0) != 0);
    if (countPadding && !window.equals(pool(in, node, x, false))) {
      throw new OnnxException("ceil_mode with count_include_pad is not supported");
    }
    return Importer.imageView(in.builder.averagePool(x, window, countPadding));
  }

  private static ConvShape pool(Importer in, Attributes node, Tensor x, boolean ceiling) {
    if (!node.has("kernel_shape")) {
      throw new OnnxException("attribute kernel_shape is missing");
    }
    int[] kernel = node.integers("kernel_shape", 2, 1, 1);
    int[] pads = node.integers("pads", 4, 0, 0);
    int[] dilations = node.integers("dilations", 2, 1, 1);
    for (int i = 0; i < pads.length; i++) {
      if (pads[i] > (kernel[i % 2] - 1L) * dilations[i % 2]) {
        throw new OnnxException(
            "pads %s must be smaller than the kernel %s with dilations %s, else windows are empty"
                .formatted(
                    Arrays.toString(pads), Arrays.toString(kernel), Arrays.toString(dilations)));
      }
    }
    int channels = x.shape()[3];
    ConvShape window = window(node, x, kernel, channels, channels, ceiling);
    in.charge(2L * window.outWidth());
    return window;
  }

  static Value globalAveragePool(Importer in, Attributes node) {
    return Importer.imageView(in.builder.globalAveragePool(in.image(in.view(node, 0))));
  }

  static Value batchNormalization(Importer in, Attributes node) {
    if (node.integer("training_mode", 0) != 0) {
      throw new OnnxException("training_mode is not supported");
    }
    if (node.opset() < 9 && node.integer("spatial", 1) != 1) {
      throw new OnnxException("statistics of each pixel (spatial 0) are not supported");
    }
    node.ignore("momentum");
    if (node.opset() < 14 && node.outputs().stream().filter(o -> !o.isEmpty()).count() > 1) {
      throw new OnnxException(
          "it has %d outputs, must have one: more mean training, which is not supported"
              .formatted(node.outputs().size()));
    }
    Value.View x = in.view(node, 0);
    int axes = x.shape().length;
    if (axes < 2) {
      throw new OnnxException("the input's shape is " + x.shapeText() + ", has no channels");
    }
    int[] order = ShapeOps.withLast(x.order(), 1);
    int channels = x.shape()[1];
    in.charge(2L * channels);
    Tensor result =
        in.builder.batchNorm(
            in.stored(x, order).tensor(),
            in.channels(node, 1, "scale", channels),
            in.channels(node, 2, "the bias", channels),
            in.channels(node, 3, "the mean", channels),
            in.channels(node, 4, "the variance", channels),
            node.real("epsilon", 1e-5f));
    return Importer.wrap(result, order);
  }
}
