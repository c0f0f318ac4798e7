package io.github.lanewise.network;

import static io.github.lanewise.network.Interpreter.at;
import static io.github.lanewise.network.Interpreter.broadcast;
import static io.github.lanewise.network.Interpreter.fill;

import io.github.lanewise.ConvShape;
import io.github.lanewise.operators.DynamicConvolution;
import io.github.lanewise.operators.GridSample;
import io.github.lanewise.operators.Interleave;
import io.github.lanewise.operators.Normalization;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Quantization;
import io.github.lanewise.operators.ResponseNormalization;
import io.github.lanewise.operators.TopK;
import io.github.lanewise.operators.Windows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;

/** The definitions of what normalizes, samples and quantizes, in double. */
final class ImageDefinitions {

  private ImageDefinitions() {}

  /** The results for values of these shapes. */
  static double[][] compute(Operation operation, int[][] shapes, double[][] values) {
    int[] shape = shapes[0];
    double[] x = values[0];
    return switch (operation) {
      case Normalization n -> normalization(n, values);
      case ResponseNormalization r -> new double[][] {response(r, shape, x)};
      case GridSample g -> new double[][] {sampled(g, shapes, values)};
      case TopK t -> topK(t, shape, x);
      case Windows w -> windows(w, x);
      case DynamicConvolution c -> {
        int[] by = shapes[1];
        double[] oihw =
            fill(
                new int[] {by[3], by[2], by[0], by[1]},
                i -> values[1][at(by, i[2], i[3], i[1], i[0])]);
        yield new double[][] {Interpreter.conv(c.shape(), x, oihw)};
      }
      case Interleave i -> new double[][] {interleaved(i, shapes, values)};
      case Quantization.Quantize q ->
          new double[][] {scaled(shapes, values, (v, s) -> quantized(q, v, s[0], s[1]))};
      case Quantization.Dequantize _ ->
          new double[][] {scaled(shapes, values, (v, s) -> (v - s[1]) * s[0])};
      case Quantization.Range _ -> range(x[0], values[1][0]);
      case Quantization.Digits d -> digits(d, x);
      case Quantization.Sum r -> new double[][] {sum(r, values)};
      default -> throw new AssertionError("no definition of " + operation);
    };
  }

  private static double[][] normalization(Normalization n, double[][] values) {
    double[] x = values[0];
    double[] y = new double[x.length];
    double[] means = new double[n.outer() * n.groups()];
    double[] factors = new double[means.length];
    int pixel = n.groups() * n.channels();
    for (int part = 0; part < means.length; part++) {
      int own = part;
      int[] places =
          IntStream.range(0, x.length)
              .filter(
                  i ->
                      i / (pixel * n.pixels()) == own / n.groups()
                          && i % pixel / n.channels() == own % n.groups())
              .toArray();
      boolean isCentred = n.measure() == Normalization.Measure.DEVIATION;
      double mean = isCentred ? mean(places, i -> x[i]) : 0;
      double square = mean(places, i -> (x[i] - mean) * (x[i] - mean));
      double measure =
          switch (n.measure()) {
            case DEVIATION, ROOT_MEAN_SQUARE -> Math.sqrt(square + n.epsilon());
            case L1 -> mean(places, i -> Math.abs(x[i])) * places.length;
            case L2 -> Math.sqrt(square * places.length);
          };
      means[part] = mean;
      factors[part] = 1 / measure;
      for (int i : places) {
        double v = measure == 0 ? 0 : (x[i] - mean) / measure;
        v *= values.length > 1 ? values[1][i % pixel] : 1;
        y[i] = v + (values.length > 2 ? values[2][i % pixel] : 0);
      }
    }
    return n.statistics() == null ? new double[][] {y} : new double[][] {y, means, factors};
  }

  private static double mean(int[] places, DoubleUnaryOperatorOfInt value) {
    return Arrays.stream(places).mapToDouble(value::apply).sum() / places.length;
  }

  private interface DoubleUnaryOperatorOfInt {
    double apply(int i);
  }

  private static double[] response(ResponseNormalization r, int[] shape, double[] x) {
    int last = shape.length - 1;
    return fill(
        shape,
        i -> {
          double sum = 0;
          int[] other = i.clone();
          for (int k = 0; k < shape[last]; k++) {
            int distance = k - i[last];
            other[last] = k;
            if (2 * distance <= r.size() && 2 * distance > -r.size()) {
              sum += Math.pow(x[at(shape, other)], 2);
            }
          }
          return x[at(shape, i)] / Math.pow(r.bias() + r.alpha() * sum / r.size(), r.beta());
        });
  }

  private static double[] sampled(GridSample g, int[][] shapes, double[][] values) {
    int[] in = shapes[0];
    int[] grid = shapes[1];
    int[] out = {in[0], grid[1], grid[2], in[3]};
    return fill(
        out,
        i -> {
          double y = place(g, values[1][at(grid, i[0], i[1], i[2], 1)], in[1]);
          double x = place(g, values[1][at(grid, i[0], i[1], i[2], 0)], in[2]);
          double sum = 0;
          for (int dy = -2; dy <= 2; dy++) {
            for (int dx = -2; dx <= 2; dx++) {
              double row = Math.floor(y) + dy;
              double column = Math.floor(x) + dx;
              double w = weight(g.mode(), y - row) * weight(g.mode(), x - column);
              if (w != 0) {
                sum += w * pixel(g, values[0], in, i[0], row, column, i[3]);
              }
            }
          }
          return sum;
        });
  }

  private static double place(GridSample g, double coordinate, int size) {
    double unit = (coordinate + 1) / 2;
    double at = g.alignCorners() ? unit * (size - 1) : unit * size - 0.5;
    at = g.mode() == GridSample.Mode.NEAREST ? Math.rint(at) : at;
    return switch (g.outside()) {
      case ZEROS -> at;
      case BORDER -> at < edge(g) || at > size - 1 - edge(g) ? limited(at, 0, size - 1) : at;
      case REFLECTION -> mirrored(g, at, size);
    };
  }

  private static double edge(GridSample g) {
    return g.alignCorners() ? 0 : -0.5;
  }

  private static double mirrored(GridSample g, double at, int size) {
    double low = edge(g);
    double high = size - 1 - low;
    double inside = at;
    while (high > low && (inside < low || inside > high)) {
      inside = inside < low ? 2 * low - inside : 2 * high - inside;
    }
    return high > low ? inside : 0;
  }

  private static double weight(GridSample.Mode mode, double distance) {
    double d = Math.abs(distance);
    double a = -0.75;
    return switch (mode) {
      case NEAREST -> d == 0 ? 1 : 0;
      case LINEAR -> Math.max(0, 1 - d);
      case CUBIC ->
          d <= 1
              ? (a + 2) * Math.pow(d, 3) - (a + 3) * Math.pow(d, 2) + 1
              : d < 2 ? a * (Math.pow(d, 3) - 5 * Math.pow(d, 2) + 8 * d - 4) : 0;
    };
  }

  private static double pixel(
      GridSample g, double[] x, int[] in, int image, double row, double column, int channel) {
    double y = row;
    double z = column;
    if (g.outside() == GridSample.Outside.BORDER) {
      y = limited(y, 0, in[1] - 1);
      z = limited(z, 0, in[2] - 1);
    } else if (g.outside() == GridSample.Outside.REFLECTION) {
      y = mirrored(g, y, in[1]);
      z = mirrored(g, z, in[2]);
    }
    boolean isInside = y >= 0 && y < in[1] && z >= 0 && z < in[2];
    return isInside ? x[at(in, image, (int) y, (int) z, channel)] : 0;
  }

  private static double limited(double value, double least, double most) {
    return value < least ? least : value > most ? most : value;
  }

  private static double[][] topK(TopK t, int[] shape, double[] x) {
    int row = shape[shape.length - 1];
    List<Double> values = new ArrayList<>();
    List<Double> indices = new ArrayList<>();
    for (int r = 0; r < x.length; r += row) {
      int from = r;
      Comparator<Integer> order = Comparator.comparingDouble(i -> x[from + i]);
      IntStream.range(0, row)
          .boxed()
          .sorted((t.largest() ? order.reversed() : order).thenComparing(i -> i))
          .limit(t.k())
          .forEach(
              i -> {
                values.add(x[from + i]);
                indices.add((double) i);
              });
    }
    return new double[][] {doubles(values), doubles(indices)};
  }

  private static double[] doubles(List<Double> values) {
    return values.stream().mapToDouble(v -> v).toArray();
  }

  private static double[][] windows(Windows op, double[] x) {
    ConvShape w = op.window();
    int[] in = {w.batch(), w.inHeight(), w.inWidth(), w.inChannels()};
    int[] out = {w.batch(), w.outHeight(), w.outWidth(), w.inChannels()};
    List<Double> indices = new ArrayList<>();
    double[] made =
        fill(
            out,
            i -> {
              double sum = 0;
              double most = Double.NEGATIVE_INFINITY;
              double where = -1;
              for (int k = 0; k < w.kernelHeight() * w.kernelWidth(); k++) {
                int y = i[1] * w.strideHeight() - w.padTop();
                int z = i[2] * w.strideWidth() - w.padLeft();
                y += k / w.kernelWidth() * w.dilationHeight();
                z += k % w.kernelWidth() * w.dilationWidth();
                if (y >= 0 && y < in[1] && z >= 0 && z < in[2]) {
                  double v = x[at(in, i[0], y, z, i[3])];
                  sum += Math.pow(Math.abs(v), op.power());
                  if (v > most) {
                    most = v;
                    where = i[0] * in[3] + i[3];
                    where =
                        op.columnMajor()
                            ? (where * in[2] + z) * in[1] + y
                            : (where * in[1] + y) * in[2] + z;
                  }
                }
              }
              indices.add(where);
              return op.power() > 0 ? Math.pow(sum, 1.0 / op.power()) : most;
            });
    return op.power() > 0 ? new double[][] {made} : new double[][] {made, doubles(indices)};
  }

  private static double[] interleaved(Interleave op, int[][] shapes, double[][] values) {
    int rows = op.rowsBefore().length;
    int columns = op.columnsBefore().length;
    return fill(
        op.shapes(shapes)[0],
        i -> {
          int r = i[1] % rows;
          int c = i[2] % columns;
          int part = r * columns + c;
          int y = op.rowsBefore()[r] + i[1] / rows;
          int x = op.columnsBefore()[c] + i[2] / columns;
          return values[part][at(shapes[part], i[0], y, x, i[3])];
        });
  }

  private static double[] scaled(
      int[][] shapes, double[][] values, ToDoubleBiFunction<Double, double[]> function) {
    return fill(
        shapes[0],
        i ->
            function.applyAsDouble(
                values[0][at(shapes[0], i)],
                new double[] {
                  values[1][broadcast(shapes[1], i)], values[2][broadcast(shapes[2], i)]
                }));
  }

  private static double quantized(Quantization.Quantize q, double x, double scale, double zero) {
    double rounded = Math.rint((float) (q.divides() ? x / scale : x * scale)) + zero;
    double number = limited(rounded, q.least(), q.most());
    return switch (q.result()) {
      case NUMBER -> number;
      case DISTANCE -> number - zero;
      case REAL -> (number - zero) * scale;
    };
  }

  private static double[][] range(double least, double most) {
    double low = Math.min(0, least);
    double high = Math.max(0, most);
    double scale = low == high ? 1 : (float) (high - low) / 255;
    return new double[][] {{scale}, {limited(Math.rint((float) (-low / scale)), 0, 255)}};
  }

  private static double[][] digits(Quantization.Digits d, double[] x) {
    double[][] out = new double[d.parts()][];
    for (int p = 0; p < out.length; p++) {
      double unit = Math.pow(2, d.bits() * p);
      double above = p == out.length - 1 ? Double.POSITIVE_INFINITY : Math.pow(2, d.bits());
      out[p] =
          Arrays.stream(x)
              .map(v -> Math.signum(v) * (Math.floor(Math.abs(v) / unit) % above))
              .toArray();
    }
    return out;
  }

  private static double[] sum(Quantization.Sum op, double[][] values) {
    double[] out = new double[values[0].length];
    for (int i = 0; i < out.length; i++) {
      out[i] = op.offset()[i % op.offset().length];
      for (int p = 0; p < values.length; p++) {
        out[i] += values[p][i] * Math.pow(2, op.bits() * p);
      }
    }
    return out;
  }
}
