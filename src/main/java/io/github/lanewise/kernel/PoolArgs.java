package io.github.lanewise.kernel;

/**
 * What a pooling kernel is told that is alike for many rows of a plan.
 *
 * @param rows of neighbouring results
 * @param count results of a row
 * @param step floats from one row's first tap to the next one's
 * @param tapStep floats from one tap to the next
 * @param dstStep floats from one row of results to the next
 */
public record PoolArgs(int rows, int count, int step, int tapStep, int dstStep) {}
