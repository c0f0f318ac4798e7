package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Arrays;

/**
 * Divides values by a measure of those that belong together, and adds and multiplies for each
 * channel. The first input is read as {@code [outer][pixels][groups][channels]}: a group of
 * channels in all pixels belongs together. The second and third, if there are any, are a factor and
 * an offset for each of {@code groups * channels}. Sums are in double.
 *
 * @param measure what to divide by
 * @param outer how many times
 * @param pixels how often a group repeats
 * @param groups groups of a pixel
 * @param channels values of a group in a pixel
 * @param epsilon added to the mean square
 * @param statistics shape of two more results, the mean and the reciprocal of the deviation of each
 *     group; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // never changed, never compared
public record Normalization(
    Measure measure,
    int outer,
    int pixels,
    int groups,
    int channels,
    double epsilon,
    int[] statistics)
    implements Operation {

  /** What values are divided by. */
  public enum Measure {
    /** The standard deviation, after the mean is taken away. */
    DEVIATION,
    /** The root of the mean square. */
    ROOT_MEAN_SQUARE,
    /** The sum of the magnitudes. */
    L1,
    /** The root of the sum of squares. */
    L2
  }

  @Override
  public int[][] shapes(int[]... inputs) {
    return statistics == null
        ? new int[][] {inputs[0]}
        : new int[][] {inputs[0], statistics, statistics};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new Run(this);
  }

  /** The mean of a group and the reciprocal of its measure lie side by side in the sums. */
  private record Run(Normalization n) implements Operator {
    @Override
    public void run(Context context, Places in, Places out) {
      int length = n.pixels * n.groups * n.channels;
      float[] x = in.array(context, 0);
      for (int o = 0; o < n.outer; o++) {
        int from = in.offset(0) + o * length;
        measure(context, x, from);
        scale(context, in, from, out.array(context, 0), out.offset(0) + o * length);
        if (n.statistics != null) {
          for (int g = 0; g < n.groups; g++) {
            int at = o * n.groups + g;
            out.array(context, 1)[out.offset(1) + at] = (float) context.sums[g];
            out.array(context, 2)[out.offset(2) + at] = (float) context.sums[n.groups + g];
          }
        }
      }
    }

    private void measure(Context context, float[] x, int from) {
      double[] sums = context.sums;
      int count = n.pixels * n.channels;
      Arrays.fill(sums, 0, 2 * n.groups, 0);
      if (n.measure == Measure.DEVIATION) {
        sum(sums, 0, x, from, 0);
        for (int g = 0; g < n.groups; g++) {
          sums[g] /= count;
        }
      }
      sum(sums, n.groups, x, from, n.measure == Measure.L1 ? 1 : 2);
      for (int g = n.groups; g < 2 * n.groups; g++) {
        sums[g] =
            switch (n.measure) {
              case DEVIATION, ROOT_MEAN_SQUARE -> 1 / Math.sqrt(sums[g] / count + n.epsilon);
              case L1 -> reciprocal(sums[g]);
              case L2 -> reciprocal(Math.sqrt(sums[g]));
            };
      }
    }

    /** What is all zeros stays so. */
    private static double reciprocal(double norm) {
      return norm == 0 ? 0 : 1 / norm;
    }

    /** Adds up a power of the values, of 1 and 2 without their mean, at {@code to} of the sums. */
    private void sum(double[] sums, int to, float[] x, int from, int power) {
      for (int p = 0, at = from; p < n.pixels; p++) {
        for (int g = 0; g < n.groups; g++, at += n.channels) {
          double mean = power == 0 ? 0 : sums[g];
          double sum = 0;
          for (int i = at; i < at + n.channels; i++) {
            double v = x[i] - mean;
            sum += power == 0 ? v : power == 1 ? Math.abs(v) : v * v;
          }
          sums[to + g] += sum;
        }
      }
    }

    /** A part of the channels in all pixels after another, so that tiles hold its constants. */
    private void scale(Context context, Places in, int from, float[] dst, int to) {
      int pixel = n.groups * n.channels;
      float[] factor = context.tiles[1];
      float[] offset = context.tiles[2];
      for (int first = 0; first < pixel; first += Context.TILE) {
        int part = Math.min(Context.TILE, pixel - first);
        int times = part < pixel ? 1 : Math.clamp(Context.TILE / pixel, 1, n.pixels);
        for (int c = 0; c < part; c++) {
          int g = (first + c) / n.channels;
          double f = context.sums[n.groups + g] * constant(context, in, 1, first + c, 1);
          factor[c] = (float) f;
          offset[c] = (float) (constant(context, in, 2, first + c, 0) - context.sums[g] * f);
        }
        for (int i = 1; i < times; i++) {
          System.arraycopy(factor, 0, factor, i * part, part);
          System.arraycopy(offset, 0, offset, i * part, part);
        }
        for (int p = 0; p < n.pixels; p += times) {
          int count = part * Math.min(times, n.pixels - p);
          int shift = p * pixel + first;
          scale(context, count, in.array(context, 0), from + shift, dst, to + shift);
        }
      }
    }

    private static double constant(
        Context context, Places in, int input, int channel, double otherwise) {
      return in.count() > input ? in.array(context, input)[in.offset(input) + channel] : otherwise;
    }

    private static void scale(
        Context context, int count, float[] x, int from, float[] dst, int to) {
      float[] tile = context.tiles[0];
      float[] factor = context.tiles[1];
      float[] offset = context.tiles[2];
      System.arraycopy(x, from, tile, 0, count);
      for (int i = 0; i < count; i++) {
        tile[i] = tile[i] * factor[i] + offset[i];
      }
      System.arraycopy(tile, 0, dst, to, count);
    }

    @Override
    public boolean worksInPlace() {
      return true;
    }

    @Override
    public int tile() {
      return Context.TILE;
    }

    @Override
    public int sums() {
      return 2 * n.groups;
    }

    @Override
    public String describe() {
      return "normalization by %s over %dx%d"
          .formatted(
              n.measure.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
              n.pixels,
              n.channels);
    }
  }
}
