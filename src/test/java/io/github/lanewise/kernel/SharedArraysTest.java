package io.github.lanewise.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.jvm.SharedArrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Equal weights are in memory once, and no others are taken for them. */
class SharedArraysTest {
  private static final int COLUMNS = 70;
  private static final int DEPTH = 33;

  private static float[] random(int n, int seed) {
    Random random = new Random(seed);
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() - 0.5f;
    }
    return out;
  }

  @Test
  void equalArraysAreOne() {
    float[] first = SharedArrays.of(random(1000, 1));
    assertThat(SharedArrays.of(random(1000, 1))).isSameAs(first);
    assertThat(SharedArrays.of(random(1000, 2))).isNotSameAs(first);
    assertThat(SharedArrays.of(random(999, 1))).isNotSameAs(first).hasSize(999);
  }

  /** Most values are not looked at before two arrays are compared. */
  @Test
  void oneValueMakesAnotherArray() {
    float[] first = SharedArrays.of(random(1000, 3));
    for (int i = 0; i < first.length; i++) {
      float[] other = first.clone();
      other[i] = i == 0 ? -other[i] : Math.nextUp(other[i]);
      assertThat(SharedArrays.of(other)).as("value %d", i).isSameAs(other);
    }
    float[] zero = new float[100];
    float[] negative = new float[100];
    negative[50] = -0f;
    assertThat(SharedArrays.of(zero)).isNotSameAs(SharedArrays.of(negative));
  }

  @Test
  void packedWeightsAreShared() {
    float[] bias = random(COLUMNS, 4);
    float[] weights = random(COLUMNS * DEPTH, 5);
    for (Layout layout : List.of(KernelProvider.choose().kernels(), new ScalarKernels())) {
      PackedMatrix a = new PackedMatrix(weights, bias, 0, COLUMNS, DEPTH, layout, false);
      PackedMatrix b =
          new PackedMatrix(weights.clone(), bias.clone(), 0, COLUMNS, DEPTH, layout, false);
      assertThat(array(b, layout)).isSameAs(array(a, layout));
      weights[COLUMNS * DEPTH - 1]++;
      PackedMatrix c = new PackedMatrix(weights, bias, 0, COLUMNS, DEPTH, layout, false);
      assertThat(array(c, layout)).isNotSameAs(array(a, layout));
      PackedDepthwise d = new PackedDepthwise(weights, random(10, 6), 9, 8, 1);
      assertThat(new PackedDepthwise(weights.clone(), random(10, 6), 9, 8, 1).data())
          .isSameAs(d.data());
    }
  }

  private static float[] array(PackedMatrix matrix, Layout layout) {
    return layout.rowsApart()
        ? matrix.rowArrays(null)[matrix.rows(0, 1, 2, null)]
        : matrix.panelArray(0);
  }
}
