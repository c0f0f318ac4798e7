package io.github.lanewise.jmh.networks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What Linux tells of this process in {@code /proc/self/status}; nothing elsewhere. */
final class ProcStatus {
  private static final Path FILE = Path.of("/proc/self/status");

  private ProcStatus() {}

  /** The text of a field. */
  static Optional<String> field(String name) throws IOException {
    if (!Files.isReadable(FILE)) {
      return Optional.empty();
    }
    String start = name + ":";
    return Files.readAllLines(FILE).stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()).strip())
        .findFirst();
  }

  /** A field in kB, as megabytes. */
  static Optional<Long> megabytes(String name) throws IOException {
    return field(name).map(text -> Long.parseLong(text.replaceAll("\\D", "")) / 1024);
  }
}
