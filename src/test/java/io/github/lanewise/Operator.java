package io.github.lanewise;

/** The four operators that {@link Convolutions} offers. */
enum Operator {
  DEPTHWISE,
  POINTWISE,
  STANDARD,
  SEPARABLE;

  /** Whether the shape that describes it has one group per input channel. */
  boolean isDepthwiseShape() {
    return this == DEPTHWISE || this == SEPARABLE;
  }
}
