package io.github.lanewise.operators;

import io.github.lanewise.ConvPlan;

/**
 * One step of a network, ready to run. Immutable and thread-safe. Reads tensors and overwrites
 * others; all float32, where whole numbers and truth values are floats too (whole numbers are exact
 * up to 2^24, true is 1 and false 0), images NHWC. Results may lie in no input's range, unless it
 * {@link #worksInPlace}.
 */
public interface Operator {

  /** Computes. */
  void run(Context context, Places in, Places out);

  /** Units of work, which may be computed on any threads in any order; 1 if they may not. */
  default int units() {
    return 1;
  }

  /** Computes the units {@code [from, to)}; all there are, unless an operator has more than one. */
  default void run(Context context, Places in, Places out, int from, int to) {
    run(context, in, out);
  }

  /** Whether the first result, of the same shape then, may be the first input's range. */
  default boolean worksInPlace() {
    return false;
  }

  /** Whether the two inputs, which then have the result's shape, may be swapped. */
  default boolean commutes() {
    return false;
  }

  /** Floats of each of the {@link Context#TILES} tiles that it needs. */
  default int tile() {
    return 0;
  }

  /** Length of {@link Context#sums} that it needs. */
  default int sums() {
    return 0;
  }

  /** The plan whose scratch it needs, or null. */
  default ConvPlan plan() {
    return null;
  }

  /** Multiplications of a convolution by its definition; those of other operators do not count. */
  default long multiplications() {
    return 0;
  }

  /** Name and parameters, one line. */
  String describe();
}
