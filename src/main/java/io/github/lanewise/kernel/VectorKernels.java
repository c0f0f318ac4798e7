package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.L;

import io.github.lanewise.Activation;
import java.util.Arrays;

/**
 * The kernels on the Vector API: the same source for 128, 256 and 512 bits. Loaded by name, so that
 * nothing else refers to the incubator module.
 */
final class VectorKernels implements Kernels {

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int vectorBits() {
    return Lanes.F.vectorBitSize();
  }

  @Override
  public String description() {
    return "vector kernels, %d bits, %s, tiles gemm4x%dv and gemm6x2v"
        .formatted(vectorBits(), Lanes.FMA ? "FMA" : "multiply + add (no FMA)", Lanes.WIDE_PANEL);
  }

  @Override
  public String depthwiseName(int taps) {
    return taps == 9 ? "row9" : "taps8";
  }

  @Override
  public int channelBlock(int channels) {
    return L;
  }

  @Override
  public int[] panelColumns(int columns) {
    return Arrays.stream(VectorGemm.panelVectors((columns + L - 1) / L)).map(v -> v * L).toArray();
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
    int b = 0;
    for (; b + 4 <= blocks; b += 4) {
      VectorDepthwise.stage4(
          count, src, srcOff + b * L, srcStep, dst, dstOff + b * dstBlockStep, dstBlockStep);
    }
    for (; b < blocks; b++) {
      VectorDepthwise.stage1(count, src, srcOff + b * L, srcStep, dst, dstOff + b * dstBlockStep);
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
    int b = 0;
    for (; b + 4 <= blocks; b += 4) {
      VectorDepthwise.store4(
          count,
          src,
          srcOff + b * srcBlockStep,
          srcBlockStep,
          dst,
          dstOff + b * L,
          dstStep,
          lo,
          hi);
    }
    for (; b < blocks; b++) {
      VectorDepthwise.store1(
          count, src, srcOff + b * srcBlockStep, dst, dstOff + b * L, dstStep, lo, hi);
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
      int from = tileOff + y * rowStep;
      int to = dstOff + y * width * L;
      if (tapOffsets.length == 9) {
        VectorDepthwise.row9(width, tapOffsets, tile, from, w, wOff, dst, to);
      } else {
        int x = 0;
        for (; x + 8 <= width; x += 8) {
          VectorDepthwise.taps8(tapOffsets, tile, from + x * L, w, wOff, dst, to + x * L);
        }
        for (; x < width; x++) {
          VectorDepthwise.taps1(tapOffsets, tile, from + x * L, w, wOff, dst, to + x * L);
        }
      }
    }
  }

  @Override
  public boolean rowsApart() {
    return false;
  }

  @Override
  public void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    int k = 0;
    for (; k + 4 * L <= depth; k += 4 * L) {
      VectorGemm.gather4v(rows, src, srcOff + k, srcStep, a, aOff + k, lda);
    }
    for (; k + L <= depth; k += L) {
      VectorGemm.gather1v(rows, src, srcOff + k, srcStep, a, aOff + k, lda);
    }
    if (k < depth) {
      VectorGemm.gatherRest(rows, depth - k, src, srcOff + k, srcStep, a, aOff + k, lda);
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
    int vectors = b.panelColumns(panel) / L;
    VectorGemm.gemm(rows, b.depth(), a, aOff, lda, b.panelArray(panel), vectors, c, cOff, ldc);
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    VectorActivation.apply(activation, count, data, offset);
  }

  @Override
  public void add(int count, float[] data, int offset, float[] other, int otherOffset) {
    VectorActivation.add(count, data, offset, other, otherOffset);
  }
}
