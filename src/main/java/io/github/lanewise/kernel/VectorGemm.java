package io.github.lanewise.kernel;

import java.util.Arrays;

/**
 * The matrix kernel after the scheme of BLIS (Van Zee and van de Geijn 2015, doi:10.1145/2764454):
 * {@link MatrixTiles} of some rows x some vectors of columns, one plain loop over depth. With 16
 * registers 4 x 3 (12 sums, 3 weights, 1 broadcast), with 32 registers 5 x 4 (C2 keeps other values
 * in vector registers too); 6 x 2 and 8 x 1 for what these do not divide.
 *
 * <p>For rows of A in several runs there are tiles of their own: where the index reaches the end of
 * a run they jump to the next. The branch for it and the registers it wants are three instructions
 * more in 34, which cost nothing on a core of one's own, but a tenth of the time on one shared with
 * another thread. A tile of one vector has a loop over runs around its loop, which takes no longer.
 */
final class VectorGemm {

  private VectorGemm() {}

  /** The kernel for panels of so many vectors. */
  static MatrixKernel kernel(int vectors, boolean inRuns) {
    for (MatrixKernel kernel : MatrixKernel.values()) {
      if (kernel.vectors == vectors && (inRuns ? kernel.inRuns : kernel.dense)) {
        return kernel;
      }
    }
    throw new IllegalArgumentException("no tile has " + vectors + " vectors of columns");
  }

  /** Vectors of the widest panel that there are registers for. */
  static int widest(boolean inRuns) {
    int widest = 0;
    for (MatrixKernel kernel : MatrixKernel.values()) {
      if (kernel.registers <= Lanes.REGISTERS && (inRuns ? kernel.inRuns : kernel.dense)) {
        widest = Math.max(widest, kernel.vectors);
      }
    }
    return widest;
  }

  /**
   * Panel widths in vectors, wide ones first, that hold so many vectors of columns. Wide panels of
   * 3 that leave 1 over end in 2 + 2 instead.
   */
  static int[] panelVectors(int vectors, int wide) {
    int wides = vectors / wide;
    int rest = vectors % wide;
    int[] narrow = rest == 3 ? new int[] {2, 1} : rest == 0 ? new int[0] : new int[] {rest};
    if (wide == 3 && rest == 1 && wides > 0) {
      wides--;
      narrow = new int[] {2, 2};
    }
    int[] widths = new int[wides + narrow.length];
    Arrays.fill(widths, 0, wides, wide);
    System.arraycopy(narrow, 0, widths, wides, narrow.length);
    return widths;
  }

  /** {@link Kernels#gemm} with a kernel, the panel's or the small one; the bits are the same. */
  static void gemm(
      MatrixKernel kernel,
      MatrixArgs p,
      int rows,
      float[] a,
      int aOff,
      float[] c,
      int cOff,
      int ldc) {
    if (rows == 0) {
      return;
    }
    Clamp by = p.clamp();
    boolean nan = MatrixTiles.run(kernel, p, rows, a, aOff, c, cOff, ldc, by.min, by.max);
    if (by.isLost(nan)) {
      Clamp none = Clamp.NONE;
      MatrixTiles.run(kernel, p, rows, a, aOff, c, cOff, ldc, none.min, none.max);
    }
    if (by.isLeft(nan)) {
      for (int m = 0; m < rows; m++) {
        by.apply(p.columns(), c, cOff + m * ldc);
      }
    }
  }
}
