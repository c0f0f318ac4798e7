package io.github.lanewise.kernel;

import io.github.lanewise.Activation;
import java.util.List;

/**
 * The inner loops, one implementation a backend. All work on {@code float[]} with int offsets, know
 * nothing of padding, strides over an image or tensors, and check no argument beyond Java's own
 * bounds checks: {@code loops} sets them up. Thread-safe.
 *
 * <p>Clamps of results are {@code Math.min(Math.max(x, lo), hi)}, so NaN passes.
 */
public interface Kernels extends Layout {

  /** An edge of the inputs of {@link #depthwise} that is padding and not there: the first row. */
  int TOP = 1;

  /** The last row. */
  int BOTTOM = 2;

  /** The first column. */
  int LEFT = 4;

  /** The last column. */
  int RIGHT = 8;

  /** Width of a vector, 0 for scalar. */
  int vectorBits();

  /** One line: width, multiply-add, register tiles. */
  String description();

  /**
   * Depthwise convolution of one or two output rows, some channel blocks.
   *
   * <pre>{@code
   * for (y < taps.rows()) for (x < width) for (first <= b < end) for (l < B)
   *   dst[to + y * dstRow + x * dstStep + c(b) + l] = clamp(w(b, 0)[l] + sum over t of
   *       w(b, 1 + t)[l] * src[from + taps(y, t) + x * step + c(b) - c(first) + l])
   * }</pre>
   *
   * where c(b) is {@link PackedDepthwise#firstChannel} and what is not a parameter is in {@code p}.
   *
   * @param edges {@link #TOP} and so on: the inputs there are not read and add nothing, as zeros
   *     would with {@link PackedDepthwise#isFinite} weights; only where {@link
   *     DepthwiseArgs#skipsPadding} allows it
   */
  void depthwise(
      DepthwiseArgs p, int edges, float[] src, int from, int first, int end, float[] dst, int to);

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
   * where aRows, P, the panel's weights and the clamp are in {@code p}.
   *
   * @param work scratch, rows as many and as long as B says
   */
  void gemm(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, float[][] work);

  /** Applies an activation in place to {@code count} floats. */
  void activate(Activation activation, int count, float[] data, int offset);

  /** data[i] = clamp(data[i] + other[i]). */
  void add(int count, float[] data, int offset, float[] other, int otherOffset, Clamp clamp);

  /**
   * Maxima of windows, as {@link Math#max(float, float)} takes them.
   *
   * <pre>{@code
   * for (m < rows) for (i < count)
   *   dst[to + m * dstStep + i] = max over t < taps of src[from + m * step + t * tapStep + i]
   * }</pre>
   *
   * where what is not a parameter is in {@code p}.
   *
   * @param taps 2 or more
   */
  void max(PoolArgs p, int taps, float[] src, int from, float[] dst, int to);

  /** data[i] = data[i] < 0 ? data[i] * slope[i] : data[i]. */
  void prelu(int count, float[] data, int offset, float[] slope, int slopeOffset);

  /** A plan that is being made will multiply so. */
  default void planned(MatrixArgs p) {}

  /** A plan that is being made has such rows. */
  default void planned(DepthwiseArgs p) {}

  /** A plan that is being made has an activation that is a pass of its own. */
  default void planned(Activation activation) {}

  /** Whether no other code stands in for them, for what was planned or asked for so far. */
  default boolean isWarm() {
    return waiting().isEmpty();
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
