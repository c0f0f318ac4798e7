package io.github.lanewise.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.TestActivations;
import io.github.lanewise.jvm.Gate;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What runs until the vector code is compiled, and after, gives its bits on every shape. */
@Tag("backend")
class PlainKernelsTest {
  private final Random random = new Random(20260101);
  private Kernels vector;
  private List<Kernels> others;

  @BeforeEach
  void load() {
    assumeTrue(Backend.current().name().equals("vector"), "the vector kernels are not in use");
    vector = new VectorKernels().open();
    others = List.of(new PlainKernels() {}, new VectorKernels(), small());
  }

  /** The kernels at the beginning of the warm-up: small tiles serve instead of large ones. */
  private static VectorKernels small() {
    VectorKernels kernels = new VectorKernels();
    kernels
        .gates()
        .filter(gate -> List.of("gemm4x1", "taps4").contains(gate.toString()))
        .forEach(Gate::open);
    assertThat(kernels.gates().filter(Gate::isWarm)).hasSize(2);
    return kernels;
  }

  /** Also values where rounding, signs of zero and overflow show. */
  private float[] values(int n) {
    boolean rare = random.nextInt(3) == 0; // else they would be in almost every sum
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] =
          switch (random.nextInt(40)) {
            case 0 -> 0f;
            case 1 -> -0f;
            case 2 -> random.nextFloat() * 1e38f;
            case 3 -> rare ? Float.NaN : 1;
            case 4 -> rare ? Float.POSITIVE_INFINITY : -1;
            default -> (random.nextFloat() - 0.5f) * 12;
          };
    }
    return out;
  }

  /** Bounds of clamps: none, on the bits, and in a pass of their own. */
  private float[] bounds() {
    float infinity = Float.POSITIVE_INFINITY;
    return switch (random.nextInt(5)) {
      case 0 -> new float[] {-infinity, infinity};
      case 1 -> new float[] {0, infinity};
      case 2 -> new float[] {0, 6};
      case 3 -> new float[] {-1, 1};
      default -> new float[] {-infinity, 0};
    };
  }

  private int upTo(int most) {
    return 1 + random.nextInt(most);
  }

  /** Runs and rows may overlap, or lie apart. */
  private RowOffsets rows(int run, int runs) {
    int[] offsets = new int[runs];
    for (int i = 1; i < offsets.length; i++) {
      offsets[i] = offsets[i - 1] + upTo(2 * run);
    }
    return new RowOffsets(upTo(2 * run * runs), run, offsets);
  }

  /** Calls without work leave a kernel by an exception, which no caller may see. */
  @Test
  void nothingToDo() {
    float[] none = {};
    int[][] at = {{0, 1, 2, 3}};
    DepthwiseTaps taps = new DepthwiseTaps(at, 4, 1);
    for (Kernels kernels : concat(others, vector)) {
      for (int columns : new int[] {1, 2, 3, 4}) {
        float[] w = new float[columns * Lanes.L];
        PackedMatrix b = new PackedMatrix(w, w, 0, w.length, 1, vector, false);
        RowOffsets aRows = new RowOffsets(1, 1, 0);
        MatrixArgs args = new MatrixArgs(aRows, b, 0, new Clamp(0, 6));
        kernels.gemm(args, 0, none, 0, none, 0, 0, new float[1][b.widestPanel()]);
      }
      kernels.gather(0, 5 * Lanes.L, none, 0, 1, none, 0, 1);
      PackedDepthwise weights = new PackedDepthwise(new float[4], new float[1], 4, Lanes.L, 1);
      Clamp clamp = new Clamp(0, 6);
      DepthwiseArgs args = new DepthwiseArgs(vector, 1, taps, weights, 0, 1, clamp);
      kernels.depthwise(args, 0, none, 0, 0, 0, none, 0);
      kernels.add(0, none, 0, none, 0, clamp);
      kernels.max(new PoolArgs(0, Lanes.L, 0, 0, 0), 2, none, 0, none, 0);
      kernels.max(new PoolArgs(1, 0, 0, 0, 0), 2, none, 0, none, 0);
      TestActivations.ALL.forEach(activation -> kernels.activate(activation, 0, none, 0));
    }
  }

  private static List<Kernels> concat(List<Kernels> kernels, Kernels last) {
    return Stream.concat(kernels.stream(), Stream.of(last)).toList();
  }

  @Test
  void matrixProducts() {
    for (int i = 0; i < 200; i++) {
      int columns = upTo(100);
      int run = upTo(40);
      int runs = random.nextBoolean() ? 1 : upTo(10);
      int depth = runs * run;
      int rows = upTo(20);
      RowOffsets aRows = rows(run, runs);
      float[] w = values(columns * depth);
      PackedMatrix b = new PackedMatrix(w, values(columns), 0, columns, depth, vector, runs > 1);
      float[] a = values((rows - 1) * aRows.step() + aRows.offset(depth - 1) + 1);
      float[] bounds = bounds();
      float lo = bounds[0];
      float hi = bounds[1];
      for (int panel = 0; panel < b.panels(); panel++) {
        int width = b.panelColumns(panel);
        float[] expected = new float[rows * width];
        float[][] sums = new float[1][b.widestPanel()];
        MatrixArgs args = new MatrixArgs(aRows, b, panel, new Clamp(lo, hi));
        vector.gemm(args, rows, a, 0, expected, 0, width, sums);
        for (Kernels other : others) {
          float[] actual = new float[rows * width];
          other.gemm(args, rows, a, 0, actual, 0, width, sums);
          assertThat(actual)
              .as("%d x %d runs of %d x %d, %s to %s", rows, runs, run, columns, lo, hi)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void theOnlyNaNOfAProductSurvivesItsClamp() {
    int rows = 13;
    int depth = 3;
    RowOffsets aRows = new RowOffsets(depth, depth, 0);
    for (int columns : new int[] {Lanes.L, 2 * Lanes.L, 3 * Lanes.L, 4 * Lanes.L}) {
      float[] w = new float[columns * depth];
      PackedMatrix b = new PackedMatrix(w, new float[columns], 0, columns, depth, vector, false);
      for (int row = 0; row < rows; row++) {
        float[] a = new float[rows * depth];
        a[row * depth + 1] = Float.NaN;
        for (Kernels other : others) {
          float[] c = new float[rows * columns];
          for (int panel = 0, at = 0; panel < b.panels(); at += b.panelColumns(panel++)) {
            MatrixArgs args = new MatrixArgs(aRows, b, panel, new Clamp(0, 6));
            other.gemm(args, rows, a, 0, c, at, columns, new float[1][columns]);
          }
          for (int i = 0; i < c.length; i++) {
            assertThat(c[i])
                .as("row %d, value %d of %d columns", row, i, columns)
                .isEqualTo(Float.valueOf(i / columns == row ? Float.NaN : 0));
          }
        }
      }
    }
  }

  @Test
  void theOnlyNaNOfADepthwiseRowSurvivesItsClamp() {
    int width = 13;
    int channels = Lanes.L;
    float[] zeros = new float[channels];
    PackedDepthwise weights = new PackedDepthwise(zeros, zeros, 1, channels, 1);
    DepthwiseTaps taps = new DepthwiseTaps(new int[][] {{0}}, 1, channels);
    Clamp clamp = new Clamp(0, 6);
    DepthwiseArgs args = new DepthwiseArgs(vector, width, taps, weights, 0, channels, clamp);
    for (int column = 0; column < width; column++) {
      float[] row = new float[width * channels];
      row[column * channels + 1] = Float.NaN;
      for (Kernels other : others) {
        float[] actual = new float[width * channels];
        other.depthwise(args, 0, row, 0, 0, 1, actual, 0);
        assertThat(actual).as("column %d", column).isEqualTo(row);
      }
    }
  }

  @Test
  void depthwise() {
    for (int i = 0; i < 2000; i++) {
      int kernel = random.nextInt(4) == 0 ? upTo(7) : 3;
      int stride = upTo(3);
      int down = random.nextInt(4) == 0 ? upTo(3) : stride;
      int dilation = random.nextInt(3) == 0 ? upTo(4) : 1;
      int dilationDown = random.nextInt(4) == 0 ? upTo(3) : dilation;
      int rows = upTo(2);
      int width = upTo(20);
      int channels = Lanes.L * upTo(3) + random.nextInt(Lanes.L);
      int step = stride * channels;
      int reach = (kernel - 1) * dilation;
      int columns = (width - 1) * stride + reach + 1;
      int[][] offsets = new int[rows][kernel * kernel];
      for (int y = 0; y < rows; y++) {
        for (int t = 0; t < kernel * kernel; t++) {
          int row = y * down + t / kernel * dilationDown;
          offsets[y][t] = (row * columns + t % kernel * dilation) * channels;
        }
      }
      DepthwiseTaps taps = new DepthwiseTaps(offsets, kernel, step);
      float[] weights = values(channels * kernel * kernel);
      PackedDepthwise w =
          new PackedDepthwise(weights, values(channels), kernel * kernel, Lanes.L, 1);
      int dstStep = channels + random.nextInt(3);
      int dstRow = width * dstStep + random.nextInt(5);
      float[] bounds = bounds();
      float lo = bounds[0];
      float hi = bounds[1];
      DepthwiseArgs each =
          new DepthwiseArgs(vector, width, taps, w, dstRow, dstStep, new Clamp(lo, hi));
      int most = each.columnsRead();
      int tileRows = (rows - 1) * down + (kernel - 1) * dilationDown + 1;
      float[] tile = values((tileRows * columns + most * stride) * channels);
      boolean skips = width >= most && each.skipsPadding();
      int edges = skips && w.isFinite() ? random.nextInt(16) : 0;
      if (!taps.meet()) {
        edges &= ~Kernels.BOTTOM;
      }
      int first = random.nextInt(w.blocks());
      int end = first + upTo(w.blocks() - first);
      float[] expected = new float[5 + rows * dstRow];
      vector.depthwise(each, edges, tile, 0, first, end, expected, 5);
      String what =
          "%dx%d stride %d/%d dilation %d/%d, %d rows of %d x %d, edges %d, blocks %d to %d, %s to %s"
              .formatted(
                  kernel,
                  kernel,
                  down,
                  stride,
                  dilationDown,
                  dilation,
                  rows,
                  width,
                  channels,
                  edges,
                  first,
                  end,
                  lo,
                  hi);
      for (Kernels other : others) {
        float[] actual = new float[expected.length];
        other.depthwise(each, edges, tile, 0, first, end, actual, 5);
        assertThat(actual).as(what).isEqualTo(expected);
      }
    }
  }

  @Test
  void activationsAndSums() {
    for (Activation activation : TestActivations.ALL) {
      float[] data = values(2000);
      float[] expected = data.clone();
      vector.activate(activation, 1990, expected, 3);
      for (Kernels other : others) {
        float[] actual = data.clone();
        other.activate(activation, 1990, actual, 3);
        assertThat(actual).as(activation.toString()).isEqualTo(expected);
      }
    }
    float[] data = values(2000);
    float[] addend = values(2000);
    for (int i = 0; i < 20; i++) {
      float[] bounds = bounds();
      Clamp clamp = new Clamp(bounds[0], bounds[1]);
      float[] clamped = data.clone();
      vector.add(1990, clamped, 3, addend, 5, clamp);
      for (Kernels other : others) {
        float[] actual = data.clone();
        other.add(1990, actual, 3, addend, 5, clamp);
        assertThat(actual).as("%s to %s", bounds[0], bounds[1]).isEqualTo(clamped);
      }
    }
    for (int count : new int[] {1700, 100, 3 * Lanes.L, Lanes.L + 1, Lanes.L - 1, 1, 0}) {
      for (int taps = 2; taps < 6; taps++) {
        PoolArgs windows = new PoolArgs(count > 100 ? 1 : 7, count, 90, 37, 110);
        float[] largest = new float[2000];
        vector.max(windows, taps, data, 3, largest, 2);
        for (Kernels other : others) {
          float[] actual = new float[2000];
          other.max(windows, taps, data, 3, actual, 2);
          assertThat(actual).as("%d, %d", count, taps).isEqualTo(largest);
        }
      }
    }
    float[] sloped = data.clone();
    vector.prelu(1990, sloped, 3, addend, 5);
    for (Kernels other : others) {
      float[] actual = data.clone();
      other.prelu(1990, actual, 3, addend, 5);
      assertThat(actual).isEqualTo(sloped);
    }
  }

  private static boolean isLargeTile(String name) {
    return Stream.of(DepthwiseKernel.values())
            .anyMatch(each -> each.effort > 1 && each.label.equals(name))
        || Stream.of(MatrixKernel.values())
            .anyMatch(each -> each.effort > 1 && each.label.equals(name));
  }

  /** Calls of gates are made in the midst of somebody's work: none may fail, on whatever CPU. */
  @Test
  void callsOfGates() {
    VectorKernels warming = new VectorKernels();
    int[] count = {0};
    warming
        .gates()
        .forEach(
            gate -> {
              count[0]++;
              if (isLargeTile(gate.toString())) {
                assertThatThrownBy(() -> gate.call(Gate.NONE)).as("%s", gate).hasMessage("no work");
              } else {
                gate.call(Gate.NONE);
              }
              for (int work = 0; work < gate.variants(); work++) {
                gate.call(work);
              }
            });
    long activations =
        TestActivations.ALL.stream()
            .filter(a -> !a.isClamp())
            .map(Activation::kind)
            .distinct()
            .count();
    long depthwise = Stream.of(DepthwiseKernel.values()).filter(each -> each.effort > 0).count();
    // three tiles for dense rows, two more for runs, a small one; gather, add, max and prelu
    assertThat(count[0]).isEqualTo(depthwise + activations + 10);
  }

  /** A window that no vector holds is the work of plain Java, for good: no kernel is asked for. */
  @Test
  void windowsNarrowerThanAVectorAskForNoKernel() {
    VectorKernels kernels = new VectorKernels();
    float[] data = new float[2 * Lanes.L];
    kernels.max(new PoolArgs(1, Lanes.L - 1, 0, 1, 0), 2, data, 0, data, Lanes.L);
    assertThat(kernels.waiting()).isEmpty();
    kernels.max(new PoolArgs(1, Lanes.L, 0, 0, 0), 2, data, 0, data, Lanes.L);
    assertThat(kernels.waiting()).containsExactly("max");
  }

  /** A plan that is made and never run is not waited for. */
  @Test
  void onlyWhatRunsAskForIsWaitedFor() {
    VectorKernels kernels = new VectorKernels();
    kernels.planned(Activation.SILU);
    assertThat(kernels.isWarm()).isTrue();
    kernels.activate(Activation.SILU, 1, new float[1], 0);
    assertThat(kernels.isWarm()).isFalse();
    assertThat(kernels.waiting()).containsExactly("silu");
    kernels.open();
    assertThat(kernels.isWarm()).isTrue();
  }

  @Test
  void gathering() {
    for (int depth = 1; depth < 70; depth++) {
      float[] data = values(30 * 75);
      float[] expected = new float[30 * 72];
      vector.gather(30, depth, data, 3, 75, expected, 1, 72);
      for (Kernels other : others) {
        float[] actual = new float[expected.length];
        other.gather(30, depth, data, 3, 75, actual, 1, 72);
        assertThat(actual).isEqualTo(expected);
      }
    }
  }
}
