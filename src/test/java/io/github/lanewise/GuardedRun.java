package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/**
 * Runs a plan in the middle of larger arrays: NaN around the input, so that a read beyond it shows
 * in the result; a known number around the output, so that a write beyond it shows; and NaN in the
 * output itself, so that a missing write shows.
 */
final class GuardedRun {
  private static final int BEFORE = 37; // odd, so that nothing is aligned by chance
  private static final int AFTER = 41;
  private static final float GUARD = 12345.625f;

  private GuardedRun() {}

  /** The output of a run; fails if anything but the output was written. */
  static float[] run(ConvPlan plan, ConvData data, String name) {
    return run(plan, data.src, data.residual, name);
  }

  static float[] run(ConvPlan plan, float[] input, float[] added, String name) {
    float[] src = surround(input, Float.NaN);
    float[] residual = added == null ? null : surround(added, Float.NaN);
    float[] dst = new float[BEFORE + plan.dstLength() + AFTER];
    Arrays.fill(dst, GUARD);
    Arrays.fill(dst, BEFORE, BEFORE + plan.dstLength(), Float.NaN);
    float[] srcBefore = src.clone();
    plan.run(src, BEFORE, residual, BEFORE, dst, BEFORE);
    assertSameBits(src, srcBefore, "src changed: " + name);
    if (residual != null) {
      assertSameBits(residual, surround(added, Float.NaN), "residual changed: " + name);
    }
    int end = BEFORE + plan.dstLength();
    for (int i = 0; i < dst.length; i++) {
      if ((i < BEFORE || i >= end) && dst[i] != GUARD) {
        throw new AssertionError("wrote dst[" + (i - BEFORE) + "], outside its range: " + name);
      }
    }
    return Arrays.copyOfRange(dst, BEFORE, end);
  }

  private static float[] surround(float[] values, float guard) {
    float[] out = new float[BEFORE + values.length + AFTER];
    Arrays.fill(out, guard);
    System.arraycopy(values, 0, out, BEFORE, values.length);
    return out;
  }

  /** Same bits, any NaN being like any other. */
  static void assertSameBits(float[] actual, float[] expected, String name) {
    assertThat(actual.length).as(name).isEqualTo(expected.length);
    int bad = Arrays.mismatch(actual, expected);
    if (bad >= 0) {
      throw new AssertionError(
          "[%d] is %s, not %s: %s".formatted(bad, actual[bad], expected[bad], name));
    }
  }
}
