package io.github.lanewise;

/** Whether and where a plan adds a tensor of the output's shape to its result. */
public enum Residual {
  /** Nothing is added. */
  NONE,

  /**
   * {@code dst = activation(conv(src)) + residual}, as the inverted residual blocks of MobileNetV2
   * (Sandler et al. 2018, arXiv:1801.04381).
   */
  AFTER_ACTIVATION,

  /**
   * {@code dst = activation(conv(src) + residual)}, as ResNet (He et al. 2016, arXiv:1512.03385)
   * and BlazeFace.
   */
  BEFORE_ACTIVATION
}
