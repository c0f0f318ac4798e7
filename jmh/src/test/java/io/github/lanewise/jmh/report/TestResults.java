package io.github.lanewise.jmh.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Writes files like those of {@code scripts/bench}, with figures to order. */
final class TestResults {
  static final String V1 = "mobilenet_v1_1.0_224/";
  static final double PEAK = 200;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ArrayNode results = JSON.createArrayNode();
  private final ObjectNode info;

  TestResults(String commit, int day) {
    RunInfo run =
        new RunInfo(
            "2026-01-%02dT12:00:00Z".formatted(day),
            commit,
            "2026-01-%02dT11:00:00Z".formatted(day),
            "Change </script> number " + day,
            false,
            "Some CPU, 2 processors seen",
            "Linux amd64",
            "25, Some VM",
            "-Xmx1g",
            "G1",
            1,
            "default",
            "vector kernels, 512 bits\nLinux",
            Map.of("onnxruntime", "ONNX Runtime 1", "broken", "none: java.lang.LinkageError: x"));
    info = JSON.valueToTree(run);
  }

  /** As JMH alone writes it. */
  TestResults without() {
    results.forEach(result -> ((ObjectNode) result).remove(RunInfo.KEY));
    return this;
  }

  TestResults peaks() {
    add("PeakBenchmark.fma", null, null, Map.of("gflops", new double[][] {{199, 200, 201}}));
    return add("PeakBenchmark.copy", null, null, Map.of("gbytes", new double[][] {{30, 31, 32}}));
  }

  /** A layer's shares of a peak of {@link #PEAK}, by forks and iterations. */
  TestResults layer(String operator, String layer, String backend, double[]... shares) {
    double[][] gflops = new double[shares.length][];
    double[][] peaks = new double[shares.length][];
    for (int fork = 0; fork < shares.length; fork++) {
      gflops[fork] = new double[shares[fork].length];
      peaks[fork] = new double[shares[fork].length];
      for (int i = 0; i < shares[fork].length; i++) {
        // The machine's pace changes, and with it both figures.
        peaks[fork][i] = PEAK * (1 - 0.1 * (i % 3));
        gflops[fork][i] = shares[fork][i] * peaks[fork][i];
      }
    }
    return add(
        "LayerBenchmark." + operator,
        layer,
        backend,
        Map.of("gflops", gflops, "peakGflops", peaks));
  }

  /** The same, and its forks' shares in their fastest milliseconds. */
  TestResults layer(String operator, String layer, double[][] shares, double... fastest) {
    layer(operator, layer, "vector", shares);
    ObjectNode secondary = (ObjectNode) results.get(results.size() - 1).path("secondaryMetrics");
    ArrayNode gflops = secondary.putObject("fastestGflops").putArray("rawData");
    ArrayNode peaks = secondary.putObject("fastestPeakGflops").putArray("rawData");
    for (double share : fastest) {
      gflops.addArray().add(0.5 * share * PEAK).add(share * PEAK);
      peaks.addArray().add(PEAK).add(0.9 * PEAK);
    }
    return this;
  }

  private TestResults add(
      String benchmark, String layer, String backend, Map<String, double[][]> metrics) {
    ObjectNode result = results.addObject();
    result.put("benchmark", "io.github.lanewise.jmh." + benchmark);
    result.put("jdkVersion", "25").put("vmName", "Some VM");
    result.putArray("jvmArgs").add("-XX:+UseG1GC");
    if (layer != null) {
      result.putObject("params").put("layer", layer).put("backend", backend);
    }
    result.putObject("primaryMetric").put("score", 1);
    ObjectNode secondary = result.putObject("secondaryMetrics");
    metrics.forEach(
        (name, forks) -> {
          ArrayNode raw = secondary.putObject(name).putArray("rawData");
          for (double[] fork : forks) {
            ArrayNode values = raw.addArray();
            for (double value : fork) {
              values.add(value);
            }
          }
        });
    result.set(RunInfo.KEY, info);
    return this;
  }

  Path write(Path file) throws IOException {
    JSON.writeValue(file.toFile(), results);
    return file;
  }
}
