package io.github.lanewise.jmh;

import io.github.lanewise.jmh.layers.LayerList;
import io.github.lanewise.jmh.networks.LoadComparison;
import io.github.lanewise.jmh.networks.NetworkComparison;
import io.github.lanewise.jmh.networks.StartComparison;
import io.github.lanewise.jmh.run.Folders;
import io.github.lanewise.jmh.run.Session;
import io.github.lanewise.jmh.run.Settings;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
public final class Bench extends Settings implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      description = "Show this help, those of --networks, --start and --load, and JMH's.")
  private boolean help;

  private Bench() {}

  /** Runs the command and exits: 0 if all was measured, 1 if something failed, 2 on bad usage. */
  public static void main(String[] arguments) {
    System.exit(commandLine(arguments).execute(arguments));
  }

  /** The parser of some arguments: what is measured has options of its own. */
  static CommandLine commandLine(String... arguments) {
    List<String> given = List.of(arguments);
    Folders command = new Bench();
    if (given.contains("--start")) {
      command = new StartComparison(System.out);
    } else if (given.contains("--networks")) {
      command = new NetworkComparison(System.out);
    } else if (given.contains("--load")) {
      command = new LoadComparison(System.out);
    }
    return Folders.commandLine(command);
  }

  @Override
  public Integer call() throws IOException {
    readJmhOptions();
    if (help) {
      CommandLine.usage(this, System.out);
      for (String other : List.of("--networks", "--start", "--load")) {
        commandLine(other).usage(System.out);
      }
      System.out.println("Options of JMH:");
      jmh().showHelp();
    } else if (list) {
      lists().stream()
          .flatMap(name -> LayerList.named(name).targets().stream())
          .forEach(t -> System.out.println(t.operator() + "\t" + t.layer() + "\t" + t.shapeText()));
    } else if (jmh().shouldListProfilers()) {
      jmh().listProfilers();
    } else if (jmh().shouldListResultFormats()) {
      jmh().listResultFormats();
    } else {
      return new Session(this, System.out).run() ? 0 : 1;
    }
    return 0;
  }
}
