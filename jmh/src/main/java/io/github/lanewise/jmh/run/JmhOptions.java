package io.github.lanewise.jmh.run;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.util.Optional;

/**
 * JMH's own options as the user gave them, as the parent of every single run's options. What
 * selects benchmarks and where results go is kept from those runs: a run is one benchmark, and its
 * result is a part of the whole.
 */
public final class JmhOptions extends CommandLineOptions {
  private static final long serialVersionUID = 1;

  /**
   * Parses JMH's options.
   *
   * @param arguments the command line without our own options
   * @throws CommandLineOptionException if JMH does not know one of them
   */
  public JmhOptions(List<String> arguments) throws CommandLineOptionException {
    super(arguments.toArray(String[]::new));
  }

  @Override
  public List<String> getIncludes() {
    return List.of();
  }

  @Override
  public Optional<String> getResult() {
    return Optional.none();
  }

  @Override
  public Optional<ResultFormatType> getResultFormat() {
    return Optional.none();
  }

  /** The regular expressions of the command line. */
  List<String> includes() {
    return super.getIncludes();
  }

  /** Whether the regular expressions select a benchmark, as they do in JMH. */
  boolean selects(String benchmark) {
    List<String> includes = super.getIncludes();
    boolean included = includes.isEmpty() || finds(includes, benchmark);
    return included && !finds(getExcludes(), benchmark);
  }

  private static boolean finds(List<String> expressions, String benchmark) {
    return expressions.stream().anyMatch(e -> Pattern.compile(e).matcher(benchmark).find());
  }

  /** Values of a parameter given by {@code -p}, none if it was not given. */
  List<String> values(String parameter) {
    return List.copyOf(getParameter(parameter).orElse(List.of()));
  }

  /** The file of {@code -rff}, or of {@code -rf} alone, that JMH would write; null if none. */
  String resultFile() {
    String standard = "jmh-result." + resultFileFormat().toString().toLowerCase(Locale.ROOT);
    return super.getResult().orElse(super.getResultFormat().hasValue() ? standard : null);
  }

  /** The format of {@link #resultFile}. */
  ResultFormatType resultFileFormat() {
    return super.getResultFormat().orElse(ResultFormatType.CSV);
  }

  /** The JVM options of the command line. */
  List<String> userJvmOptions() {
    return Stream.of(getJvmArgsPrepend(), getJvmArgs(), getJvmArgsAppend())
        .flatMap(options -> options.orElse(List.of()).stream())
        .toList();
  }
}
