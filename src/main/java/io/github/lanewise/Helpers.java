package io.github.lanewise;

import io.github.lanewise.loops.RowPartition;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The caller's executor, whose threads stay for a moment after a task: plans often run one after
 * another within microseconds, and waking a thread takes longer than most of them. A task may be
 * left undone for a newer one, which a run does not mind. Thread-safe.
 */
final class Helpers implements Executor {

  /** Longer than most plans of a network that one thread runs alone; then the thread is free. */
  private static final long LINGER_NANOS = 100_000;

  /** A thread that has not come for so long may never come, or the pool is full: ask again. */
  static final long AGAIN_NANOS = 100_000_000;

  /** More would not find a processor each. */
  private static final int MOST = Math.max(64, 4 * Runtime.getRuntime().availableProcessors());

  @SuppressWarnings("UnnecessaryLambda") // its identity counts
  private static final Runnable NOTHING = () -> {};

  private final Executor threads;

  /** The task of each helper: NOTHING while it waits for one, null while no thread is there. */
  private final AtomicReferenceArray<Runnable> tasks;

  /** When the executor was last asked for each. A race asks once more. */
  private final long[] asked;

  Helpers(Executor threads, int helpers) {
    this.threads = threads;
    this.tasks = new AtomicReferenceArray<>(Math.min(helpers, MOST));
    this.asked = new long[tasks.length()];
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the same task is the question
  public void execute(Runnable task) {
    int helper = 0;
    for (int i = tasks.length() - 1; i >= 0; i--) {
      Runnable at = tasks.get(i);
      if (at == NOTHING && tasks.compareAndSet(i, NOTHING, task)) {
        return;
      }
      helper = at == null ? i : helper;
    }
    Runnable before = tasks.getAndSet(helper, task);
    long now = System.nanoTime();
    boolean isComing = before != null && now - asked[helper] < AGAIN_NANOS;
    if (before != NOTHING && !isComing) {
      asked[helper] = now;
      start(helper);
    }
  }

  private void start(int helper) {
    Thread caller = Thread.currentThread();
    try {
      threads.execute(() -> help(helper, caller));
    } catch (RuntimeException | Error e) {
      tasks.set(helper, null); // nobody comes
      throw e;
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same thread and the same task are the question
  private void help(int helper, Thread caller) {
    Runnable first = tasks.get(helper);
    if (first == null || first == NOTHING) {
      return; // asked for twice, and the other came before
    }
    long linger = RowPartition.ONE_CPU || Thread.currentThread() == caller ? 0 : LINGER_NANOS;
    long since = System.nanoTime();
    while (true) {
      Runnable task = tasks.getAndSet(helper, NOTHING);
      if (task != NOTHING && task != null) {
        task.run();
        since = System.nanoTime();
      } else if (System.nanoTime() - since >= linger
          && tasks.compareAndSet(helper, NOTHING, null)) {
        return;
      }
      for (int turn = 1;
          tasks.get(helper) == NOTHING && System.nanoTime() - since < linger;
          turn++) {
        RowPartition.pause(turn);
      }
    }
  }
}
