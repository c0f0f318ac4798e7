// Written by src/build/Tiles.java from its tables: change those, then mvn initialize -Pformat
package io.github.lanewise.kernel;

/** The matrix kernels: register tiles, and what plain Java has. */
public enum MatrixKernel {

  /** 4 rows x 3 vectors. */
  GEMM4X3V("gemm4x3v", 4, 3, 16, true, false, 5),
  /** 6 rows x 2 vectors. */
  GEMM6X2V("gemm6x2v", 6, 2, 16, true, false, 5),
  /** 5 rows x 4 vectors. */
  GEMM5X4V("gemm5x4v", 5, 4, 32, true, false, 5),
  /** 8 rows x 1 vectors. */
  GEMM8X1V("gemm8x1v", 8, 1, 16, true, true, 5),
  /** 4 rows x 3 vectors. */
  GEMM4X3V_RUNS("gemm4x3vRuns", 4, 3, 16, false, true, 5),
  /** 6 rows x 2 vectors. */
  GEMM6X2V_RUNS("gemm6x2vRuns", 6, 2, 16, false, true, 5),
  /** 4 rows x panels of any width. */
  GEMM4X1("gemm4x1", 4, 0, 16, true, true, 1),
  /** A row, eight steps of depth at once. */
  AXPY8("axpy8", 1, 0, 0, true, false, 0);

  /** Of the kernel. */
  final String label;

  /** Rows of A at once. */
  final int rows;

  /** Of columns; 0 for panels of any width. */
  final int vectors;

  /** Of vectors that it needs. */
  final int registers;

  /** Whether it is for rows of one run. */
  final boolean dense;

  /** Whether it is for rows of several. */
  final boolean inRuns;

  /** C2's time for it; 1 for a small one that stands in for others; 0 for none. */
  final int effort;

  MatrixKernel(
      String label,
      int rows,
      int vectors,
      int registers,
      boolean dense,
      boolean inRuns,
      int effort) {
    this.label = label;
    this.rows = rows;
    this.vectors = vectors;
    this.registers = registers;
    this.dense = dense;
    this.inRuns = inRuns;
    this.effort = effort;
  }

  @Override
  public String toString() {
    return label;
  }

  /** Rows of A in several runs at once, as long for fewer; 0 if it is not for such rows. */
  public int rowsInRuns() {
    return inRuns ? rows : 0;
  }

  /** What a jump from a run to the next one takes, for all of these rows. */
  public int cyclesOfJump() {
    return dense ? 26 : 3;
  }
}
