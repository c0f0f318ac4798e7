package io.github.lanewise.loops;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** How ranges of output rows spread over threads. */
public final class ParallelRows {

  /** What is done for one range, by one of the workers 0 .. workers - 1. */
  public interface Body {
    /** Computes a range with a worker's scratch. */
    void run(int unit, int worker);
  }

  /** What a helper of a run does: one of its workers. */
  public static final class Task implements Runnable {
    private final Run run;
    private final int worker;

    private Task(Run run, int worker) {
      this.run = run;
      this.worker = worker;
    }

    @Override
    public void run() {
      run.help(worker);
    }

    /** Whether every range is taken, so that one who starts now has nothing to do. */
    public boolean isOver() {
      return run.next.get() >= run.units;
    }
  }

  /** Whether a thread that waits busily is only in the way of the one that it waits for. */
  public static final boolean ONE_CPU = Runtime.getRuntime().availableProcessors() == 1;

  /** Parking and waking a thread takes about as long. */
  private static final long SPIN_NANOS = ONE_CPU ? 0 : 50_000;

  /** Turns of a busy wait between two at which another thread may have the processor. */
  private static final int YIELD = 64;

  private ParallelRows() {}

  /**
   * One turn of a busy wait. Now and then it yields: a scheduler may have put the one that is
   * waited for on the same processor.
   */
  @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it
  public static void pause(int turn) {
    if (turn % YIELD == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }

  /**
   * Runs every range once. The caller's thread takes ranges too, and helpers that start after the
   * last range is taken do nothing: no executor, however slow, can block the run or touch its
   * arrays later. The first failure is thrown here.
   */
  public static void run(Executor executor, int workers, int units, Body body) {
    Run run = new Run(units, body, Thread.currentThread());
    for (int worker = 1; worker < workers; worker++) {
      try {
        executor.execute(new Task(run, worker));
      } catch (RejectedExecutionException e) {
        break; // a full or stopped executor costs speed, not the result
      } catch (RuntimeException | Error e) {
        run.failure.compareAndSet(null, e); // thrown below, once no helper works any more
        break;
      }
    }
    run.work(0);
    run.await();
  }

  /** One run: ranges are claimed by a counter and finished by another. */
  private static final class Run {
    private final int units;
    private final Thread caller;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** Null after the run: a task that waits in a queue must not keep the caller's arrays alive. */
    private Body body;

    Run(int units, Body body, Thread caller) {
      this.units = units;
      this.body = body;
      this.caller = caller;
    }

    void help(int worker) {
      work(worker);
      LockSupport.unpark(caller);
    }

    void work(int worker) {
      for (int unit = next.getAndIncrement(); unit < units; unit = next.getAndIncrement()) {
        try {
          if (failure.get() == null) {
            body.run(unit, worker);
          }
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        } finally {
          done.incrementAndGet();
        }
      }
    }

    /** Waits busily at first: a helper has most often begun its last range already. */
    void await() {
      long start = System.nanoTime();
      for (int turn = 1; done.get() < units && System.nanoTime() - start < SPIN_NANOS; turn++) {
        pause(turn);
      }
      boolean interrupted = false;
      while (done.get() < units) {
        LockSupport.park(this);
        interrupted |= Thread.interrupted();
      }
      body = null;
      if (interrupted) {
        caller.interrupt();
      }
      switch (failure.get()) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        case null, default -> {
          // every range succeeded
        }
      }
    }
  }
}
