package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Describe;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.report.Figure;
import io.github.lanewise.jmh.report.Report;
import io.github.lanewise.jmh.report.Run;
import io.github.lanewise.jmh.report.RunInfo;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
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
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.RunnerException;

/**
 * One run of the harness. Results are written after every fork, so that whatever ends the run
 * leaves what was measured; Ctrl-C prints the table of it too.
 */
public final class Session {
  private static final long INTERRUPT_MILLIS = 300;

  private final Settings settings;
  private final List<Peer> peers;
  private final Map<String, String> peerFacts = new LinkedHashMap<>();
  private final PrintStream out;
  private final Forks forks;
  private final Results results = new Results();
  private final Map<Collector, String> backends = new EnumMap<>(Collector.class);
  private final List<String> problems = new ArrayList<>();
  private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final Commit commit = Commit.current();
  private final Path json;
  private final Path markdown;
  private int planned;
  private int measured;
  private boolean outOfTime;
  private volatile boolean over;

  /** A run to come, whose progress and table are printed. */
  public Session(Settings settings, PrintStream out) {
    this.settings = settings;
    this.out = out;
    this.forks = new Forks(settings);
    this.json = settings.directory().resolve("results.json");
    this.markdown = settings.directory().resolve("report.md");
    List<String> chosen = settings.jmh().values("backend");
    this.peers =
        settings.peers().stream()
            .filter(peer -> chosen.isEmpty() || chosen.contains(peer.name()))
            .filter(this::loads)
            .toList();
  }

  /** Whether another engine is there; what it is, or why not, is stated either way. */
  private boolean loads(Peer peer) {
    String description = forks.describe(peer).strip();
    peerFacts.put(peer.name(), description);
    return !description.startsWith(Describe.BAD);
  }

  /** Measures everything; returns whether it could. */
  public boolean run() {
    List<List<Job>> rounds = Schedule.of(settings, peers);
    planned = rounds.stream().mapToInt(List::size).sum();
    if (planned == 0) {
      out.println("Nothing to measure: no layer and benchmark fits the selection; see -l.");
      return false;
    }
    Thread hook = new Thread(this::interrupted, "report");
    Runtime.getRuntime().addShutdownHook(hook);
    Progress progress = new Progress(out, System::nanoTime, planned);
    for (List<Job> round : rounds) {
      Duration limit = settings.limit();
      if (limit != null && progress.end(round).compareTo(limit) > 0) {
        outOfTime = true;
        break;
      }
      round.forEach(job -> measure(job, progress));
    }
    finish();
    Runtime.getRuntime().removeShutdownHook(hook);
    return problems.isEmpty();
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
      } while (over);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String figure(Job job, RunResult result) {
    Results one = new Results();
    one.add(job, result);
    return read(one).getFirst().figures().stream()
        .map(Figure::toString)
        .collect(Collectors.joining());
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
    out.print(report());
    out.println();
    out.println("Written: " + json + ", " + markdown);
    out.flush();
  }

  private void save() {
    try {
      String text = results.json(this::info).toPrettyString();
      Results.replace(json, text);
      Results.replace(markdown, report());
      String copy = settings.jmh().resultFile();
      if (copy != null) {
        ResultFormatType format = settings.jmh().resultFileFormat();
        Results.replace(
            Path.of(copy), format == ResultFormatType.JSON ? text : results.text(format));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String report() {
    return new Report(facts(), read(results), peers, problems).render();
  }

  private List<Run> read(Results measured) {
    try {
      return Run.read(measured.json(this::info), json.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> facts() {
    List<String> facts = Machine.facts(commit);
    if (!results.jdk().isEmpty()) {
      facts.add("JDK: " + results.jdk());
    }
    facts.add(
        "Threads of a run: "
            + settings.threads
            + (settings.threads > 1 ? " (ours: the caller's, and an executor's that spins)" : ""));
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
    return Machine.info(
        commit,
        started.toString(),
        results.jdk(),
        String.join(" ", settings.jmh().userJvmOptions()),
        collector.toString(),
        settings.threads,
        settings.mode().toString().toLowerCase(Locale.ROOT),
        backends.computeIfAbsent(collector, forks::describe),
        peerFacts);
  }
}
