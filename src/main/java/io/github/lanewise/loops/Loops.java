package io.github.lanewise.loops;

/**
 * The loops around the kernels of one operator: how its output rows fall into ranges, and what is
 * done for one. Immutable and thread-safe; every range may run on any thread, in any order, and
 * gives the same bits however the rows are split.
 */
public interface Loops {

  /** Row ranges, 1 or more. */
  int units();

  /** Scratch that one thread needs. */
  Scratch.Size scratch();

  /** Computes one range. Arguments are checked; {@code residual} is null where there is none. */
  void run(
      int unit,
      float[] src,
      int srcOffset,
      float[] residual,
      int residualOffset,
      float[] dst,
      int dstOffset,
      Scratch scratch);

  /** The same of a source that is NCHW, or null where such a one is better brought in order. */
  default Loops ofPlanes() {
    return null;
  }

  /** Kernels, tiles and why, one line. */
  String describe();
}
