package io.github.lanewise;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts JVMs with flags that the running one has not, on the same JDK and classes. */
public final class ChildJvm {
  /** What hangs ends; who warms up a dozen networks beside other processes takes some of them. */
  private static final long MOST_MINUTES = 10;

  public static final String VECTOR_MODULE = "jdk.incubator.vector";

  private ChildJvm() {}

  /** What a program printed, to both its streams, and how it ended. */
  public record Result(int exitCode, String output) {}

  /** Where Maven, or whatever runs the tests, has put the classes of the product. */
  public static Path productClasses() {
    return locationOf(Backend.class);
  }

  public static Path locationOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The product's and the tests' classes. */
  public static String classPath() {
    return productClasses() + File.pathSeparator + locationOf(ChildJvm.class);
  }

  /** Runs java with these arguments, without the flags of the running JVM. */
  public static Result java(List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Duser.language=en"); // the log line's level is translated
    command.addAll(arguments);
    Path output = Files.createTempFile("lanewise-child", ".txt");
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().remove("JDK_JAVA_OPTIONS");
      builder.environment().remove("JAVA_TOOL_OPTIONS");
      Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        String printed = Files.readString(output, StandardCharsets.UTF_8);
        throw new AssertionError(
            "still running after " + MOST_MINUTES + " minutes: " + command + "\n" + printed);
      }
      return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } finally {
      Files.delete(output);
    }
  }
}
