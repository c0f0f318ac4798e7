package io.github.lanewise.jmh;

import io.github.lanewise.Backend;

/** Runs until vector kernels are compiled; what is timed earlier is plain Java that stands in. */
public final class WarmUp {
  private static final long LIMIT_NANOS = 20_000_000_000L;

  private WarmUp() {}

  /**
   * What is to be timed.
   *
   * @param <E> how it fails
   */
  @FunctionalInterface
  public interface Task<E extends Exception> {
    /**
     * Runs once.
     *
     * @throws E if it fails
     */
    void run() throws E;
  }

  /**
   * Runs something once, and on until the backend is warm.
   *
   * @param backend what it runs on
   * @param task what is to be timed
   * @param <E> how it fails
   * @throws E if it fails
   * @throws IllegalStateException if C2 does not get round to it
   */
  public static <E extends Exception> void run(Backend backend, Task<E> task) throws E {
    long since = System.nanoTime();
    do {
      task.run();
    } while (!backend.isWarm() && System.nanoTime() - since < LIMIT_NANOS);
    if (!backend.isWarm()) {
      throw new IllegalStateException(
          "after " + LIMIT_NANOS / 1_000_000_000 + " s C2 has not compiled all vector kernels");
    }
  }
}
