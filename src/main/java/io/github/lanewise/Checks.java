package io.github.lanewise;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;

/** Argument checks whose messages name the argument, its value and the rule. */
final class Checks {

  private Checks() {}

  static <T> T notNull(String name, T value) {
    if (value == null) {
      throw new NullPointerException(name + " is null");
    }
    return value;
  }

  static int atLeast(String name, int value, int min) {
    if (value < min) {
      throw new IllegalArgumentException(name + " = " + value + " must be " + min + " or more");
    }
    return value;
  }

  static void length(String name, float[] array, long length, String rule) {
    notNull(name, array);
    if (array.length != length) {
      throw new IllegalArgumentException(
          name + ".length = " + array.length + " must be " + length + " (" + rule + ")");
    }
  }

  /** As the other, by a rule about a shape, whose text takes longer than the check. */
  static void length(String name, float[] array, long length, String rule, ConvShape of) {
    if (array == null || array.length != length) {
      length(name, array, length, rule + " of " + of);
    }
  }

  /** That it names each of {@code [0, length)} once. */
  static void permutation(String name, int[] array, int length) {
    notNull(name, array);
    boolean[] has = new boolean[length];
    boolean isOne = array.length == length;
    for (int i = 0; isOne && i < length; i++) {
      isOne = array[i] >= 0 && array[i] < length && !has[array[i]];
      has[isOne ? array[i] : 0] = true;
    }
    if (!isOne) {
      throw new IllegalArgumentException(
          "%s = %s must name each of 0 to %d once"
              .formatted(name, Arrays.toString(array), length - 1));
    }
  }

  /** That {@code [offset, offset + length)} lies in the array. */
  static void range(String name, float[] array, int offset, int length) {
    notNull(name, array);
    if (offset < 0 || length > array.length - offset) {
      throw new IndexOutOfBoundsException(
          name
              + "Offset = "
              + offset
              + " must leave room for "
              + length
              + " floats in "
              + name
              + " of length "
              + array.length);
    }
  }

  /** That a range of an array that is read does not overlap the one of {@code dst}. */
  @SuppressWarnings("ReferenceEquality") // the same array is the question
  static void disjoint(
      String name,
      float[] array,
      int offset,
      int length,
      String dstName,
      float[] dst,
      int dstOff,
      int dstLength) {
    if (array == dst && offset < (long) dstOff + dstLength && dstOff < (long) offset + length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s [%d, %d) and %s [%d, %d) must not overlap in the same array",
              name,
              offset,
              (long) offset + length,
              dstName,
              dstOff,
              (long) dstOff + dstLength));
    }
  }

  /** That every output channel reads one input channel. */
  static void depthwise(String name, ConvShape shape) {
    if (!shape.isDepthwise()) {
      throw new IllegalArgumentException(
          name
              + " groups = "
              + shape.groups()
              + " must equal inChannels = "
              + shape.inChannels()
              + " for a depthwise convolution");
    }
  }

  /** That a tensor's number of elements is an array's: at most {@link Integer#MAX_VALUE}. */
  static int elements(String name, int... sizes) {
    long product = 1;
    for (int i = 0; i < sizes.length; i++) {
      product *= sizes[i]; // no overflow: both factors are at most 2^31
      if (product > Integer.MAX_VALUE) {
        String text =
            IntStream.of(sizes).limit(i + 1).mapToObj(String::valueOf).collect(joining(" x "));
        throw new IllegalArgumentException(
            name + " sizes " + text + " ... exceed 2^31 - 1 elements, the limit of a Java array");
      }
    }
    return (int) product;
  }

  static int parseInt(String name, String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          name + " '" + text + "' must be a whole number of at most 2147483647", e);
    }
  }
}
