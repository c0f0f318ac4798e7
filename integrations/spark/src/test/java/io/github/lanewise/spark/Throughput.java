package io.github.lanewise.spark;

import io.github.lanewise.onnx.NetworkHandle;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Images a second by executors: 2000 PNG files are scored twice, by JVMs that begin with nothing
 * compiled. Each line of the table is a program of its own, {@code Throughput MASTER SECONDS}.
 */
final class Throughput {
  private static final int ROWS = 2000;
  private static final int IMAGES = 200;
  private static final int PARTITIONS = 8;
  private static final List<String> MASTERS =
      List.of("local[1]", "local-cluster[1,1,1024]", "local-cluster[2,1,1024]");

  private Throughput() {}

  /** Prints a table, or with arguments a line of it. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 2) {
      line(arguments[0], Long.parseLong(arguments[1]));
      return;
    }
    System.out.println("| master | warm-up, at most | first pass | second pass | images/s then |");
    System.out.println("|---|---|---|---|---|");
    for (String master : MASTERS) {
      for (String seconds : List.of("0", "20")) {
        start(master, seconds);
      }
    }
  }

  private static void start(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Throughput.class.getName());
    command.addAll(List.of(arguments));
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IllegalStateException(command + " ended with " + code);
    }
  }

  private static void line(String master, long seconds) throws Exception {
    try (LocalCluster cluster = new LocalCluster(master)) {
      cluster.awaitExecutors(master.startsWith("local-cluster[2") ? 2 : 0);
      Dataset<Row> table =
          Faces.table(cluster.spark(), Faces.images(IMAGES), ROWS).repartition(PARTITIONS).cache();
      table.count();
      NetworkHandle handle =
          seconds == 0 ? Faces.handle() : Faces.handle().withWarmUp(Duration.ofSeconds(seconds));
      Scoring scoring = Scoring.builder(handle).images(input -> input.range(-1, 1)).build();
      double first = pass(scoring, table);
      double second = pass(scoring, table);
      System.out.printf(
          Locale.ROOT,
          "| `%s` | %d s | %.1f s | %.1f s | %.0f |%n",
          master,
          seconds,
          first,
          second,
          ROWS / second);
    }
  }

  private static double pass(Scoring scoring, Dataset<Row> table) {
    long start = System.nanoTime();
    scoring.score(table, "content").write().format("noop").mode("overwrite").save();
    return (System.nanoTime() - start) / 1e9;
  }
}
