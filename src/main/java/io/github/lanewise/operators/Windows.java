package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvShape;
import java.util.Arrays;

/**
 * Reductions over windows of an image that are not worth a loop of their own each: the maximum with
 * the index where it stood, or a norm.
 *
 * @param window kernel, stride, dilation and padding, as a depthwise shape on the image
 * @param power of a norm, 1 or more; 0 for the maximum
 * @param columnMajor whether indices count down the columns of an image first
 */
public record Windows(ConvShape window, int power, boolean columnMajor) implements Operation {

  @Override
  public int[][] shapes(int[]... inputs) {
    ConvShape w = window;
    int[] in = {w.batch(), w.inHeight(), w.inWidth(), w.inChannels()};
    if (!Arrays.equals(in, inputs[0])) {
      throw new IllegalArgumentException(
          "shape %s must be that of %s".formatted(Arrays.toString(inputs[0]), window));
    }
    int[] out = {w.batch(), w.outHeight(), w.outWidth(), w.inChannels()};
    return power > 0 ? new int[][] {out} : new int[][] {out, out};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new Run(this);
  }

  private record Run(Windows op) implements Operator {
    @Override
    public void run(Context context, Places in, Places out) {
      ConvShape w = op.window;
      int channels = w.inChannels();
      int to = 0;
      for (int image = 0; image < w.batch(); image++) {
        for (int y = 0; y < w.outHeight(); y++) {
          for (int x = 0; x < w.outWidth(); x++) {
            int top = y * w.strideHeight() - w.padTop();
            int left = x * w.strideWidth() - w.padLeft();
            if (op.power > 0) {
              norm(context, in, image, top, left, out.array(context, 0), out.offset(0) + to);
            } else {
              maximum(context, in, image, top, left, out, to);
            }
            to += channels;
          }
        }
      }
    }

    /** The place of a tap's first channel in the tensor, or -1 outside of the image. */
    private int tap(int image, int top, int left, int ky, int kx) {
      ConvShape w = op.window;
      int y = top + ky * w.dilationHeight();
      int x = left + kx * w.dilationWidth();
      boolean isInside = y >= 0 && y < w.inHeight() && x >= 0 && x < w.inWidth();
      return isInside ? ((image * w.inHeight() + y) * w.inWidth() + x) * w.inChannels() : -1;
    }

    private void norm(
        Context context, Places in, int image, int top, int left, float[] dst, int to) {
      int channels = op.window.inChannels();
      float[] a = in.array(context, 0);
      double[] sums = context.sums;
      Arrays.fill(sums, 0, channels, 0);
      for (int ky = 0; ky < op.window.kernelHeight(); ky++) {
        for (int kx = 0; kx < op.window.kernelWidth(); kx++) {
          int at = tap(image, top, left, ky, kx);
          for (int c = 0; at >= 0 && c < channels; c++) {
            double v = Math.abs(a[in.offset(0) + at + c]);
            sums[c] += op.power == 1 ? v : op.power == 2 ? v * v : Math.pow(v, op.power);
          }
        }
      }
      for (int c = 0; c < channels; c++) {
        double sum = sums[c];
        dst[to + c] =
            (float)
                (op.power == 1
                    ? sum
                    : op.power == 2 ? Math.sqrt(sum) : Math.pow(sum, 1.0 / op.power));
      }
    }

    /** The first of equal values, in the order of the window; not a number is beyond all. */
    private void maximum(
        Context context, Places in, int image, int top, int left, Places out, int to) {
      ConvShape w = op.window;
      float[] a = in.array(context, 0);
      float[] most = out.array(context, 0);
      float[] index = out.array(context, 1);
      int values = out.offset(0) + to;
      int indices = out.offset(1) + to;
      Arrays.fill(most, values, values + w.inChannels(), Float.NEGATIVE_INFINITY);
      Arrays.fill(index, indices, indices + w.inChannels(), -1);
      for (int ky = 0; ky < w.kernelHeight(); ky++) {
        for (int kx = 0; kx < w.kernelWidth(); kx++) {
          int at = tap(image, top, left, ky, kx);
          for (int c = 0; at >= 0 && c < w.inChannels(); c++) {
            float v = a[in.offset(0) + at + c];
            float best = most[values + c];
            boolean isFirstNaN = Float.isNaN(v) && !Float.isNaN(best);
            if (index[indices + c] < 0 || v > best || isFirstNaN) {
              most[values + c] = v;
              index[indices + c] =
                  index(image, c, top + ky * w.dilationHeight(), left + kx * w.dilationWidth());
            }
          }
        }
      }
    }

    /** Where a value stands in the tensor, counted as images of planes. */
    private int index(int image, int channel, int y, int x) {
      ConvShape w = op.window;
      int inPlane = op.columnMajor ? x * w.inHeight() + y : y * w.inWidth() + x;
      return (image * w.inChannels() + channel) * w.inHeight() * w.inWidth() + inPlane;
    }

    @Override
    public int sums() {
      return op.power > 0 ? op.window.inChannels() : 0;
    }

    @Override
    public String describe() {
      return "%s %dx%d"
          .formatted(
              op.power > 0 ? "norm of order " + op.power : "max pool with indices",
              op.window.kernelHeight(),
              op.window.kernelWidth());
    }
  }
}
