package io.github.lanewise.jmh.networks;

import java.time.Duration;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The CPU time of a process as it grows. It is read from outside: what a JVM loads to tell its own
 * would belong to what is measured.
 */
final class CpuTimes implements AutoCloseable {
  private static final long PERIOD_MILLIS = 10;

  private final NavigableMap<Double, Duration> byMillis = new ConcurrentSkipListMap<>();
  private volatile boolean closed;

  /** Watches a process that has just been started, until it ends or this is closed. */
  void watch(ProcessHandle process) {
    long start = System.nanoTime();
    Thread.ofPlatform().daemon().name("CPU times").start(() -> sample(process, start));
  }

  @SuppressWarnings("ThreadSleepLoop") // the operating system tells it only to who asks
  private void sample(ProcessHandle process, long start) {
    try {
      while (process.isAlive() && !closed) {
        Optional<Duration> cpu = process.info().totalCpuDuration();
        add((System.nanoTime() - start) / 1e6, cpu);
        Thread.sleep(PERIOD_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  /** One reading; none of a process that has ended, or where the operating system does not tell. */
  void add(double millis, Optional<Duration> cpu) {
    cpu.ifPresent(time -> byMillis.put(millis, time));
  }

  /** CPU seconds up to a moment: the first reading from then on. */
  Optional<Double> secondsAt(double millis) {
    return Optional.ofNullable(byMillis.ceilingEntry(millis))
        .map(e -> e.getValue().toNanos() / 1e9);
  }
}
