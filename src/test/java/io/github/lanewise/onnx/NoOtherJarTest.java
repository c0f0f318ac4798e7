package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.ChildJvm;
import io.github.lanewise.probe.ModuleProbe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A network is read where there is no jar but Lanewise's own, and little of the JDK. */
class NoOtherJarTest {
  private static void reads(boolean isModule, String... options) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add(ModuleProbe.class.getName());
    ChildJvm.Result result = ChildJvm.java(arguments);
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output()).contains("named " + isModule).containsPattern("steps [1-9]");
  }

  @Test
  void onTheClassPath() throws Exception {
    reads(false, "-cp", ChildJvm.classPath());
  }

  @Test
  void asAModule() throws Exception {
    String tests = ChildJvm.locationOf(ModuleProbe.class).toString();
    String product = ChildJvm.productClasses().toString();
    reads(true, "-p", product, "--add-modules", "io.github.lanewise", "-cp", tests);
  }

  /** As in an image that was linked with these modules alone. */
  @Test
  void onTheModulesOfTheJdkThatItRequires() throws Exception {
    reads(false, "--limit-modules", "java.base,jdk.management", "-cp", ChildJvm.classPath());
  }
}
