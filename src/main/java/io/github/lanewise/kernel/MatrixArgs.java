package io.github.lanewise.kernel;

/**
 * What a matrix kernel is told that is alike for all rows of a plan: one panel of columns.
 * Immutable.
 *
 * @param rows how the rows of A lie; of several runs only if B is packed for those
 * @param weights B
 * @param panel which of its panels
 * @param clamp of every result
 */
public record MatrixArgs(RowOffsets rows, PackedMatrix weights, int panel, Clamp clamp) {

  /** The kernel that these are for. */
  public MatrixKernel kernel() {
    return weights.kernel(panel);
  }

  /** Columns of the panel, P. */
  public int columns() {
    return weights.panelColumns(panel);
  }

  int depth() {
    return weights.depth();
  }

  /** The panel, bias first, where rows of weights are not apart. */
  float[] array() {
    return weights.panelArray(panel);
  }
}
