package io.github.lanewise.kernel;

import io.github.lanewise.Activation;

/**
 * Activations one float at a time: the definition that both backends share. Only float and int
 * operations that have a vector twin, so that {@link VectorFloats} can do the same steps.
 */
final class ScalarMath {

  /** Below this exp(x) is less than the smallest normal float and counts as 0. */
  static final float EXP_MIN = -87.33654f;

  static final float LOG2_E = 1.442695f;

  /** 1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits. */
  static final float ROUND = 12582912f;

  /** The bits of 1f. */
  static final int ONE_BITS = 0x3f800000;

  /** ln 2 in two parts: n * LN2_HI is exact for |n| below 2^8 (Cody and Waite 1980). */
  static final float LN2_HI = 0x1.63p-1f;

  static final float LN2_LO = -2.1219444e-4f;

  /**
   * Coefficients of exp(r) on |r| <= ln(2)/2: near Taylor's 1/k!, with 0.95 ulp of error at most.
   */
  static final float C2 = 0.5f;

  static final float C3 = 0.16666667f;
  static final float C4 = 0.04166664f;
  static final float C5 = 0.0083334325f;
  static final float C6 = 0.0013930436f;
  static final float C7 = 1.9871202e-4f;

  private ScalarMath() {}

  /** Without a branch on the sign of x, which no CPU predicts. */
  static float clamp(float x, float lo, float hi) {
    return Math.min(Math.max(x, lo), hi);
  }

  /** A loop that C2 makes vectors of: one array and one index. */
  static void clamp(float lo, float hi, int count, float[] data, int offset) {
    for (int i = offset; i < offset + count; i++) {
      data[i] = Math.min(Math.max(data[i], lo), hi);
    }
  }

  static void apply(Activation activation, int count, float[] data, int offset) {
    Activation.Kind kind = activation.kind();
    float alpha = activation.alpha();
    float beta = activation.beta();
    if (kind == Activation.Kind.CLAMP) {
      clamp(alpha, beta, count, data, offset);
      return;
    }
    for (int i = offset; i < offset + count; i++) {
      data[i] = apply(kind, alpha, beta, data[i]);
    }
  }

  static float apply(Activation.Kind kind, float alpha, float beta, float x) {
    return switch (kind) {
      case NONE -> x;
      case CLAMP -> clamp(x, alpha, beta);
      case LEAKY_RELU -> x < 0 ? alpha * x : x;
      case HARD_SIGMOID -> clamp(alpha * x + beta, 0, 1);
      case HARD_SWISH -> x * clamp(x * (1f / 6) + 0.5f, 0, 1);
      case SIGMOID -> sigmoid(x);
      case SILU -> x * sigmoid(x);
    };
  }

  /** 1 / (1 + exp(-x)), as exp(x) / (1 + exp(x)) for negative x, which loses no small result. */
  private static float sigmoid(float x) {
    float e = expOfNegative(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  /**
   * exp(x) for x up to 0, or NaN; 0.95 ulp: x = n ln 2 + r, a polynomial in r times 2^n, made by
   * shifting n into the exponent.
   */
  private static float expOfNegative(float x) {
    if (x < EXP_MIN) {
      return 0;
    }
    float t = x * LOG2_E + ROUND;
    float n = t - ROUND;
    float r = x - n * LN2_HI - n * LN2_LO;
    float p = C7;
    p = p * r + C6;
    p = p * r + C5;
    p = p * r + C4;
    p = p * r + C3;
    p = p * r + C2;
    p = p * r * r + r + 1;
    return p * Float.intBitsToFloat((Float.floatToRawIntBits(t) << 23) + ONE_BITS);
  }
}
