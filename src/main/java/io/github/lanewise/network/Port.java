package io.github.lanewise.network;

import java.util.Arrays;
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
        : new Port(name, layout, Arrays.stream(s).boxed().toList());
  }

  /** The same with other sizes in its order. */
  Port with(int... sizes) {
    return new Port(name, layout, Arrays.stream(sizes).boxed().toList());
  }

  /** For so many images, of a port for one. */
  Port batch(int images) {
    if (images == 1) {
      return this;
    }
    int[] sizes = sizes();
    sizes[0] = images;
    return with(sizes);
  }

  /** Its sizes in its order. */
  int[] sizes() {
    return shape.stream().mapToInt(size -> size).toArray();
  }

  /** Its sizes in NHWC order. */
  int[] nhwc() {
    int[] s = sizes();
    return layout == Layout.NCHW ? new int[] {s[0], s[2], s[3], s[1]} : s;
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
