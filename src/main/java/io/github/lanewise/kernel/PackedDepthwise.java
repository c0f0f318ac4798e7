package io.github.lanewise.kernel;

import io.github.lanewise.jvm.SharedArrays;

/**
 * Depthwise weights by channel block, bias first (layout: {@link Layout}). Where the channels are
 * no multiple of the block, the last block begins earlier and shares channels with the one before
 * it, so that every block is full; only of fewer channels than one block some lanes are empty.
 * Weights may be repeated, for kernels that take several neighbouring pixels of few channels for
 * one of many. Immutable.
 */
public final class PackedDepthwise {
  private final float[] data;
  private final int channels;
  private final int block;
  private final int blockFloats;
  private final int pixels;
  private final boolean isFinite;

  /** How many pixels of so many channels fill whole blocks; 1 if the channels fill one. */
  public static int pixelsTogether(int channels, int block) {
    return channels >= block ? 1 : block / gcd(channels, block);
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /**
   * Packs weights.
   *
   * @param weights {@code [channels][taps]}
   * @param bias {@code [channels]}
   * @param taps kernelHeight * kernelWidth
   * @param block channels side by side
   * @param pixels how often to repeat them, 1 or {@link #pixelsTogether}
   */
  public PackedDepthwise(float[] weights, float[] bias, int taps, int block, int pixels) {
    this.channels = pixels * bias.length;
    this.block = block;
    this.blockFloats = Math.multiplyExact(1 + taps, block);
    this.pixels = pixels;
    float[] packed = new float[Math.multiplyExact(blocks(), blockFloats)];
    boolean finite = true;
    for (float weight : weights) {
      finite &= Float.isFinite(weight);
    }
    this.isFinite = finite;
    for (int b = 0; b < blocks(); b++) {
      for (int l = 0; l < Math.min(block, channels); l++) {
        int at = offset(b) + l;
        int channel = (firstChannel(b) + l) % bias.length;
        packed[at] = bias[channel];
        for (int t = 0; t < taps; t++) {
          packed[at + (1 + t) * block] = weights[channel * taps + t];
        }
      }
    }
    this.data = SharedArrays.of(packed);
  }

  /** Channels side by side. */
  public int block() {
    return block;
  }

  /** Neighbouring pixels that are one to the kernels. */
  public int pixels() {
    return pixels;
  }

  /** Whether no weight is NaN or infinite, so that zeros of padding times weights are zeros. */
  public boolean isFinite() {
    return isFinite;
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
