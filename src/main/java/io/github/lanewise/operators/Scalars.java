package io.github.lanewise.operators;

/** Functions that Java has not. */
final class Scalars {
  private Scalars() {}

  static double asinh(double x) {
    double size = Math.abs(x);
    double root = Math.sqrt(size * size + 1);
    return Math.copySign(Math.log1p(size + size * size / (1 + root)), x);
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
