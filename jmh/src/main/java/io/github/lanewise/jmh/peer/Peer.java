package io.github.lanewise.jmh.peer;

import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.layers.Workload;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Another engine, measured on the same layers, weights and inputs as ours, each in a JVM of its
 * own. Implementations are found by {@link ServiceLoader}; {@code scripts/bench --peers} puts them
 * on the class path.
 */
public interface Peer {

  /**
   * One layer or several, ready to run: weights packed, input and output in the engine's own
   * layout.
   */
  interface Run extends AutoCloseable {
    /** Runs it once; the only thing that is timed. */
    void run();

    /** What the last run computed, NHWC. */
    float[] result();

    /** Frees what is not on the heap. */
    @Override
    default void close() {}
  }

  /**
   * A name without spaces: the value of the benchmarks' parameter {@code backend} that stands for
   * it.
   */
  String name();

  /**
   * Whether C2 has to compile what computes, which then gets as long a warm-up as ours; false for
   * native code.
   */
  default boolean isJava() {
    return false;
  }

  /**
   * Loads whatever the engine needs and says what it is with so many threads, in one line: version,
   * layout, thread settings.
   *
   * @throws LinkageError if its native code does not load
   */
  String describe(int threads);

  /** Why it cannot run something on so many threads; empty if it can. Loads nothing. */
  default Optional<String> cannot(Target target, int threads) {
    return Optional.empty();
  }

  /** Prepares a layer for runs on so many threads: everything that an application would do once. */
  Run prepare(Workload workload, int threads);

  /**
   * Whether a value of the parameter {@code backend} names another engine rather than ours, {@code
   * scalar}, {@code vector} and its widths.
   */
  static boolean isNamedBy(String backend) {
    return !backend.equals("scalar") && !backend.startsWith("vector");
  }

  /** The engines on the class path, in the order of their registration. */
  static List<Peer> all() {
    return ServiceLoader.load(Peer.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /**
   * Finds an engine by its {@link #name}.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  static Peer named(String name) {
    List<Peer> all = all();
    return all.stream()
        .filter(peer -> peer.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    ("backend '%s' must be scalar, vector, vector128, vector256, vector512, or with"
                            + " --peers another engine: %s")
                        .formatted(name, all.stream().map(Peer::name).toList())));
  }
}
