package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.history.RunInfo;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.report.Measurement;
import io.github.lanewise.jmh.report.Report;
import io.github.lanewise.jmh.report.Section;
import io.github.lanewise.jmh.report.Statistics;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.RunnerException;

/**
 * One run of the harness. Results are written after every fork, so that whatever ends the run
 * leaves what was measured; Ctrl-C prints the table of it too.
 */
public final class Session {
  private static final long INTERRUPT_MILLIS = 300;

  private final Settings settings;
  private final Map<String, String> peerFacts = new LinkedHashMap<>();
  private final PrintStream out;
  private final Forks forks;
  private final Results results = new Results();
  private final Map<Collector, String> backends = new EnumMap<>(Collector.class);
  private final List<String> problems = new ArrayList<>();
  private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Commit commit = Commit.current();
  private int planned;
  private int measured;
  private boolean outOfTime;
  private boolean over;

  /**
   * A run to come.
   *
   * @param settings what to measure
   * @param out where progress and table go
   */
  public Session(Settings settings, PrintStream out) {
    this.forks = new Forks(settings);
    List<String> chosen = settings.jmh().values("backend");
    this.settings =
        settings.withPeers(
            settings.peers().stream()
                .filter(peer -> chosen.isEmpty() || chosen.contains(peer.name()))
                .filter(this::loads)
                .toList());
    this.out = out;
  }

  /** Whether another engine is there; what it is, or why not, is stated either way. */
  private boolean loads(Peer peer) {
    Forks.Description description = forks.describe(peer);
    peerFacts.put(peer.name(), description.text().strip());
    return description.good();
  }

  /**
   * Measures everything.
   *
   * @return whether everything could be measured
   */
  public boolean run() {
    List<List<Job>> rounds = Schedule.of(settings);
    planned = rounds.stream().mapToInt(List::size).sum();
    if (planned == 0) {
      out.println("Nothing to measure: no layer and benchmark fits the selection; see -l.");
      return false;
    }
    Thread hook = new Thread(this::interrupted, "report");
    Runtime.getRuntime().addShutdownHook(hook);
    Progress progress = new Progress(out, System::nanoTime, planned);
    for (List<Job> round : rounds) {
      if (!fits(progress.end(round))) {
        outOfTime = true;
        break;
      }
      round.forEach(job -> measure(job, progress));
    }
    finish();
    Runtime.getRuntime().removeShutdownHook(hook);
    return problems.isEmpty();
  }

  private boolean fits(Duration end) {
    return settings.limit() == null || end.compareTo(settings.limit()) <= 0;
  }

  private void measure(Job job, Progress progress) {
    progress.next(job);
    try {
      RunResult result = forks.run(job);
      synchronized (this) {
        results.add(job, result);
        measured++;
        save();
      }
      progress.result(figure(job, result));
    } catch (RunnerException e) {
      awaitInterrupt();
      progress.result("failed");
      out.println(e.getMessage());
      synchronized (this) {
        problems.add(job.toString());
      }
    }
  }

  /** On Ctrl-C the forks die too; then the JVM is about to end, and nothing more is to be run. */
  @SuppressWarnings("ThreadSleepLoop")
  private void awaitInterrupt() {
    try {
      do {
        Thread.sleep(INTERRUPT_MILLIS);
      } while (isOver());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isOver() {
    return over;
  }

  private static String figure(Job job, RunResult result) {
    List<RunResult> one = List.of(result);
    if (job.benchmark().equals(Job.COPY)) {
      return text("%.1f GB/s", Results.iterations(one, "gbytes"));
    }
    if (job.isCreate()) {
      return text("%.1f us", Results.iterations(one, null));
    }
    Measurement run = Results.ofRun(job, one);
    return String.format(
        Locale.ROOT, "%.1f GFLOP/s, %.0f %% of peak", run.median(), 100 * run.share());
  }

  private static String text(String format, List<Double> values) {
    return String.format(Locale.ROOT, format, Statistics.median(values));
  }

  private synchronized void interrupted() {
    if (!over) {
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
      out.println();
      problems.add("the rest, the run was stopped");
      finish();
    }
  }

  private synchronized void finish() {
    over = true;
    save();
    out.println();
    out.print(report().render());
    out.println();
    out.println("Written: " + json() + ", " + markdown());
    out.flush();
  }

  private Path json() {
    return settings.directory().resolve("results.json");
  }

  private Path markdown() {
    return settings.directory().resolve("report.md");
  }

  private void save() {
    results.writeJson(json(), this::info);
    if (settings.jmh().resultFile() != null) {
      results.write(Path.of(settings.jmh().resultFile()), settings.jmh().resultFileFormat());
    }
    try {
      Files.writeString(markdown(), report().render());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Report report() {
    List<Section> sections =
        settings.collectors().stream()
            .map(
                c ->
                    new Section(
                        c.toString(),
                        backends.computeIfAbsent(c, forks::describe),
                        results.fma(c),
                        results.copies(c),
                        results.measurements(c),
                        results.tiles(c),
                        settings.peers(),
                        settings.threads()))
            .toList();
    return new Report(facts(), sections, problems);
  }

  private List<String> facts() {
    List<String> facts = Machine.facts(commit);
    BenchmarkParams params = results.anyParams();
    if (params != null) {
      facts.add(
          "JDK: %s, %s %s"
              .formatted(params.getJdkVersion(), params.getVmName(), params.getVmVersion()));
    }
    facts.add(
        "Threads of a run: "
            + settings.threads()
            + (settings.threads() > 1
                ? " (ours: the caller's, and an executor's that spins)"
                : ""));
    peerFacts.forEach((name, text) -> facts.add("Peer " + name + ": " + text));
    facts.add(
        "Run: %s, %d of %d forks%s, %d warm-up and %d measured iterations each, begun %s"
            .formatted(
                settings.mode().toString().toLowerCase(Locale.ROOT),
                measured,
                planned,
                outOfTime ? " (one more round would not have fitted; -f 2 takes all it needs)" : "",
                settings.warmups(),
                settings.iterations(),
                started));
    return facts;
  }

  private RunInfo info(Collector collector) {
    BenchmarkParams params = results.anyParams();
    JmhOptions jmh = settings.jmh();
    List<String> flags = new ArrayList<>(jmh.getJvmArgsPrepend().orElse(List.of()));
    flags.addAll(jmh.getJvmArgs().orElse(List.of()));
    flags.addAll(jmh.getJvmArgsAppend().orElse(List.of()));
    return Machine.info(
        commit,
        started.toString(),
        "%s, %s %s".formatted(params.getJdkVersion(), params.getVmName(), params.getVmVersion()),
        String.join(" ", flags),
        collector.toString(),
        settings.threads(),
        settings.mode().toString().toLowerCase(Locale.ROOT),
        backends.computeIfAbsent(collector, forks::describe),
        peerFacts);
  }
}
