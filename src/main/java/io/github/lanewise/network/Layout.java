package io.github.lanewise.network;

/**
 * The order of an image tensor's axes in the caller's array, slowest first. Inside a network every
 * image is {@link #NHWC}; an input or output of the other order costs one transposing copy a run.
 * Tensors that are not of four axes have one order only, which is called NHWC too.
 */
public enum Layout {
  /** {@code [batch][height][width][channels]}: TensorFlow's, and that of Lanewise's plans. */
  NHWC,
  /** {@code [batch][channels][height][width]}: PyTorch's and ONNX's. */
  NCHW
}
