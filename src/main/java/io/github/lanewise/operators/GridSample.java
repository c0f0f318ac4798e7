package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/**
 * Pixels of an image at places that another tensor names: {@code [batch][height][width][channels]}
 * and {@code [batch][rows][columns][2]}, of the latter x before y, where -1 and 1 are the image's
 * edges.
 *
 * @param mode how to interpolate between pixels
 * @param outside what lies outside of the image
 * @param alignCorners whether the edges are the centres of the outermost pixels
 */
public record GridSample(Mode mode, Outside outside, boolean alignCorners) implements Operation {

  /** How to interpolate. */
  public enum Mode {
    NEAREST,
    LINEAR,
    CUBIC
  }

  /** What lies outside of the image. */
  public enum Outside {
    ZEROS,
    BORDER,
    REFLECTION
  }

  /** Of the cubic convolution kernel. */
  private static final double CUBIC = -0.75;

  private static final int MAX_TAPS = 4;

  @Override
  public int[][] shapes(int[]... inputs) {
    int[] x = inputs[0];
    int[] grid = inputs[1];
    if (x.length != 4 || grid.length != 4 || grid[0] != x[0] || grid[3] != 2) {
      throw new IllegalArgumentException(
          "shapes %s and %s must be [batch][height][width][channels] and [batch][rows][columns][2]"
              .formatted(Arrays.toString(x), Arrays.toString(grid)));
    }
    return new int[][] {{x[0], grid[1], grid[2], x[3]}};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new Run(this, inputs[0], inputs[1][1] * inputs[1][2]);
  }

  /** Of one axis, where an image's edge lies before the first pixel. */
  private double edge() {
    return alignCorners ? 0 : -0.5;
  }

  /** A coordinate as the place of a pixel, perhaps outside of the image but for a rest. */
  private double place(float coordinate, int size) {
    double at =
        alignCorners ? (coordinate + 1.0) / 2 * (size - 1) : ((coordinate + 1.0) * size - 1) / 2;
    double whole = mode == Mode.NEAREST ? Math.rint(at) : at;
    if (whole >= edge() && whole <= size - 1 - edge()) {
      return whole;
    }
    return switch (outside) {
      case ZEROS -> whole;
      case BORDER -> Math.clamp(whole, 0.0, size - 1.0);
      case REFLECTION -> reflected(whole, size);
    };
  }

  /** The pixel behind an index, or -1 for none. */
  private int pixel(double index, int size) {
    if (index >= 0 && index < size) {
      return (int) index;
    }
    return switch (outside) {
      case ZEROS -> -1;
      case BORDER -> index > 0 ? size - 1 : 0;
      case REFLECTION -> Math.clamp((long) reflected(index, size), 0, size - 1);
    };
  }

  /** Mirrored at both edges as often as it takes. */
  private double reflected(double at, int size) {
    double first = edge();
    double range = size - 1 - 2 * first;
    if (range == 0) {
      return 0;
    }
    double rest = Math.abs(at - first) % (2 * range);
    return first + (rest <= range ? rest : 2 * range - rest);
  }

  /** The weight of pixels at a distance from a place. */
  private double weight(double distance) {
    double d = Math.abs(distance);
    return switch (mode) {
      case NEAREST -> 1;
      case LINEAR -> 1 - d;
      case CUBIC ->
          d <= 1
              ? ((CUBIC + 2) * d - (CUBIC + 3)) * d * d + 1
              : ((d - 5) * d + 8) * CUBIC * d - 4 * CUBIC;
    };
  }

  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Run(GridSample op, int[] image, int pixels) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      int channels = image[3];
      int to = dstOff;
      int grid = bOff;
      for (int n = 0; n < image[0]; n++) {
        int from = aOff + n * image[1] * image[2] * channels;
        for (int p = 0; p < pixels; p++) {
          sample(
              context.sums, a, from, op.place(b[grid + 1], image[1]), op.place(b[grid], image[2]));
          for (int c = 0; c < channels; c++) {
            dst[to + c] = (float) context.sums[c];
          }
          grid += 2;
          to += channels;
        }
      }
    }

    private void sample(double[] sums, float[] a, int from, double y, double x) {
      int channels = image[3];
      Arrays.fill(sums, 0, channels, 0);
      int taps = op.mode == Mode.NEAREST ? 1 : op.mode == Mode.LINEAR ? 2 : MAX_TAPS;
      int before = (taps - 1) / 2;
      double top = Math.floor(y) - before;
      double left = Math.floor(x) - before;
      for (int i = 0; i < taps; i++) {
        int row = op.pixel(top + i, image[1]);
        double w = op.weight(y - top - i);
        for (int k = 0; k < taps; k++) {
          int column = op.pixel(left + k, image[2]);
          double weight = w * op.weight(x - left - k);
          if (row >= 0 && column >= 0 && weight != 0) {
            int at = from + (row * image[2] + column) * channels;
            for (int c = 0; c < channels; c++) {
              sums[c] += weight * a[at + c];
            }
          }
        }
      }
    }

    @Override
    public int sums() {
      return image[3];
    }

    @Override
    public String describe() {
      return "grid sample " + op.mode.name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
