package io.github.lanewise.image;

/**
 * How a resized pixel comes from those of the image. Pixels are squares, and the centre of the
 * first one is at one half (half-pixel centres): the centre of output pixel {@code i} of {@code
 * out} is at {@code (i + 0.5) * in / out} of the image. What lies outside of the image has no
 * weight. Positions are exact, sums are float32, and results are not rounded to 8 bits.
 */
public enum Interpolation {
  /**
   * The pixel that the centre lies in; on a border the one to the right or below. As Pillow's
   * NEAREST, OpenCV's INTER_NEAREST_EXACT and PyTorch's {@code nearest-exact}, whose rounding may
   * choose the other one on a border.
   */
  NEAREST,
  /**
   * Of the two nearest pixels on each axis, weighted by nearness; a photo that shrinks to less than
   * half shows gaps. As OpenCV's INTER_LINEAR, PyTorch's {@code bilinear} with {@code
   * align_corners=False}, ONNX's {@code linear} with {@code half_pixel}, TensorFlow 2's {@code
   * bilinear}.
   */
  BILINEAR,
  /**
   * As {@link #BILINEAR}, but where the image shrinks, of all pixels nearer than one pixel of the
   * output. As Pillow's BILINEAR, and so torchvision's for Pillow's images; as PyTorch's {@code
   * bilinear} with {@code antialias}; as ONNX's {@code linear} with {@code antialias} and {@code
   * exclude_outside}.
   */
  ANTIALIASED,
  /**
   * The mean over the area that the output pixel covers. As OpenCV's INTER_AREA where both axes
   * shrink or both grow.
   */
  AREA
}
