package io.github.lanewise.jmh.networks;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
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

  /** RGB in NHWC order. */
  float[] input(int size) {
    BufferedImage square = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = square.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    g.scale(1 / scale(size), 1 / scale(size));
    g.drawImage(image, -left(), -top(), null);
    g.dispose();
    float[] out = new float[size * size * 3];
    for (int i = 0; i < out.length; i++) {
      int rgb = square.getRGB(i / 3 % size, i / 3 / size);
      out[i] = (rgb >> (8 * (2 - i % 3)) & 0xff) / 127.5f - 1;
    }
    return out;
  }
}
