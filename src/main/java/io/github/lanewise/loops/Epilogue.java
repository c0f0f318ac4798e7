package io.github.lanewise.loops;

import io.github.lanewise.Activation;
import io.github.lanewise.kernel.Kernels;

/**
 * What follows the last sum of a stage: clamps go along in the kernel's registers, other
 * activations and the residual are a pass over finished rows while they are in cache.
 *
 * @param activation the activation
 * @param residual whether a residual is added after it
 */
public record Epilogue(Activation activation, boolean residual) {

  /** Lower bound for the kernel. */
  float lo() {
    return activation.lower();
  }

  /** Upper bound for the kernel. */
  float hi() {
    return activation.upper();
  }

  /** The activation of {@code count} neighbouring floats, unless the kernel applied it. */
  void activate(Kernels kernels, int count, float[] data, int offset) {
    if (!activation.isClamp()) {
      kernels.activate(activation, count, data, offset);
    }
  }

  /** Adds the residual to {@code count} neighbouring floats that start {@code at} into dst. */
  void addResidual(
      Kernels kernels,
      int count,
      int at,
      float[] dst,
      int dstOffset,
      float[] other,
      int otherOffset) {
    if (residual) {
      kernels.add(count, dst, dstOffset + at, other, otherOffset + at);
    }
  }
}
