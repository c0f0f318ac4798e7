package io.github.lanewise.kernel;

/**
 * When a vector kernel takes over from plain Java: once C2 has compiled it. C2 compiles only what
 * runs, so the kernel gets a share of the time for a small piece of work of its own, which takes
 * every branch that the kernel has, so that C2 need not compile it twice, in loops too short for C2
 * to compile in mid-run. Its time says when it is compiled. Races between threads only delay that.
 */
abstract class Gate {
  /** Times of plain Java that compiled vector code stays below; objects take 30 and more. */
  private static final double COMPILED = 3;

  /** So many times in a row, since a time may also mislead. */
  static final int PROOFS = 3;

  /** Plain Java has to be compiled too: its times count once it has run so long. */
  static final long PLAIN_COLD_NANOS = 5_000_000;

  /**
   * So long first results come first; then vector code takes three quarters of the time, not one.
   */
  private static final long PLAIN_EARLY_NANOS = 100_000_000;

  /** After so much vector code the gate opens whatever it took: C2 has had its chance. */
  static final long MOST_NANOS = 1_000_000_000;

  /** The same for samples whose time proves nothing; as objects they take longer than that. */
  static final int MOST_TURNS = 200_000;

  /** After so many calls of plain Java each has its sample, however short they are. */
  static final int MANY_CALLS = 1_000;

  /** So many samples make C2 compile; until it has, one now and then shows whether it is done. */
  static final int ENOUGH_TURNS = 6_000;

  /** Less work of plain Java than this is not measured well enough to compare. */
  static final long MEASURABLE = 256;

  /** So long at most a thread samples before it goes back to its own work. */
  private static final long TURN_NANOS = 1_000_000;

  private final long work;
  private boolean warm;
  private long vectorNanos;
  private long plainNanos;
  private double plainRate = Double.MAX_VALUE;
  private int proofs;
  private int turns;
  private int calls;

  /** A gate whose sample is so many multiply-adds, or floats. */
  Gate(long work) {
    this.work = work;
  }

  /** Runs the vector kernel on its sample. */
  abstract void sample();

  /** Whether vector code does everything; stays so. */
  boolean isWarm() {
    return warm;
  }

  /** Plain Java took so long for so much work; now the kernel has its share. */
  void plain(long nanos, long done) {
    plainNanos += nanos;
    calls++;
    if (done >= MEASURABLE) {
      plainRate = Math.min(plainRate, (double) nanos / done);
    }
    long began = System.nanoTime();
    long since = began;
    boolean isDue = turns >= ENOUGH_TURNS || calls > MANY_CALLS || isVectorsTurn();
    while (!warm && (isDue || proofs > 0)) {
      sample();
      long now = System.nanoTime();
      vector(now - since);
      since = now;
      isDue = turns < ENOUGH_TURNS && isVectorsTurn() && now - began < TURN_NANOS;
    }
  }

  /** Whether the kernel has had less than its share. */
  boolean isVectorsTurn() {
    return plainNanos < PLAIN_EARLY_NANOS
        ? 3 * vectorNanos <= plainNanos
        : vectorNanos <= 3 * plainNanos;
  }

  /** The kernel took so long for its sample. */
  void vector(long nanos) {
    vectorNanos += nanos;
    turns++;
    if (plainNanos >= PLAIN_COLD_NANOS && plainRate < Double.MAX_VALUE) {
      proofs = nanos < COMPILED * plainRate * work ? proofs + 1 : 0;
    }
    if (proofs >= PROOFS || vectorNanos >= MOST_NANOS || turns >= MOST_TURNS) {
      warm = true;
    }
  }
}
