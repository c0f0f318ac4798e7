package io.github.lanewise.jmh.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.peer.TestPeer;
import io.github.lanewise.jmh.report.Kind;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScheduleTest {

  private static List<List<String>> rounds(String... arguments) {
    return rounds(List.of(), arguments);
  }

  private static List<List<String>> rounds(List<Peer> peers, String... arguments) {
    return Schedule.of(SettingsTest.parse(arguments), peers).stream()
        .map(round -> round.stream().map(Job::toString).toList())
        .toList();
  }

  @Test
  void quickIsOneRoundFromThePeaksThroughAllLayers() {
    List<List<String>> rounds = rounds("--quick");
    assertThat(rounds).hasSize(1);
    assertThat(rounds.get(0))
        .hasSize(59)
        .startsWith(
            "PeakBenchmark.fma (G1)",
            "PeakBenchmark.copy (G1)",
            "mobilenet_v1_1.0_224/conv0 standard vector (G1)",
            "mobilenet_v1_1.0_224/conv0 standard scalar (G1)");
  }

  @Test
  void defaultHasTwoRoundsTheSecondWithoutScalar() {
    List<List<String>> rounds = rounds();
    assertThat(rounds).hasSize(2);
    assertThat(rounds.get(0))
        .contains("mobilenet_v1_1.0_224/dw3+pw3 separable scalar (G1)")
        .doesNotContain("mobilenet_v1_1.0_224/dw3+pw3 standard scalar (G1)");
    assertThat(rounds.get(1)).hasSize(40).noneMatch(job -> job.contains("scalar"));
  }

  @Test
  void forksAreRoundsAndParametersSelect() {
    List<List<String>> rounds =
        rounds(
            "--gc",
            "zgc",
            "-f",
            "3",
            "--layers",
            "mobilenet_v1",
            "-p",
            "layer=pw?",
            "-p",
            "backend=vector128,scalar",
            "LayerBenchmark");
    assertThat(rounds).hasSize(3);
    assertThat(rounds.get(2))
        .hasSize(14)
        .startsWith(
            "mobilenet_v1_1.0_224/pw1 pointwise vector128 (ZGC)",
            "mobilenet_v1_1.0_224/pw1 pointwise scalar (ZGC)");
  }

  @Test
  void fullMeasuresCreationUnderEveryCollector() {
    List<String> round =
        rounds("--full", "--layers", "mobilenet_v1", "--gc", "g1,serial", "-p", "layer=*/dw3+pw3")
            .get(2);
    assertThat(round)
        .containsExactlyElementsOf(
            Stream.of("G1", "Serial")
                .flatMap(
                    gc ->
                        Stream.of(
                                "PeakBenchmark.fma",
                                "PeakBenchmark.copy",
                                "mobilenet_v1_1.0_224/dw3+pw3 separable vector",
                                "mobilenet_v1_1.0_224/dw3+pw3 create vector",
                                "mobilenet_v1_1.0_224/dw3+pw3 separable scalar",
                                "mobilenet_v1_1.0_224/dw3+pw3 create scalar",
                                "mobilenet_v1_1.0_224/dw3+pw3 standard vector")
                            .map(job -> job + " (" + gc + ")"))
                .toList());
  }

  @Test
  void otherEnginesFollowOursOnWhatTheyCan() {
    List<String> round =
        rounds(
                List.of(new TestPeer()),
                "--layers",
                "mobilenet_v1",
                "-p",
                "layer=dw3,pw3,dw3+pw3",
                "LayerBenchmark")
            .get(1);
    assertThat(round)
        .containsExactly(
            "mobilenet_v1_1.0_224/dw3 depthwise vector (G1)",
            "mobilenet_v1_1.0_224/pw3 pointwise vector (G1)",
            "mobilenet_v1_1.0_224/pw3 pointwise test (G1)",
            "mobilenet_v1_1.0_224/dw3+pw3 separable vector (G1)",
            "mobilenet_v1_1.0_224/dw3+pw3 standard vector (G1)");
    assertThat(
            Job.of(Kind.LAYER, Target.findToCreate("odd/n1"), "test", Collector.G1).jvmOptions(2))
        .contains("--enable-native-access=ALL-UNNAMED", "-Dlanewise.bench.threads=2");
  }

  @Test
  void whateverC2CompilesIsWarmedUpAlike() {
    Target target = Target.findToCreate("odd/n1");
    int ours = Job.of(Kind.LAYER, target, "vector", Collector.G1).warmupMillis(Mode.QUICK);
    assertThat(Job.of(Kind.LAYER, target, "test", Collector.G1).warmupMillis(Mode.QUICK))
        .isEqualTo(ours);
    assertThat(Job.of(Kind.LAYER, target, "scalar", Collector.G1).warmupMillis(Mode.QUICK))
        .isEqualTo(ours);
    assertThat(Job.tile("32", "4x3v", Collector.G1).warmupMillis(Mode.QUICK)).isEqualTo(ours);
    assertThat(Job.of(Kind.LAYER, target, "broken", Collector.G1).warmupMillis(Mode.QUICK))
        .isEqualTo(ours / 3);
  }

  @Test
  void forksGetTheCollectorTheWidthAndTheThreads() {
    Target target = Target.findToCreate("odd/k4");
    assertThat(Job.of(Kind.LAYER, target, "vector128", Collector.PARALLEL).jvmOptions(2))
        .contains(
            "--add-modules=jdk.incubator.vector",
            "-XX:+UseParallelGC",
            "-Dlanewise.vectorBits=128",
            "-Dlanewise.bench.threads=2");
    assertThat(Job.of(Kind.LAYER, target, "vector", Collector.G1).jvmOptions(1))
        .contains("-XX:+UseG1GC")
        .noneMatch(option -> option.startsWith("-D"));
    assertThat(Job.peak(Kind.FMA, Collector.G1).jvmOptions(2))
        .noneMatch(option -> option.startsWith("-D"));
  }
}
