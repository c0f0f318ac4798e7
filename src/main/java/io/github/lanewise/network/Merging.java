package io.github.lanewise.network;

import io.github.lanewise.Activation;
import java.util.Arrays;
import java.util.Optional;

/**
 * Merges the constants of steps that follow each other, where the one step then gives what the
 * steps one by one give, as far as float32 rounds. One rule for all: {@link #isSafe}.
 */
final class Merging {
  /**
   * Half of the range of exponents, so that the other half is left to the values. Products of
   * larger constants may overflow where the steps one by one do not, as in (x - y) * 3e38, and the
   * other way round; no network needs them.
   */
  private static final double LARGEST = 0x1p64;

  private Merging() {}

  /**
   * Whether a constant may go into a merged step or come out of it: it is finite and not huge, and
   * the float next to it has all its digits, which a denormal one or zero has only where it is
   * exact.
   */
  static boolean isSafe(double constant) {
    float rounded = (float) constant;
    return Math.abs(constant) <= LARGEST
        && (Math.abs(rounded) >= Float.MIN_NORMAL || rounded == constant);
  }

  private static boolean areSafe(double scale, double shift) {
    return isSafe(scale) && isSafe(shift);
  }

  /** Both in one step. */
  static Optional<Op.Affine> then(Op.Affine first, Op.Affine second) {
    int channels = Math.max(first.scale().length, second.scale().length);
    float[] scale = forEach(channels, first.scale());
    float[] shift = forEach(channels, first.shift());
    for (int c = 0; c < channels; c++) {
      int own = second.scale().length == 1 ? 0 : c;
      double factor = second.scale()[own];
      double offset = second.shift()[own];
      double newScale = scale[c] * factor;
      double newShift = shift[c] * factor + offset;
      if (!areSafe(scale[c], shift[c])
          || !areSafe(factor, offset)
          || !areSafe(newScale, newShift)) {
        return Optional.empty();
      }
      scale[c] = (float) newScale;
      shift[c] = (float) newShift;
    }
    return Optional.of(new Op.Affine(scale, shift, second.activation()));
  }

  /** A gate and a factor of its result, of {@code x} or of what it multiplies {@code x} by. */
  static Optional<Op.Gate> then(Op.Gate gate, Op.Affine factor) {
    float by = factor.scale()[0];
    double whole = (double) gate.factor() * by;
    boolean isSafe =
        areSafe(gate.factor(), by)
            && isSafe(whole)
            && isSafeBound(gate.clamp().lower())
            && isSafeBound(gate.clamp().upper());
    return isSafe
        ? Optional.of(new Op.Gate((float) whole, gate.scale(), gate.shift(), gate.clamp()))
        : Optional.empty();
  }

  private static boolean isSafeBound(float bound) {
    return Float.isInfinite(bound) || isSafe(bound);
  }

  /** The same by a last axis whose channels are these over and over. */
  static Op.Affine repeated(Op.Affine affine, int channels) {
    float[] scale = new float[channels];
    float[] shift = new float[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = affine.scale()[c % affine.scale().length];
      shift[c] = affine.shift()[c % affine.shift().length];
    }
    return new Op.Affine(scale, shift, affine.activation());
  }

  /** A convolution without activation and residual, and what follows it. */
  static Optional<Op.Conv> folded(Op.Conv conv, Op.Affine affine) {
    int channels = conv.shape().outChannels();
    return conv.weights()
        .foldScale(
            conv.shape(),
            forEach(channels, affine.scale()),
            forEach(channels, affine.shift()),
            Merging::isSafe)
        .map(weights -> new Op.Conv(conv.shape(), weights).then(affine.activation()));
  }

  /**
   * Whether a convolution may come before a weighted mean that it follows: no weight makes NaN of a
   * zero, or infinity of a term that the mean would have made small.
   */
  static boolean hasSafeWeights(Op.Conv conv) {
    float[] ones = forEach(conv.shape().outChannels(), new float[] {1});
    return conv.weights()
        .foldScale(conv.shape(), ones, new float[ones.length], Merging::isSafe)
        .isPresent();
  }

  /** Factors that do what division by these does. */
  static Optional<float[]> reciprocals(float[] divisors) {
    float[] factors = new float[divisors.length];
    for (int c = 0; c < factors.length; c++) {
      double exact = 1.0 / divisors[c];
      if (!isSafe(divisors[c]) || !isSafe(exact)) {
        return Optional.empty();
      }
      factors[c] = (float) exact;
    }
    return Optional.of(factors);
  }

  /**
   * A batch normalization as {@code x * scale[c] + shift[c]}.
   *
   * @param deviation the root of variance and epsilon
   */
  static Optional<Op.Affine> batchNorm(
      float[] gamma, float[] beta, float[] mean, double[] deviation) {
    float[] scale = new float[gamma.length];
    float[] shift = new float[gamma.length];
    for (int c = 0; c < scale.length; c++) {
      double newScale = gamma[c] / deviation[c];
      double newShift = beta[c] - mean[c] * newScale;
      if (!areSafe(1 / deviation[c], mean[c])
          || !isSafe(deviation[c])
          || !areSafe(gamma[c], beta[c])
          || !areSafe(newScale, newShift)) {
        return Optional.empty();
      }
      scale[c] = (float) newScale;
      shift[c] = (float) newShift;
    }
    return Optional.of(new Op.Affine(scale, shift, Activation.NONE));
  }

  /** A copy with a value for each channel, of values for each or one for all. */
  private static float[] forEach(int channels, float[] values) {
    float[] out = Arrays.copyOf(values, channels);
    if (values.length == 1) {
      Arrays.fill(out, values[0]);
    }
    return out;
  }
}
