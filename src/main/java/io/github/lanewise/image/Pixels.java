package io.github.lanewise.image;

/**
 * An image in the caller's arrays: a view, which copies nothing and may be read again when the
 * arrays have other pixels, as those of a video have. Immutable; thread-safe while nobody writes to
 * the arrays. Values are 8 bits, unsigned; rows are from top to bottom. See {@link AwtPixels} for
 * {@code BufferedImage}.
 */
public final class Pixels {

  /** Which values YUV has; the colours are those of ITU-R BT.601. */
  public enum Range {
    /** Y of 16 to 235, U and V of 16 to 240, as video has. */
    LIMITED,
    /** 0 to 255, as JPEG has. */
    FULL
  }

  /**
   * A plane of YUV.
   *
   * @param bytes the array
   * @param offset where the first row begins
   * @param rowStride bytes from one row to the next
   * @param pixelStride bytes from one value to the next: 1, or 2 where U and V are by turns
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  public record Plane(byte[] bytes, int offset, int rowStride, int pixelStride) {

    /** Checks that there is an array. */
    public Plane {
      notNull("bytes", bytes);
    }
  }

  /** Reads part of a row as floats of 0 to 255. */
  private interface Reader {
    void readColour(int y, int x, int n, float[] rgb);

    void readGray(int y, int x, int n, float[] gray);
  }

  /** Where the view is in its arrays. */
  final int x;

  final int y;
  private final int width;
  private final int height;
  private final Reader reader;

  private Pixels(Reader reader, int x, int y, int width, int height) {
    this.reader = reader;
    this.x = x;
    this.y = y;
    this.width = width;
    this.height = height;
  }

  /**
   * Bytes without gaps.
   *
   * @param order of the values of a pixel
   * @param bytes rows of pixels
   * @param width pixels of a row
   * @param height rows
   * @return a view
   */
  public static Pixels bytes(Channels order, byte[] bytes, int width, int height) {
    int stride = (int) Math.min(Integer.MAX_VALUE, (long) width * order.count());
    return bytes(order, bytes, 0, stride, width, height);
  }

  /**
   * Bytes.
   *
   * @param order of the values of a pixel
   * @param bytes rows of pixels
   * @param offset where the first row begins
   * @param rowStride bytes from one row to the next
   * @param width pixels of a row
   * @param height rows
   * @return a view
   * @throws IllegalArgumentException if a size is less than 1, rows overlap, or the array is short
   */
  public static Pixels bytes(
      Channels order, byte[] bytes, int offset, int rowStride, int width, int height) {
    int blue = order.count() - 1; // of RGB
    return bytes(
        bytes,
        offset,
        rowStride,
        new int[] {order.place(0), order.place(blue / 2), order.place(blue), order.count()},
        width,
        height);
  }

  /** Of a pixel's red, green and blue, and of the next pixel, are {@code places} given. */
  static Pixels bytes(
      byte[] bytes, int offset, int rowStride, int[] places, int width, int height) {
    notNull("bytes", bytes);
    check("bytes", bytes.length, offset, rowStride, places[3], places[3], width, height);
    Bytes reader = new Bytes(bytes, offset, rowStride, places[3], places[0], places[1], places[2]);
    return new Pixels(reader, 0, 0, width, height);
  }

  /**
   * Integers without gaps.
   *
   * @param argb rows of pixels, {@code 0xAARRGGBB}; alpha is ignored
   * @param width pixels of a row
   * @param height rows
   * @return a view
   */
  public static Pixels argb(int[] argb, int width, int height) {
    return argb(argb, 0, width, width, height);
  }

  /**
   * Integers.
   *
   * @param argb rows of pixels, {@code 0xAARRGGBB}; alpha is ignored
   * @param offset where the first row begins
   * @param rowStride integers from one row to the next
   * @param width pixels of a row
   * @param height rows
   * @return a view
   * @throws IllegalArgumentException if a size is less than 1, rows overlap, or the array is short
   */
  public static Pixels argb(int[] argb, int offset, int rowStride, int width, int height) {
    notNull("argb", argb);
    check("argb", argb.length, offset, rowStride, 1, 1, width, height);
    return new Pixels(new Ints(argb, offset, rowStride), 0, 0, width, height);
  }

  /**
   * YUV 4:2:0 in one array, I420: Y, then U, then V, without gaps. U and V have half the columns
   * and rows, rounded up.
   *
   * @param bytes the array
   * @param offset where Y begins
   * @param width pixels of a row
   * @param height rows
   * @param range what the values mean
   * @return a view, see {@link #yuv420}
   */
  public static Pixels i420(byte[] bytes, int offset, int width, int height, Range range) {
    check("bytes", notNull("bytes", bytes).length, offset, width, 1, 1, width, height);
    int columns = (width + 1) / 2;
    int u = offset + width * height;
    return yuv420(
        new Plane(bytes, offset, width, 1),
        new Plane(bytes, u, columns, 1),
        new Plane(bytes, u + columns * ((height + 1) / 2), columns, 1),
        width,
        height,
        range);
  }

  /**
   * YUV 4:2:0 in one array, NV12: Y, then U and V by turns, without gaps.
   *
   * @param bytes the array
   * @param offset where Y begins
   * @param width pixels of a row
   * @param height rows
   * @param range what the values mean
   * @return a view, see {@link #yuv420}
   */
  public static Pixels nv12(byte[] bytes, int offset, int width, int height, Range range) {
    check("bytes", notNull("bytes", bytes).length, offset, width, 1, 1, width, height);
    int stride = (width + 1) / 2 * 2;
    int u = offset + width * height;
    return yuv420(
        new Plane(bytes, offset, width, 1),
        new Plane(bytes, u, stride, 2),
        new Plane(bytes, u + 1, stride, 2),
        width,
        height,
        range);
  }

  /**
   * YUV 4:2:0 in three planes, as cameras and decoders have it. Each U and V serves two by two
   * pixels; red, green and blue are rounded to 8 bits before resizing.
   *
   * @param luma Y
   * @param u half the columns and rows, rounded up
   * @param v as u
   * @param width pixels of a row
   * @param height rows
   * @param range what the values mean
   * @return a view
   * @throws IllegalArgumentException if a size is less than 1, rows overlap, or an array is short
   */
  public static Pixels yuv420(Plane luma, Plane u, Plane v, int width, int height, Range range) {
    notNull("range", range);
    check("luma", luma, width, height);
    check("u", u, width / 2 + width % 2, height / 2 + height % 2);
    check("v", v, width / 2 + width % 2, height / 2 + height % 2);
    return new Pixels(new Yuv(luma, u, v, range), 0, 0, width, height);
  }

  private static void check(String name, Plane plane, int width, int height) {
    int length = notNull(name, plane).bytes.length;
    check(name, length, plane.offset, plane.rowStride, plane.pixelStride, 1, width, height);
  }

  private static void check(
      String name,
      int length,
      int offset,
      int rowStride,
      int pixelStride,
      int values,
      int width,
      int height) {
    if (width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "width = %d and height = %d must be 1 or more".formatted(width, height));
    }
    long row = (width - 1L) * pixelStride + values;
    if (pixelStride < 1 || (rowStride < row && height > 1)) {
      throw new IllegalArgumentException(
          "%s: rowStride = %d must be %d or more, pixelStride = %d 1 or more"
              .formatted(name, rowStride, row, pixelStride));
    }
    long last = offset + (height - 1L) * rowStride + row;
    if (offset < 0 || last > length) {
      throw new IllegalArgumentException(
          "%s.length = %d must be %d or more, offset = %d 0 or more"
              .formatted(name, length, last, offset));
    }
  }

  static <T> T notNull(String name, T value) {
    if (value == null) {
      throw new NullPointerException(name + " is null");
    }
    return value;
  }

  /**
   * Part of it, which is resized as an image of its own: no pixel beyond its border has a weight.
   *
   * @param left columns to the left of it
   * @param top rows above it
   * @param columns its width
   * @param rows its height
   * @return a view of the same arrays
   * @throws IllegalArgumentException if it is empty or not inside
   */
  public Pixels crop(int left, int top, int columns, int rows) {
    if (left < 0
        || top < 0
        || columns < 1
        || rows < 1
        || columns > width - left
        || rows > height - top) {
      throw new IllegalArgumentException(
          "crop of %d x %d at (%d, %d) must be 1 x 1 or more and lie in the image of %d x %d"
              .formatted(columns, rows, left, top, width, height));
    }
    return new Pixels(reader, x + left, y + top, columns, rows);
  }

  /**
   * Pixels of a row.
   *
   * @return 1 or more
   */
  public int width() {
    return width;
  }

  /**
   * Rows.
   *
   * @return 1 or more
   */
  public int height() {
    return height;
  }

  /** Part of a row, red, green and blue by turns or, of one channel, luma. */
  void read(int row, int column, int n, int channels, float[] to) {
    if (channels == 1) {
      reader.readGray(y + row, x + column, n, to);
    } else {
      reader.readColour(y + row, x + column, n, to);
    }
  }

  @Override
  public String toString() {
    return "%d x %d at (%d, %d)".formatted(width, height, x, y);
  }

  private static int luma(int red, int green, int blue) {
    return (19595 * red + 38470 * green + 7471 * blue + (1 << 15)) >> 16; // 65536 in all
  }

  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Bytes(
      byte[] bytes, int offset, int rowStride, int pixelStride, int red, int green, int blue)
      implements Reader {

    @Override
    public void readColour(int y, int x, int n, float[] rgb) {
      int at = offset + y * rowStride + x * pixelStride;
      for (int i = 0; i < n; i++, at += pixelStride) {
        rgb[3 * i] = bytes[at + red] & 0xff;
        rgb[3 * i + 1] = bytes[at + green] & 0xff;
        rgb[3 * i + 2] = bytes[at + blue] & 0xff;
      }
    }

    @Override
    public void readGray(int y, int x, int n, float[] gray) {
      int at = offset + y * rowStride + x * pixelStride;
      for (int i = 0; i < n; i++, at += pixelStride) {
        gray[i] = luma(bytes[at + red] & 0xff, bytes[at + green] & 0xff, bytes[at + blue] & 0xff);
      }
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Ints(int[] argb, int offset, int rowStride) implements Reader {

    @Override
    public void readColour(int y, int x, int n, float[] rgb) {
      int at = offset + y * rowStride + x;
      for (int i = 0; i < n; i++) {
        int pixel = argb[at + i];
        rgb[3 * i] = pixel >> 16 & 0xff;
        rgb[3 * i + 1] = pixel >> 8 & 0xff;
        rgb[3 * i + 2] = pixel & 0xff;
      }
    }

    @Override
    public void readGray(int y, int x, int n, float[] gray) {
      int at = offset + y * rowStride + x;
      for (int i = 0; i < n; i++) {
        int pixel = argb[at + i];
        gray[i] = luma(pixel >> 16 & 0xff, pixel >> 8 & 0xff, pixel & 0xff);
      }
    }
  }

  /** The colours of BT.601, with factors in 2^20ths. */
  private static final class Yuv implements Reader {
    private static final int BITS = 20;

    private final Plane luma;
    private final Plane u;
    private final Plane v;
    private final int black;
    private final int factor;
    private final int redOfV;
    private final int greenOfU;
    private final int greenOfV;
    private final int blueOfU;

    Yuv(Plane luma, Plane u, Plane v, Range range) {
      this.luma = luma;
      this.u = u;
      this.v = v;
      boolean isFull = range == Range.FULL;
      double chroma = isFull ? 1 : 255 / 224.0;
      this.black = isFull ? 0 : 16;
      this.factor = fixed(isFull ? 1 : 255 / 219.0);
      this.redOfV = fixed(1.402 * chroma);
      this.greenOfU = fixed(-0.114 * 1.772 / 0.587 * chroma);
      this.greenOfV = fixed(-0.299 * 1.402 / 0.587 * chroma);
      this.blueOfU = fixed(1.772 * chroma);
    }

    private static int fixed(double value) {
      return (int) Math.rint(value * (1 << BITS));
    }

    private static int rounded(int value) {
      return Math.clamp((value + (1 << (BITS - 1))) >> BITS, 0, 255);
    }

    @Override
    public void readColour(int y, int x, int n, float[] rgb) {
      int at = luma.offset + y * luma.rowStride;
      int atU = u.offset + y / 2 * u.rowStride;
      int atV = v.offset + y / 2 * v.rowStride;
      for (int i = 0; i < n; i++) {
        int light = ((luma.bytes[at + (x + i) * luma.pixelStride] & 0xff) - black) * factor;
        int blueness = (u.bytes[atU + (x + i) / 2 * u.pixelStride] & 0xff) - 128;
        int redness = (v.bytes[atV + (x + i) / 2 * v.pixelStride] & 0xff) - 128;
        rgb[3 * i] = rounded(light + redOfV * redness);
        rgb[3 * i + 1] = rounded(light + greenOfU * blueness + greenOfV * redness);
        rgb[3 * i + 2] = rounded(light + blueOfU * blueness);
      }
    }

    @Override
    public void readGray(int y, int x, int n, float[] gray) {
      int at = luma.offset + y * luma.rowStride;
      for (int i = 0; i < n; i++) {
        gray[i] = rounded(((luma.bytes[at + (x + i) * luma.pixelStride] & 0xff) - black) * factor);
      }
    }
  }
}
