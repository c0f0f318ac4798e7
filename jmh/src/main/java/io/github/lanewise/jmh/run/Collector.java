package io.github.lanewise.jmh.run;

import java.util.Locale;

/**
 * The garbage collectors a fork can run with; they decide how C2 cuts loops and where arrays lie.
 */
public enum Collector {
  /** Garbage First, the default of a server. */
  G1("UseG1GC"),
  /** The low-latency collector. */
  ZGC("UseZGC"),
  /** The throughput collector. */
  PARALLEL("UseParallelGC"),
  /** What a JVM picks on a machine of one CPU or little memory. */
  SERIAL("UseSerialGC"),
  /** The other low-latency collector, not in every JDK. */
  SHENANDOAH("UseShenandoahGC");

  private final String flag;

  Collector(String flag) {
    this.flag = flag;
  }

  /** The JVM option that picks it. */
  String option() {
    return "-XX:+" + flag;
  }

  @Override
  public String toString() {
    return name().length() <= 3
        ? name()
        : name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
  }
}
