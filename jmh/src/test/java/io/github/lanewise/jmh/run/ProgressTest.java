package io.github.lanewise.jmh.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.jmh.report.Kind;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {

  @Test
  void saysWhichOfHowManyTimeGoneTimeLeftAndTheFigure() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    AtomicLong seconds = new AtomicLong();
    Progress progress =
        new Progress(
            new PrintStream(bytes, true, StandardCharsets.UTF_8),
            () -> seconds.get() * 1_000_000_000,
            3);
    progress.next(Job.peak(Kind.FMA, Collector.G1));
    seconds.set(40);
    progress.result("99 GFLOP/s");
    progress.next(Job.peak(Kind.COPY, Collector.G1));
    progress.result("20 GB/s");
    assertThat(
            progress.end(
                List.of(Job.peak(Kind.FMA, Collector.G1), Job.peak(Kind.COPY, Collector.G1))))
        .as("a second round of what took 40 and 0 seconds")
        .isEqualTo(Duration.ofSeconds(80));
    assertThat(bytes.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "[1/3] 0:00  PeakBenchmark.fma (G1): 99 GFLOP/s",
            "[2/3] 0:40, about 1:20 left  PeakBenchmark.copy (G1): 20 GB/s");
  }
}
