package io.github.lanewise.jmh.networks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lanewise.jmh.history.RunInfo;
import io.github.lanewise.jmh.history.StartRun;
import io.github.lanewise.jmh.report.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What came of starting processes, as a table and as JSON.
 *
 * @param facts about the machine and the run, a line each
 * @param starts the figures
 * @param problems what is not there or not to be trusted, a line each
 */
record StartReport(List<String> facts, List<Starts> starts, List<String> problems) {
  private static final String NONE = "-";
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
      lottery, the worst steady time over the best. resident: the most memory that the process ever
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
    StringBuilder text = new StringBuilder("# Start of a process\n\n");
    facts.forEach(fact -> text.append("- ").append(fact).append('\n'));
    for (Setup setup : Setup.values()) {
      List<Starts> own = starts.stream().filter(each -> each.setup() == setup).toList();
      if (!own.isEmpty()) {
        text.append("\n## ").append(setup.title()).append("\n\n").append(table(own));
      }
    }
    if (!problems.isEmpty()) {
      text.append('\n');
      problems.forEach(problem -> text.append("- ").append(problem).append('\n'));
    }
    return text.append('\n').append(NOTES).append('\n').toString();
  }

  private String table(List<Starts> own) {
    List<Table.Column> columns = new ArrayList<>();
    columns.add(Table.Column.text("network"));
    columns.add(Table.Column.text("engine"));
    for (Start.Figure figure : Start.Figure.values()) {
      columns.add(Table.Column.number(figure.heading()));
      switch (figure) {
        case FIRST -> columns.add(Table.Column.number("x ORT"));
        case STEADY -> columns.add(Table.Column.number("lottery"));
        default -> {}
      }
    }
    Table table = new Table(columns);
    for (Starts each : own) {
      List<String> cells = new ArrayList<>(List.of(each.network(), each.engine().title()));
      for (Start.Figure figure : Start.Figure.values()) {
        cells.add(cell(each, figure));
        switch (figure) {
          case FIRST -> cells.add(firstRatio(each).map(x -> text("%.2f", x)).orElse(NONE));
          case STEADY -> cells.add(text("%.2f", each.lottery()));
          default -> {}
        }
      }
      table.add(cells);
    }
    return table.render();
  }

  private static String cell(Starts starts, Start.Figure figure) {
    Optional<Double> median = starts.median(figure);
    Optional<Double> worst = starts.worst(figure);
    String absent = absent(starts.engine(), figure);
    if (median.isEmpty()) {
      return absent;
    }
    String text = text(figure.format(), median.get());
    return starts.jvms().size() == 1
        ? text
        : text + " (" + worst.map(x -> text(figure.format(), x)).orElse(absent) + ")";
  }

  private static String absent(Side engine, Start.Figure figure) {
    return switch (figure) {
      case TWICE, FULL -> NEVER;
      case WARM -> engine == Side.LANEWISE ? NEVER : NONE;
      default -> NONE;
    };
  }

  /** Our first result over that of the other engine with the same setup. */
  private Optional<Double> firstRatio(Starts ours) {
    return starts.stream()
        .filter(other -> ours.engine() == Side.LANEWISE && other.engine() == Side.ONNX_RUNTIME)
        .filter(other -> other.network().equals(ours.network()) && other.setup() == ours.setup())
        .flatMap(other -> other.median(Start.Figure.FIRST).stream())
        .findFirst()
        .flatMap(theirs -> ours.median(Start.Figure.FIRST).map(first -> first / theirs));
  }

  private static String text(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }

  /** JSON: every process, medians and worst; a figure that a process does not have is absent. */
  ObjectNode json(RunInfo info, int jvms) {
    ObjectNode root = JSON.createObjectNode();
    root.set(RunInfo.KEY, JSON.valueToTree(info));
    root.put("jvms", jvms);
    ArrayNode all = root.putArray(StartRun.KEY);
    for (Starts each : starts) {
      ObjectNode node = all.addObject();
      node.put("network", each.network());
      node.put("engine", each.engine().title());
      node.put("setup", each.setup().title());
      ArrayNode processes = node.putArray("jvms");
      for (Start jvm : each.jvms()) {
        ObjectNode figures = processes.addObject();
        for (Start.Figure figure : Start.Figure.values()) {
          jvm.get(figure).ifPresent(value -> figures.put(figure.key(), value));
        }
      }
      ObjectNode medians = node.putObject("median");
      ObjectNode worst = node.putObject("worst");
      for (Start.Figure figure : Start.Figure.values()) {
        each.median(figure).ifPresent(value -> medians.put(figure.key(), value));
        each.worst(figure).ifPresent(value -> worst.put(figure.key(), value));
      }
      node.put("lottery", each.lottery());
      firstRatio(each).ifPresent(ratio -> node.put("firstOverOnnxRuntime", ratio));
    }
    ArrayNode lines = root.putArray("problems");
    problems.forEach(lines::add);
    return root;
  }
}
