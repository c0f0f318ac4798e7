package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.report.Statistics;
import io.github.lanewise.jmh.run.Proc;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures one network in a JVM of its own. {@code first ENGINE MODEL} prints resident memory after
 * the first result (0 where the operating system does not tell it), {@code compare THREADS MODEL}
 * both engines' times in turns, or {@code cannot}, the engine that does not take the model, and
 * why.
 */
final class NetworkFork {
  private static final long WARM_UP_NANOS = 2_000_000_000L;
  private static final long TURN_NANOS = 250_000_000L;
  private static final int TURNS = 9;

  /** Largest difference of outputs as a share of the largest value, before anything is timed. */
  private static final double TOLERANCE = 1e-3;

  /** The same where numbers have 11 bits. */
  private static final double HALF_TOLERANCE = 1e-2;

  /** What an output's largest value counts for at least: small ones are small differences. */
  private static final double LEAST_LARGEST = 0.01;

  private NetworkFork() {}

  /**
   * Runs a fork.
   *
   * @throws IOException if a file cannot be read
   */
  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[2]);
    if (arguments[0].equals("first")) {
      try (Engine engine = Engine.of(arguments[1], model, 1)) {
        engine.outputs();
        System.out.println("first " + Proc.megabytes("VmRSS").orElse(0L));
      }
    } else {
      int threads = Integer.parseInt(arguments[1]);
      double tolerance =
          NetworkInput.of(model).stream().anyMatch(NetworkInput::isHalf)
              ? HALF_TOLERANCE
              : TOLERANCE;
      try (Engine ours = load(Side.LANEWISE, model, threads);
          Engine theirs = load(Side.ONNX_RUNTIME, model, threads)) {
        compare(ours, theirs, tolerance);
      }
    }
    System.exit(0);
  }

  /** An engine with a model; if it does not take that, the end of the process, which says why. */
  private static Engine load(Side side, Path model, int threads) {
    try {
      return Engine.of(side.id, model, threads);
    } catch (IOException | RuntimeException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      System.out.println("cannot " + side.title + ": " + reason);
      System.exit(0);
      throw new IllegalStateException(e);
    }
  }

  private static void compare(Engine ours, Engine theirs, double tolerance) {
    double difference = difference(ours.outputs(), theirs.outputs());
    if (!(difference <= tolerance)) {
      throw new IllegalStateException("results differ by " + difference + " of the largest value");
    }
    ours.warmUp();
    Turn.millis(ours::run, WARM_UP_NANOS);
    Turn.millis(theirs::run, WARM_UP_NANOS);
    List<Double> a = new ArrayList<>();
    List<Double> b = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    double bestOfOurs = Double.POSITIVE_INFINITY;
    double bestOfTheirs = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TURNS; i++) {
      List<Double> ourRuns = Turn.millis(ours::run, TURN_NANOS);
      List<Double> theirRuns = Turn.millis(theirs::run, TURN_NANOS);
      a.add(Statistics.median(ourRuns));
      b.add(Statistics.median(theirRuns));
      ratios.add(b.getLast() / a.getLast());
      bestOfOurs = Math.min(bestOfOurs, Collections.min(ourRuns));
      bestOfTheirs = Math.min(bestOfTheirs, Collections.min(theirRuns));
    }
    System.out.printf(
        Locale.ROOT,
        "compare %f %f %f %f %e%n",
        Statistics.median(a),
        Statistics.median(b),
        Statistics.median(ratios),
        bestOfTheirs / bestOfOurs,
        difference);
  }

  /** The largest difference of any output, as a share of its largest value. */
  static double difference(Map<String, float[]> ours, Map<String, float[]> theirs) {
    if (!ours.keySet().equals(theirs.keySet())) {
      throw new IllegalStateException("outputs differ: " + ours.keySet() + theirs.keySet());
    }
    double worst = 0;
    for (var entry : theirs.entrySet()) {
      float[] a = ours.get(entry.getKey());
      float[] b = entry.getValue();
      double largest = 0;
      double error = a.length == b.length ? 0 : Double.POSITIVE_INFINITY;
      for (int i = 0; i < Math.min(a.length, b.length); i++) {
        largest = Math.max(largest, Math.abs(b[i]));
        error = Math.max(error, Math.abs(a[i] - (double) b[i]));
      }
      worst = Math.max(worst, error / Math.max(largest, LEAST_LARGEST));
    }
    return worst;
  }
}
