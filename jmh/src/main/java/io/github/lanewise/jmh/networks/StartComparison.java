package io.github.lanewise.jmh.networks;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.lanewise.jmh.history.RunInfo;
import io.github.lanewise.jmh.run.Machine;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * {@code scripts/bench --start}: how processes that run a network come to their speed, Lanewise and
 * ONNX Runtime in turns. Each process is a plain JVM with its engine alone on the class path.
 */
public final class StartComparison {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Plan plan;
  private final PrintStream out;
  private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Optional<String> cpus;
  private final List<Setup> setups = new ArrayList<>();
  private final Map<String, String> versions = new TreeMap<>();
  private final List<Starts> starts = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * What is to be measured.
   *
   * @param models the networks by name, each {@code model*.onnx} beside its input, {@code
   *     input.bin}
   * @param setups what processes are started with
   * @param jvms processes of each network, engine and setup
   * @param seconds how long each is watched
   */
  public record Plan(Map<String, Path> models, List<Setup> setups, int jvms, int seconds) {}

  /**
   * Creates a comparison.
   *
   * @param plan what is to be measured
   * @param out where the tables go
   * @throws IOException if the operating system's files cannot be read
   */
  public StartComparison(Plan plan, PrintStream out) throws IOException {
    this.plan = plan;
    this.out = out;
    cpus = ProcStatus.field("Cpus_allowed_list");
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    for (Setup setup : plan.setups) {
      setup.cannot(path, cpus).ifPresentOrElse(problems::add, () -> setups.add(setup));
    }
  }

  /**
   * Measures every network and prints the tables. Files are written after each network, so that
   * whatever ends the run leaves what was measured.
   *
   * @param directory gets {@code start.json} and {@code start.md}
   * @return whether all could be measured that this machine can
   * @throws IOException if a JVM cannot be started or a file not be written
   */
  public boolean run(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path temporary = Files.createTempDirectory("start");
    Thread hook = new Thread(() -> interrupted(temporary), "clean up");
    Runtime.getRuntime().addShutdownHook(hook);
    boolean complete = true;
    try {
      Path fork = temporary.resolve("fork.jar");
      Side.writeFork(fork);
      for (var model : plan.models.entrySet()) {
        for (Setup setup : setups) {
          complete &= measure(model.getKey(), model.getValue(), setup, fork);
        }
        write(directory);
      }
    } finally {
      Runtime.getRuntime().removeShutdownHook(hook);
      delete(temporary);
    }
    out.print(report().markdown());
    out.println();
    out.println("Written: " + json(directory) + ", " + markdown(directory));
    return complete;
  }

  /** Nothing goes on behind a run that was stopped. */
  private static void interrupted(Path temporary) {
    ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
    try {
      delete(temporary);
    } catch (IOException e) {
      System.err.println(temporary + " could not be deleted: " + e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path file : inside.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** All processes of a network with a setup, the engines in turns. */
  private boolean measure(String network, Path model, Setup setup, Path fork) throws IOException {
    boolean complete = true;
    Map<Side, List<Start>> found = new EnumMap<>(Side.class);
    for (Side side : Side.values()) {
      found.put(side, new ArrayList<>());
    }
    for (int jvm = 1; jvm <= plan.jvms; jvm++) {
      for (Side side : List.copyOf(found.keySet())) {
        System.err.printf(
            "%s, %s, %s: %d of %d%n", network, setup.title(), side.title(), jvm, plan.jvms);
        try {
          found.get(side).add(start(side, model, setup, fork));
        } catch (IllegalStateException e) {
          complete = false;
          found.remove(side);
          problems.add(
              "Not measured: %s, %s, %s: %s"
                  .formatted(network, setup.title(), side.title(), e.getMessage()));
        }
      }
    }
    for (Side side : Side.values()) {
      Files.deleteIfExists(cache(side, fork));
    }
    found.forEach((side, jvms) -> add(new Starts(network, side, setup, jvms)));
    return complete;
  }

  private static Path cache(Side side, Path fork) {
    return fork.resolveSibling(side + ".aot");
  }

  private void add(Starts found) {
    starts.add(found);
    versions.put(found.engine().title(), found.jvms().getFirst().version());
    if (found.late() > 0) {
      problems.add(
          "Watched too short: %s, %s, %s: full speed of %d of %d JVMs in the last quarter of %d s"
              .formatted(
                  found.network(),
                  found.setup().title(),
                  found.engine().title(),
                  found.late(),
                  found.jvms().size(),
                  found.engine().seconds(plan.seconds)));
    }
  }

  private Start start(Side side, Path model, Setup setup, Path fork) throws IOException {
    List<String> options = setup.isCached() ? cached(side, model, setup, fork) : List.of();
    List<String> command = command(side, model, setup, fork, options);
    CpuTimes cpu = new CpuTimes();
    long startMillis = System.currentTimeMillis();
    return Start.of(ChildJvm.run(command, cpu::watch), startMillis, cpu);
  }

  /** Options that take the AOT cache of the network at hand, which the first process makes. */
  private List<String> cached(Side side, Path model, Setup setup, Path fork) throws IOException {
    Path cache = cache(side, fork);
    if (!Files.exists(cache)) {
      List<String> options = List.of("-XX:AOTCacheOutput=" + cache);
      ChildJvm training = ChildJvm.run(command(side, model, setup, fork, options), process -> {});
      if (!Files.exists(cache)) {
        throw new IllegalStateException("no AOT cache was written: " + training.text());
      }
    }
    return List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=on"); // on: unusable is an error
  }

  private List<String> command(
      Side side, Path model, Setup setup, Path fork, List<String> options) {
    String last = cpus.map(list -> list.replaceAll(".*\\D", "")).orElse("");
    return Stream.concat(
            setup.prefix(last).stream(), side.command(options, fork, model, plan.seconds).stream())
        .toList();
  }

  private StartReport report() {
    List<String> facts = new ArrayList<>(NetworkComparison.facts(started));
    versions.forEach((engine, version) -> facts.add(engine + ": " + version));
    facts.add(
        ("JVMs: %d of each network, engine and setup, in turns; watched for %d s from the first"
                + " result on, those of %s for %d s")
            .formatted(
                plan.jvms,
                Side.LANEWISE.seconds(plan.seconds),
                Side.ONNX_RUNTIME.title(),
                Side.ONNX_RUNTIME.seconds(plan.seconds)));
    return new StartReport(facts, starts, problems);
  }

  private void write(Path directory) throws IOException {
    Map<String, String> peers = new TreeMap<>(versions);
    String backend = Optional.ofNullable(peers.remove(Side.LANEWISE.title())).orElse("");
    RunInfo info = Machine.info(started.toString(), "start", backend, peers);
    JSON.writerWithDefaultPrettyPrinter()
        .writeValue(json(directory).toFile(), report().json(info, plan.jvms));
    Files.writeString(markdown(directory), report().markdown());
  }

  private static Path json(Path directory) {
    return directory.resolve("start.json");
  }

  private static Path markdown(Path directory) {
    return directory.resolve("start.md");
  }
}
