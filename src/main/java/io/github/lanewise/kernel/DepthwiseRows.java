package io.github.lanewise.kernel;

/**
 * One or two output rows of a depthwise convolution, as far as they are like other rows of a plan.
 * Immutable.
 *
 * @param width output columns
 * @param taps where the taps of each output row lie
 * @param weights the weights
 * @param dstRow floats from one output row to the next
 * @param dstStep floats from one output pixel to the next
 * @param lo lower bound of a clamp, minus infinity for none
 * @param hi upper bound, infinity for none
 */
public record DepthwiseRows(
    int width,
    DepthwiseTaps taps,
    PackedDepthwise weights,
    int dstRow,
    int dstStep,
    float lo,
    float hi) {}
