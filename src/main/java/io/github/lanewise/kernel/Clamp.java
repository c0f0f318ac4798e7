package io.github.lanewise.kernel;

/**
 * A clamp, {@code Math.min(Math.max(x, lo), hi)}, as plain Java does it and as register tiles do:
 * on the bits as integers, two instructions. That is right for all but NaN where the lower bound is
 * not negative, as the bits of floats that are not negative order like them and those of negative
 * ones lie below. So a tile adds up its results, or products of two of them, and says whether the
 * sum is NaN; then they are computed again without, and clamped after. (Infinities, and results
 * whose products are infinite, can do that too.) Clamps with a negative bound are always done after
 * (docs/kernels.md, R4). Immutable.
 */
public final class Clamp {
  /** Leaves every value as it is. */
  public static final Clamp NONE = new Clamp(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY);

  /** What gates clamp by. */
  static final Clamp RELU6 = new Clamp(0, 6);

  /** The lower bound. */
  final float lo;

  /** The upper bound. */
  final float hi;

  /** The lower bound on the bits, which changes nothing where bits do not say it. */
  final int min;

  /** The upper bound on the bits. */
  final int max;

  /**
   * A clamp.
   *
   * @param lo lower bound, minus infinity for none
   * @param hi upper bound, infinity for none
   */
  public Clamp(float lo, float hi) {
    this.lo = lo;
    this.hi = hi;
    this.min = lo >= 0 ? Float.floatToRawIntBits(lo + 0f) : Integer.MIN_VALUE;
    this.max = lo >= 0 ? Float.floatToRawIntBits(hi + 0f) : Integer.MAX_VALUE;
  }

  /**
   * Whether a clamp on the bits may have lost a NaN, where the sum of its results was NaN or not.
   */
  boolean isLost(boolean nan) {
    return nan && min > Integer.MIN_VALUE;
  }

  /** Whether it is still to be done, on results of tiles; of {@link #NONE} where it was lost. */
  boolean isLeft(boolean nan) {
    return isLost(nan) || (lo < 0 && isAny());
  }

  /** Whether it changes any value. */
  boolean isAny() {
    return lo > Float.NEGATIVE_INFINITY || hi < Float.POSITIVE_INFINITY;
  }

  /** In plain Java. */
  void apply(int count, float[] data, int offset) {
    if (isAny()) {
      ScalarMath.clamp(lo, hi, count, data, offset);
    }
  }
}
