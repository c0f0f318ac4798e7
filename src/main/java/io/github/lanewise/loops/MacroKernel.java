package io.github.lanewise.loops;

import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.MatrixArgs;
import io.github.lanewise.kernel.PackedMatrix;
import io.github.lanewise.kernel.RowOffsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The matrix product over a range of pixels: the loops over blocks of rows, which fill half of L1
 * unless that holds too few, over panels of weights, and over lines of pixels that lie evenly
 * apart, and what follows the last sum. Immutable.
 */
final class MacroKernel {

  /** Fewer would stream the weights too often. */
  static final int MIN_ROWS = 60;

  /** More would need scratch without a gain. */
  static final int MAX_ROWS = 480;

  /** A multiple of the rows of every register tile but the one of 8. */
  private static final int BLOCK_MULTIPLE = 60;

  private final Kernels kernels;
  private final PackedMatrix weights;
  private final RowOffsets rows;
  private final Epilogue epilogue;
  private final MatrixArgs[] panels;

  /** Pixels of a line: those that lie {@code rows.step()} floats apart. */
  private final int width;

  /** Floats from one line to the next. */
  private final int widthStep;

  private final int rowBlock;
  private final boolean edge;

  /**
   * Of pixels that all lie {@code step} floats apart. The epilogue is {@link Epilogue#NONE} where
   * these are only a part of dst's rows.
   */
  MacroKernel(
      Kernels kernels, PackedMatrix weights, Epilogue epilogue, CacheSizes cache, int step) {
    this(
        kernels,
        weights,
        epilogue,
        cache,
        new RowOffsets(step, weights.depth(), 0),
        block(cache, weights),
        block(cache, weights) * step);
  }

  /** Of lines of {@code width} pixels, {@code widthStep} floats apart. */
  MacroKernel(
      Kernels kernels,
      PackedMatrix weights,
      Epilogue epilogue,
      CacheSizes cache,
      RowOffsets rows,
      int width,
      int widthStep) {
    this.kernels = kernels;
    this.weights = weights;
    this.rows = rows;
    this.epilogue = epilogue;
    this.panels = new MatrixArgs[weights.panels()];
    Arrays.setAll(panels, p -> new MatrixArgs(rows, weights, p, epilogue.clamp()));
    this.width = width;
    this.widthStep = widthStep;
    int block = block(cache, weights);
    this.rowBlock = width < block ? Math.ceilDiv(block, width) * width : block;
    int padded = 0;
    for (MatrixArgs panel : panels) {
      padded += panel.columns();
      if (!weights.isForOneRow()) {
        kernels.planned(panel);
      }
    }
    this.edge = padded > weights.columns();
  }

  /** Of weights that are widened what L2 has room for, so that each panel is widened less often. */
  private static int block(CacheSizes cache, PackedMatrix weights) {
    int depth = weights.depth();
    int fit = weights.isWidened() ? fit(cache, depth) : cache.l1() / 2 / 4 / depth;
    int rounded = fit / BLOCK_MULTIPLE * BLOCK_MULTIPLE;
    return Math.clamp(rounded, MIN_ROWS, MAX_ROWS);
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

  /** Scratch with so many floats in its main array. */
  Scratch.Size scratch(int main) {
    return new Scratch.Size(main, weights.scratchRows(), weights.scratchFloats());
  }

  /** Which weights, and how many rows are multiplied by each panel of them in turn. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "matrix %s%s, blocks of %d rows",
        weights,
        edge ? ", the last through scratch" : "",
        rowBlock);
  }

  /**
   * Multiplies {@code count} pixels' rows, from the first of a line on, and finishes each block of
   * them, {@code ldc} floats a row, while it is in cache. A last panel that is not full goes
   * through the scratch at {@code edgeOff}, so that no kernel writes past a row's end.
   */
  void multiply(
      int count,
      float[] a,
      int aOff,
      Scratch scratch,
      int edgeOff,
      float[] dst,
      int dstOff,
      int ldc,
      float[] residual,
      int residualOff) {
    for (int m = 0; m < count; m += rowBlock) {
      int some = Math.min(rowBlock, count - m);
      int at = m * ldc;
      multiplyBlock(m, some, a, aOff, scratch, edgeOff, dst, dstOff + at, ldc);
      epilogue.finishClamped(kernels, some * ldc, dst, dstOff + at, residual, residualOff + at);
    }
  }

  private void multiplyBlock(
      int first,
      int count,
      float[] a,
      int aOff,
      Scratch scratch,
      int edgeOff,
      float[] dst,
      int dstOff,
      int ldc) {
    int column = 0;
    int last = panels.length - 1;
    for (int p = 0; p < (edge ? last : last + 1); p++) {
      int to = dstOff + column;
      multiplyPanel(first, count, a, aOff, panels[p], dst, to, ldc, scratch);
      column += panels[p].columns();
    }
    if (edge) {
      int columns = panels[last].columns();
      float[] main = scratch.main;
      multiplyPanel(first, count, a, aOff, panels[last], main, edgeOff, columns, scratch);
      int rest = weights.columns() - column;
      kernels.gather(count, rest, main, edgeOff, columns, dst, dstOff + column, ldc);
    }
  }

  /** A block by one panel, which stays in cache from line to line. */
  private void multiplyPanel(
      int first,
      int count,
      float[] a,
      int aOff,
      MatrixArgs panel,
      float[] c,
      int cOff,
      int ldc,
      Scratch scratch) {
    if (weights.isForOneRow()) {
      panel.multiplyRow(a, aOff, c, cOff);
      return;
    }
    MatrixArgs args = panel;
    if (weights.isWidened()) {
      args = scratch.widened;
      args.widen(panel);
    }
    int end = first + count;
    for (int m = first, some; m < end; m += some) {
      int column = m % width;
      some = Math.min(width - column, end - m);
      int from = aOff + m / width * widthStep + column * rows.step();
      kernels.gemm(args, some, a, from, c, cOff + (m - first) * ldc, ldc, scratch.panel);
    }
  }
}
