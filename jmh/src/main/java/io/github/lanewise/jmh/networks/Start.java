package io.github.lanewise.jmh.networks;

import com.fasterxml.jackson.annotation.JsonValue;
import io.github.lanewise.jmh.report.Statistics;
import io.github.lanewise.jmh.run.Program;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How one process came to its speed.
 *
 * @param version what the engine says of itself
 * @param figures those that could be told
 * @param late whether full speed came only in the part of the time that the steady time is from
 */
record Start(String version, @JsonValue Map<Figure, Double> figures, boolean late) {
  /** What the steady time is from: the last quarter of the time. */
  static final double STEADY_PART = 0.25;

  private static final double TWICE = 2;
  private static final double FULL = 1.15;
  private static final int IN_A_ROW = 3;

  /** A figure; moments are milliseconds after the process's start. */
  enum Figure {
    STEADY("steadyMillis", "steady ms", "%.2f"),
    BEST("bestMillis", "best ms", "%.2f"),
    FIRST("firstMillis", "first result ms", "%.0f"),
    TWICE("withinTwiceMillis", "within 2x ms", "%.0f"),
    FULL("fullSpeedMillis", "full speed ms", "%.0f"),
    CPU("cpuSeconds", "CPU s until then", "%.2f"),
    WARM("warmMillis", "isWarm() ms", "%.0f"),
    SLOW("slowRun", "slow run x", "%.1f"),
    RESIDENT("residentMegabytes", "resident MB", "%.0f");

    /** Its name in JSON. */
    @JsonValue final String key;

    final String heading;
    final String format;

    Figure(String key, String heading, String format) {
      this.key = key;
      this.heading = heading;
      this.format = format;
    }
  }

  /** One inference: its end, after the process's start, and how long it took. */
  record Run(double endMillis, double millis) {}

  Start {
    figures = Collections.unmodifiableMap(new EnumMap<>(figures)); // in this order
  }

  /** Of what a process printed. */
  static Start of(Program jvm, long startMillis, CpuTimes cpu) {
    double offset = Long.parseLong(jvm.line("begun").text()) - startMillis;
    long[] nanos =
        Stream.of(jvm.line("runs").text().split(" ")).mapToLong(Long::parseLong).toArray();
    List<Run> runs = new ArrayList<>();
    for (int i = 0; i < nanos.length; i += 2) {
      runs.add(new Run(offset + nanos[i] / 1e6, nanos[i + 1] / 1e6));
    }
    long warm = Long.parseLong(jvm.line("warm").text());
    double resident = Double.parseDouble(jvm.line("resident").text());
    return of(
        jvm.line("engine").text(),
        runs,
        cpu,
        warm < 0 ? Optional.empty() : Optional.of(offset + warm / 1e6),
        resident < 0 ? Optional.empty() : Optional.of(resident));
  }

  static Start of(
      String version,
      List<Run> runs,
      CpuTimes cpu,
      Optional<Double> warm,
      Optional<Double> resident) {
    double steady = steady(runs);
    Optional<Double> full = inARow(runs, FULL * steady, IN_A_ROW);
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.FIRST, runs.getFirst().endMillis);
    inARow(runs, TWICE * steady, 1).ifPresent(at -> figures.put(Figure.TWICE, at));
    full.ifPresent(at -> figures.put(Figure.FULL, at));
    full.flatMap(cpu::secondsAt).ifPresent(seconds -> figures.put(Figure.CPU, seconds));
    warm.ifPresent(at -> figures.put(Figure.WARM, at));
    figures.put(Figure.SLOW, slow(runs, TWICE * steady) / steady);
    figures.put(Figure.STEADY, steady);
    resident.ifPresent(megabytes -> figures.put(Figure.RESIDENT, megabytes));
    return new Start(version, figures, full.isEmpty() || full.get() > steadyFrom(runs));
  }

  /** The same with the fastest run of turns that the process took with others. */
  Start withBest(double millis) {
    Map<Figure, Double> all = new EnumMap<>(figures);
    all.put(Figure.BEST, millis);
    return new Start(version, all, late);
  }

  Optional<Double> get(Figure figure) {
    return Optional.ofNullable(figures.get(figure));
  }

  /** The median of the runs that ended in the last part of the time. */
  private static double steady(List<Run> runs) {
    double from = steadyFrom(runs);
    return Statistics.median(
        runs.stream().filter(run -> run.endMillis >= from).map(Run::millis).toList());
  }

  private static double steadyFrom(List<Run> runs) {
    double first = runs.getFirst().endMillis - runs.getFirst().millis;
    double last = runs.getLast().endMillis;
    return last - STEADY_PART * (last - first);
  }

  /** When as many runs in a row have ended as quick as that for the first time. */
  private static Optional<Double> inARow(List<Run> runs, double millis, int count) {
    int quick = 0;
    for (Run run : runs) {
      quick = run.millis < millis ? quick + 1 : 0;
      if (quick == count) {
        return Optional.of(run.endMillis);
      }
    }
    return Optional.empty();
  }

  /** The median of the runs before the first that is as quick as that; that one's if it leads. */
  private static double slow(List<Run> runs, double millis) {
    List<Double> before = runs.stream().map(Run::millis).takeWhile(each -> each >= millis).toList();
    return before.isEmpty() ? runs.getFirst().millis : Statistics.median(before);
  }
}
