package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Sums and slopes of two arrays, of any length and alignment. */
@Tag("backend")
class PairwiseTest {
  private static final int ROOM = 3;

  private static float[] values(int n, long seed) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] =
          switch (random.nextInt(8)) {
            case 0 -> Float.NaN;
            case 1 -> Float.NEGATIVE_INFINITY;
            case 2 -> -0f;
            case 3 -> 0f;
            default -> (float) random.nextGaussian();
          };
    }
    return values;
  }

  @Test
  void agreeWithJavaAndTouchNothingElse() {
    for (int n = 0; n < 70; n++) {
      float[] data = values(n + 2 * ROOM, n);
      float[] other = values(n + 2 * ROOM, 1000 + n);
      float[] sums = data.clone();
      float[] sloped = data.clone();
      for (int i = ROOM; i < ROOM + n; i++) {
        sums[i] += other[i - 1];
        sloped[i] = sloped[i] < 0 ? sloped[i] * other[i - 1] : sloped[i];
      }
      float[] actual = data.clone();
      Backend.current().add(actual, ROOM, other, ROOM - 1, n);
      assertThat(actual).as("sums of %d", n).isEqualTo(sums);
      actual = data.clone();
      Backend.current().prelu(actual, ROOM, other, ROOM - 1, n);
      assertThat(actual).as("slopes of %d", n).isEqualTo(sloped);
    }
  }

  @Test
  void rangesMustLieInTheirArrays() {
    Backend backend = Backend.current();
    assertThatThrownBy(() -> backend.add(new float[4], 1, new float[9], 0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("data");
    assertThatThrownBy(() -> backend.add(new float[9], 0, new float[4], -1, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("other");
    assertThatThrownBy(() -> backend.prelu(new float[9], 0, new float[4], 1, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("slope");
  }

  @Test
  void rangesMustBeTheSameOrApart() {
    Backend backend = Backend.current();
    float[] data = {1, 2, 3, 4, 5, 6};
    assertThatThrownBy(() -> backend.add(data, 1, data, 0, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("other [0, 3)", "data [1, 4)", "overlap");
    assertThatThrownBy(() -> backend.prelu(data, 0, data, 2, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("slope [2, 5)", "data [0, 3)", "overlap");
    backend.add(data, 0, data, 3, 3);
    backend.add(data, 3, data, 3, 3);
    assertThat(data).containsExactly(5, 7, 9, 8, 10, 12);
  }
}
