package io.github.lanewise.kernel;

import io.github.lanewise.Activation;

/**
 * The inner loops, one implementation a backend. All work on {@code float[]} with int offsets, know
 * nothing of padding, strides over an image or tensors, and check no argument beyond Java's own
 * bounds checks: {@code loops} sets them up. Stateless and thread-safe.
 *
 * <p>Layouts:
 *
 * <pre>
 * depthwise weights   [channel block][1 + taps][B]   bias first, then the taps row by row; tail
 *                                                    lanes zero (PackedDepthwise)
 * depthwise tile      [row][phase][column][B]        one channel block, staged with its zero
 *                                                    padding; columns of equal residue modulo the
 *                                                    stride together (a phase), so that neighbouring
 *                                                    outputs are B floats apart
 * matrix A (pixels)   [pixel][lda]                   as in the tensor, or gathered
 * matrix B (weights)  [column panel][1 + depth][P]   bias first; tail columns zero (PackedMatrix)
 * </pre>
 *
 * <p>Clamps: {@code lo} and {@code hi} bound a result as {@code x < lo ? lo : x > hi ? hi : x}, so
 * NaN passes; minus and plus infinity clamp nothing.
 */
public interface Kernels {

  /** {@code vector} or {@code scalar}. */
  String name();

  /** Width of a vector, 0 for scalar. */
  int vectorBits();

  /** One line: width, multiply-add, register tiles. */
  String description();

  /** The kernel that {@link #depthwise} takes for so many taps. */
  String depthwiseName(int taps);

  /** Channels that a depthwise tile holds side by side, for a tensor of so many channels. */
  int channelBlock(int channels);

  /** Columns of each panel of packed weights; together they hold so many columns or a few more. */
  int[] panelColumns(int columns);

  /**
   * Whether every row of packed weights is an array of its own. C2 turns a plain loop into vectors
   * only if it can tell that a store does not change what a later turn loads; with offsets it
   * cannot (up to JDK 25), with arrays that share the loop's index it can.
   */
  boolean rowsApart();

  /**
   * Deals pixels out to tiles of one channel block each.
   *
   * <pre>{@code
   * for (b < blocks) for (p < count) for (l < block)
   *   dst[dstOff + b * dstBlockStep + p * block + l] = src[srcOff + p * srcStep + b * block + l]
   * }</pre>
   */
  void stage(
      int count,
      int blocks,
      int block,
      float[] src,
      int srcOff,
      int srcStep,
      float[] dst,
      int dstOff,
      int dstBlockStep);

  /**
   * Collects them again, clamped.
   *
   * <pre>{@code
   * for (b < blocks) for (p < count) for (l < block)
   *   dst[dstOff + p * dstStep + b * block + l] = src[srcOff + b * srcBlockStep + p * block + l]
   * }</pre>
   */
  void store(
      int count,
      int blocks,
      int block,
      float[] src,
      int srcOff,
      int srcBlockStep,
      float[] dst,
      int dstOff,
      int dstStep,
      float lo,
      float hi);

  /**
   * Depthwise convolution of one staged channel block.
   *
   * <pre>{@code
   * for (y < rows) for (x < width) for (l < block)
   *   dst[dstOff + (y * width + x) * block + l] = w[l] + sum over t < taps of
   *       w[(1 + t) * block + l] * tile[tileOff + y * rowStep + tapOffsets[t] + x * block + l]
   * }</pre>
   *
   * @param block what {@link #channelBlock} gave for the tensor
   */
  void depthwise(
      int rows,
      int width,
      int block,
      int[] tapOffsets,
      float[] tile,
      int tileOff,
      int rowStep,
      PackedDepthwise weights,
      int blockIndex,
      float[] dst,
      int dstOff);

  /** Gathers rows of matrix A: a[aOff + m * lda + k] = src[srcOff + m * srcStep + k]. */
  void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda);

  /**
   * Multiplies rows of matrix A by one packed panel of P columns.
   *
   * <pre>{@code
   * for (m < rows) for (n < P)
   *   c[cOff + m * ldc + n] = bias[n] + sum over k < depth of a[aOff + m * lda + k] * b(k, n)
   * }</pre>
   *
   * @param sums scratch of at least P floats
   */
  void gemm(
      int rows,
      float[] a,
      int aOff,
      int lda,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums);

  /** Applies an activation in place to {@code count} floats. */
  void activate(Activation activation, int count, float[] data, int offset);

  /** data[i] += other[i]. */
  void add(int count, float[] data, int offset, float[] other, int otherOffset);
}
