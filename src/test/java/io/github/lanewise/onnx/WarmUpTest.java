package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.Message;
import io.github.lanewise.Backend;
import io.github.lanewise.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * After a warm-up nothing allocates, neither a kernel, with whatever branch it takes, nor a
 * network: no vector is an object, in whatever JVM. A vector that stays one makes a kernel 2 to 100
 * times slower for as long as the process lives; that it happens in some processes only is why
 * several are asked.
 */
class WarmUpTest {

  /** Two JVMs at a time, as C2 meets other cases where it is late. */
  @ParameterizedTest
  @CsvSource({
    "-XX:+UseG1GC, -XX:+UseParallelGC",
    "-XX:ActiveProcessorCount=1, -XX:CICompilerCount=4"
  })
  void nothingAllocates(String flag, String otherFlag) {
    assumeTrue(Backend.current().name().equals("vector"), "the vector kernels are not in use");
    List<Path> models =
        Models.cases().filter(Models.Case::isPresent).map(Models.Case::path).distinct().toList();
    CompletableFuture<ChildJvm.Result> beside =
        CompletableFuture.supplyAsync(() -> probe(otherFlag, models));
    assertNothingAllocates(probe(flag, models), models.size());
    assertNothingAllocates(beside.join(), models.size());
  }

  @Test
  void noShapeTakesABranchThatNoSampleTook() {
    assumeTrue(Backend.current().name().equals("vector"), "the vector kernels are not in use");
    ChildJvm.Result result = java("-XX:+UseSerialGC", "io.github.lanewise.ShapesProbe", List.of());
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).containsPattern("ran [0-9]{4} shapes").doesNotContain("allocates");
  }

  private static ChildJvm.Result probe(String flag, List<Path> models) {
    return java(flag, "io.github.lanewise.kernel.WarmUpProbe", models);
  }

  private static ChildJvm.Result java(String flag, String program, List<Path> models) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(flag, "--add-modules=" + ChildJvm.VECTOR_MODULE, "-cp", classPath()));
    command.add(program);
    models.forEach(model -> command.add(model.toAbsolutePath().toString()));
    try {
      return ChildJvm.java(command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertNothingAllocates(ChildJvm.Result result, int models) {
    assertThat(result.exitCode()).as(result.output()).isZero();
    List<String> reports =
        result.output().lines().filter(line -> line.matches("(kernel|network) .*")).toList();
    assertThat(reports).hasSizeGreaterThan(models + 15);
    assertThat(reports).allMatch(line -> line.contains(" warm=true quiet, "));
  }

  private static String classPath() {
    return Stream.of(OnnxMl.class, Message.class)
        .map(type -> ChildJvm.locationOf(type).toString())
        .reduce(ChildJvm.classPath(), (all, each) -> all + File.pathSeparator + each);
  }
}
