package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;
import java.util.Locale;

/**
 * Of the first input what the second names by its index, from the end where it is negative. The
 * indices are whole numbers; a run refuses those that are out of range.
 *
 * @param kind what an index names
 * @param axis of which the indices are; of {@link Kind#PLACES} how many leading axes both share
 */
public record Gather(Kind kind, int axis) implements Operation {

  /** What an index names. */
  public enum Kind {
    /** All of the input at an index of the axis. */
    SLICES,
    /** The one value at an index of the axis, and elsewhere at the place of the index itself. */
    ELEMENTS,
    /** The part of the input behind as many axes as the last of the indices is long. */
    PLACES
  }

  @Override
  public int[][] shapes(int[]... inputs) {
    int[] data = inputs[0];
    int[] at = inputs[1];
    return switch (kind) {
      case SLICES -> {
        Sizes.axis(axis, data);
        yield new int[][] {joined(data, axis, at, at.length, data, axis + 1)};
      }
      case ELEMENTS -> {
        Sizes.axis(axis, data);
        boolean fits = at.length == data.length;
        for (int i = 0; fits && i < at.length; i++) {
          fits = i == axis || at[i] <= data[i];
        }
        check(fits, inputs);
        yield new int[][] {at};
      }
      case PLACES -> {
        check(at.length > 0 && axis < at.length && axis < data.length, inputs);
        int named = at[at.length - 1];
        check(named > 0 && named <= data.length - axis, inputs);
        for (int i = 0; i < axis; i++) {
          check(at[i] == data[i], inputs);
        }
        yield new int[][] {joined(at, at.length - 1, at, 0, data, axis + named)};
      }
    };
  }

  /** Some leading axes of one shape, then of another, and the last ones of a third. */
  private static int[] joined(int[] a, int leading, int[] b, int middle, int[] last, int from) {
    int[] out = Arrays.copyOf(a, leading + middle + last.length - from);
    System.arraycopy(b, 0, out, leading, middle);
    System.arraycopy(last, from, out, leading + middle, last.length - from);
    return out;
  }

  private void check(boolean fits, int[]... inputs) {
    if (!fits) {
      throw new IllegalArgumentException(
          "shapes %s of values and indices do not fit".formatted(Arrays.deepToString(inputs)));
    }
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] data = inputs[0];
    int[] at = inputs[1];
    return switch (kind) {
      case SLICES ->
          new Slices(
              Sizes.count(data, 0, axis),
              data[axis],
              Sizes.count(data, axis + 1, data.length),
              Sizes.count(at));
      case ELEMENTS -> new Elements(data, at, axis);
      case PLACES -> {
        int named = at[at.length - 1];
        int[] sizes = Arrays.copyOfRange(data, axis, axis + named);
        yield new Parts(
            Sizes.count(data, 0, axis),
            sizes,
            Sizes.count(data, axis + named, data.length),
            Sizes.count(at, axis, at.length - 1));
      }
    };
  }

  /** Which index a value names. */
  static int index(float stated, int size) {
    int index = (int) (stated < 0 ? stated + size : stated);
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          "index %s must be within the size %d".formatted(stated, size));
    }
    return index;
  }

  /** Where the value lies in data that an element of indices names, by the place of the element. */
  static int element(int i, float stated, int[] data, int[] at, int axis) {
    int rest = i;
    int place = 0;
    int step = 1;
    for (int k = at.length - 1; k >= 0; k--) {
      place += (k == axis ? index(stated, data[k]) : rest % at[k]) * step;
      rest /= at[k];
      step *= data[k];
    }
    return place;
  }

  /** Which part of the leading axes of data a row of indices names. */
  static int part(float[] at, int from, int[] sizes) {
    int place = 0;
    for (int k = 0; k < sizes.length; k++) {
      place = place * sizes[k] + index(at[from + k], sizes[k]);
    }
    return place;
  }

  private record Slices(int outer, int size, int inner, int count) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < count; i++) {
          int from = aOff + (o * size + index(b[bOff + i], size)) * inner;
          System.arraycopy(a, from, dst, dstOff + (o * count + i) * inner, inner);
        }
      }
    }

    @Override
    public String describe() {
      return "gather slices";
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Elements(int[] data, int[] at, int axis) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      for (int i = 0, n = Sizes.count(at); i < n; i++) {
        dst[dstOff + i] = a[aOff + element(i, b[bOff + i], data, at, axis)];
      }
    }

    @Override
    public String describe() {
      return "gather elements";
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Parts(int outer, int[] sizes, int inner, int count) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      int parts = Sizes.count(sizes);
      for (int i = 0; i < outer * count; i++) {
        int from = (i / count * parts + part(b, bOff + i * sizes.length, sizes)) * inner;
        System.arraycopy(a, aOff + from, dst, dstOff + i * inner, inner);
      }
    }

    @Override
    public String describe() {
      return "gather places";
    }
  }

  @Override
  public String name() {
    return "gather " + kind.name().toLowerCase(Locale.ROOT);
  }
}
