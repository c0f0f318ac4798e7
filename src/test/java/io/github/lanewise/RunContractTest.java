package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every bad argument of a run: it is named, and nothing has been written. */
@Tag("backend")
class RunContractTest {
  private static final float UNTOUCHED = -7.5f;
  private static final int MAX = Integer.MAX_VALUE;

  private final float[] dst = new float[1000];

  RunContractTest() {
    Arrays.fill(dst, UNTOUCHED);
  }

  /** Input of 4 x 5 x 3 = 60, output of 4 x 5 x 6 = 120 floats. */
  private static ConvPlan plan(Operator operator, boolean residual) {
    ConvShape.Builder b = ConvShape.builder(4, 5, 3);
    if (operator != Operator.POINTWISE) {
      b.kernel(3);
    }
    ConvShape s = (operator.isDepthwiseShape() ? b.depthwise(2) : b.outChannels(6)).build();
    ConvCase c = ConvCase.of(operator, s, 6).with(Activation.NONE, Activation.RELU, residual);
    return ConvData.of(c).plan(c, ConvOptions.DEFAULT);
  }

  private void refuses(Class<? extends Exception> type, ThrowingCallable action, String... words) {
    assertThatThrownBy(action).isExactlyInstanceOf(type).hasMessageContainingAll(words);
    for (float value : dst) {
      assertThat(value).as("dst after a refused run").isEqualTo(UNTOUCHED);
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void nullsAreNamed(Operator operator) {
    ConvPlan plan = plan(operator, false);
    float[] src = new float[60];
    refuses(NullPointerException.class, () -> plan.run(null, dst), "src");
    refuses(NullPointerException.class, () -> plan.run(src, null), "dst");
    refuses(NullPointerException.class, () -> plan.run(null, 0, dst, 0), "src");
    refuses(NullPointerException.class, () -> plan.run(src, 0, null, 0), "dst");
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void offsetsOutOfRangeAreNamed(Operator operator) {
    ConvPlan plan = plan(operator, false);
    float[] src = new float[100];
    for (int offset : new int[] {-1, 41, 100, 101, MAX, Integer.MIN_VALUE}) {
      refuses(
          IndexOutOfBoundsException.class,
          () -> plan.run(src, offset, dst, 0),
          "srcOffset = " + offset,
          "60 floats",
          "length 100");
    }
    for (int offset : new int[] {-1, 881, 1000, 1001, MAX, Integer.MIN_VALUE}) {
      refuses(
          IndexOutOfBoundsException.class,
          () -> plan.run(src, 0, dst, offset),
          "dstOffset = " + offset,
          "120 floats",
          "length 1000");
    }
    refuses(
        IndexOutOfBoundsException.class,
        () -> plan.run(new float[59], dst),
        "src",
        "60 floats",
        "length 59");
    plan.run(src, 40, dst, 880); // the last ones that fit
    assertThat(dst[879]).isEqualTo(UNTOUCHED);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void overlapOfInputAndOutputIsNamed(Operator operator) {
    ConvPlan plan = plan(operator, false);
    for (int srcOffset : new int[] {200, 141, 319, 250}) {
      refuses(
          IllegalArgumentException.class,
          () -> plan.run(dst, srcOffset, dst, 200),
          "src [" + srcOffset + ", " + (srcOffset + 60) + ")",
          "dst [200, 320)",
          "overlap");
    }
    Arrays.fill(dst, 0, 60, 1);
    plan.run(dst, 0, dst, 60); // neighbours are no overlap, on either side
    plan.run(dst, 0, dst, 300);
    plan.run(dst, 240, dst, 120);
    assertThat(dst[420]).isEqualTo(UNTOUCHED);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void missingAndUnaskedResidualsAreNamed(Operator operator) {
    float[] src = new float[60];
    float[] residual = new float[120];
    ConvPlan with = plan(operator, true);
    ConvPlan without = plan(operator, false);
    refuses(NullPointerException.class, () -> with.run(src, dst), "residual");
    refuses(NullPointerException.class, () -> with.run(src, 0, null, 0, dst, 0), "residual");
    refuses(
        IllegalArgumentException.class,
        () -> without.run(src, 0, residual, 0, dst, 0),
        "residual",
        "withResidual");
    for (int offset : new int[] {-1, 1, MAX}) {
      refuses(
          IndexOutOfBoundsException.class,
          () -> with.run(src, 0, residual, offset, dst, 0),
          "residualOffset = " + offset,
          "120 floats");
    }
    for (int offset : new int[] {0, 119, 1}) {
      refuses(
          IllegalArgumentException.class,
          () -> with.run(src, 0, dst, offset, dst, 0),
          "residual [" + offset,
          "dst [0, 120)",
          "overlap");
    }
    with.run(dst, 500, dst, 440, dst, 120); // a residual may overlap the input
    assertThat(dst[119]).isEqualTo(UNTOUCHED);
    assertThat(dst[240]).isEqualTo(UNTOUCHED);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void workspacesThatAreTooSmallAreNamed(Operator operator) {
    ConvShape big = ConvShape.builder(40, 40, 300).kernel(3).depthwise().build();
    ConvCase c = ConvCase.of(Operator.SEPARABLE, big, 24);
    ConvPlan wide = ConvData.of(c).plan(c, ConvOptions.DEFAULT);
    ConvPlan small = plan(operator, false);
    assertThat(wide.scratchBytes()).isGreaterThan(small.scratchBytes());
    float[] src = new float[wide.srcLength()];
    float[] out = new float[wide.dstLength()];
    Arrays.fill(out, UNTOUCHED);
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> wide.run(src, 0, null, 0, out, 0, small.newWorkspace()))
        .withMessageContainingAll("workspace", "must have at least", "newWorkspace()");
    assertThat(out).containsOnly(UNTOUCHED);
    Workspace both = Workspace.forPlans(small, wide);
    assertThat(both.bytes()).isEqualTo(wide.newWorkspace().bytes());
    wide.run(src, 0, null, 0, out, 0, both);
    small.run(src, 0, null, 0, dst, 0, both);
    assertThat(dst[120]).isEqualTo(UNTOUCHED);
  }

  /** Scratch has parts: more bytes in all may be too few for one of them. */
  @Test
  void workspacesOfAnotherKindOfPlanAreNamed() {
    ConvCase depthwise =
        ConvCase.of(Operator.DEPTHWISE, ConvShape.builder(9, 9, 64).kernel(5).depthwise().build());
    ConvCase pointwise = ConvCase.of(Operator.POINTWISE, ConvShape.builder(2, 2, 64).build());
    Workspace other = ConvData.of(depthwise).plan(depthwise, ConvOptions.DEFAULT).newWorkspace();
    ConvPlan plan = ConvData.of(pointwise).plan(pointwise, ConvOptions.DEFAULT);
    float[] all = new float[2 * 2 * 64];
    assertThat(other.bytes()).isGreaterThan(plan.scratchBytes());
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> plan.run(all, 0, null, 0, all.clone(), 0, other))
        .withMessageMatching("workspace of 1 x \\d+ \\+ 1 x 0 floats must have at least 1 x .*");
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void workspacesForFewerThreadsAreNamed(Operator operator) {
    ConvShape.Builder b = ConvShape.builder(64, 64, 8);
    ConvShape s = (operator.isDepthwiseShape() ? b.depthwise() : b).build();
    ConvCase c = ConvCase.of(operator, s);
    ConvData data = ConvData.of(c);
    ConvPlan one = data.plan(c, ConvOptions.DEFAULT);
    ConvPlan two = data.plan(c, ConvOptions.DEFAULT.withExecutor(Runnable::run, 2));
    assertThat(two.toString()).contains("2 threads");
    float[] out = new float[two.dstLength()];
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> two.run(data.src, 0, null, 0, out, 0, one.newWorkspace()))
        .withMessageContaining("workspace of 1 x");
    two.run(data.src, 0, null, 0, out, 0, two.newWorkspace());
  }
}
