package io.github.lanewise.loops;

import io.github.lanewise.Activation;
import io.github.lanewise.Residual;
import io.github.lanewise.kernel.Clamp;
import io.github.lanewise.kernel.Kernels;

/**
 * What follows the last sum of a stage: a pass over finished values while they are in cache.
 *
 * @param activation the activation
 * @param residual whether a residual is added, before or after it
 */
public record Epilogue(Activation activation, Residual residual) {

  /** No activation, no residual. */
  static final Epilogue NONE = new Epilogue(Activation.NONE, Residual.NONE);

  /** Tells the kernels what they will be asked for. */
  Epilogue planned(Kernels kernels) {
    kernels.planned(activation);
    return this;
  }

  /** What kernels clamp, in registers; nothing where they cannot. */
  Clamp clamp() {
    return isLater()
        ? new Clamp(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY)
        : new Clamp(activation.lower(), activation.upper());
  }

  private boolean isLater() {
    return residual == Residual.BEFORE_ACTIVATION;
  }

  /** Activation and residual of {@code count} neighbouring floats of dst. */
  void finish(Kernels kernels, int count, float[] dst, int dstOff, float[] other, int otherOff) {
    boolean isDone = activation.kind() == Activation.Kind.NONE;
    finish(isDone, kernels, count, dst, dstOff, other, otherOff);
  }

  /** What {@link #finish} does after kernels that clamp. */
  void finishClamped(
      Kernels kernels, int count, float[] dst, int dstOff, float[] other, int otherOff) {
    boolean isDone =
        activation.kind() == Activation.Kind.NONE || (activation.isClamp() && !isLater());
    finish(isDone, kernels, count, dst, dstOff, other, otherOff);
  }

  private void finish(
      boolean isActivated,
      Kernels kernels,
      int count,
      float[] dst,
      int dstOff,
      float[] other,
      int otherOff) {
    if (residual == Residual.BEFORE_ACTIVATION) {
      kernels.add(count, dst, dstOff, other, otherOff);
    }
    if (!isActivated) {
      kernels.activate(activation, count, dst, dstOff);
    }
    if (residual == Residual.AFTER_ACTIVATION) {
      kernels.add(count, dst, dstOff, other, otherOff);
    }
  }
}
