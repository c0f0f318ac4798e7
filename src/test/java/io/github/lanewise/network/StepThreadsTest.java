package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvShape;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.Reduction;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Steps that are no convolutions spread over threads, and give the bits of one. */
class StepThreadsTest {
  private static final int HEIGHT = 61;
  private static final int WIDTH = 67;
  private static final int CHANNELS = 18;

  private static float[] random(int n) {
    Random random = new Random(n);
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() * 8 - 4;
    }
    return out;
  }

  private static float[] places(int count, int size) {
    float[] places = new float[count];
    for (int i = 0; i < count; i++) {
      places[i] = (float) i * (size - 1) / (count - 1);
    }
    return places;
  }

  /** One step for each output; x is of a batch, so that units of two images meet. */
  private static Map<String, NetworkBuilder> networks() {
    Map<String, NetworkBuilder> all = new LinkedHashMap<>();
    float[] row = random(CHANNELS);
    add(all, "scale", (b, x) -> b.scale(x, row, row));
    add(all, "prelu", (b, x) -> b.prelu(x, row));
    add(all, "activation", (b, x) -> b.activation(x, Activation.SIGMOID));
    add(
        all,
        "function",
        (b, x) -> b.operation(Function.of(Function.Kind.EXP), List.of(x)).getFirst());
    add(all, "add", (b, x) -> b.add(x, b.input("y", 2, HEIGHT, WIDTH, CHANNELS)));
    add(all, "subtract", (b, x) -> b.subtract(x, b.input("y", 2, HEIGHT, WIDTH, CHANNELS)));
    add(all, "by image", (b, x) -> b.multiply(x, b.input("y", 2, 1, 1, CHANNELS)));
    add(all, "by row", (b, x) -> b.multiply(x, b.input("y", CHANNELS)));
    add(all, "outer", (b, x) -> b.multiply(x, b.input("y", 2, 1, WIDTH, 1)));
    for (int stride = 1; stride <= 2; stride++) {
      ConvShape.Builder window = ConvShape.builder(HEIGHT, WIDTH, CHANNELS).batch(2).depthwise();
      ConvShape w = window.kernel(3).stride(stride).build();
      add(all, "max pool " + stride, (b, x) -> b.maxPool(x, w));
      add(all, "average pool " + stride, (b, x) -> b.averagePool(x, w, false));
    }
    add(all, "softmax", NetworkBuilder::softmax);
    add(all, "concat", (b, x) -> b.concat(3, x, b.input("y", 2, HEIGHT, WIDTH, 5)));
    add(all, "transpose", (b, x) -> b.transpose(x, 0, 3, 1, 2));
    add(all, "transpose rows", (b, x) -> b.transpose(x, 0, 2, 1, 3));
    add(all, "linear", (b, x) -> b.resizeLinear(x, places(97, HEIGHT), places(90, WIDTH)));
    int[] rows = new int[99];
    Arrays.setAll(rows, i -> i * HEIGHT / 99);
    add(all, "nearest", (b, x) -> b.resizeNearest(x, rows, rows));
    for (Reduction.Kind kind : List.of(Reduction.Kind.SUM, Reduction.Kind.LOG_SUM_EXP)) {
      for (int[] axes : new int[][] {{3}, {2}, {1, 3}, {0, 2}}) {
        add(
            all,
            kind + Arrays.toString(axes),
            (b, x) -> b.operation(new Reduction(kind, axes), List.of(x)).getFirst());
      }
    }
    return all;
  }

  private interface Layer {
    Tensor of(NetworkBuilder builder, Tensor x);
  }

  private static void add(Map<String, NetworkBuilder> all, String name, Layer layer) {
    NetworkBuilder b = new NetworkBuilder();
    Tensor x = b.input("x", 2, HEIGHT, WIDTH, CHANNELS);
    b.output("out", layer.of(b, x));
    all.put(name, b);
  }

  private static float[] run(Network network) {
    float[][] in =
        network.inputs().stream().map(port -> random(port.length())).toArray(float[][]::new);
    float[][] out = {random(network.outputs().getFirst().length())};
    network.run(in, out);
    return out[0];
  }

  @Test
  void theBitsAreThoseOfOneThread() {
    AtomicInteger tasks = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      networks()
          .forEach(
              (name, builder) -> {
                for (Backend backend : List.of(Backend.current(), Backend.scalar())) {
                  ConvOptions options = ConvOptions.DEFAULT.withBackend(backend);
                  float[] expected = run(builder.build(options));
                  for (int degree : new int[] {2, 3, 7}) {
                    tasks.set(0);
                    ConvOptions spread =
                        options.withExecutor(
                            task -> {
                              tasks.incrementAndGet();
                              threads.execute(task);
                            },
                            degree);
                    Network network = builder.build(spread);
                    assertThat(run(network)).as(name).isEqualTo(expected);
                    assertThat(tasks.get()).as("tasks of %s: %s", name, network).isPositive();
                  }
                }
              });
    }
  }

  /** Threads would cost more than they bring. */
  @Test
  void littleWorkStaysOnTheCallersThread() {
    ConvOptions options =
        ConvOptions.DEFAULT.withExecutor(
            task -> {
              throw new AssertionError("asked for a thread");
            },
            4);
    NetworkBuilder b = new NetworkBuilder();
    b.output("y", b.activation(b.input("x", 1, 32, 32, 31), Activation.SIGMOID));
    assertThat(run(b.build(options))).isEqualTo(run(b.build()));
  }
}
