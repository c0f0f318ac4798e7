package io.github.lanewise.loops;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a run does with failures. */
class RowPartitionTest {
  @Test
  void theFirstFailureIsThrown() throws InterruptedException {
    CountDownLatch both = new CountDownLatch(2);
    Thread[] helper = new Thread[1];
    RowPartition.Body body =
        (unit, worker) -> {
          both.countDown();
          try {
            both.await();
            if (unit == 1) {
              Thread.sleep(100);
            }
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          throw new IllegalStateException("unit " + unit);
        };
    assertThatIllegalStateException()
        .isThrownBy(
            () -> RowPartition.run(task -> helper[0] = Thread.ofPlatform().start(task), 2, 2, body))
        .withMessage("unit 0");
    helper[0].join();
  }
}
