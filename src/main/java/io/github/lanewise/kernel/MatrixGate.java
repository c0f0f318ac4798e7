package io.github.lanewise.kernel;

import io.github.lanewise.jvm.Gate;

/**
 * Register tiles of a shallow product. Rows in runs jump seldom, as in layers, or C2 keeps in
 * registers what only jumps want.
 */
final class MatrixGate extends Gate {
  private static final int DEPTH = 4;

  private final MatrixKernel kernel;
  private final MatrixArgs seldom;
  private final MatrixArgs jumping;
  private final float[] a;
  private final float[] c;

  MatrixGate(MatrixKernel kernel, Layout layout) {
    super(kernel.label, 4, kernel.effort);
    this.kernel = kernel;
    int columns = (kernel.vectors == 0 ? 2 : kernel.vectors) * Lanes.L;
    float[] zeros = new float[columns * DEPTH];
    PackedMatrix b = new PackedMatrix(zeros, zeros, 0, columns, DEPTH, layout, kernel.inRuns);
    this.jumping =
        new MatrixArgs(new RowOffsets(DEPTH, DEPTH / 2, 0, DEPTH / 2), b, 0, Clamp.RELU6);
    // one for dense rows too has a loop over runs; the others jump before the depth ends, or not
    MatrixArgs whole = new MatrixArgs(new RowOffsets(DEPTH, 2 * DEPTH, 0), b, 0, Clamp.RELU6);
    this.seldom = kernel.dense && kernel.inRuns ? jumping : whole;
    this.a = new float[(kernel.rows + 1) * DEPTH];
    this.c = new float[(kernel.rows + 1) * columns];
  }

  /** A tile, and at times one row of the next, which takes every branch. */
  @Override
  public void call(int work) {
    int ldc = jumping.columns();
    int rows = work < 2 ? kernel.rows + 1 : kernel.rows;
    if (work < 0) {
      MatrixTiles.run(kernel, jumping, work - NONE, a, 0, c, 0, ldc, 0, 0);
    } else {
      VectorGemm.gemm(kernel, work == 0 ? jumping : seldom, rows, a, 0, c, 0, ldc);
    }
  }
}
