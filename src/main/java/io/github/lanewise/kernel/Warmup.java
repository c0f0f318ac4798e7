package io.github.lanewise.kernel;

import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Shares the time of whoever runs plans between plain Java, which does the work, and samples of the
 * vector kernels that are to do it. All kernels that were asked for have samples in turn, so that
 * C2 has its work early and all at once. Races between threads only shift the shares.
 */
final class Warmup {
  /** So long first results, and the compilation of plain Java, come first. */
  static final long EARLY_NANOS = 100_000_000;

  /** After so long a thread begins no further sample before it goes back to its own work. */
  private static final long TURN_NANOS = 1_000_000;

  private final CopyOnWriteArrayList<Gate> asked = new CopyOnWriteArrayList<>();
  private int next;
  private long plainNanos;
  private long vectorNanos;

  /** Plain Java did a kernel's work for so long; now samples have as much. */
  void worked(Gate gate, long nanos) {
    gate.worked(nanos);
    plainNanos += nanos;
    asked.addIfAbsent(gate);
    long began = System.nanoTime();
    while (vectorNanos <= plainNanos - EARLY_NANOS && System.nanoTime() - began < TURN_NANOS) {
      Gate due = nextDue();
      if (due == null) {
        vectorNanos = Math.max(vectorNanos, plainNanos - EARLY_NANOS); // time is not saved up
        return;
      }
      vectorNanos += due.sample();
    }
  }

  /** Whether all kernels that were asked for are warm, or are asked for hardly anything. */
  boolean isDone() {
    return asked.stream().allMatch(gate -> gate.isWarm() || gate.isNegligible());
  }

  private Gate nextDue() {
    Object[] all = asked.toArray();
    for (int i = 0; i < all.length; i++) {
      int turn = (next + 1) % all.length; // of a copy: other threads may know of more gates
      next = turn;
      Gate gate = (Gate) all[turn];
      if (gate.isDue()) {
        return gate;
      }
    }
    return null;
  }
}
