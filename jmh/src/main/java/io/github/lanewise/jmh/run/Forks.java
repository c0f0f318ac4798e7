package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.Describe;
import io.github.lanewise.jmh.PeakProfiler;
import io.github.lanewise.jmh.peer.Peer;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

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
   * @param job the job
   * @return its result
   * @throws RunnerException if it failed, with what JMH had printed
   */
  RunResult run(Job job) throws RunnerException {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream stderr = System.err;
    VerboseMode verbosity = settings.jmh().verbosity().orElse(VerboseMode.NORMAL);
    try (PrintStream out = new PrintStream(output(printed), false, StandardCharsets.UTF_8)) {
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
    return settings.jmh().verbosity().hasValue() || !settings.jmh().profilers().isEmpty();
  }

  /**
   * What a JVM started like a fork says of its backend or of another engine.
   *
   * @param good whether it could be loaded
   * @param text the description, or what went wrong
   */
  record Description(boolean good, String text) {}

  /**
   * Asks a JVM started like a fork for its backend.
   *
   * @param collector its collector
   * @return {@code Backend.describe()}, or what went wrong
   */
  String describe(Collector collector) {
    return ask(Job.fma(collector).jvmOptions(1), List.of()).text();
  }

  /**
   * Asks a JVM started like a fork for another engine.
   *
   * @param peer the engine
   * @return {@link Peer#describe}, or why it does not load
   */
  Description describe(Peer peer) {
    List<String> options = new ArrayList<>(Job.fma(settings.collectors().getFirst()).jvmOptions(1));
    options.add(Job.NATIVE_ACCESS);
    options.add(Job.threadsOption(settings.threads()));
    return ask(options, List.of(peer.name()));
  }

  private Description ask(List<String> jvmOptions, List<String> arguments) {
    JmhOptions jmh = settings.jmh();
    List<String> command = new ArrayList<>();
    command.add(
        jmh.getJvm().orElse(Path.of(System.getProperty("java.home"), "bin/java").toString()));
    command.addAll(jvmOptions);
    command.addAll(jmh.getJvmArgsPrepend().orElse(List.of()));
    command.addAll(jmh.getJvmArgs().orElse(List.of()));
    command.addAll(jmh.getJvmArgsAppend().orElse(List.of()));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Describe.class.getName()));
    command.addAll(arguments);
    try {
      Path errors = Files.createTempFile("describe", ".txt");
      try {
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return text.isEmpty()
            ? new Description(false, "none: " + reason(Files.readString(errors), command))
            : new Description(true, text);
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      return new Description(false, "none: " + e);
    }
  }

  private static String reason(String errors, List<String> command) {
    String prefix = "Exception in thread \"main\" ";
    return errors
        .lines()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()))
        .findFirst()
        .orElse(String.join(" ", command) + " fails");
  }

  private OutputStream output(ByteArrayOutputStream aside) throws IOException {
    String file = settings.jmh().outputFile();
    if (file != null) {
      return new FileOutputStream(file, true);
    }
    if (isShown()) {
      return new FilterOutputStream(System.out) {
        @Override
        public void close() throws IOException {
          flush(); // JMH closes what it printed to
        }
      };
    }
    return aside;
  }

  private Options options(Job job) {
    JmhOptions jmh = settings.jmh();
    List<String> prepended = new ArrayList<>(job.jvmOptions(settings.threads()));
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
            .jvmArgsAppend(jmh.getJvmArgsAppend().orElse(List.of()).toArray(String[]::new))
            .shouldFailOnError(true);
    if (!jmh.getWarmupTime().hasValue()) {
      options.warmupTime(TimeValue.milliseconds(job.warmupMillis(settings.mode())));
    }
    if (!jmh.getMeasurementTime().hasValue()) {
      options.measurementTime(TimeValue.milliseconds(settings.mode().millis()));
    }
    if (job.hasPeakBeside()) {
      options.addProfiler(PeakProfiler.class); // the outermost: others do not see what it does
    }
    jmh.profilers().forEach(p -> options.addProfiler(p.getKlass(), p.getOpts()));
    if (!job.hasPlan() && !jmh.getThreads().hasValue()) {
      options.threads(settings.threads());
    }
    job.params().forEach(options::param);
    return options.build();
  }
}
