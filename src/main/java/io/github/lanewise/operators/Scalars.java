package io.github.lanewise.operators;

/** Functions that Java has not. */
final class Scalars {
  static final double SQRT_HALF = Math.sqrt(0.5);
  static final double SQRT_2_BY_PI = Math.sqrt(2 / Math.PI);

  /** From here on erf(x) is nearer to 1 than any other float is. */
  private static final double ERF_ONE = 4;

  /**
   * A polynomial for {@code -ln(1 - erf(x)) / x} on 0 to {@link #ERF_ONE}, by powers of x: a smooth
   * function, since the tail of a bell falls like the bell. Fitted at Chebyshev's points; erf is
   * then off by 1.1e-8 of its value at most.
   */
  private static final double[] ERF = {
    1.1283791784756596,
    0.6366192343761495,
    0.1027758357229011,
    -0.019128647879680747,
    -2.4718295848635754e-4,
    0.0018134170960572569,
    -7.667069464880748e-4,
    1.8635796804493537e-4,
    -2.8390299232710202e-5,
    2.5187375435813107e-6,
    -9.94628093743789e-8
  };

  private Scalars() {}

  static double erf(double x) {
    double size = Math.abs(x);
    if (size >= ERF_ONE) {
      return Math.signum(x);
    }
    double p = 0;
    for (int i = ERF.length - 1; i >= 0; i--) {
      p = p * size + ERF[i];
    }
    return -Math.signum(x) * Math.expm1(-p * size);
  }

  static double asinh(double x) {
    double size = Math.abs(x);
    double root = Math.sqrt(size * size + 1);
    return Math.copySign(Math.log1p(size + size * size / (1 + root)), x);
  }

  /** With e = exp(x), tanh(ln(1 + e)) is (e^2 + 2 e) / (e^2 + 2 e + 2). */
  static double mish(double x) {
    if (x > 20) {
      return x; // the quotient is nearer to 1 than any other float is
    }
    double e = Math.exp(x);
    double n = e * (e + 2);
    return x * n / (n + 2);
  }

  static float bfloat16(float x) {
    if (Float.isNaN(x)) {
      return x;
    }
    int bits = Float.floatToRawIntBits(x);
    return Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff_0000);
  }

  /** A power as IEEE 754 has it, where 1 to any power is 1; squares without a call. */
  static double pow(double x, double y) {
    return y == 2 ? x * x : x == 1 || (x == -1 && Double.isInfinite(y)) ? 1 : Math.pow(x, y);
  }

  static float quotient(float x, float y) {
    double exact = (double) x / y;
    return (float) (exact < 0 ? Math.ceil(exact) : Math.floor(exact));
  }

  static float modulo(float x, float y) {
    float rest = x % y;
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
  }

  /** A whole number as a type keeps it that has those from the lowest to the highest. */
  static long wrapped(long x, long lowest, long highest) {
    return x >= lowest && x <= highest
        ? x
        : Math.floorMod(x - lowest, highest - lowest + 1) + lowest;
  }
}
