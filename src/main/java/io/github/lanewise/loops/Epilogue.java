package io.github.lanewise.loops;

import io.github.lanewise.Activation;
import io.github.lanewise.kernel.Kernels;

/**
 * What follows the last sum of a stage: a pass over finished values while they are in cache.
 *
 * @param activation the activation
 * @param residual whether a residual is added after it
 */
public record Epilogue(Activation activation, boolean residual) {

  /** No activation, no residual. */
  static final Epilogue NONE = new Epilogue(Activation.NONE, false);

  /** Lower bound for kernels that clamp; of activations that are no clamp minus infinity. */
  float lo() {
    return activation.lower();
  }

  /** Upper bound for kernels that clamp. */
  float hi() {
    return activation.upper();
  }

  /** Activation and residual of {@code count} neighbouring floats of dst. */
  void finish(Kernels kernels, int count, float[] dst, int dstOff, float[] other, int otherOff) {
    if (activation.kind() != Activation.Kind.NONE) {
      kernels.activate(activation, count, dst, dstOff);
    }
    addResidual(kernels, count, dst, dstOff, other, otherOff);
  }

  /** What {@link #finish} does after kernels that clamp. */
  void finishClamped(
      Kernels kernels, int count, float[] dst, int dstOff, float[] other, int otherOff) {
    if (!activation.isClamp()) {
      kernels.activate(activation, count, dst, dstOff);
    }
    addResidual(kernels, count, dst, dstOff, other, otherOff);
  }

  private void addResidual(
      Kernels kernels, int count, float[] dst, int dstOff, float[] other, int otherOff) {
    if (residual) {
      kernels.add(count, dst, dstOff, other, otherOff);
    }
  }
}
