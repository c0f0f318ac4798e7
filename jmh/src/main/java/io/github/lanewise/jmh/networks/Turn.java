package io.github.lanewise.jmh.networks;

import java.util.ArrayList;
import java.util.List;

/** Runs something again and again for a while. */
final class Turn {
  private static final int LEAST = 3;

  private Turn() {}

  /** The milliseconds of each run, three at least. */
  static List<Double> millis(Runnable task, long nanos) {
    List<Double> millis = new ArrayList<>();
    long end = System.nanoTime() + nanos;
    while (millis.size() < LEAST || System.nanoTime() < end) {
      long start = System.nanoTime();
      task.run();
      millis.add((System.nanoTime() - start) / 1e6);
    }
    return millis;
  }
}
