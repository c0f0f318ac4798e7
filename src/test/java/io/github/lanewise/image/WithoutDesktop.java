package io.github.lanewise.image;

import java.util.Arrays;
import java.util.List;

/** The program that {@link WithoutDesktopTest} runs on a JVM without BufferedImage. */
final class WithoutDesktop {
  private WithoutDesktop() {}

  public static void main(String[] args) {
    System.out.println("desktop " + ModuleLayer.boot().findModule("java.desktop").isPresent());
    float[] values = new float[2];
    Placement placement =
        ImageInput.builder(1, 2)
            .channels(Channels.GRAY)
            .build()
            .write(Pixels.argb(new int[] {0xff0000, 0xffffff}, 2, 1), values);
    System.out.println("read " + Arrays.toString(values) + " " + placement.imageX(1));
    System.out.println(Classification.top(values, 1, List.of("red", "white")));
    System.out.println(
        NonMaximumSuppression.DEFAULT.select(new float[4], new float[] {1}, 1).size() + " kept");
    try {
      AwtPixels.of(null);
    } catch (NoClassDefFoundError e) {
      System.out.println("missing " + e.getMessage());
    }
  }
}
