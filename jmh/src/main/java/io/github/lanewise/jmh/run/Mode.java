package io.github.lanewise.jmh.run;

import java.time.Duration;

/** How much to measure. The warm-up begins when the vector kernels are compiled. */
enum Mode {
  /** One round of short forks. */
  QUICK(1, 3, 500, 3, 120, null),
  /** Two rounds, the scalar backend in the first only; the second if it fits into five minutes. */
  DEFAULT(2, 3, 450, 4, 110, Duration.ofSeconds(290)),
  /** Every list, collector and backend, plan creation too, in three rounds of longer forks. */
  FULL(3, 5, 300, 5, 200, null);

  final int rounds;
  final int warmups;
  final int warmupMillis;
  final int iterations;
  final int millis;

  /** No round but the first begins that would not end within this time; null for no limit. */
  final Duration limit;

  Mode(int rounds, int warmups, int warmupMillis, int iterations, int millis, Duration limit) {
    this.rounds = rounds;
    this.warmups = warmups;
    this.warmupMillis = warmupMillis;
    this.iterations = iterations;
    this.millis = millis;
    this.limit = limit;
  }
}
