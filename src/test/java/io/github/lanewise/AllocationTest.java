package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A run allocates nothing once it is compiled. Before that vectors are objects, so each plan runs
 * until it allocates no more, or too long. A vector that stays an object makes a kernel 10 to 100
 * times slower: this test is the guard against it.
 */
@Tag("backend")
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long WARM_UP_SECONDS = 20;
  private static final int RUNS = 20;

  /** The other configurations compile the same methods, or have no compiler that would. */
  @BeforeAll
  static void onlyWhereTheKernelsAreCompiledByC2() {
    String config = System.getProperty("lanewise.test.config", "auto");
    assumeTrue(
        Set.of("auto", "vectorBits-0").contains(config),
        "allocation is checked in the configurations auto and vectorBits-0");
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void runsAllocateNothing(Operator operator) {
    for (ConvCase c : cases(operator)) {
      ConvData data = ConvData.of(c);
      check(c, data, data.plan(c, ConvOptions.DEFAULT), 0);
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void runsWithSlopesAllocateNothing(Operator operator) {
    ConvCase c = cases(operator).getFirst().with(Activation.NONE, Activation.NONE, true);
    ConvData data = ConvData.of(c);
    float[] slope = new float[c.outChannels()];
    check(c, data, data.plan(c, ConvOptions.DEFAULT.withPrelu(slope)), 0);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void scalarRunsAllocateNothing(Operator operator) {
    for (ConvCase c : cases(operator)) {
      ConvData data = ConvData.of(c);
      check(c, data, data.plan(c, ConvOptions.DEFAULT.withBackend(Backend.scalar())), 0);
    }
  }

  /** Widened panels, and one row, which is multiplied without. */
  @ParameterizedTest
  @EnumSource(Operator.class)
  void runsWithFloat16WeightsAllocateNothing(Operator operator) {
    List<ConvCase> cases = new ArrayList<>(cases(operator).subList(0, 1));
    if (operator == Operator.POINTWISE) {
      cases.add(ConvCase.of(operator, ConvShape.builder(1, 1, 99).outChannels(101).build()));
    }
    ConvOptions half = ConvOptions.DEFAULT.withWeights(WeightFormat.FLOAT16);
    for (ConvCase c : cases) {
      ConvData data = ConvData.of(c);
      check(c, data, data.plan(c, half), 0);
      check(c, data, data.plan(c, half.withBackend(Backend.scalar())), 0);
    }
  }

  /** The state that a run shares with its helpers, and one task for each. */
  @ParameterizedTest
  @EnumSource(Operator.class)
  void runsWithAnExecutorAllocateNoMoreThanTheirTasks(Operator operator) {
    AtomicReference<Runnable> task = new AtomicReference<>();
    ConvCase c = cases(operator).getFirst();
    ConvData data = ConvData.of(c);
    ConvOptions options = ConvOptions.DEFAULT.withExecutor(task::set, 3); // and never run
    check(c, data, data.plan(c, options), 300);
  }

  private static List<ConvCase> cases(Operator operator) {
    List<ConvCase> cases = new ArrayList<>();
    for (int stride = 1; stride <= 2; stride++) {
      for (Activation activation : List.of(Activation.RELU6, Activation.SILU)) {
        ConvShape.Builder b = ConvShape.builder(16, 15, 37).stride(stride);
        if (operator != Operator.POINTWISE) {
          b.kernel(3);
        }
        ConvShape s = (operator.isDepthwiseShape() ? b.depthwise() : b.outChannels(41)).build();
        int out = operator == Operator.SEPARABLE ? 41 : s.outChannels();
        cases.add(
            ConvCase.of(operator, s, out)
                .with(activation, activation, activation.equals(Activation.SILU)));
      }
    }
    if (operator == Operator.STANDARD) { // gathered, and in runs by narrow panels
      cases.add(
          ConvCase.of(operator, ConvShape.builder(7, 7, 37).kernel(3).outChannels(64).build()));
      cases.add(
          ConvCase.of(operator, ConvShape.builder(9, 24, 3).kernel(3).outChannels(24).build()));
    }
    return cases;
  }

  private static void check(ConvCase c, ConvData data, ConvPlan plan, long bytesPerRun) {
    float[] dst = new float[plan.dstLength()];
    // CPU time, so that a busy machine does not fail the test
    long deadline = THREADS.getCurrentThreadCpuTime() + TimeUnit.SECONDS.toNanos(WARM_UP_SECONDS);
    long allocated = Long.MAX_VALUE;
    int quiet = 0;
    while (quiet < 3 && THREADS.getCurrentThreadCpuTime() < deadline) {
      allocated = allocatedBy(plan, data, dst);
      quiet = allocated <= bytesPerRun * RUNS ? quiet + 1 : 0;
    }
    assertThat(quiet)
        .as("%d runs still allocate %d bytes after a warm-up: %s %s", RUNS, allocated, c, plan)
        .isEqualTo(3);
  }

  private static long allocatedBy(ConvPlan plan, ConvData data, float[] dst) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (int run = 0; run < RUNS; run++) {
      plan.run(data.src, 0, data.residual, 0, dst, 0);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }
}
