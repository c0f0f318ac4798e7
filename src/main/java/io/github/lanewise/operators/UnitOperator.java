package io.github.lanewise.operators;

/**
 * A {@link PairOperator} whose result falls into units: rows, tiles, lines. Each is computed by
 * itself, and has the same bits whoever does it.
 */
public interface UnitOperator extends PairOperator {

  /** How many units. */
  @Override
  int units();

  /** Computes the units {@code [from, to)}; {@code b} is null where there is no second input. */
  void run(
      Context context,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] dst,
      int dstOff,
      int from,
      int to);

  @Override
  default void run(
      Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
    run(context, a, aOff, b, bOff, dst, dstOff, 0, units());
  }

  @Override
  default void run(Context context, Places in, Places out, int from, int to) {
    boolean isPair = in.count() > 1;
    run(
        context,
        in.array(context, 0),
        in.offset(0),
        isPair ? in.array(context, 1) : null,
        isPair ? in.offset(1) : 0,
        out.array(context, 0),
        out.offset(0),
        from,
        to);
  }
}
