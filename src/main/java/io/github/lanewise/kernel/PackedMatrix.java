package io.github.lanewise.kernel;

import io.github.lanewise.WeightFormat;
import io.github.lanewise.jvm.SharedArrays;
import java.util.Arrays;
import java.util.Locale;

/**
 * Weights of a matrix product by column panel, bias first (layout: {@link Layout}). Those that are
 * kept as float16 are widened to scratch before kernels read them. Immutable.
 */
public final class PackedMatrix {
  private final int columns;
  private final int depth;
  private final boolean rowsApart;
  private final boolean isForOneRow;
  private final int[] panels;
  private final MatrixKernel[] kernels;

  /** Panels, or their rows where these are apart; of halves the bias alone. */
  private final float[][] data;

  /** Panels as float16 without bias, or null. */
  private final short[][] halves;

  /** Packs weights as float32. */
  public PackedMatrix(
      float[] weights,
      float[] bias,
      int first,
      int columns,
      int depth,
      Layout layout,
      boolean inRuns) {
    this(weights, bias, first, columns, depth, WeightFormat.FLOAT32, layout, inRuns, false);
  }

  /**
   * Packs {@code columns} columns from {@code first} on.
   *
   * @param weights {@code [all columns][depth]}
   * @param bias {@code [all columns]}
   * @param first first column
   * @param columns columns to pack
   * @param depth rows of the matrix
   * @param format how weights are kept
   * @param layout decides width and kernels of the panels
   * @param inRuns whether the rows of A may be in several runs
   * @param oneRow whether A has one row, in one run
   */
  public PackedMatrix(
      float[] weights,
      float[] bias,
      int first,
      int columns,
      int depth,
      WeightFormat format,
      Layout layout,
      boolean inRuns,
      boolean oneRow) {
    this.columns = columns;
    this.depth = depth;
    this.rowsApart = layout.rowsApart();
    boolean isHalf = format == WeightFormat.FLOAT16;
    this.isForOneRow = oneRow && isHalf && !rowsApart;
    this.panels =
        isForOneRow ? HalfRow.panelColumns(columns) : layout.panelColumns(columns, inRuns);
    this.kernels = new MatrixKernel[panels.length];
    int kept = isHalf ? 1 : 1 + depth;
    float[][] packed = new float[rowsApart ? panels.length * kept : panels.length][];
    short[][] packedHalves = isHalf ? new short[panels.length][] : null;
    int column = 0;
    for (int p = 0; p < panels.length; p++) {
      kernels[p] = isForOneRow ? MatrixKernel.AXPY8 : layout.matrix(panels[p], inRuns);
      int width = panels[p];
      int count = Math.min(width, columns - column);
      int size = Math.multiplyExact(1 + depth, width);
      float[] panel = new float[isHalf ? width : size];
      short[] half = isHalf ? new short[size - width] : null;
      for (int n = 0; n < count; n++) {
        int from = first + column + n;
        panel[n] = bias[from];
        if (isHalf) {
          putHalves(half, n, width, weights, from * depth, depth);
        } else {
          put(panel, width + n, width, weights, from * depth, depth);
        }
      }
      for (int row = 0; rowsApart && row < kept; row++) {
        packed[p * kept + row] = Arrays.copyOfRange(panel, row * width, (row + 1) * width);
      }
      if (!rowsApart) {
        packed[p] = panel;
      }
      if (isHalf) {
        packedHalves[p] = half;
      }
      column += count;
    }
    this.data = SharedArrays.of(packed);
    this.halves = isHalf ? SharedArrays.of(packedHalves) : null;
  }

  private PackedMatrix(PackedMatrix other, int[] order) {
    this.columns = other.columns;
    this.depth = other.depth;
    this.rowsApart = other.rowsApart;
    this.isForOneRow = other.isForOneRow;
    this.panels = other.panels;
    this.kernels = other.kernels;
    boolean isHalf = other.halves != null;
    float[][] packed = other.data.clone();
    short[][] packedHalves = isHalf ? other.halves.clone() : null;
    for (int p = 0; p < panels.length; p++) {
      packed[p] = packed[p].clone();
      for (int k = 0; k < depth && !isHalf; k++) {
        int width = panels[p];
        System.arraycopy(other.data[p], (1 + order[k]) * width, packed[p], (1 + k) * width, width);
      }
      if (isHalf) {
        packedHalves[p] = reordered(other.halves[p], order, panels[p]);
      }
    }
    this.data = SharedArrays.of(packed);
    this.halves = isHalf ? SharedArrays.of(packedHalves) : null;
  }

  private static short[] reordered(short[] panel, int[] order, int width) {
    short[] to = new short[panel.length];
    for (int k = 0; k < order.length; k++) {
      System.arraycopy(panel, order[k] * width, to, k * width, width);
    }
    return to;
  }

  /** The same with rows of the matrix in another order, where they are not apart. */
  public PackedMatrix reordered(int[] order) {
    return new PackedMatrix(this, order);
  }

  /** One column; a method of its own, which C2 compiles sooner than what calls it. */
  private static void put(float[] panel, int at, int step, float[] weights, int from, int depth) {
    for (int k = 0; k < depth; k++) {
      panel[at + k * step] = weights[from + k];
    }
  }

  private static void putHalves(
      short[] panel, int at, int step, float[] weights, int from, int depth) {
    for (int k = 0; k < depth; k++) {
      panel[at + k * step] = Float.floatToFloat16(weights[from + k]);
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

  /** Whether {@link MatrixArgs#multiplyRow} multiplies by a panel, and no kernel. */
  public boolean isForOneRow() {
    return isForOneRow;
  }

  /** Whether kernels multiply by what {@link MatrixArgs#widen} makes of a panel. */
  public boolean isWidened() {
    return halves != null && !rowsApart && !isForOneRow;
  }

  /** Rows of scratch that a product needs: for sums, and for as many rows as it widens at once. */
  public int scratchRows() {
    return halves != null && rowsApart ? 1 + ScalarKernels.DEPTH_BLOCK : 1;
  }

  /** Floats of each of these rows. */
  public int scratchFloats() {
    return isWidened() ? Math.multiplyExact(1 + depth, panels[0]) : panels[0];
  }

  /** One panel, bias first, where rows are not apart and not widened. */
  float[] panelArray(int panel) {
    return data[panel];
  }

  /** The bias of a panel, where it is an array of its own. */
  float[] biasRow(int panel) {
    return data[halves == null ? panel * (1 + depth) : panel];
  }

  /** Where the rows of a panel are that {@link #rows} tells, where rows are apart. */
  float[][] rowArrays(float[][] scratch) {
    return halves == null ? data : scratch;
  }

  /**
   * Where in these arrays some rows of a panel begin, which are widened if they must be.
   *
   * @param scratch for rows that are widened, after its first
   */
  int rows(int panel, int from, int end, float[][] scratch) {
    if (halves == null) {
      return panel * (1 + depth) + 1 + from;
    }
    int width = panels[panel];
    for (int k = from; k < end; k++) {
      widen(panel, k * width, width, scratch[1 + k - from], 0);
    }
    return 1;
  }

  /** A panel without bias, of weights that are kept as float16. */
  short[] halves(int panel) {
    return halves[panel];
  }

  /** Widens some values of a panel. */
  void widen(int panel, int from, int count, float[] to, int at) {
    widen(halves[panel], from, count, to, at);
  }

  /** Without a branch, so that C2 makes vectors of it. */
  private static void widen(short[] halves, int from, int count, float[] to, int at) {
    for (int i = 0; i < count; i++) {
      to[at + i] = Float.float16ToFloat(halves[from + i]);
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "depth %d, panels of %s columns%s (%d KiB)",
        depth,
        Arrays.stream(panels).distinct().boxed().toList(),
        halves == null ? "" : isForOneRow ? " as float16 for one row" : " as float16",
        ((halves == null ? 4L * (1 + depth) : 4L + 2L * depth) * panels[0]) >> 10);
  }
}
