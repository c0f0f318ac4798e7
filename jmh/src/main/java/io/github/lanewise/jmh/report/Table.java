package io.github.lanewise.jmh.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table in Markdown, padded so that it also reads well as plain text. */
public final class Table {
  private final List<Column> columns;
  private final List<List<String>> rows = new ArrayList<>();

  /** A column's heading, and whether its cells are numbers, which stand to the right. */
  public record Column(String heading, boolean number) {
    /**
     * A column of text.
     *
     * @param heading its heading
     * @return the column
     */
    public static Column text(String heading) {
      return new Column(heading, false);
    }

    /**
     * A column of numbers.
     *
     * @param heading its heading
     * @return the column
     */
    public static Column number(String heading) {
      return new Column(heading, true);
    }
  }

  /**
   * An empty table.
   *
   * @param columns its columns
   */
  public Table(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /**
   * A table whose first column is text and whose others are numbers.
   *
   * @param head the headings
   * @param rows a cell for each heading
   * @return Markdown
   */
  public static String markdown(List<String> head, List<List<String>> rows) {
    List<Column> columns = new ArrayList<>(head.stream().map(Column::number).toList());
    columns.set(0, Column.text(head.getFirst()));
    Table table = new Table(columns);
    rows.forEach(table::add);
    return table.render();
  }

  /**
   * Adds a row.
   *
   * @param cells as many as columns
   */
  public void add(List<String> cells) {
    if (cells.size() != columns.size()) {
      throw new IllegalArgumentException(cells.size() + " cells in " + columns.size() + " columns");
    }
    rows.add(List.copyOf(cells));
  }

  /**
   * The table as text.
   *
   * @return lines, each ending with a line break
   */
  public String render() {
    int[] widths =
        IntStream.range(0, columns.size())
            .map(
                c ->
                    rows.stream()
                        .mapToInt(row -> row.get(c).length())
                        .reduce(columns.get(c).heading().length(), Math::max))
            .toArray();
    StringBuilder text = new StringBuilder();
    line(text, columns.stream().map(Column::heading).toList(), widths);
    line(
        text,
        IntStream.range(0, widths.length)
            .mapToObj(
                c ->
                    columns.get(c).number()
                        ? "-".repeat(widths[c] - 1) + ":"
                        : "-".repeat(widths[c]))
            .toList(),
        widths);
    rows.forEach(row -> line(text, row, widths));
    return text.toString();
  }

  private void line(StringBuilder text, List<String> cells, int[] widths) {
    text.append(
        IntStream.range(0, widths.length)
            .mapToObj(
                c -> {
                  String padding = " ".repeat(widths[c] - cells.get(c).length());
                  return columns.get(c).number() ? padding + cells.get(c) : cells.get(c) + padding;
                })
            .collect(Collectors.joining(" | ", "| ", " |\n")));
  }
}
