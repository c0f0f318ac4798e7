package io.github.lanewise.jmh.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command behind {@code scripts/compare}. */
@Command(
    name = "scripts/compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Prints what became slower or faster from one run of scripts/bench to another: layers whose"
          + " share of the FMA peak in the fastest millisecond of each fork changed by more than"
          + " the threshold and more than the noise. The change is that of the forks' median or of"
          + " their best, whichever is smaller: what else the machine did shows in the lower half."
          + " The noise comes from how far both runs' forks lie apart; with fewer than three forks"
          + " there is no verdict: give the runs -f 3. Where a run has no fastest milliseconds, all"
          + " iterations' shares and their upper quartile are compared instead.",
      "Exits with 0 if nothing became slower, 1 if something did, 2 if there was nothing to"
          + " compare, 3 if anything else failed.",
      ""
    },
    exitCodeOnInvalidInput = Compare.FAILED,
    exitCodeOnExecutionException = Compare.FAILED)
public final class Compare implements Callable<Integer> {
  private static final int SLOWER = 1;
  private static final int NOTHING = 2;
  static final int FAILED = 3;

  private static final Table<Change> TABLE =
      new Table<Change>()
          .text("layer", change -> change.fresh().target().layer())
          .text("operator", change -> change.fresh().target().operator().toString())
          .text("backend", change -> change.fresh().backend())
          .number("% of peak", "%.1f", change -> Optional.of(100 * change.now()))
          .number("was", "%.1f", change -> Optional.of(100 * change.was()))
          .number("change", "%+.1f %%", change -> Optional.of(100 * (change.ratio() - 1)))
          .number("noise", "%.1f %%", change -> Optional.of(100 * change.noise()));

  @Parameters(
      index = "0",
      paramLabel = "BASE",
      description = "Results of the earlier run: a file, or a folder of runs to take together.")
  private Path base;

  @Parameters(index = "1", paramLabel = "NEW", description = "Results of the later run.")
  private Path fresh;

  @Option(
      names = "--threshold",
      defaultValue = "8",
      paramLabel = "PERCENT",
      description = "Changes up to this are not told. Default: ${DEFAULT-VALUE}.")
  private double percent;

  private final PrintStream out;

  Compare(PrintStream out) {
    this.out = out;
  }

  /** Runs the command and exits. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Compare(System.out)).execute(arguments));
  }

  @Override
  public Integer call() {
    if (!(percent >= 0)) {
      System.err.println("--threshold " + percent + " must be 0 or more");
      return FAILED;
    }
    List<Run> before;
    List<Run> after;
    try {
      before = Run.pooled(base);
      after = Run.pooled(fresh);
    } catch (IOException e) {
      System.err.println(e.getMessage() == null ? e.toString() : e.getMessage());
      return FAILED;
    }
    boolean judged = false;
    boolean slower = false;
    for (Run run : after) {
      for (Run other : before) {
        if (other.info().collector().equals(run.info().collector())) {
          List<Change> changes = Change.between(other, run, percent / 100);
          List<Change> pairs = Change.pairs(other, run);
          judged |= pairs.stream().anyMatch(Change::isJudged);
          slower |= changes.stream().anyMatch(Change::isSlower);
          print(other.info(), run.info(), pairs, changes);
        }
      }
    }
    if (!judged) {
      System.err.println(
          "the runs have no layer, backend and collector in common that can be judged");
      return NOTHING;
    }
    return slower ? SLOWER : 0;
  }

  private void print(RunInfo before, RunInfo after, List<Change> pairs, List<Change> changes) {
    out.println(
        "%s -> %s, %s: of %d figures %d slower, %d faster by more than %s %% and the noise."
            .formatted(
                before.shortCommit(),
                after.shortCommit(),
                after.collector(),
                pairs.size(),
                changes.stream().filter(Change::isSlower).count(),
                changes.stream().filter(change -> !change.isSlower()).count(),
                percent % 1 == 0 ? "%d".formatted((long) percent) : percent));
    long unjudged = pairs.stream().filter(pair -> !pair.isJudged()).count();
    if (unjudged > 0) {
      out.println(
          "No verdict on %d of them: a run has fewer than %d forks of it."
              .formatted(unjudged, Change.MIN_FORKS));
    }
    if (!before.machine().equals(after.machine())) {
      out.println(
          "The runs differ in more than the commit: %s; %s."
              .formatted(before.machine(), after.machine()));
    }
    if (!changes.isEmpty()) {
      out.println();
      out.print(TABLE.render(changes));
    }
  }
}
