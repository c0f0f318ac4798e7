package io.github.lanewise.loops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Data cache sizes of one core, which decide the tile sizes. Read from Linux's sysfs; elsewhere 32
 * KiB and 512 KiB, which fit most cores of the last ten years. The system property {@code
 * lanewise.cacheBytes=L1,L2} overrides both.
 *
 * @param l1 bytes of L1 data cache
 * @param l2 bytes of L2 cache
 * @param source where the sizes come from
 */
public record CacheSizes(int l1, int l2, String source) {

  static final String PROPERTY = "lanewise.cacheBytes";

  /** Floats of a cache line. */
  static final int LINE = 16;

  /** Sets of L1: an address within a page of 4 KiB picks one of its lines of 64 bytes. */
  static final int SETS = 64;

  private static final int L1 = 32 << 10;
  private static final int L2 = 512 << 10;

  /** Not in a static initializer: a wrong property must fail every plan with the same message. */
  private static volatile CacheSizes current;

  /** The sizes used by every plan of this JVM. */
  public static CacheSizes current() {
    CacheSizes sizes = current;
    if (sizes == null) {
      sizes = detect(System.getProperty(PROPERTY));
      current = sizes;
    }
    return sizes;
  }

  /** Sizes from the property's text, or detected if it is null. */
  static CacheSizes detect(String property) {
    if (property != null) {
      return parse(property);
    }
    int l1 = 0;
    int l2 = 0;
    Path cpu = Path.of("/sys/devices/system/cpu/cpu0/cache");
    for (int i = 0; i < 8; i++) {
      Path index = cpu.resolve("index" + i);
      String type = read(index.resolve("type"));
      int size = kib(read(index.resolve("size")));
      switch (read(index.resolve("level"))) {
        case "1" -> l1 = type.equals("Data") ? size : l1;
        case "2" -> l2 = size;
        default -> {
          // absent, or a shared cache that no tile is sized for
        }
      }
    }
    return l1 > 0 && l2 > 0
        ? new CacheSizes(l1, l2, "detected")
        : new CacheSizes(L1, L2, "assumed");
  }

  private static CacheSizes parse(String text) {
    String[] parts = text.split(",", -1);
    try {
      int l1 = Integer.parseInt(parts[0].strip());
      int l2 = Integer.parseInt(parts[1].strip());
      if (parts.length == 2 && l1 >= 4096 && l2 >= l1) {
        return new CacheSizes(l1, l2, "-D" + PROPERTY);
      }
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new IllegalArgumentException(rule(text), e);
    }
    throw new IllegalArgumentException(rule(text));
  }

  private static String rule(String text) {
    return "-D" + PROPERTY + "=" + text + " must be L1,L2 in bytes with 4096 <= L1 <= L2";
  }

  private static int kib(String text) {
    return text.toUpperCase(Locale.ROOT).matches("\\d{1,6}K")
        ? Integer.parseInt(text.substring(0, text.length() - 1)) << 10
        : 0;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException | SecurityException e) {
      return ""; // no such file on this system: the default serves
    }
  }

  /** Floats in half of L2: what is staged gets that much, weights and results the rest. */
  int halfL2Floats() {
    return l2 / 2 / Float.BYTES;
  }

  /** Lines that a set of L1 holds. */
  int l1Ways() {
    return l1 / (SETS * 64);
  }

  @Override
  public String toString() {
    return "L1 " + (l1 >> 10) + " KiB, L2 " + (l2 >> 10) + " KiB (" + source + ")";
  }
}
