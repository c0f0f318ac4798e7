package io.github.lanewise;

import io.github.lanewise.loops.ParallelRows;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The caller's executor, whose threads stay for a moment after a task: plans often run one after
 * another within microseconds, and waking a thread takes longer than most of them. A task may be
 * left undone, which a run does not mind. Thread-safe.
 */
final class Helpers implements Executor {

  /** Longer than most plans of a network that one thread runs alone; then the thread is free. */
  private static final long LINGER_NANOS = 100_000;

  /** How long plans that follow each other may keep a thread from other tasks of its executor. */
  private static final long STAY_NANOS = 10_000_000;

  /** A thread that has not come for so long may never come, or the pool is full: ask again. */
  static final long AGAIN_NANOS = 100_000_000;

  /** More, of all runs at once, would not find a processor each. */
  static final int MOST = Math.max(64, 4 * Runtime.getRuntime().availableProcessors());

  @SuppressWarnings("UnnecessaryLambda") // its identity counts
  private static final Runnable NOTHING = () -> {};

  // How good a slot is for a task, best first.
  private static final int WAITS = 0;
  private static final int IS_OVER = 1;
  private static final int IS_FREE = 2;
  private static final int IS_TAKEN = 3;

  private final Executor threads;

  /** The next task of each helper: NOTHING once it has taken it, null while no thread is there. */
  private final AtomicReferenceArray<Runnable> tasks = new AtomicReferenceArray<>(MOST);

  /** What each helper works at; null while it waits. */
  private final AtomicReferenceArray<Runnable> busy = new AtomicReferenceArray<>(MOST);

  /** When the executor was last asked for each. A race asks once more. */
  private final long[] asked = new long[MOST];

  Helpers(Executor threads) {
    this.threads = threads;
  }

  /**
   * Hands a task to a helper that waits; else to one whose run has no more for it to do, whether it
   * is about to finish or has not come yet; else asks for one more.
   */
  @Override
  public void execute(Runnable task) {
    for (int rank = WAITS; rank <= IS_FREE; rank++) {
      for (int helper = 0; helper < MOST; helper++) {
        Runnable before = tasks.get(helper);
        if (rank(helper, before) == rank && tasks.compareAndSet(helper, before, task)) {
          askFor(helper, before);
          return;
        }
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same task is the question
  private int rank(int helper, Runnable next) {
    if (next == null) {
      return IS_FREE;
    }
    Runnable work = next == NOTHING ? busy.get(helper) : next;
    if (work == null) {
      return WAITS;
    }
    return work instanceof ParallelRows.Task task && task.isOver() ? IS_OVER : IS_TAKEN;
  }

  @SuppressWarnings("ReferenceEquality") // the same task is the question
  private void askFor(int helper, Runnable before) {
    long now = System.nanoTime();
    boolean isComing = before != null && now - asked[helper] < AGAIN_NANOS;
    if (before == NOTHING || isComing) {
      return;
    }
    asked[helper] = now;
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
    boolean mayLinger = !ParallelRows.ONE_CPU && Thread.currentThread() != caller;
    long start = System.nanoTime();
    long since = start;
    while (true) {
      Runnable task = tasks.get(helper);
      if (task == null) {
        return; // the other has left
      }
      if (task != NOTHING) {
        busy.set(helper, task); // before the slot looks as if one waited
        if (tasks.compareAndSet(helper, task, NOTHING)) {
          task.run();
        }
        busy.set(helper, null);
        since = System.nanoTime();
      }
      long linger = mayLinger && since - start < STAY_NANOS ? LINGER_NANOS : 0;
      for (int turn = 1;
          tasks.get(helper) == NOTHING && System.nanoTime() - since < linger;
          turn++) {
        ParallelRows.pause(turn);
      }
      if (tasks.compareAndSet(helper, NOTHING, null)) {
        return;
      }
    }
  }
}
