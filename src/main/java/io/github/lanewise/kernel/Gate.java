package io.github.lanewise.kernel;

/**
 * Keeps a vector kernel from real work until C2 has compiled it, and compiled it well: until calls
 * that take every branch of the kernel allocate nothing. That is exact where times are noise: as
 * long as a single vector is an object, be it that C2 is late, never comes, or did not inline a
 * method, the kernel allocates, and plain Java stays (docs/kernels.md, R5).
 *
 * <p>C2 compiles only what is called, so {@link Warmup} calls the kernel. HotSpot counts calls, not
 * what they do, while operations on vector objects are slow, and many of them have the JVM compile
 * its own fallbacks ahead of the kernel. So nearly all calls have no work and leave the kernel at
 * its top ({@link #leaveIfNone}). A few calls have a small piece of work; together these take every
 * branch, so that C2 prunes none. While the compilers have their work the gate pauses. Races
 * between threads only repeat calls.
 */
abstract class Gate {
  /** No work. */
  static final int NONE = -1;

  /** Calls without a pause. */
  private static final int CHUNK = 256;

  /** Chunks until C1 is asked, all without work: HotSpot does after 200 calls. */
  private static final int UNTIL_C1 = 1;

  /** Chunks until C2 is asked, if it has nothing else to do: HotSpot does after 5000 calls. */
  private static final int UNTIL_C2 = UNTIL_C1 + 20;

  /** One call in so many has work. */
  private static final int WORKS = 64;

  /** Calls at a look: HotSpot asks for more of them the more methods wait for C2. */
  private static final int FEW = 64;

  /** Looks after which other kernels need not wait, half a second or more. */
  private static final int LATE = 128;

  /** For so long, while the compilers have their work, nobody calls the kernel. */
  static final long PAUSE_NANOS = 4_000_000;

  /** Of the loop with which every kernel begins, see {@link #leaveIfNone}. */
  static final int TURNS = 3;

  /** How a call without work ends. */
  @SuppressWarnings("serial") // nobody writes it
  private static final class NoWork extends RuntimeException {
    @SuppressWarnings("StaticAssignmentOfThrowable") // a new one would be counted as a vector
    private static final NoWork INSTANCE = new NoWork();

    NoWork() {
      super("no work", null, false, false);
    }
  }

  private final String name;
  private final int variants;
  private final int effort;
  private volatile boolean warm;
  private volatile boolean asked;
  private int chunks;
  private int pieces;
  private long pauseBegan;
  private long plainNanos;

  /**
   * A kernel's gate.
   *
   * @param name of the kernel, for people
   * @param variants pieces of work, which together take every branch
   * @param effort C2's time for the kernel, 1 for a small one
   */
  Gate(String name, int variants, int effort) {
    this.name = name;
    this.variants = variants;
    this.effort = effort;
  }

  /**
   * Leaves the kernel, which begins with this, where there is nothing to do. Not by a branch of the
   * kernel's own, from which C2 would learn that the loops behind it are rare, and keep on the
   * stack what they use, at a quarter of a large tile's speed. HotSpot counts how often this branch
   * goes either way, for all kernels together; so that it looks rare, kernels ask it {@link #TURNS}
   * times about what is not 0 before. C2 removes that loop.
   *
   * @param count of what the kernel works on
   */
  static void leaveIfNone(int count) {
    if (count == 0) {
      throw NoWork.INSTANCE;
    }
  }

  /**
   * Calls the kernel; without work it leaves by {@link #leaveIfNone}.
   *
   * @param work which piece of work it has to do, {@link #NONE} for a call without
   */
  abstract void call(int work);

  /** Whether vector code does everything; stays so. */
  final boolean isWarm() {
    return warm;
  }

  /** Whether C2 takes little time for the kernel. */
  final boolean isSmall() {
    return effort == 1;
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
    return chunks >= UNTIL_C2 + LATE;
  }

  /** Whether calls are of use now. */
  final boolean isDue(long now) {
    boolean isPausing = chunks == UNTIL_C1 || chunks >= UNTIL_C2;
    return !warm && (!isPausing || now - pauseBegan >= PAUSE_NANOS);
  }

  /**
   * Some calls, and once C2 was asked a look whether they allocate. The calls go on, as HotSpot
   * forgets a method that waits for C2 and is not called.
   */
  final void advance(long now) {
    if (chunks >= UNTIL_C2 && allocatesNothing()) {
      open();
      return;
    }
    for (int i = chunks < UNTIL_C2 ? CHUNK : FEW; i > 0; i--) {
      boolean isWork = i % WORKS == 0 && chunks >= UNTIL_C1;
      tryCall(isWork ? pieces++ % variants : NONE);
    }
    chunks++;
    pauseBegan = now;
  }

  private void tryCall(int work) {
    try {
      call(work);
    } catch (NoWork expected) {
      // it was asked to
    }
  }

  final void open() {
    warm = true;
  }

  /** Asks a call without work first, at the least cost where C2 has not come yet. */
  private boolean allocatesNothing() {
    long thread = AllocatedBytes.platformThread();
    long before = allocatedBytes(thread);
    boolean nothing = before >= 0;
    for (int work = NONE; work < variants && nothing; work++) {
      tryCall(work);
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
