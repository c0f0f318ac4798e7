package io.github.lanewise.jmh.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What another program printed.
 *
 * @param status 0 if it succeeded, or goes on
 * @param lines what it printed
 */
public record Program(int status, List<Line> lines) {
  private static final int SHOWN_ON_FAILURE = 2000;

  /** A line, and how many milliseconds after the process's start it came. */
  public record Line(String text, double millis) {}

  /** The command that starts a JVM of this JDK. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** What a program says on its standard output; nothing if it fails or is not there. */
  static List<String> output(List<String> command) {
    try {
      ProcessBuilder program = new ProcessBuilder(command);
      Program ended = run(program.redirectError(ProcessBuilder.Redirect.DISCARD), process -> {});
      return ended.status == 0 ? ended.lines.stream().map(Line::text).toList() : List.of();
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * Runs a command, standard error and output together.
   *
   * @param beside gets the process as soon as it runs
   */
  public static Program run(List<String> command, Consumer<ProcessHandle> beside)
      throws IOException {
    return run(new ProcessBuilder(command).redirectErrorStream(true), beside);
  }

  private static Program run(ProcessBuilder program, Consumer<ProcessHandle> beside)
      throws IOException {
    long start = System.nanoTime();
    Process process = program.start();
    beside.accept(process.toHandle());
    process.getOutputStream().close();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      List<Line> lines = lines(reader, start, text -> false);
      return new Program(process.onExit().join().exitValue(), lines);
    }
  }

  /** What a program that goes on prints, up to a line with that beginning; or to its end. */
  public static Program until(String beginning, BufferedReader printed) throws IOException {
    return new Program(0, lines(printed, System.nanoTime(), text -> text.startsWith(beginning)));
  }

  private static List<Line> lines(BufferedReader reader, long start, Predicate<String> isLast)
      throws IOException {
    List<Line> lines = new ArrayList<>();
    String text;
    do {
      text = reader.readLine();
      if (text != null) {
        lines.add(new Line(text, (System.nanoTime() - start) / 1e6));
      }
    } while (text != null && !isLast.test(text));
    return lines;
  }

  /** The lines that start with a word, without it. */
  public List<Line> lines(String word) {
    String start = word + " ";
    return lines.stream()
        .filter(line -> line.text.startsWith(start))
        .map(line -> new Line(line.text.substring(start.length()), line.millis))
        .toList();
  }

  /** The first line that starts with a word, without it; if it is none, all that was printed. */
  public Line line(String word) {
    return Optional.of(lines(word))
        .filter(found -> !found.isEmpty())
        .map(List::getFirst)
        .orElseThrow(() -> new IllegalStateException("failed: " + text()));
  }

  /** The end of what was printed, in one line. */
  public String text() {
    String text = lines.stream().map(Line::text).collect(Collectors.joining(" | "));
    return text.substring(Math.max(0, text.length() - SHOWN_ON_FAILURE));
  }
}
