package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Describe;
import io.github.lanewise.jmh.PeakProfiler;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.report.Kind;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.UnCloseablePrintStream;

/** Has JMH run one job in one fork. */
final class Forks {
  private static final int SHOWN_ON_FAILURE = 4000;

  private final Settings settings;

  Forks(Settings settings) {
    this.settings = settings;
  }

  /**
   * Runs a job.
   *
   * @throws RunnerException if it failed, with what JMH had printed
   */
  RunResult run(Job job) throws RunnerException {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream stderr = System.err;
    VerboseMode verbosity = settings.jmh().verbosity().orElse(VerboseMode.NORMAL);
    try (PrintStream out = output(printed)) {
      if (!isShown()) {
        System.setErr(out); // JMH copies the fork's standard error there
      }
      return new Runner(options(job), OutputFormatFactory.createFormatInstance(out, verbosity))
          .runSingle();
    } catch (RunnerException | IOException e) {
      String text = printed.toString(StandardCharsets.UTF_8);
      int from = Math.max(0, text.length() - SHOWN_ON_FAILURE);
      Throwable reason = e.getCause() == null ? e : e.getCause(); // JMH wraps a profiler's
      throw new RunnerException(job + " failed: " + reason + "\n" + text.substring(from), e);
    } finally {
      System.setErr(stderr);
    }
  }

  /** Whether the user wants to see what JMH prints: else it is set aside. */
  private boolean isShown() {
    return settings.jmh().verbosity().hasValue() || !settings.jmh().getProfilers().isEmpty();
  }

  /** The backend of a JVM started like a fork, or what went wrong. */
  String describe(Collector collector) {
    return text(ask(Job.peak(Kind.FMA, collector).jvmOptions(1), List.of()));
  }

  /** What another engine says of itself in a JVM started like a fork, or what went wrong. */
  String describe(Peer peer) {
    List<String> options =
        new ArrayList<>(Job.peak(Kind.FMA, settings.collectors().getFirst()).jvmOptions(1));
    options.add(Job.NATIVE_ACCESS);
    options.add(Job.threadsOption(settings.threads));
    return text(ask(options, List.of(peer.name())));
  }

  private static String text(Program said) {
    String text =
        said.lines(Describe.GOOD).stream()
            .map(Program.Line::text)
            .collect(Collectors.joining(System.lineSeparator()));
    List<Program.Line> bad = said.lines(Describe.BAD);
    String reason = bad.isEmpty() ? said.text() : bad.getFirst().text();
    return text.isEmpty() ? Describe.BAD + " " + reason : text;
  }

  private Program ask(List<String> jvmOptions, List<String> arguments) {
    JmhOptions jmh = settings.jmh();
    List<String> command = new ArrayList<>();
    command.add(jmh.getJvm().orElse(Program.java()));
    command.addAll(jvmOptions);
    command.addAll(jmh.userJvmOptions());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Describe.class.getName()));
    command.addAll(arguments);
    try {
      return Program.run(command, process -> {});
    } catch (IOException e) {
      return new Program(1, List.of(new Program.Line(Describe.BAD + " " + e, 0)));
    }
  }

  private PrintStream output(ByteArrayOutputStream aside) throws IOException {
    String file = settings.jmh().getOutput().orElse(null);
    if (file == null && isShown()) {
      return new UnCloseablePrintStream(System.out, StandardCharsets.UTF_8);
    }
    OutputStream out = file == null ? aside : new FileOutputStream(file, true);
    return new PrintStream(out, false, StandardCharsets.UTF_8);
  }

  Options options(Job job) {
    JmhOptions jmh = settings.jmh();
    List<String> prepended = new ArrayList<>(job.jvmOptions(settings.threads));
    prepended.addAll(jmh.getJvmArgsPrepend().orElse(List.of()));
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .parent(jmh)
            .include("^" + Pattern.quote(job.benchmark()) + "$")
            .forks(1)
            .warmupIterations(settings.warmups())
            .measurementIterations(settings.iterations())
            .jvmArgs(jmh.getJvmArgs().orElse(List.of()).toArray(String[]::new))
            .jvmArgsPrepend(prepended.toArray(String[]::new))
            .shouldFailOnError(true);
    if (!jmh.getWarmupTime().hasValue()) {
      options.warmupTime(TimeValue.milliseconds(job.warmupMillis(settings.mode())));
    }
    if (!jmh.getMeasurementTime().hasValue()) {
      options.measurementTime(TimeValue.milliseconds(settings.mode().millis));
    }
    if (job.kind().hasPeakBeside()) {
      // Before those of the parent, so the outermost: they do not see what it does.
      options.addProfiler(PeakProfiler.class);
    }
    if (!job.hasPlan() && !jmh.getThreads().hasValue()) {
      options.threads(settings.threads);
    }
    job.params().forEach(options::param);
    return options.build();
  }
}
