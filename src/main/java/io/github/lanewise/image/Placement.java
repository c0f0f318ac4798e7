package io.github.lanewise.image;

/**
 * Where an image lies in a network's input, to bring boxes and points back. Both are measured in
 * pixels from the upper left corner of the first one, whose centre is (0.5, 0.5). Results are not
 * bounded to the image. Immutable.
 */
public final class Placement {
  private final double left;
  private final double top;
  private final double width;
  private final double height;

  /** Of output pixel 0 in the image, and the image's pixels for one of the output. */
  Placement(double left, double top, double width, double height) {
    this.left = left;
    this.top = top;
    this.width = width;
    this.height = height;
  }

  /**
   * From the input to the image.
   *
   * @param x of a point in the network's input
   * @return x in the image; if that is cropped, in all of it
   */
  public double imageX(double x) {
    return left + x * width;
  }

  /**
   * From the input to the image.
   *
   * @param y of a point in the network's input
   * @return y in the image; if that is cropped, in all of it
   */
  public double imageY(double y) {
    return top + y * height;
  }

  /**
   * Brings points from the input to the image, in place. A box is two of them: {@code left, top,
   * right, bottom}.
   *
   * @param points x and y by turns
   * @param offset the first x
   * @param count how many points
   * @throws IndexOutOfBoundsException if they are not in the array
   */
  public void toImage(float[] points, int offset, int count) {
    ImageInput.checkRange("points", points, offset, 2L * count);
    for (int i = 0; i < count; i++) {
      int at = offset + 2 * i;
      points[at] = (float) imageX(points[at]);
      points[at + 1] = (float) imageY(points[at + 1]);
    }
  }

  @Override
  public String toString() {
    return "image x = %s + %s x, y = %s + %s y".formatted(left, width, top, height);
  }
}
