package io.github.lanewise.kernel;

/**
 * How the rows of matrix A lie in an array: all alike, a constant apart, each of one or more runs
 * of as many neighbouring floats. So the receptive fields of a row of output pixels are rows of a
 * matrix where they are: a run is a kernel row, or a tap, and the rows overlap. Immutable.
 */
public final class RowOffsets {
  private final int step;
  private final int run;
  private final int[] offsets;
  private final int[] jumps;

  /**
   * Rows of one or more runs.
   *
   * @param step floats from one row to the next
   * @param run floats of a run
   * @param offsets where each run begins, from the begin of the row; 0 for the first
   */
  public RowOffsets(int step, int run, int... offsets) {
    this.step = step;
    this.run = run;
    this.offsets = offsets.clone();
    this.jumps = new int[offsets.length];
    for (int i = 1; i < offsets.length; i++) {
      jumps[i - 1] = offsets[i] - offsets[i - 1] - run;
    }
  }

  /** Floats from one row to the next. */
  public int step() {
    return step;
  }

  /** Floats of a run. */
  int run() {
    return run;
  }

  /** From the end of each run to the begin of the next; one a run, the last leads nowhere. */
  int[] jumps() {
    return jumps;
  }

  /** Where the float number {@code k} of a row lies, from the row's begin. */
  int offset(int k) {
    return offsets[k / run] + k % run;
  }
}
