package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.L;

import io.github.lanewise.Activation;
import java.util.Arrays;
import java.util.Locale;

/**
 * The kernels on the Vector API: the same source for 128, 256 and 512 bits. {@link KernelProvider}
 * makes one where the incubator module is there; what it refers to alone refers to that module.
 */
final class VectorKernels implements Kernels, Layout {

  @Override
  public int vectorBits() {
    return Lanes.F.vectorBitSize();
  }

  @Override
  public String description() {
    int widest = VectorGemm.widest(false);
    return String.format(
        Locale.ROOT,
        "vector kernels, %d bits, tiles gemm%dx%dv, gemm6x2v and gemm8x1v",
        vectorBits(),
        VectorGemm.kernel(widest, false).rows,
        widest);
  }

  @Override
  public Layout layout() {
    return this;
  }

  @Override
  public int channelBlock(int channels) {
    return L;
  }

  @Override
  public int[] panelColumns(int columns, boolean inRuns) {
    int wide = VectorGemm.widest(inRuns);
    int[] vectors = VectorGemm.panelVectors(Math.ceilDiv(columns, L), wide);
    return Arrays.stream(vectors).map(v -> v * L).toArray();
  }

  @Override
  public MatrixKernel matrix(int panelColumns, boolean inRuns) {
    return VectorGemm.kernel(panelColumns / L, inRuns);
  }

  @Override
  public DepthwiseKernel depthwise(DepthwiseTaps taps, int width) {
    return VectorDepthwise.kernel(taps, width);
  }

  @Override
  public void depthwise(
      DepthwiseArgs p, int edges, float[] src, int from, int first, int end, float[] dst, int to) {
    VectorDepthwise.rows(p.kernel(), p, edges, src, from, first, end, dst, to);
  }

  @Override
  public boolean rowsApart() {
    return false;
  }

  @Override
  public void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    if (rows == 0) {
      return; // where all taps of a row are padding
    }
    int k = 0;
    for (; k + 4 * L <= depth; k += 4 * L) {
      VectorGemm.gather4v(rows, src, srcOff + k, srcStep, a, aOff + k, lda);
    }
    for (; k + L <= depth; k += L) {
      VectorGemm.gather1v(rows, src, srcOff + k, srcStep, a, aOff + k, lda);
    }
    if (k < depth && depth >= L) { // the last vector begins earlier
      VectorGemm.gather1v(rows, src, srcOff + depth - L, srcStep, a, aOff + depth - L, lda);
    } else if (k < depth) {
      gatherFew(rows, depth, src, srcOff, srcStep, a, aOff, lda);
    }
  }

  /**
   * Fewer floats a row than a vector holds. Not by narrower vectors: C2 inlines a method of the
   * Vector API for the classes that it has seen there, and some kernels keep objects where it has
   * seen two.
   */
  private static void gatherFew(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    for (int m = 0; m < rows; m++) {
      for (int k = 0; k < depth; k++) {
        a[aOff + m * lda + k] = src[srcOff + m * srcStep + k];
      }
    }
  }

  @Override
  public void gemm(
      MatrixArgs p,
      int rows,
      float[] a,
      int aOff,
      float[] c,
      int cOff,
      int ldc,
      float[][] scratch) {
    VectorGemm.gemm(p.kernel(), p, rows, a, aOff, c, cOff, ldc);
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    VectorActivation.apply(activation, count, data, offset);
  }

  @Override
  public void add(int count, float[] data, int offset, float[] other, int otherOffset) {
    int whole = count / L * L;
    if (whole > 0) {
      VectorActivation.add(whole, data, offset, other, otherOffset);
    }
    ScalarMath.add(count - whole, data, offset + whole, other, otherOffset + whole);
  }

  @Override
  public void max(PoolArgs p, int taps, float[] src, int from, float[] dst, int to) {
    int count = p.count();
    int whole = count / L * L;
    if (whole > 0) {
      VectorActivation.max(p, whole, taps, src, from, dst, to);
    }
    if (whole > 0 && whole < count) { // the last vector begins earlier: no maximum changes by that
      int i = count - L;
      VectorActivation.max(p, L, taps, src, from + i, dst, to + i);
    } else if (whole < count) {
      ScalarMath.max(p, count, taps, src, from, dst, to);
    }
  }

  @Override
  public void prelu(int count, float[] data, int offset, float[] slope, int slopeOffset) {
    int whole = count / L * L;
    if (whole > 0) {
      VectorActivation.prelu(whole, data, offset, slope, slopeOffset);
    }
    ScalarMath.prelu(count - whole, data, offset + whole, slope, slopeOffset + whole);
  }
}
