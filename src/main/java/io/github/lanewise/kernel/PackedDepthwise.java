package io.github.lanewise.kernel;

/**
 * Depthwise weights by channel block, bias first (layout: {@link Kernels}). Where the channels are
 * no multiple of the block, the last block begins earlier and shares channels with the one before
 * it, so that every block is full; only of fewer channels than one block some lanes are empty.
 * Immutable.
 */
public final class PackedDepthwise {
  private final float[] data;
  private final int channels;
  private final int block;
  private final int blockFloats;

  private PackedDepthwise(float[] data, int channels, int block, int blockFloats) {
    this.data = data;
    this.channels = channels;
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
    int blockFloats = (1 + taps) * block;
    int blocks = (channels + block - 1) / block;
    float[] data = new float[Math.multiplyExact(blocks, blockFloats)];
    PackedDepthwise packed = new PackedDepthwise(data, channels, block, blockFloats);
    for (int b = 0; b < blocks; b++) {
      int first = packed.firstChannel(b);
      for (int l = 0; l < Math.min(block, channels); l++) {
        int at = packed.offset(b) + l;
        data[at] = bias[first + l];
        for (int t = 0; t < taps; t++) {
          data[at + (1 + t) * block] = weights[(first + l) * taps + t];
        }
      }
    }
    return packed;
  }

  /** Channels side by side. */
  public int block() {
    return block;
  }

  /** How many blocks. */
  public int blocks() {
    return (channels + block - 1) / block;
  }

  /** The channel of a block's first lane. */
  public int firstChannel(int blockIndex) {
    return Math.max(0, Math.min(blockIndex * block, channels - block));
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
