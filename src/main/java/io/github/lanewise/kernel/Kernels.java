package io.github.lanewise.kernel;

import io.github.lanewise.Activation;

/**
 * The inner loops, one implementation a backend. All work on {@code float[]} with int offsets, know
 * nothing of padding, strides over an image or tensors, and check no argument beyond Java's own
 * bounds checks: {@code loops} sets them up. Stateless and thread-safe.
 *
 * <p>Packed layouts, made by {@code loops.PackedDepthwise}, {@code loops.PackedMatrix} and {@link
 * #pack}:
 *
 * <pre>
 * depthwise weights   [channel block][1 + taps][B]      bias first, then the taps row by row;
 *                                                       B = channelBlock(), tail lanes zero
 * depthwise tile      [row][phase][column][B]           one channel block, staged with its zero
 *                                                       padding; columns of equal residue modulo
 *                                                       the stride together (a phase), so that
 *                                                       neighbouring outputs are B floats apart
 * matrix B (weights)  [column panel][1 + depth][P]      bias first; P = panelColumns(), tail zero
 * matrix A (pixels)   [row group][depth][4]             ROWS pixels side by side, so that the hot
 *                                                       loop reads them at constant offsets
 * </pre>
 *
 * <p>Clamps: {@code lo} and {@code hi} bound a result as {@code x < lo ? lo : x > hi ? hi : x}, so
 * NaN passes; minus and plus infinity clamp nothing.
 */
public interface Kernels {

  /** Rows (pixels) of one group of packed matrix A. */
  int ROWS = 4;

  /** {@code vector} or {@code scalar}. */
  String name();

  /** Width of a vector, 0 for scalar. */
  int vectorBits();

  /** One line: width, multiply-add, register tiles. */
  String description();

  /** Channels that a depthwise tile holds side by side, for a tensor of so many channels. */
  int channelBlock(int channels);

  /** Columns of one panel of packed weights, for a matrix of so many columns. */
  int panelColumns(int columns);

  /** Copies {@code count} runs of {@code block} floats: dst[p * dstStep + l] = src[p * srcStep + l]. */
  void copy(
      int count, int block, float[] src, int srcOff, int srcStep, float[] dst, int dstOff,
      int dstStep);

  /** As {@link #copy}, clamped. */
  void clampCopy(
      int count, int block, float[] src, int srcOff, int srcStep, float[] dst, int dstOff,
      int dstStep, float lo, float hi);

  /**
   * Depthwise convolution of one staged channel block.
   *
   * <pre>{@code
   * for (y < rows) for (x < width) for (l < block)
   *   dst[((y * width) + x) * block + l] = w[l] + sum over t < taps of
   *       w[(1 + t) * block + l] * tile[tileOff + y * rowStep + tapOffsets[t] + x * block + l]
   * }</pre>
   *
   * @param block what {@link #channelBlock} gave for the tensor
   */
  void depthwise(
      int rows, int width, int block, int[] tapOffsets, float[] tile, int tileOff, int rowStep,
      float[] w, int wOff, float[] dst, int dstOff);

  /**
   * Packs whole groups of {@link #ROWS} pixels, clamped.
   *
   * <pre>{@code
   * for (g < groups) for (k < depth) for (r < ROWS)
   *   dst[dstOff + g * groupStep + k * ROWS + r] = src[srcOff + (g * ROWS + r) * rowStep + k]
   * }</pre>
   */
  void pack(
      int groups, int depth, float[] src, int srcOff, int rowStep, float[] dst, int dstOff,
      int groupStep, float lo, float hi);

  /** Packs one group whose four pixels start anywhere, not clamped. */
  void pack4(int depth, float[] src, int s0, int s1, int s2, int s3, float[] dst, int dstOff);

  /**
   * Multiplies packed rows by one packed panel of P = {@link #panelColumns} columns, clamped.
   *
   * <pre>{@code
   * for (m < rows) for (n < P)
   *   c[cOff + m * ldc + n] = b[n] + sum over k < depth of a(m, k) * b[(1 + k) * P + n]
   * }</pre>
   *
   * @param rows pixels; a last group may hold fewer than {@link #ROWS} that count
   */
  void gemm(
      int rows, int depth, int panelColumns, float[] a, int aOff, float[] b, int bOff, float[] c,
      int cOff, int ldc, float lo, float hi);

  /** Applies an activation in place to {@code count} floats. */
  void activate(Activation activation, int count, float[] data, int offset);

  /** data[i] += other[i]. */
  void add(int count, float[] data, int offset, float[] other, int otherOffset);
}
