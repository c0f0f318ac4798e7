package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.github.lanewise.Backend;
import io.github.lanewise.ChildJvm;
import io.github.lanewise.probe.ModuleProbe;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Without the jars that read ONNX all else works, and the reader says what to add. */
class OptionalJarsTest {
  private static String run(String... more) throws Exception {
    String classPath = ChildJvm.classPath();
    for (String jar : more) {
      classPath += File.pathSeparator + jar;
    }
    ChildJvm.Result result =
        ChildJvm.java(List.of("-cp", classPath, WithoutOnnxJars.class.getName()));
    assertThat(result.exitCode()).as(result.output()).isZero();
    return result.output();
  }

  @Test
  void eachMissingJarIsNamed() throws Exception {
    String none = run();
    assertThat(none).contains("ran [0.0, 2.0, 6.0]");
    assertThat(none).contains("operators " + OnnxReader.operators().size());
    assertThat(none).contains("told", coordinates("com.google.protobuf", "protobuf-java"));
    String protobuf = ChildJvm.locationOf(MessageLite.class).toString();
    assertThat(run(protobuf)).contains("told", coordinates("org.tribuo", "tribuo-util-onnx"));
  }

  /** As the build has them: the message must not fall behind. */
  private static String coordinates(String group, String artifact) throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    String property = artifact.equals("protobuf-java") ? "protobuf" : "tribuo";
    var version = Pattern.compile("<" + property + ".version>(.*?)</").matcher(pom);
    assertThat(version.find()).isTrue();
    assertThat(Files.readString(Path.of("docs/networks.md")))
        .containsPattern(artifact + "</artifactId>\\s*<version>" + Pattern.quote(version.group(1)));
    return group + ":" + artifact + ":" + version.group(1);
  }

  /** The module's optional requirements resolve where the jars are on the module path. */
  @Test
  void asAModuleItReadsOnnxWhereTheJarsAreOnTheModulePath() throws Exception {
    String modules =
        String.join(
            File.pathSeparator,
            ChildJvm.locationOf(Backend.class).toString(),
            ChildJvm.locationOf(MessageLite.class).toString(),
            ChildJvm.locationOf(ai.onnx.proto.OnnxMl.class).toString());
    ChildJvm.Result result =
        ChildJvm.java(
            List.of(
                "-p",
                modules,
                "--add-modules",
                "io.github.lanewise,org.tribuo.util.onnx,com.google.protobuf",
                "-cp",
                ChildJvm.locationOf(ModuleProbe.class).toString(),
                ModuleProbe.class.getName()));
    assertThat(result.output()).contains("named true", "steps ");
  }
}
