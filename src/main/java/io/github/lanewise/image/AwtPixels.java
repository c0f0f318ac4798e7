package io.github.lanewise.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferInt;
import java.awt.image.Raster;
import java.awt.image.SinglePixelPackedSampleModel;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.Objects;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Images of Java's own kind. Needs the module {@code java.desktop}, which nothing else of Lanewise
 * does.
 */
public final class AwtPixels {

  private AwtPixels() {}

  /**
   * Decodes an image, unless the size that it declares is too large: a file of a kilobyte can
   * declare one that fills the heap. Compared are the numbers in its head, before anything is
   * allocated by them. A pixel takes one to eight bytes, in most images three.
   *
   * @param encoded PNG, JPEG, BMP, GIF or TIFF, or what else {@link ImageIO} has readers for; the
   *     first image is taken, the stream is not closed
   * @param maxPixels the most that width times height may be
   * @return the image, for {@link #of}
   * @throws IOException if the stream cannot be read, or holds no image that can be decoded, or a
   *     larger one
   */
  @SuppressWarnings("exports") // whoever has such an image requires that module
  public static BufferedImage read(InputStream encoded, int maxPixels) throws IOException {
    Objects.requireNonNull(encoded, "encoded is null");
    // ImageIO's own choice of a stream would be a file for each image.
    try (ImageInputStream input = new MemoryCacheImageInputStream(encoded)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(input);
      if (!readers.hasNext()) {
        throw new IOException(
            "it is no image that can be read, must be one of "
                + String.join(", ", ImageIO.getReaderFileSuffixes()));
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(input, true, true);
        checkSize(reader.getWidth(0), reader.getHeight(0), maxPixels);
        checkSize(reader.getTileWidth(0), reader.getTileHeight(0), maxPixels);
        return reader.read(0);
      } catch (RuntimeException e) { // decoders throw whatever a damaged image leads them to
        throw new IOException("the image is damaged: " + e.getMessage(), e);
      } finally {
        reader.dispose();
      }
    }
  }

  private static void checkSize(int width, int height, int maxPixels) throws IOException {
    if ((long) width * height > maxPixels) {
      throw new IOException(
          "the image declares %d x %d pixels, must have at most %d"
              .formatted(width, height, maxPixels));
    }
  }

  /**
   * The pixels of an image, alpha ignored. Of the types that image files and drawing usually give
   * (RGB and ARGB integers, BGR, ABGR and gray bytes) it is a view of the image's own array; of
   * others a copy as sRGB. Gray values are taken as they are in the file, where {@code getRGB}
   * would brighten them.
   *
   * @param image not to be drawn on while it is read
   * @return a view or copy
   */
  @SuppressWarnings("exports") // whoever has such an image requires that module
  public static Pixels of(BufferedImage image) {
    int w = image.getWidth();
    int h = image.getHeight();
    Raster raster = image.getRaster();
    return switch (image.getType()) {
      case BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB -> {
        var model = (SinglePixelPackedSampleModel) raster.getSampleModel();
        var data = (DataBufferInt) raster.getDataBuffer();
        int at = model.getOffset(left(raster), top(raster)) + data.getOffset();
        yield Pixels.argb(data.getData(), at, model.getScanlineStride(), w, h);
      }
      case BufferedImage.TYPE_3BYTE_BGR -> bytes(raster, w, h, 2, 1, 0, 3);
      case BufferedImage.TYPE_4BYTE_ABGR -> bytes(raster, w, h, 3, 2, 1, 4);
      case BufferedImage.TYPE_BYTE_GRAY -> bytes(raster, w, h, 0, 0, 0, 1);
      default ->
          isGray(image) ? gray(image) : Pixels.argb(image.getRGB(0, 0, w, h, null, 0, w), w, h);
    };
  }

  /** In the array, of which the image may be a part. */
  private static int left(Raster raster) {
    return -raster.getSampleModelTranslateX();
  }

  private static int top(Raster raster) {
    return -raster.getSampleModelTranslateY();
  }

  private static Pixels bytes(Raster raster, int w, int h, int... places) {
    var model = (ComponentSampleModel) raster.getSampleModel();
    var data = (DataBufferByte) raster.getDataBuffer();
    int stride = model.getScanlineStride();
    int at = data.getOffset() + top(raster) * stride + left(raster) * places[3];
    return Pixels.bytes(data.getData(), at, stride, places, w, h);
  }

  private static boolean isGray(BufferedImage image) {
    return image.getColorModel() instanceof ComponentColorModel model
        && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
        && model.getComponentSize(0) >= 8;
  }

  /** The upper 8 bits of the first band; a second one is alpha. */
  private static Pixels gray(BufferedImage image) {
    int w = image.getWidth();
    int h = image.getHeight();
    int shift = image.getColorModel().getComponentSize(0) - 8;
    int[] row = new int[w];
    byte[] gray = new byte[Math.multiplyExact(w, h)];
    for (int y = 0; y < h; y++) {
      image.getRaster().getSamples(0, y, w, 1, 0, row);
      for (int x = 0; x < w; x++) {
        gray[y * w + x] = (byte) (row[x] >> shift);
      }
    }
    return Pixels.bytes(Channels.GRAY, gray, w, h);
  }
}
