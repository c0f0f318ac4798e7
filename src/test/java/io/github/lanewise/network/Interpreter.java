package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Computes a graph as it was built, node by node, in double, by the definition of each operator:
 * nothing is fused, folded, placed or tiled. Each node's result is double too, or a float.
 */
final class Interpreter {
  private final boolean inFloats;
  private final Map<String, float[]> inputs;
  private final Map<Op.Conv, float[]> weights;
  private final Map<Tensor, double[]> done = new HashMap<>();
  private final Map<Tensor, double[][]> results = new HashMap<>();

  /** Takes the weights of each convolution in OIHW order, since its own are packed. */
  Interpreter(Map<String, float[]> inputs, Map<Op.Conv, float[]> weights, boolean inFloats) {
    this.inFloats = inFloats;
    this.inputs = inputs;
    this.weights = weights;
  }

  double[] value(Tensor t) {
    double[] known = done.get(t);
    if (known == null) {
      known = Arrays.stream(compute(t)).map(this::rounded).toArray();
      done.put(t, known);
    }
    return known;
  }

  private double rounded(double value) {
    return inFloats ? (float) value : value;
  }

  static int count(int[] shape) {
    return Arrays.stream(shape).reduce(1, Math::multiplyExact);
  }

  private double[][] results(Tensor t) {
    double[][] known = results.get(t);
    if (known == null) {
      int[][] shapes = t.inputs.stream().map(input -> input.shape).toArray(int[][]::new);
      double[][] values = t.inputs.stream().map(this::value).toArray(double[][]::new);
      known = Definitions.compute(((Op.Other) t.op).operation(), shapes, values);
      results.put(t, known);
    }
    return known;
  }

  /** Fills an array by index on each axis. */
  static double[] fill(int[] shape, ToDoubleFunction<int[]> function) {
    double[] out = new double[count(shape)];
    int[] index = new int[shape.length];
    for (int i = 0; i < out.length; i++) {
      int rest = i;
      for (int axis = shape.length - 1; axis >= 0; axis--) {
        index[axis] = rest % shape[axis];
        rest /= shape[axis];
      }
      out[i] = function.applyAsDouble(index);
    }
    return out;
  }

  static int at(int[] shape, int... index) {
    int place = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      place = place * shape[axis] + index[axis];
    }
    return place;
  }

  private double[] compute(Tensor t) {
    double[] x = t.inputs.isEmpty() ? null : value(t.inputs.getFirst());
    int[] from = t.inputs.isEmpty() ? null : t.inputs.getFirst().shape;
    int[] shape = t.shape;
    return switch (t.op) {
      case Op.Input(String name) -> doubles(inputs.get(name));
      case Op.Constant(float[] values) -> doubles(values);
      case Op.Conv conv -> conv(conv.shape(), x, doubles(weights.get(conv)));
      case Op.Activate(Activation a) -> Arrays.stream(x).map(v -> activate(a, v)).toArray();
      case Op.Affine a ->
          fill(
              shape,
              i -> {
                int c = i[i.length - 1];
                return rounded(x[at(shape, i)] * a.scale()[c]) + a.shift()[c];
              });
      case Op.Binary b -> binary(t, b.kind());
      case Op.Pool pool -> fill(shape, i -> pool(pool, x, i));
      case Op.GlobalPool _ ->
          fill(
              shape,
              i -> {
                double sum = 0;
                for (int p = 0; p < from[1] * from[2]; p++) {
                  sum += x[(i[0] * from[1] * from[2] + p) * from[3] + i[3]];
                }
                return sum / (from[1] * from[2]);
              });
      case Op.Softmax _ -> softmax(x, shape[shape.length - 1]);
      case Op.Pad pad ->
          fill(
              shape,
              i -> {
                int[] in = i.clone();
                for (int axis = 0; axis < in.length; axis++) {
                  in[axis] -= pad.before()[axis];
                  if (in[axis] < 0 || in[axis] >= from[axis]) {
                    return pad.value();
                  }
                }
                return x[at(from, in)];
              });
      case Op.Concat(int axis) -> fill(shape, i -> concat(t, axis, i.clone()));
      case Op.ResizeNearest r ->
          fill(shape, i -> x[at(from, i[0], r.rows()[i[1]], r.columns()[i[2]], i[3])]);
      case Op.ResizeLinear r -> fill(shape, i -> linear(r, x, from, i));
      case Op.Transpose(int[] order) ->
          fill(
              shape,
              i -> {
                int[] in = new int[order.length];
                for (int axis = 0; axis < order.length; axis++) {
                  in[order[axis]] = i[axis];
                }
                return x[at(from, in)];
              });
      case Op.Reshape _ -> x;
      case Op.Other _ -> results(t)[0];
      case Op.Result(int index) -> results(t.inputs.getFirst())[index];
      case Op.Separable _, Op.Pooled _, Op.Gate _, Op.Planned _ ->
          throw new AssertionError("only made by fusion");
    };
  }

  private static double[] doubles(float[] values) {
    double[] out = new double[values.length];
    Arrays.setAll(out, i -> values[i]);
    return out;
  }

  /** With weights in the order OIHW. */
  static double[] conv(ConvShape s, double[] x, double[] w) {
    int per = s.inChannelsPerGroup();
    int[] in = {s.batch(), s.inHeight(), s.inWidth(), s.inChannels()};
    return fill(
        new int[] {s.batch(), s.outHeight(), s.outWidth(), s.outChannels()},
        i -> {
          double sum = 0;
          for (int c = 0; c < per; c++) {
            for (int ky = 0; ky < s.kernelHeight(); ky++) {
              for (int kx = 0; kx < s.kernelWidth(); kx++) {
                int y = i[1] * s.strideHeight() + ky * s.dilationHeight() - s.padTop();
                int z = i[2] * s.strideWidth() + kx * s.dilationWidth() - s.padLeft();
                if (y >= 0 && y < in[1] && z >= 0 && z < in[2]) {
                  int channel = i[3] / s.outChannelsPerGroup() * per + c;
                  sum +=
                      x[at(in, i[0], y, z, channel)]
                          * w[((i[3] * per + c) * s.kernelHeight() + ky) * s.kernelWidth() + kx];
                }
              }
            }
          }
          return sum;
        });
  }

  private static double pool(Op.Pool pool, double[] x, int[] i) {
    ConvShape s = pool.window();
    double result = pool.max() ? Double.NEGATIVE_INFINITY : 0;
    int inside = 0;
    for (int ky = 0; ky < s.kernelHeight(); ky++) {
      for (int kx = 0; kx < s.kernelWidth(); kx++) {
        int y = i[1] * s.strideHeight() + ky * s.dilationHeight() - s.padTop();
        int z = i[2] * s.strideWidth() + kx * s.dilationWidth() - s.padLeft();
        if (y >= 0 && y < s.inHeight() && z >= 0 && z < s.inWidth()) {
          double v = x[((i[0] * s.inHeight() + y) * s.inWidth() + z) * s.inChannels() + i[3]];
          result = pool.max() ? Math.max(result, v) : result + v;
          inside++;
        }
      }
    }
    int taps = pool.countPadding() ? s.kernelHeight() * s.kernelWidth() : Math.max(1, inside);
    return pool.max() ? result : result / taps;
  }

  private double[] binary(Tensor t, Op.Binary.Kind kind) {
    Tensor a = t.inputs.get(0);
    Tensor b = t.inputs.get(1);
    return fill(
        t.shape,
        i -> {
          double p = value(a)[broadcast(a.shape, i)];
          double q = value(b)[broadcast(b.shape, i)];
          return switch (kind) {
            case ADD -> p + q;
            case SUBTRACT -> p - q;
            case MULTIPLY -> p * q;
            case DIVIDE -> p / q;
          };
        });
  }

  static int broadcast(int[] shape, int[] index) {
    int place = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      int i = index[index.length - shape.length + axis];
      place = place * shape[axis] + (shape[axis] == 1 ? 0 : i);
    }
    return place;
  }

  private double concat(Tensor t, int axis, int[] i) {
    for (Tensor part : t.inputs) {
      if (i[axis] < part.shape[axis]) {
        return value(part)[at(part.shape, i)];
      }
      i[axis] -= part.shape[axis];
    }
    throw new AssertionError();
  }

  private static double linear(Op.ResizeLinear r, double[] x, int[] from, int[] i) {
    double sum = 0;
    for (int dy = 0; dy < 2; dy++) {
      for (int dx = 0; dx < 2; dx++) {
        double row = r.rows()[i[1]];
        double column = r.columns()[i[2]];
        int y = (int) Math.floor(row) + dy;
        int z = (int) Math.floor(column) + dx;
        double w = Math.max(0, 1 - Math.abs(row - y)) * Math.max(0, 1 - Math.abs(column - z));
        if (w > 0) {
          sum += w * x[at(from, i[0], y, z, i[3])];
        }
      }
    }
    return sum;
  }

  private static double[] softmax(double[] x, int row) {
    double[] out = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      double sum = 0;
      for (int k = i / row * row; k < (i / row + 1) * row; k++) {
        sum += Math.exp(x[k] - x[i]);
      }
      out[i] = 1 / sum;
    }
    return out;
  }

  private static double activate(Activation a, double x) {
    return switch (a.kind()) {
      case NONE -> x;
      case CLAMP -> Math.clamp(x, (double) a.alpha(), (double) a.beta());
      case LEAKY_RELU -> x < 0 ? a.alpha() * x : x;
      case HARD_SIGMOID -> Math.clamp(a.alpha() * x + a.beta(), 0.0, 1.0);
      case HARD_SWISH -> x * Math.clamp(x / 6 + 0.5, 0.0, 1.0);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case SILU -> x / (1 + Math.exp(-x));
    };
  }
}
