package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.run.Proc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * The process that is measured: reads a network and runs it for some seconds from its first result
 * on. Its class path is that of a user, and until the last of these runs it loads no more than a
 * user's program would. {@code ENGINE MODEL SECONDS}; it prints all these runs. Then each byte of
 * its input has it run the network for a turn, whose fastest run it prints.
 */
final class StartFork {
  private static final long TURN_NANOS = 400_000_000;

  /** Ends and durations of runs in turns, in nanoseconds, the ends after main began. */
  private long[] runs = new long[1 << 16];

  private int length;

  private StartFork() {}

  /**
   * Runs a network.
   *
   * @throws IOException if a file cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    long wallMillis = System.currentTimeMillis();
    long begun = System.nanoTime();
    long nanos = Long.parseLong(arguments[2]) * 1_000_000_000L;
    StartFork fork = new StartFork();
    long warm = -1;
    try (Engine engine = Engine.of(arguments[0], Path.of(arguments[1]), 1)) {
      long now;
      do {
        long start = System.nanoTime();
        engine.run();
        now = System.nanoTime();
        fork.add(now - begun, now - start);
        if (warm < 0 && engine.isWarm()) {
          warm = now - begun;
        }
      } while (now - begun - fork.runs[0] < nanos);
      System.out.println("engine " + engine.version());
      fork.print(wallMillis, warm);
      while (System.in.read() >= 0) {
        System.out.println("turn " + turn(engine));
      }
    }
    System.exit(0);
  }

  /** The fastest of the runs in a while. */
  private static long turn(Engine engine) {
    long end = System.nanoTime() + TURN_NANOS;
    long best = Long.MAX_VALUE;
    long start;
    while ((start = System.nanoTime()) < end) {
      engine.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return best;
  }

  private void add(long end, long duration) {
    if (length == runs.length) {
      runs = Arrays.copyOf(runs, 2 * length);
    }
    runs[length++] = end;
    runs[length++] = duration;
  }

  private void print(long wallMillis, long warm) {
    System.out.println("begun " + wallMillis);
    System.out.println("warm " + warm);
    System.out.println("resident " + Proc.megabytes("VmHWM").orElse(-1L));
    System.out.println(
        LongStream.of(runs)
            .limit(length)
            .mapToObj(Long::toString)
            .collect(Collectors.joining(" ", "runs ", "")));
  }
}
