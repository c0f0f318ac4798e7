package io.github.lanewise.kernel;

import io.github.lanewise.Activation;

/**
 * The kernels in plain Java. Inner loops run over contiguous channels with unit stride and one
 * store, which C2's auto-vectorizer turns into vectors where it exists; blocks are therefore much
 * wider than a vector. No {@code Math.fma}: without the instruction it costs microseconds.
 */
final class ScalarKernels implements Kernels {

  private static final int BLOCK = 128;
  private static final int PANEL = 256;

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int vectorBits() {
    return 0;
  }

  @Override
  public String description() {
    return "scalar, plain Java, channel blocks of up to " + BLOCK + ", panels of up to " + PANEL;
  }

  @Override
  public int channelBlock(int channels) {
    return Math.min(channels, BLOCK);
  }

  @Override
  public int panelColumns(int columns) {
    int panels = (columns + PANEL - 1) / PANEL;
    return (columns + panels - 1) / panels; // equal panels, so that the last is not mostly zeros
  }

  @Override
  public void copy(
      int count, int block, float[] src, int srcOff, int srcStep, float[] dst, int dstOff,
      int dstStep) {
    for (int p = 0; p < count; p++) {
      System.arraycopy(src, srcOff + p * srcStep, dst, dstOff + p * dstStep, block);
    }
  }

  @Override
  public void clampCopy(
      int count, int block, float[] src, int srcOff, int srcStep, float[] dst, int dstOff,
      int dstStep, float lo, float hi) {
    for (int p = 0; p < count; p++) {
      copyClamped(block, src, srcOff + p * srcStep, dst, dstOff + p * dstStep, lo, hi);
    }
  }

  private static void copyClamped(
      int count, float[] src, int srcOff, float[] dst, int dstOff, float lo, float hi) {
    for (int l = 0; l < count; l++) {
      dst[dstOff + l] = ScalarMath.clamp(src[srcOff + l], lo, hi);
    }
  }

  @Override
  public void depthwise(
      int rows, int width, int block, int[] tapOffsets, float[] tile, int tileOff, int rowStep,
      float[] w, int wOff, float[] dst, int dstOff) {
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < width; x++) {
        int from = tileOff + y * rowStep + x * block;
        int to = dstOff + (y * width + x) * block;
        System.arraycopy(w, wOff, dst, to, block);
        int t = 0;
        for (; t + 3 <= tapOffsets.length; t += 3) {
          taps3(
              block, tile, from + tapOffsets[t], from + tapOffsets[t + 1],
              from + tapOffsets[t + 2], w, wOff + (1 + t) * block, dst, to);
        }
        for (; t < tapOffsets.length; t++) {
          tap(block, tile, from + tapOffsets[t], w, wOff + (1 + t) * block, dst, to);
        }
      }
    }
  }

  private static void taps3(
      int n, float[] tile, int s0, int s1, int s2, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      dst[to + l] +=
          tile[s0 + l] * w[w0 + l] + tile[s1 + l] * w[w0 + n + l] + tile[s2 + l] * w[w0 + 2 * n + l];
    }
  }

  private static void tap(int n, float[] tile, int s, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      dst[to + l] += tile[s + l] * w[w0 + l];
    }
  }

  @Override
  public void pack(
      int groups, int depth, float[] src, int srcOff, int rowStep, float[] dst, int dstOff,
      int groupStep, float lo, float hi) {
    for (int g = 0; g < groups; g++) {
      int from = srcOff + g * ROWS * rowStep;
      int to = dstOff + g * groupStep;
      pack4(depth, src, from, from + rowStep, from + 2 * rowStep, from + 3 * rowStep, dst, to);
      if (lo != Float.NEGATIVE_INFINITY || hi != Float.POSITIVE_INFINITY) {
        copyClamped(depth * ROWS, dst, to, dst, to, lo, hi);
      }
    }
  }

  @Override
  public void pack4(
      int depth, float[] src, int s0, int s1, int s2, int s3, float[] dst, int dstOff) {
    for (int k = 0; k < depth; k++) {
      dst[dstOff + k * ROWS] = src[s0 + k];
      dst[dstOff + k * ROWS + 1] = src[s1 + k];
      dst[dstOff + k * ROWS + 2] = src[s2 + k];
      dst[dstOff + k * ROWS + 3] = src[s3 + k];
    }
  }

  @Override
  public void gemm(
      int rows, int depth, int panel, float[] a, int aOff, float[] b, int bOff, float[] c, int cOff,
      int ldc, float lo, float hi) {
    for (int m = 0; m < rows; m++) {
      int row = aOff + m / ROWS * ROWS * depth + m % ROWS;
      int to = cOff + m * ldc;
      System.arraycopy(b, bOff, c, to, panel);
      int k = 0;
      for (; k + 4 <= depth; k += 4) {
        int at = row + k * ROWS;
        axpy4(
            panel, a[at], a[at + ROWS], a[at + 2 * ROWS], a[at + 3 * ROWS], b,
            bOff + (1 + k) * panel, c, to);
      }
      for (; k < depth; k++) {
        axpy(panel, a[row + k * ROWS], b, bOff + (1 + k) * panel, c, to);
      }
      copyClamped(panel, c, to, c, to, lo, hi);
    }
  }

  private static void axpy4(
      int n, float a0, float a1, float a2, float a3, float[] b, int b0, float[] c, int to) {
    int b1 = b0 + n;
    int b2 = b1 + n;
    int b3 = b2 + n;
    for (int j = 0; j < n; j++) {
      c[to + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + (a2 * b[b2 + j] + a3 * b[b3 + j]);
    }
  }

  private static void axpy(int n, float a, float[] b, int b0, float[] c, int to) {
    for (int j = 0; j < n; j++) {
      c[to + j] += a * b[b0 + j];
    }
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    Activation.Kind kind = activation.kind();
    float alpha = activation.alpha();
    float beta = activation.beta();
    for (int i = offset; i < offset + count; i++) {
      data[i] = ScalarMath.apply(kind, alpha, beta, data[i]);
    }
  }

  @Override
  public void add(int count, float[] data, int offset, float[] other, int otherOffset) {
    for (int i = 0; i < count; i++) {
      data[offset + i] += other[otherOffset + i];
    }
  }
}
