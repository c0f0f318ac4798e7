package io.github.lanewise.onnx;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Everything that stands in the way of reading a file, told at once: who finds one reason after the
 * other thinks each time that it was the last.
 */
final class Problems {
  private static final int MAX_TEXT = 1_500;
  private static final int MAX_REASON = 300;

  /** The same reason at one or more places of the file. */
  private static final class Reason {
    final String text;
    final String first;
    int count;

    Reason(String text, String first) {
      this.text = text;
      this.first = first;
    }
  }

  private final Map<String, Reason> reasons = new LinkedHashMap<>();
  private String hint = "";
  private Exception cause;
  private int skipped;

  boolean isEmpty() {
    return reasons.isEmpty();
  }

  /**
   * One more.
   *
   * @param kind of place: an operator, tensors or inputs
   * @param place where it is, or nothing where the message says so
   */
  void add(String kind, String place, Exception e) {
    cause = cause == null ? e : cause;
    String text = Attributes.said(e);
    // the sizes and names of one node do not make another reason
    String key = kind + text.replaceAll("'[^']*'|[0-9]+", "#");
    reasons.computeIfAbsent(key, _ -> new Reason(text, place)).count++;
  }

  /** A node that reads what could not be made, and so was not looked at. */
  void skip() {
    skipped++;
  }

  /** What may be behind them: the first is told, if there are problems. */
  void hint(String text) {
    hint = hint.isEmpty() ? "; " + text : hint;
  }

  OnnxException exception() {
    StringBuilder text = new StringBuilder();
    if (reasons.size() > 1) {
      text.append("the file cannot be read for %d reasons: ".formatted(reasons.size()));
    }
    int told = 0;
    for (Reason reason : reasons.values()) {
      if (text.length() > MAX_TEXT) {
        text.append("; and %d reasons more".formatted(reasons.size() - told));
        break;
      }
      text.append(told++ == 0 ? "" : "; ");
      if (reasons.size() > 1) {
        text.append("(%d) ".formatted(told));
      }
      if (reason.count > 1) {
        text.append("%d times, first ".formatted(reason.count));
      }
      text.append(reason.first).append(reason.first.isEmpty() ? "" : ": ");
      text.append(
          reasons.size() == 1 ? reason.text : Attributes.shortened(reason.text, MAX_REASON));
    }
    if (skipped > 0) {
      text.append("; nodes that need the results, and were not looked at: %d".formatted(skipped));
    }
    return new OnnxException(text + hint, cause);
  }
}
