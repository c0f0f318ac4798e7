package io.github.lanewise.jvm;

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
 * between threads only repeat calls, or give them turns or none.
 */
public abstract class Gate {
  /** No work. */
  public static final int NONE = -1;

  /**
   * Less than no work, and still less every time, down to {@link #LAST}: takes a branch of a large
   * tile that was never taken, for which HotSpot drops C2's code.
   */
  static final int AGAIN = -2;

  private static final int LAST = AGAIN - 2;

  /** Calls without a pause; HotSpot looks every 128 calls whether C1 is to be asked. */
  private static final int CHUNK = 128;

  /** Chunks until C1 is asked, all without work: HotSpot does after 100 calls with their turns. */
  private static final int UNTIL_C1 = 1;

  /**
   * Chunks until C2 is asked, if it has little else to do: HotSpot does after 600 calls that with
   * their turns are 15000, and looks every 8192 turns.
   */
  private static final int UNTIL_C2 = UNTIL_C1 + 8;

  /** One call in so many has work. */
  private static final int WORKS = 40;

  /**
   * Calls at a look, one of them with work: HotSpot asks for more of them the more methods wait for
   * C2. They have no turns. A method whose loops turned 40000 times HotSpot may have compiled from
   * within the loop first, with all that follows (on-stack replacement): of a tile that takes C2 as
   * long as the tile itself, and nobody uses it.
   */
  private static final int FEW = 256;

  /**
   * For each of these a small kernel has so many, as it returns at once from calls without work:
   * HotSpot has C2 compile what was called 5000 times. It takes its loops for rare, which costs a
   * stand-in little, and it is compiled before others, while the queue is long.
   */
  private static final int SMALL_TIMES = 8;

  /** Looks after which other kernels need not wait, half a second or more. */
  private static final int LATE = 128;

  /** For so long, while the compilers have their work, nobody calls the kernel. */
  static final long PAUSE_NANOS = 4_000_000;

  /** The same once C1 is asked, which in a new process has much to do. */
  static final long C1_NANOS = 8 * PAUSE_NANOS;

  /** Of the loop with which every kernel begins, see {@link #leaveIfNone}, until C2 is asked. */
  static final int TURNS = 24;

  /** Those of the next calls. */
  public static int turns;

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
  private boolean beginsWithVector;
  private boolean isBad;
  private int again = AGAIN;

  /**
   * A kernel's gate.
   *
   * @param name of the kernel, for people
   * @param variants pieces of work, which together take every branch
   * @param effort C2's time for the kernel, 1 for a small one that stands in for others
   */
  protected Gate(String name, int variants, int effort) {
    this.name = name;
    this.variants = variants;
    this.effort = effort;
  }

  /**
   * Leaves the kernel, which begins with this, where there is nothing to do. Not by a branch of the
   * kernel's own, from which C2 would learn that the loops behind it are rare, and keep on the
   * stack what they use, at a quarter of a large tile's speed. HotSpot counts how often this branch
   * goes either way, for all kernels together; so that it looks rare, kernels ask it {@link #turns}
   * times about what is not 0 before. HotSpot counts these turns like calls, which are slower: with
   * its exception one takes a microsecond or two in C1's code. C2 removes the loop.
   *
   * @param count of what the kernel works on
   */
  public static void leaveIfNone(int count) {
    if (count == 0) {
      throw NoWork.INSTANCE;
    }
  }

  /**
   * Calls the kernel; without work a large tile leaves by {@link #leaveIfNone}, others return.
   *
   * @param work which piece of work it has to do, {@link #NONE} for a call without
   */
  public abstract void call(int work);

  /** Whether vector code does everything; stays so. */
  public final boolean isWarm() {
    return warm;
  }

  /** Whether the kernel is a small one that stands in for others. */
  final boolean isSmall() {
    return effort == 1;
  }

  /** Something else did the kernel's work for so long. */
  final void worked(long nanos) {
    asked = true;
    plainNanos += nanos;
  }

  /** The kernel would have saved a part of so long. */
  public final void missed(long nanos) {
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
  public final boolean isDue(long now) {
    long pause = chunks == UNTIL_C1 ? C1_NANOS : chunks >= UNTIL_C2 ? PAUSE_NANOS : 0;
    return !warm && now - pauseBegan >= pause;
  }

  /**
   * Some calls, and once C2 was asked a look whether they allocate. The calls go on, as HotSpot
   * forgets a method that waits for C2 and is not called.
   */
  public final void advance(long now) {
    if (chunks >= UNTIL_C2 && allocatesNothing()) {
      open();
      return;
    }
    if (chunks == UNTIL_C1) {
      beginsWithVector = bytes(NONE) > 0;
    }
    if (isBad && again >= LAST) {
      tryCall(again--);
    }
    callMany(chunks >= UNTIL_C2);
    chunks++;
    pauseBegan = now;
  }

  private void callMany(boolean isAsked) {
    int times = isSmall() ? SMALL_TIMES : 1;
    int works = times * (isAsked ? FEW : WORKS);
    turns = isAsked ? 0 : TURNS;
    for (int i = times * (isAsked ? FEW : CHUNK); i > 0; i--) {
      tryCall(i % works == 0 && chunks >= UNTIL_C1 ? pieces++ % variants : NONE);
    }
    turns = 0;
  }

  private void tryCall(int work) {
    try {
      call(work);
    } catch (NoWork expected) {
      // it was asked to
    }
  }

  public final void open() {
    warm = true;
  }

  /**
   * Asks a call without work first, at the least cost where C2 has not come yet. Where it has, the
   * vector with which a tile begins is no object, and if others are, C2 did not see through them
   * with what it knew of the tile; from another profile it mostly does.
   */
  private boolean allocatesNothing() {
    long bytes = bytes(NONE);
    boolean isCompiled = beginsWithVector && bytes == 0;
    for (int work = 0; work < variants && bytes == 0; work++) {
      bytes = bytes(work);
    }
    isBad = isCompiled && bytes > 0;
    return bytes == 0;
  }

  /** What a call allocates, negative where nobody knows. */
  private long bytes(int work) {
    long thread = AllocatedBytes.platformThread();
    long before = allocatedBytes(thread);
    tryCall(work);
    return before < 0 ? before : allocatedBytes(thread) - before;
  }

  /** What the thread has allocated, negative where nobody knows. */
  long allocatedBytes(long thread) {
    return AllocatedBytes.of(thread);
  }

  public final int variants() {
    return variants;
  }

  @Override
  public final String toString() {
    return name;
  }
}
