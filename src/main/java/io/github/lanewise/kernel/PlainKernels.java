package io.github.lanewise.kernel;

import io.github.lanewise.Activation;

/**
 * What the vector kernels compute, in plain Java on the same packed weights: the same operations on
 * each value in the same order, and so the same bits (of a NaN only that it is one). Fast after a
 * few milliseconds, where vector code takes C2 some hundred; needs the fused multiply-add of the
 * CPU where that uses it.
 */
class PlainKernels implements Kernels {

  /** Rows of weights that are multiplied at a time, each an array of its own: C2 wants it so. */
  private static final int DEPTH = 8;

  private final Kernels layout;
  private final ScalarKernels scalar = new ScalarKernels();

  /** On the packed layouts of other kernels. */
  PlainKernels(Kernels layout) {
    this.layout = layout;
  }

  @Override
  public String name() {
    return layout.name();
  }

  @Override
  public int vectorBits() {
    return layout.vectorBits();
  }

  @Override
  public String description() {
    return layout.description();
  }

  @Override
  public String depthwiseName(DepthwiseTaps taps) {
    return layout.depthwiseName(taps);
  }

  @Override
  public int channelBlock(int channels) {
    return layout.channelBlock(channels);
  }

  @Override
  public int[] panelColumns(int columns) {
    return layout.panelColumns(columns);
  }

  @Override
  public boolean rowsApart() {
    return layout.rowsApart();
  }

  @Override
  public int depthwiseColumns(DepthwiseTaps taps) {
    return layout.depthwiseColumns(taps);
  }

  @Override
  public boolean depthwiseSkipsPadding(DepthwiseTaps taps) {
    return layout.depthwiseSkipsPadding(taps);
  }

  private static float fma(float a, float b, float c) {
    return Lanes.FMA ? Math.fma(a, b, c) : a * b + c;
  }

  @Override
  public void depthwise(
      int width,
      DepthwiseTaps taps,
      int edges,
      float[] tile,
      int tileOff,
      PackedDepthwise weights,
      int firstBlock,
      int endBlock,
      float[] dst,
      int dstOff,
      int dstRow,
      int dstStep,
      float lo,
      float hi) {
    int n = weights.block();
    for (int b = firstBlock; b < endBlock; b++) {
      int from = tileOff + weights.firstChannel(b) - weights.firstChannel(firstBlock);
      int to = dstOff + weights.firstChannel(b);
      for (int y = 0; y < taps.rows(); y++) {
        int rows = edges & ((y == 0 ? TOP : 0) | (y == taps.rows() - 1 ? BOTTOM : 0));
        for (int x = 0; x < width; x++) {
          int sides = edges & ((x == 0 ? LEFT : 0) | (x == width - 1 ? RIGHT : 0));
          int at = to + y * dstRow + x * dstStep;
          pixel(
              n,
              taps.row(y),
              rows | sides,
              tile,
              from + x * taps.step(),
              weights.data(),
              weights.offset(b),
              dst,
              at);
          clamp(n, dst, at, lo, hi);
        }
      }
    }
  }

  private static void pixel(
      int n,
      int[] taps,
      int edges,
      float[] tile,
      int from,
      float[] w,
      int wOff,
      float[] dst,
      int to) {
    System.arraycopy(w, wOff, dst, to, n);
    int t = 0;
    for (; edges == 0 && t + 3 <= taps.length; t += 3) {
      int w0 = wOff + (1 + t) * n;
      taps3(n, tile, from + taps[t], from + taps[t + 1], from + taps[t + 2], w, w0, dst, to);
    }
    for (; t < taps.length; t++) {
      int w0 = wOff + (1 + t) * n;
      if (edges != 0 && isPadding(t, edges)) {
        zero(n, w, w0, dst, to);
      } else {
        tap(n, tile, from + taps[t], w, w0, dst, to);
      }
    }
  }

  /** Whether a tap of three times three lies on one of the edges. */
  private static boolean isPadding(int tap, int edges) {
    int row = tap < 3 ? TOP : tap < 6 ? 0 : BOTTOM;
    int column = tap % 3 == 0 ? LEFT : tap % 3 == 1 ? 0 : RIGHT;
    return (edges & (row | column)) != 0;
  }

  private static void taps3(
      int n, float[] tile, int s0, int s1, int s2, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      float sum = fma(tile[s0 + l], w[w0 + l], dst[to + l]);
      sum = fma(tile[s1 + l], w[w0 + n + l], sum);
      dst[to + l] = fma(tile[s2 + l], w[w0 + 2 * n + l], sum);
    }
  }

  private static void tap(int n, float[] tile, int s, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      dst[to + l] = fma(tile[s + l], w[w0 + l], dst[to + l]);
    }
  }

  /** A tap of padding: zero times an infinite weight is NaN, and -0 plus zero is 0. */
  private static void zero(int n, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      dst[to + l] = fma(0, w[w0 + l], dst[to + l]);
    }
  }

  private static void clamp(int n, float[] data, int offset, float lo, float hi) {
    if (lo > Float.NEGATIVE_INFINITY || hi < Float.POSITIVE_INFINITY) {
      for (int i = offset; i < offset + n; i++) {
        data[i] = ScalarMath.clamp(data[i], lo, hi);
      }
    }
  }

  @Override
  public void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    scalar.gather(rows, depth, src, srcOff, srcStep, a, aOff, lda);
  }

  @Override
  public void gemm(
      int rows,
      float[] a,
      int aOff,
      int lda,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums,
      float lo,
      float hi) {
    int n = b.panelColumns(panel);
    int depth = b.depth();
    float[] w = b.panelArray(panel);
    float[][] part = new float[DEPTH][n];
    for (int k = 0; k < depth; k += DEPTH) {
      int some = Math.min(DEPTH, depth - k);
      for (int i = 0; i < some; i++) {
        System.arraycopy(w, (1 + k + i) * n, part[i], 0, n);
      }
      for (int m = 0; m < rows; m++) {
        int at = cOff + m * ldc;
        System.arraycopy(k == 0 ? w : c, k == 0 ? 0 : at, sums, 0, n);
        multiply(n, some, a, aOff + m * lda + k, part, sums);
        System.arraycopy(sums, 0, c, at, n);
      }
    }
    for (int m = 0; m < rows; m++) {
      clamp(n, c, cOff + m * ldc, lo, hi);
    }
  }

  // for (i < depth) for (j < n) sums[j] += a[at + i] * b[i][j]
  private static void multiply(int n, int depth, float[] a, int at, float[][] b, float[] sums) {
    if (depth == DEPTH) {
      multiply8(n, a, at, b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], sums);
    } else {
      for (int i = 0; i < depth; i++) {
        multiply1(n, a[at + i], b[i], sums);
      }
    }
  }

  private static void multiply8(
      int n,
      float[] a,
      int at,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] b4,
      float[] b5,
      float[] b6,
      float[] b7,
      float[] sums) {
    float a0 = a[at];
    float a1 = a[at + 1];
    float a2 = a[at + 2];
    float a3 = a[at + 3];
    float a4 = a[at + 4];
    float a5 = a[at + 5];
    float a6 = a[at + 6];
    float a7 = a[at + 7];
    for (int j = 0; j < n; j++) {
      float sum = fma(a0, b0[j], sums[j]);
      sum = fma(a1, b1[j], sum);
      sum = fma(a2, b2[j], sum);
      sum = fma(a3, b3[j], sum);
      sum = fma(a4, b4[j], sum);
      sum = fma(a5, b5[j], sum);
      sum = fma(a6, b6[j], sum);
      sums[j] = fma(a7, b7[j], sum);
    }
  }

  private static void multiply1(int n, float a, float[] b, float[] sums) {
    for (int j = 0; j < n; j++) {
      sums[j] = fma(a, b[j], sums[j]);
    }
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    scalar.activate(activation, count, data, offset);
  }

  @Override
  public void add(int count, float[] data, int offset, float[] other, int otherOffset) {
    scalar.add(count, data, offset, other, otherOffset);
  }

  @Override
  public void max(int count, float[] data, int offset, float[] other, int otherOffset) {
    scalar.max(count, data, offset, other, otherOffset);
  }
}
