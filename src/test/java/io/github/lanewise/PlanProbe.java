package io.github.lanewise;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The program that {@link PlanChoiceTest} runs in other JVMs: prints the environment, then what
 * plans of many layers state, a line each.
 */
final class PlanProbe {

  /** Blocks of MobileNetV1: size and channels of the input, channels of the output, stride. */
  private static final int[][] V1 = {
    {112, 32, 64, 1},
    {112, 64, 128, 2},
    {56, 128, 128, 1},
    {56, 128, 256, 2},
    {28, 256, 256, 1},
    {28, 256, 512, 2},
    {14, 512, 512, 1},
    {14, 512, 1024, 2},
    {7, 1024, 1024, 1}
  };

  /** Blocks of MobileNetV2: size, channels before and after expansion, of the output, stride. */
  private static final int[][] V2 = {
    {112, 16, 96, 24, 2},
    {56, 24, 144, 24, 1},
    {56, 24, 144, 32, 2},
    {28, 32, 192, 32, 1},
    {28, 32, 192, 64, 2},
    {14, 64, 384, 64, 1},
    {14, 64, 384, 96, 1},
    {14, 96, 576, 96, 1},
    {14, 96, 576, 160, 2},
    {7, 160, 960, 160, 1},
    {7, 160, 960, 320, 1}
  };

  /** What follows the environment. */
  static final String END = "plans:";

  private final Map<String, ConvPlan> plans = new LinkedHashMap<>();

  private PlanProbe() {}

  public static void main(String[] args) {
    System.out.println(Backend.current().describe());
    System.out.println(END);
    PlanProbe probe = new PlanProbe();
    probe.networks();
    probe.others();
    probe.threads();
    probe.plans.forEach((name, plan) -> System.out.println(name + ": " + choices(plan)));
  }

  /** What the plan states of its own choice: not the backend, nor the caches it is for. */
  private static String choices(ConvPlan plan) {
    return plan.toString()
        .lines()
        .skip(2)
        .map(line -> line.strip().replaceAll(",? for L1 .*", ""))
        .collect(Collectors.joining("; "));
  }

  private void networks() {
    standard(shape(224, 3).kernel(3).stride(2).outChannels(32), 1);
    for (int[] block : V1) {
      ConvShape.Builder depthwise = shape(block[0], block[1]).kernel(3).stride(block[3]);
      depthwise(depthwise);
      pointwise(block[0] / block[3], block[1], block[2], 1);
      separable(depthwise, block[2], 1);
    }
    separable(shape(112, 32).kernel(3), 16, 1);
    for (int[] block : V2) {
      ConvShape.Builder depthwise = shape(block[0], block[2]).kernel(3).stride(block[4]);
      pointwise(block[0], block[1], block[2], 1);
      depthwise(depthwise);
      separable(depthwise, block[3], 1);
    }
    pointwise(7, 320, 1280, 1);
  }

  /** One of each kind that those networks have not. */
  private void others() {
    depthwise(shape(28, 120).kernel(5));
    depthwise(shape(56, 72).kernel(5).stride(2));
    depthwise(shape(56, 96).kernel(7));
    depthwise(ConvShape.builder(1, 500, 256).kernel(1, 33));
    depthwise(ConvShape.builder(1, 100, 64).kernel(1, 9));
    depthwise(shape(33, 96).kernel(3).dilation(2));
    depthwise(shape(28, 512).kernel(3).dilation(20));
    depthwise(shape(224, 3).kernel(3));
    depthwise(shape(28, 9).kernel(3));
    depthwise(shape(3, 64).kernel(3));
    standard(shape(224, 3).kernel(7).stride(2).outChannels(64), 1);
    standard(shape(224, 3).kernel(3).stride(2).outChannels(8), 1);
    standard(shape(56, 64).kernel(3).outChannels(48), 1);
    standard(shape(28, 128).kernel(3).outChannels(128), 1);
    standard(shape(28, 128).kernel(3).groups(4).outChannels(64), 1);
    separable(shape(28, 96).kernel(5), 40, 1);
    separable(shape(256, 64).kernel(3), 64, 1);
    separable(shape(640, 16).kernel(3), 32, 1);
  }

  /** Ranges for two threads are even in number and alike: 14 rows are 7 and 7, not 8 and 6. */
  private void threads() {
    separable(shape(14, 512).kernel(3), 512, 2);
    separable(shape(25, 384).kernel(3), 384, 2);
    separable(shape(56, 128).kernel(3), 128, 4);
    pointwise(28, 256, 256, 3);
    standard(shape(224, 3).kernel(3).stride(2).outChannels(32), 2);
  }

  private static ConvShape.Builder shape(int size, int channels) {
    return ConvShape.builder(size, size, channels);
  }

  private static ConvOptions options(int threads) {
    ConvOptions relu6 = ConvOptions.DEFAULT.withActivation(Activation.RELU6);
    return threads == 1 ? relu6 : relu6.withExecutor(Runnable::run, threads);
  }

  private static ConvWeights weights(int length) {
    return ConvWeights.of(new float[length], WeightOrder.OIHW);
  }

  private void depthwise(ConvShape.Builder builder) {
    ConvShape s = builder.depthwise().build();
    plans.put("depthwise " + s, Convolutions.depthwise(s, weights(s.weightsLength()), options(1)));
  }

  private void pointwise(int size, int channels, int outputs, int threads) {
    ConvShape s = shape(size, channels).outChannels(outputs).build();
    ConvWeights weights = weights(s.weightsLength());
    plans.put("pointwise " + s + on(threads), Convolutions.pointwise(s, weights, options(threads)));
  }

  private void standard(ConvShape.Builder builder, int threads) {
    ConvShape s = builder.build();
    ConvWeights weights = weights(s.weightsLength());
    plans.put("standard " + s + on(threads), Convolutions.standard(s, weights, options(threads)));
  }

  private void separable(ConvShape.Builder builder, int outputs, int threads) {
    ConvShape s = builder.depthwise().build();
    plans.put(
        "separable " + s + " -> " + outputs + on(threads),
        Convolutions.separable(
            s,
            weights(s.weightsLength()),
            Activation.RELU6,
            outputs,
            weights(s.outChannels() * outputs),
            options(threads)));
  }

  private static String on(int threads) {
    return threads == 1 ? "" : " on " + threads + " threads";
  }
}
