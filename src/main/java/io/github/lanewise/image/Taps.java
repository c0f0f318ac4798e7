package io.github.lanewise.image;

/**
 * The pixels of one axis of an image that each output pixel is a weighted mean of. Positions are
 * whole numbers of half a resized pixel's share, {@code 1 / (2 size)} of a pixel of the image, so
 * that they are exact. Keeps its arrays when it is set anew. Not thread-safe.
 */
final class Taps {
  /** Output pixels that the image reaches, {@code [begin, end)}; the others are padding. */
  int begin;

  int end;

  /** Places in {@link #weights} for each of these, of which the first {@link #count} are used. */
  int most;

  int[] first = {};
  int[] count = {};
  float[] weights = {};

  private Interpolation interpolation;
  private int in;
  private int size;

  /** Half of what a resized pixel covers. */
  private long reach;

  /**
   * Sets them.
   *
   * @param in pixels of the image
   * @param size pixels after resizing
   * @param shift the one of these that is output pixel 0, less than 0 where padding is first
   * @param outs output pixels
   */
  void set(Interpolation interpolation, int in, int size, int shift, int outs) {
    this.interpolation = interpolation;
    this.in = in;
    this.size = size;
    this.reach =
        switch (interpolation) {
          case NEAREST -> 0;
          case BILINEAR -> 2L * size;
          case ANTIALIASED -> 2L * Math.max(in, size);
          case AREA -> in;
        };
    begin = Math.max(0, -shift);
    end = Math.min(outs, size - shift);
    most = Math.toIntExact(reach / size + 2);
    int floats = Math.multiplyExact(end - begin, most);
    if (first.length < end - begin) {
      first = new int[end - begin];
      count = new int[end - begin];
    }
    if (weights.length < floats) {
      weights = new float[floats];
    }
    for (int i = 0; i < end - begin; i++) {
      set(i, (2L * (begin + shift + i) + 1) * in);
    }
  }

  private void set(int i, long centre) {
    long from = centre / (2L * size);
    long to = from;
    if (interpolation == Interpolation.AREA) { // the pixels of which some part is within reach
      from = (centre - reach) / (2L * size);
      to = Math.ceilDiv(centre + reach, 2L * size) - 1;
    } else if (reach > 0) { // those whose centres are
      from = Math.max(0, Math.floorDiv(centre - reach - size, 2L * size) + 1);
      to = Math.min(in - 1, Math.ceilDiv(centre + reach - size, 2L * size) - 1);
    }
    double sum = 0;
    for (long pixel = from; pixel <= to; pixel++) {
      sum += weight(centre, pixel);
    }
    first[i] = (int) from;
    count[i] = (int) (to - from + 1);
    for (int k = 0; k < count[i]; k++) {
      weights[i * most + k] = (float) (weight(centre, from + k) / sum);
    }
  }

  private double weight(long centre, long pixel) {
    long left = 2 * pixel * size;
    return switch (interpolation) {
      case NEAREST -> 1;
      case BILINEAR, ANTIALIASED -> reach - Math.abs(left + size - centre);
      case AREA -> Math.min(centre + reach, left + 2L * size) - Math.max(centre - reach, left);
    };
  }

  /** The first pixel of the image that has a weight. */
  int from() {
    return first[0];
  }

  /** The one behind the last. */
  int to() {
    return first[end - begin - 1] + count[end - begin - 1];
  }
}
