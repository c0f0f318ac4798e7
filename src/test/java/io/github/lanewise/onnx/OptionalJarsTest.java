package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.MessageLite;
import io.github.lanewise.Backend;
import io.github.lanewise.ChildJvm;
import io.github.lanewise.probe.ModuleProbe;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Without the jars that read ONNX all else works, and the reader says all that is missing. */
class OptionalJarsTest {
  private static final String REQUIRES =
      "\"requires org.tribuo.util.onnx;\" into the application's module-info.java"
          + " or start java with --add-modules org.tribuo.util.onnx";

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
  void allMissingJarsAreNamedAtOnce() throws Exception {
    String none = run();
    assertThat(none).contains("ran [0.0, 2.0, 6.0]");
    assertThat(none).contains("operators " + OnnxReader.operators().size());
    assertThat(none)
        .contains("told", protobuf() + " on the class path", tribuo() + " and " + protobuf());
    String protobuf = ChildJvm.locationOf(MessageLite.class).toString();
    assertThat(run(protobuf)).contains("told", tribuo()).doesNotContain(protobuf());
    String tribuo = ChildJvm.locationOf(OnnxMl.class).toString();
    assertThat(run(tribuo)).contains("told", protobuf()).doesNotContain(tribuo());
  }

  private static String tribuo() throws Exception {
    return coordinates("org.tribuo", "tribuo-util-onnx");
  }

  private static String protobuf() throws Exception {
    return coordinates("com.google.protobuf", "protobuf-java");
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

  private static String asModule(String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add(ModuleProbe.class.getName());
    return ChildJvm.java(arguments).output();
  }

  private static String path(Class<?>... classes) {
    return Stream.of(classes)
        .map(type -> ChildJvm.locationOf(type).toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** There they can be found, but a module does not see them. */
  @Test
  void asAModuleItSaysThatTheJarsMustNotBeOnTheClassPath() throws Exception {
    String jars = path(ModuleProbe.class, MessageLite.class, OnnxMl.class);
    String output =
        asModule("-p", path(Backend.class), "--add-modules", "io.github.lanewise", "-cp", jars);
    assertThat(output)
        .contains("named true", "IllegalStateException", "does not see the class path: put ")
        .contains(tribuo() + " and " + protobuf() + " there", REQUIRES);
  }

  /** Nothing resolves a module that is only required optionally. */
  @Test
  void asAModuleItSaysThatTheJarsOnTheModulePathMustBeRequired() throws Exception {
    String path = path(Backend.class, MessageLite.class, OnnxMl.class);
    String output =
        asModule("-p", path, "--add-modules", "io.github.lanewise", "-cp", path(ModuleProbe.class));
    assertThat(output)
        .contains("named true", "IllegalStateException", tribuo() + " and " + protobuf())
        .contains("on the module path but required by no module", REQUIRES)
        .doesNotContain("put ");
  }

  @Test
  void asAModuleItNamesTheJarThatIsNotThere() throws Exception {
    String path = path(Backend.class, OnnxMl.class);
    String modules = "io.github.lanewise,org.tribuo.util.onnx";
    String output = asModule("-p", path, "--add-modules", modules, "-cp", path(ModuleProbe.class));
    assertThat(output)
        .contains("named true", "IllegalStateException", "put " + protobuf() + " there")
        .doesNotContain(tribuo());
  }

  /** As in an image that was linked without that module. */
  @Test
  void aRuntimeWithoutLoggingIsNamed() throws Exception {
    String all = path(Backend.class, ModuleProbe.class, MessageLite.class, OnnxMl.class);
    String output =
        asModule("--limit-modules", "java.base,jdk.management,jdk.unsupported", "-cp", all);
    assertThat(output)
        .contains(
            "IllegalStateException", "needs the module java.logging", "requires java.logging;");
  }

  /** The module's optional requirements resolve where one of the jars is required. */
  @Test
  void asAModuleItReadsOnnxWhereTheJarsAreOnTheModulePath() throws Exception {
    String output =
        asModule(
            "-p",
            path(Backend.class, MessageLite.class, OnnxMl.class),
            "--add-modules",
            "io.github.lanewise,org.tribuo.util.onnx",
            "-cp",
            path(ModuleProbe.class));
    assertThat(output).contains("named true", "steps ");
  }
}
