package io.github.lanewise.jmh.report;

import java.util.Optional;

/** The kinds of benchmarks. */
public enum Kind {
  /** Runs of a layer, block or chain; the methods are named by its operator. */
  LAYER("jmh.LayerBenchmark.", "gflops"),
  /** The creation of plans. */
  CREATION("jmh.CreateBenchmark.create", null),
  /** The peak's own loop, measured as a layer is. */
  FMA("jmh.PeakBenchmark.fma", "gflops"),
  /** The copy bandwidth. */
  COPY("jmh.PeakBenchmark.copy", "gbytes"),
  /** A register tile of the matrix kernels. */
  TILE("kernel.TileBenchmark.gemm", "gflops");

  private final String method;
  private final String metric;

  Kind(String method, String metric) {
    this.method = method;
    this.metric = metric;
  }

  /** The full name of the benchmark method, or how those of several begin. */
  public String benchmark() {
    return "io.github.lanewise." + method;
  }

  /** The secondary metric that counts; empty for the primary one. */
  Optional<String> metric() {
    return Optional.ofNullable(metric);
  }

  /** Whether the FMA peak belongs beside its figures. */
  public boolean hasPeakBeside() {
    return this != CREATION && this != COPY;
  }
}
