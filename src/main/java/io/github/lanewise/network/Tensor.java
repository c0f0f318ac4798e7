package io.github.lanewise.network;

import java.util.Arrays;
import java.util.List;

/**
 * A value of a network that is being built: what a method of {@link NetworkBuilder} returns and
 * others take. An image's axes are {@code [batch][height][width][channels]}.
 */
public final class Tensor {
  final NetworkBuilder owner;
  final String name;
  final Op op;
  final List<Tensor> inputs;
  final int[] shape;

  Tensor(NetworkBuilder owner, String name, Op op, List<Tensor> inputs, int[] shape) {
    this.owner = owner;
    this.name = name;
    this.op = op;
    this.inputs = inputs;
    this.shape = shape;
  }

  /**
   * Its sizes, slowest axis first.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  @Override
  public String toString() {
    return name + " " + Arrays.toString(shape);
  }
}
