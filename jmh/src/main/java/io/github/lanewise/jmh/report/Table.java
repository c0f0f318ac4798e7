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
    String padded(String text, int width) {
      String padding = " ".repeat(width - text.length());
      return number ? padding + text : text + padding;
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
    List<List<String>> cells =
        rows.stream().map(row -> columns.stream().map(c -> c.cell.apply(row)).toList()).toList();
    int[] widths =
        IntStream.range(0, columns.size())
            .map(
                c ->
                    Stream.concat(
                            Stream.of(columns.get(c).heading), cells.stream().map(r -> r.get(c)))
                        .mapToInt(String::length)
                        .max()
                        .orElseThrow())
            .toArray();
    StringBuilder text = new StringBuilder();
    line(text, widths, c -> columns.get(c).padded(columns.get(c).heading, widths[c]));
    line(text, widths, c -> "-".repeat(widths[c] - 1) + (columns.get(c).number ? ":" : "-"));
    cells.forEach(r -> line(text, widths, c -> columns.get(c).padded(r.get(c), widths[c])));
    return text.toString();
  }

  private static void line(StringBuilder text, int[] widths, Function<Integer, String> cell) {
    text.append(
        IntStream.range(0, widths.length)
            .mapToObj(cell::apply)
            .collect(Collectors.joining(" | ", "| ", " |\n")));
  }
}
