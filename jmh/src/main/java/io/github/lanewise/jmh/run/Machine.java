package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.report.RunInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a run is run on. */
public final class Machine {

  private Machine() {}

  /** For the head of a report, a line each: the CPU, and the commit if it is known. */
  public static List<String> facts() {
    return facts(Commit.current());
  }

  static List<String> facts(Commit commit) {
    List<String> facts = new ArrayList<>(List.of("CPU: " + cpu()));
    if (!commit.hash().isEmpty()) {
      String changed = commit.dirty() ? ", and changes on top" : "";
      facts.add("Commit: " + commit.hash() + changed + " (" + commit.subject() + ")");
    }
    return facts;
  }

  /** The JDK of this JVM: version and virtual machine. */
  public static String jdk() {
    return System.getProperty("java.runtime.version") + ", " + System.getProperty("java.vm.name");
  }

  /** What a run of plain JVMs, one thread each, ran on. */
  public static RunInfo info(
      String started, String mode, String backend, Map<String, String> peers) {
    return info(Commit.current(), started, jdk(), "", "default", 1, mode, backend, peers);
  }

  static RunInfo info(
      Commit commit,
      String started,
      String jdk,
      String flags,
      String collector,
      int threads,
      String mode,
      String backend,
      Map<String, String> peers) {
    return new RunInfo(
        started,
        commit.hash(),
        commit.time(),
        commit.subject(),
        commit.dirty(),
        cpu(),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        jdk,
        flags,
        collector,
        threads,
        mode,
        backend,
        peers);
  }

  /** As the operating system gives it, with the number of processors that this JVM sees. */
  private static String cpu() {
    String name =
        Proc.field("cpuinfo", "model name")
            .or(Machine::mac)
            .or(() -> Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")))
            .orElse("unknown " + System.getProperty("os.arch"));
    return name + ", " + Runtime.getRuntime().availableProcessors() + " processors seen";
  }

  private static Optional<String> mac() {
    return Program.output(List.of("sysctl", "-n", "machdep.cpu.brand_string")).stream()
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .findFirst();
  }
}
