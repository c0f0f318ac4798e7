package io.github.lanewise.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;

/**
 * Spark on this machine, with executors in JVMs of their own where the master's name says so. What
 * these are started with comes from an installation of Spark, of which an empty one is made at
 * SPARK_HOME; their class path is the one here. All files are written there.
 */
final class LocalCluster implements AutoCloseable {
  private static final Path HOME = Path.of(System.getenv("SPARK_HOME"));

  private final SparkSession spark;

  LocalCluster(String master) throws IOException {
    Files.createDirectories(HOME.resolve("jars"));
    Files.createDirectories(HOME.resolve("local"));
    spark =
        SparkSession.builder()
            .master(master)
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
            .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.13")
            .config("spark.local.dir", HOME.resolve("local").toString())
            .config("spark.sql.warehouse.dir", HOME.resolve("warehouse").toUri().toString())
            .config("spark.sql.shuffle.partitions", 4)
            .config("spark.ui.enabled", false)
            .getOrCreate();
  }

  SparkSession spark() {
    return spark;
  }

  /** Waits until as many executors are there. */
  void awaitExecutors(int wanted) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (executors() < wanted) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(executors() + " executors are there after three minutes");
      }
      Thread.sleep(50);
    }
  }

  /** All but the driver, which Spark lists as one. */
  private int executors() {
    return spark.sparkContext().statusTracker().getExecutorInfos().length - 1;
  }

  /** The JVMs in which executors run. */
  static List<ProcessHandle> processes() {
    return ProcessHandle.current().descendants().toList();
  }

  @Override
  public void close() {
    spark.stop();
    processes().forEach(process -> process.onExit().join());
    for (int tries = 100; !isDeleted(); tries--) {
      if (tries == 0) {
        throw new IllegalStateException(HOME + " cannot be deleted");
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  /** Spark's workers delete, too, after it has stopped. */
  private static boolean isDeleted() {
    try (Stream<Path> files = Files.walk(HOME)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
      return true;
    } catch (IOException | UncheckedIOException e) {
      return Files.notExists(HOME);
    }
  }
}
