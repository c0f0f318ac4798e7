package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.Workspace;
import java.util.Arrays;

/**
 * What a node of a network computes, where no rule that fuses nodes looks at it: it knows the
 * shapes of its results and its operator. Immutable.
 */
public interface Operation {

  /**
   * The shapes of the results: one of the first input's shape, unless an operation says otherwise.
   *
   * @param inputs the shapes of what it reads
   * @return one or more
   * @throws IllegalArgumentException if it cannot read these
   */
  default int[][] shapes(int[]... inputs) {
    return new int[][] {inputs[0]};
  }

  /**
   * The operator.
   *
   * @param options executor and backend
   * @param inputs shapes that {@link #shapes} accepts
   * @return ready to run
   */
  Operator operator(ConvOptions options, int[]... inputs);

  /** What it is called where it has no other name. */
  default String name() {
    return getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
  }

  /**
   * Computes at once, of values that are known.
   *
   * @param shapes the shapes of what it reads
   * @param values as many as the shapes say
   * @return the results
   */
  default float[][] compute(int[][] shapes, float[][] values) {
    int[][] results = shapes(shapes);
    Operator operator = operator(ConvOptions.DEFAULT, shapes);
    float[][] arrays = new float[values.length + results.length][];
    System.arraycopy(values, 0, arrays, 0, values.length);
    for (int i = 0; i < results.length; i++) {
      int count = 1;
      for (int size : results[i]) {
        count = Math.multiplyExact(count, size);
      }
      arrays[values.length + i] = new float[count];
    }
    Workspace workspace = operator.plan() == null ? null : Workspace.forPlans(operator.plan());
    Context context = new Context(arrays, 0, operator.tile(), operator.sums(), workspace, 1);
    operator.run(
        context, Places.whole(0, values.length), Places.whole(values.length, results.length));
    return Arrays.copyOfRange(arrays, values.length, arrays.length);
  }
}
