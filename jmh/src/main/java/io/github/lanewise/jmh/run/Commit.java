package io.github.lanewise.jmh.run;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/**
 * The commit that the benchmarks were built from, as git tells it; empty strings where there is no
 * git or no repository.
 *
 * @param hash its hash
 * @param time when it was committed, UTC, {@code 2026-01-31T12:00:00Z}
 * @param subject the first line of its message
 * @param dirty whether files differ from it
 */
record Commit(String hash, String time, String subject, boolean dirty) {

  /** The commit of the checkout that this class was built in. */
  static Commit current() {
    try {
      Path here = Path.of(Commit.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return of(here.getParent());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The commit of the checkout that a folder is in. */
  static Commit of(Path folder) {
    List<String> lines = git(folder, "log", "-1", "--format=%H%n%cI%n%s");
    if (lines.size() != 3) {
      return new Commit("", "", "", false);
    }
    String time =
        OffsetDateTime.parse(lines.get(1)).withOffsetSameInstant(ZoneOffset.UTC).toString();
    List<String> changes =
        git(
            folder,
            "status",
            "--porcelain",
            "--",
            ":/pom.xml",
            ":/src/main",
            ":/jmh/pom.xml",
            ":/jmh/src/main");
    return new Commit(lines.get(0), time, lines.get(2), !changes.isEmpty());
  }

  private static List<String> git(Path folder, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of(arguments));
    return Program.output(command);
  }
}
