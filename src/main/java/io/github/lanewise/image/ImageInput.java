package io.github.lanewise.image;

import io.github.lanewise.loops.Pool;
import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Port;
import java.util.Arrays;

/**
 * Writes images into the array of a network's input: resized, in the network's order of channels
 * and axes, each value {@code (pixel - mean) * scale} with pixels in 0 to 255.
 *
 * <p>Immutable and thread-safe. Scratch is reused: once there is one for each thread that writes at
 * the same time, writing images of the same size (and crop) allocates nothing; another size
 * computes the weights of its rows and columns anew, in arrays that only grow.
 *
 * <pre>{@code
 * ImageInput input = ImageInput.builder(224, 224).range(-1, 1).fit(Fit.CROP).build();
 * float[] array = new float[input.length()];
 * input.write(AwtPixels.of(ImageIO.read(file)), array);
 * }</pre>
 */
public final class ImageInput {
  private final int height;
  private final int width;
  private final Layout layout;
  private final Channels channels;
  private final Fit fit;
  private final int shorterSide;
  private final Interpolation interpolation;
  private final float[] mean;
  private final float[] scale;
  private final float[] padding;
  private final Pool<Resizer> pool = new Pool<>(Resizer::new);

  private ImageInput(Builder b) {
    this.height = b.height;
    this.width = b.width;
    this.layout = b.layout;
    this.channels = b.channels;
    this.fit = b.fit;
    this.shorterSide = b.shorterSide;
    this.interpolation = b.interpolation;
    this.mean = byChannel("mean", b.mean, channels);
    this.scale = byChannel("scale", b.scale, channels);
    this.padding = byChannel("padding", b.padding, channels);
    for (int c = 0; c < padding.length; c++) {
      padding[c] = (padding[c] - mean[c]) * scale[c];
    }
  }

  private static float[] byChannel(String name, float[] values, Channels channels) {
    int n = channels.count();
    if (values.length != 1 && values.length != n) {
      throw new IllegalArgumentException(
          "%s.length = %d must be 1 or %d, as many as channels %s are"
              .formatted(name, values.length, n, channels));
    }
    float[] all = new float[n];
    for (int c = 0; c < n; c++) {
      all[c] = values[values.length == 1 ? 0 : c];
      if (!Float.isFinite(all[c])) {
        throw new IllegalArgumentException("%s[%d] = %s must be finite".formatted(name, c, all[c]));
      }
    }
    return all;
  }

  /**
   * Starts one for an input of some size: RGB, NHWC, values as they are, stretched, bilinear.
   *
   * @param height rows of the network's input
   * @param width its columns
   * @return a builder
   */
  public static Builder builder(int height, int width) {
    return new Builder(height, width);
  }

  /**
   * Starts one for an input of a network, with its size and layout, RGB or, of one channel, gray.
   *
   * @param input an image; of a larger batch each image is written by itself
   * @return a builder
   * @throws IllegalArgumentException if it has not four axes and 1 or 3 channels
   */
  public static Builder builder(Port input) {
    boolean isNchw = input.layout() == Layout.NCHW;
    int count = input.shape().size() == 4 ? input.shape().get(isNchw ? 1 : 3) : 0;
    if (count != 1 && count != 3) {
      throw new IllegalArgumentException(
          "input " + input + " must have four axes and 1 or 3 channels");
    }
    int rows = isNchw ? 2 : 1;
    return new Builder(input.shape().get(rows), input.shape().get(rows + 1))
        .layout(input.layout())
        .channels(count == 1 ? Channels.GRAY : Channels.RGB);
  }

  /**
   * The floats of one image.
   *
   * @return height x width x channels
   */
  public int length() {
    return height * width * channels.count();
  }

  /**
   * Writes an image to the start of an array.
   *
   * @param image any size
   * @param dst at least {@link #length()} floats, of which these are overwritten
   * @return where the image is now, to bring boxes back
   */
  public Placement write(Pixels image, float[] dst) {
    return write(image, dst, 0);
  }

  /**
   * Writes an image, for example one of a batch.
   *
   * @param image any size
   * @param dst overwritten from {@code dstOff} on, {@link #length()} floats
   * @param dstOff where it begins
   * @return where the image is now, to bring boxes back
   * @throws IndexOutOfBoundsException if the array is too short
   */
  public Placement write(Pixels image, float[] dst, int dstOff) {
    checkRange("dst", dst, dstOff, length());
    Resizer resizer = pool.acquire();
    try {
      if (!resizer.isFor(image)) {
        set(resizer, image);
      }
      resizer.begin();
      pad(resizer, dst, dstOff);
      for (int i = 0; i < resizer.rows.end - resizer.rows.begin; i++) {
        resizer.row(image, channels.count(), i);
        emit(resizer, i, dst, dstOff);
      }
      return resizer.placement;
    } finally {
      pool.release(resizer);
    }
  }

  private void set(Resizer resizer, Pixels image) {
    resizer.placement = null; // until all of it is set
    int w = image.width();
    int h = image.height();
    long sizeX = width;
    long sizeY = height;
    if (fit == Fit.CROP && shorterSide > 0) { // the longer side rounded down, as torchvision does
      sizeX = w <= h ? shorterSide : (long) shorterSide * w / h;
      sizeY = w <= h ? (long) shorterSide * h / w : shorterSide;
    } else if (fit != Fit.STRETCH) {
      boolean isWide = (long) w * height > (long) h * width;
      if (isWide == (fit == Fit.CROP)) { // height decides
        sizeX = Math.max(1, Math.round((double) height * w / h));
      } else {
        sizeY = Math.max(1, Math.round((double) width * h / w));
      }
    }
    if (sizeX > Integer.MAX_VALUE || sizeY > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "image of %d x %d would be resized to %d x %d, more than 2^31 - 1"
              .formatted(w, h, sizeX, sizeY));
    }
    int shiftX = shift((int) sizeX, width);
    int shiftY = shift((int) sizeY, height);
    resizer.columns.set(interpolation, w, (int) sizeX, shiftX, width);
    resizer.rows.set(interpolation, h, (int) sizeY, shiftY, height);
    double pixelX = (double) w / sizeX;
    double pixelY = (double) h / sizeY;
    resizer.setFor(
        image,
        channels.count(),
        new Placement(image.x + shiftX * pixelX, image.y + shiftY * pixelY, pixelX, pixelY));
  }

  /** Which pixel after resizing is the first of the input; of halves the even one, as Python's. */
  private int shift(int size, int out) {
    return switch (fit) {
      case STRETCH, LETTERBOX_TOP_LEFT -> 0;
      case LETTERBOX -> -((out - size) / 2);
      case CROP -> (int) Math.rint((size - out) / 2.0);
    };
  }

  private void pad(Resizer resizer, float[] dst, int dstOff) {
    int left = resizer.columns.begin;
    int right = resizer.columns.end;
    for (int y = 0; y < height; y++) {
      if (y < resizer.rows.begin || y >= resizer.rows.end) {
        pad(y, 0, width, dst, dstOff);
      } else {
        pad(y, 0, left, dst, dstOff);
        pad(y, right, width, dst, dstOff);
      }
    }
  }

  private void pad(int y, int from, int to, float[] dst, int dstOff) {
    int step = step();
    for (int c = 0; from < to && c < padding.length; c++) {
      int at = dstOff + place(y, from, c);
      for (int i = 0; i < to - from; i++) {
        dst[at + i * step] = padding[c];
      }
    }
  }

  private void emit(Resizer resizer, int i, float[] dst, int dstOff) {
    Taps columns = resizer.columns;
    int n = channels.count();
    for (int c = 0; c < n; c++) {
      int to = channels.place(c);
      int at = dstOff + place(resizer.rows.begin + i, columns.begin, to);
      normalize(
          resizer.result, c, n, mean[to], scale[to], dst, at, step(), columns.end - columns.begin);
    }
  }

  private static void normalize(
      float[] src,
      int first,
      int srcStep,
      float mean,
      float scale,
      float[] dst,
      int dstOff,
      int dstStep,
      int n) {
    for (int i = 0; i < n; i++) {
      dst[dstOff + i * dstStep] = (src[first + i * srcStep] - mean) * scale;
    }
  }

  /** From one column to the next. */
  private int step() {
    return layout == Layout.NHWC ? channels.count() : 1;
  }

  private int place(int y, int x, int c) {
    return layout == Layout.NHWC
        ? (y * width + x) * channels.count() + c
        : (c * height + y) * width + x;
  }

  static void checkRange(String name, float[] array, int offset, long length) {
    if (offset < 0 || length < 0 || length > Pixels.notNull(name, array).length - offset) {
      throw new IndexOutOfBoundsException(
          "%1$s [%2$d, %2$d + %3$d) must lie in %1$s of length %4$d"
              .formatted(name, offset, length, array.length));
    }
  }

  @Override
  public String toString() {
    return "%d x %d %s %s, %s %s, (pixel - %s) * %s"
        .formatted(
            height,
            width,
            channels,
            layout,
            fit,
            interpolation,
            Arrays.toString(mean),
            Arrays.toString(scale));
  }

  /** What an image becomes. Values by channel are in the network's order. Not thread-safe. */
  public static final class Builder {
    private final int height;
    private final int width;
    private Layout layout = Layout.NHWC;
    private Channels channels = Channels.RGB;
    private Fit fit = Fit.STRETCH;
    private int shorterSide;
    private Interpolation interpolation = Interpolation.BILINEAR;
    private float[] mean = {0};
    private float[] scale = {1};
    private float[] padding = {0};

    private Builder(int height, int width) {
      if (height < 1 || width < 1 || (long) height * width > Integer.MAX_VALUE / 3) {
        throw new IllegalArgumentException(
            "height = %d and width = %d must be 1 or more, and three channels fit an array"
                .formatted(height, width));
      }
      this.height = height;
      this.width = width;
    }

    /**
     * The order of the array's axes.
     *
     * @param order NHWC unless set or read off a port
     * @return this
     */
    public Builder layout(Layout order) {
      this.layout = Pixels.notNull("layout", order);
      return this;
    }

    /**
     * What the values of a pixel are, and their order; images are converted.
     *
     * @param order RGB unless set or read off a port
     * @return this
     */
    public Builder channels(Channels order) {
      this.channels = Pixels.notNull("channels", order);
      return this;
    }

    /**
     * What becomes of other proportions.
     *
     * @param how STRETCH unless set
     * @return this
     */
    public Builder fit(Fit how) {
      this.fit = Pixels.notNull("fit", how);
      return this;
    }

    /**
     * Sets {@link Fit#CROP}, after resizing so that the image's shorter side has this many pixels:
     * {@code shorterSide(256)} for an input of 224 x 224 is what networks trained with torchvision
     * expect. What the resized image does not reach is padding.
     *
     * @param pixels 1 or more
     * @return this
     */
    public Builder shorterSide(int pixels) {
      if (pixels < 1) {
        throw new IllegalArgumentException("pixels = " + pixels + " must be 1 or more");
      }
      this.shorterSide = pixels;
      return fit(Fit.CROP);
    }

    /**
     * How pixels are resized.
     *
     * @param how BILINEAR unless set
     * @return this
     */
    public Builder interpolation(Interpolation how) {
      this.interpolation = Pixels.notNull("interpolation", how);
      return this;
    }

    /**
     * What is subtracted, for pixels of 0 to 255.
     *
     * @param values one for all channels or one for each; 0 unless set
     * @return this
     */
    public Builder mean(float... values) {
      this.mean = values.clone();
      return this;
    }

    /**
     * What the difference is multiplied by.
     *
     * @param values one for all channels or one for each; 1 unless set
     * @return this
     */
    public Builder scale(float... values) {
      this.scale = values.clone();
      return this;
    }

    /**
     * Sets mean and scale so that 0 becomes {@code low} and 255 becomes {@code high}.
     *
     * @param low for example 0 or -1
     * @param high for example 1, another value than {@code low}
     * @return this
     */
    public Builder range(float low, float high) {
      if (low == high) {
        throw new IllegalArgumentException("low = " + low + " must be another value than high");
      }
      return mean(255 * low / (low - high)).scale((high - low) / 255);
    }

    /**
     * The colour of what the image does not reach, as a pixel of 0 to 255; mean and scale apply.
     *
     * @param values one for all channels or one for each; 0 unless set
     * @return this
     */
    public Builder padding(float... values) {
      this.padding = values.clone();
      return this;
    }

    /**
     * Checks and creates it.
     *
     * @return the input
     * @throws IllegalArgumentException if values are not finite, or not as many as channels
     */
    public ImageInput build() {
      return new ImageInput(this);
    }
  }
}
