package io.github.lanewise;

/** The order in which a framework stores the weights of a convolution, slowest index first. */
public enum WeightOrder {
  /**
   * TensorFlow's and Keras's {@code [kernelHeight][kernelWidth][inChannels / groups][outChannels]}.
   */
  HWIO,
  /**
   * TensorFlow's depthwise {@code [kernelHeight][kernelWidth][inChannels][multiplier]}, so that
   * output channel {@code c * multiplier + m} stands where HWIO of one input channel a group puts
   * it; only for depthwise shapes.
   */
  HWC,
  /**
   * PyTorch's and ONNX's {@code [outChannels][inChannels / groups][kernelHeight][kernelWidth]}; of
   * a depthwise shape the second size is 1.
   */
  OIHW;

  /** Where the weight of output channel {@code o}, input {@code i} of its group, tap y, x is. */
  int index(ConvShape s, int o, int i, int y, int x) {
    return this == OIHW
        ? ((o * s.inChannelsPerGroup() + i) * s.kernelHeight() + y) * s.kernelWidth() + x
        : ((y * s.kernelWidth() + x) * s.inChannelsPerGroup() + i) * s.outChannels() + o;
  }
}
