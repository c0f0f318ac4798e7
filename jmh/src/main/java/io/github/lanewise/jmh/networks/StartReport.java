package io.github.lanewise.jmh.networks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lanewise.jmh.networks.Start.Figure;
import io.github.lanewise.jmh.report.Report;
import io.github.lanewise.jmh.report.Run;
import io.github.lanewise.jmh.report.RunInfo;
import io.github.lanewise.jmh.report.Table;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What came of starting processes, as a table and as JSON.
 *
 * @param facts about the machine and the run, a line each
 * @param starts the figures
 * @param problems what is not there or not to be trusted, a line each
 */
record StartReport(List<String> facts, List<Starts> starts, List<String> problems) {
  private static final String NEVER = "never";
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String NOTES =
      """
      Each figure is the median over JVMs and, in brackets, the worst of them. Moments are
      milliseconds after the start of the process; starting the JVM and reading the file count.
      within 2x: the end of the first run that takes less than twice the steady time; full speed:
      the end of the first three in a row that take less than 1.15 of it; CPU s: of all threads of
      the process until then; isWarm(): when Backend.isWarm() is true for the first time; slow run:
      the median of the runs before the first within 2x, over the steady time (of the first run, if
      that is within 2x itself); steady: the median of the runs in the last quarter of the time. It
      is the process's own: one that stays slow reaches its full speed early, which shows in the
      lottery. best: the fastest run of turns that an engine's processes took once all had been
      watched; lottery: the worst of them over the best. resident: the most memory that the process ever
      held; x ORT: our first result over ONNX Runtime's. "never": not while it was watched; "-":
      there is none, or the operating system does not tell it.
      """;

  StartReport {
    facts = List.copyOf(facts);
    starts = List.copyOf(starts);
    problems = List.copyOf(problems);
  }

  /** Markdown, padded so that it reads well on a terminal. */
  String markdown() {
    StringBuilder text = new StringBuilder("# Start of a process\n\n" + Report.lines(facts));
    for (Setup setup : Setup.values()) {
      List<Starts> own = starts.stream().filter(each -> each.setup() == setup).toList();
      if (!own.isEmpty()) {
        text.append("\n## ").append(setup.title).append("\n\n").append(table(own));
      }
    }
    if (!problems.isEmpty()) {
      text.append('\n').append(Report.lines(problems));
    }
    return text.append('\n').append(NOTES).append('\n').toString();
  }

  private String table(List<Starts> own) {
    Table<Starts> table =
        new Table<Starts>()
            .text("network", Starts::network)
            .text("engine", starts -> starts.engine().title);
    for (Figure figure : Figure.values()) {
      table.number(figure.heading, starts -> cell(starts, figure));
      switch (figure) {
        case FIRST -> table.number("x ORT", "%.2f", this::firstRatio);
        case BEST -> table.number("lottery", "%.2f", each -> Optional.of(each.lottery()));
        default -> {}
      }
    }
    return table.render(own);
  }

  private static String cell(Starts starts, Figure figure) {
    String absent = absent(starts.engine(), figure);
    Function<Optional<Double>, String> text =
        value -> value.map(x -> Table.format(figure.format, x)).orElse(absent);
    Optional<Double> median = starts.median(figure);
    return median.isEmpty() || starts.jvms().size() == 1
        ? text.apply(median)
        : text.apply(median) + " (" + text.apply(starts.worst(figure)) + ")";
  }

  private static String absent(Side engine, Figure figure) {
    return switch (figure) {
      case TWICE, FULL -> NEVER;
      case WARM -> engine == Side.LANEWISE ? NEVER : Table.NONE;
      default -> Table.NONE;
    };
  }

  /** Our first result over that of the other engine with the same setup. */
  private Optional<Double> firstRatio(Starts ours) {
    return starts.stream()
        .filter(other -> ours.engine() == Side.LANEWISE && other.engine() == Side.ONNX_RUNTIME)
        .filter(other -> other.network().equals(ours.network()) && other.setup() == ours.setup())
        .flatMap(other -> other.median(Figure.FIRST).stream())
        .findFirst()
        .flatMap(theirs -> ours.median(Figure.FIRST).map(first -> first / theirs));
  }

  /** JSON: every process, medians and worst; a figure that a process does not have is absent. */
  JsonNode json(RunInfo info, int jvms) {
    ObjectNode json = JSON.createObjectNode();
    json.set(RunInfo.KEY, JSON.valueToTree(info));
    json.put("jvms", jvms);
    ArrayNode all = json.putArray(Run.STARTS);
    for (Starts each : starts) {
      ObjectNode node = JSON.valueToTree(each);
      firstRatio(each).ifPresent(ratio -> node.put("firstOverOnnxRuntime", ratio));
      all.add(node);
    }
    json.set("problems", JSON.valueToTree(problems));
    return json;
  }
}
