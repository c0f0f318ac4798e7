package io.github.lanewise.kernel;

/** Depthwise weights by channel block, bias first (layout: {@link Kernels}). Immutable. */
public final class PackedDepthwise {
  private final float[] data;
  private final int block;
  private final int blockFloats;

  private PackedDepthwise(float[] data, int block, int blockFloats) {
    this.data = data;
    this.block = block;
    this.blockFloats = blockFloats;
  }

  /**
   * Packs weights.
   *
   * @param weights {@code [channels][taps]}
   * @param bias {@code [channels]}
   * @param taps kernelHeight * kernelWidth
   * @param block channels side by side
   */
  public static PackedDepthwise pack(float[] weights, float[] bias, int taps, int block) {
    int channels = bias.length;
    int blocks = (channels + block - 1) / block;
    int blockFloats = (1 + taps) * block;
    float[] data = new float[Math.multiplyExact(blocks, blockFloats)];
    for (int c = 0; c < channels; c++) {
      int at = c / block * blockFloats + c % block;
      data[at] = bias[c];
      for (int t = 0; t < taps; t++) {
        data[at + (1 + t) * block] = weights[c * taps + t];
      }
    }
    return new PackedDepthwise(data, block, blockFloats);
  }

  /** Channels side by side. */
  public int block() {
    return block;
  }

  /** All blocks, one after the other. */
  float[] data() {
    return data;
  }

  /** Where a block starts. */
  int offset(int blockIndex) {
    return blockIndex * blockFloats;
  }
}
