package io.github.lanewise.kernel;

import java.util.Arrays;
import java.util.Locale;

/** Weights of a matrix product by column panel, bias first (layout: {@link Layout}). Immutable. */
public final class PackedMatrix {
  private final float[][] data;
  private final int columns;
  private final int depth;
  private final int[] panels;
  private final MatrixKernel[] kernels;

  /**
   * Packs {@code columns} columns from {@code first} on.
   *
   * @param weights {@code [all columns][depth]}
   * @param bias {@code [all columns]}
   * @param first first column
   * @param columns columns to pack
   * @param depth rows of the matrix
   * @param layout decides width and kernels of the panels
   * @param inRuns whether the rows of A may be in several runs
   */
  public PackedMatrix(
      float[] weights,
      float[] bias,
      int first,
      int columns,
      int depth,
      Layout layout,
      boolean inRuns) {
    this.columns = columns;
    this.depth = depth;
    this.panels = layout.panelColumns(columns, inRuns);
    this.kernels = new MatrixKernel[panels.length];
    boolean rowsApart = layout.rowsApart();
    float[][] packed = new float[rowsApart ? panels.length * (1 + depth) : panels.length][];
    int column = 0;
    for (int p = 0; p < panels.length; p++) {
      kernels[p] = layout.matrix(panels[p], inRuns);
      int count = Math.min(panels[p], columns - column);
      float[] panel = new float[Math.multiplyExact(1 + depth, panels[p])];
      for (int n = 0; n < count; n++) {
        int from = first + column + n;
        panel[n] = bias[from];
        put(panel, n, panels[p], weights, from * depth, depth);
      }
      for (int row = 0; rowsApart && row <= depth; row++) {
        int at = row * panels[p];
        packed[p * (1 + depth) + row] = Arrays.copyOfRange(panel, at, at + panels[p]);
      }
      if (!rowsApart) {
        packed[p] = panel;
      }
      column += count;
    }
    this.data = SharedArrays.of(packed);
  }

  /** One column; a method of its own, which C2 compiles sooner than what calls it. */
  private static void put(float[] panel, int n, int step, float[] weights, int from, int depth) {
    for (int k = 0; k < depth; k++) {
      panel[(1 + k) * step + n] = weights[from + k];
    }
  }

  /** Columns of the matrix. */
  public int columns() {
    return columns;
  }

  /** Rows of the matrix. */
  public int depth() {
    return depth;
  }

  /** How many panels. */
  public int panels() {
    return panels.length;
  }

  /** Columns of a panel, those past the matrix's last included. */
  public int panelColumns(int panel) {
    return panels[panel];
  }

  /** The kernel for a panel. */
  MatrixKernel kernel(int panel) {
    return kernels[panel];
  }

  /** Columns of the widest panel. */
  public int widestPanel() {
    return panels[0];
  }

  /** One panel, bias first, where rows are not apart. */
  float[] panelArray(int panel) {
    return data[panel];
  }

  /** One row of a panel, -1 for the bias, where rows are apart. */
  float[] row(int panel, int row) {
    return data[panel * (1 + depth) + 1 + row];
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "depth %d, panels of %s columns (%d KiB)",
        depth,
        Arrays.stream(panels).distinct().boxed().toList(),
        (4L * (1 + depth) * panels[0]) >> 10);
  }
}
