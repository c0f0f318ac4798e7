package io.github.lanewise.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.udf;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.image.Classification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two executors, each a JVM of its own, give what one JVM does without Spark. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ClusterTest {
  private static final int ROWS = 2000;

  /** The first row has the first one, and so on, again and again. */
  private static final int IMAGES = 211;

  private static final int PARTITIONS = 8;

  /** Of the partition whose first task never ends: not the first of its executor. */
  private static final int FATAL = 5;

  private static LocalCluster cluster;
  private static List<byte[]> images;
  private static List<List<Classification>> expected;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws IOException {
    images = Faces.images(IMAGES);
    expected = Faces.expected(Faces.handle().network(), images);
    cluster = new LocalCluster("local-cluster[2,1,1024]");
  }

  @AfterAll
  static void stop() {
    cluster.close();
    assertThat(LocalCluster.processes()).isEmpty();
  }

  @BeforeEach
  void awaitExecutors() throws InterruptedException {
    cluster.awaitExecutors(2);
  }

  private static void assertAllAreThere(List<Row> rows) {
    assertThat(rows).hasSize(ROWS);
    for (Row row : rows) {
      long id = row.<Long>getAs("id");
      assertThat(Faces.classes(row)).as("%d", id).isEqualTo(expected.get((int) id % IMAGES));
    }
    assertThat(rows.stream().map(row -> row.<Long>getAs("id")).distinct()).hasSize(ROWS);
  }

  /** The process that computes the row's classes: the same task does both. */
  private static Dataset<Row> withProcess(Dataset<Row> rows) {
    UDF1<Long, Long> process = id -> ProcessHandle.current().pid();
    return rows.withColumn(
        "process", udf(process, DataTypes.LongType).asNondeterministic().apply(col("id")));
  }

  private static Set<Long> processes(List<Row> rows) {
    Set<Long> processes = new TreeSet<>();
    rows.forEach(row -> processes.add(row.getAs("process")));
    return processes;
  }

  private static Scoring scoring() throws IOException {
    return Scoring.builder(Faces.handle().withWarmUp(Duration.ofSeconds(3)))
        .images(input -> input.range(-1, 1))
        .top(7)
        .labels(Faces.LABELS)
        .build();
  }

  private static Dataset<Row> table() {
    return Faces.table(cluster.spark(), images, ROWS).repartition(PARTITIONS, col("id"));
  }

  @Test
  void everyBitIsThatOfOneJvm() throws Exception {
    List<Row> rows = scoring().score(withProcess(table()), "content").collectAsList();
    assertAllAreThere(rows);
    assertThat(processes(rows)).hasSize(2).doesNotContain(ProcessHandle.current().pid());
  }

  @Test
  void theJobDoesSo() throws Exception {
    String input = folder.resolve("faces").toString();
    table().write().parquet(input);
    Path labels = Files.write(folder.resolve("labels.txt"), Faces.LABELS);
    String output = folder.resolve("scored").toString();
    int code =
        ScoringJob.execute(
            ("--model " + Faces.MODEL + " --input " + input + " --format parquet --id id --top 7")
                .concat(" --warm-up 3 --range -1 1 --labels " + labels + " --output " + output)
                .split(" ", -1));
    assertThat(code).isZero();
    Dataset<Row> scored = cluster.spark().read().parquet(output);
    assertThat(scored.columns()).containsExactly("id", "classes");
    assertAllAreThere(scored.collectAsList());
  }

  /**
   * Kills an executor while it computes, when it has results that others wait for: they are lost
   * with it and have to be computed again.
   */
  @Test
  void nothingIsLostWithAnExecutor() throws Exception {
    CompletableFuture<String> removed = new CompletableFuture<>();
    cluster
        .spark()
        .sparkContext()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onExecutorRemoved(SparkListenerExecutorRemoved event) {
                removed.complete(event.reason());
              }
            });
    String report = folder.resolve("process").toString();
    UDF1<Long, Long> stuck =
        id -> {
          TaskContext task = TaskContext.get();
          if (task.partitionId() == FATAL && task.attemptNumber() == 0 && id % 2 == 0) {
            Path written = Path.of(report + ".new");
            Files.writeString(written, "" + ProcessHandle.current().pid());
            Files.move(written, Path.of(report));
            TimeUnit.MINUTES.sleep(5);
          }
          return id;
        };
    Dataset<Row> rows =
        withProcess(table())
            .withColumn("id", udf(stuck, DataTypes.LongType).asNondeterministic().apply(col("id")));
    CompletableFuture<List<Row>> result = new CompletableFuture<>();
    Dataset<Row> scored = scoring().score(rows, "content").repartition(3, col("id"));
    Thread.ofPlatform().start(() -> result.completeAsync(scored::collectAsList, Runnable::run));
    while (!Files.exists(Path.of(report))) {
      assertThat(result).isNotDone();
      Thread.sleep(20);
    }
    long victim = Long.parseLong(Files.readString(Path.of(report)));
    assertThat(LocalCluster.processes()).extracting(ProcessHandle::pid).contains(victim);
    ProcessHandle process = ProcessHandle.of(victim).orElseThrow();
    assertThat(process.destroyForcibly()).isTrue();
    process.onExit().join();

    assertAllAreThere(result.get());
    assertThat(processes(result.get())).doesNotContain(victim).isNotEmpty();
    assertThat(removed.get()).isNotEmpty();
  }
}
