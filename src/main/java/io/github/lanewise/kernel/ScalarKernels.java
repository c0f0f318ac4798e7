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
  public String depthwiseName(DepthwiseTaps taps) {
    return "taps3";
  }

  @Override
  public int channelBlock(int channels) {
    return Math.ceilDiv(channels, Math.ceilDiv(channels, BLOCK));
  }

  @Override
  public int[] panelColumns(int columns, boolean inRuns) {
    int[] widths = new int[(columns + PANEL - 1) / PANEL];
    Arrays.fill(widths, (columns + widths.length - 1) / widths.length);
    return widths;
  }

  @Override
  public int rowsInRuns(int panelColumns) {
    return 0; // eight steps of depth at once want them side by side
  }

  @Override
  public int depthwiseColumns(DepthwiseTaps taps) {
    return 1;
  }

  @Override
  public boolean depthwiseSkipsPadding(DepthwiseTaps taps) {
    return false;
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
    float[] w = weights.data();
    int block = weights.block();
    for (int b = firstBlock; b < endBlock; b++) {
      int channel = tileOff + weights.firstChannel(b) - weights.firstChannel(firstBlock);
      int wOff = weights.offset(b);
      for (int y = 0; y < taps.rows(); y++) {
        int[] at = taps.row(y);
        for (int x = 0; x < rows.width(); x++) {
          int from = channel + x * taps.step();
          int to = dstOff + y * rows.dstRow() + x * rows.dstStep() + weights.firstChannel(b);
          System.arraycopy(w, wOff, dst, to, block);
          int t = 0;
          for (; t + 3 <= at.length; t += 3) {
            int w0 = wOff + (1 + t) * block;
            taps3(block, tile, from + at[t], from + at[t + 1], from + at[t + 2], w, w0, dst, to);
          }
          for (; t < at.length; t++) {
            tap(block, tile, from + at[t], w, wOff + (1 + t) * block, dst, to);
          }
          ScalarMath.clamp(rows.lo(), rows.hi(), block, dst, to);
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
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums,
      float lo,
      float hi) {
    int depth = b.depth();
    for (int k = 0; k < depth; k += DEPTH_BLOCK) {
      int end = Math.min(k + DEPTH_BLOCK, depth);
      for (int m = 0; m < rows; m++) {
        gemmRow(k, end, a, aOff + m * aRows.step(), b, panel, c, cOff + m * ldc, sums);
      }
    }
    if (lo > Float.NEGATIVE_INFINITY || hi < Float.POSITIVE_INFINITY) {
      for (int m = 0; m < rows; m++) {
        ScalarMath.clamp(lo, hi, b.panelColumns(panel), c, cOff + m * ldc);
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
      ScalarMath.clamp(alpha, beta, count, data, offset);
      return;
    }
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

  @Override
  public void max(int count, float[] data, int offset, float[] other, int otherOffset) {
    for (int i = 0; i < count; i++) {
      data[offset + i] = Math.max(data[offset + i], other[otherOffset + i]);
    }
  }
}
