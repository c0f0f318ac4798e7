package io.github.lanewise.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final String LIST = "mobilenet_v1_1.0_224/";
  private static final Target DW = Target.find(Operator.DEPTHWISE, LIST + "dw7");
  private static final Target FUSED = Target.find(Operator.SEPARABLE, LIST + "dw7+pw7");
  private static final Target STANDARD = Target.find(Operator.STANDARD, LIST + "dw7+pw7");

  private static final RunInfo INFO = info("G1");

  private static RunInfo info(String collector) {
    return new RunInfo(
        "",
        "",
        "",
        "",
        false,
        "",
        "",
        "",
        "",
        collector,
        1,
        "",
        "vector, 256 bits\nLinux",
        Map.of());
  }

  /** Forks of one iteration each. */
  private static Figure run(Target target, String backend, double gflops, double... peaks) {
    List<List<Double>> forks = DoubleStream.of(peaks).mapToObj(List::of).toList();
    return figure(
        Kind.LAYER, target, backend, Collections.nCopies(forks.size(), List.of(gflops)), forks);
  }

  private static Figure figure(
      Kind kind,
      Target target,
      String backend,
      List<List<Double>> values,
      List<List<Double>> peaks) {
    return new Figure(
        kind, Map.of("backend", backend), target, values, peaks, List.of(), List.of());
  }

  private static Figure tile(String depth, String tile, double share) {
    return new Figure(
        Kind.TILE,
        Map.of("depth", depth, "tile", tile),
        null,
        List.of(List.of(share)),
        List.of(List.of(1.0)),
        List.of(),
        List.of());
  }

  private static Report report(Run... runs) {
    return new Report(List.of("CPU: some"), List.of(runs), List.of(), List.of("a job"));
  }

  private static String table(Figure... figures) {
    return report(new Run(INFO, List.of(figures))).render();
  }

  @Test
  void figuresAreMediansAndSharesAreRatiosIterationByIteration() {
    Figure m =
        figure(
            Kind.LAYER,
            DW,
            "vector",
            List.of(List.of(50.0, 40.0, 20.0, 48.0)),
            List.of(List.of(100.0, 80.0, 80.0, 96.0)));
    assertThat(m.median()).isEqualTo(44);
    assertThat(m.share()).isEqualTo(0.5); // 50 %, 50 %, 25 %, 50 %
    assertThat(m.spread()).isCloseTo(0.0625 / 0.5, within(1e-12));
  }

  @Test
  void tableHasEveryBackendAndTheSpeedupBesideTheTheory() {
    String text =
        table(
            run(DW, "vector", 50, 100),
            run(DW, "scalar", 10, 100),
            run(FUSED, "vector", 80, 100),
            run(STANDARD, "vector", 45, 50));
    assertThat(text.lines())
        .containsSequence(
            "| layer        | operator  | shape              | GFLOP/s scalar (1 fork) | GFLOP/s"
                + " vector | % of peak | spread | % in best ms | forks | lottery | x standard |"
                + " theory |",
            "| ------------ | --------- | ------------------ | ----------------------: |"
                + " -------------: | --------: | -----: | -----------: | ----: | ------: |"
                + " ---------: | -----: |",
            "| dw7 (x5)     | depthwise | 14x14x512 3x3      |                    10.0 |          "
                + " 50.0 |      50.0 |  0.0 % |            - |     1 |       - |          - |     "
                + " - |",
            "| dw7+pw7 (x5) | separable | 14x14x512->512 3x3 |                       - |          "
                + " 80.0 |      80.0 |  0.0 % |            - |     1 |       - |       7.86 |  "
                + " 8.84 |",
            "| dw7+pw7 (x5) | standard  | 14x14x512->512 3x3 |                       - |          "
                + " 45.0 |      90.0 |  0.0 % |            - |     1 |       - |          - |     "
                + " - |");
  }

  @Test
  void widthsHaveColumnsAndTheWidestGivesTheShare() {
    String text = table(run(DW, "vector256", 50, 100), run(DW, "vector128", 30, 100));
    assertThat(text).contains("GFLOP/s vector128 (1 fork) | GFLOP/s vector256 | % of peak");
    assertThat(text).contains("|                       30.0 |              50.0 |      50.0 |");
  }

  @Test
  void rowsAndHeadingsSayHowManyForksTheyAreFrom() {
    String text =
        table(
            run(DW, "vector", 50, 100, 100),
            run(FUSED, "vector", 80, 100),
            run(DW, "scalar", 5, 100, 100),
            run(FUSED, "scalar", 8, 100));
    assertThat(text)
        .contains("GFLOP/s scalar (1 to 2 forks) | GFLOP/s vector |")
        .containsPattern("\\| dw7 .* \\| +2 \\| +- \\| +- \\|")
        .containsPattern("\\| dw7\\+pw7 .* \\| +1 \\| +- \\| +- \\| +8.84 \\|");
  }

  @Test
  void theFastestMillisecondIsTheBestOfAllForksOverThePeaksBest() {
    Figure none = run(DW, "vector", 50, 100, 125);
    assertThat(none.bestShare()).isEmpty();
    assertThat(none.lottery()).isEmpty();
    Figure best = withFastest(none, List.of(List.of(60.0, 48.0), List.of(72.0, 10.0)));
    assertThat(best.bestShare()).contains(0.75);
    assertThat(best.forkFastest()).containsExactly(0.625, 0.8);
    assertThat(best.lottery()).contains(1.28);
    Figure partly = withFastest(none, List.of(List.of(60.0, 48.0), List.of()));
    assertThat(partly.bestShare()).isEmpty();
    assertThat(partly.lottery()).isEmpty();
    assertThat(table(best))
        .containsPattern("\\| dw7 .* 45\\.0 \\| +11\\.1 % \\| +75\\.0 \\| +2 \\| +1\\.28 \\|");
  }

  private static Figure withFastest(Figure figure, List<List<Double>> fastest) {
    List<List<Double>> peaks = List.of(List.of(80.0, 96.0), List.of(90.0, 90.0));
    return new Figure(
        figure.kind(), figure.params(), DW, figure.values(), figure.peaks(), fastest, peaks);
  }

  @Test
  void creationTimesGetAColumnOfTheirOwn() {
    String text =
        table(
            run(DW, "vector", 50, 100),
            figure(Kind.CREATION, DW, "scalar", List.of(List.of(7.0)), List.of()),
            figure(Kind.CREATION, DW, "vector", List.of(List.of(12.5)), List.of()));
    assertThat(text).contains("| create us |").contains("|      12.5 |");
  }

  @Test
  void reportStatesMachineCollectorPeakAndProblems() {
    Figure fma = figure(Kind.FMA, null, "", List.of(List.of(99.0)), List.of(List.of(100.0)));
    Figure copy = figure(Kind.COPY, null, "", List.of(List.of(20.0)), List.of());
    assertThat(table(run(DW, "vector", 50, 98), fma, copy))
        .startsWith("# Lanewise benchmark\n\n- CPU: some\n- Collector: G1\n")
        .contains("- Backend: vector, 256 bits\n- Backend: Linux\n")
        .contains("- FMA peak: 98.0 GFLOP/s beside what is measured (quartiles 98.0 to 98.0)\n")
        .contains("- Control: the peak's own loop, measured as a layer is, reaches 99.0 % of it")
        .contains("- Copy bandwidth: 20.0 GB/s read plus written")
        .contains("## mobilenet_v1_1.0_224\n\n| layer ")
        .contains("Not measured: a job")
        .contains("% of peak (vector)");
  }

  @Test
  void severalCollectorsGetSections() {
    Run g1 = new Run(INFO, List.of(run(DW, "vector", 50, 100)));
    assertThat(report(g1, new Run(info("ZGC"), List.of())).render())
        .contains("## G1\n")
        .contains("### mobilenet_v1_1.0_224\n")
        .contains("## ZGC\n")
        .contains("- FMA peak: not measured\n");
  }

  @Test
  void tilesHaveATableWithTheBestOfEachDepth() {
    assertThat(table(tile("32", "6x2v", 0.5), tile("32", "4x3v", 0.625), tile("512", "6x2v", 0.9)))
        .contains("| 32    |           50.0 |           62.5 | 4x3v |")
        .contains("| 512   |           90.0 |              - | 6x2v |");
  }

  @Test
  void nothingMeasuredStillRenders() {
    assertThat(report().render())
        .isEqualTo("# Lanewise benchmark\n\n- CPU: some\n\nNot measured: a job\n");
  }
}
