package io.github.lanewise.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FastestMillisecondTest {
  private final FastestMillisecond fastest = new FastestMillisecond();
  private long now;

  private void work(double gflop, long nanos) {
    now += nanos;
    fastest.add(gflop, now);
  }

  private void begin() {
    fastest.begin(0);
    now = 0;
  }

  @Test
  void shortRunsAreAddedUpUntilAMillisecondHasGone() {
    begin();
    work(1, 10); // alone a rate of 100000000, but nobody may claim that of a millisecond
    work(1, 999_989);
    assertThat(fastest.gflops()).isZero();
    work(1, 1);
    assertThat(fastest.gflops()).isCloseTo(3000, within(1e-6));
  }

  @Test
  void theFastestOfAllCountsAndLongRunsAreRatedByThemselves() {
    begin();
    work(1, 2_000_000);
    assertThat(fastest.gflops()).isCloseTo(500, within(1e-6));
    work(4, 4_000_000);
    assertThat(fastest.gflops()).isCloseTo(1000, within(1e-6));
    work(1, 8_000_000);
    assertThat(fastest.gflops()).isCloseTo(1000, within(1e-6));
  }

  @Test
  void beginForgets() {
    begin();
    work(4, 2_000_000);
    work(9, 10);
    begin();
    assertThat(fastest.gflops()).isZero();
    work(1, 1_000_000);
    assertThat(fastest.gflops()).isCloseTo(1000, within(1e-6));
  }
}
