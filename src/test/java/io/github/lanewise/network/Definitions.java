package io.github.lanewise.network;

import static io.github.lanewise.network.Interpreter.at;
import static io.github.lanewise.network.Interpreter.broadcast;
import static io.github.lanewise.network.Interpreter.fill;

import io.github.lanewise.operators.Along;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.CumulativeSum;
import io.github.lanewise.operators.Extreme;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.Gather;
import io.github.lanewise.operators.MatrixProduct;
import io.github.lanewise.operators.OneHot;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Reduction;
import io.github.lanewise.operators.Resampling;
import io.github.lanewise.operators.Scatter;
import io.github.lanewise.operators.Selection;
import io.github.lanewise.operators.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The definitions of the operations, in double, for {@link Interpreter}. */
final class Definitions {

  private Definitions() {}

  /** The results for values of these shapes. */
  static double[][] compute(Operation operation, int[][] shapes, double[][] values) {
    return switch (operation) {
      case Function f ->
          new double[][] {Arrays.stream(values[0]).map(v -> function(f, v)).toArray()};
      case Combination c -> new double[][] {combination(c, shapes, values)};
      case Reduction r -> new double[][] {reduction(r, shapes[0], values[0])};
      case Extreme e -> new double[][] {extreme(e, shapes[0], values[0])};
      case Along a -> new double[][] {along(a, shapes[0], values[0])};
      case CumulativeSum c -> new double[][] {cumulativeSum(c, shapes[0], values[0])};
      case MatrixProduct m -> new double[][] {product(m.shapes(shapes)[0], shapes, values)};
      case Selection s -> one(MovementDefinitions.selection(s, shapes[0], values[0]));
      case Gather g -> one(MovementDefinitions.gather(g, shapes, values));
      case Scatter s -> one(MovementDefinitions.scatter(s, shapes, values));
      case OneHot o -> one(MovementDefinitions.oneHot(o, shapes, values));
      case Resampling r -> one(MovementDefinitions.resampling(r, shapes[0], values[0]));
      default -> ImageDefinitions.compute(operation, shapes, values);
    };
  }

  private static double[][] one(double[] result) {
    return new double[][] {result};
  }

  private static double function(Function f, double x) {
    double a = f.alpha();
    double b = f.beta();
    return switch (f.kind()) {
      case ABS -> x < 0 ? -x : x + 0.0;
      case ACOS -> Math.acos(x);
      case ACOSH -> Math.log(x + Math.sqrt(x * x - 1));
      case ASIN -> Math.asin(x);
      case ASINH ->
          x < 0 ? -Math.log(-x + Math.sqrt(x * x + 1)) : Math.log(x + Math.sqrt(x * x + 1));
      case ATAN -> Math.atan(x);
      case ATANH -> 0.5 * Math.log((1 + x) / (1 - x));
      case CEIL -> Math.ceil(x);
      case CELU -> Math.max(0, x) + Math.min(0, a * (Math.exp(x / a) - 1));
      case COS -> Math.cos(x);
      case COSH -> (Math.exp(x) + Math.exp(-x)) / 2;
      case ELU -> x < 0 ? a * (Math.exp(x) - 1) : x;
      case ERF -> erf(x);
      case EXP -> Math.exp(x);
      case FLOOR -> Math.floor(x);
      case GELU -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
      case GELU_TANH ->
          0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * Math.pow(x, 3))));
      case IS_INF -> (x > 0 ? b : a) != 0 && Math.abs(x) > Double.MAX_VALUE ? 1 : 0;
      case IS_NAN -> Double.isNaN(x) ? 1 : 0;
      case LOG -> Math.log(x);
      case MISH -> x * Math.tanh(Math.log(1 + Math.exp(x)));
      case NEG -> -x;
      case NOT -> x == 0 ? 1 : 0;
      case RECIPROCAL -> 1 / x;
      case ROUND -> Math.rint(x);
      case SELU -> x < 0 ? b * (a * Math.exp(x) - a) : b * x;
      case SHRINK -> x < -a ? x + b : x > a ? x - b : 0;
      case SIGN -> x > 0 ? 1 : x < 0 ? -1 : x;
      case SIN -> Math.sin(x);
      case SINH -> (Math.exp(x) - Math.exp(-x)) / 2;
      case SOFTPLUS -> Math.log(1 + Math.exp(x));
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case SQRT -> Math.sqrt(x);
      case SWISH -> x / (1 + Math.exp(-a * x));
      case TAN -> Math.sin(x) / Math.cos(x);
      case TANH -> Math.tanh(x);
      case THRESHOLDED_RELU -> x > a ? x : 0;
      case TO_BFLOAT16 -> rounded(x, 8, -126);
      case TO_FLOAT16 -> rounded(x, 11, -14);
      case TO_TRUTH -> x == 0 ? 0 : 1;
      case TO_WHOLE -> whole(x, a, b);
    };
  }

  private static double whole(double x, double lowest, double highest) {
    double y = Double.isNaN(x) ? 0 : x < 0 ? Math.ceil(x) : Math.floor(x);
    while (y < lowest) {
      y += highest - lowest + 1;
    }
    while (y > highest) {
      y -= highest - lowest + 1;
    }
    return y;
  }

  /** To so many binary digits, fewer below the smallest normal number. */
  private static double rounded(double x, int digits, int smallest) {
    int exponent = Math.max(Math.getExponent(x), smallest);
    double step = Math.scalb(1.0, exponent - digits + 1);
    double y = Math.rint(x / step) * step;
    return digits == 11 && Math.abs(y) > 65504 ? Math.signum(x) * Double.POSITIVE_INFINITY : y;
  }

  /** The series of positive terms, which loses no digits; for moderate x. */
  private static double erf(double x) {
    double term = 2 / Math.sqrt(Math.PI) * x * Math.exp(-x * x);
    double sum = term;
    for (int n = 1; n < 200; n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return Math.abs(x) > 6 ? Math.signum(x) : sum;
  }

  private static double[] combination(Combination c, int[][] shapes, double[][] values) {
    return fill(
        Sizes.broadcast(shapes),
        i -> {
          double x = values[0][broadcast(shapes[0], i)];
          double y = values[1][broadcast(shapes[1], i)];
          return switch (c) {
            case AND -> x * y != 0 ? 1 : 0;
            case EQUAL -> x - y == 0 ? 1 : 0;
            case GREATER -> x - y > 0 ? 1 : 0;
            case GREATER_OR_EQUAL -> x - y >= 0 ? 1 : 0;
            case LESS -> x - y < 0 ? 1 : 0;
            case LESS_OR_EQUAL -> x - y <= 0 ? 1 : 0;
            case MAX -> x > y ? x : y;
            case MIN -> x < y ? x : y;
            case OR -> Math.abs(x) + Math.abs(y) != 0 ? 1 : 0;
            case POW -> Math.pow(x, y);
            case PRELU -> Math.max(x, 0) + y * Math.min(x, 0);
            case QUOTIENT -> (double) (long) (x / y);
            case REMAINDER -> x - y * (double) (long) (x / y);
            case MODULO -> x - y * Math.floor(x / y);
            case XOR -> (x != 0) == (y != 0) ? 0 : 1;
            case WHERE -> x != 0 ? y : values[2][broadcast(shapes[2], i)];
          };
        });
  }

  /** The values of the line through an index that lies along an axis. */
  private static double[] line(int[] shape, double[] x, int[] index, int axis) {
    double[] out = new double[shape[axis]];
    int[] at = index.clone();
    for (int k = 0; k < out.length; k++) {
      at[axis] = k;
      out[k] = x[at(shape, at)];
    }
    return out;
  }

  private static double[] reduction(Reduction r, int[] shape, double[] x) {
    int[] out = shape.clone();
    for (int axis : r.axes()) {
      out[axis] = 1;
    }
    List<List<Double>> parts = new ArrayList<>();
    fill(out, i -> parts.add(new ArrayList<>()) ? 0 : 1);
    fill(shape, i -> parts.get(broadcast(out, i)).add(x[at(shape, i)]) ? 0 : 1);
    return parts.stream().mapToDouble(part -> reduced(r.kind(), part)).toArray();
  }

  private static double reduced(Reduction.Kind kind, List<Double> values) {
    return switch (kind) {
      case L1 -> values.stream().mapToDouble(Math::abs).sum();
      case L2 -> Math.sqrt(values.stream().mapToDouble(v -> v * v).sum());
      case LOG_SUM -> Math.log(values.stream().mapToDouble(v -> v).sum());
      case LOG_SUM_EXP -> Math.log(values.stream().mapToDouble(Math::exp).sum());
      case MAX -> Collections.max(values);
      case MEAN -> values.stream().mapToDouble(v -> v / values.size()).sum();
      case MIN -> Collections.min(values);
      case PRODUCT -> values.stream().reduce(1.0, (p, q) -> p * q);
      case SUM -> values.stream().mapToDouble(v -> v).sum();
      case SUM_SQUARE -> values.stream().mapToDouble(v -> v * v).sum();
    };
  }

  private static double[] extreme(Extreme e, int[] shape, double[] x) {
    int[] out = shape.clone();
    out[e.axis()] = 1;
    return fill(
        out,
        i -> {
          List<Double> line = Arrays.stream(line(shape, x, i, e.axis())).boxed().toList();
          double best = e.isMax() ? Collections.max(line) : Collections.min(line);
          return e.isLast() ? line.lastIndexOf(best) : line.indexOf(best);
        });
  }

  private static double[] along(Along along, int[] shape, double[] x) {
    int axis = along.axis();
    return fill(
        shape,
        i -> {
          double[] line = line(shape, x, i, axis);
          double own = line[i[axis]];
          double most = Arrays.stream(line).max().getAsDouble();
          return switch (along.kind()) {
            case HARDMAX -> Arrays.stream(line).boxed().toList().indexOf(most) == i[axis] ? 1 : 0;
            case LOG_SOFTMAX ->
                own - most - Math.log(Arrays.stream(line).map(v -> Math.exp(v - most)).sum());
          };
        });
  }

  private static double[] cumulativeSum(CumulativeSum c, int[] shape, double[] x) {
    return fill(
        shape,
        i -> {
          double[] line = line(shape, x, i, c.axis());
          int own = i[c.axis()];
          double sum = c.isExclusive() ? 0 : line[own];
          for (int k = 0; k < line.length; k++) {
            sum += (c.isReverse() ? k > own : k < own) ? line[k] : 0;
          }
          return sum;
        });
  }

  private static double[] product(int[] out, int[][] shapes, double[][] values) {
    int n = out.length;
    int depth = shapes[0][shapes[0].length - 1];
    return fill(
        out,
        i -> {
          double sum = 0;
          for (int k = 0; k < depth; k++) {
            int[] a = i.clone();
            a[n - 1] = k;
            int[] b = i.clone();
            b[n - 2] = k;
            sum += values[0][broadcast(shapes[0], a)] * values[1][broadcast(shapes[1], b)];
          }
          return sum;
        });
  }
}
