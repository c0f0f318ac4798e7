package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.Message;
import io.github.lanewise.Backend;
import io.github.lanewise.ChildJvm;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * After a warm-up nothing allocates, neither a kernel, with whatever branch it takes, nor a
 * network: no vector is an object, in whatever JVM. A vector that stays one makes a kernel 2 to 100
 * times slower for as long as the process lives; that it happens in some processes only is why
 * several are asked.
 */
class WarmUpTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-XX:+UseG1GC",
        "-XX:+UseParallelGC",
        "-XX:ActiveProcessorCount=1",
        "-XX:CICompilerCount=4"
      })
  void nothingAllocates(String flag) throws Exception {
    assumeTrue(Backend.current().name().equals("vector"), "the vector kernels are not in use");
    List<Path> models =
        Models.cases().filter(Models.Case::isPresent).map(Models.Case::path).distinct().toList();
    List<String> command = new ArrayList<>();
    command.addAll(List.of(flag, "--add-modules=" + ChildJvm.VECTOR_MODULE, "-cp", classPath()));
    command.add("io.github.lanewise.kernel.WarmUpProbe");
    models.forEach(model -> command.add(model.toAbsolutePath().toString()));
    ChildJvm.Result result = ChildJvm.java(command);
    assertThat(result.exitCode()).as(result.output()).isZero();
    List<String> reports =
        result.output().lines().filter(line -> line.matches("(kernel|network) .*")).toList();
    assertThat(reports).hasSizeGreaterThan(models.size() + 15);
    assertThat(reports).allMatch(line -> line.contains(" warm=true quiet, "));
  }

  private static String classPath() {
    return Stream.of(OnnxMl.class, Message.class)
        .map(type -> ChildJvm.locationOf(type).toString())
        .reduce(ChildJvm.classPath(), (all, each) -> all + File.pathSeparator + each);
  }
}
