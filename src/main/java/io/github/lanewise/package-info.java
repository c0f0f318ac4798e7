/**
 * The public interface: describe a convolution ({@link io.github.lanewise.ConvShape}, {@link
 * io.github.lanewise.ConvWeights}, {@link io.github.lanewise.ConvOptions}), create a plan once
 * ({@link io.github.lanewise.Convolutions}), run it many times ({@link
 * io.github.lanewise.ConvPlan}). Every tensor is a {@code float[]} in NHWC order.
 */
package io.github.lanewise;
