package io.github.lanewise.kernel;

/**
 * Keeps a vector kernel from real work until C2 has compiled it, and compiled it well: until calls
 * that take every branch of the kernel allocate nothing. That is exact where times are noise: as
 * long as a single vector is an object, be it that C2 is late, never comes, or did not inline a
 * method, the kernel allocates, and plain Java stays.
 *
 * <p>C2 compiles only what is called, so {@link Warmup} calls the kernel. HotSpot counts calls, not
 * what they do; operations on vector objects are slow, and many of them have the JVM compile its
 * own fallbacks ahead of the kernel. So calls have no work, or a small piece of it, which takes
 * every branch whatever the others do, so that C2 prunes none. While the compilers have their work
 * the gate pauses. Races between threads only repeat calls.
 */
abstract class Gate {
  /**
   * How a kernel is called, in chunks without a pause: until C1 has compiled it, which takes 200
   * calls, without work, and then until C2 is asked to.
   */
  private enum Pace {
    /**
     * HotSpot asks C2 for what was called 5000 times, and looks every 1024 times. One call in 512
     * has work. C2 then takes the kernel's loops for rare, and keeps on the stack what they use: a
     * quarter of a large tile's speed.
     */
    QUICK(1, 13, 511, 1),

    /**
     * HotSpot asks C2 as well for what was called 600 times if calls and turns of loops are 15000,
     * and looks every 8192 turns. All these calls have work, and {@link #TURNS} turns without.
     */
    THOROUGH(5, 12, 0, 64);

    final int withoutWork;
    final int untilAsked;
    final int idle;
    final int works;

    Pace(int withoutWork, int withWork, int idle, int works) {
      this.withoutWork = withoutWork;
      this.untilAsked = withoutWork + withWork;
      this.idle = idle;
      this.works = works;
    }
  }

  /** No work. */
  static final int NONE = -1;

  /** Turns of an empty loop with which a large kernel begins; C2 removes it. */
  static final int TURNS = 20;

  /** Calls with work at each look, so few that HotSpot does not have C2 compile the empty loop. */
  private static final int FEW = 8;

  /** Looks after which other kernels need not wait, half a second or more. */
  private static final int LATE = 128;

  /** For so long, while the compilers have their work, nobody calls the kernel. */
  static final long PAUSE_NANOS = 4_000_000;

  private final String name;
  private final Pace pace;
  private final int variants;
  private final int perWork;
  private final int effort;
  private volatile boolean warm;
  private volatile boolean asked;
  private int chunks;
  private int works;
  private long pauseBegan;
  private long plainNanos;

  /** The gate of a small kernel, whose work is one call that takes every branch. */
  Gate(String name) {
    this(name, Pace.QUICK, 1, 1, 1);
  }

  /**
   * The gate of a large kernel.
   *
   * @param name of the kernel, for people
   * @param variants pieces of work, which together take every branch
   * @param perWork calls of the kernel in a piece of work
   * @param effort C2's time for the kernel, 1 for a small one
   */
  Gate(String name, int variants, int perWork, int effort) {
    this(name, Pace.THOROUGH, variants, perWork, effort);
  }

  private Gate(String name, Pace pace, int variants, int perWork, int effort) {
    this.name = name;
    this.pace = pace;
    this.variants = variants;
    this.perWork = perWork;
    this.effort = effort;
  }

  /**
   * Calls the kernel.
   *
   * @param work which piece of work it has to do, {@link #NONE} for a call without
   */
  abstract void call(int work);

  /** Whether vector code does everything; stays so. */
  final boolean isWarm() {
    return warm;
  }

  /** Whether the kernel is small. */
  final boolean isQuick() {
    return pace == Pace.QUICK;
  }

  /** Something else did the kernel's work for so long. */
  final void worked(long nanos) {
    asked = true;
    plainNanos += nanos;
  }

  /** The kernel would have saved a part of so long. */
  final void missed(long nanos) {
    plainNanos += nanos;
  }

  /** Whether the kernel's own work was asked for. */
  final boolean isAsked() {
    return asked;
  }

  /** What compiling it is worth: the time of plain Java for each unit of C2's time. */
  final double gain() {
    return (plainNanos + 1.0) / effort;
  }

  /** Whether C2 is so late that other kernels should not wait. */
  final boolean isLate() {
    return chunks >= pace.untilAsked + LATE;
  }

  /** Whether calls are of use now. */
  final boolean isDue(long now) {
    boolean isPausing = chunks == pace.withoutWork || chunks >= pace.untilAsked;
    return !warm && (!isPausing || now - pauseBegan >= PAUSE_NANOS);
  }

  /**
   * Some calls, and once C2 was asked a look whether they allocate. The calls go on, as HotSpot
   * forgets a method that waits for C2 and is not called.
   */
  final void advance(long now) {
    boolean isAsked = chunks >= pace.untilAsked;
    if (isAsked && allocatesNothing()) {
      open();
      return;
    }
    int end = isAsked ? Math.min(pace.works, FEW) : pace.works;
    for (int i = 0; i < end; i += perWork) {
      for (int k = 0; k < pace.idle; k++) {
        call(NONE);
      }
      call(chunks < pace.withoutWork ? NONE : works++ % variants);
    }
    chunks++;
    pauseBegan = now;
  }

  final void open() {
    warm = true;
  }

  private boolean allocatesNothing() {
    long thread = AllocatedBytes.platformThread();
    long before = allocatedBytes(thread);
    boolean nothing = before >= 0;
    for (int number = 0; number < variants && nothing; number++) {
      call(number);
      nothing = allocatedBytes(thread) == before;
    }
    return nothing;
  }

  /** What the thread has allocated, negative where nobody knows. */
  long allocatedBytes(long thread) {
    return AllocatedBytes.of(thread);
  }

  final int variants() {
    return variants;
  }

  @Override
  public final String toString() {
    return name;
  }
}
