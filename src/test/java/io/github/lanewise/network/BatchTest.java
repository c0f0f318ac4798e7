package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Padding;
import io.github.lanewise.Residual;
import io.github.lanewise.WeightOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Several images in one run give what one run for each gives. */
class BatchTest {
  private static final int SIZE = 40;

  private static float[] random(int n) {
    Random random = new Random(n);
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() - 0.5f;
    }
    return out;
  }

  private static ConvWeights weights(ConvShape s) {
    return ConvWeights.of(random(s.weightsLength()), WeightOrder.OIHW);
  }

  /** Two inputs, an output that is an input's, one that is read inside, and sizes of one image. */
  private static NetworkBuilder builder() {
    NetworkBuilder b = new NetworkBuilder();
    Tensor image = b.input("image", Layout.NCHW, 1, SIZE, SIZE, 3);
    Tensor shift = b.input("shift", 1, 32);
    ConvShape wide = ConvShape.builder(SIZE, SIZE, 3).kernel(3).outChannels(32).build();
    Tensor x = b.activation(b.convolution(image, wide, weights(wide)), Activation.RELU);
    ConvShape depthwise = ConvShape.builder(SIZE, SIZE, 32).kernel(3).depthwise().build();
    x = b.convolution(x, depthwise, weights(depthwise));
    ConvShape pointwise = ConvShape.builder(SIZE, SIZE, 32).outChannels(32).build();
    x = b.add(b.convolution(x, pointwise, weights(pointwise)), shift);
    b.output("features", x, Layout.NCHW);
    b.output("mean", b.softmax(b.reshape(b.globalAveragePool(x), 1, 32)));
    b.output("same", image);
    return b;
  }

  private static void check(Network one, int images) {
    Network batch = one.withBatch(images);
    float[][] in = arrays(batch.inputs());
    float[][] out = arrays(batch.outputs());
    for (int run = 0; run < 2; run++) { // with arenas that are new, and used ones
      for (float[] values : out) {
        Arrays.fill(values, Float.NaN);
      }
      batch.run(in, out);
      for (int image = 0; image < images; image++) {
        float[][] expected = arrays(one.outputs());
        one.run(parts(in, one.inputs(), image), expected);
        assertThat(parts(out, one.outputs(), image))
            .as("image %d of %s", image, batch)
            .isDeepEqualTo(expected);
      }
    }
  }

  private static float[][] arrays(List<Port> ports) {
    return ports.stream().map(port -> random(port.length())).toArray(float[][]::new);
  }

  private static float[][] parts(float[][] arrays, List<Port> ports, int image) {
    float[][] parts = new float[arrays.length][];
    for (int i = 0; i < parts.length; i++) {
      int length = ports.get(i).length();
      parts[i] = Arrays.copyOfRange(arrays[i], image * length, (image + 1) * length);
    }
    return parts;
  }

  @Test
  void theBitsAreThoseOfOneRunForEachImage() {
    for (Backend backend : List.of(Backend.current(), Backend.scalar())) {
      Network one = builder().build(ConvOptions.DEFAULT.withBackend(backend));
      for (int images : new int[] {1, 2, 5}) {
        check(one, images);
      }
      check(one.withLayout("image", Layout.NHWC).withLayout("features", Layout.NHWC), 3);
    }
  }

  @Test
  void alsoWithThreads() {
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      Network one = builder().build(ConvOptions.DEFAULT.withExecutor(threads, 4));
      for (int images = 2; images <= 9; images++) {
        check(one, images);
      }
    }
  }

  /** Of a network with too little work to share that of an image. */
  @Test
  void imagesSpreadOverThreads() {
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      ConvOptions options =
          ConvOptions.DEFAULT.withExecutor(
              task ->
                  threads.execute(
                      () -> {
                        seen.add(Thread.currentThread());
                        task.run();
                      }),
              4);
      NetworkBuilder b = new NetworkBuilder();
      Tensor x = b.activation(b.input("x", 1, 10), Activation.SIGMOID);
      b.output("y", b.softmax(x));
      Network one = b.build(options);
      one.run(random(10), new float[10]);
      assertThat(seen).isEmpty();
      Network batch = one.withBatch(64);
      assertThat(batch.arenaBytes()).isEqualTo(4 * one.arenaBytes());
      assertThat(one.withBatch(3).arenaBytes()).isEqualTo(3 * one.arenaBytes());
      assertThat(one.withBatch(1).arenaBytes()).isEqualTo(one.arenaBytes());
      batch.run(arrays(batch.inputs()), arrays(batch.outputs()));
    }
    assertThat(seen).isNotEmpty();
  }

  @Test
  void anExecutorThatRefusesCostsOnlySpeed() {
    ConvOptions options =
        ConvOptions.DEFAULT.withExecutor(
            task -> {
              throw new RejectedExecutionException();
            },
            4);
    check(builder().build(options), 6);
  }

  @Test
  void arraysMustHoldAllImages() {
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      Network batch = builder().build(ConvOptions.DEFAULT.withExecutor(threads, 4)).withBatch(4);
      float[][] in = arrays(batch.inputs());
      float[][] out = arrays(batch.outputs());
      in[0] = Arrays.copyOf(in[0], in[0].length - 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> batch.run(in, out))
          .withMessageContainingAll("input image [4, 3, 40, 40]", "must have 19200");
      in[0] = null;
      assertThatThrownBy(() -> batch.run(in, out)).isInstanceOf(NullPointerException.class);
    }
  }

  @Test
  void portsAndTimesAreOfAllImages() {
    Network one = builder().build();
    Network batch = one.withBatch(3);
    assertThat(batch.inputs()).hasToString("[image [3, 3, 40, 40] NCHW, shift [3, 32]]");
    assertThat(batch.outputs().get(1)).hasToString("mean [3, 32]");
    assertThat(batch.multiplications()).isEqualTo(3 * one.multiplications());
    assertThat(batch.steps()).hasToString(one.steps().toString());
    assertThat(batch.withBatch(1)).hasToString(one.toString());
    long[] nanos = new long[batch.steps().size()];
    batch.run(arrays(batch.inputs()), arrays(batch.outputs()), nanos);
    assertThat(nanos).doesNotContain(0);
  }

  /** A hand-built network has sizes of one image inside, as files with a fixed Reshape have. */
  @Test
  void whatIsNoBatchIsRefused() {
    Network one = builder().build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.withBatch(0))
        .withMessage("batch = 0 must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> one.withBatch(1 << 24))
        .withMessageContaining("exceed 2^31 - 1 elements");
    NetworkBuilder two = new NetworkBuilder();
    two.output("y", two.input("x", 2, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> two.build().withBatch(2))
        .withMessage("x [2, 3] must have the first size 1, that of the batch, for a batch of 2");
    NetworkBuilder scalar = new NetworkBuilder();
    scalar.output("y", scalar.input("x"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scalar.build().withBatch(2))
        .withMessageContaining("x [] must have the first size 1");
  }

  /** An image needs 400 KB in the arena, and as much where its input is copied to. */
  @Test
  void theMemoryLimitCountsEveryArena() {
    NetworkBuilder b = new NetworkBuilder().memoryLimit(3_000_000);
    Tensor x = b.input("x", 1, 100, 100, 10);
    b.output("y", b.globalAveragePool(b.activation(x, Activation.SIGMOID)));
    assertThat(b.build().withBatch(64).arenaBytes()).isBetween(400_000L, 401_000L);
    try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
      Network spread = b.build(ConvOptions.DEFAULT.withExecutor(threads, 4));
      assertThat(spread.withBatch(2).arenaBytes()).isBetween(800_000L, 802_000L);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> spread.withBatch(4))
          .withMessageMatching("a run of the network needs 32..... bytes, .* limit of 3000000");
    }
  }

  @Test
  void anotherShapeOfABatch() {
    Network batch = resizable(1, 8, 9, 3).withBatch(4);
    Network found = batch.withInputShape("x", 4, 5, 7, 3);
    assertThat(found).hasToString(resizable(1, 5, 7, 3).withBatch(4).toString());
    check(resizable(1, 8, 9, 3).withInputShape("x", 1, 5, 7, 3), 4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batch.withInputShape("x", 1, 5, 7, 3))
        .withMessageContaining("shape = [1, 5, 7, 3] of 'x' must begin with 4");
  }

  private static Network resizable(int... shape) {
    NetworkBuilder b = new NetworkBuilder().resizing(shapes -> resizable(shapes.get("x")));
    Tensor x = b.input("x", shape);
    ConvShape s = ConvShape.builder(shape[1], shape[2], 3).batch(shape[0]).outChannels(8).build();
    b.output("mean", b.globalAveragePool(b.convolution(x, s, weights(s))));
    return b.build();
  }

  /** The same plan, whether it may use threads or not. */
  @Test
  void aSequentialPlanHasTheSameBits() {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      ConvShape s =
          ConvShape.builder(30, 30, 16).kernel(3).padding(Padding.VALID).outChannels(24).build();
      ConvOptions options = ConvOptions.DEFAULT.withExecutor(threads, 3);
      var plan =
          io.github.lanewise.Convolutions.standard(
              s, weights(s), options.withResidual(Residual.AFTER_ACTIVATION));
      var alone = plan.sequential();
      assertThat(alone.toString()).contains("1 thread,").doesNotContain("3 threads");
      assertThat(alone.sequential()).isSameAs(alone);
      float[] src = random(plan.srcLength());
      float[] residual = random(plan.dstLength());
      float[] expected = new float[plan.dstLength()];
      plan.run(src, 0, residual, 0, expected, 0);
      float[] dst = new float[plan.dstLength()];
      alone.run(src, 0, residual, 0, dst, 0);
      assertThat(dst).isEqualTo(expected);
    }
  }
}
