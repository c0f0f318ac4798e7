package io.github.lanewise.loops;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.ConvShape;
import io.github.lanewise.Padding;
import io.github.lanewise.kernel.Layout;
import io.github.lanewise.kernel.MatrixKernel;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which convolutions stage their inputs, and which gather them. */
class StagedInputTest {
  private static final CacheSizes CACHE = new CacheSizes(32 << 10, 512 << 10, "test");

  private static final List<MatrixKernel> KERNELS =
      List.of(MatrixKernel.GEMM8X1V, MatrixKernel.GEMM6X2V_RUNS, MatrixKernel.GEMM4X3V_RUNS);

  /** Panels of so many vectors of 8 columns, for runs at most of 3; tiles of 24 results in all. */
  private static Layout layout(int widest) {
    return (Layout)
        Proxy.newProxyInstance(
            Layout.class.getClassLoader(),
            new Class<?>[] {Layout.class},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "panelColumns" ->
                      panels((int) args[0], (boolean) args[1] ? Math.min(3, widest) : widest);
                  case "matrix" ->
                      widest == 0 ? MatrixKernel.AXPY8 : KERNELS.get((int) args[0] / 8 - 1);
                  default -> throw new AssertionError(method + " decides nothing");
                });
  }

  private static int[] panels(int columns, int widest) {
    int[] panels = new int[Math.ceilDiv(columns, 8 * Math.max(1, widest))];
    Arrays.fill(panels, 8 * widest);
    panels[panels.length - 1] = columns - 8 * widest * (panels.length - 1);
    return panels;
  }

  private static boolean stages(ConvShape.Builder shape, int outputs, int widest) {
    return StagedInput.suits(shape.outChannels(outputs).build(), layout(widest), CACHE);
  }

  private static ConvShape.Builder square(int size, int channels, int kernel, int stride) {
    return ConvShape.builder(size, size, channels).kernel(kernel).stride(stride);
  }

  private static boolean takesPlanes(ConvShape.Builder shape, int outputs) {
    ConvShape of = shape.outChannels(outputs).build();
    return new StagedInput(of, false, CACHE).ofPlanes(layout(3)) != null;
  }

  @Test
  void planesOfFewChannelsAreReadAsTheyAre() {
    assertThat(takesPlanes(square(224, 3, 3, 2), 24)).isTrue();
    assertThat(takesPlanes(square(224, 3, 3, 2), 8)).as("in few tiles").isTrue();
    assertThat(takesPlanes(square(96, 12, 3, 1), 24)).isTrue();
    assertThat(takesPlanes(square(224, 1, 5, 1), 96)).as("no more jumps").isTrue();
    assertThat(takesPlanes(square(96, 4, 3, 1), 8)).as("jumps out of a loop").isFalse();
    assertThat(takesPlanes(square(96, 32, 3, 1), 32)).as("many jumps").isFalse();
    assertThat(takesPlanes(square(96, 12, 3, 1).dilation(2), 24))
        .as("a run for each tap")
        .isFalse();
  }

  @Test
  void firstLayersAreStaged() {
    assertThat(stages(square(224, 3, 3, 2), 32, 3)).isTrue();
    assertThat(stages(square(224, 3, 3, 2), 8, 3)).isTrue();
    assertThat(stages(square(128, 3, 5, 2), 24, 3)).isTrue();
    assertThat(stages(square(224, 3, 7, 2), 64, 4)).as("narrower panels, but short").isTrue();
    assertThat(stages(square(224, 3, 3, 2), 32, 0)).as("no tiles for runs").isFalse();
  }

  @Test
  void whereTilesEndWithTheRowDeepLayersAreStaged() {
    assertThat(stages(square(56, 64, 3, 1), 48, 3)).isTrue();
    assertThat(stages(square(56, 64, 3, 1), 96, 4)).as("narrower panels").isFalse();
    assertThat(stages(square(56, 64, 3, 1), 120, 3)).as("gathering is little beside").isFalse();
    assertThat(stages(square(14, 256, 3, 1), 72, 3)).as("14 columns, 16 computed").isFalse();
    assertThat(stages(square(7, 128, 3, 1), 16, 3)).as("7 columns, 12 computed").isFalse();
    assertThat(stages(square(6, 128, 3, 1), 16, 3)).as("6 columns, 6 computed").isTrue();
    assertThat(stages(square(12, 128, 3, 1), 16, 3)).isTrue();
  }

  @Test
  void tilesThatAreMostlyEmptyAreNot() {
    ConvShape.Builder sound = ConvShape.builder(16_000, 1, 16).kernel(9, 1);
    assertThat(stages(sound, 32, 3)).isFalse();
  }

  @Test
  void inputsThatFillCacheAreNot() {
    assertThat(stages(square(1000, 64, 3, 1), 48, 3)).as("a row's do not fit").isFalse();
    assertThat(stages(square(32, 640, 3, 1), 48, 3)).as("32 pixels a stream of weights").isFalse();
    assertThat(stages(square(4, 512, 3, 1).batch(16), 48, 3)).as("16 pixels").isFalse();
    assertThat(stages(square(4, 512, 3, 1), 48, 3)).as("all pixels there are").isTrue();
  }

  @Test
  void notMoreIsStagedThanWouldBeGathered() {
    assertThat(stages(ConvShape.builder(64, 256, 4).kernel(3, 1).stride(1, 4), 16, 3)).isFalse();
    ConvShape.Builder far = square(1, 3, 3, 1).dilation(60).padding(Padding.explicit(60));
    assertThat(stages(far, 8, 3)).isFalse();
  }
}
