package io.github.lanewise.loops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Rows a range, and what a run does with failures. */
class RowPartitionTest {
  private static final int MAX = Integer.MAX_VALUE;

  @Test
  void rangesCoverTheRowsWithoutOverflow() {
    int[] sizes = {1, 2, 3, 7, 64, 65, 1000, MAX - 1, MAX};
    for (int rows : sizes) {
      for (int most : sizes) {
        for (int parallelism : sizes) {
          for (int multiple = 1; multiple <= 4; multiple *= 2) {
            int each = RowPartition.rowsPerRange(rows, most, parallelism, multiple);
            assertThat(each)
                .as("%d rows, %d at most, %d threads, x%d", rows, most, parallelism, multiple)
                .isBetween(1, (int) Math.min(rows, most + (multiple - 1L)));
            assertThat(each == rows || each % multiple == 0).isTrue();
          }
        }
      }
    }
    assertThat(RowPartition.rowsPerRange(100, 32, 3, 2)).isEqualTo(18);
  }

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
