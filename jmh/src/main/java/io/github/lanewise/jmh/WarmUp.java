package io.github.lanewise.jmh;

import io.github.lanewise.Backend;
import java.time.Duration;

/** Has C2 compile vector kernels; what is timed earlier is plain Java that stands in. */
public final class WarmUp {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private WarmUp() {}

  /**
   * Runs work once, and has what it runs on the backend compiled.
   *
   * @throws IllegalStateException if C2 does not get round to it
   */
  public static void run(Backend backend, Runnable work) {
    if (!backend.warmUp(LIMIT, work)) {
      throw new IllegalStateException(
          "after " + LIMIT.toSeconds() + " s C2 has not compiled all vector kernels");
    }
  }
}
