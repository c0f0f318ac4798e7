package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import java.util.Arrays;

/** Sums, differences, products and quotients of two tensors whose shapes broadcast. */
final class Broadcast implements Operator {
  private final Op.Binary op;
  private final Backend backend;

  /** Neighbouring axes on which both inputs behave alike are one. */
  private final int[] sizes;

  private final int[] aSteps;
  private final int[] bSteps;
  private final int count;
  private final boolean aWhole;

  private Broadcast(Op.Binary op, int[] sizes, int[] aSteps, int[] bSteps, Backend backend) {
    this.op = op;
    this.sizes = sizes;
    this.aSteps = aSteps;
    this.bSteps = bSteps;
    this.backend = backend;
    this.count = Shapes.elements("result", sizes);
    boolean whole = true;
    for (int step : aSteps) {
      whole &= step != 0;
    }
    this.aWhole = whole;
  }

  static Broadcast of(Op.Binary op, int[] a, int[] b, int[] out, Backend backend) {
    int[] aSteps = steps(a, out);
    int[] bSteps = steps(b, out);
    int[] sizes = new int[out.length];
    int n = 0;
    for (int i = 0; i < out.length; i++) {
      if (out[i] == 1) {
        continue;
      }
      boolean joins =
          n > 0 && aSteps[n - 1] == aSteps[i] * out[i] && bSteps[n - 1] == bSteps[i] * out[i];
      int at = joins ? n - 1 : n++;
      sizes[at] = joins ? sizes[at] * out[i] : out[i];
      aSteps[at] = aSteps[i];
      bSteps[at] = bSteps[i];
    }
    if (n == 0) {
      return new Broadcast(op, new int[] {1}, new int[] {1}, new int[] {1}, backend);
    }
    return new Broadcast(
        op, Arrays.copyOf(sizes, n), Arrays.copyOf(aSteps, n), Arrays.copyOf(bSteps, n), backend);
  }

  /** Floats between neighbours on each axis of the output, 0 where the input repeats. */
  private static int[] steps(int[] shape, int[] out) {
    int[] steps = new int[out.length];
    int step = 1;
    for (int i = 1; i <= shape.length; i++) {
      int size = shape[shape.length - i];
      steps[out.length - i] = size == 1 ? 0 : step;
      step *= size;
    }
    return steps;
  }

  private boolean isSameShape() {
    return sizes.length == 1 && aSteps[0] == 1 && bSteps[0] == 1;
  }

  @Override
  public void run(
      Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
    int last = sizes.length - 1;
    if (isSameShape()) {
      sameShape(context, a, aOff, b, bOff, dst, dstOff);
      return;
    }
    if (sizes.length == 2 && bSteps[0] == 0 && bSteps[1] == 1 && aSteps[0] == sizes[1]) {
      rows(context, a, aOff, b, bOff, dst, dstOff);
      return;
    }
    float[] x = context.tiles[0];
    float[] y = context.tiles[1];
    int inner = sizes[last];
    for (int row = 0, n = count / inner; row < n; row++) {
      int rest = row;
      int aAt = aOff;
      int bAt = bOff;
      for (int axis = last - 1; axis >= 0; axis--) {
        int i = rest % sizes[axis];
        rest /= sizes[axis];
        aAt += i * aSteps[axis];
        bAt += i * bSteps[axis];
      }
      for (int i = 0; i < inner; i += Context.TILE) {
        int part = Math.min(Context.TILE, inner - i);
        load(a, aAt, aSteps[last], i, x, part);
        load(b, bAt, bSteps[last], i, y, part);
        finish(x, y, part, dst, dstOff + row * inner + i);
      }
    }
  }

  private static void load(float[] from, int at, int step, int shift, float[] to, int n) {
    if (step == 0) {
      Arrays.fill(to, 0, n, from[at]);
    } else {
      System.arraycopy(from, at + shift, to, 0, n);
    }
  }

  @SuppressWarnings("ReferenceEquality") // in place means the same array
  private void sameShape(
      Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
    if (op.kind() == Op.Binary.Kind.ADD) {
      for (int i = 0; i < count; i += Context.TILE) { // while it is in the first-level cache
        int n = Math.min(Context.TILE, count - i);
        if (a != dst || aOff != dstOff) {
          System.arraycopy(a, aOff + i, dst, dstOff + i, n);
        }
        backend.add(dst, dstOff + i, b, bOff + i, n);
        backend.activate(op.activation(), dst, dstOff + i, n);
      }
      return;
    }
    float[] x = context.tiles[0];
    float[] y = context.tiles[1];
    for (int i = 0; i < count; i += Context.TILE) {
      int n = Math.min(Context.TILE, count - i);
      System.arraycopy(a, aOff + i, x, 0, n);
      System.arraycopy(b, bOff + i, y, 0, n);
      finish(x, y, n, dst, dstOff + i);
    }
  }

  /** The second input is one row that meets every row of the first. */
  private void rows(
      Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
    float[] x = context.tiles[0];
    float[] y = context.tiles[1];
    int row = sizes[1];
    int tile = rowTile();
    for (int i = 0; i < tile; i += row) {
      System.arraycopy(b, bOff, y, i, row);
    }
    for (int i = 0; i < count; i += tile) {
      int n = Math.min(tile, count - i);
      System.arraycopy(a, aOff + i, x, 0, n);
      finish(x, y, n, dst, dstOff + i);
    }
  }

  private void finish(float[] x, float[] y, int n, float[] dst, int at) {
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
    System.arraycopy(x, 0, dst, at, n);
  }

  private int rowTile() {
    return sizes[1] * Math.max(1, Context.TILE / sizes[1]);
  }

  @Override
  public int tile() {
    return sizes.length == 2 ? Math.max(Context.TILE, rowTile()) : Context.TILE;
  }

  @Override
  public boolean worksInPlace() {
    return aWhole;
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
