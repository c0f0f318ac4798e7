package io.github.lanewise.kernel;

import io.github.lanewise.Activation;

/**
 * What the vector kernels compute, in plain Java on the same packed weights: the same operations on
 * each value in the same order, and so the same bits (of a NaN only that it is one). Fast after a
 * few milliseconds, where vector code takes C2 some hundred; needs the fused multiply-add of the
 * CPU where that uses it.
 */
class PlainKernels implements Kernels {

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
  public int[] panelColumns(int columns, boolean inRuns) {
    return layout.panelColumns(columns, inRuns);
  }

  @Override
  public int rowsInRuns(int panelColumns) {
    return layout.rowsInRuns(panelColumns);
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

  @Override
  public void depthwise(
      DepthwiseRows rows,
      int edges,
      float[] tile,
      int tileOff,
      int firstBlock,
      int endBlock,
      float[] dst,
      int dstOff) {
    DepthwiseTaps taps = rows.taps();
    PackedDepthwise weights = rows.weights();
    int width = rows.width();
    int n = weights.block();
    for (int b = firstBlock; b < endBlock; b++) {
      int from = tileOff + weights.firstChannel(b) - weights.firstChannel(firstBlock);
      int to = dstOff + weights.firstChannel(b);
      int w = weights.offset(b);
      for (int y = 0; y < taps.rows(); y++) {
        int ends = edges & ((y == 0 ? TOP : 0) | (y == taps.rows() - 1 ? BOTTOM : 0));
        for (int x = 0; x < width; x++) {
          int sides = ends | (edges & ((x == 0 ? LEFT : 0) | (x == width - 1 ? RIGHT : 0)));
          int in = from + x * taps.step();
          int at = to + y * rows.dstRow() + x * rows.dstStep();
          pixel(n, taps.row(y), sides, tile, in, weights.data(), w, dst, at);
          clamp(n, dst, at, rows.lo(), rows.hi());
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
      if (edges == 0 || !isPadding(t, edges)) {
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
      float sum = Math.fma(tile[s0 + l], w[w0 + l], dst[to + l]);
      sum = Math.fma(tile[s1 + l], w[w0 + n + l], sum);
      dst[to + l] = Math.fma(tile[s2 + l], w[w0 + 2 * n + l], sum);
    }
  }

  private static void tap(int n, float[] tile, int s, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      dst[to + l] = Math.fma(tile[s + l], w[w0 + l], dst[to + l]);
    }
  }

  private static void clamp(int n, float[] data, int offset, float lo, float hi) {
    if (lo > Float.NEGATIVE_INFINITY || hi < Float.POSITIVE_INFINITY) {
      ScalarMath.clamp(lo, hi, n, data, offset);
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
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums,
      float lo,
      float hi) {
    int n = b.panelColumns(panel);
    float[] w = b.panelArray(panel);
    for (int m = 0; m < rows; m += 4) {
      int left = rows - 1 - m; // of fewer rows the last one several times
      int from = aOff + m * aRows.step();
      int a1 = from + Math.min(1, left) * aRows.step();
      int a2 = from + Math.min(2, left) * aRows.step();
      int a3 = from + Math.min(3, left) * aRows.step();
      int to = cOff + m * ldc;
      int c1 = to + Math.min(1, left) * ldc;
      int c2 = to + Math.min(2, left) * ldc;
      int c3 = to + Math.min(3, left) * ldc;
      rows4(b.depth(), aRows, a, from, a1, a2, a3, w, n, c, to, c1, c2, c3);
    }
    for (int m = 0; m < rows; m++) {
      clamp(n, c, cOff + m * ldc, lo, hi);
    }
  }

  // for (r < 4) for (j < n)
  //   c[cr + j] = w[j] + sum over k of a[ar + aRows.offset(k)] * w[(1 + k) * n + j]
  private static void rows4(
      int depth,
      MatrixRows aRows,
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      float[] w,
      int n,
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3) {
    int run = aRows.run();
    int[] jumps = aRows.jumps();
    for (int j = 0; j < n; j += 2) {
      float s00 = w[j];
      float s01 = w[j + 1];
      float s10 = s00;
      float s11 = s01;
      float s20 = s00;
      float s21 = s01;
      float s30 = s00;
      float s31 = s01;
      int at = j;
      int k = 0;
      int stop = run;
      int next = 0;
      for (int i = 0; i < depth; i++) {
        at += n;
        float w0 = w[at];
        float w1 = w[at + 1];
        s00 = Math.fma(a[a0 + k], w0, s00);
        s01 = Math.fma(a[a0 + k], w1, s01);
        s10 = Math.fma(a[a1 + k], w0, s10);
        s11 = Math.fma(a[a1 + k], w1, s11);
        s20 = Math.fma(a[a2 + k], w0, s20);
        s21 = Math.fma(a[a2 + k], w1, s21);
        s30 = Math.fma(a[a3 + k], w0, s30);
        s31 = Math.fma(a[a3 + k], w1, s31);
        k++;
        if (k == stop) {
          k += jumps[next++];
          stop = k + run;
        }
      }
      c[c0 + j] = s00;
      c[c0 + j + 1] = s01;
      c[c1 + j] = s10;
      c[c1 + j + 1] = s11;
      c[c2 + j] = s20;
      c[c2 + j + 1] = s21;
      c[c3 + j] = s30;
      c[c3 + j + 1] = s31;
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
