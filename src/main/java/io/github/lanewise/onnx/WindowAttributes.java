package io.github.lanewise.onnx;

import io.github.lanewise.ConvShape;
import io.github.lanewise.Padding;
import io.github.lanewise.network.Tensor;
import java.util.Arrays;

/**
 * How a window moves over an image, as the attributes of a convolution or pool state it. A signal
 * of one dimension is an image of one row.
 *
 * @param kernel rows and columns
 * @param strides of rows and columns
 * @param dilations of rows and columns
 * @param pads top, left, bottom, right
 * @param rule auto_pad
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, never compared
record WindowAttributes(int[] kernel, int[] strides, int[] dilations, int[] pads, String rule) {

  /**
   * Of a node.
   *
   * @param axes those of its input
   * @param kernel its size on each of these but the first two; null where the attribute must say it
   */
  static WindowAttributes of(Attributes node, int axes, int[] kernel) {
    int dimensions = axes - 2;
    if (kernel == null && !node.has("kernel_shape")) {
      throw new OnnxException("attribute kernel_shape is missing");
    }
    int[] stated = node.integers("kernel_shape", dimensions, 1, 1);
    if (kernel != null && node.has("kernel_shape") && !Arrays.equals(kernel, stated)) {
      throw new OnnxException(
          "kernel_shape %s must agree with the weights, %s"
              .formatted(Arrays.toString(stated), Arrays.toString(kernel)));
    }
    int[] pads = padsOnImage(node.integers("pads", 2 * dimensions, 0, 0));
    String rule = node.text("auto_pad", "NOTSET");
    boolean isExplicit = rule.equals("NOTSET") || rule.isEmpty();
    return new WindowAttributes(
        onImage(kernel == null ? stated : kernel, 1),
        onImage(node.integers("strides", dimensions, 1, 1), 1),
        onImage(node.integers("dilations", dimensions, 1, 1), 1),
        isExplicit ? pads : new int[4],
        rule);
  }

  /** Values of rows and columns: {@code one} of the rows where columns alone are stated. */
  static int[] onImage(int[] values, int one) {
    return values.length == 1 ? new int[] {one, values[0]} : values;
  }

  private static int[] padsOnImage(int[] pads) {
    return pads.length == 2 ? new int[] {0, pads[0], 0, pads[1]} : pads;
  }

  WindowAttributes withoutPads() {
    return new WindowAttributes(kernel, strides, dilations, new int[4], rule);
  }

  /** The geometry of a convolution over an image. */
  ConvShape shape(Tensor x, int groups, int outChannels) {
    return shape(x, groups, outChannels, padding(x.shape(), false));
  }

  /** The geometry of a pool. */
  ConvShape pool(Tensor x, boolean ceiling) {
    int channels = x.shape()[3];
    return shape(x, channels, channels, padding(x.shape(), ceiling));
  }

  private ConvShape shape(Tensor x, int groups, int outChannels, Padding padding) {
    int[] size = x.shape();
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
        padding,
        groups);
  }

  private Padding padding(int[] size, boolean ceiling) {
    int bottom = ceiling ? beyond(size, 0) : 0;
    int right = ceiling ? beyond(size, 1) : 0;
    return switch (rule) {
      case "NOTSET", "" -> Padding.explicit(pads[0], pads[1], pads[2] + bottom, pads[3] + right);
      case "VALID" -> {
        if (bottom + right > 0) {
          throw new OnnxException(
              "ceil_mode with auto_pad VALID is not supported where a last window is not whole: by"
                  + " the standard's formula it is dropped, by its shape inference it is not");
        }
        yield Padding.VALID;
      }
      case "SAME_UPPER" -> Padding.SAME;
      case "SAME_LOWER" -> {
        int height = same(size, 0);
        int width = same(size, 1);
        yield Padding.explicit(height - height / 2, width - width / 2, height / 2, width / 2);
      }
      default -> throw new OnnxException("auto_pad " + Attributes.quoted(rule) + " is unknown");
    };
  }

  /** Rows or columns that a window spans. */
  long reach(int axis) {
    return axis(axis).reach();
  }

  private ConvShape.Axis axis(int axis) {
    return new ConvShape.Axis(0, kernel[axis], strides[axis], dilations[axis], 0, 0);
  }

  private int same(int[] size, int axis) {
    long out = Math.ceilDiv((long) size[1 + axis], strides[axis]);
    return Math.toIntExact(Math.max(0, axis(axis).span(out) - size[1 + axis]));
  }

  /** Padding that ceil_mode adds, so that a last window that starts inside is not dropped. */
  private int beyond(int[] size, int axis) {
    long before = (long) size[1 + axis] + pads[axis];
    long room = before + pads[2 + axis] - reach(axis);
    if (room < 0) {
      return 0;
    }
    long steps = Math.ceilDiv(room, strides[axis]);
    if (steps * strides[axis] >= before) {
      steps--;
    }
    return Math.toIntExact(Math.max(0, steps * strides[axis] - room));
  }
}
