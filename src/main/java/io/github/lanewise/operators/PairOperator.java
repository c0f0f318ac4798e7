package io.github.lanewise.operators;

/** An operator that reads one or two tensors and makes one. */
public interface PairOperator extends Operator {

  /** Computes; {@code b} is null where there is no second input. */
  void run(Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff);

  @Override
  default void run(Context context, Places in, Places out) {
    boolean isPair = in.count() > 1;
    run(
        context,
        in.array(context, 0),
        in.offset(0),
        isPair ? in.array(context, 1) : null,
        isPair ? in.offset(1) : 0,
        out.array(context, 0),
        out.offset(0));
  }
}
