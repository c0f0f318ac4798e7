package io.github.lanewise.jmh.networks;

import io.github.lanewise.Backend;
import io.github.lanewise.jmh.WarmUp;
import io.github.lanewise.jmh.report.Statistics;
import io.github.lanewise.jmh.report.Table;
import io.github.lanewise.network.Network;
import io.github.lanewise.onnx.OnnxReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The process that serves: {@code MODEL SECONDS CLIENTS...}, the clients for each processor. Prints
 * a line for each number of clients, kind of request and of server.
 */
final class LoadFork {
  private static final long CALIBRATION_NANOS = 1_000_000_000L;

  /** What is printed of the requests' milliseconds by client. */
  enum Figure {
    PER_SECOND("requests/s", "%.0f"),
    MEDIAN("p50 ms", "%.1f"),
    P99("p99", "%.0f"),
    P999("p99.9", "%.0f"),
    MAX("max", "%.0f"),
    FEWEST("fewest of a client", "%.0f"),
    MOST("most", "%.0f");

    final String heading;
    final String format;

    Figure(String heading, String format) {
      this.heading = heading;
      this.format = format;
    }

    double of(List<List<Double>> byClient, double seconds) {
      List<Double> all = byClient.stream().flatMap(List::stream).toList();
      return switch (this) {
        case PER_SECOND -> all.size() / seconds;
        case MEDIAN -> Statistics.median(all);
        case P99 -> Statistics.quantile(all, 0.99);
        case P999 -> Statistics.quantile(all, 0.999);
        case MAX -> Statistics.quantile(all, 1);
        case FEWEST -> byClient.stream().mapToInt(List::size).min().orElseThrow();
        case MOST -> byClient.stream().mapToInt(List::size).max().orElseThrow();
      };
    }
  }

  /** Where the loop's result goes, so that it is computed. */
  @SuppressWarnings("UnusedVariable")
  private static volatile double product;

  private LoadFork() {}

  /**
   * Serves.
   *
   * @throws IOException if the model cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    Network network = OnnxReader.DEFAULT.read(Path.of(arguments[0]));
    Map<String, float[]> in = new HashMap<>();
    network.inputs().forEach(port -> in.put(port.name(), new float[port.length()]));
    Runnable run = () -> network.run(in);
    WarmUp.run(Backend.current(), run);
    double millis = best(run);
    long turns = 1_000_000;
    best(() -> multiply(turns)); // until C2 has compiled it
    long asMany = Math.round(turns * millis / best(() -> multiply(turns)));
    for (String clients : List.of(arguments).subList(2, arguments.length)) {
      int count = Integer.parseInt(clients) * Runtime.getRuntime().availableProcessors();
      for (Server server : Server.values()) {
        print("network", server, count, run, Double.parseDouble(arguments[1]));
        print("loop", server, count, () -> multiply(asMany), Double.parseDouble(arguments[1]));
      }
    }
    System.exit(0);
  }

  private static void multiply(long turns) {
    double x = 1;
    for (long i = 0; i < turns; i++) {
      x = x * 1.0000001 + 1e-9;
    }
    product = x;
  }

  private static double best(Runnable task) {
    return Collections.min(Turn.millis(task, CALIBRATION_NANOS));
  }

  private static void print(
      String work, Server server, int count, Runnable request, double seconds) {
    long start = System.nanoTime();
    long nanos = (long) (seconds * 1e9);
    Supplier<List<Double>> client = () -> Turn.millis(() -> server.serve(request), nanos);
    List<CompletableFuture<List<Double>>> clients =
        Stream.generate(() -> CompletableFuture.supplyAsync(client, Thread.ofPlatform()::start))
            .limit(count)
            .toList();
    List<List<Double>> byClient = clients.stream().map(CompletableFuture::join).toList();
    double passed = (System.nanoTime() - start) / 1e9;
    String figures =
        Stream.of(Figure.values())
            .map(figure -> Table.format("%.3f", figure.of(byClient, passed)))
            .collect(Collectors.joining(" "));
    System.out.println(String.join(" ", "load", work, "" + server, "" + count, figures));
  }
}
