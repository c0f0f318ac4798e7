package io.github.lanewise.jmh.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A table in Markdown, padded so that it also reads well as plain text. A column is a heading and
 * what it says of a row; numbers stand to the right.
 *
 * @param <R> what a row is about
 */
public final class Table<R> {
  /** The cell of what there is not. */
  public static final String NONE = "-";

  private record Column<R>(String heading, boolean number, Function<R, String> cell) {

    /** The heading, the rule below it and the cells, all of the same width. */
    List<String> lines(List<R> rows) {
      List<String> texts = Stream.concat(Stream.of(heading), rows.stream().map(cell)).toList();
      int width = texts.stream().mapToInt(String::length).max().orElseThrow();
      List<String> lines = new ArrayList<>();
      for (String text : texts) {
        String padding = " ".repeat(width - text.length());
        lines.add(number ? padding + text : text + padding);
      }
      lines.add(1, "-".repeat(width - 1) + (number ? ":" : "-"));
      return lines;
    }
  }

  private final List<Column<R>> columns = new ArrayList<>();

  /** Adds a column of text. */
  public Table<R> text(String heading, Function<R, String> cell) {
    columns.add(new Column<>(heading, false, cell));
    return this;
  }

  /** Adds a column of numbers that are text already. */
  public Table<R> number(String heading, Function<R, String> cell) {
    columns.add(new Column<>(heading, true, cell));
    return this;
  }

  /** Adds a column of numbers. */
  public Table<R> number(String heading, String format, Function<R, Optional<Double>> value) {
    return number(heading, row -> value.apply(row).map(x -> format(format, x)).orElse(NONE));
  }

  /** Numbers as text, the same in every country. */
  @SuppressWarnings("AnnotateFormatMethod") // its annotation is in a library of its own
  public static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** The table as lines, each ending with a line break. */
  public String render(List<R> rows) {
    List<List<String>> all = columns.stream().map(column -> column.lines(rows)).toList();
    return IntStream.range(0, rows.size() + 2)
        .mapToObj(
            i ->
                all.stream()
                    .map(column -> column.get(i))
                    .collect(Collectors.joining(" | ", "| ", " |\n")))
        .collect(Collectors.joining());
  }
}
