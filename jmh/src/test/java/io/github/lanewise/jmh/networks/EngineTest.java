package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both engines compute the same, and a wrong result is not timed. */
class EngineTest {
  private static final Path MODELS = Path.of("../src/models");

  /** Whether this process has mapped musl's loader. */
  static boolean isMusl() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    return Files.exists(maps) && Files.readString(maps).contains("/ld-musl-");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void bothEnginesAgree(int threads) throws Exception {
    assumeFalse(isMusl(), "ONNX Runtime's native code needs glibc, and this JVM runs on musl");
    Path model = MODELS.resolve("emotion-minixception/model.onnx");
    try (Engine ours = Engine.of("lanewise", model, threads);
        Engine theirs = Engine.of("onnxruntime", model, threads)) {
      Map<String, float[]> a = ours.outputs();
      Map<String, float[]> b = theirs.outputs();
      assertThat(NetworkFork.difference(a, b)).isLessThan(1e-4);
      a.get("predictions")[3] += 0.01f;
      assertThat(NetworkFork.difference(a, b)).isBetween(5e-3, 0.1);
      a.remove("predictions");
      assertThatThrownBy(() -> NetworkFork.difference(a, b)).hasMessageContaining("differ");
    }
  }
}
