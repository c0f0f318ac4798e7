package io.github.lanewise.loops;

import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.PackedMatrix;

/**
 * The matrix product over a range of pixels: the loops over blocks of rows, which fill half of L1
 * unless that holds too few, and over panels of weights, and what follows the last sum. Immutable.
 */
final class PixelRows {

  /** Fewer rows would stream the weights too often; more would need scratch without a gain. */
  private static final int MIN_ROWS = 60;

  private static final int MAX_ROWS = 480;

  /** A multiple of the rows of every register tile but the one of 8. */
  private static final int BLOCK_MULTIPLE = 60;

  private final Kernels kernels;
  private final PackedMatrix weights;
  private final int rowBlock;
  private final boolean edge;

  PixelRows(Kernels kernels, PackedMatrix weights, CacheSizes cache) {
    this.kernels = kernels;
    this.weights = weights;
    int fit = cache.l1() / 2 / 4 / weights.depth();
    int rounded = fit / BLOCK_MULTIPLE * BLOCK_MULTIPLE;
    this.rowBlock = Math.clamp(rounded, MIN_ROWS, MAX_ROWS);
    int padded = 0;
    for (int p = 0; p < weights.panels(); p++) {
      padded += weights.panelColumns(p);
    }
    this.edge = padded > weights.columns();
  }

  /** Pixels whose rows fill half of L2. */
  static int fit(CacheSizes cache, int depth) {
    return Math.clamp(cache.halfL2Floats() / depth, MIN_ROWS, MAX_ROWS);
  }

  /** Floats between two gathered rows: an odd number of cache lines, so that rows spread in L1. */
  static int step(int depth) {
    return (depth + 31) / 32 * 32 + 16;
  }

  /** Floats of {@code edge} that {@link #multiply} needs. */
  int edgeFloats() {
    return edge ? Math.multiplyExact(rowBlock, weights.widestPanel()) : 0;
  }

  /**
   * Multiplies {@code count} rows and finishes each block of them, {@code ldc} floats a row, while
   * it is in cache; {@link Epilogue#NONE} where these are only a part of dst's rows. A last panel
   * that is not full goes through the scratch at {@code edgeOff}, so that no kernel writes past a
   * row's end.
   */
  void multiply(
      int count,
      float[] a,
      int aOff,
      int lda,
      Scratch scratch,
      int edgeOff,
      float[] dst,
      int dstOff,
      int ldc,
      Epilogue epilogue,
      float[] residual,
      int residualOff) {
    for (int m = 0; m < count; m += rowBlock) {
      int some = Math.min(rowBlock, count - m);
      int at = m * ldc;
      multiplyBlock(
          some, a, aOff + m * lda, lda, scratch, edgeOff, dst, dstOff + at, ldc, epilogue);
      epilogue.finishClamped(kernels, some * ldc, dst, dstOff + at, residual, residualOff + at);
    }
  }

  private void multiplyBlock(
      int count,
      float[] a,
      int aOff,
      int lda,
      Scratch scratch,
      int edgeOff,
      float[] dst,
      int dstOff,
      int ldc,
      Epilogue epilogue) {
    int column = 0;
    int panels = weights.panels();
    for (int p = 0; p < (edge ? panels - 1 : panels); p++) {
      kernels.gemm(
          count,
          a,
          aOff,
          lda,
          weights,
          p,
          dst,
          dstOff + column,
          ldc,
          scratch.sums,
          epilogue.lo(),
          epilogue.hi());
      column += weights.panelColumns(p);
    }
    if (edge) {
      int width = weights.panelColumns(panels - 1);
      kernels.gemm(
          count,
          a,
          aOff,
          lda,
          weights,
          panels - 1,
          scratch.main,
          edgeOff,
          width,
          scratch.sums,
          epilogue.lo(),
          epilogue.hi());
      int rest = weights.columns() - column;
      kernels.gather(count, rest, scratch.main, edgeOff, width, dst, dstOff + column, ldc);
    }
  }
}
