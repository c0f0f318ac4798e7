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
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;

/** What has been measured so far: for each job the results of its forks, one a round. */
final class Results {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<Job, List<RunResult>> byJob = new LinkedHashMap<>();

  void add(Job job, RunResult result) {
    byJob.computeIfAbsent(job, j -> new ArrayList<>()).add(result);
  }

  /** The JDK of the forks; empty if there was none yet. */
  String jdk() {
    return byJob.values().stream()
        .map(forks -> forks.getFirst().getParams())
        .map(p -> "%s, %s %s".formatted(p.getJdkVersion(), p.getVmName(), p.getVmVersion()))
        .findFirst()
        .orElse("");
  }

  /** All of it in a format of JMH, the rounds of a job as the forks of one result. */
  String text(ResultFormatType format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, false, StandardCharsets.UTF_8)) {
      ResultFormatFactory.getInstance(format, out)
          .writeOut(byJob.values().stream().map(Results::together).toList());
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static RunResult together(List<RunResult> rounds) {
    return new RunResult(
        rounds.getFirst().getParams(),
        rounds.stream().flatMap(round -> round.getBenchmarkResults().stream()).toList());
  }

  /** JMH's JSON, and what each result ran on. */
  JsonNode json(Function<Collector, RunInfo> infos) {
    try {
      JsonNode results = JSON.readTree(text(ResultFormatType.JSON));
      Iterator<JsonNode> next = results.iterator();
      byJob.forEach(
          (job, rounds) ->
              ((ObjectNode) next.next())
                  .put("forks", rounds.size()) // JMH knows of one only, as each was run by itself
                  .set(RunInfo.KEY, JSON.valueToTree(infos.apply(job.collector()))));
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
}
