package io.github.lanewise.kernel;

import io.github.lanewise.Activation;
import java.util.List;

/**
 * The inner loops, one implementation a backend. All work on {@code float[]} with int offsets, know
 * nothing of padding, strides over an image or tensors, and check no argument beyond Java's own
 * bounds checks: {@code loops} sets them up. Thread-safe.
 *
 * <p>Layouts:
 *
 * <pre>
 * depthwise weights   [channel block][1 + taps][B]   bias first, then the taps row by row
 *                                                    (PackedDepthwise)
 * depthwise tile      [row][column][channels]      in the tensor, or staged with zero padding
 * matrix A (pixels)   [pixel][depth]                 in the tensor, in runs of staged rows, or
 *                                                    gathered (MatrixRows)
 * matrix B (weights)  [column panel][1 + depth][P]   bias first; tail columns zero (PackedMatrix)
 * </pre>
 *
 * <p>Clamps: {@code lo} and {@code hi} bound a result as {@code Math.min(Math.max(x, lo), hi)}, so
 * NaN passes; minus and plus infinity clamp nothing.
 */
public interface Kernels {

  /** An edge of the inputs of {@link #depthwise} that is padding and not there: the first row. */
  int TOP = 1;

  /** The last row. */
  int BOTTOM = 2;

  /** The first column. */
  int LEFT = 4;

  /** The last column. */
  int RIGHT = 8;

  /** {@code vector} or {@code scalar}. */
  String name();

  /** Width of a vector, 0 for scalar. */
  int vectorBits();

  /** One line: width, multiply-add, register tiles. */
  String description();

  /** The kernel that {@link #depthwise} takes for these taps. */
  String depthwiseName(DepthwiseTaps taps);

  /** Channels that a depthwise tile holds side by side, for a tensor of so many channels. */
  int channelBlock(int channels);

  /**
   * Columns of each panel of packed weights; together they hold so many columns or a few more.
   *
   * @param inRuns whether they are for rows of A in several runs, which not every panel can meet
   */
  int[] panelColumns(int columns, boolean inRuns);

  /**
   * Rows of A in several runs that {@link #gemm} computes at once with a panel of so many columns,
   * and takes as long for fewer; 0 if it does not meet such rows.
   */
  int rowsInRuns(int panelColumns);

  /**
   * Whether every row of packed weights is an array of its own. C2 turns a plain loop into vectors
   * only if it can tell that a store does not change what a later turn loads; with offsets it
   * cannot (up to JDK 25), with arrays that share the loop's index it can.
   */
  boolean rowsApart();

  /**
   * Output columns that {@link #depthwise} computes at once for these taps. Of fewer columns it
   * reads, and ignores, inputs as if there were as many; it writes none of the others.
   */
  int depthwiseColumns(DepthwiseTaps taps);

  /**
   * Whether it can do without an edge of padding for these taps, given as many columns. An edge
   * below is that of two rows that share inputs.
   */
  boolean depthwiseSkipsPadding(DepthwiseTaps taps);

  /**
   * Depthwise convolution of one or two output rows, some channel blocks.
   *
   * <pre>{@code
   * for (y < taps.rows()) for (x < width) for (firstBlock <= b < endBlock) for (l < B)
   *   dst[dstOff + y * dstRow + x * dstStep + c(b) + l] = clamp(w(b, 0)[l] + sum over t of
   *       w(b, 1 + t)[l] * tile[tileOff + taps(y, t) + x * step + c(b) - c(firstBlock) + l])
   * }</pre>
   *
   * where c(b) is {@link PackedDepthwise#firstChannel} and what is not a parameter is of the rows.
   *
   * @param edges {@link #TOP} and so on: the inputs there are not read and add nothing, as zeros
   *     would with {@link PackedDepthwise#isFinite} weights; only where {@link
   *     #depthwiseSkipsPadding} allows it
   */
  void depthwise(
      DepthwiseRows rows,
      int edges,
      float[] tile,
      int tileOff,
      int firstBlock,
      int endBlock,
      float[] dst,
      int dstOff);

  /** Copies rows: a[aOff + m * lda + k] = src[srcOff + m * srcStep + k] for k < depth. */
  void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda);

  /**
   * Multiplies rows of matrix A by one packed panel of P columns.
   *
   * <pre>{@code
   * for (m < rows) for (n < P)
   *   c[cOff + m * ldc + n] = clamp(bias[n] + sum over k < depth of
   *       a[aOff + m * aRows.step() + aRows.offset(k)] * b(k, n))
   * }</pre>
   *
   * @param aRows how the rows of A lie; of several runs only if b is packed for those
   * @param sums scratch of at least P floats
   */
  void gemm(
      int rows,
      float[] a,
      int aOff,
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums,
      float lo,
      float hi);

  /** Applies an activation in place to {@code count} floats. */
  void activate(Activation activation, int count, float[] data, int offset);

  /** data[i] += other[i]. */
  void add(int count, float[] data, int offset, float[] other, int otherOffset);

  /** data[i] = Math.max(data[i], other[i]). */
  void max(int count, float[] data, int offset, float[] other, int otherOffset);

  /** A plan that is being made will multiply by these. */
  default void planned(PackedMatrix b) {}

  /** A plan that is being made has rows with such taps. */
  default void planned(DepthwiseTaps taps) {}

  /** A plan that is being made has an activation that is a pass of its own. */
  default void planned(Activation activation) {}

  /** Whether no other code stands in for them, for what was planned or asked for so far. */
  default boolean isWarm() {
    return true;
  }

  /**
   * Has the JVM compile what other code stands in for, for a millisecond at most.
   *
   * @return false if there was nothing to do at this moment
   */
  default boolean warmUp() {
    return false;
  }

  /** The kernels that other code stands in for. */
  default List<String> waiting() {
    return List.of();
  }
}
