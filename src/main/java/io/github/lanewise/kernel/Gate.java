package io.github.lanewise.kernel;

/**
 * When a vector kernel takes over from plain Java: once C2 has compiled it. C2 compiles only what
 * runs, so the kernel gets a share of the time for a small piece of work of its own, which takes
 * every branch that the kernel has, so that C2 need not compile it twice, in loops too short for C2
 * to compile in mid-run. Plain Java does the same piece after it; that the kernel is no slower says
 * that it is compiled, and nothing else does: where C2 is late, or never comes, or makes objects of
 * vectors, plain Java stays. Races between threads only delay that.
 */
abstract class Gate {
  /** Times of plain Java that compiled vector code stays below; objects take 30 and more. */
  private static final double COMPILED = 1.5;

  /** So many times in a row, since a time may also mislead. */
  static final int PROOFS = 3;

  /** Plain Java has to be compiled too: its times count once it has run so long. */
  static final long PLAIN_COLD_NANOS = 5_000_000;

  /**
   * So long first results come first; then vector code takes three quarters of the time, not one.
   */
  private static final long PLAIN_EARLY_NANOS = 100_000_000;

  /** After so much vector code it is C2 that is late, and not for want of samples. */
  static final long LATE_NANOS = 1_000_000_000;

  /** From then on samples take one part in so many. */
  static final int LATE_SHARE = 32;

  /** After so many calls of plain Java each has its sample, however short they are. */
  static final int MANY_CALLS = 1_000;

  /** So many samples make C2 compile; until it has, one now and then shows whether it is done. */
  static final int ENOUGH_TURNS = 6_000;

  /** So long at most a thread samples before it goes back to its own work. */
  private static final long TURN_NANOS = 1_000_000;

  private boolean warm;
  private long vectorNanos;
  private long plainNanos;
  private int proofs;
  private int turns;
  private int calls;

  /** Does the sample with vector code. */
  abstract void vector(int turn);

  /** The same in plain Java. */
  abstract void plain(int turn);

  /** Whether vector code does everything; stays so. */
  boolean isWarm() {
    return warm;
  }

  /** Plain Java did work for so long; now the kernel has its share. */
  void worked(long nanos) {
    plainNanos += nanos;
    calls++;
    long began = System.nanoTime();
    boolean isOften = turns >= ENOUGH_TURNS || calls > MANY_CALLS;
    boolean isDue = isVectorsTurn() || (isOften && vectorNanos < LATE_NANOS);
    while (!warm && (isDue || proofs > 0)) {
      long since = System.nanoTime();
      vector(turns);
      long between = System.nanoTime();
      plain(turns);
      long now = System.nanoTime();
      compare(between - since, now - between);
      isDue = turns < ENOUGH_TURNS && isVectorsTurn() && now - began < TURN_NANOS;
    }
  }

  /** Whether the kernel has had less than its share. */
  boolean isVectorsTurn() {
    if (vectorNanos >= LATE_NANOS) {
      return (vectorNanos - LATE_NANOS) * LATE_SHARE <= plainNanos;
    }
    return plainNanos < PLAIN_EARLY_NANOS
        ? 3 * vectorNanos <= plainNanos
        : vectorNanos <= 3 * plainNanos;
  }

  /** The kernel took so long for its sample, plain Java so long for the same. */
  void compare(long vector, long plain) {
    vectorNanos += vector;
    turns++;
    proofs = plainNanos >= PLAIN_COLD_NANOS && vector < COMPILED * plain ? proofs + 1 : 0;
    warm |= proofs >= PROOFS;
  }
}
