package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lanewise.jmh.networks.Start.Figure;
import io.github.lanewise.jmh.run.Program;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** The figures of a process, from the times of its runs. */
class StartTest {
  private static final double FIRST_BEGINS = 500;

  /** Runs of given milliseconds, one after the other, then many of the last. */
  private static List<Start.Run> runs(double... millis) {
    List<Double> all = new ArrayList<>(DoubleStream.of(millis).boxed().toList());
    all.addAll(Collections.nCopies(200, all.getLast()));
    List<Start.Run> runs = new ArrayList<>();
    double now = FIRST_BEGINS;
    for (double each : all) {
      now += each;
      runs.add(new Start.Run(now, each));
    }
    return runs;
  }

  private static Start start(List<Start.Run> runs) {
    return Start.of("test", runs, new CpuTimes(), Optional.empty(), Optional.empty());
  }

  @Test
  void momentsAreThoseOfTheFirstRunTheFirstWithinTwiceAndTheThirdQuickInARow() {
    Start start = start(runs(100, 40, 30, 20, 19.9, 60, 11.4, 11.4, 11.6, 11.4, 11.4, 11.4, 10));
    assertThat(start.get(Figure.FIRST)).hasValue(FIRST_BEGINS + 100);
    assertThat(start.get(Figure.STEADY)).hasValue(10.0);
    assertThat(start.get(Figure.TWICE).orElseThrow()).isCloseTo(709.9, within(1e-9));
    assertThat(start.get(Figure.FULL).orElseThrow()).isCloseTo(838.5, within(1e-9));
    assertThat(start.get(Figure.SLOW)).hasValue(3.5); // the median of 100, 40, 30 and 20
    assertThat(start.late()).isFalse();
    assertThat(start.get(Figure.WARM)).isEmpty();
    assertThat(start.get(Figure.RESIDENT)).isEmpty();
    assertThat(start.get(Figure.CPU)).isEmpty();
  }

  @Test
  void aFirstRunWithinTwiceStandsForTheSlowOnes() {
    Start start = start(runs(15, 10));
    assertThat(start.get(Figure.SLOW)).hasValue(1.5);
    assertThat(start.get(Figure.TWICE)).isEqualTo(start.get(Figure.FIRST));
  }

  @Test
  void whoGetsFasterAtTheEndOrNeverThreeTimesInARowIsLate() {
    List<Start.Run> slow = runs(100);
    double end = slow.getLast().endMillis();
    List<Start.Run> late = new ArrayList<>(slow);
    for (int i = 1; i <= 500; i++) {
      late.add(new Start.Run(end + 10 * i, 10));
    }
    assertThat(start(late).late()).isTrue();
    List<Start.Run> restless = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      restless.add(new Start.Run(100 * i, i % 2 == 0 ? 10 : 100));
    }
    assertThat(start(restless).get(Figure.FULL)).isEmpty();
    assertThat(start(restless).late()).isTrue();
  }

  @Test
  void cpuTimeIsReadFromFullSpeedOn() {
    CpuTimes cpu = new CpuTimes();
    cpu.add(529, Optional.of(Duration.ofMillis(700)));
    cpu.add(531, Optional.of(Duration.ofMillis(900)));
    cpu.add(541, Optional.of(Duration.ofMillis(1100)));
    cpu.add(551, Optional.empty());
    Start start = Start.of("test", runs(10), cpu, Optional.of(77.0), Optional.of(50.0));
    assertThat(start.get(Figure.FULL)).hasValue(530.0);
    assertThat(start.get(Figure.CPU)).hasValue(0.9);
    assertThat(start.get(Figure.WARM)).hasValue(77.0);
    assertThat(start.get(Figure.RESIDENT)).hasValue(50.0);
    assertThat(cpu.secondsAt(542)).isEmpty();
  }

  @Test
  void whatAProcessPrintsCountsFromItsStart() {
    String runs =
        runs(100, 10).stream()
            .map(run -> " %.0f %.0f".formatted(run.endMillis() * 1e6, run.millis() * 1e6))
            .collect(Collectors.joining());
    List<Program.Line> lines =
        DoubleStream.of(0, 1, 2, 3, 4, 5)
            .mapToObj(
                i ->
                    new Program.Line(
                        List.of(
                                "WARNING: some runs of the JVM's own",
                                "engine vector kernels",
                                "begun 1000040",
                                "warm 700000000",
                                "resident -1",
                                "runs" + runs)
                            .get((int) i),
                        i))
            .toList();
    Start start = Start.of(new Program(0, lines), 1_000_000, new CpuTimes());
    assertThat(start.version()).isEqualTo("vector kernels");
    assertThat(start.get(Figure.FIRST).orElseThrow()).isCloseTo(640, within(1e-6));
    assertThat(start.get(Figure.WARM)).hasValue(740.0);
    assertThat(start.get(Figure.RESIDENT)).isEmpty();
    Program broken = new Program(1, lines.subList(0, 3));
    assertThatThrownBy(() -> Start.of(broken, 1_000_000, new CpuTimes()))
        .hasMessageStartingWith("failed: WARNING: some runs");
  }
}
