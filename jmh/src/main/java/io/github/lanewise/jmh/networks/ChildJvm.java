package io.github.lanewise.jmh.networks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What another JVM printed, run to its end.
 *
 * @param lines of its standard output and error
 */
record ChildJvm(List<Line> lines) {
  private static final int SHOWN_ON_FAILURE = 2000;

  /** A line, and how many milliseconds after the process's start it came. */
  record Line(String text, double millis) {}

  ChildJvm {
    lines = List.copyOf(lines);
  }

  /** The command that starts a JVM of this JDK. */
  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * Runs a command.
   *
   * @param beside gets the process as soon as it runs
   */
  static ChildJvm run(List<String> command, Consumer<ProcessHandle> beside) throws IOException {
    long start = System.nanoTime();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    beside.accept(process.toHandle());
    List<Line> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        lines.add(new Line(text, (System.nanoTime() - start) / 1e6));
      }
    }
    process.onExit().join();
    return new ChildJvm(lines);
  }

  /** The line that starts with a word, without it; all that was printed instead, if it is none. */
  Line line(String word) {
    String start = word + " ";
    return lines.stream()
        .filter(line -> line.text.startsWith(start))
        .map(line -> new Line(line.text.substring(start.length()), line.millis))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("failed: " + text()));
  }

  /** The end of what was printed, in one line. */
  String text() {
    String text = lines.stream().map(Line::text).collect(Collectors.joining(" | "));
    return text.substring(Math.max(0, text.length() - SHOWN_ON_FAILURE));
  }
}
