package io.github.lanewise.kernel;

/**
 * How kernels want their operands, and which of them takes what: asked when a plan is made.
 *
 * <pre>
 * depthwise weights   [channel block][1 + taps][B]   bias first, then the taps row by row
 *                                                    (PackedDepthwise)
 * depthwise tile      [row][column][channels]      in the tensor, or staged with zero padding
 * matrix A (pixels)   [pixel][depth]                 in the tensor, in runs of staged rows, or
 *                                                    gathered (RowOffsets)
 * matrix B (weights)  [column panel][1 + depth][P]   bias first; tail columns zero (PackedMatrix)
 * </pre>
 */
public interface Layout {

  /** Channels that a depthwise tile holds side by side, for a tensor of so many channels. */
  int channelBlock(int channels);

  /**
   * Columns of each panel of packed weights; together they hold so many columns or a few more.
   *
   * @param inRuns whether they are for rows of A in several runs, which not every panel can meet
   */
  int[] panelColumns(int columns, boolean inRuns);

  /**
   * Whether every row of packed weights is an array of its own. C2 turns a plain loop into vectors
   * only if it can tell that a store does not change what a later turn loads; with offsets it
   * cannot (up to JDK 25), with arrays that share the loop's index it can (docs/kernels.md, R6).
   */
  boolean rowsApart();

  /** The kernel for a panel of so many columns. */
  MatrixKernel matrix(int panelColumns, boolean inRuns);

  /** The kernel for taps, and so many output columns. */
  DepthwiseKernel depthwise(DepthwiseTaps taps, int width);
}
