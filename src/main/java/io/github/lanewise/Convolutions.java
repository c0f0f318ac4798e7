package io.github.lanewise;

import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.loops.CacheSizes;
import io.github.lanewise.loops.DepthwiseLoops;
import io.github.lanewise.loops.Epilogue;
import io.github.lanewise.loops.Loops;
import io.github.lanewise.loops.MatrixLoops;
import io.github.lanewise.loops.PooledLoops;
import io.github.lanewise.loops.SeparableLoops;
import java.util.function.Supplier;

/**
 * Creates plans: every argument is checked and the weights are packed once, so that {@link
 * ConvPlan#run} only computes. Stateless and thread-safe.
 *
 * <pre>{@code
 * ConvShape shape = ConvShape.builder(56, 56, 128).kernel(3).depthwise().build();
 * ConvPlan block =
 *     Convolutions.separable(
 *         shape, ConvWeights.of(dw, WeightOrder.HWC).withBias(dwBias), Activation.RELU6,
 *         256, ConvWeights.of(pw, WeightOrder.HWIO).withBias(pwBias),
 *         ConvOptions.DEFAULT.withActivation(Activation.RELU6));
 * block.run(src, dst);
 * }</pre>
 */
public final class Convolutions {

  private Convolutions() {}

  /**
   * A depthwise convolution: every output channel filters one input channel.
   *
   * @param shape a depthwise shape, {@code groups == inChannels}; the channel multiplier is {@code
   *     outChannels / inChannels}, output channel {@code c * multiplier + m} reads channel {@code
   *     c}
   * @param weights {@link ConvShape#weightsLength()} floats
   * @param options activation, residual, threads
   * @return the plan
   * @throws IllegalArgumentException naming the argument, its value and the rule
   */
  public static ConvPlan depthwise(ConvShape shape, ConvWeights weights, ConvOptions options) {
    notNull(shape, weights, options);
    Checks.depthwise("shape", shape);
    weights.check("weights", shape);
    Kernels kernels = options.backend().kernels();
    return plan(
        "depthwise",
        shape,
        shape,
        shape.outChannels(),
        shape.flops(),
        options,
        () ->
            new DepthwiseLoops(
                shape,
                kernels,
                weights.filters(shape, options.weights()),
                epilogue(options, shape.outChannels()),
                CacheSizes.current(),
                options.parallelism()));
  }

  /**
   * A pointwise convolution: a 1x1 kernel, each output pixel a linear map of one input pixel's
   * channels.
   *
   * @param shape a shape with a 1x1 kernel, one group and no padding; a stride skips pixels
   * @param weights {@code inChannels * outChannels} floats
   * @param options activation, residual, threads
   * @return the plan
   * @throws IllegalArgumentException naming the argument, its value and the rule
   */
  public static ConvPlan pointwise(ConvShape shape, ConvWeights weights, ConvOptions options) {
    notNull(shape, weights, options);
    if (!shape.isPointwise()) {
      throw new IllegalArgumentException(
          "shape = "
              + shape
              + " must be pointwise: kernel 1x1, groups 1, no padding; use standard() for others");
    }
    weights.check("weights", shape, options.weights());
    return matrixPlan("pointwise", shape, weights, options);
  }

  /**
   * A standard convolution, also a grouped one.
   *
   * @param shape any shape
   * @param weights {@link ConvShape#weightsLength()} floats
   * @param options activation, residual, threads
   * @return the plan
   * @throws IllegalArgumentException naming the argument, its value and the rule
   */
  public static ConvPlan standard(ConvShape shape, ConvWeights weights, ConvOptions options) {
    notNull(shape, weights, options);
    weights.check("weights", shape, options.weights());
    return matrixPlan("standard", shape, weights, options);
  }

  /**
   * A depthwise separable convolution: the depthwise stage, its activation, then a pointwise stage
   * over its result, fused: of the tensor between them only some rows exist at a time, one at
   * least.
   *
   * @param depthwise the depthwise stage, {@code groups == inChannels}, any kernel, stride,
   *     dilation and channel multiplier
   * @param depthwiseWeights its weights
   * @param middle its activation: {@link Activation#RELU6} in MobileNet, {@link Activation#NONE} in
   *     Xception
   * @param outChannels output channels of the pointwise stage
   * @param pointwiseWeights its weights: {@code depthwise.outChannels() * outChannels} floats
   * @param options activation of the pointwise stage, residual, threads
   * @return the plan
   * @throws IllegalArgumentException naming the argument, its value and the rule
   */
  public static ConvPlan separable(
      ConvShape depthwise,
      ConvWeights depthwiseWeights,
      Activation middle,
      int outChannels,
      ConvWeights pointwiseWeights,
      ConvOptions options) {
    Checks.notNull("depthwise", depthwise);
    Checks.notNull("depthwiseWeights", depthwiseWeights);
    Checks.notNull("middle", middle);
    Checks.depthwise("depthwise", depthwise);
    depthwiseWeights.check("depthwiseWeights", depthwise);
    Checks.atLeast("outChannels", outChannels, 1);
    ConvShape pointwise =
        ConvShape.builder(depthwise.outHeight(), depthwise.outWidth(), depthwise.outChannels())
            .batch(depthwise.batch())
            .outChannels(outChannels)
            .build();
    Checks.notNull("pointwiseWeights", pointwiseWeights);
    Checks.notNull("options", options);
    pointwiseWeights.check("pointwiseWeights", pointwise, options.weights());
    Kernels kernels = options.backend().kernels();
    return plan(
        "separable",
        depthwise,
        depthwise,
        outChannels,
        Math.addExact(depthwise.flops(), pointwise.flops()),
        options,
        () ->
            new SeparableLoops(
                depthwise,
                kernels,
                depthwiseWeights.filters(depthwise, options.weights()),
                middle,
                pointwiseWeights.filters(pointwise, options.weights()),
                epilogue(options, outChannels),
                CacheSizes.current(),
                options.parallelism()));
  }

  /**
   * A convolution and a maximum pool over its result, fused: of the tensor between them only some
   * rows exist at a time.
   *
   * @param shape any shape, but with several channels not a depthwise one
   * @param weights {@link ConvShape#weightsLength()} floats
   * @param window kernel, stride, dilation and padding of the pool, as the depthwise shape of
   *     multiplier 1 on the result; padding never wins
   * @param options activation, which comes before the pool, and threads; no residual
   * @return the plan
   * @throws IllegalArgumentException naming the argument, its value and the rule
   */
  public static ConvPlan pooled(
      ConvShape shape, ConvWeights weights, ConvShape window, ConvOptions options) {
    notNull(shape, weights, options);
    weights.check("weights", shape, options.weights());
    if (shape.isDepthwise() && shape.groups() > 1) {
      throw new IllegalArgumentException("shape = " + shape + " must not be depthwise");
    }
    Checks.depthwise("window", Checks.notNull("window", window));
    if (window.batch() != shape.batch()
        || window.inHeight() != shape.outHeight()
        || window.inWidth() != shape.outWidth()
        || window.inChannels() != shape.outChannels()
        || window.outChannels() != shape.outChannels()) {
      throw new IllegalArgumentException(
          "window = " + window + " must be on the result of " + shape + ", multiplier 1");
    }
    if (options.residual() != Residual.NONE) {
      throw new IllegalArgumentException("options = " + options + " must have no residual");
    }
    Kernels kernels = options.backend().kernels();
    return plan(
        "pooled",
        shape,
        window,
        shape.outChannels(),
        shape.flops(),
        options,
        () ->
            new PooledLoops(
                shape,
                kernels,
                weights.filters(shape, options.weights()),
                epilogue(options, shape.outChannels()),
                window,
                CacheSizes.current(),
                options.parallelism()));
  }

  private static void notNull(ConvShape shape, ConvWeights weights, ConvOptions options) {
    Checks.notNull("shape", shape);
    Checks.notNull("weights", weights);
    Checks.notNull("options", options);
  }

  private static ConvPlan matrixPlan(
      String operator, ConvShape shape, ConvWeights weights, ConvOptions options) {
    Kernels kernels = options.backend().kernels();
    return plan(
        operator,
        shape,
        shape,
        shape.outChannels(),
        shape.flops(),
        options,
        () ->
            new MatrixLoops(
                shape,
                kernels,
                weights.filters(shape, options.weights()),
                epilogue(options, shape.outChannels()),
                CacheSizes.current(),
                options.parallelism()));
  }

  /**
   * Builds the loops and the plan of the size that the last stage has, whose padded weights and
   * scratch must fit Java arrays.
   */
  private static ConvPlan plan(
      String operator,
      ConvShape shape,
      ConvShape last,
      int outChannels,
      long flops,
      ConvOptions options,
      Supplier<Loops> loops) {
    int dstLength =
        Checks.elements("output", last.batch(), last.outHeight(), last.outWidth(), outChannels);
    try {
      return new ConvPlan(operator, shape, outChannels, dstLength, flops, loops.get(), options);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "shape = "
              + shape
              + " needs packed weights or scratch of more than 2^31 - 1 floats, the limit of a Java"
              + " array: split the tensor",
          e);
    }
  }

  private static Epilogue epilogue(ConvOptions options, int channels) {
    float[] slope = options.slope();
    if (slope != null) {
      Checks.length("slopes", slope, channels, "outChannels");
    }
    return new Epilogue(options.activation(), slope, options.residual());
  }
}
