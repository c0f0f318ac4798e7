package io.github.lanewise.jmh.layers;

import java.util.Locale;

/** The operators, named as the methods of {@code LayerBenchmark}. */
public enum Operator {
  /** One filter a channel. */
  DEPTHWISE,
  /** A 1x1 convolution. */
  POINTWISE,
  /** A standard convolution; also the one that a separable block stands in for. */
  STANDARD,
  /** A depthwise and the pointwise convolution that reads it, fused. */
  SEPARABLE,
  /** Convolutions one after the other, each reading what the one before wrote. */
  CHAIN;

  /**
   * The operator of a name, as {@link #toString} gives it.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public static Operator named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** The operator of a layer list's {@code kind} column. */
  static Operator ofKind(String kind) {
    return switch (kind) {
      case "dw" -> DEPTHWISE;
      case "pw" -> POINTWISE;
      case "std" -> STANDARD;
      default -> throw new IllegalArgumentException("kind '" + kind + "' must be dw, pw or std");
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
