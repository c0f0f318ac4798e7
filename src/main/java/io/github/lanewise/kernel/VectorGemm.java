package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.F;
import static io.github.lanewise.kernel.Lanes.L;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.Arrays;

/**
 * The matrix kernel after the scheme of BLIS (Van Zee and van de Geijn 2015, doi:10.1145/2764454):
 * {@link MatrixTiles} of some rows x some vectors of columns, one plain loop over depth. With 16
 * registers 4 x 3 (12 sums, 3 weights, 1 broadcast), with 32 registers 5 x 4 (C2 keeps other values
 * in vector registers too); 6 x 2 and 8 x 1 for what these do not divide.
 *
 * <p>The tiles' loops count in floats of the weights, whose checks C2 then moves out of the loop,
 * and walk A by a step that only run time knows to be 1. So C2 keeps the bounds check of every
 * broadcast in the loop, and with it the order in which the broadcasts stand there: one is alive at
 * a time. Without these checks it moves all of them to the top of the loop, runs out of registers
 * and spills sums. A check that is never taken costs one fused instruction.
 *
 * <p>A tile has an upper and a lower half of rows. Both share the offsets of their rows, which
 * saves general registers, and overlap where the rows left are fewer than the tile's. The tiles for
 * 16 registers have the loop over tiles inside, which saves some 100 instructions a tile.
 *
 * <p>For rows of A in several runs ({@link MatrixRows}) there are tiles of their own: where the
 * index reaches the end of a run they jump to the next. The branch for it and the registers it
 * wants are three instructions more in 34, which cost nothing on a core of one's own, but a tenth
 * of the time on one shared with another thread. A tile of one vector has a loop over runs around
 * its loop, which takes no longer.
 */
final class VectorGemm {

  /** Vectors of the widest panel for rows in runs. */
  static final int WIDEST_IN_RUNS = 3;

  /** For calls without work. */
  private static final float[] ANY = {};

  private static final int[] NO_JUMP = {};

  private VectorGemm() {}

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

  /** Rows of the register tile for panels of so many vectors. */
  static int tileRows(int vectors) {
    return switch (vectors) {
      case 1 -> 8;
      case 2 -> 6;
      case 3 -> 4;
      default -> 5;
    };
  }

  /**
   * {@link Kernels#gemm}, a register tile at a time, the small one for all panels if that is asked
   * for; the bits are the same. Clamps as {@link VectorDepthwise} does: on the bits where they say
   * it all, and once more in a pass of its own where NaN came out.
   */
  static void gemm(
      boolean small,
      int rows,
      float[] a,
      int aOff,
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float lo,
      float hi) {
    if (rows == 0) {
      return;
    }
    int min = VectorActivation.lowerBits(lo);
    int max = VectorActivation.upperBits(lo, hi);
    boolean nan = tiles(small, rows, a, aOff, aRows, b, panel, c, cOff, ldc, min, max);
    boolean again = nan && min > Integer.MIN_VALUE;
    if (again) {
      int all = Integer.MIN_VALUE;
      tiles(small, rows, a, aOff, aRows, b, panel, c, cOff, ldc, all, Integer.MAX_VALUE);
    }
    if (again || VectorActivation.isLeftByBits(lo, hi)) {
      for (int m = 0; m < rows; m++) {
        ScalarMath.clamp(lo, hi, b.panelColumns(panel), c, cOff + m * ldc);
      }
    }
  }

  /** Calls the tile for panels of so many vectors without work. */
  static void idle(int vectors, boolean inRuns) {
    switch (inRuns ? -vectors : vectors) {
      case -3 -> MatrixTiles.gemm4x3vRuns(0, 0, ANY, 0, 0, 0, NO_JUMP, ANY, ANY, 0, 0, 0, 0);
      case -2 -> MatrixTiles.gemm6x2vRuns(0, 0, ANY, 0, 0, 0, NO_JUMP, ANY, ANY, 0, 0, 0, 0);
      case -1, 1 -> MatrixTiles.gemm8x1v(0, 0, ANY, 0, 0, 0, NO_JUMP, ANY, ANY, 0, 0, 0, 0);
      case 2 -> MatrixTiles.gemm6x2v(0, 0, ANY, 0, 0, ANY, ANY, 0, 0, 0, 0);
      case 3 -> MatrixTiles.gemm4x3v(0, 0, ANY, 0, 0, ANY, ANY, 0, 0, 0, 0);
      default -> MatrixTiles.gemm5x4v(0, 0, ANY, 0, 0, ANY, ANY, 0, 0, 0, 0);
    }
  }

  /** Whether the sum of all results is NaN. */
  private static boolean tiles(
      boolean small,
      int rows,
      float[] a,
      int aOff,
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      int min,
      int max) {
    int depth = b.depth();
    float[] w = b.panelArray(panel);
    int vectors = b.panelColumns(panel) / L;
    int lda = aRows.step();
    int run = aRows.run();
    int[] jumps = aRows.jumps();
    if (small) {
      int n = vectors * L;
      return MatrixTiles.gemm4x1(
          rows, depth, n, a, aOff, lda, run, jumps, w, c, cOff, ldc, min, max);
    }
    if (vectors == 2) {
      return b.inRuns()
          ? MatrixTiles.gemm6x2vRuns(
              rows, depth, a, aOff, lda, run, jumps, w, c, cOff, ldc, min, max)
          : MatrixTiles.gemm6x2v(rows, depth, a, aOff, lda, w, c, cOff, ldc, min, max);
    }
    if (vectors == 3) {
      return b.inRuns()
          ? MatrixTiles.gemm4x3vRuns(
              rows, depth, a, aOff, lda, run, jumps, w, c, cOff, ldc, min, max)
          : MatrixTiles.gemm4x3v(rows, depth, a, aOff, lda, w, c, cOff, ldc, min, max);
    }
    if (vectors == 1) {
      return MatrixTiles.gemm8x1v(rows, depth, a, aOff, lda, run, jumps, w, c, cOff, ldc, min, max);
    }
    boolean nan = false;
    for (int m = 0; m < rows; m += 5) {
      nan |=
          MatrixTiles.gemm5x4v(
              rows - m, depth, a, aOff + m * lda, lda, w, c, cOff + m * ldc, ldc, min, max);
    }
    return nan;
  }

  // for (m < rows) for (l < 4 * L) a[aOff + m * lda + l] = src[srcOff + m * srcStep + l]
  static void gather4v(
      int rows, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    int from = srcOff;
    for (int m = 0; m < rows; m++) {
      fromArray(F, src, from).intoArray(a, aOff + m * lda);
      fromArray(F, src, from + L).intoArray(a, aOff + m * lda + L);
      fromArray(F, src, from + 2 * L).intoArray(a, aOff + m * lda + 2 * L);
      fromArray(F, src, from + 3 * L).intoArray(a, aOff + m * lda + 3 * L);
      from += srcStep;
    }
  }

  // for (m < rows) for (l < L) a[aOff + m * lda + l] = src[srcOff + m * srcStep + l]
  static void gather1v(
      int rows, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int t = 1; t <= Gate.TURNS; t++) {
      Gate.leaveIfNone(t);
    }
    Gate.leaveIfNone(rows);
    int from = srcOff;
    for (int m = 0; m < rows; m++) {
      fromArray(F, src, from).intoArray(a, aOff + m * lda);
      from += srcStep;
    }
  }
}
