package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.layers.LayerList;
import io.github.lanewise.jmh.peer.Peer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** What to measure of layers: the options, and what follows from them. */
public class Settings extends Folders {
  @Spec private CommandSpec spec;

  @ArgGroup private final Amount amount = new Amount();

  @Option(
      names = "--layers",
      split = ",",
      paramLabel = "NAME",
      converter = Lists.class,
      description = "Layer lists, or 'all'. Default: mobilenet_v1.")
  private List<String> lists;

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "N",
      converter = Positive.class,
      description = "Threads that each run is spread over; the peak is that of N threads.")
  int threads;

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
  boolean tiles;

  @Option(
      names = "--peers",
      description =
          "Measure other engines too: oneDNN, ONNX Runtime, netlib's VectorBLAS. The first time"
              + " fetches 31 MB more.")
  private boolean peers;

  @Option(names = "-l", description = "List the layers and blocks instead of measuring.")
  protected boolean list;

  @Unmatched private final List<String> jmhArguments = new ArrayList<>();

  private JmhOptions jmh;

  private static final class Amount {
    @Option(names = "--quick", description = "One short round, about 3 minutes.")
    private boolean quick;

    @Option(
        names = "--full",
        description = "All lists under G1, ZGC, Parallel and Serial, three rounds: hours.")
    private boolean full;
  }

  /** One value may stand for several, which picocli takes one by one. */
  private static final class Lists implements ITypeConverter<List<String>> {
    @Override
    public List<String> convert(String name) {
      return name.equals("all") ? LayerList.NAMES : List.of(LayerList.named(name).name());
    }
  }

  /** Reads the options of JMH and checks them. */
  protected final void readJmhOptions() {
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
    if (peers && Peer.all().isEmpty()) {
      throw usage("--peers needs the engines on the class path: run scripts/bench");
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** JMH's own options. */
  public final JmhOptions jmh() {
    return jmh;
  }

  final Mode mode() {
    return amount.quick ? Mode.QUICK : amount.full ? Mode.FULL : Mode.DEFAULT;
  }

  /** Names of layer lists; a layer picked by name is looked for in all. */
  public final List<String> lists() {
    if (lists != null) {
      return lists.stream().distinct().toList();
    }
    return amount.full || list || jmh.getParameter("layer").hasValue()
        ? LayerList.NAMES
        : List.of(LayerList.named("mobilenet_v1").name());
  }

  final List<Collector> collectors() {
    if (collectors != null) {
      return collectors;
    }
    return amount.full
        ? List.of(Collector.G1, Collector.ZGC, Collector.PARALLEL, Collector.SERIAL)
        : List.of(Collector.G1);
  }

  /** Other engines to measure beside ours. */
  final List<Peer> peers() {
    return peers ? Peer.all() : List.of();
  }

  /** Rounds: as many as forks of each benchmark. */
  final int rounds() {
    return jmh.getForkCount().orElse(mode().rounds);
  }

  final int warmups() {
    return jmh.getWarmupIterations().orElse(mode().warmups);
  }

  final int iterations() {
    return jmh.getMeasurementIterations().orElse(mode().iterations);
  }

  /** The time that further rounds must fit into; null if the user chose the times. */
  final Duration limit() {
    boolean chosen =
        jmh.getForkCount().hasValue()
            || jmh.getWarmupIterations().hasValue()
            || jmh.getMeasurementIterations().hasValue()
            || jmh.getWarmupTime().hasValue()
            || jmh.getMeasurementTime().hasValue();
    return chosen ? null : mode().limit;
  }
}
