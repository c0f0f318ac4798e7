package io.github.lanewise.jmh.run;

import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What all commands of {@code scripts/bench} have in common. */
public class Folders {
  @Option(names = "--root", hidden = true, defaultValue = ".")
  private Path root;

  @Option(
      names = "--dir",
      defaultValue = "target/bench",
      paramLabel = "FOLDER",
      description = "Where results go. Default: target/bench.")
  private Path directory;

  /** The checkout. */
  public final Path root() {
    return root;
  }

  /** Where results go. */
  public final Path directory() {
    return directory;
  }

  /** The parser of a command. */
  public static CommandLine commandLine(Folders command) {
    return new CommandLine(command)
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

  /** A number that counts something. */
  public static final class Positive implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("0*[1-9]\\d{0,8}")) {
        throw new TypeConversionException("'" + text + "' must be a number, 1 or more");
      }
      return Integer.valueOf(text);
    }
  }
}
