package io.github.lanewise.kernel;

/**
 * What the vector kernels compute, in plain Java on the same packed weights: the same operations on
 * each value in the same order, and so the same bits (of a NaN only that it is one). Fast after a
 * few milliseconds, where vector code takes C2 some hundred; needs the fused multiply-add of the
 * CPU where that uses it.
 */
abstract class PlainKernels extends ScalarKernels {

  @Override
  void taps3(int n, float[] tile, int s0, int s1, int s2, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      float sum = Math.fma(tile[s0 + l], w[w0 + l], dst[to + l]);
      sum = Math.fma(tile[s1 + l], w[w0 + n + l], sum);
      dst[to + l] = Math.fma(tile[s2 + l], w[w0 + 2 * n + l], sum);
    }
  }

  @Override
  void tap(int n, float[] tile, int s, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      dst[to + l] = Math.fma(tile[s + l], w[w0 + l], dst[to + l]);
    }
  }

  @Override
  public void gemm(
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, float[][] work) {
    for (int m = 0; m < rows; m += 4) {
      rows4(p, rows - 1 - m, a, aOff + m * p.rows().step(), c, cOff + m * ldc, ldc);
    }
    for (int m = 0; m < rows; m++) {
      p.clamp().apply(p.columns(), c, cOff + m * ldc);
    }
  }

  // for (r < 4) for (j < n)
  //   c[cr + j] = w[j] + sum over k of a[ar + offset(k)] * w[(1 + k) * n + j]
  private static void rows4(MatrixArgs p, int left, float[] a, int a0, float[] c, int c0, int ldc) {
    int n = p.columns();
    int depth = p.depth();
    float[] w = p.array();
    int run = p.rows().run();
    int[] jumps = p.rows().jumps();
    int lda = p.rows().step(); // of fewer rows the last one several times
    int a1 = a0 + Math.min(1, left) * lda;
    int a2 = a0 + Math.min(2, left) * lda;
    int a3 = a0 + Math.min(3, left) * lda;
    int c1 = c0 + Math.min(1, left) * ldc;
    int c2 = c0 + Math.min(2, left) * ldc;
    int c3 = c0 + Math.min(3, left) * ldc;
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
}
