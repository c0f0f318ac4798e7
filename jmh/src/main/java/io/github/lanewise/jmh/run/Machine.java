package io.github.lanewise.jmh.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a run is run on. */
public final class Machine {

  private Machine() {}

  /**
   * For the head of a report.
   *
   * @return a line each: the CPU, and the commit if it is known
   */
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

  /** As the operating system gives it, with the number of processors that this JVM sees. */
  static String cpu() {
    String name =
        linux()
            .or(Machine::mac)
            .or(() -> Optional.ofNullable(System.getenv("PROCESSOR_IDENTIFIER")))
            .orElse("unknown " + System.getProperty("os.arch"));
    return name + ", " + Runtime.getRuntime().availableProcessors() + " processors seen";
  }

  private static Optional<String> linux() {
    Path file = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> mac() {
    if (!System.getProperty("os.name").startsWith("Mac")) {
      return Optional.empty();
    }
    try {
      Process process = new ProcessBuilder("sysctl", "-n", "machdep.cpu.brand_string").start();
      byte[] out = process.getInputStream().readAllBytes();
      return Optional.of(new String(out, StandardCharsets.UTF_8).strip())
          .filter(text -> !text.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
