package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.operators.BroadcastOperator;
import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.Places;

/** Sums, differences, products and quotients of two tensors whose shapes broadcast. */
final class Broadcast extends BroadcastOperator {
  private final Op.Binary op;
  private final Backend backend;

  Broadcast(Op.Binary op, int[] a, int[] b, int[] out, Backend backend) {
    super(out, a, b);
    this.op = op;
    this.backend = backend;
  }

  @Override
  public void run(Context context, Places in, Places out, int from, int to) {
    if (op.kind() == Op.Binary.Kind.ADD && isSameShape()) {
      add(
          in.array(context, 0),
          in.offset(0),
          in.array(context, 1),
          in.offset(1),
          out.array(context, 0),
          out.offset(0),
          from * Context.TILE,
          (int) Math.min((long) to * Context.TILE, count()));
    } else {
      super.run(context, in, out, from, to);
    }
  }

  @SuppressWarnings("ReferenceEquality") // in place means the same array
  private void add(
      float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff, int from, int to) {
    for (int i = from; i < to; i += Context.TILE) { // while it is in the first-level cache
      int n = Math.min(Context.TILE, to - i);
      if (a != dst || aOff != dstOff) {
        System.arraycopy(a, aOff + i, dst, dstOff + i, n);
      }
      backend.add(dst, dstOff + i, b, bOff + i, n);
      backend.activate(op.activation(), dst, dstOff + i, n);
    }
  }

  @Override
  protected void combine(float[][] tiles, int n) {
    float[] x = tiles[0];
    float[] y = tiles[1];
    switch (op.kind()) {
      case ADD -> {
        for (int i = 0; i < n; i++) {
          x[i] += y[i];
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < n; i++) {
          x[i] -= y[i];
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < n; i++) {
          x[i] *= y[i];
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < n; i++) {
          x[i] /= y[i];
        }
      }
    }
    backend.activate(op.activation(), x, 0, n);
  }

  @Override
  public boolean commutes() {
    return isSameShape() && op.kind().commutes();
  }

  @Override
  public String describe() {
    String name = op.kind().name().toLowerCase(java.util.Locale.ROOT);
    return op.activation().equals(Activation.NONE) ? name : name + " " + op.activation();
  }
}
