package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.L;

import io.github.lanewise.Activation;

/**
 * The kernels on the Vector API: the same source for 128, 256 and 512 bits. Loaded by name, so that
 * nothing else refers to the incubator module.
 */
final class VectorKernels implements Kernels {

  private static final float NO_MIN = Float.NEGATIVE_INFINITY;
  private static final float NO_MAX = Float.POSITIVE_INFINITY;

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
    return "vector, %d bits, %s, tile gemm_4x%dv"
        .formatted(
            vectorBits(), Lanes.FMA ? "FMA" : "multiply + add (no FMA)", Lanes.TILE_VECTORS);
  }

  @Override
  public int channelBlock(int channels) {
    return L;
  }

  @Override
  public int panelColumns(int columns) {
    return Lanes.TILE_VECTORS == 4 && columns > 2 * L ? 4 * L : 2 * L;
  }

  @Override
  public void copy(
      int count, int block, float[] src, int srcOff, int srcStep, float[] dst, int dstOff,
      int dstStep) {
    VectorDepthwise.copy(count, src, srcOff, srcStep, dst, dstOff, dstStep);
  }

  @Override
  public void clampCopy(
      int count, int block, float[] src, int srcOff, int srcStep, float[] dst, int dstOff,
      int dstStep, float lo, float hi) {
    VectorDepthwise.clampCopy(count, src, srcOff, srcStep, dst, dstOff, dstStep, lo, hi);
  }

  @Override
  public void depthwise(
      int rows, int width, int block, int[] tapOffsets, float[] tile, int tileOff, int rowStep,
      float[] w, int wOff, float[] dst, int dstOff) {
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
  public void pack(
      int groups, int depth, float[] src, int srcOff, int rowStep, float[] dst, int dstOff,
      int groupStep, float lo, float hi) {
    for (int g = 0; g < groups; g++) {
      int from = srcOff + g * ROWS * rowStep;
      VectorGemm.pack4(
          depth, src, from, from + rowStep, from + 2 * rowStep, from + 3 * rowStep, dst,
          dstOff + g * groupStep, lo, hi);
    }
  }

  @Override
  public void pack4(
      int depth, float[] src, int s0, int s1, int s2, int s3, float[] dst, int dstOff) {
    VectorGemm.pack4(depth, src, s0, s1, s2, s3, dst, dstOff, NO_MIN, NO_MAX);
  }

  @Override
  public void gemm(
      int rows, int depth, int panelColumns, float[] a, int aOff, float[] b, int bOff, float[] c,
      int cOff, int ldc, float lo, float hi) {
    for (int m = 0; m < rows; m += ROWS) {
      int at = aOff + m * depth;
      int to = cOff + m * ldc;
      if (panelColumns == 2 * L) {
        VectorGemm.gemm4x2v(rows - m, depth, a, at, b, bOff, c, to, ldc, lo, hi);
      } else {
        VectorGemm.gemm4x4v(rows - m, depth, a, at, b, bOff, c, to, ldc, lo, hi);
      }
    }
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
