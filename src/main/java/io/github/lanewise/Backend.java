package io.github.lanewise;

import io.github.lanewise.jvm.Jvm;
import io.github.lanewise.kernel.Clamp;
import io.github.lanewise.kernel.KernelProvider;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.loops.CacheSizes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The kernels that plans run on: {@code vector}, on {@code jdk.incubator.vector}, or {@code
 * scalar}, in plain Java. Thread-safe.
 *
 * <p>Chosen once, at first use. The system property {@code lanewise.vectorBits} decides: {@code
 * auto} (the default) takes the widest vectors that this CPU and JVM run fast, or the scalar
 * kernels, and never fails; {@code 0} takes the scalar kernels; {@code 128}, {@code 256} and {@code
 * 512} force a width and fail with the cause if it cannot be had. A width beyond the CPU's works,
 * for tests, but is very slow.
 *
 * <p>With {@code auto}, plain Java or a smaller vector kernel stands in for each vector kernel
 * until the JVM has compiled that. They do the same operations in the same order, so results do not
 * depend on which of them ran. A forced width runs vector code from the first call on.
 */
public final class Backend {
  /** Runs of work that is to be warm after its kernels are. */
  private static final int RUNS = 30;

  private static final long WAIT_NANOS = 500_000;

  private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

  private final Kernels kernels;
  private final String why;

  private Backend(KernelProvider.Choice choice) {
    this.kernels = choice.kernels();
    this.why = choice.why();
  }

  /**
   * The backend that plans use unless told otherwise.
   *
   * @return always the same one
   * @throws IllegalStateException if {@code lanewise.vectorBits} forces vectors that cannot be had,
   *     or is none of its values
   */
  public static Backend current() {
    return Current.INSTANCE.get();
  }

  /**
   * The scalar backend, to compare with.
   *
   * @return always the same one
   */
  public static Backend scalar() {
    return Scalar.INSTANCE;
  }

  /**
   * Its name.
   *
   * @return {@code vector} or {@code scalar}
   */
  public String name() {
    return kernels.vectorBits() > 0 ? "vector" : "scalar";
  }

  /**
   * Width of its vectors.
   *
   * @return 128, 256 or 512, and 0 for scalar
   */
  public int vectorBits() {
    return kernels.vectorBits();
  }

  /**
   * Whether the code that was chosen does all that runs have asked for so far: everything that they
   * need is compiled. False while something else stands in for a vector kernel. It may be false
   * again once a plan is run that needs another kernel, and stays false where the JVM does not
   * compile one; {@link #describe} then says which.
   *
   * @return true as well before any run, for the scalar backend, and for a forced width
   */
  public boolean isWarm() {
    return kernels.isWarm();
  }

  /**
   * Has the JVM compile what some work needs, for programs that are not to be slow later: start-up
   * code, readiness checks. Runs the work, on the calling thread, then calls the kernels that it
   * asked for until the JVM has compiled them, and then runs the work a few times more, for the
   * code around them. Mind that virtual threads that compute keep others from running.
   *
   * <pre>{@code
   * boolean isReady =
   *     Backend.current().warmUp(Duration.ofSeconds(10), () -> plan.run(src, dst));
   * }</pre>
   *
   * @param atMost no run of the work, or call of a kernel, begins later than this; the first run
   *     takes place in any case
   * @param work runs plans
   * @return {@link #isWarm()}; false if there was too little time, or if the thread is interrupted,
   *     which it still is then
   * @throws IllegalArgumentException if {@code atMost} is negative
   */
  public boolean warmUp(Duration atMost, Runnable work) {
    Checks.notNull("work", work);
    if (Checks.notNull("atMost", atMost).isNegative()) {
      throw new IllegalArgumentException("atMost = " + atMost + " must not be negative");
    }
    long began = System.nanoTime();
    long most = atMost.compareTo(LONGEST) < 0 ? atMost.toNanos() : Long.MAX_VALUE;
    work.run();
    while (!isWarm() && System.nanoTime() - began < most && !isInterrupted()) {
      if (!kernels.warmUp()) {
        LockSupport.parkNanos(WAIT_NANOS); // the compiler has its work
      }
    }
    for (int i = 0; i < RUNS && isWarm() && System.nanoTime() - began < most; i++) {
      work.run();
    }
    return isWarm();
  }

  private static boolean isInterrupted() {
    return Thread.currentThread().isInterrupted();
  }

  /**
   * What to put into a bug report: backend, why it was chosen, what the JVM has not compiled yet,
   * CPU features, JDK, caches.
   *
   * @return several lines
   */
  public String describe() {
    List<String> waiting = kernels.waiting();
    return String.join(
        System.lineSeparator(),
        toString(),
        waiting.isEmpty()
            ? "compiled"
            : "something slower stands in for " + String.join(", ", waiting),
        Jvm.environment(),
        "caches " + CacheSizes.current());
  }

  /**
   * Applies an activation to neighbouring values, as plans do to their output.
   *
   * @param activation the function
   * @param data the array
   * @param dataOffset index of the first value
   * @param count number of values
   * @throws IndexOutOfBoundsException if the range does not lie in the array
   */
  public void activate(Activation activation, float[] data, int dataOffset, int count) {
    Checks.notNull("activation", activation);
    Checks.range("data", data, dataOffset, Checks.atLeast("count", count, 0));
    if (activation.kind() != Activation.Kind.NONE) {
      kernels.activate(activation, count, data, dataOffset);
    }
  }

  /**
   * Adds neighbouring values to others: {@code data[dataOffset + i] += other[otherOffset + i]}.
   *
   * @param data the array that is changed
   * @param dataOffset index of its first value
   * @param other the values to add; the same range, or one that does not overlap
   * @param otherOffset index of the first of them
   * @param count number of values
   * @throws IndexOutOfBoundsException if a range does not lie in its array
   * @throws IllegalArgumentException if the ranges overlap and are not the same
   */
  public void add(float[] data, int dataOffset, float[] other, int otherOffset, int count) {
    Checks.range("data", data, dataOffset, Checks.atLeast("count", count, 0));
    checkOther("other", data, dataOffset, other, otherOffset, count);
    kernels.add(count, data, dataOffset, other, otherOffset, Clamp.NONE);
  }

  /**
   * Multiplies negative values by slopes: {@code x < 0 ? x * slope[slopeOffset + i] : x}, where x
   * is {@code data[dataOffset + i]}.
   *
   * @param data the array that is changed
   * @param dataOffset index of its first value
   * @param slope the slopes; the same range, or one that does not overlap
   * @param slopeOffset index of the first of them
   * @param count number of values
   * @throws IndexOutOfBoundsException if a range does not lie in its array
   * @throws IllegalArgumentException if the ranges overlap and are not the same
   */
  public void prelu(float[] data, int dataOffset, float[] slope, int slopeOffset, int count) {
    Checks.range("data", data, dataOffset, Checks.atLeast("count", count, 0));
    checkOther("slope", data, dataOffset, slope, slopeOffset, count);
    kernels.prelu(count, data, dataOffset, slope, slopeOffset);
  }

  private static void checkOther(
      String name, float[] data, int dataOffset, float[] other, int otherOffset, int count) {
    Checks.range(name, other, otherOffset, count);
    if (dataOffset != otherOffset) {
      Checks.disjoint(name, other, otherOffset, count, "data", data, dataOffset, count);
    }
  }

  /**
   * The inner loops. Their types are not exported: this is for Lanewise itself.
   *
   * @return always the same ones
   */
  @SuppressWarnings("exports") // see above
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public String toString() {
    return kernels.description() + " (" + why + ")";
  }

  private static final class Scalar {
    static final Backend INSTANCE = new Backend(KernelProvider.scalar("asked for"));
  }

  /** Keeps the failure of a forced backend, so that every use reports the same cause. */
  private static final class Current {
    static final Result INSTANCE = Result.of();
  }

  private record Result(Backend backend, IllegalStateException failure) {
    static Result of() {
      try {
        return new Result(new Backend(KernelProvider.choose()), null);
      } catch (IllegalStateException e) {
        return new Result(null, e);
      }
    }

    Backend get() {
      if (failure != null) {
        throw new IllegalStateException(failure.getMessage(), failure);
      }
      return backend;
    }
  }
}
