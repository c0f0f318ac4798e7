package io.github.lanewise.kernel;

/**
 * Keeps a vector kernel from real work until C2 has compiled it, and compiled it well: until calls
 * that take every branch of the kernel allocate nothing. That is exact where times are noise: as
 * long as a single vector is an object, be it that C2 is late, never comes, or did not inline a
 * method, the kernel allocates, and plain Java stays.
 *
 * <p>C2 compiles only what is called, so {@link Warmup} calls the kernel. HotSpot counts calls, not
 * what they do, so most of these have no work. A few have a small piece of it, which takes every
 * branch in turn, so that C2 prunes none of them; more would have the JVM compile its own fallbacks
 * for vector objects, ahead of the kernel. While the compilers have their work the gate pauses.
 * Races between threads only repeat calls.
 */
abstract class Gate {
  /** Calls without work in a row; then one has some. */
  private static final int CHUNK = 512;

  /** Chunks until C1 compiles the kernel, to count its calls and branches; 200 calls do. */
  private static final int C1 = 1;

  /** Chunks until C2 is asked to: HotSpot looks every 1024 calls if there were 5000. */
  private static final int C2 = 12;

  /** Chunks after which other kernels need not wait, half a second or more. */
  private static final int LATE = 128;

  /** For so long, while the compilers have their work, nobody calls the kernel. */
  static final long PAUSE_NANOS = 4_000_000;

  /** No work. */
  static final int NONE = -1;

  /** Calls of the kernel, and only of the kernel, in one without work. */
  static final int IDLE = 8;

  private final String name;
  private final int variants;
  private final int effort;
  private volatile boolean warm;
  private int chunks;
  private long pauseBegan;
  private long plainNanos;

  /**
   * A gate that is shut.
   *
   * @param name of the kernel, for people
   * @param variants pieces of work, which together take every branch
   * @param effort C2's time for the kernel, in any unit
   */
  Gate(String name, int variants, int effort) {
    this.name = name;
    this.variants = variants;
    this.effort = effort;
  }

  /**
   * Calls the kernel, more often than any method on the way to it is called: HotSpot would compile
   * that first, and if the kernel is small put it in there and perhaps never compile it by itself.
   *
   * @param work which piece of work it has to do, {@link #NONE} for {@link #IDLE} calls without
   */
  abstract void call(int work);

  /** Whether vector code does everything; stays so. */
  final boolean isWarm() {
    return warm;
  }

  /** Plain Java did the kernel's work for so long. */
  final void worked(long nanos) {
    plainNanos += nanos;
  }

  /** What compiling it is worth: the time of plain Java for each unit of C2's time. */
  final double gain() {
    return (plainNanos + 1.0) / effort;
  }

  /** Whether C2 is so late that other kernels should not wait. */
  final boolean isLate() {
    return chunks >= LATE;
  }

  /** Whether calls are of use now. */
  final boolean isDue(long now) {
    boolean isPausing = chunks == C1 || chunks >= C2;
    return !warm && (!isPausing || now - pauseBegan >= PAUSE_NANOS);
  }

  /**
   * Some calls, and once C2 was asked a look whether they allocate. The calls go on, as HotSpot
   * forgets a method that waits for C2 and is not called.
   */
  final void advance(long now) {
    for (int i = 0; i < CHUNK; i += IDLE) {
      call(NONE);
    }
    if (chunks >= C1 && chunks < C2) {
      call(chunks % variants);
    } else if (chunks >= C2 && allocatesNothing()) {
      open();
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
