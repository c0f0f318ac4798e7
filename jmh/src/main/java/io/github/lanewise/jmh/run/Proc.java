package io.github.lanewise.jmh.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What Linux tells in the files of {@code /proc}; nothing elsewhere. */
public final class Proc {

  private Proc() {}

  /** The text behind the first {@code name:} in a file. */
  public static Optional<String> field(String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", file))) {
      return lines
          .map(line -> line.split(":", 2))
          .filter(parts -> parts[0].strip().equals(name))
          .map(parts -> parts[1].strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A field of this process's memory, as megabytes. */
  public static Optional<Long> megabytes(String name) {
    return field("self/status", name).map(kb -> Long.parseLong(kb.replaceAll("\\D", "")) / 1024);
  }
}
