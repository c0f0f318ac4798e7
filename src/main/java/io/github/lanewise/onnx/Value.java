package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import java.util.Arrays;

/** What a name in the file stands for while it is read. */
sealed interface Value {

  /** Sizes as the file counts them. */
  int[] shape();

  /** Sizes as text, for messages. */
  default String shapeText() {
    return Arrays.toString(shape());
  }

  /**
   * A tensor of the network, whose axes may lie in memory in another order than the file counts
   * them: axis i in memory is axis {@code order[i]} of the file. A Transpose of the file only
   * changes this view.
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  record View(Tensor tensor, int[] shape, int[] order) implements Value {}

  /** Values known when the file is read: floats, or whole numbers where {@code floats} is null. */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  record Const(int[] shape, float[] floats, long[] longs) implements Value {
    /** Beside a size of 0 the others could be anything: no value in the file stands behind them. */
    public Const {
      if (shape.length > 1 && Arrays.stream(shape).anyMatch(size -> size == 0)) {
        throw new OnnxException(
            "a constant of shape %s is empty, which only one of a single axis may be"
                .formatted(Arrays.toString(shape)));
      }
    }

    static Const of(int[] shape, float[] floats) {
      return new Const(shape, floats, null);
    }

    static Const of(int[] shape, long[] longs) {
      return new Const(shape, null, longs);
    }

    int length() {
      return floats != null ? floats.length : longs.length;
    }

    double at(int i) {
      return floats != null ? floats[i] : longs[i];
    }

    float[] asFloats() {
      if (floats != null) {
        return floats;
      }
      float[] out = new float[longs.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = longs[i];
      }
      return out;
    }

    /** As sizes, axes and the like: whole numbers within an int. */
    int[] asInts(String what) {
      if (longs == null) {
        throw new OnnxException(what + " must be whole numbers");
      }
      int[] out = new int[longs.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = Attributes.toInt(what, longs[i]);
      }
      return out;
    }

    Const reshaped(int... newShape) {
      return new Const(newShape, floats, longs);
    }

    /** With the axes in another order. */
    Const transposed(int[] order) {
      int n = shape.length;
      int[] to = new int[n];
      int[] step = new int[n];
      int product = 1;
      for (int i = n - 1; i >= 0; i--) {
        step[i] = product;
        product *= shape[i];
      }
      for (int i = 0; i < n; i++) {
        to[i] = shape[order[i]];
      }
      int[] from = new int[length()];
      for (int i = 0; i < from.length; i++) {
        int rest = i;
        for (int axis = n - 1; axis >= 0; axis--) {
          from[i] += rest % to[axis] * step[order[axis]];
          rest /= to[axis];
        }
      }
      return picked(to, from);
    }

    /** The values at these places. */
    Const picked(int[] newShape, int[] places) {
      if (floats != null) {
        float[] out = new float[places.length];
        for (int i = 0; i < out.length; i++) {
          out[i] = floats[places[i]];
        }
        return of(newShape, out);
      }
      long[] out = new long[places.length];
      for (int i = 0; i < out.length; i++) {
        out[i] = longs[places[i]];
      }
      return of(newShape, out);
    }
  }
}
