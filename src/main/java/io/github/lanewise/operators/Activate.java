package io.github.lanewise.operators;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;

/**
 * An activation as a step of its own, by the backend's kernel.
 *
 * @param activation which
 */
public record Activate(Activation activation) implements Operation {

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new OfEach(activation, Sizes.count(inputs[0]), options.backend());
  }

  private record OfEach(Activation activation, int count, Backend backend) implements UnitOperator {
    @Override
    public int units() {
      return Math.ceilDiv(count, Context.TILE);
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // in place means the same array
    public void run(
        Context context,
        float[] a,
        int aOff,
        float[] b,
        int bOff,
        float[] dst,
        int dstOff,
        int from,
        int to) {
      int first = from * Context.TILE;
      int n = (int) Math.min((long) to * Context.TILE, count) - first;
      if (a != dst || aOff != dstOff) {
        System.arraycopy(a, aOff + first, dst, dstOff + first, n);
      }
      backend.activate(activation, dst, dstOff + first, n);
    }

    @Override
    public boolean worksInPlace() {
      return true;
    }

    @Override
    public String describe() {
      return activation.toString();
    }
  }
}
