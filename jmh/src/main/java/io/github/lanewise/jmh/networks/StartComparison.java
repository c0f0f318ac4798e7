package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.RunInfo;
import io.github.lanewise.jmh.run.Machine;
import io.github.lanewise.jmh.run.Proc;
import io.github.lanewise.jmh.run.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How processes that run a network come to their speed, Lanewise and ONNX Runtime in turns. Each
 * process is a plain JVM with its engine alone on the class path.
 */
@Command(
    name = "scripts/bench --start",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures how fast a process gets fast, Lanewise's and ONNX Runtime's: first result, full"
          + " speed, CPU time until then, steady time of several JVMs, memory. Six minutes a"
          + " network.",
      ""
    })
public final class StartComparison extends Models {
  /** Of 0.4 s, more than a neighbour on the core is busy without a pause. */
  private static final int TURNS = 8;

  /** What tells this command from the others of the script. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = "--start", hidden = true)
  private boolean chosen;

  @Option(
      names = "-n",
      defaultValue = "5",
      paramLabel = "JVMS",
      converter = Positive.class,
      description = "JVMs of each network, engine and setup. Default: 5.")
  private int jvms;

  @Option(
      names = "--setups",
      split = ",",
      paramLabel = "NAME",
      description = "What they are started with: ${COMPLETION-CANDIDATES}. Default: all four.")
  private List<Setup> wanted = List.of(Setup.values());

  @Option(
      names = "--seconds",
      defaultValue = "8",
      paramLabel = "S",
      converter = Positive.class,
      description = "How long each JVM is watched; ONNX Runtime's for a third of it. Default: 8.")
  private int seconds;

  private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Map<String, String> versions = new TreeMap<>();
  private final List<Starts> starts = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();

  /** Creates the command, which prints tables. */
  public StartComparison(PrintStream out) {
    super(out);
  }

  /**
   * Files are written after each network, so that whatever ends the run leaves what was measured.
   */
  @Override
  boolean run(Map<String, Path> networks) throws IOException {
    Optional<String> cpus = Proc.field("self/status", "Cpus_allowed_list");
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    List<Setup> setups = new ArrayList<>();
    for (Setup setup : wanted) {
      setup.cannot(path, cpus).ifPresentOrElse(problems::add, () -> setups.add(setup));
    }
    Files.createDirectories(directory());
    // Nothing goes on behind a run that was stopped.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> ProcessHandle.current().descendants().forEach(ProcessHandle::destroy)));
    Path fork = deletedAtEnd(Files.createTempDirectory("start")).resolve("fork.jar");
    Side.writeFork(deletedAtEnd(fork));
    boolean complete = true;
    for (var network : networks.entrySet()) {
      for (Setup setup : setups) {
        complete &= measure(network.getKey(), network.getValue(), setup, fork);
      }
      write();
    }
    out.print(report().markdown());
    out.println();
    out.println("Written: " + json() + ", " + markdown());
    return complete;
  }

  /** A file or folder that goes with this process, also where that is stopped. */
  private static Path deletedAtEnd(Path file) {
    file.toFile().deleteOnExit();
    return file;
  }

  /** All processes of a network with a setup, the engines in turns. */
  private boolean measure(String network, Path model, Setup setup, Path fork) throws IOException {
    boolean complete = true;
    Map<Side, List<StartJvm>> found = new EnumMap<>(Side.class);
    for (Side side : Side.values()) {
      found.put(side, new ArrayList<>());
    }
    try {
      for (int jvm = 1; jvm <= jvms; jvm++) {
        for (Side side : List.copyOf(found.keySet())) {
          String name = name(network, setup, side);
          System.err.printf("%s: %d of %d%n", name, jvm, jvms);
          try {
            found.get(side).add(start(side, model, setup, fork));
          } catch (IllegalStateException e) {
            complete = false;
            found.remove(side).forEach(StartJvm::close);
            problems.add("Not measured: " + name + ": " + e.getMessage());
          }
        }
      }
      for (var each : found.entrySet()) {
        Side side = each.getKey();
        try {
          List<Start> all = StartJvm.inTurns(each.getValue(), TURNS);
          add(new Starts(network, side, setup, all));
        } catch (IllegalStateException e) {
          complete = false;
          problems.add("Not measured: " + name(network, setup, side) + ": " + e.getMessage());
        }
      }
    } finally {
      found.values().forEach(started -> started.forEach(StartJvm::close));
    }
    for (Side side : Side.values()) {
      Files.deleteIfExists(cache(side, fork));
    }
    return complete;
  }

  private static String name(String network, Setup setup, Side side) {
    return network + ", " + setup.title + ", " + side.title;
  }

  private static Path cache(Side side, Path fork) {
    return fork.resolveSibling(side + ".aot");
  }

  private void add(Starts found) {
    Side side = found.engine();
    starts.add(found);
    versions.put(side.title, found.jvms().getFirst().version());
    if (found.late() > 0) {
      problems.add(
          "Watched too short: %s: full speed of %d of %d JVMs in the last quarter of %d s"
              .formatted(
                  name(found.network(), found.setup(), side),
                  found.late(),
                  found.jvms().size(),
                  side.seconds(seconds)));
    }
  }

  private StartJvm start(Side side, Path model, Setup setup, Path fork) throws IOException {
    List<String> options = setup.cached ? cached(side, model, setup, fork) : List.of();
    return new StartJvm(command(side, model, setup, fork, options));
  }

  /** Options that take the AOT cache of the network at hand, which the first process makes. */
  private List<String> cached(Side side, Path model, Setup setup, Path fork) throws IOException {
    Path cache = deletedAtEnd(cache(side, fork));
    if (!Files.exists(cache)) {
      List<String> options = List.of("-XX:AOTCacheOutput=" + cache);
      Program training = Program.run(command(side, model, setup, fork, options), process -> {});
      if (!Files.exists(cache)) {
        throw new IllegalStateException("no AOT cache was written: " + training.text());
      }
    }
    return List.of("-XX:AOTCache=" + cache, "-XX:AOTMode=on"); // on: unusable is an error
  }

  private List<String> command(
      Side side, Path model, Setup setup, Path fork, List<String> options) {
    String last =
        Proc.field("self/status", "Cpus_allowed_list")
            .map(list -> list.replaceAll(".*\\D", ""))
            .orElse("");
    List<String> command = new ArrayList<>(setup.prefix(last));
    command.addAll(side.command(options, fork, model, seconds));
    return command;
  }

  private StartReport report() {
    List<String> facts = facts(started);
    versions.forEach((engine, version) -> facts.add(engine + ": " + version));
    facts.add(
        ("JVMs: %d of each network, engine and setup, in turns; watched for %d s from the first"
                + " result on, those of %s for %d s")
            .formatted(
                jvms,
                Side.LANEWISE.seconds(seconds),
                Side.ONNX_RUNTIME.title,
                Side.ONNX_RUNTIME.seconds(seconds)));
    return new StartReport(facts, starts, problems);
  }

  private void write() throws IOException {
    Map<String, String> peers = new TreeMap<>(versions);
    String backend = Optional.ofNullable(peers.remove(Side.LANEWISE.title)).orElse("");
    RunInfo info = Machine.info(started.toString(), "start", backend, peers);
    Files.writeString(json(), report().json(info, jvms).toPrettyString());
    Files.writeString(markdown(), report().markdown());
  }

  private Path json() {
    return directory().resolve("start.json");
  }

  private Path markdown() {
    return directory().resolve("start.md");
  }
}
