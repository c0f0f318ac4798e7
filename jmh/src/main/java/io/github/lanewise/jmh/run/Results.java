package io.github.lanewise.jmh.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lanewise.jmh.report.RunInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.WorkloadParams;

/** What has been measured so far: for each job the results of its forks, one a round. */
final class Results {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<Job, List<RunResult>> byJob = new LinkedHashMap<>();

  void add(Job job, RunResult result) {
    byJob.computeIfAbsent(job, j -> new ArrayList<>()).add(result);
  }

  /** Parameters of any result: JVM, iterations; null if there is none yet. */
  BenchmarkParams anyParams() {
    return byJob.values().stream().map(r -> r.get(0).getParams()).findFirst().orElse(null);
  }

  /** All of it in a format of JMH. */
  String text(ResultFormatType format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(format, out)
          .writeOut(byJob.values().stream().map(Results::merge).toList());
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** JMH's JSON, and what each result ran on. */
  JsonNode json(Function<Collector, RunInfo> infos) {
    try {
      JsonNode results = JSON.readTree(text(ResultFormatType.JSON));
      int index = 0;
      for (Job job : byJob.keySet()) {
        ObjectNode result = (ObjectNode) results.get(index++);
        result.set(RunInfo.KEY, JSON.valueToTree(infos.apply(job.collector())));
      }
      return results;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes a file or replaces it at once. */
  static void replace(Path file, String text) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    // Readable for others, unlike what createTempFile makes.
    Path fresh = Files.writeString(folder.resolve(file.getFileName() + ".tmp"), text);
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The rounds of a job as the forks of one result. */
  private static RunResult merge(List<RunResult> rounds) {
    BenchmarkParams p = rounds.get(0).getParams();
    WorkloadParams workload = new WorkloadParams();
    for (String key : p.getParamsKeys()) {
      workload.put(key, p.getParam(key), 0);
    }
    BenchmarkParams params =
        new BenchmarkParams(
            p.getBenchmark(),
            p.generatedBenchmark(),
            p.shouldSynchIterations(),
            p.getThreads(),
            p.getThreadGroups(),
            p.getThreadGroupLabels(),
            rounds.size(),
            p.getWarmupForks(),
            p.getWarmup(),
            p.getMeasurement(),
            p.getMode(),
            workload,
            p.getTimeUnit(),
            p.getOpsPerInvocation(),
            p.getJvm(),
            p.getJvmArgs(),
            p.getJdkVersion(),
            p.getVmName(),
            p.getVmVersion(),
            p.getJmhVersion(),
            p.getTimeout());
    List<BenchmarkResult> forks =
        rounds.stream().flatMap(r -> r.getBenchmarkResults().stream()).toList();
    return new RunResult(params, forks);
  }
}
