package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.Activation;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Padding;
import io.github.lanewise.Residual;
import io.github.lanewise.WeightOrder;
import io.github.lanewise.Workspace;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.MatrixProduct;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Operator;
import io.github.lanewise.operators.Places;
import io.github.lanewise.operators.Reduction;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is fused, how memory is used, and what the caller is told. */
class NetworkTest {
  private static final int SIZE = 12;
  private static final int CHANNELS = 16;

  private final NetworkBuilder b = new NetworkBuilder();
  private final Tensor image = b.input("image", 1, SIZE, SIZE, CHANNELS);

  private static float[] random(int n) {
    Random random = new Random(n);
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() - 0.5f;
    }
    return out;
  }

  private Tensor depthwise(Tensor x) {
    ConvShape s = ConvShape.builder(SIZE, SIZE, x.shape()[3]).kernel(3).depthwise().build();
    return b.convolution(x, s, ConvWeights.of(random(s.weightsLength()), WeightOrder.OIHW));
  }

  private Tensor pointwise(Tensor x, int out) {
    ConvShape s = ConvShape.builder(SIZE, SIZE, x.shape()[3]).outChannels(out).build();
    return b.convolution(x, s, ConvWeights.of(random(s.weightsLength()), WeightOrder.OIHW));
  }

  private Tensor batchNorm(Tensor x) {
    int n = x.shape()[3];
    float[] variance = new float[n];
    Arrays.fill(variance, 0.5f);
    return b.batchNorm(x, random(n), random(n), random(n), variance, 1e-3);
  }

  private Tensor operation(Operation operation, Tensor... from) {
    return b.operation(operation, List.of(from)).getFirst();
  }

  private static List<String> steps(Network network) {
    return network.steps().stream().map(Step::description).toList();
  }

  /** A block of MobileNetV2 is two steps: the expansion, and the rest with the residual. */
  @Test
  void anInvertedResidualBlockIsTwoSteps() {
    Tensor x = b.activation(batchNorm(pointwise(image, 6 * CHANNELS)), Activation.RELU6);
    x = b.activation(batchNorm(depthwise(x)), Activation.RELU6);
    x = b.add(image, batchNorm(pointwise(x, CHANNELS)));
    b.output("out", x);
    assertThat(steps(b.build()))
        .containsExactly(
            "pointwise n1_h12w12c16_o96_k1x1_s1x1_d1x1_pSAME_g1 relu6",
            "separable n1_h12w12c96_o96_k3x3_s1x1_d1x1_pSAME_g96 relu6 -> 16 + residual");
  }

  @Test
  void aTensorThatIsReadElsewhereIsKept() {
    Tensor middle = b.activation(depthwise(image), Activation.RELU);
    b.output("out", pointwise(middle, 8));
    b.output("middle", middle);
    assertThat(steps(b.build()))
        .containsExactly(
            "depthwise n1_h12w12c16_o16_k3x3_s1x1_d1x1_pSAME_g16 relu",
            "pointwise n1_h12w12c16_o8_k1x1_s1x1_d1x1_pSAME_g1");
  }

  @Test
  void anActivationAfterAResidualIsFused() {
    Tensor x = b.activation(b.add(image, pointwise(image, CHANNELS)), Activation.RELU);
    b.output("out", pointwise(x, 4));
    Network network = b.build();
    assertThat(steps(network))
        .containsExactly(
            "pointwise n1_h12w12c16_o16_k1x1_s1x1_d1x1_pSAME_g1 + residual relu",
            "pointwise n1_h12w12c16_o4_k1x1_s1x1_d1x1_pSAME_g1");
    assertThat(network.arenaBytes()).isEqualTo(4L * (Arena.FIRST + SIZE * SIZE * CHANNELS));
  }

  /** A unit of ShuffleNet moves nothing: its shuffle is in weights, its sum in a convolution. */
  @Test
  void aShuffleIsWhatConvolutionsReadAndWrite() {
    ConvShape grouped =
        ConvShape.builder(SIZE, SIZE, CHANNELS).outChannels(CHANNELS).groups(4).build();
    float[] weights = random(grouped.weightsLength());
    Tensor x = b.convolution(image, grouped, ConvWeights.of(weights, WeightOrder.OIHW));
    x = shuffled(b.activation(batchNorm(x), Activation.RELU));
    x = batchNorm(depthwise(x));
    x = b.convolution(x, grouped, ConvWeights.of(weights, WeightOrder.OIHW));
    x = b.activation(b.add(image, batchNorm(x)), Activation.RELU);
    x = b.prelu(shuffled(batchNorm(pointwise(x, CHANNELS))), random(CHANNELS));
    b.output("out", b.softmax(x));
    b.output("other", depthwise(x));
    assertThat(steps(b.build()))
        .containsExactly(
            "standard n1_h12w12c16_o16_k1x1_s1x1_d1x1_pSAME_g4 relu",
            "depthwise n1_h12w12c16_o16_k3x3_s1x1_d1x1_pSAME_g16",
            "standard n1_h12w12c16_o16_k1x1_s1x1_d1x1_pSAME_g4 + residual relu",
            "pointwise n1_h12w12c16_o16_k1x1_s1x1_d1x1_pSAME_g1 prelu",
            "softmax",
            "depthwise n1_h12w12c16_o16_k3x3_s1x1_d1x1_pSAME_g16");
  }

  /** The tensor between them is not written, unless somebody else reads it. */
  @Test
  void aPoolIsPartOfTheConvolutionBeforeIt() {
    ConvShape window = ConvShape.builder(SIZE, SIZE, 8).kernel(2).stride(2).depthwise().build();
    b.output("out", b.maxPool(b.activation(pointwise(image, 8), Activation.RELU), window));
    b.output("mean", b.averagePool(pointwise(image, 8), window, false));
    Tensor read = pointwise(image, 8);
    b.output("pooled", b.maxPool(read, window));
    b.output("read", read);
    Network network = b.build();
    assertThat(steps(network))
        .containsExactly(
            "pointwise n1_h12w12c16_o8_k1x1_s1x1_d1x1_pSAME_g1 relu, max pool 2x2/2x2",
            "pointwise n1_h12w12c16_o8_k1x1_s1x1_d1x1_pSAME_g1",
            "average pool 2x2/2x2",
            "pointwise n1_h12w12c16_o8_k1x1_s1x1_d1x1_pSAME_g1",
            "max pool 2x2/2x2");
    assertThat(network.steps().getFirst().shape()).containsExactly(1, 6, 6, 8);
  }

  private Tensor shuffled(Tensor x) {
    Tensor split = b.reshape(x, 1, SIZE, SIZE, 4, CHANNELS / 4);
    return b.reshape(b.transpose(split, 0, 1, 2, 4, 3), 1, SIZE, SIZE, CHANNELS);
  }

  /** Slopes by channel, whether or not a residual or a move that keeps channels comes before. */
  @Test
  void slopesAreTheConvolutions() {
    Tensor x = b.prelu(b.add(image, pointwise(image, CHANNELS)), random(CHANNELS));
    x = b.prelu(b.reshape(pointwise(x, 8), SIZE, SIZE, 4, 2), random(2));
    x = b.prelu(b.reshape(x, 1, SIZE, SIZE, 8), new float[] {1, 1, 1, 1, 1, 1, 1, 1});
    x = b.prelu(depthwise(x), random(8));
    b.output("out", b.prelu(x, random(8)));
    assertThat(steps(b.build()))
        .containsExactly(
            "pointwise n1_h12w12c16_o16_k1x1_s1x1_d1x1_pSAME_g1 + residual prelu",
            "pointwise n1_h12w12c16_o8_k1x1_s1x1_d1x1_pSAME_g1 prelu",
            "leaky-relu(1.0)",
            "depthwise n1_h12w12c8_o8_k3x3_s1x1_d1x1_pSAME_g8 prelu",
            "prelu");
  }

  /** A separable convolution takes none between its stages, nor one that is read elsewhere. */
  @Test
  void slopesThatAreNotTheConvolutions() {
    Tensor middle = b.prelu(depthwise(image), random(CHANNELS));
    Tensor end = pointwise(middle, 8);
    b.output("end", end);
    b.output("slopes", b.prelu(end, random(8)));
    b.output("pixels", b.prelu(pointwise(image, 12), random(12)));
    Tensor others = b.reshape(pointwise(image, 12), 1, SIZE, 16, 9);
    b.output("others", b.prelu(others, random(9)));
    Tensor turned = b.transpose(pointwise(image, 12), 0, 3, 2, 1);
    b.output("turned", b.prelu(turned, random(SIZE)));
    assertThat(steps(b.build()).stream().filter(step -> step.endsWith("prelu")))
        .containsExactly(
            "depthwise n1_h12w12c16_o16_k3x3_s1x1_d1x1_pSAME_g16 prelu",
            "prelu",
            "pointwise n1_h12w12c16_o12_k1x1_s1x1_d1x1_pSAME_g1 prelu",
            "prelu",
            "prelu");
  }

  @Test
  void paddingBeforeAConvolutionIsItsOwn() {
    int[] one = {0, 1, 1, 0};
    Tensor padded = b.pad(image, one, one, 0);
    ConvShape s =
        ConvShape.builder(SIZE + 2, SIZE + 2, CHANNELS)
            .kernel(3)
            .padding(io.github.lanewise.Padding.VALID)
            .depthwise()
            .build();
    float[] weights = random(s.weightsLength());
    b.output("out", b.convolution(padded, s, ConvWeights.of(weights, WeightOrder.OIHW)));
    assertThat(steps(b.build()))
        .containsExactly("depthwise n1_h12w12c16_o16_k3x3_s1x1_d1x1_p1,1,1,1_g16");
  }

  @Test
  void aPointwiseConvolutionComesBeforeAnEnlargingResize() {
    int[] twice = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11};
    Tensor large = b.resizeNearest(image, twice, twice);
    ConvShape s = ConvShape.builder(2 * SIZE, 2 * SIZE, CHANNELS).outChannels(8).build();
    float[] weights = random(s.weightsLength());
    b.output("out", b.convolution(large, s, ConvWeights.of(weights, WeightOrder.OIHW)));
    assertThat(steps(b.build()))
        .containsExactly("pointwise n1_h12w12c16_o8_k1x1_s1x1_d1x1_pSAME_g1", "resize nearest");
  }

  @Test
  void siluAndHardSwishAreFoundByTheirExactConstantsOnly() {
    Tensor x = b.multiply(image, b.activation(image, Activation.SIGMOID));
    x = b.multiply(x, b.activation(x, Activation.HARD_SIGMOID));
    x = b.multiply(x, b.activation(x, Activation.hardSigmoid(0.16662598f, 0.5f)));
    b.output("out", x);
    assertThat(steps(b.build()))
        .containsExactly("silu", "hard-swish", "1.0 * x * clamp(0.0,1.0)(0.16662598 * x + 0.5)");
  }

  /** However the sixth is written, it is one step, and part of a convolution before it. */
  @Test
  void hardSwishDividesWhereItLikes() {
    NetworkBuilder b = new NetworkBuilder();
    Tensor x = b.input("x", 1, 1, 1, 2);
    Tensor six = b.constant(new float[] {6}, 1);
    Tensor sixth = b.constant(new float[] {1f / 6}, 1);
    b.output("last", b.divide(b.multiply(x, plusThree(b, x)), six));
    b.output("factor", b.multiply(b.multiply(plusThree(b, x), x), sixth));
    b.output("inside", b.multiply(x, b.divide(plusThree(b, x), six)));
    b.output("first", b.multiply(b.multiply(x, sixth), plusThree(b, x)));
    Tensor y =
        b.convolution(
            x,
            ConvShape.builder(1, 1, 2).build(),
            ConvWeights.of(new float[] {1, 1, 1, 1}, WeightOrder.OIHW));
    b.output("conv", b.multiply(b.multiply(y, plusThree(b, y)), sixth));
    Tensor seven = b.constant(new float[] {7}, 1);
    b.output("other", b.divide(b.multiply(x, plusThree(b, x)), seven));
    Network network = b.build();
    assertThat(steps(network))
        .filteredOn(step -> step.equals("hard-swish"))
        .as("%s", network)
        .hasSize(4);
    assertThat(steps(network)).hasSize(6);
    assertThat(steps(network)).anyMatch(step -> step.matches("pointwise .* hard-swish"));
    Map<String, float[]> out = network.run(Map.of("x", new float[] {1, -2}));
    for (String name : List.of("last", "factor", "inside", "first")) {
      assertThat(out.get(name)[0]).as(name).isCloseTo(2 / 3f, offset(1e-6f));
      assertThat(out.get(name)[1]).as(name).isCloseTo(-1 / 3f, offset(1e-6f));
    }
    assertThat(out.get("conv")[0]).isCloseTo(-1 / 3f, offset(1e-6f));
    assertThat(out.get("other")[0]).isCloseTo(4 / 7f, offset(1e-6f));
  }

  /** As PyTorch writes it, as others do, and what is no GELU by a constant or by who reads it. */
  @Test
  void geluInFiveNodesIsOneStep() {
    NetworkBuilder b = new NetworkBuilder();
    Tensor x = b.input("x", 1, 1, 1, 2);
    Tensor half = b.constant(new float[] {0.5f}, 1);
    Tensor root = b.constant(new float[] {(float) Math.sqrt(2)}, 1);
    b.output("last", b.multiply(b.multiply(x, plusOne(b, erf(b, b.divide(x, root)))), half));
    b.output("first", b.multiply(b.multiply(x, half), plusOne(b, erf(b, b.divide(x, root)))));
    b.output("inside", b.multiply(b.multiply(plusOne(b, erf(b, b.divide(x, root))), half), x));
    Tensor inverse = b.constant(new float[] {(float) Math.sqrt(0.5)}, 1);
    b.output("factor", b.multiply(half, b.multiply(plusOne(b, erf(b, b.multiply(x, inverse))), x)));
    List<String> are = List.of("last", "first", "inside", "factor");
    Tensor other = b.constant(new float[] {1.4142f}, 1);
    b.output("root", b.multiply(b.multiply(x, plusOne(b, erf(b, b.divide(x, other)))), half));
    b.output("whole", b.multiply(x, plusOne(b, erf(b, b.divide(x, root)))));
    Tensor read = erf(b, b.divide(x, root));
    b.output("erf", read);
    b.output("read", b.multiply(b.multiply(x, plusOne(b, read)), half));
    Network network = b.build();
    assertThat(steps(network)).filteredOn(step -> step.contains("gelu")).hasSize(are.size());
    assertThat(steps(network)).filteredOn(step -> step.contains("erf")).hasSize(3);
    Map<String, float[]> out = network.run(Map.of("x", new float[] {1, -2}));
    for (String name : are) {
      assertThat(out.get(name)).as(name).containsExactly(GELU, offset(1e-6f));
    }
    assertThat(out.get("read")).containsExactly(GELU, offset(1e-6f));
    assertThat(out.get("root")).containsExactly(GELU, offset(1e-4f)).isNotEqualTo(GELU);
    assertThat(out.get("whole")[0]).isCloseTo(2 * GELU[0], offset(1e-6f));
  }

  /** Of 1 and -2. */
  private static final float[] GELU = {0.8413447f, -0.0455003f};

  private static Tensor erf(NetworkBuilder b, Tensor x) {
    return b.operation(new Function(Function.Kind.ERF, 0, 0), List.of(x)).getFirst();
  }

  private static Tensor plusOne(NetworkBuilder b, Tensor x) {
    return b.add(x, b.constant(new float[] {1}, 1));
  }

  /** What is too large to be merged without a look at the values stays a step. */
  @Test
  void aFactorOfAGateThatIsNotSafeStaysAStep() {
    NetworkBuilder b = new NetworkBuilder();
    Tensor x = b.input("x", 1, 1, 1, 1);
    Tensor huge = b.constant(new float[] {1e30f}, 1);
    b.output("y", b.multiply(b.multiply(x, plusThree(b, x)), huge));
    Network network = b.build();
    assertThat(steps(network)).hasSize(2);
    assertThat(network.run(Map.of("x", new float[] {2e-30f})).get("y")[0])
        .isCloseTo(6, offset(1e-5f));
  }

  private static Tensor plusThree(NetworkBuilder b, Tensor x) {
    return b.activation(b.add(x, b.constant(new float[] {3}, 1)), Activation.RELU6);
  }

  /** (x + 1) * relu6(x + 3) is 8 at 1, and no gate: nor is one whose numbers differ by channel. */
  @Test
  void aGateNeedsOneFactorAndNoShift() {
    NetworkBuilder gates = new NetworkBuilder();
    Tensor x = gates.input("x", 1, 1, 1, 2);
    Tensor three = gates.constant(new float[] {3}, 1);
    Tensor ones = gates.constant(new float[] {1, 1}, 2);
    Tensor oneAndTwo = gates.constant(new float[] {1, 2}, 2);
    Tensor clamped = gates.activation(gates.add(x, three), Activation.RELU6);
    gates.output("shifted", gates.multiply(gates.add(x, ones), clamped));
    clamped = gates.activation(gates.add(x, three), Activation.RELU6);
    gates.output("factors", gates.multiply(clamped, gates.multiply(x, oneAndTwo)));
    clamped = gates.activation(gates.add(x, oneAndTwo), Activation.RELU6);
    gates.output("shifts", gates.multiply(x, clamped));
    clamped = gates.activation(gates.multiply(x, oneAndTwo), Activation.RELU6);
    gates.output("slopes", gates.multiply(clamped, x));
    clamped = gates.activation(gates.add(x, three), Activation.RELU6);
    gates.output("gate", gates.multiply(gates.multiply(x, three), clamped));
    Network network = gates.build();
    Map<String, float[]> out = network.run(Map.of("x", new float[] {1, 2}));
    assertThat(out.get("shifted")).containsExactly(8, 15);
    assertThat(out.get("factors")).containsExactly(4, 20);
    assertThat(out.get("shifts")).containsExactly(2, 8);
    assertThat(out.get("slopes")).containsExactly(1, 8);
    assertThat(out.get("gate")).containsExactly(12, 30);
    assertThat(steps(network)).hasSize(11).contains("3.0 * x * relu6(1.0 * x + 3.0)");
  }

  @Test
  void aNumberForAllChannelsMovesBeforeAReshape() {
    Tensor rows = b.reshape(pointwise(image, 8), SIZE * SIZE * 8);
    b.output("out", b.multiply(rows, b.constant(new float[] {2}, 1)));
    Network network = b.build();
    assertThat(steps(network)).containsExactly("pointwise n1_h12w12c16_o8_k1x1_s1x1_d1x1_pSAME_g1");
  }

  /** The arena is as large as the tensors that live at once, but for their alignment. */
  @Test
  void theArenaIsNearTheLargestPair() {
    Tensor x = image;
    for (int block = 0; block < 5; block++) {
      Tensor wide = b.activation(pointwise(x, 96), Activation.RELU6);
      x = b.add(x, pointwise(b.activation(depthwise(wide), Activation.RELU6), CHANNELS));
    }
    b.output("out", x);
    Network network = b.build();
    assertThat(network.arenaBytes())
        .isBetween(network.largestLiveBytes(), network.largestLiveBytes() + 1024);
    assertThat(network.largestLiveBytes())
        .isLessThanOrEqualTo(4L * SIZE * SIZE * (96 + 2 * CHANNELS));
    assertThat(network.toString())
        .contains("10 steps", "arena", "separable")
        .contains("" + network.steps().getFirst().multiplications());
  }

  /**
   * Two pixels, 3 and -4, of which the windows at the ends, and those of the row above, see none.
   */
  @Test
  void windowsWhollyInThePaddingHaveNothingToReduce() {
    ConvShape window =
        ConvShape.builder(1, 2, 1)
            .kernel(1, 2)
            .padding(Padding.explicit(1, 3, 0, 2))
            .depthwise()
            .build();
    NetworkBuilder pools = new NetworkBuilder();
    Tensor x = pools.input("x", 1, 1, 2, 1);
    pools.output("max", pools.maxPool(x, window));
    pools.output("mean", pools.averagePool(x, window, false));
    pools.output("meanWithPadding", pools.averagePool(x, window, true));
    Map<String, float[]> out = pools.build().run(Map.of("x", new float[] {3, -4}));
    float none = Float.NEGATIVE_INFINITY;
    assertThat(out.get("max"))
        .containsExactly(none, none, none, none, none, none, none, none, 3, 3, -4, none);
    assertThat(out.get("mean")).containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 3, -0.5f, -4, 0);
    assertThat(out.get("meanWithPadding"))
        .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 1.5f, -0.5f, -2, 0);
  }

  /** One float32 sum a channel has lost a thousand of the last digits' units by the end. */
  @Test
  void meansOfManyPixelsKeepTheirDigits() {
    float[] pixels = new float[1024 * 200 * 200];
    Arrays.fill(pixels, 0.1f);
    for (int[] shape : new int[][] {{129, 2048}, {200, 1024}, {200, 3}}) {
      NetworkBuilder mean = new NetworkBuilder();
      Tensor x = mean.input("x", 1, shape[0], shape[0], shape[1]);
      mean.output("y", mean.globalAveragePool(x));
      float[] means = new float[shape[1]];
      mean.build().run(pixels, means);
      for (float value : means) {
        assertThat((double) value).isEqualTo(0.1f, offset(2.0 * Math.ulp(0.1f)));
      }
    }
  }

  /** The last tile and block of some pixels are not whole, and the next image begins anew. */
  @Test
  void meansCountEachPixelOnce() {
    for (int pixels : new int[] {1, 15, 16, 17, 33, 1000}) {
      for (int channels : new int[] {1, 3, 700, 1500}) {
        NetworkBuilder mean = new NetworkBuilder();
        Tensor x = mean.input("x", 2, pixels, 1, channels);
        mean.output("y", mean.globalAveragePool(x));
        float[] in = random(2 * pixels * channels);
        double[] sums = new double[2 * channels];
        for (int i = 0; i < in.length; i++) {
          sums[i / (pixels * channels) * channels + i % channels] += in[i];
        }
        float[] means = mean.build().run(Map.of("x", in)).get("y");
        for (int i = 0; i < means.length; i++) {
          assertThat((double) means[i])
              .as("%d pixels, %d channels, mean %d", pixels, channels, i)
              .isEqualTo(sums[i] / pixels, offset(1e-7));
        }
      }
    }
  }

  private Network mixed(ConvOptions options) {
    Tensor x = b.activation(batchNorm(depthwise(image)), Activation.HARD_SWISH);
    Tensor gate = b.activation(b.globalAveragePool(x), Activation.SIGMOID);
    x = b.multiply(x, gate);
    x = operation(Combination.MAX, x, operation(new Reduction(Reduction.Kind.L2, 1, 2), x));
    x = operation(Function.of(Function.Kind.TANH), x);
    Tensor product = operation(new MatrixProduct(), x, b.transpose(x, 0, 1, 3, 2));
    x = b.add(x, operation(new Reduction(Reduction.Kind.MAX, 3), product));
    x =
        b.maxPool(
            x, ConvShape.builder(SIZE, SIZE, CHANNELS).kernel(3).stride(2).depthwise().build());
    x = b.concat(3, x, x);
    b.output("features", x, Layout.NCHW);
    b.output("classes", b.softmax(b.reshape(b.globalAveragePool(x), 1, 2 * CHANNELS)));
    return b.build(options);
  }

  @Test
  void aRunAllocatesNothingOnceItIsWarm() {
    Network network = mixed(ConvOptions.DEFAULT);
    float[][] in = {random(SIZE * SIZE * CHANNELS)};
    float[][] out = {new float[36 * 2 * CHANNELS], new float[2 * CHANNELS]};
    Map<String, float[]> inByName = Map.of("image", in[0]);
    Map<String, float[]> outByName = Map.of("features", out[0], "classes", out[1]);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = threads.getCurrentThreadCpuTime() + 20_000_000_000L;
    long allocated = Long.MAX_VALUE;
    while (allocated > 0 && threads.getCurrentThreadCpuTime() < deadline) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 50; i++) {
        network.run(in, out);
        network.run(inByName, outByName);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(allocated).isZero();
  }

  @Test
  void manyThreadsAtOnceGiveTheSameBits() throws Exception {
    Network network = mixed(ConvOptions.DEFAULT);
    List<float[]> inputs = new ArrayList<>();
    List<Map<String, float[]>> goldens = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      inputs.add(random(SIZE * SIZE * CHANNELS + i));
      goldens.add(network.run(Map.of("image", inputs.get(i))));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Map<String, float[]>>> results = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        float[] input = inputs.get(i % 8);
        results.add(threads.submit(() -> network.run(Map.of("image", input))));
      }
      for (int i = 0; i < 400; i++) {
        Map<String, float[]> result = results.get(i).get();
        goldens
            .get(i % 8)
            .forEach((name, values) -> assertThat(result.get(name)).as(name).isEqualTo(values));
      }
    }
  }

  @Test
  void anExecutorGivesTheSameBits() {
    b.output("wide", pointwise(image, 20 * CHANNELS));
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Network parallel = mixed(ConvOptions.DEFAULT.withExecutor(threads, 3));
      assertThat(parallel.steps().stream().filter(s -> s.plan() != null))
          .as("small steps are not worth a helper")
          .anyMatch(s -> s.plan().toString().contains("on 3 threads"))
          .anyMatch(s -> s.plan().toString().contains("on 1 thread"));
      Network alone = b.build();
      float[] input = random(SIZE * SIZE * CHANNELS);
      Map<String, float[]> result = parallel.run(Map.of("image", input));
      alone
          .run(Map.of("image", input))
          .forEach((name, values) -> assertThat(result.get(name)).as(name).isEqualTo(values));
    }
  }

  @Test
  void wrongArraysAreNamed() {
    b.output("out", b.activation(image, Activation.RELU));
    Network network = b.build();
    float[] array = new float[SIZE * SIZE * CHANNELS];
    float[] other = array.clone();
    assertThatNullPointerException()
        .isThrownBy(() -> network.run(null, other))
        .withMessageContaining("input image [1, 12, 12, 16] NHWC");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.run(array, new float[3]))
        .withMessageContaining("output out")
        .withMessageContaining("has 3 values");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.run(array, array))
        .withMessageContaining("output out");
    assertThatNullPointerException().isThrownBy(() -> network.run(Map.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.withLayout("x", Layout.NHWC))
        .withMessageContaining("'x'")
        .withMessageContaining("image");
    network.run(array, other);
  }

  @Test
  void wrongGraphsAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(b::build).withMessageContaining("no output");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> b.add(image, b.input("small", 1, 5, 5, CHANNELS)))
        .withMessageContaining("small");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> b.concat(1, image, b.constant(new float[1], 1)))
        .withMessageContaining("equal on every axis");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> b.reshape(image, 3))
        .withMessageContaining("as many elements");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new NetworkBuilder().output("out", image))
        .withMessageContaining("another builder");
    b.output("out", image);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> b.build(ConvOptions.DEFAULT.withResidual(Residual.AFTER_ACTIVATION)))
        .withMessageContaining("no residual");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> b.build(ConvOptions.DEFAULT.withPrelu(new float[CHANNELS])))
        .withMessageContainingAll("activation prelu", "no activation");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> {
              NetworkBuilder limited = new NetworkBuilder().memoryLimit(1000);
              limited.input("big", 1, 100, 100, 3);
            })
        .withMessageContaining("memory limit of 1000");
  }

  /**
   * One plan runs on many threads, another has large scratch, whatever the caches and vectors: a
   * run's workspace has both.
   */
  @Test
  @Tag("backend")
  void theMemoryLimitCountsTheWorkspaceThatARunTakes() {
    try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
      ConvOptions options = ConvOptions.DEFAULT.withExecutor(threads, 8);
      Network free = manyThreadsAndLargeScratch(Long.MAX_VALUE).build(options);
      ConvPlan[] plans = free.steps().stream().map(Step::plan).toArray(ConvPlan[]::new);
      assertThat(plans[0].toString()).contains("on 8 threads");
      assertThat(plans[1].toString()).contains("on 1 thread");
      assertThat(plans[1].scratchBytes()).isGreaterThan(plans[0].scratchBytes() / 8);
      long workspace = Workspace.forPlans(plans).bytes();
      assertThat(workspace)
          .isEqualTo(Workspace.bytesForPlans(plans))
          .isGreaterThanOrEqualTo(8 * plans[1].scratchBytes());
      NetworkBuilder limited = manyThreadsAndLargeScratch(workspace - 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> limited.build(options))
          .withMessageContaining("needs " + workspace + " bytes");
    }
  }

  private static NetworkBuilder manyThreadsAndLargeScratch(long limit) {
    NetworkBuilder builder = new NetworkBuilder().memoryLimit(limit);
    ConvShape wide = ConvShape.builder(64, 64, 16).outChannels(17).build();
    ConvShape deep =
        ConvShape.builder(7, 7, 128).kernel(5).padding(Padding.VALID).outChannels(8).build();
    for (ConvShape shape : List.of(wide, deep)) {
      Tensor in =
          builder.input("of " + shape, 1, shape.inHeight(), shape.inWidth(), shape.inChannels());
      ConvWeights weights = ConvWeights.of(random(shape.weightsLength()), WeightOrder.OIHW);
      builder.output("out " + shape, builder.convolution(in, shape, weights));
    }
    return builder;
  }

  private static Network resizable(int... shape) {
    NetworkBuilder builder = new NetworkBuilder().resizing(all -> resizable(all.get("image")));
    Tensor x = builder.input("image", Layout.NCHW, shape);
    ConvShape s = ConvShape.builder(shape[1], shape[2], 3).batch(shape[0]).outChannels(8).build();
    ConvWeights weights = ConvWeights.of(random(s.weightsLength()), WeightOrder.OIHW);
    builder.output("mean", builder.globalAveragePool(builder.convolution(x, s, weights)));
    return builder.build();
  }

  @Test
  void aNetworkBuiltByHandIsBuiltAgainForAnotherShape() {
    Network found = resizable(1, 8, 9, 3).withInputShape("image", 2, 3, 5, 7);
    Network expected = resizable(2, 5, 7, 3);
    assertThat(found).hasToString(expected.toString());
    Map<String, float[]> in = Map.of("image", random(210));
    assertThat(found.run(in).get("mean")).isEqualTo(expected.run(in).get("mean"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> resizable(1, 8, 9, 3).withInputShape("image", 1, 4, 8, 9))
        .withMessageContaining("image [1, 8, 9, 4] must be [1, 8, 9, 3]");
  }

  @Test
  void aNetworkThatCannotBeBuiltAgainKeepsItsShape() {
    b.output("out", image);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> b.build().withInputShape("image", 1, 3, 3, CHANNELS))
        .withMessageContainingAll("image [1, 3, 3, 16]", "image [1, 12, 12, 16]", "resizing()");
    Network other = b.build();
    Network stubborn = b.resizing(any -> other).build();
    assertThatThrownBy(() -> stubborn.withInputShape("image", 1, 3, 3, CHANNELS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("image [1, 3, 3, 16]", "image [1, 12, 12, 16]");
  }

  /** Rows that are many in a tile, one, and more than one tile each. */
  @Test
  void softmaxOfRowsOfAnyLength() {
    for (int row : new int[] {1, 3, 16, 600, 1024, 1025, 3000}) {
      int rows = 70;
      NetworkBuilder builder = new NetworkBuilder();
      builder.output("y", builder.softmax(builder.input("x", rows, row)));
      float[] x = random(rows * row);
      x[row - 1] = 200; // of the first row, far above the others
      float[] y = builder.build().run(Map.of("x", x)).get("y");
      for (int r = 0; r < rows; r++) {
        double sum = 0;
        for (int i = r * row; i < (r + 1) * row; i++) {
          sum += Math.exp(x[i] - (r == 0 ? 200.0 : 0.0));
        }
        for (int i = r * row; i < (r + 1) * row; i++) {
          double exact = Math.exp(x[i] - (r == 0 ? 200.0 : 0.0)) / sum;
          assertThat((double) y[i])
              .as("%d of %d", i, row)
              .isCloseTo(exact, offset(1e-6 * exact + 1e-40));
        }
      }
    }
  }

  @Test
  void aNameHoldsForAllTensorsOfALayer() {
    b.name("first");
    Tensor x = b.reshape(pointwise(image, 8), SIZE * SIZE, 8);
    b.name("second");
    b.output("out", b.softmax(x));
    assertThat(b.build().steps().stream().map(Step::name)).containsExactly("first", "second");
    b.name("third");
    ConvShape s = ConvShape.builder(SIZE, SIZE, CHANNELS).build();
    Tensor wrong = b.convolution(image, s, ConvWeights.of(new float[3], WeightOrder.OIHW));
    b.output("wrong", b.activation(wrong, Activation.SIGMOID));
    assertThatIllegalArgumentException()
        .isThrownBy(b::build)
        .withMessageStartingWith("third: ")
        .withMessageContaining("3");
  }

  /** The first layer of a network for images, and the same where somebody else reads the image. */
  @Test
  void theConvolutionThatAloneReadsPlanesTakesThemAsTheyAre() {
    ConvShape first = ConvShape.builder(64, 64, 3).kernel(3).stride(2).outChannels(16).build();
    ConvWeights weights = ConvWeights.of(random(first.weightsLength()), WeightOrder.OIHW);
    NetworkBuilder alone = new NetworkBuilder();
    NetworkBuilder both = new NetworkBuilder();
    Tensor planes = alone.input("planes", Layout.NCHW, 1, 64, 64, 3);
    alone.output("out", alone.convolution(planes, first, weights));
    Tensor read = both.input("planes", Layout.NCHW, 1, 64, 64, 3);
    both.output("out", both.convolution(read, first, weights));
    both.output("also", both.activation(read, Activation.RELU));
    Network network = alone.build();
    boolean isStaged = network.toString().contains(" staged ");
    assertThat(steps(network).getFirst().equals("transpose")).isEqualTo(!isStaged);
    assertThat(steps(network).getLast())
        .matches("standard .*pSAME_g1" + (isStaged ? ", of planes" : ""));
    assertThat(steps(both.build())).hasSize(3).first().isEqualTo("transpose");
    Map<String, float[]> input = Map.of("planes", random(64 * 64 * 3));
    assertThat(network.run(input).get("out"))
        .containsExactly(both.build().run(input).get("out"), offset(1e-5f));
    assertThat(steps(network.withLayout("planes", Layout.NHWC)))
        .containsExactly("standard n1_h64w64c3_o16_k3x3_s2x2_d1x1_pSAME_g1");
  }

  @Test
  void anInputThatIsAnOutputIsCopied() {
    b.output("same", image);
    b.output("turned", image, Layout.NCHW);
    b.output("shaped", b.reshape(image, SIZE * SIZE * CHANNELS));
    float[] input = random(SIZE * SIZE * CHANNELS);
    Map<String, float[]> out = b.build().run(Map.of("image", input));
    assertThat(out.get("same")).isEqualTo(input);
    assertThat(out.get("shaped")).isEqualTo(input);
    assertThat(out.get("turned")[SIZE * SIZE + 1]).isEqualTo(input[CHANNELS + 1]);
  }

  /** Infinity times a weight of 0 would be no number. */
  @Test
  void aColumnThatCountsNothingDoesNotLeakIntoALinearResize() {
    for (int channels : new int[] {1, 2}) {
      NetworkBuilder builder = new NetworkBuilder();
      Tensor x = builder.input("x", 1, 1, 3, channels);
      builder.output("y", builder.resizeLinear(x, new float[1], new float[] {0, 1, 1.5f, 2}));
      float[] row = new float[3 * channels];
      Arrays.fill(row, 0, channels, 1);
      Arrays.fill(row, channels, 2 * channels, 2);
      Arrays.fill(row, 2 * channels, 3 * channels, Float.POSITIVE_INFINITY);
      float[] result = builder.build().run(Map.of("x", row)).get("y");
      for (int x0 = 0; x0 < 4; x0++) {
        float expected = x0 < 2 ? x0 + 1 : Float.POSITIVE_INFINITY;
        assertThat(result[x0 * channels]).as("column %d", x0).isEqualTo(expected);
      }
    }
  }

  /** Each by its own axes. */
  @Test
  void aLayoutForAnInputAndAnOutputOfOneName() {
    b.output("image", b.reshape(image, SIZE * SIZE, CHANNELS));
    Network network = b.build();
    Network turned = network.withLayout("image", Layout.NCHW);
    assertThat(turned.inputs()).hasToString("[image [1, 16, 12, 12] NCHW]");
    assertThat(turned.outputs()).hasToString("[image [144, 16]]");
    float[] input = random(SIZE * SIZE * CHANNELS);
    assertThat(turned.run(Map.of("image", input)).get("image")[1]).isEqualTo(input[SIZE * SIZE]);
    assertThat(turned.withLayout("image", Layout.NHWC).inputs()).isEqualTo(network.inputs());
    b.output("flat", b.reshape(image, SIZE * SIZE, CHANNELS));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> b.build().withLayout("flat", Layout.NCHW))
        .withMessageContaining("'flat'")
        .withMessageContaining("four axes");
  }

  @Test
  void numbersOutOfRangeAreRefusedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> b.memoryLimit(-1))
        .withMessageContaining("bytes = -1 must be 0 or more");
    float[] one = new float[CHANNELS];
    Arrays.fill(one, 1);
    for (double epsilon : new double[] {-0.5, Double.POSITIVE_INFINITY, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> b.batchNorm(image, one, one, one, one, epsilon))
          .withMessageContaining("epsilon = " + epsilon);
    }
  }

  /** Attention over channels and pixels, built by hand. */
  @Test
  void meansMaximaAndProductsOfTensors() {
    NetworkBuilder builder = new NetworkBuilder();
    Tensor x = builder.input("x", 1, 2, 2, 3);
    builder.output("mean", builder.mean(x, 1, 2));
    builder.output("max", builder.max(x, 3));
    Tensor rows = builder.reshape(x, 4, 3);
    builder.output("product", builder.matMul(builder.transpose(rows, 1, 0), rows));
    float[] in = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    Map<String, float[]> out = builder.build().run(Map.of("x", in));
    assertThat(out.get("mean")).containsExactly(5.5f, 6.5f, 7.5f);
    assertThat(out.get("max")).containsExactly(3, 6, 9, 12);
    assertThat(out.get("product")).containsExactly(166, 188, 210, 188, 214, 240, 210, 240, 270);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.matMul(x, rows))
        .withMessageContaining("x [1, 2, 2, 3]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.mean(x, 4))
        .withMessageContaining("axis = 4 must be an axis of [1, 2, 2, 3]");
  }

  /** A test's own operation of two results: whole parts and the rest. */
  private record Parts() implements Operation {
    @Override
    public int[][] shapes(int[]... inputs) {
      return new int[][] {inputs[0], inputs[0]};
    }

    @Override
    public Operator operator(ConvOptions options, int[]... inputs) {
      int count = Arrays.stream(inputs[0]).reduce(1, Math::multiplyExact);
      return new Operator() {
        @Override
        public void run(Context context, Places in, Places out) {
          for (int i = 0; i < count; i++) {
            float x = in.array(context, 0)[in.offset(0) + i];
            out.array(context, 0)[out.offset(0) + i] = (float) Math.floor(x);
            out.array(context, 1)[out.offset(1) + i] = x - (float) Math.floor(x);
          }
        }

        @Override
        public String describe() {
          return "parts";
        }
      };
    }
  }

  /** Whichever of its results is read, and be it an output or a reshape of one. */
  @Test
  void anOperatorHasSeveralResults() {
    float[] values = random(SIZE * SIZE * CHANNELS);
    for (int read = 1; read < 8; read++) {
      NetworkBuilder builder = new NetworkBuilder();
      Tensor x = builder.input("x", 1, SIZE, SIZE, CHANNELS);
      Tensor doubled = builder.add(x, x);
      List<Tensor> parts = builder.operation(new Parts(), List.of(doubled));
      if ((read & 1) != 0) {
        builder.output("whole", parts.get(0));
      }
      if ((read & 2) != 0) {
        builder.output("rest", builder.reshape(parts.get(1), values.length));
      }
      if ((read & 4) != 0) {
        Tensor sum = builder.activation(builder.add(parts.get(1), parts.get(0)), Activation.RELU);
        builder.output("sum", builder.add(sum, parts.get(1)));
      }
      Map<String, float[]> out = builder.build().run(Map.of("x", values));
      for (int i = 0; i < values.length; i++) {
        float whole = (float) Math.floor(2 * values[i]);
        float rest = 2 * values[i] - whole;
        check(out.get("whole"), i, whole);
        check(out.get("rest"), i, rest);
        check(out.get("sum"), i, Math.max(0, rest + whole) + rest);
      }
    }
  }

  private static void check(float[] values, int i, float expected) {
    if (values != null) {
      assertThat(values[i]).isEqualTo(expected);
    }
  }
}
