package io.github.lanewise.jmh.networks;

import ai.onnxruntime.OrtException;
import io.github.lanewise.Backend;
import io.github.lanewise.jmh.WarmUp;
import io.github.lanewise.jmh.report.Statistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures one network in a JVM of its own. {@code first ENGINE MODEL INPUT} prints resident memory
 * after the first result (0 where the operating system does not tell it), {@code compare THREADS
 * MODEL INPUT} both engines' times in turns.
 */
final class NetworkFork {
  private static final long WARM_UP_NANOS = 2_000_000_000L;
  private static final long TURN_NANOS = 250_000_000L;
  private static final int TURNS = 9;

  /** Largest difference of outputs as a share of the largest value, before anything is timed. */
  private static final double TOLERANCE = 1e-3;

  private NetworkFork() {}

  /**
   * Runs a fork.
   *
   * @param arguments see the class
   * @throws IOException if a file cannot be read
   * @throws OrtException if ONNX Runtime fails
   */
  public static void main(String[] arguments) throws IOException, OrtException {
    Path model = Path.of(arguments[2]);
    float[] input = Engine.floats(Path.of(arguments[3]));
    if (arguments[0].equals("first")) {
      try (Engine engine = Engine.of(arguments[1], model, input, 1)) {
        engine.outputs();
        System.out.println("first " + ProcStatus.megabytes("VmRSS").orElse(0L));
      }
    } else {
      compare(model, input, Integer.parseInt(arguments[1]));
    }
    System.exit(0);
  }

  private static void compare(Path model, float[] input, int threads)
      throws IOException, OrtException {
    try (Engine ours = Engine.of("lanewise", model, input, threads);
        Engine theirs = Engine.of("onnxruntime", model, input, threads)) {
      double difference = difference(ours.outputs(), theirs.outputs());
      WarmUp.run(Backend.current(), ours::run);
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
  }

  /** The largest difference of any output, as a share of that output's largest value. */
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
      worst = Math.max(worst, error / largest);
    }
    if (!(worst <= TOLERANCE)) {
      throw new IllegalStateException("results differ by " + worst + " of the largest value");
    }
    return worst;
  }
}
