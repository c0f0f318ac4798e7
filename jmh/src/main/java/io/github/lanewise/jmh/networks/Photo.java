package io.github.lanewise.jmh.networks;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** A photo as networks want it: square, black where it is not, of some size, values in -1 to 1. */
final class Photo {
  private final BufferedImage image;
  private final int side;

  Photo(BufferedImage image) {
    this.image = image;
    this.side = Math.max(image.getWidth(), image.getHeight());
  }

  static Photo read(Path file) throws IOException {
    BufferedImage image = ImageIO.read(file.toFile());
    if (image == null) {
      throw new IOException(file + " is no image that can be read: PNG, JPEG, BMP, GIF are");
    }
    return new Photo(image);
  }

  BufferedImage image() {
    return image;
  }

  /** Where the square starts, to the left of or above the photo. */
  int left() {
    return (image.getWidth() - side) / 2;
  }

  int top() {
    return (image.getHeight() - side) / 2;
  }

  /** Pixels of the photo for one of the square that is {@code size} wide. */
  double scale(int size) {
    return (double) side / size;
  }

  /** RGB in NHWC order: linear between pixel centres, clamped at the edges. */
  float[] input(int size) {
    float[] out = new float[size * size * 3];
    for (int y = 0; y < size; y++) {
      double row = Math.clamp((y + 0.5) * scale(size) - 0.5, 0, side - 1);
      for (int x = 0; x < size; x++) {
        double column = Math.clamp((x + 0.5) * scale(size) - 0.5, 0, side - 1);
        for (int c = 0; c < 3; c++) {
          out[(y * size + x) * 3 + c] = (float) (value(row, column, c) / 127.5 - 1);
        }
      }
    }
    return out;
  }

  private double value(double row, double column, int channel) {
    int y = (int) row;
    int x = (int) column;
    double above = mix(pixel(y, x, channel), pixel(y, x + 1, channel), column - x);
    double below = mix(pixel(y + 1, x, channel), pixel(y + 1, x + 1, channel), column - x);
    return mix(above, below, row - y);
  }

  private static double mix(double a, double b, double share) {
    return a + (b - a) * share;
  }

  /** 0 to 255, black beside the photo. */
  private int pixel(int squareRow, int squareColumn, int channel) {
    int y = Math.min(squareRow, side - 1) + top();
    int x = Math.min(squareColumn, side - 1) + left();
    boolean inside = y >= 0 && y < image.getHeight() && x >= 0 && x < image.getWidth();
    return inside ? (image.getRGB(x, y) >> (8 * (2 - channel))) & 0xff : 0;
  }
}
