package io.github.lanewise.jmh.networks;

import com.fasterxml.jackson.annotation.JsonValue;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a process is started with. */
public enum Setup {
  /** Every CPU that there is. */
  ALL("All CPUs", false, false),
  /** Pinned to one CPU. */
  ONE("One CPU", true, false),
  /** Every CPU, and a cache of classes and profiles from a run before. */
  ALL_AOT("All CPUs, AOT cache", false, true),
  /** Pinned to one CPU, and a cache of classes and profiles from a run before. */
  ONE_AOT("One CPU, AOT cache", true, true);

  /** For people. */
  @JsonValue final String title;

  private final boolean pinned;

  /** Whether it starts with a cache that another start has written. */
  final boolean cached;

  Setup(String title, boolean pinned, boolean cached) {
    this.title = title;
    this.pinned = pinned;
    this.cached = cached;
  }

  /** What stands before the command. */
  List<String> prefix(String cpu) {
    return pinned ? List.of("taskset", "-c", cpu) : List.of();
  }

  /**
   * Why it cannot be had here.
   *
   * @param path the directories of programs, as the environment has them
   * @param cpus the CPUs that this process may use, as Linux lists them
   */
  Optional<String> cannot(String path, Optional<String> cpus) {
    boolean found =
        Stream.of(path.split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "taskset")));
    return !pinned || (found && cpus.isPresent())
        ? Optional.empty()
        : Optional.of(title + ": needs taskset on the PATH and Linux, to pin a process to one CPU");
  }

  /** The name of the option's value. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
