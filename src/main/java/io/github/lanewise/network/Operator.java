package io.github.lanewise.network;

import io.github.lanewise.ConvPlan;

/**
 * One step of a network, ready to run. Immutable and thread-safe. Reads one or two tensors and
 * overwrites a third, or a part of it; all NHWC, each a range of some array that is as long as its
 * shape says.
 */
interface Operator {

  /** Computes; {@code b} is null where there is no second input. */
  void run(Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff);

  /** Whether the output may be the first input's range. */
  default boolean worksInPlace() {
    return false;
  }

  /** Whether the two inputs, which then have the output's shape, may be swapped. */
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
