package io.github.lanewise;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * A trained network of 13 depthwise separable stages, run with plans for its convolutions and plain
 * loops for the rest. The weights' origin is told in {@code tinyxception/LICENCE.txt} of the test
 * resources.
 */
final class TinyXception {
  private final Map<String, float[]> tensors = new HashMap<>();
  private final boolean fused;
  private final ConvOptions options;
  private int separableStages;

  /**
   * Reads the weights.
   *
   * @param fused whether a separable stage is one plan or two
   */
  TinyXception(boolean fused, ConvOptions options) {
    this.fused = fused;
    this.options = options;
    FloatBuffer weights = FloatBuffer.wrap(floats("weights.bin.gz"));
    List<String> lines =
        new String(bytes("tensors.tsv"), StandardCharsets.UTF_8).lines().skip(1).toList();
    for (String line : lines) {
      int tab = line.indexOf('\t');
      int length =
          Arrays.stream(line.substring(tab + 1).split("x", -1))
              .mapToInt(Integer::parseInt)
              .reduce(1, Math::multiplyExact);
      float[] values = new float[length];
      weights.get(values);
      tensors.put(line.substring(0, tab), values);
    }
  }

  /** The features of an image of 112 x 112 x 3, NHWC: 7 x 7 x 512. */
  float[] features(float[] image) {
    separableStages = 0;
    float[] x = stem(image);
    x = reduction("entry_flow/reduction_block_0", x, x, 56, 32, 64);
    x = reduction("entry_flow/reduction_block_1", relu(x), x, 28, 64, 128);
    for (int block = 0; block < 2; block++) {
      String name = "middle_flow/main_block_" + block + "/separable_conv";
      float[] y = separable(name + 0, relu(x), 14, 128, 128, Activation.RELU, null);
      y = separable(name + 1, y, 14, 128, 128, Activation.RELU, null);
      x = separable(name + 2, y, 14, 128, 128, Activation.NONE, x);
    }
    x = reduction("exit_flow/reduction_block", relu(x), x, 14, 128, 256);
    return separable("exit_flow/separable_conv", x, 7, 256, 512, Activation.RELU, null);
  }

  /** How many separable stages the last image went through. */
  int separableStages() {
    return separableStages;
  }

  /** A fully connected layer on the mean of the features: the network's heads. */
  double[] head(String name, float[] features, int outputs) {
    float[] weights = tensor(name + "/weight");
    double[] out = new double[outputs];
    for (int o = 0; o < outputs; o++) {
      double sum = 0;
      for (int i = 0; i < features.length; i++) {
        sum += (double) features[i] / 49 * weights[o * 512 + i % 512];
      }
      out[o] = sum + tensor(name + "/bias")[o];
    }
    return out;
  }

  private float[] stem(float[] image) {
    ConvShape shape =
        ConvShape.builder(112, 112, 3)
            .outChannels(32)
            .kernel(3)
            .stride(2)
            .padding(Padding.explicit(0, 0, 1, 1))
            .build();
    return run(
        Convolutions.standard(
            shape, weights("entry_flow/conv_in"), options.withActivation(Activation.RELU)),
        image,
        null);
  }

  /** Two separable stages and a max-pool of stride 2, plus the block's input through a 1x1. */
  private float[] reduction(String name, float[] in, float[] skip, int size, int m, int n) {
    float[] x = separable(name + "/separable_conv0", in, size, m, n, Activation.RELU, null);
    x = separable(name + "/separable_conv1", x, size, n, n, Activation.NONE, null);
    ConvShape shape = ConvShape.builder(size, size, m).outChannels(n).stride(2).build();
    ConvPlan expansion =
        Convolutions.pointwise(
            shape, weights(name + "/expansion_conv"), options.withResidual(true));
    return run(expansion, skip, maxPool(x, size, n));
  }

  private float[] separable(
      String name, float[] in, int size, int m, int n, Activation activation, float[] residual) {
    separableStages++;
    ConvShape shape =
        ConvShape.builder(size, size, m).kernel(3).padding(Padding.explicit(1)).depthwise().build();
    ConvWeights dw = ConvWeights.of(tensor(name + "/depthwise/weight"), WeightOrder.OIHW);
    ConvWeights pw = weights(name + "/pointwise");
    ConvOptions last = options.withActivation(activation).withResidual(residual != null);
    if (fused) {
      return run(Convolutions.separable(shape, dw, Activation.NONE, n, pw, last), in, residual);
    }
    float[] middle = run(Convolutions.depthwise(shape, dw, options), in, null);
    ConvShape pointwise = ConvShape.builder(size, size, m).outChannels(n).build();
    return run(Convolutions.pointwise(pointwise, pw, last), middle, residual);
  }

  private static float[] run(ConvPlan plan, float[] src, float[] residual) {
    float[] dst = new float[plan.dstLength()];
    plan.run(src, 0, residual, 0, dst, 0);
    return dst;
  }

  private static float[] relu(float[] x) {
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = Math.max(x[i], 0);
    }
    return y;
  }

  /** 3 x 3, stride 2, one row and column of padding behind. */
  private static float[] maxPool(float[] x, int size, int channels) {
    int out = size / 2;
    float[] y = new float[out * out * channels];
    Arrays.fill(y, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < y.length; i++) {
      int c = i % channels;
      int column = i / channels % out * 2;
      int row = i / channels / out * 2;
      for (int r = row; r < Math.min(row + 3, size); r++) {
        for (int s = column; s < Math.min(column + 3, size); s++) {
          y[i] = Math.max(y[i], x[(r * size + s) * channels + c]);
        }
      }
    }
    return y;
  }

  private ConvWeights weights(String name) {
    return ConvWeights.of(tensor(name + "/weight"), WeightOrder.OIHW)
        .withBias(tensor(name + "/bias"));
  }

  private float[] tensor(String name) {
    float[] values = tensors.get(name);
    if (values == null) {
      throw new IllegalArgumentException("no tensor " + name);
    }
    return values;
  }

  /** A file of the folder with one image in NCHW, as NHWC. */
  static float[] image(String file, int channels, int size) {
    float[] nchw = floats(file);
    float[] nhwc = new float[nchw.length];
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < size * size; p++) {
        nhwc[p * channels + c] = nchw[c * size * size + p];
      }
    }
    return nhwc;
  }

  private static float[] floats(String file) {
    byte[] bytes = bytes(file);
    float[] out = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(out);
    return out;
  }

  private static byte[] bytes(String file) {
    try (InputStream in = TinyXception.class.getResourceAsStream("tinyxception/" + file)) {
      return (file.endsWith(".gz") ? new GZIPInputStream(in) : in).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
