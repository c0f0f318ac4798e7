package io.github.lanewise.kernel;

/**
 * Keeps a vector kernel from real work until C2 has compiled it. C2 compiles only what runs, so
 * {@link Warmup} has it do a small piece of work of its own, which takes every branch that the
 * kernel has, so that C2 need not compile it twice, in loops too short for C2 to compile in
 * mid-run. Plain Java does the same piece after it; that the kernel is about as fast says that it
 * is compiled, and nothing else does: where C2 is late, or never comes, or makes objects of
 * vectors, plain Java stays. Races between threads only delay that.
 */
abstract class Gate {
  /**
   * Turns of an empty loop with which a kernel begins. HotSpot compiles what has been called 5000
   * times, or 600 times if its loops have turned 15000 times; a turn of the kernel's own loops is
   * up to a hundred operations on objects. C2 removes the loop.
   */
  static final int IDLE = 20;

  /** Times of plain Java that compiled vector code stays below; 2 was seen of a leaky ReLU. */
  private static final double COMPILED = 2.5;

  /** So many times in a row, since a time may also mislead. */
  static final int PROOFS = 3;

  /**
   * Plain Java has to be compiled too: its times count once it has done a kernel's work for so
   * long, or so many samples, since some kernels have a microsecond of work a run.
   */
  static final long PLAIN_COLD_NANOS = 5_000_000;

  static final int PLAIN_COLD_SAMPLES = 2_000;

  /** After so much vector code, or so many samples, it is C2 that is late, not for want of them. */
  static final long LATE_NANOS = 1_000_000_000;

  static final int LATE_SAMPLES = 5_000;

  /**
   * Plain Java may do a kernel's work for good where that is less than one part in so many of the
   * time that passes: samples, which take no longer than the work, would take minutes.
   */
  static final int NEGLIGIBLE_SHARE = 1000;

  /** Longer pauses between two pieces of work are the caller's rest, and count as so long. */
  static final long PAUSE_NANOS = 100_000_000;

  /** From then on samples take one part in so many of plain Java's time. */
  static final int LATE_SHARE = 4;

  private boolean warm;
  private long vectorNanos;
  private long lateNanos;
  private long plainNanos;
  private long lastWorked;
  private long passedNanos;
  private int proofs;
  private int samples;

  /** Does sample number so many with vector code. */
  abstract void vector(int sample);

  /** The same in plain Java. */
  abstract void plain(int sample);

  /** Whether vector code does everything; stays so. */
  boolean isWarm() {
    return warm;
  }

  /** Plain Java did the kernel's work for so long. */
  void worked(long nanos) {
    long now = now();
    passedNanos += plainNanos == 0 ? nanos : Math.min(now - lastWorked, PAUSE_NANOS);
    lastWorked = now;
    plainNanos += nanos;
  }

  /** Whether plain Java does the kernel's work, but that is hardly anything. */
  boolean isNegligible() {
    return plainNanos * NEGLIGIBLE_SHARE < passedNanos;
  }

  /** Whether samples are of use. */
  boolean isDue() {
    return !warm && (!isLate() || lateNanos * LATE_SHARE <= plainNanos);
  }

  private boolean isLate() {
    return vectorNanos >= LATE_NANOS || samples >= LATE_SAMPLES;
  }

  /** One sample, more if its time is good. Returns the time of vector code. */
  long sample() {
    long before = vectorNanos;
    do {
      int number = samples; // other threads may count on
      long since = now();
      vector(number);
      long between = now();
      plain(number);
      compare(between - since, now() - between);
    } while (proofs > 0 && !warm);
    return vectorNanos - before;
  }

  /** Times of plain Java that the kernel stays below once it is compiled. */
  double compiled() {
    return COMPILED;
  }

  /** The clock that samples are timed by. */
  long now() {
    return System.nanoTime();
  }

  /** The kernel took so long for its sample, plain Java so long for the same. */
  void compare(long vector, long plain) {
    lateNanos += isLate() ? vector : 0;
    vectorNanos += vector;
    samples++;
    boolean isPlainCold = plainNanos < PLAIN_COLD_NANOS && samples < PLAIN_COLD_SAMPLES;
    proofs = !isPlainCold && vector < compiled() * plain ? proofs + 1 : 0;
    warm |= proofs >= PROOFS;
  }
}
