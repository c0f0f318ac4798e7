package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Padding;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.operators.Along;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.CumulativeSum;
import io.github.lanewise.operators.DynamicConvolution;
import io.github.lanewise.operators.Extreme;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.Gather;
import io.github.lanewise.operators.GridSample;
import io.github.lanewise.operators.Interleave;
import io.github.lanewise.operators.MatrixProduct;
import io.github.lanewise.operators.Normalization;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Reduction;
import io.github.lanewise.operators.Resampling;
import io.github.lanewise.operators.ResponseNormalization;
import io.github.lanewise.operators.Selection;
import io.github.lanewise.operators.TopK;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** A network of random operators on small images, whose tensors are read in random places. */
final class RandomNetwork {
  private static final List<Activation> ACTIVATIONS =
      List.of(
          Activation.NONE,
          Activation.RELU,
          Activation.RELU6,
          Activation.leakyRelu(0.1f),
          Activation.HARD_SWISH,
          Activation.HARD_SIGMOID,
          Activation.hardSigmoid(0.2f, 0.5f),
          Activation.SILU,
          Activation.SIGMOID);

  private static final List<Activation> CLAMPS =
      List.of(Activation.RELU6, Activation.clamp(0, 1), Activation.clamp(-0.5f, 0.75f));

  final NetworkBuilder builder = new NetworkBuilder();
  final Map<String, Tensor> outputs = new LinkedHashMap<>();
  final Map<String, float[]> inputs = new HashMap<>();
  final Map<Op.Conv, float[]> weights = new HashMap<>();
  private final List<Tensor> images = new ArrayList<>();
  private final Random random;

  RandomNetwork(long seed) {
    this.random = new Random(seed);
    int batch = 1 + random.nextInt(2);
    image(batch, "first");
    image(batch, "second");
    int operators = 3 + random.nextInt(12);
    for (int i = 0; i < operators; i++) {
      grow();
    }
    for (int i = 0, n = 1 + random.nextInt(3); i < n; i++) {
      Tensor t = i == 0 ? images.getLast() : any();
      outputs.put("out" + i, t);
      Layout layout = random.nextBoolean() && t.shape.length == 4 ? Layout.NCHW : Layout.NHWC;
      builder.output("out" + i, t, layout);
    }
  }

  private void image(int batch, String name) {
    int[] s = {batch, 3 + random.nextInt(8), 3 + random.nextInt(8), 1 + random.nextInt(9)};
    Layout layout = random.nextBoolean() ? Layout.NCHW : Layout.NHWC;
    images.add(builder.input(name, layout, s));
    inputs.put(name, values(s[0] * s[1] * s[2] * s[3]));
  }

  /** Recent tensors are the likelier ones, so that chains are long enough to fuse. */
  private Tensor any() {
    int n = images.size();
    return images.get(random.nextInt(3) > 0 ? n - 1 : random.nextInt(n));
  }

  private float[] values(int n) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() * 2 - 1;
    }
    return out;
  }

  private void grow() {
    Tensor x = any();
    int[] s = x.shape;
    int channels = s[3];
    Tensor y =
        switch (random.nextInt(37)) {
          case 0, 1 -> conv(x, window(s).depthwise().build());
          case 2, 3 ->
              conv(
                  x,
                  ConvShape.builder(s[1], s[2], channels)
                      .batch(s[0])
                      .outChannels(1 + random.nextInt(12))
                      .build());
          case 4 -> conv(x, window(s).outChannels(1 + random.nextInt(9)).build());
          case 5, 6 -> builder.activation(x, ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size())));
          case 7 -> builder.scale(x, values(channels), values(channels));
          case 8 -> builder.prelu(x, values(channels));
          case 9 -> {
            Tensor block = conv(x, window(s).stride(1).padding(Padding.SAME).depthwise().build());
            yield random.nextBoolean() ? builder.add(block, x) : builder.add(x, block);
          }
          case 10 -> {
            Tensor gate = builder.activation(builder.globalAveragePool(x), Activation.SIGMOID);
            yield random.nextBoolean() ? builder.multiply(x, gate) : builder.subtract(gate, x);
          }
          case 11, 12 -> gate(x);
          case 13 ->
              random.nextBoolean()
                  ? builder.maxPool(x, window(s).depthwise().build())
                  : builder.averagePool(x, window(s).depthwise().build(), random.nextBoolean());
          case 14 ->
              builder.pad(
                  x,
                  new int[] {0, random.nextInt(3), random.nextInt(2), random.nextInt(2)},
                  new int[] {0, random.nextInt(2), random.nextInt(3), random.nextInt(3)},
                  random.nextInt(2));
          case 15 -> builder.concat(3, x, builder.activation(x, Activation.RELU), x);
          case 16 -> resize(x);
          case 17 -> builder.transpose(x, 0, 2, 1, 3);
          case 18 -> function(x);
          case 19, 20 -> combination(x);
          case 21 -> reduction(x);
          case 22 -> along(x);
          case 23 -> product(x);
          case 24 -> selection(x);
          case 25 -> gather(x);
          case 26 -> resampling(x);
          case 27 -> normalization(x);
          case 28 -> sampling(x);
          case 29 -> dynamicConv(x);
          case 30 -> transposedConv(x);
          case 32, 33, 34 -> shuffled(x);
          case 35 -> {
            Tensor made =
                perhapsMore(conv(x, window(s).outChannels(1 + random.nextInt(9)).build()));
            yield builder.maxPool(made, window(made.shape).depthwise().build());
          }
          case 31 -> builder.divide(x, builder.activation(x, Activation.clamp(1, 2)));
          default -> {
            Tensor rows = builder.reshape(x, s[0], s[1] * s[2] * channels);
            Tensor changed =
                random.nextBoolean()
                    ? builder.activation(rows, Activation.RELU6)
                    : builder.subtract(builder.constant(values(1), 1), rows);
            yield builder.reshape(changed, s);
          }
        };
    images.add(y);
    if (random.nextInt(12) == 0) {
      images.add(builder.softmax(y));
    }
  }

  /** As in ShuffleNet: channels split, turned and joined between convolutions of groups. */
  private Tensor shuffled(Tensor x) {
    int groups = 2 + random.nextInt(2);
    boolean isAlike = x.shape[3] % groups == 0 && random.nextBoolean();
    Tensor y = grouped(x, groups, isAlike ? x.shape[3] : groups * (1 + random.nextInt(5)));
    y = random.nextBoolean() ? perhapsMore(y) : y;
    y = random.nextBoolean() && Arrays.equals(x.shape, y.shape) ? builder.add(y, x) : y;
    int[] s = y.shape;
    Tensor split = builder.reshape(y, s[0], s[1], s[2], groups, s[3] / groups);
    y = perhapsMore(builder.reshape(builder.transpose(split, 0, 1, 2, 4, 3), s));
    if (random.nextBoolean()) {
      y = perhapsMore(conv(y, window(s).depthwise().build()));
    }
    if (random.nextBoolean()) {
      y = grouped(y, groups, random.nextBoolean() ? x.shape[3] : groups);
      y = random.nextBoolean() ? builder.scale(y, values(y.shape[3]), values(y.shape[3])) : y;
      y = random.nextBoolean() ? perhapsMore(y) : y;
    }
    if (Arrays.equals(x.shape, y.shape)) {
      y = perhapsMore(random.nextBoolean() ? builder.add(x, y) : builder.add(y, x));
    }
    return y;
  }

  private Tensor perhapsMore(Tensor x) {
    return switch (random.nextInt(4)) {
      case 0 -> line(x);
      case 1 -> builder.prelu(x, values(x.shape[3]));
      case 2 -> builder.activation(x, ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size())));
      default -> x;
    };
  }

  /** A convolution of groups where the channels fall into so many, as large as its input. */
  private Tensor grouped(Tensor x, int groups, int outChannels) {
    int[] s = x.shape;
    boolean fits = s[3] % groups == 0 && outChannels % groups == 0 && random.nextInt(4) > 0;
    ConvShape.Builder shape =
        random.nextBoolean() ? ConvShape.builder(s[1], s[2], s[3]) : window(s).stride(1);
    return conv(
        x,
        shape
            .batch(s[0])
            .padding(Padding.SAME)
            .outChannels(outChannels)
            .groups(fits ? groups : 1)
            .build());
  }

  /** Slices, repetitions and margins of any axis but that of the images. */
  private Tensor selection(Tensor x) {
    int[][] indices = new int[4][];
    for (int axis = 1; axis < 4; axis++) {
      int size = x.shape[axis];
      int first = random.nextInt(size);
      indices[axis] =
          switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> random.ints(1 + random.nextInt(6), Selection.NONE, size).toArray();
            case 2 -> IntStream.range(first, size).toArray();
            default -> IntStream.range(0, size).map(i -> size - 1 - i).toArray();
          };
    }
    return one(new Selection(indices, random.nextInt(2)), x);
  }

  /** By indices that a tensor holds: the largest of each channel, of rows or of columns. */
  private Tensor gather(Tensor x) {
    int axis = 1 + random.nextInt(2);
    Tensor best = one(new Extreme(true, false, axis), x);
    if (random.nextBoolean()) {
      return one(new Gather(Gather.Kind.ELEMENTS, axis), x, best);
    }
    Tensor first = builder.constant(new float[] {0, -1}, 2);
    return one(new Gather(Gather.Kind.SLICES, axis), x, first);
  }

  private Tensor resampling(Tensor x) {
    int axis = 1 + random.nextInt(3);
    int[][] indices = new int[1 + random.nextInt(6)][];
    float[][] weights = new float[indices.length][];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = random.ints(random.nextInt(4), 0, x.shape[axis]).toArray();
      weights[i] = values(indices[i].length);
    }
    return one(new Resampling(axis, indices, weights, 0.5f), x);
  }

  /** Functions that are smooth on what networks hold here, whole numbers apart. */
  private Tensor function(Tensor x) {
    Function.Kind[] kinds = {
      Function.Kind.ABS,
      Function.Kind.ATAN,
      Function.Kind.CELU,
      Function.Kind.COS,
      Function.Kind.ELU,
      Function.Kind.ERF,
      Function.Kind.GELU,
      Function.Kind.GELU_TANH,
      Function.Kind.MISH,
      Function.Kind.NEG,
      Function.Kind.SELU,
      Function.Kind.SIN,
      Function.Kind.SOFTPLUS,
      Function.Kind.SOFTSIGN,
      Function.Kind.SWISH,
      Function.Kind.TANH
    };
    Function.Kind kind = kinds[random.nextInt(kinds.length)];
    return one(new Function(kind, 0.5f + random.nextFloat(), 0.5f + random.nextFloat()), x);
  }

  /** With a part of itself that broadcasts, whole or in a row, on either side. */
  private Tensor combination(Tensor x) {
    int[] s = x.shape;
    Tensor other =
        switch (random.nextInt(4)) {
          case 0 -> builder.globalAveragePool(x);
          case 1 -> builder.constant(values(s[3]), s[3]);
          case 2 -> builder.constant(values(s[1]), s[1], 1, 1);
          default -> builder.activation(x, Activation.HARD_SWISH);
        };
    Tensor a = random.nextBoolean() ? x : other;
    Tensor b = a == x ? other : x;
    return switch (random.nextInt(4)) {
      case 0 -> one(Combination.MAX, a, b);
      case 1 -> one(Combination.MIN, a, b);
      case 2 -> one(Combination.PRELU, a, b);
      default -> {
        Tensor mask = builder.constant(new float[] {random.nextInt(2)}, 1);
        yield one(Combination.WHERE, mask, a, b);
      }
    };
  }

  /** By weights that a step makes: each output channel of one input channel, or of all. */
  private Tensor dynamicConv(Tensor x) {
    int channels = x.shape[3];
    boolean isDepthwise = random.nextBoolean();
    ConvShape.Builder shape = window(x.shape);
    ConvShape s = isDepthwise ? shape.depthwise().build() : shape.outChannels(channels).build();
    int[] w = {s.kernelHeight(), s.kernelWidth(), s.inChannelsPerGroup(), channels};
    Tensor made = builder.constant(values(s.weightsLength()), w);
    Tensor weights = builder.multiply(made, one(new Reduction(Reduction.Kind.MEAN, 0, 1, 2, 3), x));
    return one(new DynamicConvolution(s), x, weights);
  }

  /** As files are read: convolutions whose results interleave, or one that makes blocks. */
  private Tensor transposedConv(Tensor x) {
    int[] s = x.shape;
    if (s[1] * s[2] > 150) {
      return x; // it becomes four times as large
    }
    int channels = 1 + random.nextInt(5);
    Tensor made;
    if (random.nextBoolean()) {
      ConvShape shape = window(s).stride(1).padding(Padding.SAME).outChannels(channels).build();
      List<Tensor> parts = IntStream.range(0, 4).mapToObj(_ -> conv(x, shape)).toList();
      Interleave whole = new Interleave(new int[2], new int[2], 2 * s[1], 2 * s[2]);
      made = builder.operation(whole, parts).getFirst();
    } else {
      ConvShape shape =
          ConvShape.builder(s[1], s[2], s[3]).batch(s[0]).outChannels(4 * channels).build();
      Tensor split = builder.reshape(conv(x, shape), s[0], s[1], s[2], 2, 2, channels);
      Tensor moved = builder.transpose(split, 0, 1, 3, 2, 4, 5);
      made = builder.reshape(moved, s[0], 2 * s[1], 2 * s[2], channels);
    }
    Tensor scaled = random.nextBoolean() ? line(made) : made;
    return builder.activation(scaled, ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size())));
  }

  /** Of any axes, back in the shape of an image. */
  private Tensor reduction(Tensor x) {
    Reduction.Kind[] kinds = Reduction.Kind.values();
    Reduction.Kind kind = kinds[random.nextInt(kinds.length)];
    if (kind == Reduction.Kind.PRODUCT || kind == Reduction.Kind.LOG_SUM) {
      kind = Reduction.Kind.MEAN; // of many values the one is 0, and the other often no number
    }
    int[] axes = IntStream.range(0, 4).filter(axis -> random.nextBoolean()).toArray();
    Tensor reduced = one(new Reduction(kind, axes), one(Function.of(Function.Kind.TANH), x));
    return random.nextBoolean() ? reduced : builder.add(x, reduced);
  }

  /** By channels, groups of them or rows; of values that no epsilon is small beside. */
  private Tensor normalization(Tensor x) {
    int[] s = x.shape;
    Tensor small = one(Function.of(Function.Kind.TANH), x);
    if (random.nextInt(4) == 0) {
      return one(new ResponseNormalization(1 + random.nextInt(4), 0.5, 0.75, 1), small);
    }
    Normalization.Measure measure =
        random.nextBoolean()
            ? Normalization.Measure.DEVIATION
            : Normalization.Measure.ROOT_MEAN_SQUARE;
    boolean byChannel = random.nextBoolean();
    int groups = byChannel ? s[3] : 1;
    Operation n = new Normalization(measure, s[0], s[1] * s[2], groups, s[3] / groups, 0.1, null);
    return random.nextBoolean()
        ? one(n, small)
        : one(n, small, builder.constant(values(s[3]), s[3]), builder.constant(values(s[3]), s[3]));
  }

  /** Of places that another part of the network names, or the best of each row, in any order. */
  private Tensor sampling(Tensor x) {
    int[] s = x.shape;
    Tensor small = one(Function.of(Function.Kind.TANH), x);
    if (random.nextBoolean()) {
      return one(new TopK(1 + random.nextInt(s[3]), random.nextBoolean()), small);
    }
    int places = s[1] * s[2];
    Tensor grid = builder.constant(values(s[0] * places * 2), s[0], s[1], s[2], 2);
    GridSample.Outside[] outside = GridSample.Outside.values();
    return one(
        new GridSample(
            random.nextBoolean() ? GridSample.Mode.LINEAR : GridSample.Mode.CUBIC,
            outside[random.nextInt(outside.length)],
            false),
        small,
        grid);
  }

  private Tensor along(Tensor x) {
    int axis = random.nextInt(4);
    return one(
        random.nextBoolean()
            ? new Along(Along.Kind.LOG_SOFTMAX, axis)
            : new CumulativeSum(axis, random.nextBoolean(), random.nextBoolean()),
        x);
  }

  /** The pixels of each row by a matrix, the same for all images, or of the tensor's own. */
  private Tensor product(Tensor x) {
    int[] s = x.shape;
    if (random.nextBoolean()) {
      int columns = 1 + random.nextInt(20);
      Tensor matrix = builder.constant(values(s[3] * columns), s[3], columns);
      return one(new MatrixProduct(), x, matrix);
    }
    Tensor pixels = one(Function.of(Function.Kind.TANH), x);
    return one(new MatrixProduct(), pixels, builder.transpose(pixels, 0, 1, 3, 2));
  }

  private Tensor one(Operation operation, Tensor... from) {
    return builder.operation(operation, List.of(from)).getFirst();
  }

  /** A line of a tensor times a function of it, of which only some are gates. */
  private Tensor gate(Tensor x) {
    Tensor line = random.nextInt(4) == 0 ? x : line(x);
    Tensor clamped =
        switch (random.nextInt(4)) {
          case 0 -> builder.activation(x, Activation.SIGMOID);
          case 1 -> builder.activation(x, Activation.hardSigmoid(0.2f, 0.5f));
          default -> builder.activation(line(x), CLAMPS.get(random.nextInt(CLAMPS.size())));
        };
    Tensor factor = builder.constant(new float[] {random.nextBoolean() ? 1f / 6 : 0.5f}, 1);
    Tensor by = random.nextInt(4) == 0 ? builder.multiply(clamped, factor) : clamped;
    Tensor y = random.nextBoolean() ? builder.multiply(line, by) : builder.multiply(by, line);
    return random.nextInt(3) == 0 ? builder.multiply(y, factor) : y;
  }

  /** A factor, a shift or both, for all channels or each. */
  private Tensor line(Tensor x) {
    int channels = x.shape[3];
    float[] scale = random.nextBoolean() ? values(channels) : same(channels);
    float[] shift = random.nextBoolean() ? values(channels) : same(channels);
    return switch (random.nextInt(4)) {
      case 0 -> builder.multiply(x, builder.constant(scale, channels));
      case 1 -> builder.add(x, builder.constant(shift, channels));
      case 2 -> builder.divide(x, builder.constant(new float[] {2 + values(1)[0]}, 1));
      default -> builder.scale(x, scale, shift);
    };
  }

  private float[] same(int n) {
    float[] out = new float[n];
    Arrays.fill(out, values(1)[0]);
    return out;
  }

  private Tensor resize(Tensor x) {
    int h = 1 + random.nextInt(9);
    int w = 1 + random.nextInt(9);
    if (random.nextBoolean()) {
      return builder.resizeNearest(
          x, random.ints(h, 0, x.shape[1]).toArray(), random.ints(w, 0, x.shape[2]).toArray());
    }
    float[] rows = values(h);
    float[] columns = values(w);
    for (int i = 0; i < h; i++) {
      rows[i] = Math.abs(rows[i]) * (x.shape[1] - 1);
    }
    for (int i = 0; i < w; i++) {
      columns[i] = Math.abs(columns[i]) * (x.shape[2] - 1);
    }
    return builder.resizeLinear(x, rows, columns);
  }

  /** A window that always meets the image: the maximum of nothing is minus infinity. */
  private ConvShape.Builder window(int[] s) {
    int h = 1 + random.nextInt(3);
    int w = 1 + random.nextInt(3);
    int down = s[1] == 1 ? 1 : 1 + random.nextInt(2); // one row may lie between two taps
    int right = s[2] == 1 ? 1 : 1 + random.nextInt(2);
    int top = (h - 1) * down;
    int left = (w - 1) * right;
    Padding padding =
        random.nextBoolean()
            ? Padding.SAME
            : Padding.explicit(top, random.nextInt(left + 1), random.nextInt(top + 1), left);
    return ConvShape.builder(s[1], s[2], s[3])
        .batch(s[0])
        .kernel(h, w)
        .stride(1 + random.nextInt(2))
        .dilation(down, right)
        .padding(padding);
  }

  private Tensor conv(Tensor x, ConvShape shape) {
    float[] w = values(shape.weightsLength());
    for (int i = 0; i < w.length; i++) {
      w[i] = w[i] * shape.outChannels() / shape.weightsLength();
    }
    Tensor y = builder.convolution(x, shape, ConvWeights.of(w, WeightOrder.OIHW));
    weights.put((Op.Conv) y.op, w);
    return y;
  }
}
