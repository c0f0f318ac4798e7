package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of the documentation compile, run and print something, as they stand there. */
class ReadmeExampleTest {
  private static final Pattern JAVA_BLOCK = Pattern.compile("(?s)```java\\n(.*?)```");
  private static final Pattern CLASS =
      Pattern.compile("(?m)^(?:public |final )*(?:class|record) (\\w+)");

  @Test
  void theReadmesExampleRuns(@TempDir Path folder) throws Exception {
    compileAndRun("README.md", folder, ChildJvm.productClasses().toString());
  }

  @Test
  void theExampleOfNetworksRuns(@TempDir Path folder) throws Exception {
    compileAndRun("docs/networks.md", folder, ChildJvm.productClasses().toString());
  }

  @Test
  void theExampleOfImagesRuns(@TempDir Path folder) throws Exception {
    compileAndRun("docs/images.md", folder, ChildJvm.productClasses().toString());
  }

  private static void compileAndRun(String page, Path folder, String product) throws Exception {
    String example = example(Files.readString(Path.of(page)));
    Matcher type = CLASS.matcher(example);
    assertThat(type.find()).isTrue();
    Path source = folder.resolve(type.group(1) + ".java");
    Files.writeString(source, example);
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int exit =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                errors,
                errors,
                "-Xlint:all",
                "-Werror",
                "-d",
                folder.toString(),
                "-cp",
                product,
                source.toString());
    assertThat(exit).as("javac: %s", errors.toString(StandardCharsets.UTF_8)).isZero();
    String classPath = folder + File.pathSeparator + product;
    ChildJvm.Result result =
        ChildJvm.java(
            List.of("--add-modules=" + ChildJvm.VECTOR_MODULE, "-cp", classPath, type.group(1)));
    assertThat(result.exitCode()).as(result.output()).isZero();
    // Beside the JVM's own warning of the incubator module; where vectors serve, nothing is logged.
    assertThat(result.output().lines().filter(line -> !line.startsWith("WARNING: Using incubator")))
        .as(result.output())
        .hasSizeGreaterThan(1);
  }

  private static String example(String readme) {
    return JAVA_BLOCK
        .matcher(readme.replace("\r\n", "\n"))
        .results()
        .map(block -> block.group(1))
        .filter(code -> CLASS.matcher(code).find())
        .findFirst()
        .orElseThrow(() -> new AssertionError("the page has no ```java block with a class"));
  }
}
