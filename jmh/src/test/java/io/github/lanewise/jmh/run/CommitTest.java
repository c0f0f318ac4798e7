package io.github.lanewise.jmh.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report says of the sources, seen from where the benchmarks' jar lies. */
class CommitTest {

  private static void git(Path folder, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("git", "-C", folder.toString()));
    command.addAll(List.of("-c", "user.name=test", "-c", "user.email=test@example.com"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void changedAndUntrackedSourcesAreOnTopOfTheCommit(@TempDir Path root) throws Exception {
    Path target = Files.createDirectories(root.resolve("jmh/target"));
    Path pom = Files.writeString(root.resolve("pom.xml"), "one");
    Path sources = Files.createDirectories(root.resolve("src/main"));
    git(root, "init", "--quiet");
    git(root, "add", ".");
    git(root, "commit", "--quiet", "-m", "subject");
    assertThat(Commit.of(target).subject()).isEqualTo("subject");
    assertThat(Commit.of(target).dirty()).isFalse();
    Files.writeString(root.resolve("notes.txt"), "measures nothing");
    assertThat(Commit.of(target).dirty()).isFalse();
    Files.writeString(pom, "two");
    assertThat(Commit.of(target).dirty()).isTrue();
    Files.writeString(pom, "one");
    assertThat(Commit.of(target).dirty()).isFalse();
    Files.writeString(sources.resolve("New.java"), "");
    assertThat(Commit.of(target).dirty()).isTrue();
  }
}
