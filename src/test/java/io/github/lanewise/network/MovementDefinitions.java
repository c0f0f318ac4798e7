package io.github.lanewise.network;

import static io.github.lanewise.network.Interpreter.at;
import static io.github.lanewise.network.Interpreter.fill;

import io.github.lanewise.operators.Gather;
import io.github.lanewise.operators.OneHot;
import io.github.lanewise.operators.Resampling;
import io.github.lanewise.operators.Scatter;
import io.github.lanewise.operators.Selection;
import java.util.Arrays;

/** The definitions of the operations that move values, for {@link Definitions}. */
final class MovementDefinitions {

  private MovementDefinitions() {}

  static double[] selection(Selection s, int[] shape, double[] x) {
    return fill(
        s.shapes(shape)[0],
        i -> {
          int[] from = i.clone();
          for (int axis = 0; axis < from.length; axis++) {
            int[] own = s.indices()[axis];
            from[axis] = own == null ? i[axis] : own[i[axis]];
            if (from[axis] == Selection.NONE) {
              return s.value();
            }
          }
          return x[at(shape, from)];
        });
  }

  static double[] gather(Gather g, int[][] shapes, double[][] values) {
    return fill(g.shapes(shapes)[0], i -> values[0][place(g, shapes[0], shapes[1], values[1], i)]);
  }

  /** Where in the data the value lies that an index of the result shows. */
  private static int place(Gather g, int[] data, int[] at, double[] indices, int[] i) {
    int[] from = new int[data.length];
    switch (g.kind()) {
      case SLICES -> {
        System.arraycopy(i, 0, from, 0, g.axis());
        int[] own = Arrays.copyOfRange(i, g.axis(), g.axis() + at.length);
        from[g.axis()] = index(indices[at(at, own)], data[g.axis()]);
        int rest = data.length - g.axis() - 1;
        System.arraycopy(i, g.axis() + at.length, from, g.axis() + 1, rest);
      }
      case ELEMENTS -> {
        System.arraycopy(i, 0, from, 0, i.length);
        from[g.axis()] = index(indices[at(at, i)], data[g.axis()]);
      }
      case PLACES -> {
        int[] row = Arrays.copyOf(i, at.length);
        int named = at[at.length - 1];
        System.arraycopy(i, 0, from, 0, g.axis());
        for (int k = 0; k < named; k++) {
          row[at.length - 1] = k;
          from[g.axis() + k] = index(indices[at(at, row)], data[g.axis() + k]);
        }
        int rest = data.length - g.axis() - named;
        System.arraycopy(i, at.length - 1, from, g.axis() + named, rest);
      }
    }
    return at(data, from);
  }

  private static int index(double stated, int size) {
    return (int) (stated < 0 ? stated + size : stated);
  }

  static double[] scatter(Scatter s, int[][] shapes, double[][] values) {
    double[] out = values[0].clone();
    Gather gather = new Gather(s.kind(), s.axis());
    int[] next = {0};
    fill(
        shapes[2],
        i -> {
          int place = place(gather, shapes[0], shapes[1], values[1], i);
          double other = values[2][next[0]++];
          out[place] =
              switch (s.rule()) {
                case REPLACE -> other;
                case ADD -> out[place] + other;
                case MULTIPLY -> out[place] * other;
                case MAX -> Math.max(out[place], other);
                case MIN -> Math.min(out[place], other);
              };
          return 0;
        });
    return out;
  }

  static double[] oneHot(OneHot o, int[][] shapes, double[][] values) {
    return fill(
        o.shapes(shapes)[0],
        i -> {
          int[] at = new int[i.length - 1];
          for (int axis = 0; axis < at.length; axis++) {
            at[axis] = i[axis < o.axis() ? axis : axis + 1];
          }
          double index = values[0][at(shapes[0], at)];
          return values[1][i[o.axis()] == (index < 0 ? index + o.depth() : index) ? 1 : 0];
        });
  }

  static double[] resampling(Resampling r, int[] shape, double[] x) {
    return fill(
        r.shapes(shape)[0],
        i -> {
          int[] own = r.indices()[i[r.axis()]];
          double sum = own.length == 0 ? r.outside() : 0;
          int[] from = i.clone();
          for (int k = 0; k < own.length; k++) {
            from[r.axis()] = own[k];
            sum += r.weights()[i[r.axis()]][k] * x[at(shape, from)];
          }
          return sum;
        });
  }
}
