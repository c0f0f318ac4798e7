package io.github.lanewise.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.NetworkBuilder;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Where pixels go, what becomes of their values, and where boxes come back. */
class ImageInputTest {
  private static final int QUIET = 3;

  /** Gray pixels that tell their place: 10 y + x. */
  private static Pixels places(int width, int height) {
    byte[] bytes = new byte[width * height];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (10 * (i / width) + i % width);
    }
    return Pixels.bytes(Channels.GRAY, bytes, width, height);
  }

  private static ImageInput.Builder gray(int height, int width) {
    return ImageInput.builder(height, width).channels(Channels.GRAY);
  }

  private static List<Integer> write(ImageInput.Builder builder, Pixels pixels) {
    ImageInput input = builder.build();
    float[] dst = new float[input.length()];
    input.write(pixels, dst);
    return IntStream.range(0, dst.length).map(i -> Math.round(dst[i])).boxed().toList();
  }

  @Test
  void aLetterboxIsInTheMiddle() {
    ImageInput.Builder wide = gray(4, 4).fit(Fit.LETTERBOX).padding(99);
    assertThat(write(wide, places(4, 1)))
        .containsExactly(99, 99, 99, 99, 0, 1, 2, 3, 99, 99, 99, 99, 99, 99, 99, 99);
    assertThat(write(wide, places(1, 4)))
        .containsExactly(99, 0, 99, 99, 99, 10, 99, 99, 99, 20, 99, 99, 99, 30, 99, 99);
    assertThat(write(wide.fit(Fit.LETTERBOX_TOP_LEFT), places(1, 4)).subList(0, 8))
        .containsExactly(0, 99, 99, 99, 10, 99, 99, 99);
  }

  /** 3 x 2 becomes 5 x 3, as 10 / 3 is nearer to 3 than to 4. */
  @Test
  void theOtherSideIsRounded() {
    List<Integer> written = write(gray(5, 5).fit(Fit.LETTERBOX).padding(99), places(3, 2));
    assertThat(written.stream().filter(v -> v == 99)).hasSize(10);
    assertThat(written.subList(0, 5)).containsOnly(99);
    assertThat(written.subList(5, 20)).doesNotContain(99);
  }

  @Test
  void theOtherSideOfATallImageIsRounded() {
    List<Integer> written = write(gray(5, 5).fit(Fit.LETTERBOX).padding(99), places(2, 3));
    assertThat(written.stream().filter(v -> v == 99)).hasSize(10);
    assertThat(written.get(1)).isNotEqualTo(99);
  }

  @Test
  void aLongImageHasOneRowAtLeast() {
    ImageInput.Builder builder =
        gray(2, 3).fit(Fit.LETTERBOX).padding(99).interpolation(Interpolation.AREA);
    assertThat(write(builder, places(9, 1))).containsExactly(1, 4, 7, 99, 99, 99);
  }

  @Test
  void aCropIsTheMiddle() {
    assertThat(write(gray(2, 2).fit(Fit.CROP), places(6, 2))).containsExactly(2, 3, 12, 13);
    assertThat(write(gray(2, 2).fit(Fit.CROP), places(2, 6))).containsExactly(20, 21, 30, 31);
    // halves to the even one: of 5 the first is 2, of 3 it is 0
    assertThat(write(gray(2, 2).fit(Fit.CROP), places(5, 2))).containsExactly(2, 3, 12, 13);
    assertThat(write(gray(1, 2).fit(Fit.CROP), places(2, 2))).containsExactly(0, 1);
  }

  /** As torchvision's Resize(4) and CenterCrop(2): 5 x 4 stays, 2 x 2 from (1, 2) is the middle. */
  @Test
  void theShorterSideMayBeLongerThanTheInput() {
    assertThat(write(gray(2, 2).shorterSide(4), places(5, 4))).containsExactly(12, 13, 22, 23);
    ImageInput.Builder nearest = gray(2, 2).shorterSide(4).interpolation(Interpolation.NEAREST);
    assertThat(write(nearest, places(4, 2))).containsExactly(1, 2, 11, 12);
    // 3 x 2 becomes int(5 * 3 / 2) = 7 columns of 5 rows
    assertThat(write(gray(5, 7).shorterSide(5), places(3, 2)).subList(28, 35))
        .containsExactly(10, 10, 11, 11, 11, 12, 12);
  }

  @Test
  void aShorterSideThanTheInputIsPadded() {
    assertThat(write(gray(2, 4).shorterSide(2).padding(99), places(2, 2)))
        .containsExactly(99, 0, 1, 99, 99, 10, 11, 99);
  }

  @Test
  void valuesAreNormalizedByChannelInTheNetworksOrder() {
    Pixels red = Pixels.argb(new int[] {0xff8040}, 1, 1);
    ImageInput.Builder builder =
        ImageInput.builder(1, 2).mean(1, 2, 3).scale(2, 4, 8).fit(Fit.LETTERBOX).padding(5, 6, 7);
    assertThat(write(builder, red)).containsExactly(508, 504, 488, 8, 16, 32);
    assertThat(write(builder.layout(Layout.NCHW), red)).containsExactly(508, 8, 504, 16, 488, 32);
    assertThat(write(builder.channels(Channels.BGR), red))
        .containsExactly(126, 8, 504, 16, 2016, 32);
    assertThat(write(builder.layout(Layout.NHWC), red)).containsExactly(126, 504, 2016, 8, 16, 32);
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "-1, 1", "1, -1", "-128, 127"})
  void aRangeIsReachedAtItsEnds(float low, float high) {
    float[] dst = new float[2];
    gray(1, 2)
        .range(low, high)
        .build()
        .write(Pixels.bytes(Channels.GRAY, new byte[] {0, -1}, 2, 1), dst);
    assertThat(dst).containsExactly(new float[] {low, high}, offset(1e-6f * 255));
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void aPortSaysSizeAndLayout(Layout layout) {
    NetworkBuilder b = new NetworkBuilder();
    b.output("y", b.input("x", layout, 2, 3, 5, 3), layout);
    b.output("z", b.input("w", layout, 1, 4, 4, 1), layout);
    Network network = b.build();
    ImageInput colour = ImageInput.builder(network.inputs().getFirst()).build();
    assertThat(colour.toString()).startsWith("3 x 5 RGB " + layout);
    assertThat(colour.length()).isEqualTo(45);
    assertThat(ImageInput.builder(network.inputs().getLast()).build().toString())
        .startsWith("4 x 4 GRAY " + layout);
  }

  @Test
  void otherPortsAreRefused() {
    NetworkBuilder b = new NetworkBuilder();
    b.output("y", b.input("x", 1, 3, 3, 2));
    b.output("z", b.input("w", 9));
    for (var port : b.build().inputs()) {
      assertThatThrownBy(() -> ImageInput.builder(port))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(port.name(), "four axes and 1 or 3 channels");
    }
  }

  /** Nothing but the image's own floats is touched, and every one of them is. */
  @ParameterizedTest
  @EnumSource(Fit.class)
  void writesItsOwnPartOfABatch(Fit fit) {
    for (Layout layout : Layout.values()) {
      ImageInput input = ImageInput.builder(4, 5).layout(layout).fit(fit).build();
      float[] dst = new float[3 * input.length()];
      Arrays.fill(dst, Float.NaN);
      input.write(places(7, 3), dst, input.length());
      for (int i = 0; i < dst.length; i++) {
        assertThat(Float.isNaN(dst[i])).isEqualTo(i / input.length() != 1);
      }
    }
  }

  @Test
  void imagesOfManySizesByTurnsAreThoseOfANewInput() {
    ImageInput reused = ImageInput.builder(6, 5).fit(Fit.LETTERBOX).build();
    for (int i = 0; i < 40; i++) {
      int width = 1 + i * 7 % 19;
      int height = 1 + i * 5 % 13;
      Pixels pixels =
          Pixels.bytes(Channels.RGB, InterpolationTest.noise(width * height * 3), width, height);
      float[] expected = new float[90];
      ImageInput.builder(6, 5).fit(Fit.LETTERBOX).build().write(pixels, expected);
      float[] actual = new float[90];
      reused.write(pixels, actual);
      assertThat(actual).isEqualTo(expected);
    }
  }

  /** What was kept of rows is of the pixels before. */
  @Test
  void aViewIsReadAnew() {
    byte[] bytes = {1, 2, 3, 4};
    Pixels view = Pixels.bytes(Channels.GRAY, bytes, 2, 2);
    ImageInput input = gray(2, 2).build();
    float[] dst = new float[4];
    input.write(view, dst);
    bytes[3] = 9;
    input.write(view, dst);
    assertThat(dst).containsExactly(1, 2, 3, 9);
  }

  @Test
  void threadsShareOne() {
    ImageInput input = gray(9, 9).fit(Fit.LETTERBOX).build();
    boolean[] isSame = new boolean[64];
    IntStream.range(0, isSame.length)
        .parallel()
        .forEach(
            i -> {
              Pixels pixels = places(1 + i % 8, 1 + i / 8);
              float[] expected = new float[81];
              gray(9, 9).fit(Fit.LETTERBOX).build().write(pixels, expected);
              float[] actual = new float[81];
              for (int run = 0; run < 20; run++) {
                input.write(pixels, actual);
              }
              isSame[i] = Arrays.equals(expected, actual);
            });
    assertThat(isSame).doesNotContain(false);
  }

  /** A white box of the image is where the placement says. */
  @ParameterizedTest
  @EnumSource(Fit.class)
  void boxesComeBack(Fit fit) {
    int width = 90;
    int height = 60;
    byte[] bytes = new byte[width * height];
    for (int i = 0; i < bytes.length; i++) {
      int x = i % width;
      int y = i / width;
      bytes[i] = (byte) (x >= 36 && x < 57 && y >= 12 && y < 48 ? 255 : 0);
    }
    Pixels whole = Pixels.bytes(Channels.GRAY, bytes, width, height);
    for (Pixels pixels : List.of(whole, whole.crop(20, 5, 50, 53), whole.crop(20, 8, 60, 44))) {
      ImageInput input = gray(128, 120).fit(fit).interpolation(Interpolation.AREA).build();
      float[] dst = new float[input.length()];
      Placement placement = input.write(pixels, dst);
      float[] box = {9, 120, 128, 0, 0, 9};
      for (int y = 0; y < 128; y++) {
        for (int x = 0; x < 120; x++) {
          if (dst[y * 120 + x] > 127) {
            box[1] = Math.min(box[1], x);
            box[2] = Math.min(box[2], y);
            box[3] = Math.max(box[3], x + 1);
            box[4] = Math.max(box[4], y + 1);
          }
        }
      }
      assertThat(placement.imageX(box[3])).isEqualTo(57, offset(0.4));
      placement.toImage(box, 1, 2);
      assertThat(box).containsExactly(new float[] {9, 36, 12, 57, 48, 9}, offset(0.4f));
    }
  }

  /** Weights are the same, places are not. */
  @Test
  void cropsOfOneSizeComeBackEachToItsPlace() {
    ImageInput input = gray(4, 4).build();
    for (int at : new int[] {0, 3, 5}) {
      Pixels part = places(9, 9).crop(at, 2 * at % 7, 2, 2);
      Placement placement = input.write(part, new float[16]);
      assertThat(placement.imageX(2)).isEqualTo(at + 1);
      assertThat(placement.imageY(2)).isEqualTo(2 * at % 7 + 1);
    }
  }

  @Test
  void cornersComeBackExactly() {
    ImageInput input = gray(320, 320).fit(Fit.LETTERBOX).build();
    Placement placement = input.write(places(20, 10), new float[input.length()]);
    assertThat(placement.imageX(0)).isEqualTo(0);
    assertThat(placement.imageX(320)).isEqualTo(20);
    assertThat(placement.imageY(80)).isEqualTo(0);
    assertThat(placement.imageY(240)).isEqualTo(10);
    assertThatThrownBy(() -> placement.toImage(new float[7], 0, 4))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("points [0, 0 + 8)");
  }

  @Test
  void wrongArgumentsAreRefused() {
    for (int[] size : new int[][] {{0, 1}, {1, 0}, {1 << 16, 1 << 15}}) {
      refused(() -> ImageInput.builder(size[0], size[1]), "width = " + size[1]);
    }
    ImageInput.Builder rgb = ImageInput.builder(1, 1);
    refused(() -> rgb.mean(1, 2).build(), "mean.length = 2 must be 1 or 3");
    refused(() -> gray(1, 1).scale(1, 2, 3).build(), "scale.length = 3 must be 1 or 1");
    refused(() -> gray(1, 1).padding().build(), "padding.length = 0");
    refused(() -> gray(1, 1).scale(Float.NaN).build(), "scale[0] = NaN must be finite");
    refused(() -> rgb.range(1, 1), "low = 1.0");
    refused(() -> rgb.shorterSide(0), "pixels = 0 must be 1 or more");
    assertThatThrownBy(() -> rgb.fit(null)).hasMessage("fit is null");
    ImageInput input = gray(2, 2).build();
    for (int at : new int[] {-1, 1, Integer.MAX_VALUE}) {
      assertThatThrownBy(() -> input.write(places(1, 1), new float[4], at))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContainingAll("dst [" + at, "+ 4)", "length 4");
    }
    assertThatThrownBy(() -> input.write(places(1, 1), null)).hasMessage("dst is null");
    ImageInput huge = gray(1, 1 << 20).fit(Fit.CROP).build();
    refused(() -> huge.write(places(1, 9000), new float[huge.length()]), "1 x 9000");
  }

  private static void refused(Runnable call, String part) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(part);
  }

  @ParameterizedTest
  @EnumSource(Interpolation.class)
  void writingAgainAllocatesNothing(Interpolation interpolation) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    ImageInput input =
        ImageInput.builder(20, 20)
            .layout(Layout.NCHW)
            .fit(Fit.LETTERBOX)
            .interpolation(interpolation)
            .build();
    List<Pixels> kinds =
        List.of(
            Pixels.bytes(Channels.BGR, new byte[31 * 23 * 3], 31, 23),
            Pixels.argb(new int[31 * 23], 31, 23),
            Pixels.nv12(new byte[31 * 23 * 2], 0, 31, 23, Pixels.Range.LIMITED));
    float[] dst = new float[input.length()];
    int quiet = 0;
    long allocated = 0;
    for (int round = 0; round < 1000 && quiet < QUIET; round++) { // tiers of the JVM may, at first
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < kinds.size(); i++) {
        input.write(kinds.get(i), dst);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
      quiet = allocated == 0 ? quiet + 1 : 0;
    }
    assertThat(quiet).as("%d bytes a round", allocated).isEqualTo(QUIET);
  }
}
