package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/**
 * For each index of the first input a row with the second of two values, which are the second
 * input, at that index and the first elsewhere.
 *
 * @param axis of the result along which the rows lie
 * @param depth how long they are; an index below 0 counts from the end, one out of range is nowhere
 */
public record OneHot(int axis, int depth) implements Operation {

  @Override
  public int[][] shapes(int[]... inputs) {
    int[] at = inputs[0];
    if (depth < 1 || axis < 0 || axis > at.length || !Arrays.equals(inputs[1], new int[] {2})) {
      throw new IllegalArgumentException(
          "axis %d of indices %s, depth %d and values %s do not fit"
              .formatted(axis, Arrays.toString(at), depth, Arrays.toString(inputs[1])));
    }
    int[] out = Arrays.copyOf(at, at.length + 1);
    System.arraycopy(at, axis, out, axis + 1, at.length - axis);
    out[axis] = depth;
    return new int[][] {out};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    int[] at = inputs[0];
    return new Rows(depth, Sizes.count(at, 0, axis), Sizes.count(at, axis, at.length));
  }

  private record Rows(int depth, int outer, int inner) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      float on = b[bOff + 1];
      Arrays.fill(dst, dstOff, dstOff + outer * depth * inner, b[bOff]);
      for (int i = 0; i < outer * inner; i++) {
        int index = (int) a[aOff + i];
        index = index < 0 ? index + depth : index;
        if (index >= 0 && index < depth) {
          dst[dstOff + (i / inner * depth + index) * inner + i % inner] = on;
        }
      }
    }

    @Override
    public String describe() {
      return "one hot";
    }
  }
}
