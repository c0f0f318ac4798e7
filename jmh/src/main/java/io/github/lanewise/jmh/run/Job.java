package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.PeakProfiler;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.peer.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One benchmark with its parameters on one JVM configuration: what a fork measures.
 *
 * @param benchmark full name of the benchmark method
 * @param target what it runs; null for the peaks and tiles
 * @param backend the parameter {@code backend}; null for the peaks and tiles
 * @param collector the fork's collector
 * @param params the benchmark's parameters
 */
public record Job(
    String benchmark,
    Target target,
    String backend,
    Collector collector,
    Map<String, String> params) {
  private static final String PACKAGE = "io.github.lanewise.jmh.";
  static final String FMA = PACKAGE + "PeakBenchmark.fma";
  static final String COPY = PACKAGE + "PeakBenchmark.copy";
  static final String TILE = "io.github.lanewise.kernel.TileBenchmark.gemm";
  static final String CREATE = PACKAGE + "CreateBenchmark.create";

  /** Other engines load native code; without this the JVM warns. */
  static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  static Job fma(Collector collector) {
    return new Job(FMA, null, null, collector, Map.of());
  }

  static Job copy(Collector collector) {
    return new Job(COPY, null, null, collector, Map.of());
  }

  static Job tile(String depth, String tile, Collector collector) {
    return new Job(TILE, null, null, collector, Map.of("depth", depth, "tile", tile));
  }

  static Job run(Target target, String backend, Collector collector) {
    String benchmark = PACKAGE + "LayerBenchmark." + target.operator();
    return of(benchmark, target, backend, collector);
  }

  static Job create(Target target, String backend, Collector collector) {
    return of(CREATE, target, backend, collector);
  }

  private static Job of(String benchmark, Target target, String backend, Collector collector) {
    Map<String, String> params = Map.of("layer", target.layer(), "backend", backend);
    return new Job(benchmark, target, backend, collector, params);
  }

  /** Whether it runs a layer or block, on threads of the plan rather than of JMH. */
  boolean hasPlan() {
    return target != null;
  }

  boolean isTile() {
    return benchmark.equals(TILE);
  }

  /** Whether another engine runs. */
  boolean isPeer() {
    return backend != null && Peer.isNamedBy(backend);
  }

  boolean isCreate() {
    return benchmark.equals(CREATE);
  }

  /** Whether the FMA peak belongs beside its figure. */
  boolean hasPeakBeside() {
    return !isCreate() && !benchmark.equals(COPY);
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
    if (hasPlan() && !isCreate() && threads > 1) {
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
      return mode.warmupMillis() / 3;
    }
    return hasPlan() && target.operator() == Operator.CHAIN
        ? 4 * mode.warmupMillis()
        : mode.warmupMillis();
  }

  @Override
  public String toString() {
    if (isTile()) {
      return "tile %s depth %s (%s)".formatted(params.get("tile"), params.get("depth"), collector);
    }
    String name = benchmark.substring(PACKAGE.length());
    return !hasPlan()
        ? "%s (%s)".formatted(name, collector)
        : "%s %s %s (%s)"
            .formatted(
                target.layer(),
                isCreate() ? "create" : target.operator().toString(),
                backend,
                collector);
  }
}
