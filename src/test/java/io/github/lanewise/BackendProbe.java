package io.github.lanewise;

import java.time.Duration;
import java.util.Arrays;

/** The program that {@link BackendTest} runs in other JVMs: describes the backend and uses it. */
final class BackendProbe {
  private static final float[] ONES = new float[5 * 5 * 9];

  /** C2 may be late on a busy machine. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private BackendProbe() {}

  public static void main(String[] args) {
    Backend backend;
    try {
      backend = Backend.current();
    } catch (IllegalStateException e) {
      System.out.println("refused: " + e.getMessage());
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        System.out.println("cause: " + cause);
      }
      System.exit(3);
      return;
    }
    System.out.println("backend=" + backend.name() + " bits=" + backend.vectorBits());
    System.out.println("same=" + (backend == Backend.current()));
    System.out.println("before=" + backend.isWarm());
    System.out.println("sum=" + sum());
    System.out.println("after=" + backend.isWarm());
    backend.warmUp(LIMIT, BackendProbe::sum);
    System.out.println("later=" + backend.isWarm());
    System.out.println("again=" + sum());
    System.out.println(backend.describe());
  }

  /** 3 x 3 ones over 5 x 5 ones, SAME, in 9 channels: 9 * (9 * 9 + 12 * 6 + 4 * 4) = 1521. */
  private static float sum() {
    ConvShape shape = ConvShape.builder(5, 5, 9).kernel(3).depthwise().build();
    float[] weights = new float[9 * 9];
    Arrays.fill(weights, 1);
    Arrays.fill(ONES, 1);
    float[] dst = new float[ONES.length];
    Convolutions.depthwise(shape, ConvWeights.of(weights, WeightOrder.HWC), ConvOptions.DEFAULT)
        .run(ONES, dst);
    float sum = 0;
    for (float value : dst) {
      sum += value;
    }
    return sum;
  }
}
