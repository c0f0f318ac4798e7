package io.github.lanewise.kernel;

import io.github.lanewise.Activation;
import java.util.Arrays;

/**
 * The kernels in plain Java. Inner loops run over contiguous channels with unit stride and one
 * store. The one of the matrix product indexes all its arrays alike, which lets C2 turn it into
 * vectors; those of the depthwise kernel, whose taps start anywhere, stay scalar. No {@code
 * Math.fma}: without the instruction it costs microseconds.
 */
class ScalarKernels implements Kernels {

  private static final int BLOCK = 128;
  private static final int PANEL = 256;

  /** Rows of weights that stay in L1 while every row of pixels meets them. */
  static final int DEPTH_BLOCK = 32;

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
  public MatrixKernel matrix(int panelColumns, boolean inRuns) {
    return MatrixKernel.AXPY8; // eight steps of depth at once want them side by side
  }

  @Override
  public DepthwiseKernel depthwise(DepthwiseTaps taps, int width) {
    return DepthwiseKernel.TAPS3;
  }

  @Override
  public void depthwise(
      DepthwiseArgs p, int edges, float[] src, int from, int first, int end, float[] dst, int to) {
    DepthwiseTaps taps = p.taps;
    PackedDepthwise weights = p.weights;
    int n = weights.block();
    for (int b = first; b < end; b++) {
      int in = from + weights.firstChannel(b) - weights.firstChannel(first);
      int out = to + weights.firstChannel(b);
      int w = weights.offset(b);
      for (int y = 0; y < taps.rows(); y++) {
        int ends = edges & ((y == 0 ? TOP : 0) | (y == taps.rows() - 1 ? BOTTOM : 0));
        for (int x = 0; x < p.width; x++) {
          int sides = ends | (edges & ((x == 0 ? LEFT : 0) | (x == p.width - 1 ? RIGHT : 0)));
          int at = out + y * p.dstRow + x * p.dstStep;
          System.arraycopy(weights.data(), w, dst, at, n);
          int[] which = taps.inside(sides);
          pixel(n, taps.row(y), which, src, in + x * taps.step, weights.data(), w + n, dst, at);
          p.clamp.apply(n, dst, at);
        }
      }
    }
  }

  /** Some taps of an output, added to its channels; of all of them three at once. */
  private void pixel(
      int n, int[] taps, int[] which, float[] src, int in, float[] w, int at, float[] dst, int to) {
    int i = 0;
    for (; which.length == taps.length && i + 3 <= taps.length; i += 3) {
      int w0 = at + i * n;
      taps3(n, src, in + taps[i], in + taps[i + 1], in + taps[i + 2], w, w0, dst, to);
    }
    for (; i < which.length; i++) {
      tap(n, src, in + taps[which[i]], w, at + which[i] * n, dst, to);
    }
  }

  void taps3(int n, float[] tile, int s0, int s1, int s2, float[] w, int w0, float[] dst, int to) {
    for (int l = 0; l < n; l++) {
      dst[to + l] +=
          tile[s0 + l] * w[w0 + l]
              + tile[s1 + l] * w[w0 + n + l]
              + tile[s2 + l] * w[w0 + 2 * n + l];
    }
  }

  void tap(int n, float[] tile, int s, float[] w, int w0, float[] dst, int to) {
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
      MatrixArgs p, int rows, float[] a, int aOff, float[] c, int cOff, int ldc, float[][] work) {
    PackedMatrix b = p.weights();
    int depth = b.depth();
    float[][] arrays = b.rowArrays(work);
    for (int k = 0; k < depth; k += DEPTH_BLOCK) {
      int end = Math.min(k + DEPTH_BLOCK, depth);
      int first = b.rows(p.panel(), k, end, work);
      for (int m = 0; m < rows; m++) {
        int to = cOff + m * ldc;
        float[] start = k == 0 ? b.biasRow(p.panel()) : c;
        System.arraycopy(start, k == 0 ? 0 : to, work[0], 0, p.columns());
        gemmRow(p.columns(), end - k, a, aOff + m * p.rows().step() + k, arrays, first, work[0]);
        System.arraycopy(work[0], 0, c, to, p.columns());
      }
    }
    for (int m = 0; m < rows; m++) {
      p.clamp().apply(p.columns(), c, cOff + m * ldc);
    }
  }

  /** Adds some rows of B, in arrays from one on, each times a value of a row of A. */
  private static void gemmRow(
      int n, int depth, float[] a, int at, float[][] b, int first, float[] sums) {
    int k = 0;
    for (; k + 8 <= depth; k += 8) {
      axpy8(n, a, at + k, b, first + k, sums);
    }
    for (; k < depth; k++) {
      axpy(n, a[at + k], b[first + k], sums);
    }
  }

  // for (i < 8) for (j < n) sums[j] += a[at + i] * b[k + i][j]
  private static void axpy8(int n, float[] a, int at, float[][] b, int k, float[] sums) {
    float a0 = a[at];
    float a1 = a[at + 1];
    float a2 = a[at + 2];
    float a3 = a[at + 3];
    float a4 = a[at + 4];
    float a5 = a[at + 5];
    float a6 = a[at + 6];
    float a7 = a[at + 7];
    float[] b0 = b[k];
    float[] b1 = b[k + 1];
    float[] b2 = b[k + 2];
    float[] b3 = b[k + 3];
    float[] b4 = b[k + 4];
    float[] b5 = b[k + 5];
    float[] b6 = b[k + 6];
    float[] b7 = b[k + 7];
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
    ScalarMath.apply(activation, count, data, offset);
  }

  @Override
  public void add(
      int count, float[] data, int offset, float[] other, int otherOffset, Clamp clamp) {
    if (!clamp.isAny()) {
      for (int i = 0; i < count; i++) {
        data[offset + i] += other[otherOffset + i];
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      data[offset + i] =
          ScalarMath.clamp(data[offset + i] + other[otherOffset + i], clamp.lo, clamp.hi);
    }
  }

  @Override
  public void max(PoolArgs p, int taps, float[] src, int from, float[] dst, int to) {
    for (int m = 0; m < p.rows(); m++) {
      for (int i = 0; i < p.count(); i++) {
        int at = from + m * p.step() + i;
        float most = Math.max(src[at], src[at + p.tapStep()]);
        for (int t = 2; t < taps; t++) {
          most = Math.max(most, src[at + t * p.tapStep()]);
        }
        dst[to + m * p.dstStep() + i] = most;
      }
    }
  }

  /** {@code x < 0 ? slope * x : x} by bits, as no CPU predicts a branch on the sign of x. */
  @Override
  public void prelu(int count, float[] data, int offset, float[] slope, int slopeOffset) {
    for (int i = 0; i < count; i++) {
      float x = data[offset + i];
      int isLess = Float.floatToRawIntBits(x + 0f) >> 31; // all bits; none for -0.0
      int less = Float.floatToRawIntBits(slope[slopeOffset + i] * x);
      int bits = Float.floatToRawIntBits(x);
      data[offset + i] = Float.intBitsToFloat(bits ^ ((bits ^ less) & isLess));
    }
  }
}
