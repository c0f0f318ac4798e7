package io.github.lanewise.kernel;

/**
 * One row times float16 weights, each of which is read once: as fast as they come from memory,
 * where widening them to scratch first would take as long again. Plain Java, which C2 makes vectors
 * of: halves and sums are arrays of different types, so that it can tell them apart.
 */
final class HalfRow {
  /** Columns whose sums, and four rows of weights, stay in L1. */
  private static final int PANEL = 1024;

  private HalfRow() {}

  /** Columns of each panel: equal, but for the last. */
  static int[] panelColumns(int columns) {
    int[] widths = new int[Math.ceilDiv(columns, PANEL)];
    int each = Math.ceilDiv(columns, widths.length);
    for (int p = 0; p < widths.length; p++) {
      widths[p] = Math.min(each, columns - p * each);
    }
    return widths;
  }

  // for (k < depth) for (j < n) c[to + j] = fma(a[at + k], b[k * n + j], c[to + j])
  static void add(int depth, int n, float[] a, int at, short[] b, float[] c, int to) {
    for (int k = 0; k < depth; k += 4) {
      add4(depth - k, n, a, at + k, b, k * n, c, to);
    }
  }

  /**
   * Four steps of depth, or what is left. Of eight C2 makes no vectors, nor of the four in a loop
   * around them: that this method is too long to be inlined there (325 bytes) is meant.
   */
  private static void add4(
      int left, int n, float[] a, int at, short[] b, int b0, float[] c, int to) {
    int b1 = b0 + n;
    int b2 = b1 + n;
    int b3 = b2 + n;
    float a0 = a[at];
    float a1 = left > 1 ? a[at + 1] : 0;
    float a2 = left > 2 ? a[at + 2] : 0;
    if (left > 3) {
      float a3 = a[at + 3];
      for (int j = 0; j < n; j++) {
        float sum = Math.fma(a0, Float.float16ToFloat(b[b0 + j]), c[to + j]);
        sum = Math.fma(a1, Float.float16ToFloat(b[b1 + j]), sum);
        sum = Math.fma(a2, Float.float16ToFloat(b[b2 + j]), sum);
        c[to + j] = Math.fma(a3, Float.float16ToFloat(b[b3 + j]), sum);
      }
    } else if (left > 2) {
      for (int j = 0; j < n; j++) {
        float sum = Math.fma(a0, Float.float16ToFloat(b[b0 + j]), c[to + j]);
        sum = Math.fma(a1, Float.float16ToFloat(b[b1 + j]), sum);
        c[to + j] = Math.fma(a2, Float.float16ToFloat(b[b2 + j]), sum);
      }
    } else if (left > 1) {
      for (int j = 0; j < n; j++) {
        float sum = Math.fma(a0, Float.float16ToFloat(b[b0 + j]), c[to + j]);
        c[to + j] = Math.fma(a1, Float.float16ToFloat(b[b1 + j]), sum);
      }
    } else {
      for (int j = 0; j < n; j++) {
        c[to + j] = Math.fma(a0, Float.float16ToFloat(b[b0 + j]), c[to + j]);
      }
    }
  }
}
