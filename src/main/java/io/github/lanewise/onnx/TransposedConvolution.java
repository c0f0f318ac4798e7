package io.github.lanewise.onnx;

import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Padding;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Interleave;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * ConvTranspose: output rows and columns that lie a stride apart meet the same taps, so each such
 * set is an ordinary convolution, and their results interleave. Where the kernel is the stride,
 * there is one tap for each: a single pointwise convolution makes all sets.
 */
final class TransposedConvolution {

  /**
   * What one axis of the outputs {@code residue + stride * q} reads.
   *
   * @param taps the kernel's, from the last on, {@code step} apart
   * @param first the last of the taps' index in the kernel
   * @param dilation inputs between two taps
   * @param before zeros before the input
   * @param skip results before the first that is used
   * @param out results that are used
   */
  private record Axis(int taps, int first, int step, int dilation, int before, int skip, int out) {
    static Axis of(int residue, int out, int kernel, int stride, int dilation, int pad) {
      int common = gcd(stride, dilation);
      int step = stride / common;
      int last = -1;
      int taps = 0;
      for (int k = 0; k < kernel; k++) {
        if (Math.floorMod(residue + pad - (long) k * dilation, stride) == 0) {
          last = k;
          taps++;
        }
      }
      int used = Math.max(0, Math.ceilDiv(out - residue, stride));
      long start = last < 0 ? 0 : (residue + pad - (long) last * dilation) / stride;
      return new Axis(
          taps,
          last,
          step,
          dilation / common,
          Math.toIntExact(Math.max(0, -start)),
          Math.toIntExact(Math.max(0, start)),
          used);
    }

    private static int gcd(int a, int b) {
      return b == 0 ? a : gcd(b, a % b);
    }

    /** Zeros behind an input of this size, so that there are enough results. */
    int after(int in) {
      long read = new ConvShape.Axis(in, taps, 1, dilation, before, 0).span(Math.max(1, out));
      return Math.toIntExact(Math.max(0, skip + read - in - before));
    }
  }

  private final Importer in;
  private final Tensor x;
  private final Value.Const weights;
  private final WindowAttributes window;
  private final float[] bias;
  private final int groups;
  private final int[] kernel;

  /** Channels of the output that a group has. */
  private final int channels;

  private TransposedConvolution(
      Importer in,
      Tensor x,
      Value.Const weights,
      WindowAttributes window,
      float[] bias,
      int groups) {
    this.in = in;
    this.x = x;
    this.weights = weights;
    this.window = window;
    this.bias = bias;
    this.groups = groups;
    this.kernel = window.kernel();
    this.channels = weights.shape()[1];
  }

  static Value read(Importer in, Attributes node) {
    Value.View view = in.view(node, 0);
    int axes = view.shape().length;
    Tensor x = in.image(view);
    Value.Const w = in.constant(node, 1, "the weights");
    int[] shape = w.shape();
    int groups = node.integer("group", 1);
    if (shape.length != axes || shape[0] != x.shape()[3] || groups < 1 || shape[0] % groups != 0) {
      throw new OnnxException(
          "the weights' shape %s and group %d must agree with an input of %s"
              .formatted(w.shapeText(), groups, view.shapeText()));
    }
    WindowAttributes window = WindowAttributes.of(node, axes, Arrays.copyOfRange(shape, 2, axes));
    int outChannels = Math.multiplyExact(shape[1], groups);
    float[] bias = in.has(node, 2) ? in.channels(node, 2, "the bias", outChannels) : null;
    int[] more = WindowAttributes.onImage(node.integers("output_padding", axes - 2, 0, 0), 0);
    int[] stated = node.has("output_shape") ? node.integers("output_shape", axes - 2, 0, 1) : null;
    int[][] extents = new int[2][];
    for (int axis = 0; axis < 2; axis++) {
      int asked = stated == null ? -1 : axes == 4 ? stated[axis] : axis == 0 ? 1 : stated[0];
      extents[axis] = extent(window, axis, x.shape()[1 + axis], more[axis], asked);
    }
    TransposedConvolution c = new TransposedConvolution(in, x, w, window, bias, groups);
    in.charge(3L * w.length());
    return in.imageView(c.result(extents[0][1], extents[1][1], extents[0][0], extents[1][0]), view);
  }

  /** What is cut off before the first output of an axis, and how many there are. */
  private static int[] extent(WindowAttributes w, int axis, int size, int more, int asked) {
    long whole = w.strides()[axis] * (size - 1L) + more + w.reach(axis);
    long before = w.pads()[axis];
    long out = whole - before - w.pads()[2 + axis];
    boolean isSame = w.rule().startsWith("SAME");
    if (asked > 0 || isSame) {
      out = asked > 0 ? asked : (long) size * w.strides()[axis];
      long cut = whole - out;
      before = w.rule().equals("SAME_UPPER") ? Math.floorDiv(cut, 2) : cut - Math.floorDiv(cut, 2);
    } else if (w.rule().equals("VALID")) {
      before = 0;
      out = whole;
    }
    if (out < 1 || out != (int) out || before != (int) before) {
      throw new OnnxException("axis %d of the image would have the size %d".formatted(axis, out));
    }
    return new int[] {(int) before, (int) out};
  }

  private Tensor result(int height, int width, int top, int left) {
    int[] strides = window.strides();
    int[] size = x.shape();
    if (groups == 1
        && Arrays.equals(kernel, strides)
        && window.dilations()[0] == 1
        && window.dilations()[1] == 1
        && top == 0
        && left == 0
        && height == size[1] * strides[0]
        && width == size[2] * strides[1]) {
      return blocks();
    }
    Axis[] rows = axes(0, height, top);
    Axis[] columns = axes(1, width, left);
    List<Tensor> parts = new ArrayList<>();
    for (Axis row : rows) {
      for (Axis column : columns) {
        parts.add(part(row, column));
      }
    }
    if (parts.size() == 1
        && rows[0].skip == 0
        && columns[0].skip == 0
        && parts.getFirst().shape()[1] == height
        && parts.getFirst().shape()[2] == width) {
      return parts.getFirst();
    }
    int[] rowsBefore = Arrays.stream(rows).mapToInt(Axis::skip).toArray();
    int[] columnsBefore = Arrays.stream(columns).mapToInt(Axis::skip).toArray();
    return in.builder
        .operation(new Interleave(rowsBefore, columnsBefore, height, width), parts)
        .getFirst();
  }

  private Axis[] axes(int axis, int out, int pad) {
    Axis[] axes = new Axis[Math.min(window.strides()[axis], out)];
    for (int r = 0; r < axes.length; r++) {
      axes[r] =
          Axis.of(r, out, kernel[axis], window.strides()[axis], window.dilations()[axis], pad);
    }
    return axes;
  }

  /** The outputs of one set of rows and columns. */
  private Tensor part(Axis row, Axis column) {
    int[] size = x.shape();
    if (row.taps == 0 || column.taps == 0) {
      int[] shape = {size[0], row.skip + row.out, column.skip + column.out, channels * groups};
      float[] values = new float[(int) Tensors.count(shape)];
      in.charge(2L * values.length);
      for (int i = 0; bias != null && i < values.length; i++) {
        values[i] = bias[i % bias.length];
      }
      return in.builder.constant(values, shape);
    }
    ConvShape shape =
        new ConvShape(
            size[0],
            size[1],
            size[2],
            size[3],
            channels * groups,
            row.taps,
            column.taps,
            1,
            1,
            row.dilation,
            column.dilation,
            Padding.explicit(row.before, column.before, row.after(size[1]), column.after(size[2])),
            groups);
    return convolution(shape, row, column);
  }

  private Tensor convolution(ConvShape shape, Axis row, Axis column) {
    int inputs = shape.inChannelsPerGroup();
    float[] all = weights.asFloats();
    float[] oihw = new float[shape.weightsLength()];
    int to = 0;
    for (int o = 0; o < shape.outChannels(); o++) {
      int group = o / channels;
      for (int i = 0; i < inputs; i++) {
        int from = ((group * inputs + i) * channels + o % channels) * kernel[0];
        for (int ky = 0; ky < row.taps; ky++) {
          for (int kx = 0; kx < column.taps; kx++) {
            int line = from + row.first - ky * row.step;
            oihw[to++] = all[line * kernel[1] + column.first - kx * column.step];
          }
        }
      }
    }
    ConvolutionOps.charge(in, shape);
    ConvWeights w = ConvWeights.of(oihw, WeightOrder.OIHW);
    return in.builder.convolution(x, shape, bias == null ? w : w.withBias(bias));
  }

  /** Each pixel becomes a block of the kernel's size. */
  private Tensor blocks() {
    int[] size = x.shape();
    int taps = kernel[0] * kernel[1];
    float[] all = weights.asFloats();
    float[] oihw = new float[all.length];
    float[] biases = new float[taps * channels];
    for (int t = 0; t < taps; t++) {
      for (int c = 0; c < channels; c++) {
        int o = t * channels + c;
        biases[o] = bias == null ? 0 : bias[c];
        for (int i = 0; i < size[3]; i++) {
          oihw[o * size[3] + i] = all[(i * channels + c) * taps + t];
        }
      }
    }
    ConvShape shape =
        ConvShape.builder(size[1], size[2], size[3])
            .batch(size[0])
            .outChannels(taps * channels)
            .build();
    ConvolutionOps.charge(in, shape);
    ConvWeights w = ConvWeights.of(oihw, WeightOrder.OIHW);
    Tensor made = in.builder.convolution(x, shape, bias == null ? w : w.withBias(biases));
    Tensor split =
        in.builder.reshape(made, size[0], size[1], size[2], kernel[0], kernel[1], channels);
    return in.builder.reshape(
        in.builder.transpose(split, 0, 1, 3, 2, 4, 5),
        size[0],
        size[1] * kernel[0],
        size[2] * kernel[1],
        channels);
  }
}
