package io.github.lanewise.image;

/**
 * A box that non-maximum suppression has kept.
 *
 * @param box its index among all boxes
 * @param category the class whose score it is, 0 for the first
 * @param score of that class
 * @param left smaller x
 * @param top smaller y
 * @param right larger x
 * @param bottom larger y
 */
public record Detection(
    int box, int category, float score, float left, float top, float right, float bottom) {

  /**
   * The area that two boxes share, over the area that they cover together.
   *
   * @param other another box
   * @return 0 to 1; 0 if both are empty
   */
  public double iou(Detection other) {
    double w = (double) Math.min(right, other.right) - Math.max(left, other.left);
    double h = (double) Math.min(bottom, other.bottom) - Math.max(top, other.top);
    double shared = Math.max(0, w) * Math.max(0, h);
    double all = area() + other.area() - shared;
    return all > 0 ? shared / all : 0;
  }

  private double area() {
    return ((double) right - left) * ((double) bottom - top);
  }
}
