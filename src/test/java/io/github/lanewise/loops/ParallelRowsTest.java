package io.github.lanewise.loops;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Test;

/** What a run does with failures. */
class ParallelRowsTest {

  /** The second unit fails once the first one's thread has nothing left to do. */
  @Test
  void theFirstFailureIsThrown() throws InterruptedException {
    AtomicReferenceArray<Thread> threads = new AtomicReferenceArray<>(2);
    Thread[] helper = new Thread[1];
    ParallelRows.Body body =
        (unit, worker) -> {
          threads.set(unit, Thread.currentThread());
          while (threads.get(1 - unit) == null || (unit == 1 && !hasNothingToDo(threads.get(0)))) {
            Thread.onSpinWait();
          }
          throw new IllegalStateException("unit " + unit);
        };
    assertThatIllegalStateException()
        .isThrownBy(
            () -> ParallelRows.run(task -> helper[0] = Thread.ofPlatform().start(task), 2, 2, body))
        .withMessage("unit 0");
    helper[0].join();
  }

  /** The caller then waits for the helper, which ends. */
  private static boolean hasNothingToDo(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TERMINATED;
  }
}
