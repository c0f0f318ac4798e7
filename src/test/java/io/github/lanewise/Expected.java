package io.github.lanewise;

import java.util.Arrays;

/**
 * What the oracle says about a {@link ConvCase}, and how far float32 may be from it.
 *
 * <p>A sum of n products of exact inputs, in any order, fused or not, is off by at most about n * u
 * * sum|a * b| with u = 2^-24 (Higham 2002, section 3.1). The bound here is C * (n + 1) * eps *
 * sum|a * b| with eps = 2 u and C = 1, n + 1 for the bias: no more than twice what may happen. An
 * activation passes an error on times its Lipschitz constant and adds a few ulp of its own.
 */
final class Expected {
  private static final double C = 1;
  private static final double EPS = 0x1p-23;

  final double[] value;
  final double[] tolerance;

  private Expected(double[] value, double[] tolerance) {
    this.value = value;
    this.tolerance = tolerance;
  }

  static Expected of(ConvCase c, ConvData d) {
    Expected input = new Expected(NaiveConv.widen(d.src), new double[d.src.length]);
    Expected out = input.convolve(c.shape(), d.weights, c.order(), d.bias);
    if (c.operator() == Operator.SEPARABLE) {
      out = out.activate(c.middle());
      out = out.convolve(c.lastStage(), d.pointwiseWeights, c.pointwiseOrder(), d.pointwiseBias);
    }
    if (c.residual() == Residual.BEFORE_ACTIVATION) {
      out.add(d.residual);
    }
    out = out.activate(c.activation());
    if (c.residual() == Residual.AFTER_ACTIVATION) {
      out.add(d.residual);
    }
    if (c.integers()) {
      Arrays.fill(out.tolerance, 0);
    }
    return out;
  }

  private Expected convolve(ConvShape s, float[] weights, WeightOrder order, float[] bias) {
    double[] w = NaiveConv.widen(weights);
    double[] b = bias == null ? null : NaiveConv.widen(bias);
    NaiveConv.Result result = NaiveConv.run(s, value, w, order, b);
    double[] error = new double[result.value.length];
    if (Arrays.stream(tolerance).anyMatch(t -> t != 0)) {
      // The magnitudes of a convolution of the input's errors are what they may grow to.
      error = NaiveConv.run(s, tolerance, w, order, null).magnitude;
    }
    int terms = s.kernelHeight() * s.kernelWidth() * (s.inChannels() / s.groups()) + 1;
    for (int i = 0; i < error.length; i++) {
      error[i] += C * terms * (EPS * (result.magnitude[i] + error[i]) + Float.MIN_VALUE);
      if (Math.abs(result.value[i]) > Float.MAX_VALUE) {
        result.value[i] *= Double.POSITIVE_INFINITY; // past the floats, before what follows
      }
    }
    return new Expected(result.value, error);
  }

  private Expected activate(Activation a) {
    double[] y = new double[value.length];
    double[] error = new double[value.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = NaiveConv.activate(a, value[i]);
      error[i] = lipschitz(a) * tolerance[i] + ownError(a, value[i], y[i]);
    }
    return new Expected(y, error);
  }

  private void add(float[] residual) {
    for (int i = 0; i < value.length; i++) {
      value[i] += residual[i];
      tolerance[i] += EPS * Math.abs(value[i]);
    }
  }

  private static double lipschitz(Activation a) {
    return switch (a.kind()) {
      case NONE, CLAMP -> 1;
      case LEAKY_RELU -> Math.max(1, Math.abs(a.alpha()));
      case HARD_SIGMOID -> Math.abs(a.alpha());
      case HARD_SWISH -> 1.5; // its slope is (2 x + 3) / 6 below x = 3
      case SIGMOID -> 0.25;
      case SILU -> 1.1; // 1.0998 at x = 2.4
    };
  }

  /**
   * How far an activation may be from its definition at x, where y is exact: 2 eps, which is 2 to 4
   * ulp, of y, or of the terms where they may cancel. SIGMOID, and SILU's factor of it, may be
   * flushed to zero below the smallest normal float.
   */
  static double ownError(Activation a, double x, double y) {
    return switch (a.kind()) {
      case NONE, CLAMP -> 0;
      case LEAKY_RELU -> EPS * Math.abs(y) + Float.MIN_VALUE;
      case HARD_SIGMOID -> 2 * EPS * (Math.min(Math.abs(a.alpha() * x), 2) + Math.abs(a.beta()));
      case HARD_SWISH ->
          2 * EPS * Math.abs(y) + 2 * EPS * Math.min(Math.abs(x), 4) + Float.MIN_VALUE;
      case SIGMOID -> 2 * EPS * Math.abs(y) + Float.MIN_NORMAL;
      case SILU -> 2 * EPS * Math.abs(y) + (1 + Math.min(Math.abs(x), 200)) * Float.MIN_NORMAL;
    };
  }

  /** Whether a float is right at index i; NaN and infinities must be the same. */
  boolean accepts(int i, float actual) {
    double exact = value[i];
    if (Double.isFinite(exact) && Math.abs(exact) <= Float.MAX_VALUE) {
      return Math.abs(actual - exact) <= tolerance[i]; // false for NaN
    }
    return Float.compare((float) exact, actual) == 0;
  }
}
