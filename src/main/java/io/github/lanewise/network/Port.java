package io.github.lanewise.network;

import java.util.List;

/**
 * An input or output of a network.
 *
 * @param name its name
 * @param layout the order of the caller's array
 * @param shape its sizes in that order
 */
public record Port(String name, Layout layout, List<Integer> shape) {

  /** Copies the shape. */
  public Port {
    shape = List.copyOf(shape);
  }

  /** Of sizes in NHWC order. */
  static Port of(String name, Layout layout, int[] s) {
    return layout == Layout.NCHW
        ? new Port(name, layout, List.of(s[0], s[3], s[1], s[2]))
        : new Port(name, layout, java.util.Arrays.stream(s).boxed().toList());
  }

  /**
   * The number of floats.
   *
   * @return the product of the sizes
   */
  public int length() {
    int product = 1;
    for (int size : shape) {
      product *= size;
    }
    return product;
  }

  @Override
  public String toString() {
    return name + " " + shape + (shape.size() == 4 ? " " + layout : "");
  }
}
