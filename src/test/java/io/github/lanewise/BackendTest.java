package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lanewise.ChildJvm.Result;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which backend serves under which flags, and what it says, each seen from a JVM of its own. An
 * automatic choice never fails; a forced one fails with its cause.
 */
class BackendTest {
  private static final String ADD = "--add-modules=" + ChildJvm.VECTOR_MODULE;
  private static final Pattern LOG = Pattern.compile("(?:FINE|WARNING): Lanewise .*");

  @TempDir private static Path logging;

  @BeforeAll
  static void showEveryLevel() throws IOException {
    Files.writeString(
        logging.resolve("logging.properties"),
        """
        handlers = java.util.logging.ConsoleHandler
        java.util.logging.ConsoleHandler.level = ALL
        io.github.lanewise.level = ALL
        """);
  }

  private static Result probe(String... flags) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(flags));
    arguments.add("-Djava.util.logging.config.file=" + logging.resolve("logging.properties"));
    arguments.addAll(List.of("-cp", ChildJvm.classPath(), BackendProbe.class.getName()));
    return ChildJvm.java(arguments);
  }

  private static String logLine(Result result) {
    List<String> lines = LOG.matcher(result.output()).results().map(r -> r.group()).toList();
    assertThat(lines).as(result.output()).hasSize(1);
    return lines.getFirst();
  }

  private static void works(Result result, String backend) {
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).contains("backend=" + backend, "same=true", "sum=1521.0");
  }

  @Test
  void withoutTheModuleScalarServesAndSaysWhatToType() throws Exception {
    Result result = probe();
    works(result, "scalar bits=0");
    assertThat(logLine(result))
        .startsWith("WARNING")
        .contains("plain Java", "jdk.incubator.vector is not in this JVM")
        .contains("--add-modules jdk.incubator.vector");
  }

  @Test
  void withTheModuleVectorServes() throws Exception {
    Result result = probe(ADD);
    works(result, "vector bits=");
    assertThat(logLine(result))
        .startsWith("FINE")
        .contains("vector", "widest vectors", "-Dlanewise.vectorBits=0")
        .doesNotContain("--add-modules");
  }

  @Test
  void whereVectorsServeNothingIsLoggedUnlessAskedFor() throws Exception {
    Result result =
        ChildJvm.java(List.of(ADD, "-cp", ChildJvm.classPath(), BackendProbe.class.getName()));
    works(result, "vector bits=");
    assertThat(result.output()).doesNotContain("KernelProvider", "Lanewise");
  }

  @Test
  void anAutomaticChoiceSaysWhenItIsCompiledAndOthersAreAtOnce() throws Exception {
    assertThat(probe(ADD).output())
        .contains("before=true", "after=false", "later=true", "again=1521.0");
    for (String[] flags : new String[][] {{}, {ADD, "-Dlanewise.vectorBits=128"}}) {
      assertThat(probe(flags).output()).contains("before=true", "after=true", "later=true");
    }
  }

  @Test
  void theDescriptionHasWhatABugReportNeeds() throws Exception {
    assertThat(probe(ADD).output())
        .contains(System.getProperty("os.arch"), System.getProperty("java.vm.version"))
        .contains("UseFMA=", "MaxVectorSize=", "module jdk.incubator.vector present");
    assertThat(probe().output()).contains("module jdk.incubator.vector absent");
  }

  @ParameterizedTest
  @ValueSource(ints = {128, 256, 512})
  void aWidthCanBeForced(int bits) throws Exception {
    Result result = probe(ADD, "-Dlanewise.vectorBits=" + bits);
    works(result, "vector bits=" + bits);
    assertThat(logLine(result)).startsWith("FINE").contains("-Dlanewise.vectorBits=" + bits);
  }

  @Test
  void scalarCanBeForced() throws Exception {
    Result result = probe(ADD, "-Dlanewise.vectorBits=0");
    works(result, "scalar bits=0");
    assertThat(logLine(result)).startsWith("FINE").contains("-Dlanewise.vectorBits=0");
  }

  @Test
  void autoMayBeSpelledOut() throws Exception {
    works(probe(ADD, "-Dlanewise.vectorBits=auto"), "vector bits=");
  }

  @Test
  void aForcedWidthWithoutTheModuleFailsWithTheCause() throws Exception {
    Result result = probe("-Dlanewise.vectorBits=256");
    assertThat(result.exitCode()).as(result.output()).isEqualTo(3);
    assertThat(result.output())
        .contains("refused: -Dlanewise.vectorBits=256", "--add-modules jdk.incubator.vector")
        .contains("cause: ", "jdk/incubator/vector");
  }

  @ParameterizedTest
  @ValueSource(strings = {"64", "-1", "512bits", "fast", "1e2"})
  void aValueThatIsNoneIsRefused(String value) throws Exception {
    Result result = probe(ADD, "-Dlanewise.vectorBits=" + value);
    assertThat(result.exitCode()).as(result.output()).isEqualTo(3);
    assertThat(result.output())
        .contains("-Dlanewise.vectorBits=" + value + " must be auto, 0, 128, 256 or 512");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:TieredStopAtLevel=1", "-Xint", "-XX:TieredStopAtLevel=0"})
  void withoutC2ScalarServes(String flag) throws Exception {
    Result result = probe(ADD, flag);
    works(result, "scalar bits=0");
    assertThat(logLine(result)).startsWith("WARNING").containsAnyOf("C2", "interprets");
  }

  @Test
  void aForcedWidthSaysThatC2IsMissing() throws Exception {
    Result result = probe(ADD, "-XX:TieredStopAtLevel=1", "-Dlanewise.vectorBits=256");
    works(result, "vector bits=256");
    assertThat(logLine(result))
        .startsWith("WARNING")
        .contains("-Dlanewise.vectorBits=256", "no C2");
  }

  /** Where vector code would lose against scalar code, or not be compiled at all. */
  @ParameterizedTest
  @ValueSource(
      strings = {"-XX:-UseFMA", "-XX:UseAVX=0", "-XX:UseSSE=2", "-XX:-EnableVectorSupport"})
  void withoutVectorInstructionsScalarServes(String flag) throws Exception {
    boolean isX86 = Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
    assumeTrue(isX86 || !flag.matches(".*(AVX|SSE).*"), "no such flag on this CPU");
    Result result = probe("-XX:+UnlockExperimentalVMOptions", ADD, flag);
    works(result, "scalar bits=0");
    assertThat(logLine(result)).containsAnyOf("multiply-add", "EnableVectorSupport");
    assertThat(result.output()).contains("later=true");
  }

  @Test
  void aForcedWidthNeedsMultiplyAdd() throws Exception {
    Result result = probe(ADD, "-XX:-UseFMA", "-Dlanewise.vectorBits=256");
    assertThat(result.exitCode()).as(result.output()).isEqualTo(3);
    assertThat(result.output())
        .contains("refused: -Dlanewise.vectorBits=256 forces vectors", "multiply-add");
  }

  @Test
  void withoutTheManagementModuleSomethingServes() throws Exception {
    // A JVM cut down with jlink may lack it; asking for its flags must not fail.
    for (String modules : List.of("java.logging", "java.base", "java.logging,java.management")) {
      Result result = probe("--limit-modules=" + modules);
      works(result, "scalar bits=0");
      assertThat(logLine(result)).contains("module jdk.management").doesNotContain("not HotSpot");
    }
  }

  /** An application module that requires the vector module needs no flag at all. */
  @Test
  void aModularApplicationGetsVectorsWithoutFlags(@TempDir Path folder) throws Exception {
    Path classes = compileModule(folder, "requires jdk.incubator.vector;");
    Result result = runModule(classes);
    works(result, "vector bits=");
  }

  @Test
  void aModularApplicationWithoutTheModuleGetsScalar(@TempDir Path folder) throws Exception {
    Path classes = compileModule(folder, "");
    Result result = runModule(classes);
    works(result, "scalar bits=0");
    assertThat(result.output()).contains("--add-modules jdk.incubator.vector");
  }

  /** The manifest's line, as the application's author writes it. */
  @Test
  void aJarWhoseManifestAsksForItGetsVectorsWithoutFlags(@TempDir Path folder) throws Exception {
    works(ChildJvm.java(List.of("-jar", jar(folder, "java.base/jdk.internal.module"))), "vector");
    works(ChildJvm.java(List.of("-jar", jar(folder, "java.base/jdk.internal.misc"))), "scalar");
  }

  @Test
  void aModuleThatIsGivenTheJdksPackageGetsVectorsToo(@TempDir Path folder) throws Exception {
    String export = "--add-exports=java.base/jdk.internal.module=io.github.lanewise";
    works(runModule(compileModule(folder, ""), export), "vector bits=");
  }

  @Test
  void whereTheJdkHasNoSuchMethodScalarServes(@TempDir Path folder) throws Exception {
    String jar = jar(folder, "java.base/jdk.internal.module");
    Path changed = folder.resolve("changed/jdk/internal/module/Modules.class");
    Files.createDirectories(changed.getParent());
    try (InputStream in = Object.class.getResourceAsStream("/jdk/internal/module/Modules.class")) {
      ClassFile format = ClassFile.of();
      ClassTransform drop =
          ClassTransform.dropping(
              part -> part instanceof MethodModel m && m.methodName().equalsString("loadModule"));
      Files.write(changed, format.transformClass(format.parse(in.readAllBytes()), drop));
    }
    String patch = "--patch-module=java.base=" + folder.resolve("changed");
    Result result = ChildJvm.java(List.of(patch, "-jar", jar));
    works(result, "scalar bits=0");
    assertThat(logLine(result)).startsWith("WARNING").contains("--add-modules");
  }

  private static String jar(Path folder, String exports) throws IOException {
    Manifest manifest = new Manifest();
    Attributes lines = manifest.getMainAttributes();
    lines.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    lines.put(Attributes.Name.MAIN_CLASS, BackendProbe.class.getName());
    lines.put(new Attributes.Name("Add-Exports"), exports);
    String tests = ChildJvm.locationOf(BackendTest.class).toUri().toString();
    lines.put(Attributes.Name.CLASS_PATH, ChildJvm.productClasses().toUri() + " " + tests);
    Path jar = folder.resolve("app.jar");
    new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    return jar.toString();
  }

  private static Path compileModule(Path folder, String requires) throws Exception {
    Path info = folder.resolve("module-info.java");
    Files.writeString(
        info, "module app { requires io.github.lanewise; " + requires + " exports app; }");
    Path main = Files.createDirectories(folder.resolve("app")).resolve("Main.java");
    Files.writeString(
        main,
        """
        package app;

        import io.github.lanewise.*;

        public class Main {
          public static void main(String[] args) {
            ConvShape shape = ConvShape.builder(1, 1, 1521).depthwise().build();
            float[] ones = new float[1521];
            java.util.Arrays.fill(ones, 1);
            float[] dst = new float[1521];
            Convolutions.depthwise(
                shape, ConvWeights.of(ones, WeightOrder.OIHW), ConvOptions.DEFAULT).run(ones, dst);
            float sum = 0;
            for (float value : dst) {
              sum += value;
            }
            Backend backend = Backend.current();
            System.out.println("backend=" + backend.name() + " bits=" + backend.vectorBits());
            System.out.println("same=" + (backend == Backend.current()) + " sum=" + sum);
          }
        }
        """);
    Path classes = folder.resolve("classes");
    int exit =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                System.out,
                System.err,
                "-nowarn",
                "-d",
                classes.toString(),
                "--module-path",
                ChildJvm.productClasses().toString(),
                info.toString(),
                main.toString());
    assertThat(exit).as("javac").isZero();
    return classes;
  }

  private static Result runModule(Path classes, String... flags) throws Exception {
    String path = classes + System.getProperty("path.separator") + ChildJvm.productClasses();
    List<String> arguments = new ArrayList<>(List.of(flags));
    arguments.addAll(List.of("--module-path", path, "--module", "app/app.Main"));
    return ChildJvm.java(arguments);
  }
}
