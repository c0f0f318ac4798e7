package io.github.lanewise.loops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How rows are cut. */
class RowRangesTest {
  private static final int MAX = Integer.MAX_VALUE;

  @Test
  void rangesCoverTheRowsWithoutOverflow() {
    int[] sizes = {1, 2, 3, 7, 64, 65, 1000, MAX - 1, MAX};
    for (int rows : sizes) {
      for (int most : sizes) {
        for (int parallelism : sizes) {
          for (int block = 1; block <= 4; block *= 2) {
            RowRanges ranges = RowRanges.of(rows, most, parallelism, block);
            String name =
                "%d rows, %d at most, %d threads, blocks of %d"
                    .formatted(rows, most, parallelism, block);
            assertThat(ranges.largest())
                .as(name)
                .isBetween(1, (int) Math.min(rows, most + (block - 1L)));
            assertThat(ranges.begin(0)).as(name).isZero();
            assertThat(ranges.begin(ranges.count())).as(name).isEqualTo(rows);
            int last = ranges.count() - 1;
            for (int range : new int[] {0, last / 2, last - 1, last}) {
              int begin = ranges.begin(Math.max(0, range));
              if (begin > 0) {
                assertThat((rows - begin) % block).as(name).isZero();
              }
              assertThat(ranges.size(Math.max(0, range))).as(name).isBetween(1, ranges.largest());
            }
          }
        }
      }
    }
  }

  @Test
  void largerRangesComeFirstAndTheFirstLacksRows() {
    assertThat(RowRanges.of(100, 32, 3, 2)).isEqualTo(new RowRanges(100, 2, 6));
    assertThat(sizes(RowRanges.of(100, 32, 3, 2))).containsExactly(18, 18, 16, 16, 16, 16);
    assertThat(sizes(RowRanges.of(25, 5, 2, 2))).containsExactly(5, 4, 4, 4, 4, 4);
    assertThat(sizes(RowRanges.of(7, 7, 2, 2))).containsExactly(3, 4);
  }

  private static int[] sizes(RowRanges ranges) {
    return IntStream.range(0, ranges.count()).map(ranges::size).toArray();
  }

  @Test
  void theLargestIsOneOfThem() {
    for (int rows = 1; rows <= 40; rows++) {
      for (int most = 1; most <= rows; most++) {
        for (int block = 1; block <= 4; block++) {
          RowRanges ranges = RowRanges.of(rows, most, 3, block);
          int[] all = sizes(ranges);
          assertThat(ranges.largest()).isEqualTo(IntStream.of(all).max().orElseThrow());
          assertThat(IntStream.of(all).sum()).isEqualTo(rows);
        }
      }
    }
  }

  /** As where 25 rows were cut into five times five, of which one thread had three. */
  @Test
  void threadsHaveEqualShares() {
    for (int rows = 1; rows <= 200; rows++) {
      for (int most = 1; most <= 50; most++) {
        for (int threads = 2; threads <= 5; threads++) {
          for (int block = 1; block <= 4; block++) {
            RowRanges ranges = RowRanges.of(rows, most, threads, block);
            int[] busyUntil = new int[threads];
            for (int range = 0; range < ranges.count(); range++) {
              Arrays.sort(busyUntil); // the first that is free takes the next
              busyUntil[0] += ranges.size(range);
            }
            assertThat(IntStream.of(busyUntil).max().orElseThrow())
                .as("%d rows, %d at most, %d threads, x%d", rows, most, threads, block)
                .isLessThanOrEqualTo(
                    Math.ceilDiv(Math.ceilDiv(rows, block), threads) * block + block);
          }
        }
      }
    }
  }
}
