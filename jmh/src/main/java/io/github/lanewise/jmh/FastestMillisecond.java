package io.github.lanewise.jmh;

/**
 * The rate of the fastest millisecond: what a machine does while nobody else wants the core. The
 * median of a core that is shared says how busy the neighbour was; this says it of nobody but us,
 * and can be compared between engines that had their turns at different moments. Work that takes
 * longer is rated by itself. Not thread-safe.
 */
final class FastestMillisecond {
  private static final long WINDOW_NANOS = 1_000_000;

  private long start;
  private double gflop;
  private double best;

  /** Forgets all there was; what follows is timed from now, by {@link System#nanoTime}. */
  void begin(long now) {
    best = 0;
    gflop = 0;
    start = now;
  }

  /** Adds work that has just ended. */
  void add(double work, long now) {
    gflop += work;
    long elapsed = now - start;
    if (elapsed >= WINDOW_NANOS) {
      best = Math.max(best, gflop / (elapsed * 1e-9));
      gflop = 0;
      start = now;
    }
  }

  /** GFLOP/s; 0 if there was no full millisecond. */
  double gflops() {
    return best;
  }
}
