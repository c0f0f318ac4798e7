package io.github.lanewise.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.image.Pixels.Plane;
import io.github.lanewise.image.Pixels.Range;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of array gives the same pixels, and what does not fit is refused. */
class PixelsTest {
  /** Two rows of three pixels: red, green, blue; black, gray, white. */
  private static final int[] COLOURS = {0xff0000, 0x00ff00, 0x0000ff, 0x000000, 0x808080, 0xffffff};

  private static final List<Integer> RGB =
      List.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 128, 128, 128, 255, 255, 255);

  /** As {@code convert("L")} of Pillow and {@code COLOR_RGB2GRAY} of OpenCV have them. */
  private static final List<Integer> GRAY = List.of(76, 150, 29, 0, 128, 255);

  private static final int WIDTH = 6;
  private static final int HEIGHT = 4;

  /** Y, then U, then V, without gaps. */
  private static final byte[] I420 =
      bytes(
          """
          99 211 141 136 158 196 93 199 88 63 125 86 77 41 25 128 52 92 203 176 23 104 48 136
          132 41 156 193 165 108 191 197 66 34 99 45
          """);

  /** Of {@link #I420} by OpenCV 4.6.0, COLOR_YUV2RGB_I420, whose factors have three decimals. */
  private static final List<Integer> LIMITED =
      unsigned(
          bytes(
              """
              197 44 105 255 174 235 255 123 0 250 118 0 66 205 222 111 249 255 190 37 98 255 160
              221 194 62 0 165 33 0 28 166 183 0 121 138 0 122 202 0 80 160 0 20 85 84 139 205 0
              117 2 0 164 48 68 255 255 36 237 255 0 17 83 56 112 177 0 113 0 7 215 99
              """));

  /** Of {@link #I420} by Pillow 9.4.0, {@code convert("RGB")} of YCbCr; of tables. */
  private static final List<Integer> FULL =
      unsigned(
          bytes(
              """
              187 52 106 255 164 218 237 121 0 232 116 0 71 192 207 109 230 245 181 46 100 255 152
              206 184 68 0 159 43 0 38 159 174 0 120 135 0 121 192 0 85 156 0 32 90 87 135 193 0
              118 16 0 158 56 71 247 255 44 220 255 0 30 88 63 111 169 0 114 12 19 202 100
              """));

  private static byte[] bytes(String text) {
    String[] words = text.strip().split("\\s+", -1);
    byte[] bytes = new byte[words.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Integer.parseInt(words[i]);
    }
    return bytes;
  }

  private static List<Integer> unsigned(byte[] bytes) {
    Integer[] values = new Integer[bytes.length];
    Arrays.setAll(values, i -> bytes[i] & 0xff);
    return List.of(values);
  }

  /** All pixels, as they are. */
  private static List<Integer> read(Channels channels, Pixels pixels) {
    ImageInput input =
        ImageInput.builder(pixels.height(), pixels.width()).channels(channels).build();
    float[] values = new float[input.length()];
    input.write(pixels, values);
    Integer[] whole = new Integer[values.length];
    Arrays.setAll(whole, i -> (int) values[i]);
    for (int i = 0; i < whole.length; i++) {
      assertThat(values[i]).isEqualTo((float) whole[i]);
    }
    return List.of(whole);
  }

  private static void isColours(Pixels pixels) {
    assertThat(read(Channels.RGB, pixels)).isEqualTo(RGB);
    assertThat(read(Channels.GRAY, pixels)).isEqualTo(GRAY);
  }

  @Test
  void integersAreRead() {
    isColours(Pixels.argb(COLOURS, 3, 2));
    int[] wide = new int[1 + 5 + 3];
    Arrays.fill(wide, -1);
    System.arraycopy(COLOURS, 0, wide, 1, 3);
    System.arraycopy(COLOURS, 3, wide, 6, 3);
    isColours(Pixels.argb(wide, 1, 5, 3, 2));
  }

  @ParameterizedTest
  @CsvSource({"RGB, 0", "BGR, 2"})
  void bytesAreRead(Channels order, int red) {
    byte[] tight = new byte[18];
    byte[] wide = new byte[2 + 11 + 9];
    for (int i = 0; i < 18; i++) {
      byte value = (byte) (int) RGB.get(i / 3 * 3 + (red == 0 ? i % 3 : 2 - i % 3));
      tight[i] = value;
      wide[2 + i / 9 * 11 + i % 9] = value;
    }
    isColours(Pixels.bytes(order, tight, 3, 2));
    isColours(Pixels.bytes(order, wide, 2, 11, 3, 2));
  }

  @Test
  void grayIsReadAsColourToo() {
    Pixels gray = Pixels.bytes(Channels.GRAY, new byte[] {0, 7, -1}, 3, 1);
    assertThat(read(Channels.GRAY, gray)).containsExactly(0, 7, 255);
    assertThat(read(Channels.BGR, gray)).containsExactly(0, 0, 0, 7, 7, 7, 255, 255, 255);
  }

  @Test
  void yuvIsReadAsOtherFrameworksDo() {
    isNear(read(Channels.RGB, Pixels.i420(I420, 0, WIDTH, HEIGHT, Range.LIMITED)), LIMITED);
    isNear(read(Channels.RGB, Pixels.i420(I420, 0, WIDTH, HEIGHT, Range.FULL)), FULL);
  }

  /** Their rounded factors and tables make a difference of one. */
  private static void isNear(List<Integer> actual, List<Integer> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i) - expected.get(i)).as("value %d", i).isBetween(-1, 1);
    }
  }

  /** The definition of BT.601 in double, for every third Y, U and V. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void yuvIsWhatTheDefinitionSays(boolean isFull) {
    byte[] planes = new byte[3];
    Pixels pixel = Pixels.i420(planes, 0, 1, 1, isFull ? Range.FULL : Range.LIMITED);
    float[] rgb = new float[3];
    float[] gray = new float[1];
    for (int i = 0; i < 86 * 86 * 86; i++) {
      planes[0] = (byte) (i % 86 * 3);
      planes[1] = (byte) (i / 86 % 86 * 3);
      planes[2] = (byte) (i / 86 / 86 * 3);
      double y = isFull ? i % 86 * 3 : (i % 86 * 3 - 16) * 255 / 219.0;
      double cb = (i / 86 % 86 * 3 - 128) / (isFull ? 255 : 224.0) * 255;
      double cr = (i / 86 / 86 * 3 - 128) / (isFull ? 255 : 224.0) * 255;
      double red = y + 2 * (1 - 0.299) * cr;
      double blue = y + 2 * (1 - 0.114) * cb;
      pixel.read(0, 0, 1, 3, rgb);
      pixel.read(0, 0, 1, 1, gray);
      double green = (y - 0.299 * red - 0.114 * blue) / 0.587;
      if (!isNear(rgb[0], red)
          || !isNear(rgb[1], green)
          || !isNear(rgb[2], blue)
          || !isNear(gray[0], y)) {
        throw new AssertionError(
            "%s: %s, luma %s, instead of %f %f %f, %f"
                .formatted(
                    Arrays.toString(planes), Arrays.toString(rgb), gray[0], red, green, blue, y));
      }
    }
  }

  private static boolean isNear(float actual, double exact) {
    return Math.abs(actual - Math.clamp(exact, 0, 255)) < 0.5 + 1e-3;
  }

  @Test
  void kindsOfYuvAreTheSamePixels() {
    Pixels i420 = Pixels.i420(I420, 0, WIDTH, HEIGHT, Range.LIMITED);
    byte[] nv12 = new byte[1 + I420.length];
    System.arraycopy(I420, 0, nv12, 1, 24);
    byte[] wide = new byte[3 + 4 * 10];
    byte[] u = new byte[2 * 7];
    for (int i = 0; i < 6; i++) {
      nv12[25 + 2 * i] = I420[24 + i];
      nv12[26 + 2 * i] = I420[30 + i];
      u[i / 3 * 7 + 1 + i % 3 * 2] = I420[24 + i];
    }
    for (int i = 0; i < 24; i++) {
      wide[3 + i / 6 * 10 + i % 6] = I420[i];
    }
    Pixels planes =
        Pixels.yuv420(
            new Plane(wide, 3, 10, 1),
            new Plane(u, 1, 7, 2),
            new Plane(I420, 30, 3, 1),
            WIDTH,
            HEIGHT,
            Range.LIMITED);
    for (Pixels other : List.of(Pixels.nv12(nv12, 1, WIDTH, HEIGHT, Range.LIMITED), planes)) {
      for (Channels channels : Channels.values()) {
        assertThat(read(channels, other)).isEqualTo(read(channels, i420));
      }
    }
  }

  @Test
  void theLastPixelsOfOddSizesHaveAColourOfTheirOwn() {
    byte[] i420 = {81, 81, 81, 81, 81, 81, 81, 81, 81, -128, -128, -128, 90, -128, -128, -128, -16};
    byte[] nv12 = i420.clone();
    System.arraycopy(new byte[] {-128, -128, -128, -128, -128, -128, 90, -16}, 0, nv12, 9, 8);
    for (Pixels pixels :
        List.of(
            Pixels.i420(i420, 0, 3, 3, Range.LIMITED), Pixels.nv12(nv12, 0, 3, 3, Range.LIMITED))) {
      List<Integer> rgb = read(Channels.RGB, pixels);
      assertThat(rgb.subList(0, 24)).containsOnly(76);
      assertThat(rgb.subList(24, 27)).containsExactly(254, 0, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_INT_ARGB_PRE,
        BufferedImage.TYPE_INT_BGR,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_4BYTE_ABGR_PRE
      })
  void bufferedImagesAreRead(int type) {
    BufferedImage image = new BufferedImage(3, 2, type);
    BufferedImage large = new BufferedImage(7, 5, type);
    for (int i = 0; i < 6; i++) {
      image.setRGB(i % 3, i / 3, 0xff000000 | COLOURS[i]);
      large.setRGB(2 + i % 3, 1 + i / 3, 0xff000000 | COLOURS[i]);
    }
    isColours(AwtPixels.of(image));
    isColours(AwtPixels.of(large.getSubimage(2, 1, 3, 2)));
    isColours(AwtPixels.of(large.getSubimage(1, 1, 6, 4).getSubimage(1, 0, 3, 2)));
  }

  @Test
  void anImageOfAPaletteIsRead() {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_INDEXED);
    for (int i = 0; i < 6; i++) {
      image.setRGB(i % 3, i / 3, 0xff000000 | (COLOURS[i] & (i == 4 ? 0 : -1)));
    }
    assertThat(read(Channels.RGB, AwtPixels.of(image)).subList(0, 12))
        .isEqualTo(RGB.subList(0, 12));
  }

  /** {@code getRGB} takes them for linear light, and makes 188 of 128. */
  @Test
  void grayValuesAreThoseOfTheFile() {
    BufferedImage bytes = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    bytes.getRaster().setPixels(0, 0, 3, 2, new int[] {0, 1, 2, 128, 200, 255});
    assertThat(read(Channels.GRAY, AwtPixels.of(bytes))).containsExactly(0, 1, 2, 128, 200, 255);
    assertThat(read(Channels.GRAY, AwtPixels.of(bytes.getSubimage(1, 1, 2, 1))))
        .containsExactly(200, 255);
    BufferedImage shorts = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    shorts.getRaster().setPixels(0, 0, 2, 1, new int[] {128 << 8 | 255, 65535});
    assertThat(read(Channels.GRAY, AwtPixels.of(shorts))).containsExactly(128, 255);
    BufferedImage withAlpha =
        new BufferedImage(
            new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY),
                true,
                false,
                BufferedImage.TRANSLUCENT,
                DataBuffer.TYPE_BYTE),
            Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 2, 1, 2, null),
            false,
            null);
    withAlpha.getRaster().setPixels(0, 0, 2, 1, new int[] {128, 9, 64, 255});
    assertThat(read(Channels.GRAY, AwtPixels.of(withAlpha))).containsExactly(128, 64);
  }

  @Test
  void whatIsDrawnLaterIsSeenInAView() {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    Pixels view = AwtPixels.of(image);
    Graphics2D g = image.createGraphics();
    g.fillRect(1, 0, 1, 1);
    g.dispose();
    assertThat(read(Channels.RGB, view)).containsExactly(0, 0, 0, 255, 255, 255);
  }

  @Test
  void aCropIsAnImageOfItsOwn() {
    byte[] bytes = InterpolationTest.noise(12 * 9 * 3);
    Pixels whole = Pixels.bytes(Channels.RGB, bytes, 12, 9);
    for (int[] at : new int[][] {{0, 0, 4, 3}, {8, 6, 4, 3}, {5, 2, 4, 3}, {11, 8, 1, 1}}) {
      byte[] copy = new byte[at[2] * at[3] * 3];
      for (int y = 0; y < at[3]; y++) {
        System.arraycopy(bytes, ((at[1] + y) * 12 + at[0]) * 3, copy, y * at[2] * 3, at[2] * 3);
      }
      Pixels part = whole.crop(at[0], at[1], at[2], at[3]);
      Pixels nested =
          whole.crop(at[0], 0, at[2], 9).crop(0, at[1], at[2], at[3]); // one axis, then the other
      for (Interpolation interpolation : Interpolation.values()) {
        ImageInput input = ImageInput.builder(5, 5).interpolation(interpolation).build();
        float[] expected = new float[75];
        input.write(Pixels.bytes(Channels.RGB, copy, at[2], at[3]), expected);
        float[] actual = new float[75];
        input.write(part, actual);
        assertThat(actual).isEqualTo(expected);
        input.write(nested, actual);
        assertThat(actual).isEqualTo(expected);
      }
    }
  }

  private static void refuses(ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    byte[] six = new byte[6];
    refuses(() -> Pixels.bytes(Channels.RGB, six, 0, 1), "width = 0", "must be 1 or more");
    refuses(() -> Pixels.bytes(Channels.RGB, six, 1, -1), "height = -1");
    refuses(() -> Pixels.bytes(Channels.RGB, six, 3, 1), "bytes.length = 6 must be 9");
    refuses(() -> Pixels.bytes(Channels.GRAY, six, 1, 3, 3, 2), "6 must be 7", "offset = 1");
    refuses(() -> Pixels.bytes(Channels.GRAY, six, -1, 3, 3, 1), "offset = -1");
    refuses(() -> Pixels.bytes(Channels.GRAY, six, 0, 2, 3, 2), "rowStride = 2 must be 3");
    refuses(() -> Pixels.bytes(Channels.RGB, six, 1 << 30, 1 << 30), "rowStride", "must be");
    refuses(() -> Pixels.argb(new int[5], 3, 2), "argb.length = 5 must be 6");
    refuses(() -> Pixels.i420(new byte[35], 0, 6, 4, Range.FULL), "v", "length = 35 must be 36");
    refuses(() -> Pixels.nv12(new byte[35], 0, 6, 4, Range.FULL), "v", "length = 35 must be 36");
    refuses(() -> Pixels.i420(new byte[3], 0, 6, 4, Range.FULL), "bytes.length = 3 must be 24");
    Plane plane = new Plane(six, 0, 3, 1);
    refuses(
        () -> Pixels.yuv420(plane, plane, new Plane(six, 0, 3, 0), 3, 2, Range.FULL),
        "v: ",
        "pixelStride = 0 1 or more");
    Pixels pixels = Pixels.bytes(Channels.GRAY, six, 3, 2);
    for (int[] at : new int[][] {{-1, 0, 1, 1}, {0, -1, 1, 1}, {0, 0, 4, 1}, {0, 1, 1, 2}}) {
      refuses(
          () -> pixels.crop(at[0], at[1], at[2], at[3]),
          "crop of " + at[2] + " x " + at[3],
          "3 x 2");
    }
    refuses(() -> pixels.crop(0, 0, 0, 1), "1 x 1 or more");
    assertThatThrownBy(() -> Pixels.argb(null, 1, 1))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("argb is null");
  }
}
