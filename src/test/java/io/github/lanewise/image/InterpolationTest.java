package io.github.lanewise.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.lanewise.network.Layout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Resized pixels against those of three frameworks, and against the definition in double. */
class InterpolationTest {
  private static final List<int[]> SIZES =
      List.of(
          new int[] {1, 1, 1, 1},
          new int[] {1, 1, 5, 2},
          new int[] {9, 7, 1, 1},
          new int[] {13, 8, 5, 8},
          new int[] {3, 5, 7, 11},
          new int[] {17, 4, 6, 13},
          new int[] {64, 50, 3, 2},
          new int[] {10, 10, 10, 10});

  /**
   * A line has the framework, the interpolation, rows and columns before and after, and the pixels
   * of {@link #noise}. They are from OpenCV 4.6.0 ({@code resize} of float32 by
   * INTER_NEAREST_EXACT, INTER_LINEAR and INTER_AREA), Pillow 9.4.0 ({@code resize} in mode F by
   * NEAREST, BILINEAR and, where the sizes are multiples, BOX) and ONNX Runtime 1.29 (Resize with
   * {@code half_pixel}: nearest with {@code round_prefer_ceil}, linear, and linear with {@code
   * antialias} and {@code exclude_outside}). Nearest pixels are not compared where a centre is on a
   * border and the framework's rounding decides: those of OpenCV in three sizes, of Pillow in one.
   */
  static List<String> golden() throws IOException {
    try (var in = InterpolationTest.class.getResourceAsStream("resized.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("golden")
  void agreesWithTheFramework(String line) {
    String[] cells = line.split(" ", -1);
    int[] size = Arrays.stream(cells, 2, 6).mapToInt(Integer::parseInt).toArray();
    float[] expected = new float[size[2] * size[3]];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Float.parseFloat(cells[6 + i]);
    }
    Pixels pixels = Pixels.bytes(Channels.GRAY, noise(size[0] * size[1]), size[1], size[0]);
    float[] actual = new float[expected.length];
    ImageInput.builder(size[2], size[3])
        .channels(Channels.GRAY)
        .interpolation(Interpolation.valueOf(cells[1]))
        .build()
        .write(pixels, actual);
    assertThat(actual).containsExactly(expected, offset(1e-4f * 255));
  }

  @Test
  void threeFrameworksAreCompared() throws IOException {
    assertThat(golden().stream().map(line -> line.substring(0, line.indexOf(' '))).distinct())
        .containsExactlyInAnyOrder("OpenCV", "Pillow", "OnnxRuntime");
  }

  @ParameterizedTest
  @EnumSource(Interpolation.class)
  void isWhatTheDefinitionSays(Interpolation interpolation) {
    for (int[] size : SIZES) {
      byte[] bytes = noise(size[0] * size[1] * 3);
      float[] actual = new float[size[2] * size[3] * 3];
      ImageInput.builder(size[2], size[3])
          .interpolation(interpolation)
          .layout(Layout.NHWC)
          .build()
          .write(Pixels.bytes(Channels.RGB, bytes, size[1], size[0]), actual);
      for (int i = 0; i < actual.length; i++) {
        int y = i / 3 / size[3];
        int x = i / 3 % size[3];
        double sum = 0;
        double weights = 0;
        for (int v = 0; v < size[0]; v++) {
          for (int u = 0; u < size[1]; u++) {
            double weight =
                weight(interpolation, v, y, size[0], size[2])
                    * weight(interpolation, u, x, size[1], size[3]);
            weights += weight;
            sum += weight * (bytes[(v * size[1] + u) * 3 + i % 3] & 0xff);
          }
        }
        assertThat((double) actual[i])
            .as("%s of %s at %d", interpolation, Arrays.toString(size), i)
            .isEqualTo(sum / weights, offset(2e-4));
      }
    }
  }

  /** Of pixel {@code from} of {@code in} for pixel {@code to} of {@code out}, up to a factor. */
  private static double weight(Interpolation interpolation, int from, int to, int in, int out) {
    double step = (double) in / out;
    double centre = (to + 0.5) * step;
    double away = Math.abs(from + 0.5 - centre);
    return switch (interpolation) {
      case NEAREST -> (int) Math.floor(centre + 1e-9) == from ? 1 : 0;
      case BILINEAR -> Math.max(0, 1 - away);
      case ANTIALIASED -> Math.max(0, 1 - away / Math.max(1, step));
      case AREA ->
          Math.max(0, Math.min(from + 1, centre + step / 2) - Math.max(from, centre - step / 2));
    };
  }

  /** Where an output pixel's centre is a border between two pixels, the right one is nearest. */
  @Test
  void nearestOfTwoIsTheRightOne() {
    float[] out = new float[3];
    ImageInput.builder(1, 3)
        .channels(Channels.GRAY)
        .interpolation(Interpolation.NEAREST)
        .build()
        .write(Pixels.bytes(Channels.GRAY, new byte[] {1, 2, 3, 4, 5, 6}, 6, 1), out);
    assertThat(out).containsExactly(2, 4, 6);
  }

  /** 8-bit values that any language can make. */
  static byte[] noise(int n) {
    byte[] values = new byte[n];
    long state = 1;
    for (int i = 0; i < n; i++) {
      state = (state * 1103515245 + 12345) % (1L << 31);
      values[i] = (byte) (state >> 16);
    }
    return values;
  }
}
