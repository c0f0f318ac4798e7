package io.github.lanewise.loops;

import io.github.lanewise.Activation;
import io.github.lanewise.Residual;
import io.github.lanewise.kernel.Clamp;
import io.github.lanewise.kernel.Kernels;

/**
 * What follows the last sum of a stage: a pass over finished values while they are in cache.
 * Immutable.
 */
public final class Epilogue {
  /** Slopes of few channels are repeated to so many, so that the loops over them are long. */
  private static final int SLOPES = 256;

  /** No activation, no residual. */
  static final Epilogue NONE = new Epilogue(Activation.NONE, null, Residual.NONE);

  private final Activation activation;
  private final float[] slopes;
  private final Residual residual;

  /** The activation, where it is a clamp. */
  private final Clamp bounds;

  /**
   * Of a stage.
   *
   * @param activation the activation
   * @param slope one of negative values for each channel, in the place of the activation, or null
   * @param residual whether a residual is added, before or after it
   */
  public Epilogue(Activation activation, float[] slope, Residual residual) {
    this.activation = activation;
    this.slopes = slope == null ? null : repeated(slope, SLOPES);
    this.residual = residual;
    this.bounds = new Clamp(activation.lower(), activation.upper());
  }

  /** Values by channel over and over, about {@code floats} of them; themselves where they are. */
  public static float[] repeated(float[] channels, int floats) {
    int times = floats / channels.length;
    if (times < 2) {
      return channels; // never changed, and perhaps as large as a tensor
    }
    float[] out = new float[channels.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(channels, 0, out, i * channels.length, channels.length);
    }
    return out;
  }

  /** Tells the kernels what they will be asked for. */
  Epilogue planned(Kernels kernels) {
    kernels.planned(activation);
    return this;
  }

  Activation activation() {
    return activation;
  }

  /** What kernels clamp, in registers; nothing where they cannot. */
  Clamp clamp() {
    return isLater() ? Clamp.NONE : bounds;
  }

  /** What kernels do of it, where whole rows are finished later. */
  Epilogue clampAlone() {
    return activation.isClamp() && !isLater()
        ? new Epilogue(activation, null, Residual.NONE)
        : NONE;
  }

  private boolean isLater() {
    return residual == Residual.BEFORE_ACTIVATION;
  }

  /**
   * Activation and residual of {@code count} neighbouring floats of dst, which are whole pixels, as
   * far as kernels with {@link #clamp} have left it.
   */
  void finishClamped(
      Kernels kernels, int count, float[] dst, int dstOff, float[] other, int otherOff) {
    if (isLater()) {
      kernels.add(count, dst, dstOff, other, otherOff, bounds);
    }
    if (!activation.isClamp()) { // others are done
      kernels.activate(activation, count, dst, dstOff);
    }
    for (int i = 0; slopes != null && i < count; i += slopes.length) {
      kernels.prelu(Math.min(slopes.length, count - i), dst, dstOff + i, slopes, 0);
    }
    if (residual == Residual.AFTER_ACTIVATION) {
      kernels.add(count, dst, dstOff, other, otherOff, Clamp.NONE);
    }
  }
}
