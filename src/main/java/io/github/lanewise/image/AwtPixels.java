package io.github.lanewise.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.ComponentSampleModel;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferInt;
import java.awt.image.Raster;
import java.awt.image.SinglePixelPackedSampleModel;

/**
 * Images of Java's own kind. Needs the module {@code java.desktop}, which nothing else of Lanewise
 * does.
 */
public final class AwtPixels {

  private AwtPixels() {}

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
