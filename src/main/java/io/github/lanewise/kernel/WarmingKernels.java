package io.github.lanewise.kernel;

import io.github.lanewise.Activation;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Vector kernels that need no warm-up. Until C2 has compiled them their vectors are objects, at a
 * hundred times the time of plain Java and megabytes of garbage a millisecond. So long {@link
 * PlainKernels} does the work, and vector code only samples ({@link Gate}, {@link Warmup}). Both
 * give the same bits (of a NaN only that it is one), so results do not depend on which code ran,
 * nor on when the change came.
 *
 * <p>What is done while cold has methods of its own, so that the others are inlined.
 */
final class WarmingKernels extends PlainKernels {

  /** Floats of the samples for element-wise work. */
  private static final int FLOATS = 512;

  private final Kernels vector;
  private final Kernels plain;
  private final Warmup warmup = new Warmup();
  private final Gate[] gemm = new Gate[5];
  private final Gate[] gemmRuns = new Gate[VectorGemmRuns.WIDEST + 1];
  private final Map<DepthwiseTaps.Kind, Gate> depthwise = new EnumMap<>(DepthwiseTaps.Kind.class);
  private final Map<Activation.Kind, Gate> activate = new ConcurrentHashMap<>();
  private final Gate gather;
  private final Gate add;
  private final Gate max;

  WarmingKernels(Kernels vector) {
    super(vector);
    this.vector = vector;
    this.plain = new PlainKernels(vector);
    MatrixRows dense = MatrixRows.dense(GemmGate.DEPTH, GemmGate.DEPTH);
    MatrixRows runs = new MatrixRows(GemmGate.DEPTH, GemmGate.DEPTH / 2, 0, GemmGate.DEPTH / 2);
    // The first run is longer than the depth. Jumps must be rare, as in layers, or C2 keeps in
    // registers what only they want.
    MatrixRows longRuns = new MatrixRows(GemmGate.DEPTH, 2 * GemmGate.DEPTH, 0, 0);
    gemm[1] = new GemmGate(1, true, runs, runs); // one kernel for both
    gemmRuns[1] = gemm[1];
    for (int vectors = 2; vectors < gemm.length; vectors++) {
      if (vector.panelColumns(vectors * Lanes.L, false).length == 1) {
        gemm[vectors] = new GemmGate(vectors, false, dense, dense);
      }
    }
    for (int vectors = 2; vectors < gemmRuns.length; vectors++) {
      gemmRuns[vectors] = new GemmGate(vectors, true, longRuns, runs);
    }
    for (DepthwiseTaps.Kind kind : DepthwiseTaps.Kind.values()) {
      depthwise.put(kind, new DepthwiseGate(kind));
    }
    this.gather = new GatherGate();
    this.add = new PairGate(false);
    this.max = new PairGate(true);
  }

  @Override
  public boolean isWarm() {
    return warmup.isDone();
  }

  /** All there are, activations of every kind in use. */
  Stream<Gate> gates() {
    return Stream.of(
            Stream.of(gemm, gemmRuns).flatMap(Arrays::stream).filter(Objects::nonNull).distinct(),
            depthwise.values().stream(),
            activate.values().stream(),
            Stream.of(gather, add, max))
        .flatMap(each -> each);
  }

  /** The lower bounds of clamps, in turn: not negative, and one that kernels leave to a pass. */
  private static float lower(int number) {
    return number % 4 == 3 ? -1 : 0;
  }

  /** A sample that either kernels do. */
  private abstract class KernelGate extends Gate {
    @Override
    void vector(int sample) {
      sample(vector, sample);
    }

    @Override
    void plain(int sample) {
      sample(plain, sample);
    }

    abstract void sample(Kernels kernels, int number);
  }

  /** Of a kernel that computes: 0.05 to 0.5 times plain Java's time, with objects from 2 on. */
  private abstract class ComputeGate extends KernelGate {
    @Override
    double compiled() {
      return 1.5;
    }
  }

  /** A register tile and one row of the next, of a shallow product. */
  private final class GemmGate extends ComputeGate {
    private static final int DEPTH = 8;

    private final int rows;
    private final MatrixRows often;
    private final MatrixRows seldom;
    private final PackedMatrix b;
    private final float[] a;
    private final float[] c;

    GemmGate(int vectors, boolean inRuns, MatrixRows often, MatrixRows seldom) {
      int columns = vectors * Lanes.L;
      this.rows = VectorGemm.tileRows(vectors) + 1;
      this.often = often;
      this.seldom = seldom;
      float[] zeros = new float[columns * DEPTH];
      this.b = PackedMatrix.pack(zeros, zeros, 0, columns, DEPTH, vector, inRuns);
      this.a = new float[rows * DEPTH];
      this.c = new float[rows * columns];
    }

    @Override
    void sample(Kernels kernels, int number) {
      MatrixRows aRows = number % 9 == 8 ? seldom : often;
      int columns = b.columns();
      kernels.gemm(rows, a, 0, aRows, b, 0, c, 0, columns, c, lower(number), 6);
    }
  }

  /** Two rows of one to three tiles, two channel blocks, the edges in turn. */
  private final class DepthwiseGate extends ComputeGate {
    private static final int BLOCKS = 2;

    /** Every edge in turn, as many as no other list that samples take turns by. */
    private static final int[] SIDES = {
      0, TOP | BOTTOM | LEFT | RIGHT, TOP, BOTTOM, LEFT, RIGHT, 0
    };

    private final DepthwiseTaps taps;
    private final int[] sides;
    private final int[] widths;
    private final PackedDepthwise weights;
    private final float[] src;
    private final float[] dst;

    DepthwiseGate(DepthwiseTaps.Kind kind) {
      int kernel = kernel(kind);
      int stride = kind == DepthwiseTaps.Kind.STRIDE_2 ? 2 : 1;
      int channels = BLOCKS * Lanes.L;
      this.widths = sampleWidths(kind);
      int width = widths[0];
      int columns = (width - 1) * stride + kernel;
      int[][] rows = new int[2][kernel * kernel];
      for (int t = 0; t < 2 * kernel * kernel; t++) {
        int y = t / (kernel * kernel);
        int row = y * stride + t / kernel % kernel;
        rows[y][t % (kernel * kernel)] = (row * columns + t % kernel) * channels;
      }
      this.taps = new DepthwiseTaps(rows, stride * channels);
      this.sides = vector.depthwiseSkipsPadding(taps) ? SIDES : new int[] {0};
      float[] zeros = new float[channels * kernel * kernel];
      this.weights = PackedDepthwise.pack(zeros, new float[channels], kernel * kernel, Lanes.L, 1);
      this.src = new float[(stride + kernel) * columns * channels];
      this.dst = new float[2 * width * channels];
    }

    private static int kernel(DepthwiseTaps.Kind kind) {
      return switch (kind) {
        case ADJACENT, STRIDE_2 -> 3;
        case OTHER -> 2;
        case RUNS_5 -> 5;
        case RUNS_7 -> 7;
      };
    }

    /**
     * Outputs of samples in turn, the most first: three, two tiles and one; one output more than
     * the eight of any other kernel, and so few that they have one of their own. C2 prunes a loop
     * that never turned.
     */
    private static int[] sampleWidths(DepthwiseTaps.Kind kind) {
      return switch (kind) {
        case ADJACENT -> new int[] {9, 5, 4};
        case STRIDE_2 -> new int[] {5, 3, 2};
        case RUNS_5, RUNS_7, OTHER -> new int[] {9, 4, 4};
      };
    }

    @Override
    void sample(Kernels kernels, int number) {
      int padded = sides[number % sides.length];
      int outputs = widths[number % widths.length];
      if (number % widths.length == 1 && vector.depthwiseColumns(taps) == 1) {
        outputs = 2; // so few have a kernel of their own
      }
      int channels = BLOCKS * Lanes.L;
      int row = widths[0] * channels;
      DepthwiseRows rows =
          new DepthwiseRows(outputs, taps, weights, row, channels, lower(number), 6);
      kernels.depthwise(rows, padded, src, 0, 0, BLOCKS, dst, 0);
    }
  }

  /** Many floats of a few rows, and few. */
  private final class GatherGate extends KernelGate {
    private static final int MANY = 5 * Lanes.L + 1;
    private static final int ROWS = 32;

    private final float[] src = new float[ROWS * MANY];
    private final float[] dst = new float[ROWS * MANY];

    @Override
    void sample(Kernels kernels, int number) {
      kernels.gather(ROWS, MANY, src, 0, MANY, dst, 0, MANY);
      kernels.gather(1, Lanes.L - 1, src, 0, MANY, dst, 0, MANY);
      kernels.gather(2, 3, src, 0, MANY, dst, 0, MANY);
    }
  }

  private final class ActivateGate extends KernelGate {
    private final Activation activation;
    private final float[] data = new float[FLOATS];

    ActivateGate(Activation activation) {
      this.activation = activation;
    }

    @Override
    void sample(Kernels kernels, int number) {
      kernels.activate(activation, FLOATS - 1, data, 0);
    }
  }

  /** Sums, or the larger of each two. */
  private final class PairGate extends KernelGate {
    private final boolean isMax;
    private final float[] data = new float[FLOATS];
    private final float[] other = new float[FLOATS];

    PairGate(boolean isMax) {
      this.isMax = isMax;
    }

    @Override
    void sample(Kernels kernels, int number) {
      if (isMax) {
        kernels.max(FLOATS - 1, data, 0, other, 0);
      } else {
        kernels.add(FLOATS - 1, data, 0, other, 0);
      }
    }
  }

  @Override
  public void depthwise(
      DepthwiseRows rows,
      int sides,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff) {
    if (depthwise.get(rows.taps().kind()).isWarm()) {
      vector.depthwise(rows, sides, tile, tileOff, first, end, dst, dstOff);
    } else {
      depthwiseCold(rows, sides, tile, tileOff, first, end, dst, dstOff);
    }
  }

  private void depthwiseCold(
      DepthwiseRows rows,
      int sides,
      float[] tile,
      int tileOff,
      int first,
      int end,
      float[] dst,
      int dstOff) {
    long since = System.nanoTime();
    super.depthwise(rows, sides, tile, tileOff, first, end, dst, dstOff);
    warmup.worked(depthwise.get(rows.taps().kind()), System.nanoTime() - since);
  }

  @Override
  public void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    if (gather.isWarm()) {
      vector.gather(rows, depth, src, srcOff, srcStep, a, aOff, lda);
    } else {
      gatherCold(rows, depth, src, srcOff, srcStep, a, aOff, lda);
    }
  }

  private void gatherCold(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    long since = System.nanoTime();
    super.gather(rows, depth, src, srcOff, srcStep, a, aOff, lda);
    warmup.worked(gather, System.nanoTime() - since);
  }

  @Override
  public void gemm(
      int rows,
      float[] a,
      int aOff,
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums,
      float lo,
      float hi) {
    Gate gate = (b.inRuns() ? gemmRuns : gemm)[b.panelColumns(panel) / Lanes.L];
    if (gate.isWarm()) {
      vector.gemm(rows, a, aOff, aRows, b, panel, c, cOff, ldc, sums, lo, hi);
    } else {
      gemmCold(gate, rows, a, aOff, aRows, b, panel, c, cOff, ldc, sums, lo, hi);
    }
  }

  private void gemmCold(
      Gate gate,
      int rows,
      float[] a,
      int aOff,
      MatrixRows aRows,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums,
      float lo,
      float hi) {
    long since = System.nanoTime();
    super.gemm(rows, a, aOff, aRows, b, panel, c, cOff, ldc, sums, lo, hi);
    warmup.worked(gate, System.nanoTime() - since);
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    Gate gate = activate.get(activation.kind());
    if (gate != null && gate.isWarm()) {
      vector.activate(activation, count, data, offset);
    } else {
      activateCold(activation, count, data, offset);
    }
  }

  private void activateCold(Activation activation, int count, float[] data, int offset) {
    long since = System.nanoTime();
    super.activate(activation, count, data, offset);
    long nanos = System.nanoTime() - since;
    warmup.worked(
        activate.computeIfAbsent(activation.kind(), kind -> new ActivateGate(activation)), nanos);
  }

  @Override
  public void add(int count, float[] data, int offset, float[] other, int otherOffset) {
    if (add.isWarm()) {
      vector.add(count, data, offset, other, otherOffset);
      return;
    }
    long since = System.nanoTime();
    super.add(count, data, offset, other, otherOffset);
    warmup.worked(add, System.nanoTime() - since);
  }

  @Override
  public void max(int count, float[] data, int offset, float[] other, int otherOffset) {
    if (max.isWarm()) {
      vector.max(count, data, offset, other, otherOffset);
      return;
    }
    long since = System.nanoTime();
    super.max(count, data, offset, other, otherOffset);
    warmup.worked(max, System.nanoTime() - since);
  }
}
