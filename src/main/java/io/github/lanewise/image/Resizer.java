package io.github.lanewise.image;

import java.util.Arrays;

/**
 * Resizes images of one size after another, with arrays that grow to the largest: each row of an
 * image that has a weight is read once, resized to the output's width, and kept while rows of the
 * output need it. Not thread-safe.
 */
final class Resizer {
  final Taps columns = new Taps();
  final Taps rows = new Taps();

  /** Of the image that it is set for, or null. */
  Placement placement;

  private int x;
  private int y;
  private int width;
  private int height;

  /** A row as it is read, of the columns that have weights. */
  private float[] read = {};

  /** Resized rows, and which they are: row {@code i} in place {@code i % rows.most}. */
  private float[][] kept = {};

  private int[] keptRow = {};

  /** One row of the output. */
  float[] result = {};

  /** Whether it is set for images like this. */
  boolean isFor(Pixels image) {
    return placement != null
        && x == image.x
        && y == image.y
        && width == image.width()
        && height == image.height();
  }

  /** Says what {@link #columns} and {@link #rows} are set for. */
  void setFor(Pixels image, int channels, Placement place) {
    x = image.x;
    y = image.y;
    width = image.width();
    height = image.height();
    read = atLeast(read, (columns.to() - columns.from()) * channels);
    int line = (columns.end - columns.begin) * channels;
    result = atLeast(result, line);
    if (kept.length < rows.most) {
      kept = Arrays.copyOf(kept, rows.most);
      keptRow = new int[rows.most];
    }
    for (int i = 0; i < rows.most; i++) {
      kept[i] = atLeast(kept[i] == null ? new float[0] : kept[i], line);
    }
    placement = place;
  }

  private static float[] atLeast(float[] array, int length) {
    return array.length < length ? new float[length] : array;
  }

  /** Forgets the pixels of the image before. */
  void begin() {
    Arrays.fill(keptRow, -1);
  }

  /** Computes row {@code rows.begin + i} of the output, red first. */
  void row(Pixels image, int channels, int i) {
    int line = (columns.end - columns.begin) * channels;
    int first = rows.first[i];
    for (int k = 0; k < rows.count[i]; k++) {
      float[] from = resized(image, channels, first + k);
      float weight = rows.weights[i * rows.most + k];
      if (k == 0) {
        scale(from, weight, result, line);
      } else {
        add(from, weight, result, line);
      }
    }
  }

  private static void scale(float[] from, float weight, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] = from[i] * weight;
    }
  }

  private static void add(float[] from, float weight, float[] to, int n) {
    for (int i = 0; i < n; i++) {
      to[i] += from[i] * weight;
    }
  }

  private float[] resized(Pixels image, int channels, int row) {
    int place = row % rows.most;
    float[] to = kept[place];
    if (keptRow[place] != row) {
      int from = columns.from();
      image.read(row, from, columns.to() - from, channels, read);
      if (channels == 1) {
        resizeGray(read, from, columns, to);
      } else {
        resizeColour(read, from, columns, to);
      }
      keptRow[place] = row;
    }
    return to;
  }

  private static void resizeGray(float[] read, int from, Taps taps, float[] to) {
    for (int i = 0; i < taps.end - taps.begin; i++) {
      int at = taps.first[i] - from;
      float sum = 0;
      for (int k = 0; k < taps.count[i]; k++) {
        sum += read[at + k] * taps.weights[i * taps.most + k];
      }
      to[i] = sum;
    }
  }

  private static void resizeColour(float[] read, int from, Taps taps, float[] to) {
    for (int i = 0; i < taps.end - taps.begin; i++) {
      int at = (taps.first[i] - from) * 3;
      float red = 0;
      float green = 0;
      float blue = 0;
      for (int k = 0; k < taps.count[i]; k++) {
        float weight = taps.weights[i * taps.most + k];
        red += read[at + 3 * k] * weight;
        green += read[at + 3 * k + 1] * weight;
        blue += read[at + 3 * k + 2] * weight;
      }
      to[3 * i] = red;
      to[3 * i + 1] = green;
      to[3 * i + 2] = blue;
    }
  }
}
