package io.github.lanewise.jmh;

import io.github.lanewise.jmh.layers.LayerList;
import io.github.lanewise.jmh.networks.NetworkComparison;
import io.github.lanewise.jmh.networks.Setup;
import io.github.lanewise.jmh.networks.StartComparison;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.run.Collector;
import io.github.lanewise.jmh.run.JmhOptions;
import io.github.lanewise.jmh.run.Mode;
import io.github.lanewise.jmh.run.Session;
import io.github.lanewise.jmh.run.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** The command behind {@code scripts/bench}. */
@Command(
    name = "scripts/bench",
    sortOptions = false,
    description = {
      "Measures Lanewise on the layers of real networks and prints one table.",
      "Every option of JMH but -tu and -bm passes through: -f is the number of rounds, -p"
          + " layer=GLOB and -p backend=scalar,vector,vector128,vector256,vector512 select, a"
          + " regular expression picks benchmarks, -prof gc shows allocation. Unless -rff names"
          + " another file too, results go to --dir alone.",
      ""
    })
public final class Bench implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(names = "--quick", description = "One short round, about 3 minutes.")
  private boolean quick;

  @Option(
      names = "--full",
      description = "All lists under G1, ZGC, Parallel and Serial, three rounds: hours.")
  private boolean full;

  @Option(
      names = "--layers",
      split = ",",
      paramLabel = "NAME",
      description = "Layer lists, or 'all'. Default: mobilenet_v1.")
  private List<String> lists;

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "N",
      description = "Threads that each run is spread over; the peak is that of N threads.")
  private int threads;

  @Option(
      names = "--gc",
      split = ",",
      paramLabel = "NAME",
      description = "Collector: ${COMPLETION-CANDIDATES}. Default: G1.")
  private List<Collector> collectors;

  @Option(
      names = "--tiles",
      description =
          "Measure the matrix kernels' register tiles instead, to tune a new CPU: a minute.")
  private boolean tiles;

  @Option(
      names = "--networks",
      description =
          "Measure whole networks against ONNX Runtime instead, half a minute each: those in"
              + " src/models and in --models, on one and two threads.")
  private boolean networks;

  @Option(
      names = "--start",
      description =
          "Measure instead how fast a process gets fast, Lanewise's and ONNX Runtime's: first"
              + " result, full speed, CPU time until then, steady time of several JVMs, memory."
              + " Five minutes a network.")
  private boolean start;

  @Option(
      names = "-n",
      defaultValue = "5",
      paramLabel = "JVMS",
      description = "JVMs of each network, engine and setup of --start. Default: 5.")
  private int jvms;

  @Option(
      names = "--setups",
      split = ",",
      paramLabel = "NAME",
      description = "What --start starts them with: ${COMPLETION-CANDIDATES}. Default: all four.")
  private List<Setup> setups = List.of(Setup.values());

  @Option(
      names = "--seconds",
      defaultValue = "8",
      paramLabel = "S",
      description =
          "How long --start watches each JVM; ONNX Runtime's for a third of it. Default: 8.")
  private int seconds;

  @Option(
      names = "--models",
      split = ",",
      paramLabel = "DIR",
      description =
          "More networks for --networks and --start: folders of folders with model*.onnx beside"
              + " input.bin.")
  private List<Path> models = List.of();

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "PART",
      description = "Only networks with a part of their name among these.")
  private List<String> only = List.of();

  @Option(names = "--root", hidden = true, defaultValue = ".")
  private Path root;

  @Option(
      names = "--peers",
      description = {
        "Measure other engines too: oneDNN, ONNX Runtime, netlib's VectorBLAS. The first time"
            + " fetches 31 MB more."
      })
  private boolean peers;

  @Option(
      names = "--dir",
      defaultValue = "target/bench",
      paramLabel = "FOLDER",
      description = "Where results go. Default: target/bench.")
  private Path directory;

  @Option(names = "-l", description = "List the layers and blocks instead of measuring.")
  private boolean list;

  @Option(
      names = {"-h", "--help"},
      description = "Show this help and JMH's.")
  private boolean help;

  @Unmatched private final List<String> jmhArguments = new ArrayList<>();

  private Bench() {}

  /**
   * Runs the command and exits: 0 if all was measured, 1 if something failed, 2 on bad usage.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The command's parser. */
  static CommandLine commandLine() {
    return new CommandLine(new Bench())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setPosixClusteredShortOptionsAllowed(false)
        .setOverwrittenOptionsAllowed(true) // scripts/bench gives --dir before the user may
        .setParameterExceptionHandler(
            (exception, arguments) -> {
              System.err.println(exception.getMessage());
              System.err.println("See scripts/bench --help.");
              return CommandLine.ExitCode.USAGE;
            });
  }

  @Override
  public Integer call() throws IOException {
    Settings settings = settings();
    if (help) {
      spec.commandLine().usage(System.out);
      System.out.println("Options of JMH:");
      settings.jmh().showHelp();
      return 0;
    }
    if (networks || start) {
      return compareNetworks() ? 0 : 1;
    }
    if (list) {
      settings.lists().stream()
          .flatMap(name -> LayerList.named(name).targets().stream())
          .forEach(t -> System.out.println(t.operator() + "\t" + t.layer() + "\t" + t.shapeText()));
      return 0;
    }
    if (settings.jmh().shouldListProfilers()) {
      settings.jmh().listProfilers();
      return 0;
    }
    if (settings.jmh().shouldListResultFormats()) {
      settings.jmh().listResultFormats();
      return 0;
    }
    return new Session(settings, System.out).run() ? 0 : 1;
  }

  /** What was asked for, checked. */
  Settings settings() {
    checkNetworks();
    if (quick && full) {
      throw usage("--quick and --full exclude each other");
    }
    if (threads < 1) {
      throw usage("--threads " + threads + " must be 1 or more");
    }
    Mode mode = quick ? Mode.QUICK : full ? Mode.FULL : Mode.DEFAULT;
    JmhOptions jmh;
    try {
      jmh = new JmhOptions(jmhArguments);
    } catch (CommandLineOptionException e) {
      throw usage(e.getMessage() + " (neither an option of scripts/bench nor of JMH)");
    }
    if (jmh.getTimeUnit().hasValue() || !jmh.getBenchModes().isEmpty()) {
      throw usage("-tu and -bm would change what GFLOP/s means: leave them out");
    }
    if (jmh.getForkCount().orElse(1) < 1) {
      throw usage("-f 0 would measure in the harness's own JVM: give 1 or more");
    }
    return new Settings(
        mode,
        lists(jmh),
        tiles,
        threads,
        collectors(),
        directory,
        jmh,
        peers ? peers() : List.of());
  }

  private boolean compareNetworks() throws IOException {
    List<Path> folders = new ArrayList<>(models);
    folders.addFirst(root.resolve("src/models"));
    Map<String, Path> found = NetworkComparison.find(folders, only);
    if (found.isEmpty()) {
      System.out.println(
          "No model*.onnx beside an input.bin is in a folder of "
              + folders
              + (only.isEmpty() ? "." : ", named as --only says."));
      return false;
    }
    return start
        ? new StartComparison(new StartComparison.Plan(found, setups, jvms, seconds), System.out)
            .run(directory)
        : new NetworkComparison(found, System.out).run(directory.resolve("networks.md"));
  }

  /** Networks have settings of their own: what would have no effect is refused. */
  private void checkNetworks() {
    if (networks && start) {
      throw usage("--networks and --start exclude each other");
    }
    List<String> both = List.of("--models", "--only");
    List<String> starts = List.of("-n", "--setups", "--seconds");
    List<String> given =
        spec.commandLine().getParseResult().matchedOptions().stream()
            .map(option -> option.longestName())
            .toList();
    if (networks || start) {
      List<String> own = new ArrayList<>(List.of("--root", "--dir", "--help"));
      own.add(start ? "--start" : "--networks");
      own.addAll(both);
      own.addAll(start ? starts : List.of());
      List<String> ignored =
          Stream.concat(given.stream().filter(name -> !own.contains(name)), jmhArguments.stream())
              .toList();
      if (!ignored.isEmpty()) {
        throw usage(
            (start ? "--start" : "--networks") + " does not take " + String.join(" ", ignored));
      }
    } else {
      refuse(given, both, "--networks and --start");
      refuse(given, starts, "--start");
    }
    if (jvms < 1) {
      throw usage("-n " + jvms + " must be 1 or more");
    }
    if (seconds < 1) {
      throw usage("--seconds " + seconds + " must be 1 or more");
    }
    models.stream()
        .filter(folder -> !Files.isDirectory(folder))
        .findFirst()
        .ifPresent(
            folder -> {
              throw usage("--models " + folder + " is no folder");
            });
  }

  private void refuse(List<String> given, List<String> names, String owner) {
    given.stream()
        .filter(names::contains)
        .findFirst()
        .ifPresent(
            name -> {
              throw usage(name + " is for " + owner);
            });
  }

  private List<Peer> peers() {
    List<Peer> all = Peer.all();
    if (all.isEmpty()) {
      throw usage("--peers needs the engines on the class path: run scripts/bench");
    }
    return all;
  }

  private List<Collector> collectors() {
    if (collectors != null) {
      return collectors;
    }
    return full
        ? List.of(Collector.G1, Collector.ZGC, Collector.PARALLEL, Collector.SERIAL)
        : List.of(Collector.G1);
  }

  /** A layer picked by name is looked for in all lists. */
  private List<String> lists(JmhOptions jmh) {
    boolean all = lists == null ? full || list || jmh.getParameter("layer").hasValue() : isAll();
    if (all) {
      return LayerList.NAMES;
    }
    try {
      List<String> names = lists == null ? List.of("mobilenet_v1") : lists;
      return names.stream().map(name -> LayerList.named(name).name()).distinct().toList();
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private boolean isAll() {
    return lists.equals(List.of("all"));
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
