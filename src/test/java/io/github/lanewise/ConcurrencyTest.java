package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.loops.ParallelRows;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same bits whatever the threads do: any degree, any executor, many runs at once. Nothing is
 * written once a run has returned.
 */
@Tag("backend")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConcurrencyTest {

  private static ConvCase caseOf(Operator operator) {
    ConvShape.Builder b = ConvShape.builder(29, 13, 9).batch(2);
    if (operator != Operator.POINTWISE) {
      b.kernel(3);
    }
    ConvShape s = (operator.isDepthwiseShape() ? b.depthwise() : b.outChannels(19)).build();
    int out = operator == Operator.SEPARABLE ? 19 : s.outChannels();
    return ConvCase.of(operator, s, out).with(Activation.RELU6, Activation.HARD_SWISH, true);
  }

  /** What one thread computes. */
  private static float[] alone(ConvCase c, ConvData data) {
    return GuardedRun.run(data.plan(c, ConvOptions.DEFAULT), data, c.toString());
  }

  private static void checkWith(Executor executor, int degree, ConvCase c, String what) {
    ConvData data = ConvData.of(c);
    ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withExecutor(executor, degree));
    String name = what + ", degree " + degree + ", " + c;
    float[] expected = alone(c, data);
    for (int run = 0; run < 3; run++) {
      GuardedRun.assertSameBits(GuardedRun.run(plan, data, name), expected, name + " run " + run);
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void bitsDoNotDependOnTheDegree(Operator operator) {
    try (ExecutorService pool = Executors.newFixedThreadPool(3);
        ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int degree : new int[] {1, 2, 3, 7, 1000, Integer.MAX_VALUE}) {
        checkWith(pool, degree, caseOf(operator), "pool");
        checkWith(virtual, degree, caseOf(operator), "virtual threads");
      }
    }
  }

  /** The shapes of the sweep have every kind of edge for a range of rows to end at. */
  @ParameterizedTest
  @EnumSource(Operator.class)
  void bitsOfOddShapesDoNotDependOnTheDegree(Operator operator) {
    TestBudget budget = TestBudget.current();
    ShapeGrammar grammar = new ShapeGrammar(operator, 8, TestBudget.SEED);
    for (int i = 0; i < budget.random(); i++) {
      ConvCase c = grammar.random(budget.multiplications() / 10);
      ConvData data = ConvData.of(c);
      float[] expected = alone(c, data);
      for (int degree = 2; degree <= 5; degree += 3) {
        ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withExecutor(Runnable::run, degree));
        String name = "degree " + degree + ", " + c;
        GuardedRun.assertSameBits(GuardedRun.run(plan, data, name), expected, name);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void executorsThatDoNotHelpDoNoHarm(Operator operator) {
    ConvCase c = caseOf(operator);
    List<Runnable> dropped = new ArrayList<>();
    long since = System.nanoTime();
    checkWith(dropped::add, 3, c, "never runs");
    assertThat(dropped)
        .as("helpers that the runs asked for")
        .hasSizeBetween(2, 2 + 2 * timesAgain(since));
    checkWith(Runnable::run, 3, c, "runs in the caller's thread");
    checkWith(
        task -> {
          throw new RejectedExecutionException("full");
        },
        3,
        c,
        "rejects");
    checkWith(
        task -> {
          task.run();
          throw new RejectedExecutionException("after having run it");
        },
        3,
        c,
        "runs and rejects");
    ExecutorService stopped = Executors.newSingleThreadExecutor();
    stopped.close();
    checkWith(stopped, 3, c, "shut down");
  }

  @Test
  void aRunOnTheOnlyThreadOfItsOwnPoolDoesNotDeadlock() throws Exception {
    ConvCase c = caseOf(Operator.SEPARABLE);
    try (ExecutorService single = Executors.newSingleThreadExecutor()) {
      single.submit(() -> checkWith(single, 4, c, "own pool")).get();
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void lateTasksTouchNothing(Operator operator) {
    ConvCase c = caseOf(operator);
    ConvData data = ConvData.of(c);
    Queue<Runnable> late = new ArrayDeque<>();
    ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withExecutor(late::add, 4));
    float[] dst = new float[plan.dstLength()];
    plan.run(data.src, 0, data.residual, 0, dst, 0);
    GuardedRun.assertSameBits(dst, alone(c, data), "before the late tasks: " + c);
    assertThat(late).isNotEmpty();
    Arrays.fill(dst, -1);
    float[] src = data.src.clone();
    late.forEach(Runnable::run);
    assertThat(dst).as("dst after late tasks: %s", c).containsOnly(-1);
    GuardedRun.assertSameBits(data.src, src, "src after late tasks: " + c);
  }

  @Test
  void aHelperThatNeverCameIsAskedForAgainAfterAWhile() {
    ConvData data = ConvData.of(caseOf(Operator.SEPARABLE));
    List<Runnable> dropped = new ArrayList<>();
    ConvPlan plan =
        data.plan(caseOf(Operator.SEPARABLE), ConvOptions.DEFAULT.withExecutor(dropped::add, 2));
    for (int again = 1; again <= 3; again++) {
      dropped.clear();
      long since = System.nanoTime();
      GuardedRun.run(plan, data, "never runs");
      GuardedRun.run(plan, data, "never runs");
      assertThat(dropped).as("round %d", again).hasSizeBetween(1, 1 + timesAgain(since));
      sleep(Helpers.AGAIN_NANOS / 1_000_000 + 1);
    }
  }

  /** How often a helper that has not come may have been asked for again by now. */
  private static int timesAgain(long since) {
    return Math.toIntExact((System.nanoTime() - since) / Helpers.AGAIN_NANOS);
  }

  /** A helper that is at work is no help to another run, whose own must be asked for. */
  @Test
  void runsAtOnceHaveHelpersEach() throws Exception {
    int runs = 4;
    int degree = 3;
    CountDownLatch together = new CountDownLatch(runs * degree);
    try (ExecutorService callers = Executors.newFixedThreadPool(runs);
        ExecutorService pool = Executors.newFixedThreadPool(runs * (degree - 1))) {
      Executor helpers = ConvOptions.DEFAULT.withExecutor(pool, degree).executor();
      ParallelRows.Body body =
          (unit, worker) -> {
            together.countDown();
            await(together);
          };
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < runs; i++) {
        results.add(callers.submit(() -> ParallelRows.run(helpers, degree, degree + 1, body)));
      }
      for (Future<?> result : results) {
        result.get();
      }
    }
    assertThat(together.getCount()).as("threads that were missing").isZero();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(50, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Small plans that follow each other must not keep a thread of a shared pool for good. */
  @Test
  void aHelperMakesWayForOtherTasksOfItsPool() {
    try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
      Executor helpers = ConvOptions.DEFAULT.withExecutor(pool, 2).executor();
      ParallelRows.run(helpers, 2, 2, (unit, worker) -> {});
      long start = System.nanoTime();
      Future<?> other = pool.submit(() -> {});
      while (!other.isDone() && System.nanoTime() - start < 50_000_000_000L) {
        ParallelRows.run(helpers, 2, 2, (unit, worker) -> {});
      }
      assertThat(other.isDone()).isTrue();
    }
  }

  /**
   * A server whose threads are all busy must not find its queue full of helpers for runs of old.
   */
  @Test
  void aBusyPoolGetsFewTasksWhichKeepNothingAlive() throws Exception {
    ConvCase c = caseOf(Operator.SEPARABLE);
    ConvData data = ConvData.of(c);
    CountDownLatch busy = new CountDownLatch(1);
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
    try (pool) {
      Future<?> other = pool.submit(() -> busy.await(50, TimeUnit.SECONDS));
      ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withExecutor(pool, 2));
      long since = System.nanoTime();
      for (int run = 0; run < 1000; run++) {
        GuardedRun.run(plan, data, "busy pool");
      }
      assertThat(pool.getQueue().size()).isLessThanOrEqualTo(2 + timesAgain(since));
      WeakReference<float[]> kept = runOnArraysOfItsOwn(plan, data);
      for (int i = 0; i < 50 && kept.get() != null; i++) {
        System.gc();
        sleep(10);
      }
      assertThat(kept.get()).as("dst of a run that is over").isNull();
      busy.countDown();
      other.get();
    }
  }

  private static WeakReference<float[]> runOnArraysOfItsOwn(ConvPlan plan, ConvData data) {
    float[] dst = new float[plan.dstLength()];
    plan.run(data.src, 0, data.residual, 0, dst, 0);
    return new WeakReference<>(dst);
  }

  /** An executor that fails after it has started a helper: the run may fail, but not leave it. */
  @Test
  void aFailingExecutorLeavesNoHelperBehind() throws InterruptedException {
    ConvShape shape = ConvShape.builder(160, 64, 24).kernel(5).outChannels(24).build();
    ConvCase c = ConvCase.of(Operator.STANDARD, shape);
    ConvData data = ConvData.of(c);
    List<Thread> helpers = new ArrayList<>();
    Executor failing =
        task -> {
          if (!helpers.isEmpty()) {
            sleep(2); // the helper is at work by now
            throw new OutOfMemoryError("unable to create native thread (simulated)");
          }
          helpers.add(Thread.ofPlatform().start(task));
        };
    ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withExecutor(failing, 4));
    float[] dst = new float[plan.dstLength()];
    Arrays.fill(dst, Float.NaN);
    boolean failed = false;
    try {
      plan.run(data.src, dst);
    } catch (OutOfMemoryError e) {
      failed = true;
    }
    float[] atReturn = dst.clone();
    for (Thread helper : helpers) {
      helper.join();
    }
    GuardedRun.assertSameBits(dst, atReturn, "written after run() had returned");
    if (!failed) {
      GuardedRun.assertSameBits(dst, alone(c, data), "result in spite of the failing executor");
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void onePlanRunsOnManyThreadsAtOnce(Operator operator) throws Exception {
    ConvCase c = caseOf(operator);
    try (ExecutorService platform = Executors.newFixedThreadPool(12);
        ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor();
        ExecutorService helpers = Executors.newFixedThreadPool(2)) {
      runAtOnce(platform, c, ConvOptions.DEFAULT);
      runAtOnce(virtual, c, ConvOptions.DEFAULT);
      runAtOnce(virtual, c, ConvOptions.DEFAULT.withExecutor(helpers, 3));
    }
  }

  /** Every thread has its own input, so that scratch shared by mistake shows. */
  private static void runAtOnce(ExecutorService threads, ConvCase c, ConvOptions options)
      throws Exception {
    ConvData data = ConvData.of(c);
    ConvPlan plan = data.plan(c, options);
    int count = 12;
    CountDownLatch start = new CountDownLatch(count);
    List<Future<?>> results = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      float[] src = data.src.clone();
      for (int i = 0; i < src.length; i++) {
        src[i] += t;
      }
      float[] expected =
          GuardedRun.run(data.plan(c, ConvOptions.DEFAULT), src, data.residual, c.toString());
      Callable<Void> task =
          () -> {
            start.countDown();
            start.await();
            for (int run = 0; run < 5; run++) {
              GuardedRun.assertSameBits(
                  GuardedRun.run(plan, src, data.residual, c.toString()), expected, c.toString());
            }
            return null;
          };
      results.add(threads.submit(task));
    }
    for (Future<?> result : results) {
      result.get();
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void aCallersWorkspaceServesPlansInTurn(Operator operator) {
    ConvCase c = caseOf(operator);
    ConvData data = ConvData.of(c);
    ConvPlan plan = data.plan(c, ConvOptions.DEFAULT.withExecutor(Runnable::run, 3));
    ConvPlan other = data.plan(c, ConvOptions.DEFAULT);
    Workspace workspace = Workspace.forPlans(other, plan);
    float[] expected = alone(c, data);
    for (ConvPlan each : List.of(plan, other, plan)) {
      float[] dst = new float[plan.dstLength()];
      each.run(data.src, 0, data.residual, 0, dst, 0, workspace);
      GuardedRun.assertSameBits(dst, expected, c.toString());
    }
  }

  @Test
  void anInterruptIsKept() {
    ConvCase c = caseOf(Operator.SEPARABLE);
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      Thread.currentThread().interrupt();
      checkWith(pool, 3, c, "interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
