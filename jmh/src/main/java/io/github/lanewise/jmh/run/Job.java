package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.PeakProfiler;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.report.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One benchmark with its parameters on one JVM configuration: what a fork measures.
 *
 * @param kind which benchmark
 * @param target what it runs; null for the peaks and tiles
 * @param backend the parameter {@code backend}; null for the peaks and tiles
 * @param collector the fork's collector
 * @param params the benchmark's parameters
 */
record Job(
    Kind kind, Target target, String backend, Collector collector, Map<String, String> params) {

  /** Other engines load native code; without this the JVM warns. */
  static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  /** The peaks. */
  static Job peak(Kind kind, Collector collector) {
    return new Job(kind, null, null, collector, Map.of());
  }

  static Job tile(String depth, String tile, Collector collector) {
    return new Job(Kind.TILE, null, null, collector, Map.of("depth", depth, "tile", tile));
  }

  /** Runs of a target's plans, or their creation. */
  static Job of(Kind kind, Target target, String backend, Collector collector) {
    Map<String, String> params = Map.of("layer", target.layer(), "backend", backend);
    return new Job(kind, target, backend, collector, params);
  }

  /** The full name of the benchmark method. */
  String benchmark() {
    return kind == Kind.LAYER ? kind.benchmark() + target.operator() : kind.benchmark();
  }

  /** Whether it runs a layer or block, on threads of the plan rather than of JMH. */
  boolean hasPlan() {
    return target != null;
  }

  /** Whether another engine runs. */
  boolean isPeer() {
    return backend != null && Peer.isNamedBy(backend);
  }

  /** JVM options of the fork, but for the user's. */
  List<String> jvmOptions(int threads) {
    List<String> options = new ArrayList<>();
    options.add("--add-modules=jdk.incubator.vector");
    options.add("--sun-misc-unsafe-memory-access=allow");
    options.add(collector.option());
    if (backend != null && backend.matches("vector\\d+")) {
      options.add("-Dlanewise.vectorBits=" + backend.substring("vector".length()));
    }
    if (isPeer()) {
      options.add(NATIVE_ACCESS);
    }
    if (hasPlan() && kind != Kind.CREATION && threads > 1) {
      options.add(threadsOption(threads));
    }
    return options;
  }

  static String threadsOption(int threads) {
    return "-D" + PeakProfiler.THREADS + "=" + threads;
  }

  /**
   * One warm-up iteration of the fork: the same for everything that C2 compiles, whoever wrote it.
   * Native code needs less, a chain in Java, which runs all kernels, more.
   */
  int warmupMillis(Mode mode) {
    if (isPeer() && !Peer.named(backend).isJava()) {
      return mode.warmupMillis / 3;
    }
    return hasPlan() && target.operator() == Operator.CHAIN
        ? 4 * mode.warmupMillis
        : mode.warmupMillis;
  }

  @Override
  public String toString() {
    if (kind == Kind.TILE) {
      return "tile %s depth %s (%s)".formatted(params.get("tile"), params.get("depth"), collector);
    }
    String name = benchmark().replaceFirst(".*\\.(\\w+\\.\\w+)", "$1");
    return !hasPlan()
        ? "%s (%s)".formatted(name, collector)
        : "%s %s %s (%s)"
            .formatted(
                target.layer(),
                kind == Kind.CREATION ? "create" : target.operator().toString(),
                backend,
                collector);
  }
}
