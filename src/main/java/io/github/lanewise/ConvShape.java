package io.github.lanewise;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The geometry of a two-dimensional convolution over NHWC tensors: sizes, stride, dilation, padding
 * and groups. Immutable and checked: its tensors and weights fit arrays. A plan may still refuse a
 * shape whose packed weights or scratch do not.
 *
 * <p>The input is {@code [batch][inHeight][inWidth][inChannels]}, the output {@code
 * [batch][outHeight()][outWidth()][outChannels]}. Output channels fall into {@code groups} equal
 * runs; each reads its own run of {@code inChannels / groups} input channels. One group is a
 * standard convolution, {@code groups == inChannels} a depthwise one, whose channel multiplier is
 * {@code outChannels / inChannels}.
 *
 * <pre>{@code
 * ConvShape block = ConvShape.builder(56, 56, 128).kernel(3).depthwise().build();
 * ConvShape shape = ConvShape.parse("n1_h56w56c128_o128_k3x3_s1x1_d1x1_pSAME_g128"); // the same
 * }</pre>
 *
 * @param batch images, 1 or more
 * @param inHeight rows of the input
 * @param inWidth columns of the input
 * @param inChannels channels of the input, a multiple of {@code groups}
 * @param outChannels channels of the output, a multiple of {@code groups}
 * @param kernelHeight rows of taps
 * @param kernelWidth columns of taps
 * @param strideHeight input rows between two output rows
 * @param strideWidth input columns between two output columns
 * @param dilationHeight input rows between two rows of taps, 1 for a dense kernel
 * @param dilationWidth input columns between two columns of taps
 * @param padding zeros around the input
 * @param groups runs of channels convolved independently
 */
public record ConvShape(
    int batch,
    int inHeight,
    int inWidth,
    int inChannels,
    int outChannels,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int dilationHeight,
    int dilationWidth,
    Padding padding,
    int groups) {

  private static final Pattern TEXT =
      Pattern.compile(
          "n(\\d+)_h(\\d+)w(\\d+)c(\\d+)_o(\\d+)_k(\\d+)x(\\d+)_s(\\d+)x(\\d+)_d(\\d+)x(\\d+)"
              + "_p([A-Za-z0-9,]+)_g(\\d+)");

  /** Checks every size and that the output exists. */
  public ConvShape {
    Checks.atLeast("batch", batch, 1);
    Checks.atLeast("inHeight", inHeight, 1);
    Checks.atLeast("inWidth", inWidth, 1);
    Checks.atLeast("inChannels", inChannels, 1);
    Checks.atLeast("outChannels", outChannels, 1);
    Checks.atLeast("kernelHeight", kernelHeight, 1);
    Checks.atLeast("kernelWidth", kernelWidth, 1);
    Checks.atLeast("strideHeight", strideHeight, 1);
    Checks.atLeast("strideWidth", strideWidth, 1);
    Checks.atLeast("dilationHeight", dilationHeight, 1);
    Checks.atLeast("dilationWidth", dilationWidth, 1);
    Checks.notNull("padding", padding);
    Checks.atLeast("groups", groups, 1);
    multipleOfGroups("inChannels", inChannels, groups);
    multipleOfGroups("outChannels", outChannels, groups);
    Checks.elements("input", batch, inHeight, inWidth, inChannels);
    Checks.elements("weights", kernelHeight, kernelWidth, inChannels / groups, outChannels);
    int outHeight =
        checked(
            "Height",
            padding,
            axis(true, padding, inHeight, kernelHeight, strideHeight, dilationHeight));
    int outWidth =
        checked(
            "Width",
            padding,
            axis(false, padding, inWidth, kernelWidth, strideWidth, dilationWidth));
    Checks.elements("output", batch, outHeight, outWidth, outChannels);
  }

  private static void multipleOfGroups(String name, int channels, int groups) {
    if (channels % groups != 0) {
      throw new IllegalArgumentException(
          name + " = " + channels + " must be a multiple of groups = " + groups);
    }
  }

  private static Axis axis(
      boolean vertical, Padding padding, int in, int kernel, int stride, int dilation) {
    return new Axis(
        in,
        kernel,
        stride,
        dilation,
        padding.before(vertical, in, kernel, stride, dilation),
        padding.after(vertical, in, kernel, stride, dilation));
  }

  private static int checked(String name, Padding padding, Axis axis) {
    if (axis.out() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "out" + name + " = " + axis.out() + " must not exceed 2^31 - 1: padding is " + padding);
    }
    if (axis.out() < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "kernel%1$s = %2$d with dilation%1$s = %3$d spans %4$d input positions,"
                  + " which must fit into in%1$s = %5$d with padding %6$s",
              name,
              axis.kernel,
              axis.dilation,
              axis.reach(),
              axis.in,
              padding));
    }
    if (axis.spanned() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "padded in"
              + name
              + " = "
              + axis.spanned()
              + " must not exceed 2^31 - 1: reduce stride, dilation or padding");
    }
    return (int) axis.out();
  }

  /**
   * One of the two axes of a convolution, its rows or its columns. Of any sizes: whether there is
   * an output is for {@link ConvShape} to say.
   *
   * @param in length of the input, 0 or more
   * @param kernel taps, 1 or more
   * @param stride input positions between two outputs, 1 or more
   * @param dilation input positions between two taps, 1 or more
   * @param before zeros before the input, 0 or more
   * @param after zeros behind it, 0 or more
   */
  public record Axis(int in, int kernel, int stride, int dilation, long before, long after) {

    static long reach(int kernel, int dilation) {
      return (kernel - 1L) * dilation + 1;
    }

    static long span(long outputs, int stride, long reach) {
      return (outputs - 1) * stride + reach;
    }

    static long out(long padded, int stride, long reach) {
      return padded < reach ? 0 : (padded - reach) / stride + 1;
    }

    /**
     * Input positions that the taps of one output span.
     *
     * @return {@code (kernel - 1) * dilation + 1}
     */
    public long reach() {
      return reach(kernel, dilation);
    }

    /**
     * Input positions that the taps of some outputs in a row span.
     *
     * @param outputs how many, 1 or more
     * @return {@code (outputs - 1) * stride + reach()}
     */
    public long span(long outputs) {
      return span(outputs, stride, reach());
    }

    /**
     * Length of the output.
     *
     * @return 0 where the taps do not fit
     */
    public long out() {
      return out(before + in + after, stride, reach());
    }

    /**
     * Positions of the padded input that the taps of all outputs span; what is behind them is never
     * read.
     *
     * @return {@code span(out())}
     */
    public long spanned() {
      return span(out());
    }

    /**
     * Zeros behind the input that are read.
     *
     * @return {@code after} at most
     */
    public long missing() {
      return Math.max(0, spanned() - before - in);
    }
  }

  /**
   * Starts a shape of one image, with a 1x1 kernel, stride 1, SAME padding, one group and as many
   * output as input channels.
   *
   * @param inHeight rows of the input
   * @param inWidth columns of the input
   * @param inChannels channels of the input
   * @return a builder
   */
  public static Builder builder(int inHeight, int inWidth, int inChannels) {
    return new Builder(inHeight, inWidth, inChannels);
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @param text such as {@code n1_h56w56c128_o128_k3x3_s1x1_d1x1_pSAME_g128}
   * @return the shape
   * @throws IllegalArgumentException if the text is not of that form or the shape is impossible
   */
  public static ConvShape parse(String text) {
    Matcher m = TEXT.matcher(Checks.notNull("shape", text));
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "shape '"
              + text
              + "' must look like n1_h56w56c128_o128_k3x3_s1x1_d1x1_pSAME_g128 (batch, input"
              + " height, width and channels, output channels, kernel, stride, dilation, padding,"
              + " groups)");
    }
    return new ConvShape(
        Checks.parseInt("batch", m.group(1)),
        Checks.parseInt("inHeight", m.group(2)),
        Checks.parseInt("inWidth", m.group(3)),
        Checks.parseInt("inChannels", m.group(4)),
        Checks.parseInt("outChannels", m.group(5)),
        Checks.parseInt("kernelHeight", m.group(6)),
        Checks.parseInt("kernelWidth", m.group(7)),
        Checks.parseInt("strideHeight", m.group(8)),
        Checks.parseInt("strideWidth", m.group(9)),
        Checks.parseInt("dilationHeight", m.group(10)),
        Checks.parseInt("dilationWidth", m.group(11)),
        Padding.parse(m.group(12)),
        Checks.parseInt("groups", m.group(13)));
  }

  /** {@link Axis#out} without an object, as runs ask for it. */
  private int out(boolean vertical, int in, int kernel, int stride, int dilation) {
    long before = padding.before(vertical, in, kernel, stride, dilation);
    long after = padding.after(vertical, in, kernel, stride, dilation);
    return (int) Axis.out(before + in + after, stride, Axis.reach(kernel, dilation));
  }

  /**
   * The axis of rows.
   *
   * @return its sizes, with as many zeros as the padding's rule says
   */
  public Axis vertical() {
    return axis(true, padding, inHeight, kernelHeight, strideHeight, dilationHeight);
  }

  /**
   * The axis of columns.
   *
   * @return its sizes, with as many zeros as the padding's rule says
   */
  public Axis horizontal() {
    return axis(false, padding, inWidth, kernelWidth, strideWidth, dilationWidth);
  }

  /**
   * Rows of the output.
   *
   * @return 1 or more
   */
  public int outHeight() {
    return out(true, inHeight, kernelHeight, strideHeight, dilationHeight);
  }

  /**
   * Columns of the output.
   *
   * @return 1 or more
   */
  public int outWidth() {
    return out(false, inWidth, kernelWidth, strideWidth, dilationWidth);
  }

  /**
   * Rows of zeros above the image, whatever rule states them.
   *
   * @return 0 or more
   */
  public int padTop() {
    return (int) padding.before(true, inHeight, kernelHeight, strideHeight, dilationHeight);
  }

  /**
   * Columns of zeros to the left of the image, whatever rule states them.
   *
   * @return 0 or more
   */
  public int padLeft() {
    return (int) padding.before(false, inWidth, kernelWidth, strideWidth, dilationWidth);
  }

  /**
   * Input channels that one output channel reads.
   *
   * @return {@code inChannels / groups}
   */
  public int inChannelsPerGroup() {
    return inChannels / groups;
  }

  /**
   * Output channels of one group; of a depthwise shape the channel multiplier.
   *
   * @return {@code outChannels / groups}
   */
  public int outChannelsPerGroup() {
    return outChannels / groups;
  }

  /**
   * Whether every output channel reads one input channel and there is a group for each of them.
   *
   * @return {@code groups == inChannels}
   */
  public boolean isDepthwise() {
    return groups == inChannels;
  }

  /**
   * Whether the kernel is 1x1 in one group and the output as large as the input over the stride.
   *
   * @return true for a pointwise convolution
   */
  public boolean isPointwise() {
    return kernelHeight == 1
        && kernelWidth == 1
        && groups == 1
        && (padding.top() | padding.left() | padding.bottom() | padding.right()) == 0;
  }

  /**
   * Floats of the input tensor.
   *
   * @return batch * inHeight * inWidth * inChannels
   */
  public int srcLength() {
    return batch * inHeight * inWidth * inChannels;
  }

  /**
   * Floats of the output tensor.
   *
   * @return batch * outHeight * outWidth * outChannels
   */
  public int dstLength() {
    return batch * outHeight() * outWidth() * outChannels;
  }

  /**
   * Floats of the weights, without bias.
   *
   * @return kernelHeight * kernelWidth * inChannels / groups * outChannels
   */
  public int weightsLength() {
    return kernelHeight * kernelWidth * inChannelsPerGroup() * outChannels;
  }

  /**
   * Multiplications of the convolution by its definition; taps that fall on padding count.
   *
   * @return outputs * kernelHeight * kernelWidth * inChannels / groups
   */
  public long multiplications() {
    return (long) kernelHeight * kernelWidth * inChannelsPerGroup() * dstLength(); // below 2^62
  }

  /**
   * Floating-point operations: twice the {@link #multiplications}, one addition for each.
   *
   * @return the number of operations
   */
  public long flops() {
    return 2 * multiplications();
  }

  /**
   * Bytes that must move once: input, weights and output, float32.
   *
   * @return the number of bytes
   */
  public long bytes() {
    return 4L * ((long) srcLength() + weightsLength() + dstLength());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, // parse() reads no other digits
        "n%d_h%dw%dc%d_o%d_k%dx%d_s%dx%d_d%dx%d_p%s_g%d",
        batch,
        inHeight,
        inWidth,
        inChannels,
        outChannels,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        dilationHeight,
        dilationWidth,
        padding,
        groups);
  }

  /** Builds a {@link ConvShape}; every size not stated keeps its default. Not thread-safe. */
  public static final class Builder {
    private final int inHeight;
    private final int inWidth;
    private final int inChannels;
    private int batch = 1;
    private int outChannels;
    private int kernelHeight = 1;
    private int kernelWidth = 1;
    private int strideHeight = 1;
    private int strideWidth = 1;
    private int dilationHeight = 1;
    private int dilationWidth = 1;
    private Padding padding = Padding.SAME;
    private int groups = 1;

    private Builder(int inHeight, int inWidth, int inChannels) {
      this.inHeight = inHeight;
      this.inWidth = inWidth;
      this.inChannels = inChannels;
      this.outChannels = inChannels;
    }

    /**
     * Sets the number of images.
     *
     * @param images 1 or more
     * @return this
     */
    public Builder batch(int images) {
      this.batch = images;
      return this;
    }

    /**
     * Sets the output channels.
     *
     * @param channels 1 or more
     * @return this
     */
    public Builder outChannels(int channels) {
      this.outChannels = channels;
      return this;
    }

    /**
     * Sets a square kernel.
     *
     * @param size rows and columns of taps
     * @return this
     */
    public Builder kernel(int size) {
      return kernel(size, size);
    }

    /**
     * Sets the kernel.
     *
     * @param height rows of taps
     * @param width columns of taps
     * @return this
     */
    public Builder kernel(int height, int width) {
      this.kernelHeight = height;
      this.kernelWidth = width;
      return this;
    }

    /**
     * Sets an equal stride.
     *
     * @param stride input rows and columns between two outputs
     * @return this
     */
    public Builder stride(int stride) {
      return stride(stride, stride);
    }

    /**
     * Sets the stride.
     *
     * @param height input rows between two output rows
     * @param width input columns between two output columns
     * @return this
     */
    public Builder stride(int height, int width) {
      this.strideHeight = height;
      this.strideWidth = width;
      return this;
    }

    /**
     * Sets an equal dilation.
     *
     * @param dilation input rows and columns between two taps
     * @return this
     */
    public Builder dilation(int dilation) {
      return dilation(dilation, dilation);
    }

    /**
     * Sets the dilation.
     *
     * @param height input rows between two rows of taps
     * @param width input columns between two columns of taps
     * @return this
     */
    public Builder dilation(int height, int width) {
      this.dilationHeight = height;
      this.dilationWidth = width;
      return this;
    }

    /**
     * Sets the padding.
     *
     * @param zeros zeros around the input
     * @return this
     */
    public Builder padding(Padding zeros) {
      this.padding = zeros;
      return this;
    }

    /**
     * Sets the number of groups.
     *
     * @param number a divisor of both channel counts
     * @return this
     */
    public Builder groups(int number) {
      this.groups = number;
      return this;
    }

    /**
     * Makes the shape depthwise: as many groups and output channels as input channels.
     *
     * @return this
     */
    public Builder depthwise() {
      return depthwise(1);
    }

    /**
     * Makes the shape depthwise with a channel multiplier.
     *
     * @param multiplier output channels an input channel, 1 or more
     * @return this
     */
    public Builder depthwise(int multiplier) {
      Checks.atLeast("multiplier", multiplier, 1);
      Checks.elements("output channels", inChannels, multiplier);
      this.groups = inChannels;
      this.outChannels = inChannels * multiplier;
      return this;
    }

    /**
     * Checks and builds the shape.
     *
     * @return the shape
     * @throws IllegalArgumentException naming the size, its value and the rule it breaks
     */
    public ConvShape build() {
      return new ConvShape(
          batch,
          inHeight,
          inWidth,
          inChannels,
          outChannels,
          kernelHeight,
          kernelWidth,
          strideHeight,
          strideWidth,
          dilationHeight,
          dilationWidth,
          padding,
          groups);
    }
  }
}
