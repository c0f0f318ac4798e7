package io.github.lanewise.loops;

import io.github.lanewise.kernel.MatrixArgs;

/** Scratch of one thread. Not thread-safe. */
public final class Scratch {

  /** Staged tiles, results and pixel rows; each operator divides it as it needs. */
  final float[] main;

  /** Rows of a panel, for sums and widened weights; arrays of their own for the kernels' sake. */
  final float[][] panel;

  /** A panel that is widened into the first of them. */
  final MatrixArgs widened;

  /** Allocates it. */
  public Scratch(Size size) {
    this.main = new float[size.main()];
    this.panel = new float[size.rows()][size.columns()];
    this.widened = new MatrixArgs(panel[0]);
  }

  /**
   * How much of it.
   *
   * @param main floats of the main array
   * @param rows arrays for a panel, 1 or more
   * @param columns floats of each
   */
  public record Size(int main, int rows, int columns) {

    /** Without a panel. */
    public Size(int main) {
      this(main, 1, 0);
    }

    /** Whether scratch of this size serves one who needs another. */
    public boolean covers(Size needed) {
      return main >= needed.main && rows >= needed.rows && columns >= needed.columns;
    }

    /** The smallest size that covers both. */
    public Size union(Size other) {
      return new Size(
          Math.max(main, other.main), Math.max(rows, other.rows), Math.max(columns, other.columns));
    }

    /** Bytes of it. */
    public long bytes() {
      return 4L * (main + (long) rows * columns);
    }

    @Override
    public String toString() {
      return main + " + " + rows + " x " + columns + " floats";
    }
  }
}
