package io.github.lanewise.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.ChildJvm;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A JVM that was linked without java.desktop has all but {@link AwtPixels}. */
class WithoutDesktopTest {

  @Test
  void allElseWorks() throws Exception {
    ChildJvm.Result result =
        ChildJvm.java(
            List.of(
                "--limit-modules=java.base",
                "-cp",
                ChildJvm.classPath(),
                WithoutDesktop.class.getName()));
    assertThat(result.exitCode()).as(result.output()).isZero();
    assertThat(result.output())
        .contains("desktop false", "read [76.0, 255.0] 1.0", "label=white", "1 kept")
        .contains("missing java/awt/image/");
  }
}
