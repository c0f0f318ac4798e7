package io.github.lanewise.operators;

/**
 * The exponential function and its kin for results that are rounded to float: multiplications and
 * additions of doubles without a branch, of which C2 makes vectors, as it does not of {@link
 * Math#exp}. Right to 1e-10 of the result. What is beyond float's range is as far as the bounds
 * here, which become 0 and infinity; NaN stays NaN.
 */
final class Exponentials {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double SQRT_2_BY_PI = Math.sqrt(2 / Math.PI);

  /** Its exponential, as a float, is 0. */
  private static final double LEAST = -110;

  /** Its exponential, as a float, is infinite. */
  private static final double MOST = 100;

  /** From here on erf(x) is nearer to 1 than any other float is. */
  private static final double ERF_ONE = 4;

  private static final double ERF_REST = 1 - quotient(ERF_ONE);

  private Exponentials() {}

  private static double bounded(double x) {
    return Math.min(Math.max(x, LEAST), MOST);
  }

  /** By Taylor's polynomial at x / 1024, squared ten times. */
  static double exp(double x) {
    double r = bounded(x) * 0x1p-10;
    double p = 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 1.0 / 2;
    p = p * r + 1;
    p = p * r + 1;
    p *= p;
    p *= p;
    p *= p;
    p *= p;
    p *= p;
    p *= p;
    p *= p;
    p *= p;
    p *= p;
    p *= p;
    return p;
  }

  /** {@code exp(x) - 1}, also of small x: that of 2x is p (p + 2). */
  static double expm1(double x) {
    double r = bounded(x) * 0x1p-8;
    double p = 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 1.0 / 2;
    p = p * r + 1;
    p *= r;
    p *= p + 2;
    p *= p + 2;
    p *= p + 2;
    p *= p + 2;
    p *= p + 2;
    p *= p + 2;
    p *= p + 2;
    p *= p + 2;
    return p;
  }

  static double tanh(double x) {
    double e = expm1(2 * x);
    return e / (e + 2);
  }

  /**
   * A quotient of two polynomials of x squared, times x, fitted by least squares at Chebyshev's
   * points; off by 1e-11 of its value at most. Beyond {@link #ERF_ONE} what is left to 1 is added
   * on the way to the next whole number: GELU multiplies what is left by x, however large.
   */
  static double erf(double x) {
    double y = Math.min(Math.max(x, -ERF_ONE), ERF_ONE);
    return quotient(y) - Math.min(Math.max(y - x, -1), 1) * ERF_REST; // so that -0 stays
  }

  private static double quotient(double y) {
    double s = y * y;
    double p = 3.0047658488749497e-09;
    p = p * s + 7.527707930958498e-07;
    p = p * s + 2.1786513359446323e-05;
    p = p * s + 0.0005130355506063007;
    p = p * s + 0.004962079182255382;
    p = p * s + 0.058118126295542756;
    p = p * s + 0.20034205187683607;
    p = p * s + 1.1283791670862475;
    double q = 7.329825475090262e-08;
    q = q * s + 4.5189610002790705e-06;
    q = q * s + 0.00011151312958527883;
    q = q * s + 0.0017151950884761664;
    q = q * s + 0.017718788379931176;
    q = q * s + 0.12179980331064219;
    q = q * s + 0.5108818535734199;
    q = q * s + 1;
    return y * p / q;
  }

  static double gelu(double x) {
    return x / 2 * (1 + erf(x * SQRT_HALF));
  }

  static double geluByTanh(double x) {
    return x / 2 * (1 + tanh(SQRT_2_BY_PI * (x + 0.044715 * x * x * x)));
  }

  /** {@code x < 0 ? exp(x) - 1 : x}, with a factor for what is below 0. */
  static double elu(double x, double factor) {
    return Math.max(x, 0) + factor * expm1(Math.min(x, 0));
  }

  /** With e = exp(x), tanh(ln(1 + e)) is (e^2 + 2 e) / (e^2 + 2 e + 2). */
  static double mish(double x) {
    double e = exp(x);
    double n = e * (e + 2);
    return x * (n / (n + 2));
  }
}
