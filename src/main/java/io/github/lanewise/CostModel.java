package io.github.lanewise;

import java.util.Locale;

/**
 * What separable convolution saves, in multiplications (Howard et al. 2017, arXiv:1704.04861,
 * section 3.1). With a {@code k x k} kernel, {@code M} input and {@code N} output channels and
 * {@code Wo x Ho} outputs:
 *
 * <pre>
 * standard    k^2 * Wo * Ho * M * N
 * depthwise   k^2 * Wo * Ho * M
 * pointwise         Wo * Ho * M * N
 * separable   depthwise + pointwise
 * ratio       separable / standard = 1/N + 1/k^2
 * </pre>
 *
 * <p>An unequal kernel counts {@code kernelHeight * kernelWidth} for {@code k^2}; a channel
 * multiplier {@code m} makes {@code M * m} depthwise outputs, all of which the pointwise stage
 * reads. Stride, padding and dilation act through {@code Wo} and {@code Ho}; taps on padding count;
 * a batch multiplies everything. For N = 512 and k = 5 separable needs 23.84 times fewer
 * multiplications: 1 / (1/512 + 1/25) = 23.836.
 *
 * @param standard multiplications of the standard convolution of the same kernel, input and output
 * @param depthwise multiplications of the depthwise stage
 * @param pointwise multiplications of the pointwise stage
 */
public record CostModel(long standard, long depthwise, long pointwise) {

  /**
   * The costs of replacing a standard convolution by a depthwise and a pointwise one.
   *
   * @param depthwise the depthwise stage
   * @param outChannels output channels of the pointwise stage, {@code N}
   * @return the costs
   * @throws IllegalArgumentException if the shape is not depthwise or outChannels below 1
   * @throws ArithmeticException if a number exceeds 2^63 - 1
   */
  public static CostModel separable(ConvShape depthwise, int outChannels) {
    Checks.notNull("depthwise", depthwise);
    Checks.atLeast("outChannels", outChannels, 1);
    Checks.depthwise("depthwise", depthwise);
    long pixels = (long) depthwise.batch() * depthwise.outHeight() * depthwise.outWidth();
    long taps = (long) depthwise.kernelHeight() * depthwise.kernelWidth();
    long standard =
        Math.multiplyExact(
            Math.multiplyExact(taps, pixels), (long) depthwise.inChannels() * outChannels);
    long pointwise = Math.multiplyExact(pixels, (long) depthwise.outChannels() * outChannels);
    return new CostModel(standard, depthwise.multiplications(), pointwise);
  }

  /**
   * Multiplications of the separable convolution.
   *
   * @return depthwise + pointwise
   */
  public long separable() {
    return Math.addExact(depthwise, pointwise);
  }

  /**
   * The share of the standard convolution's multiplications that the separable one needs.
   *
   * @return separable / standard, {@code 1/N + 1/k^2} for multiplier 1
   */
  public double ratio() {
    return (double) separable() / standard;
  }

  /**
   * How many times fewer multiplications the separable convolution needs.
   *
   * @return standard / separable
   */
  public double speedup() {
    return (double) standard / separable();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "standard %d, separable %d (depthwise %d + pointwise %d), %.2f times fewer",
        standard,
        separable(),
        depthwise,
        pointwise,
        speedup());
  }
}
