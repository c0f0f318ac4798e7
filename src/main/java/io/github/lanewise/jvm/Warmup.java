package io.github.lanewise.jvm;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Has C2 compile the vector kernels that plans need, on the threads that make plans and run them,
 * while plain Java does the work. HotSpot asks for more calls of a method the more others wait for
 * C2, which on a small machine is one thread. So five kernels have their turn at a time, one that
 * C2 works for and others whose calls are counted, those first that gain most for C2's time. Races
 * between threads only shift the shares.
 */
public final class Warmup {
  /** After so long a thread goes back to its own work. */
  private static final long TURN_NANOS = 1_000_000;

  /** Of the time between two calls of a kernel its gate may have one in so many parts. */
  private static final int PART = 16;

  /** Of a longer time than so much gates have no more. */
  private static final long LONGEST_NANOS = 16_000_000;

  /** Gates at a time. */
  private static final int AT_ONCE = 5;

  private final CopyOnWriteArrayList<Gate> asked = new CopyOnWriteArrayList<>();
  private long lastNanos;
  private long creditNanos;
  private long vectorNanos;

  /**
   * A plan that is being made will need a kernel: the more plans, the more it is worth. Large ones
   * have C2 as soon as the small ones are compiled, while it has little else to do.
   */
  public void planned(Gate gate) {
    asked.addIfAbsent(gate);
    gate.missed(1);
    advance(smallOnesWait());
  }

  /**
   * Plain Java did a kernel's work; gates have as much time at most, or a part of what passed, so
   * that a kernel with little work is compiled soon, too.
   *
   * @param since when it began, by {@link System#nanoTime}
   */
  public void worked(Gate gate, long since) {
    asked.addIfAbsent(gate);
    long now = System.nanoTime();
    long nanos = now - since;
    gate.worked(nanos);
    creditNanos += Math.max(nanos, Math.min(now - lastNanos, LONGEST_NANOS) / PART);
    lastNanos = now;
    if (vectorNanos <= creditNanos) {
      advance(false);
    }
  }

  /** Calls kernels for a while, unless C2 has its work already; whether any was called. */
  public boolean advance() {
    return advance(false);
  }

  private boolean advance(boolean onlySmall) {
    long start = System.nanoTime();
    long now = start;
    Gate gate = due(now, onlySmall);
    while (gate != null && now - start < TURN_NANOS) {
      gate.advance(now);
      now = System.nanoTime();
      gate = due(now, onlySmall);
    }
    vectorNanos += now - start;
    return now != start;
  }

  private boolean smallOnesWait() {
    for (Gate gate : asked) {
      if (gate.isSmall() && !gate.isWarm()) {
        return true;
      }
    }
    return false;
  }

  /** What plain Java still does. */
  public List<Gate> waiting() {
    return asked.stream().filter(gate -> gate.isAsked() && !gate.isWarm()).toList();
  }

  /** One that is due, of those whose turn it is. */
  private Gate due(long now, boolean onlySmall) {
    Gate[] best = new Gate[AT_ONCE];
    for (Gate gate : asked) {
      Gate each = gate.isWarm() || (onlySmall && !gate.isSmall()) ? null : gate;
      if (each != null && each.isLate()) {
        if (each.isDue(now)) {
          return each;
        }
        each = null; // the others do not wait for it
      }
      for (int i = 0; i < AT_ONCE && each != null; i++) {
        if (best[i] == null || each.gain() > best[i].gain()) {
          Gate worse = best[i];
          best[i] = each;
          each = worse;
        }
      }
    }
    for (Gate gate : best) {
      if (gate != null && gate.isDue(now)) {
        return gate;
      }
    }
    return null;
  }
}
