package io.github.lanewise;

/**
 * How a plan keeps the weights of its matrix products: those of pointwise, standard and grouped
 * convolutions and of the pointwise stage of separable ones, and so of matrix products with
 * constants in a network. Sums and products are of float32 in any case, and what is not such a
 * weight (depthwise filters, biases, slopes) is kept as float32.
 */
public enum WeightFormat {

  /** 4 bytes, every value as it is given. */
  FLOAT32,

  /**
   * 2 bytes, IEEE 754's binary16: each weight is rounded to the nearest, ties to even, when a plan
   * is made, and widened again while the plan runs. The result has the bits that a {@link #FLOAT32}
   * plan gives for the rounded weights; float16 values, infinities and NaN are kept as they are.
   *
   * <p>A weight keeps 11 significant bits, an error of 1/2048 of it at most. Below {@code 0x1p-14}
   * (0.00006) that is an error of {@code 0x1p-25} (0.00000003) at most, so that weights below that
   * become zero. Finite ones from 65520 on, which would become infinite, are refused.
   */
  FLOAT16;

  /** The least that is rounded to infinity: halfway between 65504 and what would follow. */
  private static final float TOO_LARGE = 65520;

  /** Whether a weight can be kept so: finite ones must not become infinite. */
  boolean holds(float weight) {
    return this == FLOAT32 || !(Math.abs(weight) >= TOO_LARGE) || Float.isInfinite(weight);
  }
}
