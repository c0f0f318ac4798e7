package io.github.lanewise.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files are decoded up to a size, by what they declare. */
class AwtPixelsTest {

  private static byte[] encoded(String format) throws IOException {
    BufferedImage image = new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB);
    image.setRGB(3, 4, 0xffffff);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, bytes)).isTrue();
    return bytes.toByteArray();
  }

  private static BufferedImage read(byte[] encoded, int maxPixels) throws IOException {
    return AwtPixels.read(new ByteArrayInputStream(encoded), maxPixels);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "bmp", "gif", "tiff"})
  void allFormatsAreReadUpToALimit(String format) throws IOException {
    byte[] encoded = encoded(format);
    BufferedImage image = read(encoded, 200);
    assertThat(image.getWidth()).isEqualTo(20);
    assertThat(image.getHeight()).isEqualTo(10);
    assertThat(image.getRGB(3, 4) & 0xff).isGreaterThan(200);
    assertThat(image.getRGB(15, 4) & 0xff).isLessThan(60);
    assertThatIOException()
        .isThrownBy(() -> read(encoded, 199))
        .withMessage("the image declares 20 x 10 pixels, must have at most 199");
  }

  /** One that would fill the heap, and one whose product is more than an int. */
  @ParameterizedTest
  @CsvSource({"30000, 30000", "60000, 60000", "2147483647, 2147483647"})
  void aSmallFileThatDeclaresALargeImageIsNotDecoded(int width, int height) throws IOException {
    byte[] png = encoded("png");
    ByteBuffer head = ByteBuffer.wrap(png);
    head.putInt(16, width).putInt(20, height);
    CRC32 sum = new CRC32();
    sum.update(png, 12, 17);
    head.putInt(29, (int) sum.getValue());
    assertThatIOException()
        .isThrownBy(() -> read(png, 100_000_000))
        .withMessage(
            "the image declares %d x %d pixels, must have at most 100000000", width, height);
  }

  /** A decoder has room for a tile, however small the image. */
  @Test
  void neitherIsALargeTile() throws IOException {
    byte[] tiff = tiff(20, 10, 1 << 15, 1 << 15);
    assertThatIOException()
        .isThrownBy(() -> read(tiff, 100_000_000))
        .withMessage("the image declares 32768 x 32768 pixels, must have at most 100000000");
    byte[] manyTiles = tiff(60_000, 60_000, 16, 16);
    assertThatIOException()
        .isThrownBy(() -> read(manyTiles, 100_000_000))
        .withMessage("the image declares 60000 x 60000 pixels, must have at most 100000000");
    assertThat(read(tiff(16, 16, 16, 16), 256).getHeight()).isEqualTo(16);
  }

  /** One of gray bytes, uncompressed, in one tile that is there for 256 pixels. */
  private static byte[] tiff(int width, int height, int tileWidth, int tileHeight) {
    int[][] fields = {
      {256, width},
      {257, height},
      {258, 8},
      {259, 1},
      {262, 1},
      {277, 1},
      {322, tileWidth},
      {323, tileHeight},
      {324, 8 + 2 + 10 * 12 + 4},
      {325, 256},
    };
    ByteBuffer file = ByteBuffer.allocate(8 + 2 + fields.length * 12 + 4 + 256);
    file.putInt(0x4d4d002a).putInt(8).putShort((short) fields.length);
    for (int[] field : fields) {
      file.putShort((short) field[0]).putShort((short) 4).putInt(1).putInt(field[1]);
    }
    return file.array();
  }

  @Test
  void whatIsNoImageIsSaid() throws IOException {
    assertThatIOException()
        .isThrownBy(() -> read(new byte[] {1, 2, 3}, 100))
        .withMessageStartingWith("it is no image that can be read, must be one of ")
        .withMessageContaining("png");
    byte[] png = encoded("png");
    assertThatIOException().isThrownBy(() -> read(Arrays.copyOf(png, png.length / 2), 1000));
    byte[] sizes = png.clone();
    Arrays.fill(sizes, 16, 24, (byte) 0xff);
    assertThatIOException().isThrownBy(() -> read(sizes, 1000));
    assertThatNullPointerException()
        .isThrownBy(() -> AwtPixels.read(null, 1))
        .withMessage("encoded is null");
  }

  /** Decoders throw exceptions of many kinds; callers get one. */
  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "bmp", "gif"})
  void aDamagedFileGivesAnImageOrAnIoException(String format) throws IOException {
    Random random = new Random(1);
    byte[] encoded = encoded(format);
    int failed = 0;
    for (int i = 0; i < 500; i++) {
      byte[] damaged = encoded.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        damaged[random.nextInt(Math.min(damaged.length, 200))] = (byte) random.nextInt();
      }
      try {
        assertThat(read(damaged, 1000)).isNotNull();
      } catch (IOException expected) {
        failed++;
      }
    }
    assertThat(failed).isPositive();
  }

  @Test
  void theStreamStaysOpen() throws IOException {
    boolean[] isClosed = {false};
    ByteArrayInputStream stream =
        new ByteArrayInputStream(encoded("png")) {
          @Override
          public void close() {
            isClosed[0] = true;
          }
        };
    AwtPixels.read(stream, 200);
    assertThat(isClosed[0]).isFalse();
  }
}
