package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkComparisonTest {
  @TempDir Path first;
  @TempDir Path second;

  private static Path network(Path folder, String name, String... files) throws IOException {
    Path network = Files.createDirectories(folder.resolve(name));
    for (String file : files) {
      Files.createFile(network.resolve(file));
    }
    return network;
  }

  @Test
  void theTableSaysWhereAndWhenItWasMeasured() {
    List<String> facts = NetworkComparison.facts(Instant.parse("2026-01-31T12:00:00.5Z"));
    assertThat(facts.getFirst()).startsWith("CPU: ");
    assertThat(facts)
        .anyMatch(fact -> fact.startsWith("JDK: " + System.getProperty("java.runtime.version")))
        .endsWith("Begun: 2026-01-31T12:00:00Z");
  }

  @Test
  void everyModelBesideAnInputIsFoundTheFirstOfANameCounts() throws IOException {
    Path a = network(first, "a", "model.onnx", "model-2.onnx", "input.bin", "other.onnx");
    network(first, "without-input", "model.onnx");
    Files.createFile(first.resolve("README.md"));
    network(second, "a", "model.onnx", "input.bin");
    Path b = network(second, "b", "model.onnx", "input.bin");
    assertThat(NetworkComparison.find(List.of(first, second), List.of()))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "a", a.resolve("model.onnx"),
                "a model-2.onnx", a.resolve("model-2.onnx"),
                "b", b.resolve("model.onnx")));
    assertThat(NetworkComparison.find(List.of(first, second), List.of("-2", "absent")))
        .containsOnlyKeys("a model-2.onnx");
  }
}
