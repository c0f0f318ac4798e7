package io.github.lanewise.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final String LIST = "mobilenet_v1_1.0_224/";
  private static final Target DW = Target.find(Operator.DEPTHWISE, LIST + "dw7");
  private static final Target FUSED = Target.find(Operator.SEPARABLE, LIST + "dw7+pw7");
  private static final Target STANDARD = Target.find(Operator.STANDARD, LIST + "dw7+pw7");

  private static Measurement run(Target target, String backend, double gflops, double peak) {
    return Measurement.ofRun(target, backend, 1, List.of(gflops), List.of(peak));
  }

  private static final Measurement NO_FMA = Measurement.ofRun(null, null, 0, List.of(), List.of());

  private static Section section(Measurement... measurements) {
    return new Section(
        "G1",
        "vector, 256 bits\nLinux",
        run(null, null, 99, 100),
        List.of(20.0),
        List.of(measurements),
        List.of(),
        List.of(),
        1);
  }

  @Test
  void figuresAreMediansAndSharesAreRatiosIterationByIteration() {
    Measurement m =
        Measurement.ofRun(
            DW, "vector", 1, List.of(50.0, 40.0, 20.0, 48.0), List.of(100.0, 80.0, 80.0, 96.0));
    assertThat(m.median()).isEqualTo(44);
    assertThat(m.share()).isEqualTo(0.5); // 50 %, 50 %, 25 %, 50 %
    assertThat(m.spread()).isCloseTo(0.0625 / 0.5, within(1e-12));
  }

  @Test
  void tableHasEveryBackendAndTheSpeedupBesideTheTheory() {
    String text =
        section(
                run(DW, "vector", 50, 100),
                run(DW, "scalar", 10, 100),
                run(FUSED, "vector", 80, 100),
                run(STANDARD, "vector", 45, 50))
            .table("mobilenet_v1_1.0_224");
    assertThat(text.lines())
        .containsExactly(
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
    String text =
        section(run(DW, "vector256", 50, 100), run(DW, "vector128", 30, 100))
            .table("mobilenet_v1_1.0_224");
    assertThat(text).contains("GFLOP/s vector128 (1 fork) | GFLOP/s vector256 | % of peak");
    assertThat(text).contains("|                       30.0 |              50.0 |      50.0 |");
  }

  @Test
  void rowsAndHeadingsSayHowManyForksTheyAreFrom() {
    Measurement twice =
        Measurement.ofRun(DW, "vector", 2, List.of(50.0, 51.0), List.of(100.0, 100.0));
    Measurement scalarTwice =
        Measurement.ofRun(DW, "scalar", 2, List.of(5.0, 5.1), List.of(100.0, 100.0));
    String text =
        section(twice, run(FUSED, "vector", 80, 100), scalarTwice, run(FUSED, "scalar", 8, 100))
            .table("mobilenet_v1_1.0_224");
    assertThat(text)
        .contains("GFLOP/s scalar (1 to 2 forks) | GFLOP/s vector |")
        .containsPattern("\\| dw7 .* \\| +2 \\| +- \\| +- \\|")
        .containsPattern("\\| dw7\\+pw7 .* \\| +1 \\| +- \\| +- \\| +8.84 \\|");
  }

  @Test
  void theFastestMillisecondIsTheBestOfAllForksOverThePeaksBest() {
    Measurement m = Measurement.ofRun(DW, "vector", 2, List.of(50.0, 40.0), List.of(100.0, 100.0));
    assertThat(m.fastest()).isEmpty();
    assertThat(m.withFastest(List.of(), List.of()).fastest()).isEmpty();
    assertThat(m.lottery()).isEmpty();
    Measurement best =
        m.withFastest(
            List.of(List.of(60.0, 48.0), List.of(72.0, 10.0)),
            List.of(List.of(80.0, 96.0), List.of(90.0, 90.0)));
    assertThat(best.fastest()).contains(0.75);
    assertThat(best.forkFastest()).containsExactly(0.625, 0.8);
    assertThat(best.lottery()).contains(1.28);
    Measurement partly = m.withFastest(List.of(List.of(60.0), List.of()), List.of(List.of(80.0)));
    assertThat(partly.fastest()).contains(0.75);
    assertThat(partly.lottery()).isEmpty();
    assertThat(section(best).table("mobilenet_v1_1.0_224"))
        .containsPattern("\\| dw7 .* 45\\.0 \\| +11\\.1 % \\| +75\\.0 \\| +2 \\| +1\\.28 \\|");
  }

  @Test
  void creationTimesGetAColumnOfTheirOwn() {
    String text =
        section(
                run(DW, "vector", 50, 100),
                Measurement.ofCreation(DW, "scalar", 1, List.of(7.0)),
                Measurement.ofCreation(DW, "vector", 1, List.of(12.5)))
            .table("mobilenet_v1_1.0_224");
    assertThat(text).contains("| create us |").contains("|      12.5 |");
  }

  @Test
  void reportStatesMachineCollectorPeakAndProblems() {
    Report report =
        new Report(
            List.of("CPU: some"), List.of(section(run(DW, "vector", 50, 98))), List.of("a job"));
    assertThat(report.render())
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
    Section g1 = section(run(DW, "vector", 50, 100));
    Section none =
        new Section("ZGC", "vector", NO_FMA, List.of(), List.of(), List.of(), List.of(), 1);
    assertThat(new Report(List.of(), List.of(g1, none), List.of()).render())
        .contains("## G1\n")
        .contains("### mobilenet_v1_1.0_224\n")
        .contains("## ZGC\n")
        .contains("- FMA peak: not measured\n");
  }

  @Test
  void tilesHaveATableWithTheBestOfEachDepth() {
    List<Section.Tile> tiles =
        List.of(
            new Section.Tile("32", "6x2v", 0.5),
            new Section.Tile("32", "4x3v", 0.625),
            new Section.Tile("512", "6x2v", 0.9));
    Section section = new Section("G1", "", NO_FMA, List.of(), List.of(), tiles, List.of(), 1);
    assertThat(new Report(List.of(), List.of(section), List.of()).render())
        .contains("| 32    |           50.0 |           62.5 | 4x3v |")
        .contains("| 512   |           90.0 |              - | 6x2v |");
  }

  @Test
  void nothingMeasuredStillRenders() {
    Section empty =
        new Section("G1", "scalar", NO_FMA, List.of(), List.of(), List.of(), List.of(), 1);
    assertThat(new Report(List.of(), List.of(empty), List.of()).render())
        .contains("FMA peak: not measured");
  }
}
