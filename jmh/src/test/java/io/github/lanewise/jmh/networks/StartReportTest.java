package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lanewise.jmh.networks.Start.Figure;
import io.github.lanewise.jmh.report.RunInfo;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StartReportTest {
  private static final RunInfo INFO =
      new RunInfo(
          "2026-01-31T12:00:00Z",
          "1234567890",
          "2026-01-31T11:00:00Z",
          "subject",
          false,
          "CPU",
          "OS",
          "JDK",
          "",
          "default",
          1,
          "start",
          "vector",
          Map.of());

  private static Start start(double first, double steady, Map<Figure, Double> more) {
    Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    figures.put(Figure.FIRST, first);
    figures.put(Figure.TWICE, first + 100);
    figures.put(Figure.FULL, first + 200);
    figures.put(Figure.SLOW, 15.04);
    figures.put(Figure.STEADY, steady);
    figures.put(Figure.BEST, steady / 2 + 1);
    figures.putAll(more);
    return new Start("version", figures, false);
  }

  private static StartReport report() {
    Map<Figure, Double> warm = Map.of(Figure.WARM, 900.0, Figure.CPU, 3.456);
    Starts ours =
        new Starts(
            "net",
            Side.LANEWISE,
            Setup.ALL,
            List.of(
                start(600, 5, warm),
                start(500, 2, warm),
                start(700, 2.5, Map.of(Figure.CPU, 1.0))));
    Starts theirs =
        new Starts(
            "net", Side.ONNX_RUNTIME, Setup.ALL, List.of(start(300, 4, Map.of(Figure.CPU, 0.5))));
    Starts pinned = new Starts("net", Side.LANEWISE, Setup.ONE, List.of(start(650, 2, Map.of())));
    return new StartReport(List.of("a fact"), List.of(ours, theirs, pinned), List.of("a problem"));
  }

  private static List<String> row(String text, String title, String engine) {
    String section = text.substring(text.indexOf("\n## " + title + "\n"));
    String line = section.lines().filter(l -> l.contains(" " + engine + " ")).findFirst().get();
    return List.of(line.substring(2, line.length() - 2).trim().split("\\s*\\|\\s*"));
  }

  @Test
  void aRowHasMediansTheWorstAndTheLottery() {
    String text = report().markdown();
    assertThat(text).contains("- a fact\n").contains("- a problem\n");
    assertThat(row(text, "All CPUs", "Lanewise"))
        .containsExactly(
            "net",
            "Lanewise",
            "2.50 (5.00)",
            "2.25 (3.50)",
            "1.75",
            "600 (700)",
            "2.00",
            "700 (800)",
            "800 (900)",
            "3.46 (3.46)",
            "900 (never)",
            "15.0 (15.0)",
            "-");
    assertThat(row(text, "All CPUs", "ONNX Runtime"))
        .containsExactly(
            "net",
            "ONNX Runtime",
            "4.00",
            "3.00",
            "1.00",
            "300",
            "-",
            "400",
            "500",
            "0.50",
            "-",
            "15.0",
            "-");
    assertThat(row(text, "One CPU", "Lanewise"))
        .startsWith("net", "Lanewise", "2.00", "2.00", "1.00", "650", "-")
        .contains("never");
    assertThat(text).doesNotContain("AOT");
  }

  @Test
  void jsonHasEveryProcessAndLeavesOutWhatItDoesNotHave() {
    JsonNode json = report().json(INFO, 3);
    assertThat(json.path(RunInfo.KEY).path("commit").asText()).isEqualTo("1234567890");
    assertThat(json.path("jvms").asInt()).isEqualTo(3);
    assertThat(json.path("problems").path(0).asText()).isEqualTo("a problem");
    JsonNode ours = json.path("starts").path(0);
    assertThat(ours.path("setup").asText()).isEqualTo("All CPUs");
    assertThat(ours.path("jvms")).hasSize(3);
    assertThat(ours.path("jvms").path(2).has("warmMillis")).isFalse();
    assertThat(ours.path("median").path("warmMillis").asDouble()).isEqualTo(900);
    assertThat(ours.path("worst").has("warmMillis")).isFalse();
    assertThat(ours.path("worst").path("firstMillis").asDouble()).isEqualTo(700);
    assertThat(ours.path("lottery").asDouble()).isEqualTo(1.75);
    assertThat(ours.path("firstOverOnnxRuntime").asDouble()).isEqualTo(2);
    assertThat(json.path("starts").path(2).has("firstOverOnnxRuntime")).isFalse();
  }

  @Test
  void aMedianOfWhichHalfNeverCameIsNever() {
    Starts two =
        new Starts(
            "net",
            Side.LANEWISE,
            Setup.ALL,
            List.of(start(1, 1, Map.of(Figure.WARM, 900.0)), start(1, 1, Map.of())));
    assertThat(two.median(Figure.WARM)).isEmpty();
    assertThat(new StartReport(List.of(), List.of(two), List.of()).markdown()).contains(" never ");
  }
}
