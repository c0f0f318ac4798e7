package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lanewise.jmh.run.Folders;
import io.github.lanewise.jmh.run.Proc;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes are really started, for a second each. */
class StartComparisonTest {
  private static final Path MODEL = Path.of("../src/models/emotion-minixception/model.onnx");

  @TempDir Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private int run(String... more) {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    List<String> arguments = new ArrayList<>(List.of("-n", "1", "--seconds", "1"));
    arguments.addAll(List.of("--root", "..", "--dir", "" + folder.resolve("bench")));
    arguments.addAll(List.of(more));
    return Folders.commandLine(new StartComparison(out)).execute(arguments.toArray(String[]::new));
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("bench/start.json").toFile());
  }

  @Test
  void bothEnginesGiveFiguresWithAndWithoutAnAotCache() throws IOException {
    assumeFalse(
        EngineTest.isMusl(), "ONNX Runtime's native code needs glibc, and this JVM runs on musl");
    assertThat(run("--only", "emotion", "--setups", "all,all-aot"))
        .as(printed.toString(StandardCharsets.UTF_8))
        .isZero();
    List<String> measured = new ArrayList<>();
    for (JsonNode starts : json().path("starts")) {
      measured.add(starts.path("engine").asText() + ", " + starts.path("setup").asText());
      JsonNode jvm = starts.path("jvms").path(0);
      double steady = jvm.path("steadyMillis").asDouble();
      double first = jvm.path("firstMillis").asDouble();
      assertThat(steady).isPositive();
      assertThat(jvm.path("bestMillis").asDouble()).isBetween(steady / 100, steady * 2);
      assertThat(first).isGreaterThan(steady);
      assertThat(jvm.path("withinTwiceMillis").asDouble()).isGreaterThanOrEqualTo(first);
      if (Proc.megabytes("VmHWM").isPresent()) {
        assertThat(jvm.path("residentMegabytes").asDouble()).isBetween(20.0, 2000.0);
      }
    }
    assertThat(measured)
        .containsExactly(
            "Lanewise, All CPUs",
            "ONNX Runtime, All CPUs",
            "Lanewise, All CPUs, AOT cache",
            "ONNX Runtime, All CPUs, AOT cache");
    assertThat(Files.readString(folder.resolve("bench/start.md")))
        .isEqualTo(
            printed.toString(StandardCharsets.UTF_8).replaceFirst("\n\nWritten: .*\n$", "\n"))
        .contains("- Lanewise: ", "- ONNX Runtime: 1.");
  }

  @Test
  void whatFailsIsSaid() throws IOException {
    Path broken = Files.createDirectories(folder.resolve("broken"));
    Files.writeString(broken.resolve("model.onnx"), "no model");
    Files.write(broken.resolve("input.bin"), new byte[4]);
    assertThat(run("--models", "" + folder, "--only", "broken", "--setups", "all")).isEqualTo(1);
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("Not measured: broken, All CPUs, Lanewise: failed: ");
    assertThat(json().path("starts")).isEmpty();
  }

  @Test
  void aProcessHasItsEngineAloneOnTheClassPath() {
    Path fork = Path.of("fork.jar");
    for (Side side : Side.values()) {
      List<String> command = side.command(List.of("-Xint"), fork, MODEL, 9);
      assertThat(command).contains("-Xint");
      List<String> path =
          List.of(command.get(command.indexOf("-cp") + 1).split(File.pathSeparator));
      assertThat(path).startsWith("fork.jar").hasSize(2);
      assertThat(path.stream().filter(entry -> entry.contains("onnxruntime")).count())
          .isEqualTo(side == Side.LANEWISE ? 0 : 1);
      assertThat(command).endsWith(side == Side.LANEWISE ? "9" : "3");
    }
  }

  @Test
  void pinningNeedsTasksetAndAListOfCpus() throws IOException {
    Optional<String> cpus = Optional.of("0-3");
    String path = folder + File.pathSeparator + "/absent";
    assertThat(Setup.ONE_AOT.cannot(path, cpus).orElseThrow())
        .isEqualTo(
            "One CPU, AOT cache: needs taskset on the PATH and Linux, to pin a process to one CPU");
    File taskset = Files.createFile(folder.resolve("taskset")).toFile();
    assertThat(taskset.setExecutable(true)).isTrue();
    assertThat(Setup.ONE.cannot(path, cpus)).isEmpty();
    assertThat(Setup.ONE.cannot(path, Optional.empty())).isPresent();
    assertThat(Setup.ALL.cannot("", Optional.empty())).isEmpty();
    assertThat(Setup.ONE.prefix("3")).containsExactly("taskset", "-c", "3");
    assertThat(Setup.ALL_AOT.prefix("3")).isEmpty();
  }
}
