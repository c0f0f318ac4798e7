package io.github.lanewise.jmh.report;

import java.util.Map;

/**
 * What a run ran on. {@code scripts/bench} adds it to every result of JMH's JSON under the key
 * {@link #KEY}, which readers of that format pass over.
 *
 * @param started when the run began, {@code 2026-01-31T12:00:00Z}
 * @param commit hash of the commit; empty if unknown
 * @param committed when it was committed, in the form of {@code started}; empty if unknown
 * @param subject the first line of its message
 * @param dirty whether files differed from the commit
 * @param cpu the CPU and how many processors the JVM sees
 * @param os operating system and architecture
 * @param jdk version and virtual machine
 * @param flags JVM options that the user gave
 * @param collector the garbage collector
 * @param threads threads that a run of a plan is spread over
 * @param mode how much was measured
 * @param backend {@code Backend.describe()} of a fork
 * @param peers what other engines say of themselves, or why they do not load, by name
 */
public record RunInfo(
    String started,
    String commit,
    String committed,
    String subject,
    boolean dirty,
    String cpu,
    String os,
    String jdk,
    String flags,
    String collector,
    int threads,
    String mode,
    String backend,
    Map<String, String> peers) {
  /** The key in a result. */
  public static final String KEY = "lanewise";

  private static final int SHORT_HASH = 8;

  /** Copies the map. */
  public RunInfo {
    peers = Map.copyOf(peers);
  }

  /** Runs whose shares of the peak can be compared have this in common. */
  String machine() {
    String kernels = backend.lines().findFirst().orElse("");
    return String.join(", ", cpu, os, collector, threads + " threads", kernels);
  }

  /** The commit for people. */
  String shortCommit() {
    String hash = commit.isEmpty() ? "unknown" : commit;
    return hash.substring(0, Math.min(SHORT_HASH, hash.length())) + (dirty ? "+" : "");
  }

  /** What runs are sorted by: the commit's time, then the run's. */
  String order() {
    return committed + " " + started;
  }
}
