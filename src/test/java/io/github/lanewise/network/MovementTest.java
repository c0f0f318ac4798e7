package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.lanewise.operators.Gather;
import io.github.lanewise.operators.OneHot;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Resampling;
import io.github.lanewise.operators.Scatter;
import io.github.lanewise.operators.Selection;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each operation that moves values against its definition, on random shapes and indices. */
@Tag("backend")
class MovementTest {
  private final Random random = new Random(11);

  private int[] shape(int axes) {
    return random.ints(axes, 1, 5).toArray();
  }

  private float[] values(int[] shape) {
    float[] out = new float[Interpreter.count(shape)];
    for (int i = 0; i < out.length; i++) {
      out[i] = i + 0.5f;
    }
    return out;
  }

  private static float[] floats(int[] values) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }

  private static void check(Operation operation, int[][] shapes, float[]... values) {
    double[][] exact = new double[values.length][];
    for (int i = 0; i < exact.length; i++) {
      float[] own = values[i];
      exact[i] = new double[own.length];
      Arrays.setAll(exact[i], k -> own[k]);
    }
    double[] expected = Definitions.compute(operation, shapes, exact)[0];
    float[] made = operation.compute(shapes, values)[0];
    assertThat(made).hasSize(expected.length);
    for (int i = 0; i < made.length; i++) {
      assertThat(made[i]).as("%s value %d", operation, i).isEqualTo((float) expected[i]);
    }
  }

  /** Pixels to planes and back: blocks that are whole, that are not, and more than one. */
  @Test
  void transposesOfLongAxes() {
    for (int[] shape :
        new int[][] {{2, 64, 3}, {1, 128, 64}, {3, 131, 70}, {2, 63, 130}, {1, 1000, 2}}) {
      NetworkBuilder b = new NetworkBuilder();
      b.output("y", b.transpose(b.input("x", shape), 0, 2, 1));
      float[] x = values(shape);
      float[] y = b.build().run(Map.of("x", x)).get("y");
      for (int i = 0; i < y.length; i++) {
        int pixel = i % shape[1];
        int channel = i / shape[1] % shape[2];
        int image = i / (shape[1] * shape[2]);
        assertThat(y[i])
            .as("%d of %s", i, Arrays.toString(shape))
            .isEqualTo(x[(image * shape[1] + pixel) * shape[2] + channel]);
      }
    }
  }

  @Test
  void selections() {
    for (int round = 0; round < 300; round++) {
      int[] shape = shape(random.nextInt(6));
      int[][] indices = new int[shape.length][];
      for (int axis = 0; axis < shape.length; axis++) {
        int size = shape[axis];
        indices[axis] =
            switch (random.nextInt(6)) {
              case 0, 1 -> null;
              case 2 -> random.ints(1 + random.nextInt(9), Selection.NONE, size).toArray();
              case 3 ->
                  IntStream.iterate(random.nextInt(size), i -> i < size, i -> i + 2).toArray();
              case 4 -> new int[] {Selection.NONE, size - 1, size - 1, 0, Selection.NONE};
              default -> IntStream.range(random.nextInt(size), size).toArray();
            };
      }
      check(new Selection(indices, -7), new int[][] {shape}, values(shape));
    }
  }

  @Test
  void gathers() {
    for (int round = 0; round < 100; round++) {
      int[] data = shape(1 + random.nextInt(4));
      int axis = random.nextInt(data.length);
      int[] at = shape(random.nextInt(3));
      check(
          new Gather(Gather.Kind.SLICES, axis),
          new int[][] {data, at},
          values(data),
          floats(random.ints(Interpreter.count(at), -data[axis], data[axis]).toArray()));
      int[] some = data.clone();
      some[axis] = 1 + random.nextInt(6);
      float[] own = floats(random.ints(Interpreter.count(some), -data[axis], data[axis]).toArray());
      check(new Gather(Gather.Kind.ELEMENTS, axis), new int[][] {data, some}, values(data), own);
      int[] rows = {data[0], 3, 1 + random.nextInt(Math.max(1, data.length - 1))};
      if (data.length > 1) {
        check(
            new Gather(Gather.Kind.PLACES, 1),
            new int[][] {data, rows},
            values(data),
            places(data, rows, 1));
      }
    }
  }

  private float[] places(int[] data, int[] rows, int batch) {
    int named = rows[rows.length - 1];
    float[] at = new float[Interpreter.count(rows)];
    for (int i = 0; i < at.length; i++) {
      int size = data[batch + i % named];
      at[i] = random.nextInt(2 * size) - size;
    }
    return at;
  }

  @Test
  void scatters() {
    for (Scatter.Rule rule : Scatter.Rule.values()) {
      int[] data = {3, 4, 2};
      int[] some = {2, 5, 2};
      float[] own = floats(random.ints(20, -4, 4).toArray());
      Scatter elements = new Scatter(Gather.Kind.ELEMENTS, 1, rule);
      check(elements, new int[][] {data, some, some}, values(data), own, values(some));
      int[] rows = {4, 2};
      int[] updates = {4, 2};
      check(
          new Scatter(Gather.Kind.PLACES, 0, rule),
          new int[][] {data, rows, updates},
          values(data),
          places(data, rows, 0),
          values(updates));
    }
  }

  @Test
  void rowsWithOneThatIsHot() {
    for (int axis = 0; axis < 3; axis++) {
      float[] at = {0, -1, 3, 7, -9, 2};
      check(new OneHot(axis, 4), new int[][] {{2, 3}, {2}}, at, new float[] {-1, 5});
    }
  }

  @Test
  void resamplings() {
    int[][] indices = {{0, 1}, {}, {2}, {2, 0, 1}};
    float[][] weights = {{0.5f, 0.25f}, {}, {2}, {1, -1, 4}};
    int[] shape = {3, 3, 3};
    for (int axis = 0; axis < 3; axis++) {
      check(new Resampling(axis, indices, weights, 9), new int[][] {shape}, values(shape));
    }
  }

  @Test
  void shapesThatDoNotFit() {
    int[] data = {2, 3};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Selection.of(2, 1, 3).shapes(data))
        .withMessageContaining("index 3 must be within the size 3");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Selection.of(3, 1, 0).shapes(data))
        .withMessageContaining("indices of 3 axes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Gather(Gather.Kind.ELEMENTS, 0).shapes(data, new int[] {1, 4}))
        .withMessageContaining("do not fit");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Gather(Gather.Kind.PLACES, 1).shapes(data, new int[] {3, 1}))
        .withMessageContaining("do not fit");
    Scatter scatter = new Scatter(Gather.Kind.PLACES, 0, Scatter.Rule.ADD);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scatter.shapes(data, new int[] {1, 1}, new int[] {1, 2}))
        .withMessageContaining("the shape [1, 2] of the updates must be [1, 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OneHot(3, 4).shapes(data, new int[] {2}))
        .withMessageContaining("do not fit");
  }
}
