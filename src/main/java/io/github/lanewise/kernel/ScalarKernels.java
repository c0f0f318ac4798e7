package io.github.lanewise.kernel;

import io.github.lanewise.Activation;
import java.util.Arrays;

/**
 * The kernels in plain Java. Inner loops run over contiguous channels with unit stride and one
 * store. The one of the matrix product indexes all its arrays alike, which lets C2 turn it into
 * vectors; those of the depthwise kernel, whose taps start anywhere, stay scalar. No {@code
 * Math.fma}: without the instruction it costs microseconds.
 */
final class ScalarKernels implements Kernels {

  private static final int BLOCK = 128;
  private static final int PANEL = 256;

  /** Rows of weights that stay in L1 while every row of pixels meets them. */
  private static final int DEPTH_BLOCK = 32;

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
    return "scalar kernels, plain Java, channel blocks of up to "
        + BLOCK
        + ", panels of up to "
        + PANEL;
  }

  @Override
  public String depthwiseName(int taps) {
    return "taps3";
  }

  @Override
  public int channelBlock(int channels) {
    return Math.min(channels, BLOCK);
  }

  @Override
  public int[] panelColumns(int columns) {
    int[] widths = new int[(columns + PANEL - 1) / PANEL];
    Arrays.fill(widths, (columns + widths.length - 1) / widths.length);
    return widths;
  }

  @Override
  public void stage(
      int count,
      int blocks,
      int block,
      float[] src,
      int srcOff,
      int srcStep,
      float[] dst,
      int dstOff,
      int dstBlockStep) {
    for (int b = 0; b < blocks; b++) {
      for (int p = 0; p < count; p++) {
        int to = dstOff + b * dstBlockStep + p * block;
        System.arraycopy(src, srcOff + p * srcStep + b * block, dst, to, block);
      }
    }
  }

  @Override
  public void store(
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
      float hi) {
    for (int b = 0; b < blocks; b++) {
      for (int p = 0; p < count; p++) {
        int from = srcOff + b * srcBlockStep + p * block;
        copyClamped(block, src, from, dst, dstOff + p * dstStep + b * block, lo, hi);
      }
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
      int dstOff) {
    float[] w = weights.data();
    int wOff = weights.offset(blockIndex);
    for (int y = 0; y < rows; y++) {
      for (int x = 0; x < width; x++) {
        int from = tileOff + y * rowStep + x * block;
        int to = dstOff + (y * width + x) * block;
        System.arraycopy(w, wOff, dst, to, block);
        int t = 0;
        for (; t + 3 <= tapOffsets.length; t += 3) {
          taps3(
              block,
              tile,
              from + tapOffsets[t],
              from + tapOffsets[t + 1],
              from + tapOffsets[t + 2],
              w,
              wOff + (1 + t) * block,
              dst,
              to);
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
          tile[s0 + l] * w[w0 + l]
              + tile[s1 + l] * w[w0 + n + l]
              + tile[s2 + l] * w[w0 + 2 * n + l];
    }
  }

  private static void tap(int n, float[] tile, int s, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      dst[to + l] += tile[s + l] * w[w0 + l];
    }
  }

  @Override
  public boolean rowsApart() {
    return true;
  }

  @Override
  public void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int m = 0; m < rows; m++) {
      System.arraycopy(src, srcOff + m * srcStep, a, aOff + m * lda, depth);
    }
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
      float[] sums) {
    int depth = b.depth();
    for (int k = 0; k < depth; k += DEPTH_BLOCK) {
      int end = Math.min(k + DEPTH_BLOCK, depth);
      for (int m = 0; m < rows; m++) {
        gemmRow(k, end, a, aOff + m * lda, b, panel, c, cOff + m * ldc, sums);
      }
    }
  }

  /** One row, depth from k to end: the sums start from the bias or from what c holds. */
  private static void gemmRow(
      int from,
      int end,
      float[] a,
      int aOff,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      float[] sums) {
    int n = b.panelColumns(panel);
    if (from == 0) {
      System.arraycopy(b.row(panel, -1), 0, sums, 0, n);
    } else {
      System.arraycopy(c, cOff, sums, 0, n);
    }
    int k = from;
    for (; k + 8 <= end; k += 8) {
      axpy8(n, a, aOff + k, b, panel, k, sums);
    }
    for (; k < end; k++) {
      axpy(n, a[aOff + k], b.row(panel, k), sums);
    }
    System.arraycopy(sums, 0, c, cOff, n);
  }

  // for (i < 8) for (j < n) sums[j] += a[at + i] * b(k + i, j)
  private static void axpy8(
      int n, float[] a, int at, PackedMatrix b, int panel, int k, float[] sums) {
    axpy8(
        n,
        a[at],
        a[at + 1],
        a[at + 2],
        a[at + 3],
        a[at + 4],
        a[at + 5],
        a[at + 6],
        a[at + 7],
        b.row(panel, k),
        b.row(panel, k + 1),
        b.row(panel, k + 2),
        b.row(panel, k + 3),
        b.row(panel, k + 4),
        b.row(panel, k + 5),
        b.row(panel, k + 6),
        b.row(panel, k + 7),
        sums);
  }

  private static void axpy8(
      int n,
      float a0,
      float a1,
      float a2,
      float a3,
      float a4,
      float a5,
      float a6,
      float a7,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] b4,
      float[] b5,
      float[] b6,
      float[] b7,
      float[] sums) {
    for (int j = 0; j < n; j++) {
      sums[j] +=
          (a0 * b0[j] + a1 * b1[j])
              + (a2 * b2[j] + a3 * b3[j])
              + ((a4 * b4[j] + a5 * b5[j]) + (a6 * b6[j] + a7 * b7[j]));
    }
  }

  private static void axpy(int n, float a, float[] b, float[] sums) {
    for (int j = 0; j < n; j++) {
      sums[j] += a * b[j];
    }
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    Activation.Kind kind = activation.kind();
    float alpha = activation.alpha();
    float beta = activation.beta();
    if (kind == Activation.Kind.CLAMP) {
      clamp(count, data, offset, alpha, beta);
      return;
    }
    for (int i = offset; i < offset + count; i++) {
      data[i] = ScalarMath.apply(kind, alpha, beta, data[i]);
    }
  }

  /** One array and one index: C2 makes vectors of it. */
  private static void clamp(int count, float[] data, int offset, float lo, float hi) {
    for (int i = offset; i < offset + count; i++) {
      data[i] = Math.min(Math.max(data[i], lo), hi);
    }
  }

  @Override
  public void add(int count, float[] data, int offset, float[] other, int otherOffset) {
    for (int i = 0; i < count; i++) {
      data[offset + i] += other[otherOffset + i];
    }
  }
}
