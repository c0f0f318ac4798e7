package io.github.lanewise.operators;

import java.util.Arrays;

/**
 * A function of the values of up to {@link Context#TILES} tensors whose shapes broadcast: equal or
 * 1 on each axis, counted from the last. Works on tiles, for the reason that {@link TileOperator}
 * gives.
 */
public abstract class BroadcastOperator implements Operator {
  /** Neighbouring axes on which all inputs behave alike are one. */
  private final int[] sizes;

  /** By input and axis: floats between neighbours, 0 where the input repeats. */
  private final int[][] steps;

  /** By input: whether it is one value that meets all. */
  private final boolean[] isNumber;

  private final int count;
  private final boolean isSameShape;
  private final boolean firstIsWhole;
  private final boolean hasRows;

  /**
   * Of tensors.
   *
   * @param out the shape of the result
   * @param inputs shapes that broadcast to it
   */
  protected BroadcastOperator(int[] out, int[]... inputs) {
    int[] joined = new int[out.length];
    this.steps = new int[inputs.length][];
    for (int k = 0; k < inputs.length; k++) {
      steps[k] = steps(inputs[k], out);
    }
    int n = 0;
    for (int i = 0; i < out.length; i++) {
      if (out[i] != 1) {
        boolean joins = n > 0 && joins(n - 1, i, out[i]);
        int at = joins ? n - 1 : n++;
        joined[at] = joins ? joined[at] * out[i] : out[i];
        for (int[] step : steps) {
          step[at] = step[i];
        }
      }
    }
    this.sizes = n == 0 ? new int[] {1} : Arrays.copyOf(joined, n);
    for (int k = 0; k < inputs.length; k++) {
      steps[k] = n == 0 ? new int[] {1} : Arrays.copyOf(steps[k], n);
    }
    this.isNumber = new boolean[inputs.length];
    for (int k = 0; k < inputs.length; k++) {
      isNumber[k] = Arrays.stream(steps[k]).allMatch(step -> step == 0);
    }
    this.count = Arrays.stream(sizes).reduce(1, Math::multiplyExact);
    this.isSameShape = sizes.length == 1 && Arrays.stream(steps).allMatch(step -> step[0] == 1);
    this.firstIsWhole = Arrays.stream(steps[0]).noneMatch(step -> step == 0);
    boolean rows = sizes.length == 2 && firstIsWhole;
    for (int[] step : steps) {
      rows &= step[step.length - 1] == 1;
    }
    this.hasRows = rows;
  }

  private boolean joins(int outer, int axis, int size) {
    for (int[] step : steps) {
      if (step[outer] != step[axis] * size) {
        return false;
      }
    }
    return true;
  }

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

  /** Replaces the first {@code n} values of the first tile; those of the others stay. */
  protected abstract void combine(float[][] tiles, int n);

  /** Values of the result. */
  protected final int count() {
    return count;
  }

  /** Whether no input repeats. */
  protected final boolean isSameShape() {
    return isSameShape;
  }

  @Override
  public int units() {
    int inner = sizes[sizes.length - 1];
    return hasRows
        ? Math.ceilDiv(count, rowTile())
        : count / inner * Math.ceilDiv(inner, Context.TILE);
  }

  @Override
  public void run(Context context, Places in, Places out) {
    run(context, in, out, 0, units());
  }

  @Override
  public void run(Context context, Places in, Places out, int from, int to) {
    if (hasRows) {
      rows(context, in, out, from, to);
      return;
    }
    int last = sizes.length - 1;
    int inner = sizes[last];
    int tiles = Math.ceilDiv(inner, Context.TILE);
    float[] dst = out.array(context, 0);
    for (int k = 1; k < steps.length; k++) {
      if (isNumber[k]) {
        float number = in.array(context, k)[in.offset(k)];
        Arrays.fill(context.tiles[k], 0, Math.min(Context.TILE, inner), number);
      }
    }
    for (int unit = from; unit < to; unit++) {
      int row = unit / tiles;
      int i = unit % tiles * Context.TILE;
      int part = Math.min(Context.TILE, inner - i);
      for (int k = 0; k < steps.length; k++) {
        if (isNumber[k] && k > 0) {
          continue;
        }
        int at = in.offset(k) + start(k, row);
        if (steps[k][last] == 0) {
          Arrays.fill(context.tiles[k], 0, part, in.array(context, k)[at]);
        } else {
          System.arraycopy(in.array(context, k), at + i, context.tiles[k], 0, part);
        }
      }
      combine(context.tiles, part);
      System.arraycopy(context.tiles[0], 0, dst, out.offset(0) + row * inner + i, part);
    }
  }

  /** Where in an input a row of the result begins. */
  private int start(int input, int row) {
    int rest = row;
    int at = 0;
    for (int axis = sizes.length - 2; axis >= 0; axis--) {
      at += rest % sizes[axis] * steps[input][axis];
      rest /= sizes[axis];
    }
    return at;
  }

  /** Inputs after the first may be one row that meets every row. */
  private void rows(Context context, Places in, Places out, int from, int to) {
    int row = sizes[1];
    int tile = rowTile();
    for (int k = 1; k < steps.length; k++) {
      for (int i = 0; steps[k][0] == 0 && i < tile; i += row) {
        System.arraycopy(in.array(context, k), in.offset(k), context.tiles[k], i, row);
      }
    }
    for (int unit = from; unit < to; unit++) {
      int i = unit * tile;
      int n = Math.min(tile, count - i);
      for (int k = 0; k < steps.length; k++) {
        if (steps[k][0] != 0) {
          System.arraycopy(in.array(context, k), in.offset(k) + i, context.tiles[k], 0, n);
        }
      }
      combine(context.tiles, n);
      System.arraycopy(context.tiles[0], 0, out.array(context, 0), out.offset(0) + i, n);
    }
  }

  private int rowTile() {
    return sizes[1] * Math.max(1, Context.TILE / sizes[1]);
  }

  @Override
  public int tile() {
    return hasRows ? Math.max(Context.TILE, rowTile()) : Context.TILE;
  }

  @Override
  public boolean worksInPlace() {
    return firstIsWhole;
  }
}
