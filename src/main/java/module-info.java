/**
 * Depthwise separable convolution for the JVM: hand-vectorized depthwise, pointwise, fused
 * separable and standard convolution over {@code float[]} in NHWC order, with a scalar fallback.
 *
 * <p>The vector backend needs {@code jdk.incubator.vector}; run with {@code --add-modules
 * jdk.incubator.vector} or require it in the application's own module. Without it the scalar
 * backend serves.
 */
module io.github.lanewise {
  requires static java.desktop;
  requires static jdk.incubator.vector;
  requires jdk.management;

  exports io.github.lanewise;
  exports io.github.lanewise.image;
  exports io.github.lanewise.network;
  exports io.github.lanewise.onnx;
}
