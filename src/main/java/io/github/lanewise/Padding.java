package io.github.lanewise;

import io.github.lanewise.ConvShape.Axis;
import java.util.Locale;

/**
 * How the input is extended with zeros on its four sides.
 *
 * <p>{@link #SAME} follows TensorFlow's rule: the output has {@code ceil(in / stride)} rows, and of
 * the zeros needed the smaller half goes to the top and left, the larger to the bottom and right.
 * PyTorch and ONNX state the four sides instead: {@link #explicit}.
 *
 * @param kind which rule
 * @param top rows of zeros above the image, 0 or more; only for {@link Kind#EXPLICIT}, else 0
 * @param left columns of zeros to its left
 * @param bottom rows of zeros below it
 * @param right columns of zeros to its right
 */
public record Padding(Kind kind, int top, int left, int bottom, int right) {

  /** The padding rules. */
  public enum Kind {
    /** No padding. */
    VALID,
    /** TensorFlow's SAME. */
    SAME,
    /** Four stated sides. */
    EXPLICIT
  }

  /** No padding: every tap lies inside the image. */
  public static final Padding VALID = new Padding(Kind.VALID, 0, 0, 0, 0);

  /** TensorFlow's SAME: the output has {@code ceil(in / stride)} rows and columns. */
  public static final Padding SAME = new Padding(Kind.SAME, 0, 0, 0, 0);

  /** Checks the sides. */
  public Padding {
    Checks.notNull("padding kind", kind);
    Checks.atLeast("padding top", top, 0);
    Checks.atLeast("padding left", left, 0);
    Checks.atLeast("padding bottom", bottom, 0);
    Checks.atLeast("padding right", right, 0);
    if (kind != Kind.EXPLICIT && (top | left | bottom | right) != 0) {
      throw new IllegalArgumentException(
          "padding "
              + kind
              + " takes no sides: use Padding.explicit(top, left, bottom, right) to state them");
    }
  }

  /**
   * Padding with its four sides stated.
   *
   * @param top rows of zeros above the image, 0 or more
   * @param left columns of zeros to its left
   * @param bottom rows of zeros below it
   * @param right columns of zeros to its right
   * @return the padding
   */
  public static Padding explicit(int top, int left, int bottom, int right) {
    return new Padding(Kind.EXPLICIT, top, left, bottom, right);
  }

  /**
   * The same number of zeros on all four sides, as PyTorch's {@code padding=p}.
   *
   * @param all rows and columns of zeros on each side, 0 or more
   * @return the padding
   */
  public static Padding explicit(int all) {
    return explicit(all, all, all, all);
  }

  /** Zeros before an input of length {@code in}: above it, or to its left. */
  long before(boolean vertical, int in, int kernel, int stride, int dilation) {
    return switch (kind) {
      case VALID -> 0;
      case SAME -> same(in, kernel, stride, dilation) / 2;
      case EXPLICIT -> vertical ? top : left;
    };
  }

  /** Zeros behind it. */
  long after(boolean vertical, int in, int kernel, int stride, int dilation) {
    return switch (kind) {
      case VALID -> 0;
      case SAME -> (same(in, kernel, stride, dilation) + 1) / 2;
      case EXPLICIT -> vertical ? bottom : right;
    };
  }

  private static long same(int in, int kernel, int stride, int dilation) {
    int out = Math.ceilDiv(in, stride);
    return Math.max(0, Axis.span(out, stride, Axis.reach(kernel, dilation)) - in);
  }

  /**
   * Reads what {@link #toString} writes: {@code SAME}, {@code VALID}, or {@code 1,0,1,2} for top,
   * left, bottom, right.
   *
   * @param text the text
   * @return the padding
   * @throws IllegalArgumentException if it is none of these
   */
  public static Padding parse(String text) {
    Checks.notNull("padding", text);
    return switch (text.toUpperCase(Locale.ROOT)) {
      case "SAME" -> SAME;
      case "VALID" -> VALID;
      default -> parseSides(text);
    };
  }

  private static Padding parseSides(String text) {
    String[] sides = text.split(",", -1);
    if (sides.length != 4) {
      throw new IllegalArgumentException(
          "padding '" + text + "' must be SAME, VALID or four sides as top,left,bottom,right");
    }
    return explicit(
        Checks.parseInt("padding top", sides[0]),
        Checks.parseInt("padding left", sides[1]),
        Checks.parseInt("padding bottom", sides[2]),
        Checks.parseInt("padding right", sides[3]));
  }

  @Override
  public String toString() {
    return kind == Kind.EXPLICIT ? top + "," + left + "," + bottom + "," + right : kind.toString();
  }
}
