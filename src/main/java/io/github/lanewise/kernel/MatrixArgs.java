package io.github.lanewise.kernel;

/**
 * What a matrix kernel is told that is alike for all rows: one panel of columns. Immutable, unless
 * it is on scratch of its own, where {@link #widen} puts panel after panel.
 */
public final class MatrixArgs {
  private RowOffsets rows;
  private PackedMatrix weights;
  private int panel;
  private Clamp clamp;

  /** The panel, bias first, where rows of weights are not apart. */
  private final float[] array;

  /**
   * Of a panel as it is kept.
   *
   * @param rows how the rows of A lie; of several runs only if B is packed for those
   * @param weights B
   * @param panel which of its panels
   * @param clamp of every result
   */
  public MatrixArgs(RowOffsets rows, PackedMatrix weights, int panel, Clamp clamp) {
    this.rows = rows;
    this.weights = weights;
    this.panel = panel;
    this.clamp = clamp;
    this.array = weights.panelArray(panel);
  }

  /** On scratch, which is nobody else's. */
  public MatrixArgs(float[] array) {
    this.array = array;
  }

  /** Becomes another's, whose panel is kept as float16, but with float32 weights. */
  public void widen(MatrixArgs of) {
    this.rows = of.rows;
    this.weights = of.weights;
    this.panel = of.panel;
    this.clamp = of.clamp;
    int width = columns();
    System.arraycopy(weights.biasRow(panel), 0, array, 0, width);
    weights.widen(panel, 0, depth() * width, array, width);
  }

  /** The product of a row that lies in one run, where {@link PackedMatrix#isForOneRow}. */
  public void multiplyRow(float[] a, int aOff, float[] c, int cOff) {
    System.arraycopy(weights.biasRow(panel), 0, c, cOff, columns());
    HalfRow.add(depth(), columns(), a, aOff, weights.halves(panel), c, cOff);
    clamp.apply(columns(), c, cOff);
  }

  /** How the rows of A lie. */
  public RowOffsets rows() {
    return rows;
  }

  /** B. */
  PackedMatrix weights() {
    return weights;
  }

  /** Which of its panels. */
  int panel() {
    return panel;
  }

  /** Of every result. */
  Clamp clamp() {
    return clamp;
  }

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
    return array;
  }
}
