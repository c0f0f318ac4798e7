package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.lanewise.operators.Along;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.CumulativeSum;
import io.github.lanewise.operators.Extreme;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.MatrixProduct;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Reduction;
import io.github.lanewise.operators.Sizes;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each operation against its definition in double, and what it makes of values at the edge. */
@Tag("backend")
class OperationTest {
  private static final float NAN = Float.NaN;
  private static final float INF = Float.POSITIVE_INFINITY;
  private static final double RELATIVE = 1e-6;

  private final Random random = new Random(7);

  private static float[] one(Operation operation, int[] shape, float... values) {
    return operation.compute(new int[][] {shape}, new float[][] {values})[0];
  }

  private static float[] of(Function function, float... values) {
    return one(function, new int[] {values.length}, values);
  }

  private static float[] of(Function.Kind kind, float... values) {
    return of(Function.of(kind), values);
  }

  private float[] values(int n, float size) {
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = (random.nextFloat() * 2 - 1) * size;
    }
    return out;
  }

  private static double[] doubles(float[] values) {
    double[] out = new double[values.length];
    Arrays.setAll(out, i -> values[i]);
    return out;
  }

  private static void check(Operation operation, int[][] shapes, float[]... values) {
    float[] made = operation.compute(shapes, values)[0];
    double[][] exact = Arrays.stream(values).map(v -> doubles(v)).toArray(double[][]::new);
    double[] golden = Definitions.compute(operation, shapes, exact)[0];
    assertThat(made).hasSize(golden.length);
    for (int i = 0; i < golden.length; i++) {
      if (Double.isNaN(golden[i]) || Math.abs(golden[i]) > Float.MAX_VALUE) {
        assertThat((Object) made[i]).as("%s at %d", operation, i).isEqualTo((float) golden[i]);
      } else {
        double tolerance = Math.max(RELATIVE * Math.abs(golden[i]), 1e-7);
        assertThat((double) made[i])
            .as("%s at %d", operation, i)
            .isCloseTo(golden[i], within(tolerance));
      }
    }
  }

  /** More than a tile, and not a whole number of tiles. */
  @ParameterizedTest
  @EnumSource(Function.Kind.class)
  void functionsAreTheirDefinition(Function.Kind kind) {
    int[][] shape = {{1500}};
    for (float size : new float[] {0.01f, 1, 8}) {
      check(new Function(kind, 1, 1), shape, values(1500, size));
      check(new Function(kind, 2, 5), shape, values(1500, size));
    }
  }

  @Test
  void functionsOfNoNumberAndInfinity() {
    for (Function.Kind kind : Function.Kind.values()) {
      float made = of(new Function(kind, -9, 9), NAN)[0];
      switch (kind) {
        case IS_NAN, TO_TRUTH -> assertThat(made).as("%s", kind).isEqualTo(1);
        case IS_INF, NOT, TO_WHOLE, SHRINK, THRESHOLDED_RELU ->
            assertThat(made).as("%s", kind).isEqualTo(0);
        default -> assertThat(made).as("%s", kind).isNaN();
      }
    }
    assertThat(of(Function.Kind.EXP, INF, -INF, 89, -110)).containsExactly(INF, 0, INF, 0);
    assertThat(of(Function.Kind.LOG, 0, -0f, -1, INF)).containsExactly(-INF, -INF, NAN, INF);
    assertThat(of(Function.Kind.SQRT, -1, -0f, INF)).containsExactly(NAN, -0f, INF);
    assertThat(of(Function.Kind.RECIPROCAL, 0, -0f, INF)).containsExactly(INF, -INF, 0);
    assertThat(of(Function.Kind.TANH, INF, -INF)).containsExactly(1, -1);
    assertThat(of(Function.Kind.ERF, INF, -INF, 5, -0f)).containsExactly(1, -1, 1, -0f);
    assertThat(of(Function.Kind.SOFTPLUS, INF, -INF, 500)).containsExactly(INF, 0, 500);
    assertThat(of(Function.Kind.MISH, INF, 500)).containsExactly(INF, 500);
    assertThat(of(Function.Kind.ASINH, 1e30f, -1e30f)[0]).isCloseTo(69.77f, within(0.01f));
  }

  /** All digits, down to the smallest numbers and up to the largest. */
  @Test
  void exponentialsKeepTheirDigits() {
    for (double x = 1e-30; x < 88; x *= 1.7) {
      float v = (float) x;
      near(Function.Kind.EXP, v, Math.exp(v));
      near(Function.Kind.EXP, -v, Math.exp(-v));
      near(Function.Kind.TANH, -v, Math.tanh(-v));
      near(new Function(Function.Kind.ELU, 3, 0), -v, 3 * Math.expm1(-v));
      if (v < 1e-4) {
        near(Function.Kind.ERF, v, 2 / Math.sqrt(Math.PI) * (v - (double) v * v * v / 3));
      }
    }
    near(Function.Kind.EXP, -100, Math.exp(-100));
    assertThat(of(Function.Kind.TANH, -0f)).containsExactly(-0f);
    assertThat(of(Function.Kind.GELU, -8, -1000, -1e30f, 1e30f))
        .containsExactly(-0f, -0f, -0f, 1e30f);
    assertThat(of(Function.Kind.GELU_TANH, -1000)[0]).isCloseTo(0, within(1e-12f));
  }

  private static void near(Function.Kind kind, float x, double exact) {
    near(Function.of(kind), x, exact);
  }

  private static void near(Function function, float x, double exact) {
    double ulp = Math.ulp((float) exact);
    assertThat((double) of(function, x)[0])
        .as("%s of %s", function, x)
        .isCloseTo(exact, within(ulp));
  }

  @Test
  void functionsRoundAndTestAsStated() {
    assertThat(of(Function.Kind.ROUND, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f))
        .containsExactly(0, 2, 2, -0f, -2);
    assertThat(of(Function.Kind.SIGN, 3, -2, 0)).containsExactly(1, -1, 0);
    assertThat(of(new Function(Function.Kind.IS_INF, 1, 0), INF, -INF, 1, NAN))
        .containsExactly(0, 1, 0, 0);
    assertThat(of(new Function(Function.Kind.IS_INF, 0, 1), INF, -INF)).containsExactly(1, 0);
    assertThat(of(Function.Kind.TO_FLOAT16, 65504, 65520, 1e-8f, 1 + 0x1p-11f))
        .containsExactly(65504, INF, 0, 1);
    assertThat(of(Function.Kind.TO_BFLOAT16, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f))
        .containsExactly(1, 1.015625f);
    assertThat(of(new Function(Function.Kind.TO_WHOLE, 0, 255), 1.9f, -1.9f, 300, NAN))
        .containsExactly(1, 255, 44, 0);
    assertThat(of(Function.Kind.NOT, 0, 1, 2)).containsExactly(1, 0, 0);
  }

  @ParameterizedTest
  @EnumSource(Combination.class)
  void combinationsBroadcast(Combination combination) {
    int[][][] pairs = {
      {{2, 3, 4}, {2, 3, 4}},
      {{2, 3, 400}, {400}},
      {{3, 1, 1200}, {1, 5, 1}},
      {{1}, {2, 3}},
      {{2, 3, 1, 5}, {3, 4, 1}},
      {{}, {}}
    };
    for (int[][] pair : pairs) {
      boolean isWhere = combination == Combination.WHERE;
      int[][] shapes = isWhere ? new int[][] {pair[0], pair[1], {1}} : pair;
      float[][] values = new float[shapes.length][];
      for (int k = 0; k < values.length; k++) {
        values[k] = values(Sizes.count(shapes[k]), 3);
        for (int i = 0; i < values[k].length; i++) {
          values[k][i] = (float) Math.floor(values[k][i]); // often equal or 0
          if (combination == Combination.POW) {
            values[k][i] = Math.abs(values[k][i]);
          } else if (k == 1 && values[k][i] == 0 && isDivision(combination)) {
            values[k][i] = 2;
          }
        }
      }
      check(combination, shapes, values);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> combination.shapes(new int[] {2, 3}, new int[] {2}))
        .withMessageContaining("[[2, 3], [2]]");
  }

  private static boolean isDivision(Combination combination) {
    return combination == Combination.QUOTIENT
        || combination == Combination.REMAINDER
        || combination == Combination.MODULO;
  }

  @Test
  void combinationsOfNoNumber() {
    int[][] shapes = {{4}, {4}};
    float[][] values = {{NAN, 1, NAN, -1}, {1, NAN, NAN, INF}};
    assertThat(Combination.MAX.compute(shapes, values)[0]).containsExactly(NAN, NAN, NAN, INF);
    assertThat(Combination.MIN.compute(shapes, values)[0]).containsExactly(NAN, NAN, NAN, -1);
    assertThat(Combination.EQUAL.compute(shapes, values)[0]).containsExactly(0, 0, 0, 0);
    assertThat(Combination.LESS.compute(shapes, values)[0]).containsExactly(0, 0, 0, 1);
    assertThat(Combination.POW.compute(shapes, values)[0]).containsExactly(NAN, 1, NAN, 1);
  }

  @ParameterizedTest
  @EnumSource(Reduction.Kind.class)
  void reductionsOfAnyAxes(Reduction.Kind kind) {
    int[] shape = {2, 3, 1, 5, 4};
    for (int set = 0; set < 1 << shape.length; set++) {
      int chosen = set;
      int[] axes =
          IntStream.range(0, shape.length).filter(axis -> (chosen >> axis & 1) != 0).toArray();
      float[] values = values(120, 1);
      for (int i = 0; kind == Reduction.Kind.LOG_SUM && i < values.length; i++) {
        values[i] = Math.abs(values[i]);
      }
      check(new Reduction(kind, axes), new int[][] {shape}, values);
    }
    check(new Reduction(kind, 1), new int[][] {{2, 3000}}, ones(6000));
    check(new Reduction(kind, 0), new int[][] {{3, 2500}}, ones(7500));
  }

  private float[] ones(int n) {
    float[] out = values(n, 0.01f);
    for (int i = 0; i < n; i++) {
      out[i] += 1;
    }
    return out;
  }

  @Test
  void reductionsAtTheEdge() {
    int[] shape = {3};
    assertThat(one(new Reduction(Reduction.Kind.LOG_SUM_EXP, 0), shape, 1000, 999, -INF)[0])
        .isCloseTo(1000.3133f, within(1e-3f));
    assertThat(one(new Reduction(Reduction.Kind.LOG_SUM_EXP, 0), shape, -INF, -INF, -INF))
        .containsExactly(-INF);
    assertThat(one(new Reduction(Reduction.Kind.LOG_SUM_EXP, 0), shape, INF, 0, 1))
        .containsExactly(INF);
    assertThat(one(new Reduction(Reduction.Kind.MAX, 0), shape, 1, NAN, 2)).containsExactly(NAN);
    assertThat(one(new Reduction(Reduction.Kind.SUM, 0), shape, 1e30f, 1, -1e30f)[0]).isLessThan(2);
    float[] many = new float[1 << 21];
    Arrays.fill(many, 0.1f);
    assertThat(one(new Reduction(Reduction.Kind.MEAN, 0), new int[] {many.length}, many))
        .containsExactly(0.1f);
  }

  @Test
  void extremes() {
    for (int axis = 0; axis < 3; axis++) {
      for (int bits = 0; bits < 4; bits++) {
        float[] values = values(2 * 5 * 3, 2);
        for (int i = 0; i < values.length; i++) {
          values[i] = Math.round(values[i]); // some are equal
        }
        Extreme extreme = new Extreme((bits & 1) != 0, (bits & 2) != 0, axis);
        check(extreme, new int[][] {{2, 5, 3}}, values);
        check(extreme, new int[][] {{2, 1, 15}}, values);
        check(new Extreme((bits & 1) != 0, (bits & 2) != 0, 0), new int[][] {{3, 10}}, values);
      }
    }
    int[] shape = {4};
    assertThat(one(new Extreme(true, false, 0), shape, 1, NAN, 3, NAN)).containsExactly(1);
    assertThat(one(new Extreme(false, true, 0), shape, 1, NAN, 3, NAN)).containsExactly(3);
    assertThat(one(new Extreme(true, false, 0), shape, -INF, -INF, -INF, 0)).containsExactly(3);
  }

  @Test
  void alongAnAxis() {
    for (int axis = 0; axis < 3; axis++) {
      int[][] shape = {{2, 5, 3}};
      float[] values = values(30, 4);
      check(new Along(Along.Kind.LOG_SOFTMAX, axis), shape, values);
      check(new Along(Along.Kind.HARDMAX, axis), shape, values);
      check(new CumulativeSum(axis, false, false), shape, values);
      check(new CumulativeSum(axis, true, false), shape, values);
      check(new CumulativeSum(axis, false, true), shape, values);
      check(new CumulativeSum(axis, true, true), shape, values);
    }
    int[] shape = {3};
    assertThat(one(new Along(Along.Kind.HARDMAX, 0), shape, 2, 2, 1)).containsExactly(1, 0, 0);
    assertThat(one(new Along(Along.Kind.LOG_SOFTMAX, 0), shape, 2000, 0, 2000)[1])
        .isCloseTo(-2000.6931f, within(1e-3f));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CumulativeSum(3, false, false).shapes(new int[] {2, 5, 3}))
        .withMessageContaining("axis = 3 must be an axis of [2, 5, 3]");
  }

  /** Few columns and many, more than a tile, one row and an odd number, batches that broadcast. */
  @Test
  void matrixProducts() {
    List<int[][]> cases =
        List.of(
            new int[][] {{1, 1}, {1, 1}},
            new int[][] {{3, 4}, {4, 5}},
            new int[][] {{5, 7}, {7, 40}},
            new int[][] {{1, 3}, {3, 2100}},
            new int[][] {{2, 3, 4}, {4, 9}},
            new int[][] {{4, 6}, {3, 6, 8}},
            new int[][] {{2, 1, 3, 4}, {5, 4, 11}});
    for (int[][] shapes : cases) {
      check(
          new MatrixProduct(),
          shapes,
          values(Sizes.count(shapes[0]), 1),
          values(Sizes.count(shapes[1]), 1));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new MatrixProduct().shapes(new int[] {2, 3}, new int[] {2, 3}))
        .withMessageContaining("[2, 3] and [2, 3]");
  }
}
