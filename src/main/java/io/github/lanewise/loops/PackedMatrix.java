package io.github.lanewise.loops;

import io.github.lanewise.kernel.Kernels;

/**
 * The weights of a matrix product by column panel, bias first (layout: {@link Kernels}), and the
 * loop over its panels. Immutable.
 */
public final class PackedMatrix {
  final int columns;
  final int depth;
  final int panel;
  private final float[] data;

  private PackedMatrix(float[] data, int columns, int depth, int panel) {
    this.data = data;
    this.columns = columns;
    this.depth = depth;
    this.panel = panel;
  }

  /**
   * Packs {@code columns} columns from {@code first} on.
   *
   * @param weights {@code [all columns][depth]}
   * @param bias {@code [all columns]}
   * @param first first column
   * @param columns columns to pack
   * @param depth rows of the matrix
   * @param panel columns of a panel
   */
  public static PackedMatrix pack(
      float[] weights, float[] bias, int first, int columns, int depth, int panel) {
    int panels = (columns + panel - 1) / panel;
    int panelFloats = Math.multiplyExact(1 + depth, panel);
    float[] data = new float[Math.multiplyExact(panels, panelFloats)];
    for (int n = 0; n < columns; n++) {
      int at = n / panel * panelFloats + n % panel;
      data[at] = bias[first + n];
      for (int k = 0; k < depth; k++) {
        data[at + (1 + k) * panel] = weights[(first + n) * depth + k];
      }
    }
    return new PackedMatrix(data, columns, depth, panel);
  }

  /** Bytes of one panel. */
  int panelBytes() {
    return 4 * (1 + depth) * panel;
  }

  /** Floats of scratch that {@link #multiply} needs for so many rows. */
  int edgeFloats(int rows) {
    return columns % panel == 0 ? 0 : rows * panel;
  }

  /**
   * Multiplies packed rows by every panel. A last panel that is not full goes through {@code edge},
   * so that no kernel writes past a row's end.
   */
  void multiply(
      Kernels kernels,
      int rows,
      float[] a,
      int aOff,
      float[] dst,
      int dstOff,
      int ldc,
      float lo,
      float hi,
      float[] edge,
      int edgeOff) {
    int panelFloats = (1 + depth) * panel;
    int full = columns / panel;
    for (int p = 0; p < full; p++) {
      kernels.gemm(
          rows, depth, panel, a, aOff, data, p * panelFloats, dst, dstOff + p * panel, ldc, lo, hi);
    }
    int rest = columns - full * panel;
    if (rest > 0) {
      kernels.gemm(
          rows, depth, panel, a, aOff, data, full * panelFloats, edge, edgeOff, panel, lo, hi);
      for (int m = 0; m < rows; m++) {
        int to = dstOff + m * ldc + full * panel;
        for (int n = 0; n < rest; n++) {
          dst[to + n] = edge[edgeOff + m * panel + n];
        }
      }
    }
  }
}
