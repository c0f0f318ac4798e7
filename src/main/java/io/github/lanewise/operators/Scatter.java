package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/**
 * The first input, with the values of the third at the indices of the second: what {@link Gather}
 * would read there.
 *
 * @param kind {@link Gather.Kind#ELEMENTS} or {@link Gather.Kind#PLACES}
 * @param axis of which the indices of elements are
 * @param rule what becomes of the value that is there
 */
public record Scatter(Gather.Kind kind, int axis, Rule rule) implements Operation {

  /** What becomes of a value at whose place another one is put. */
  public enum Rule {
    REPLACE,
    ADD,
    MULTIPLY,
    MAX,
    MIN;

    float apply(float old, float other) {
      return switch (this) {
        case REPLACE -> other;
        case ADD -> old + other;
        case MULTIPLY -> old * other;
        case MAX -> Math.max(old, other);
        case MIN -> Math.min(old, other);
      };
    }
  }

  @Override
  public int[][] shapes(int[]... inputs) {
    int[] made = new Gather(kind, axis).shapes(inputs[0], inputs[1])[0];
    if (!Arrays.equals(made, inputs[2])) {
      throw new IllegalArgumentException(
          "the shape %s of the updates must be %s"
              .formatted(Arrays.toString(inputs[2]), Arrays.toString(made)));
    }
    return new int[][] {inputs[0]};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new Updates(this, inputs[0], inputs[1]);
  }

  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Updates(Scatter scatter, int[] data, int[] at) implements Operator {
    @Override
    public void run(Context context, Places in, Places out) {
      float[] b = in.array(context, 1);
      float[] updates = in.array(context, 2);
      float[] dst = out.array(context, 0);
      int to = out.offset(0);
      System.arraycopy(in.array(context, 0), in.offset(0), dst, to, Sizes.count(data));
      boolean isPlaces = scatter.kind == Gather.Kind.PLACES;
      int named = isPlaces ? at[at.length - 1] : 1;
      int[] sizes = Arrays.copyOf(data, named);
      int inner = isPlaces ? Sizes.count(data, named, data.length) : 1;
      for (int i = 0, n = Sizes.count(at) / named; i < n; i++) {
        int from = in.offset(1) + i * named;
        int place =
            isPlaces
                ? Gather.part(b, from, sizes) * inner
                : Gather.element(i, b[from], data, at, scatter.axis);
        for (int k = 0; k < inner; k++) {
          float other = updates[in.offset(2) + i * inner + k];
          dst[to + place + k] = scatter.rule.apply(dst[to + place + k], other);
        }
      }
    }

    @Override
    public String describe() {
      return scatter.name();
    }
  }
}
