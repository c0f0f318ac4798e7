package io.github.lanewise.operators;

import java.util.Arrays;

/**
 * Where the inputs or the results of an operator lie: each a range of one of the arrays of a {@link
 * Context}, as long as its shape says. Immutable.
 */
public final class Places {
  private final int[] arrays;
  private final int[] offsets;

  /**
   * Takes both arrays as they are.
   *
   * @param arrays for each the index in {@link Context#arrays}
   * @param offsets for each the index of its first value in that array
   */
  public Places(int[] arrays, int[] offsets) {
    this.arrays = arrays;
    this.offsets = offsets;
  }

  /** So many arrays, each from its start. */
  static Places whole(int first, int count) {
    int[] arrays = new int[count];
    Arrays.setAll(arrays, i -> first + i);
    return new Places(arrays, new int[count]);
  }

  /** How many there are. */
  public int count() {
    return arrays.length;
  }

  /** The array in which one lies. */
  public float[] array(Context context, int i) {
    return context.arrays[arrays[i]];
  }

  /** The index of its first value there. */
  public int offset(int i) {
    return offsets[i];
  }
}
