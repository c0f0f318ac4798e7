package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvShape;
import java.util.Arrays;

/**
 * A convolution whose weights another step computes, so that none can be packed: reads an image and
 * the weights as {@code [kernelHeight][kernelWidth][inChannelsPerGroup][outChannels]}.
 *
 * @param shape the geometry
 */
public record DynamicConvolution(ConvShape shape) implements Operation {

  @Override
  public int[][] shapes(int[]... inputs) {
    ConvShape s = shape;
    int[] image = {s.batch(), s.inHeight(), s.inWidth(), s.inChannels()};
    int[] weights = {s.kernelHeight(), s.kernelWidth(), s.inChannelsPerGroup(), s.outChannels()};
    if (!Arrays.equals(image, inputs[0]) || !Arrays.equals(weights, inputs[1])) {
      throw new IllegalArgumentException(
          "image %s and weights %s must be %s and %s, those of %s"
              .formatted(
                  Arrays.toString(inputs[0]),
                  Arrays.toString(inputs[1]),
                  Arrays.toString(image),
                  Arrays.toString(weights),
                  shape));
    }
    return new int[][] {{s.batch(), s.outHeight(), s.outWidth(), s.outChannels()}};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new Run(shape);
  }

  private record Run(ConvShape s) implements PairOperator {
    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      int to = dstOff;
      for (int image = 0; image < s.batch(); image++) {
        int from = aOff + image * s.inHeight() * s.inWidth() * s.inChannels();
        for (int y = 0; y < s.outHeight(); y++) {
          for (int x = 0; x < s.outWidth(); x++) {
            Arrays.fill(dst, to, to + s.outChannels(), 0);
            int top = y * s.strideHeight() - s.padTop();
            window(a, from, top, x * s.strideWidth() - s.padLeft(), b, bOff, dst, to);
            to += s.outChannels();
          }
        }
      }
    }

    /** One pixel: all taps that lie inside of the image. */
    private void window(
        float[] a, int from, int top, int left, float[] w, int wOff, float[] dst, int to) {
      int tap = s.inChannelsPerGroup() * s.outChannels();
      for (int ky = 0; ky < s.kernelHeight(); ky++) {
        int y = top + ky * s.dilationHeight();
        for (int kx = 0; kx < s.kernelWidth(); kx++) {
          int x = left + kx * s.dilationWidth();
          if (y >= 0 && y < s.inHeight() && x >= 0 && x < s.inWidth()) {
            int pixel = from + (y * s.inWidth() + x) * s.inChannels();
            int weights = wOff + (ky * s.kernelWidth() + kx) * tap;
            if (s.inChannelsPerGroup() == 1 && s.outChannelsPerGroup() == 1) {
              channels(a, pixel, w, weights, dst, to);
            } else {
              groups(a, pixel, w, weights, dst, to);
            }
          }
        }
      }
    }

    private void channels(float[] a, int pixel, float[] w, int weights, float[] dst, int to) {
      for (int c = 0; c < s.outChannels(); c++) {
        dst[to + c] += a[pixel + c] * w[weights + c];
      }
    }

    private void groups(float[] a, int pixel, float[] w, int weights, float[] dst, int to) {
      int inputs = s.inChannelsPerGroup();
      int outputs = s.outChannelsPerGroup();
      for (int g = 0; g < s.groups(); g++) {
        int first = to + g * outputs;
        for (int i = 0; i < inputs; i++) {
          float v = a[pixel + g * inputs + i];
          int row = weights + i * s.outChannels() + g * outputs;
          for (int o = 0; o < outputs; o++) {
            dst[first + o] += v * w[row + o];
          }
        }
      }
    }

    @Override
    public long multiplications() {
      return s.multiplications();
    }

    @Override
    public String describe() {
      return "convolution with computed weights " + s;
    }
  }
}
