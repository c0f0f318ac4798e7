package io.github.lanewise.jmh.report;

import static io.github.lanewise.jmh.report.TestResults.V1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompareTest {
  @TempDir Path folder;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private Path base;

  @BeforeEach
  void base() throws IOException {
    base =
        new TestResults("aaaaaaaa11", 1)
            .peaks()
            .layer("depthwise", V1 + "dw7", "vector", steady(0.40))
            .layer("pointwise", V1 + "pw7", "vector", steady(0.90))
            .layer("pointwise", V1 + "pw7", "onednn-nhwc", steady(0.95))
            .write(folder.resolve("base.json"));
  }

  /** Three forks half a percent apart. */
  private static double[][] steady(double share) {
    return new double[][] {fork(share), fork(1.005 * share), fork(0.995 * share)};
  }

  private static double[] fork(double share) {
    return new double[] {share, share * 1.01, share * 0.99};
  }

  private static double[][] forks(double... shares) {
    return Arrays.stream(shares).mapToObj(CompareTest::fork).toArray(double[][]::new);
  }

  private int compare(TestResults results, String... more) throws IOException {
    Path fresh = results.write(folder.resolve("fresh.json"));
    CommandLine line =
        new CommandLine(new Compare(new PrintStream(printed, true, StandardCharsets.UTF_8)));
    String[] arguments = new String[more.length + 2];
    arguments[0] = base.toString();
    arguments[1] = fresh.toString();
    System.arraycopy(more, 0, arguments, 2, more.length);
    return line.execute(arguments);
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  private static TestResults fresh(double[][] depthwise, double[][] pointwise) {
    return new TestResults("bbbbbbbb22", 2)
        .layer("depthwise", V1 + "dw7", "vector", depthwise)
        .layer("pointwise", V1 + "pw7", "vector", pointwise);
  }

  @Test
  void aSlowdownPastThresholdAndNoiseIsShownAloneAndFails() throws IOException {
    assertThat(compare(fresh(steady(0.34), steady(0.91)))).isEqualTo(1);
    assertThat(text().lines())
        .containsExactly(
            "aaaaaaaa -> bbbbbbbb, G1: of 2 figures 1 slower, 0 faster by more than 8 % and the"
                + " noise.",
            "",
            "| layer                    | operator  | backend | % of peak |  was |  change | noise"
                + " |",
            "| ------------------------ | --------- | ------- | --------: | ---: | ------: | ----:"
                + " |",
            "| mobilenet_v1_1.0_224/dw7 | depthwise | vector  |      34.0 | 40.0 | -15.0 % | 1.1 %"
                + " |");
  }

  @Test
  void aSpeedupIsShownAndPasses() throws IOException {
    assertThat(compare(fresh(steady(0.60), steady(0.90)))).isZero();
    assertThat(text()).contains("0 slower, 1 faster").contains("+50.0 %");
  }

  @Test
  void whatTheNoiseExplainsIsNotToldNorWhatIsBelowTheThreshold() throws IOException {
    assertThat(compare(fresh(forks(0.28, 0.34, 0.37), steady(0.85)))).isZero();
    assertThat(text()).contains("0 slower, 0 faster").doesNotContain("|");
  }

  @Test
  void noiseShrinksWithForksNotWithTheirIterations() throws IOException {
    double[][] wild = forks(0.30, 0.33, 0.36);
    assertThat(compare(fresh(wild, steady(0.9)))).isZero();
    double[][] longer = new double[wild.length][];
    Arrays.setAll(longer, f -> DoubleStream.generate(() -> wild[f][0]).limit(100).toArray());
    assertThat(compare(fresh(longer, steady(0.9)))).isZero();
    double[][] more = new double[4 * wild.length][];
    Arrays.setAll(more, f -> wild[f % wild.length]);
    assertThat(compare(fresh(more, steady(0.9)))).isEqualTo(1);
  }

  @Test
  void fewerThanThreeForksGetNoVerdict() throws IOException {
    assertThat(compare(fresh(forks(0.20, 0.20), steady(0.9)))).isZero();
    assertThat(text())
        .contains("of 2 figures 0 slower, 0 faster")
        .contains("No verdict on 1 of them: a run has fewer than 3 forks of it.");
    assertThat(compare(fresh(forks(0.20), forks(0.9)))).isEqualTo(2);
  }

  @Test
  void aBusyMachineInHalfOfTheIterationsIsNoSlowdown() throws IOException {
    double[] disturbed = {0.34, 0.341, 0.342, 0.398, 0.40};
    double[][] forks = {disturbed, disturbed, disturbed};
    assertThat(compare(fresh(forks, steady(0.9)), "--threshold", "2")).isZero();
  }

  @Test
  void theFastestMillisecondsDecideWhereBothRunsHaveThem() throws IOException {
    base =
        new TestResults("aaaaaaaa11", 1)
            .layer("depthwise", V1 + "dw7", steady(0.40), 0.600, 0.606, 0.594)
            .layer("pointwise", V1 + "pw7", steady(0.90), 0.950, 0.951, 0.949)
            .write(folder.resolve("base.json"));
    TestResults busy =
        new TestResults("bbbbbbbb22", 2)
            .layer("depthwise", V1 + "dw7", steady(0.30), 0.600, 0.50, 0.606)
            .layer("pointwise", V1 + "pw7", steady(0.90), 0.84, 0.85, 0.86);
    assertThat(compare(busy)).isEqualTo(1);
    assertThat(text())
        .contains("of 2 figures 1 slower, 0 faster")
        .containsPattern("pw7 .* 85\\.0 \\| 95\\.0 \\| +-9\\.6 % \\|")
        .doesNotContain("/dw7");
    assertThat(compare(fresh(steady(0.30), steady(0.90)))).isEqualTo(1); // as there are none
    assertThat(text()).containsPattern("/dw7 .* 30\\.0 \\| 40\\.0 \\| -25\\.0 % \\|");
  }

  @Test
  void turnsPoolTheirFastestMilliseconds() throws IOException {
    Path turns = Files.createDirectories(folder.resolve("turns"));
    for (int turn = 1; turn <= 3; turn++) {
      new TestResults("bbbbbbbb22", 2)
          .layer("depthwise", V1 + "dw7", forks(0.3), 0.5 + 0.01 * turn)
          .write(turns.resolve(turn + ".json"));
    }
    Figure pooled = Run.pooled(turns).getFirst().figures().getFirst();
    assertThat(pooled.forkFastest()).hasSize(3);
    assertThat(pooled.bestShare().orElseThrow()).isEqualTo(0.53, within(1e-9));
    fresh(forks(0.3), forks(0.9)).write(turns.resolve("4.json"));
    pooled = Run.pooled(turns).getFirst().figures().getFirst();
    assertThat(pooled.forkShares()).hasSize(4);
    assertThat(pooled.forkFastest()).isEmpty();
    assertThat(pooled.bestShare()).isEmpty();
  }

  @Test
  void theThresholdIsTheUsers() throws IOException {
    assertThat(compare(fresh(steady(0.40), steady(0.85)), "--threshold", "2.5")).isEqualTo(1);
    assertThat(text()).contains("by more than 2.5 %").contains("-5.6 %");
    assertThat(compare(fresh(steady(0.34), steady(0.87)), "--threshold", "20")).isZero();
    assertThat(compare(fresh(steady(0.34), steady(0.87)), "--threshold", "-1")).isEqualTo(3);
    assertThat(compare(fresh(steady(0.34), steady(0.87)), "--nonsense")).isEqualTo(3);
  }

  @Test
  void otherEnginesAreNotOursToGate() throws IOException {
    TestResults results =
        fresh(steady(0.40), steady(0.90))
            .layer("pointwise", V1 + "pw7", "onednn-nhwc", steady(0.50));
    assertThat(compare(results)).isZero();
  }

  @Test
  void runsOfAFolderCountTogether() throws IOException {
    Path turns = Files.createDirectories(folder.resolve("turns/1")).getParent();
    for (int turn = 1; turn <= 4; turn++) {
      Path file = Files.createDirectories(turns.resolve("" + turn)).resolve("results.json");
      fresh(forks(0.33), forks(0.9)).write(file);
    }
    assertThat(Run.pooled(turns)).hasSize(1);
    assertThat(Run.pooled(turns).getFirst().figures())
        .hasSize(2)
        .allMatch(figure -> figure.forkShares().size() == 4)
        .allMatch(figure -> figure.all().size() == 12);
    CommandLine line =
        new CommandLine(new Compare(new PrintStream(printed, true, StandardCharsets.UTF_8)));
    assertThat(line.execute(base.toString(), turns.toString())).isEqualTo(1);
  }

  @Test
  void anotherMachineIsSaid() throws IOException {
    base =
        new TestResults("aaaaaaaa11", 1)
            .layer("depthwise", V1 + "dw7", "vector", steady(0.4))
            .without()
            .write(folder.resolve("base.json"));
    assertThat(compare(fresh(steady(0.40), steady(0.90)))).isZero();
    assertThat(text()).contains("The runs differ in more than the commit: unknown CPU");
  }

  @Test
  void whatCannotBeComparedIsNeitherGoodNorBad() throws IOException {
    assertThat(compare(new TestResults("c", 3).peaks())).isEqualTo(2);
    base = folder.resolve("absent.json");
    assertThat(compare(fresh(steady(0.4), steady(0.9)))).isEqualTo(3);
    Path text = Files.writeString(folder.resolve("text.json"), "no JSON");
    assertThatThrownBy(() -> Run.read(text)).hasMessageContaining("text.json is not JSON");
    Path object = Files.writeString(folder.resolve("object.json"), "{}");
    assertThatThrownBy(() -> Run.read(object)).hasMessageContaining("array of results");
  }
}
