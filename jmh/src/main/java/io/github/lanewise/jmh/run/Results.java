package io.github.lanewise.jmh.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lanewise.jmh.history.RunInfo;
import io.github.lanewise.jmh.report.Measurement;
import io.github.lanewise.jmh.report.Section;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
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

  /** Writes all of it in a format of JMH, replacing the file at once. */
  void write(Path file, ResultFormatType format) {
    write(file, format, fresh -> {});
  }

  /** Writes JMH's JSON and adds to every result what it ran on. */
  void writeJson(Path file, Function<Collector, RunInfo> infos) {
    write(
        file,
        ResultFormatType.JSON,
        fresh -> {
          JsonNode results = JSON.readTree(fresh.toFile());
          int index = 0;
          for (Job job : byJob.keySet()) {
            ObjectNode result = (ObjectNode) results.get(index++);
            result.set(RunInfo.KEY, JSON.valueToTree(infos.apply(job.collector())));
          }
          JSON.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), results);
        });
  }

  private interface Edit {
    void apply(Path file) throws IOException;
  }

  private void write(Path file, ResultFormatType format, Edit edit) {
    List<RunResult> merged = byJob.values().stream().map(Results::merge).toList();
    try {
      Path folder = file.toAbsolutePath().getParent();
      Files.createDirectories(folder);
      // Readable for others, unlike what createTempFile makes.
      Path fresh = folder.resolve(file.getFileName() + ".tmp");
      ResultFormatFactory.getInstance(format, fresh.toString()).writeOut(merged);
      edit.apply(fresh);
      Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /** The bandwidth, GB/s of each iteration; empty if not measured. */
  List<Double> copies(Collector collector) {
    return iterations(byJob.getOrDefault(Job.copy(collector), List.of()), "gbytes");
  }

  /** The peak's own loop, measured as a layer is; without values if it was not. */
  Measurement fma(Collector collector) {
    return ofRun(Job.fma(collector), byJob.getOrDefault(Job.fma(collector), List.of()));
  }

  /** The figures of all layers and blocks under one collector. */
  List<Measurement> measurements(Collector collector) {
    List<Measurement> list = new ArrayList<>();
    byJob.forEach(
        (job, rounds) -> {
          if (job.hasPlan() && job.collector() == collector) {
            list.add(measurement(job, rounds));
          }
        });
    return list;
  }

  /** The figures of register tiles under one collector. */
  List<Section.Tile> tiles(Collector collector) {
    List<Section.Tile> list = new ArrayList<>();
    byJob.forEach(
        (job, rounds) -> {
          if (job.isTile() && job.collector() == collector) {
            Map<String, String> params = job.params();
            list.add(
                new Section.Tile(
                    params.get("depth"), params.get("tile"), ofRun(job, rounds).share()));
          }
        });
    return list;
  }

  private static Measurement measurement(Job job, List<RunResult> rounds) {
    return job.isCreate()
        ? Measurement.ofCreation(
            job.target(), job.backend(), rounds.size(), iterations(rounds, null))
        : ofRun(job, rounds);
  }

  /** The figures of a job with the peak beside them. */
  static Measurement ofRun(Job job, List<RunResult> rounds) {
    return Measurement.ofRun(
            job.target(),
            job.backend(),
            rounds.size(),
            iterations(rounds, "gflops"),
            iterations(rounds, "peakGflops"))
        .withFastest(byForks(rounds, "fastestGflops"), byForks(rounds, "fastestPeakGflops"));
  }

  /** Each round has one fork. */
  private static List<List<Double>> byForks(List<RunResult> rounds, String metric) {
    return rounds.stream().map(round -> iterations(List.of(round), metric)).toList();
  }

  /** A secondary metric, or with null the primary one, of every iteration of every fork. */
  static List<Double> iterations(List<RunResult> rounds, String metric) {
    return rounds.stream()
        .flatMap(run -> run.getBenchmarkResults().stream())
        .flatMap(fork -> fork.getIterationResults().stream())
        .map(iteration -> metric(iteration, metric))
        .filter(Objects::nonNull)
        .map(Result::getScore)
        .toList();
  }

  private static Result<?> metric(IterationResult iteration, String metric) {
    return metric == null
        ? iteration.getPrimaryResult()
        : iteration.getSecondaryResults().get(metric);
  }
}
