package io.github.lanewise;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Tensors and weights of a {@link ConvCase}; a bias or residual it has not is null. */
final class ConvData {
  private static final RandomGeneratorFactory<RandomGenerator> RANDOM =
      RandomGeneratorFactory.of("L64X128MixRandom");

  final float[] src;
  final float[] weights;
  final float[] bias;
  final float[] pointwiseWeights;
  final float[] pointwiseBias;
  final float[] residual;

  private ConvData(ConvCase c, RandomGenerator random) {
    ConvShape s = c.shape();
    boolean separable = c.operator() == Operator.SEPARABLE;
    int taps = s.kernelHeight() * s.kernelWidth();
    src = draw(c.srcLength(), c.integers(), random);
    weights = draw(taps * (s.inChannels() / s.groups()) * s.outChannels(), c.integers(), random);
    bias = c.bias() ? draw(s.outChannels(), c.integers(), random) : null;
    pointwiseWeights =
        separable ? draw(s.outChannels() * c.outChannels(), c.integers(), random) : null;
    pointwiseBias = separable && c.bias() ? draw(c.outChannels(), c.integers(), random) : null;
    residual = c.residual() != Residual.NONE ? draw(c.dstLength(), c.integers(), random) : null;
  }

  static ConvData of(ConvCase c) {
    return new ConvData(c, RANDOM.create(c.seed()));
  }

  private static float[] draw(int length, boolean integers, RandomGenerator random) {
    float[] out = new float[length];
    for (int i = 0; i < length; i++) {
      out[i] = integers ? random.nextInt(-3, 4) : random.nextFloat(-1, 1);
    }
    return out;
  }

  /** A source, NHWC, as NCHW. */
  static float[] planes(ConvShape s, float[] src) {
    int channels = s.inChannels();
    int plane = s.inHeight() * s.inWidth();
    float[] out = new float[src.length];
    for (int i = 0; i < src.length; i++) {
      int pixel = i / channels;
      out[(pixel / plane * channels + i % channels) * plane + pixel % plane] = src[i];
    }
    return out;
  }

  /** The plan of the case on these weights; slopes of the options are its activation. */
  ConvPlan plan(ConvCase c, ConvOptions options) {
    ConvWeights first = weights(weights, c.order(), bias);
    ConvOptions activated = options.hasPrelu() ? options : options.withActivation(c.activation());
    ConvOptions all = activated.withResidual(c.residual());
    return switch (c.operator()) {
      case DEPTHWISE -> Convolutions.depthwise(c.shape(), first, all);
      case POINTWISE -> Convolutions.pointwise(c.shape(), first, all);
      case STANDARD -> Convolutions.standard(c.shape(), first, all);
      case SEPARABLE ->
          Convolutions.separable(
              c.shape(),
              first,
              c.middle(),
              c.outChannels(),
              weights(pointwiseWeights, c.pointwiseOrder(), pointwiseBias),
              all);
    };
  }

  private static ConvWeights weights(float[] values, WeightOrder order, float[] bias) {
    ConvWeights plain = ConvWeights.of(values, order);
    return bias == null ? plain : plain.withBias(bias);
  }
}
