package io.github.lanewise.kernel;

import io.github.lanewise.Activation;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Vector kernels that need no warm-up. Until C2 has compiled them their vectors are objects, at a
 * hundred times the time of plain Java and megabytes of garbage a millisecond. So long {@link
 * PlainKernels} does the work, or a small vector kernel that takes C2 less time ({@link Gate},
 * {@link Warmup}). Both give the same bits (of a NaN only that it is one), so results do not depend
 * on which code ran, nor on when the change came.
 *
 * <p>What takes long while cold has methods of its own, so that the others are inlined.
 */
final class WarmingKernels extends PlainKernels {

  /** Floats of element-wise work. */
  private static final int FLOATS = 8 * Lanes.L;

  /** C2's time for their kernels. */
  private static final int FLOATS_EFFORT = 2;

  /** Two rows of windows of up to four taps. Of shorter ones C2 learns that rows are short. */
  private static final PoolArgs WINDOWS =
      new PoolArgs(2, 4 * Lanes.L, Lanes.L, Lanes.L, 4 * Lanes.L);

  /** Instead of a piece of work: call nothing. */
  private static final int IN_VAIN = Integer.MIN_VALUE;

  /** Calls in vain for each other one. */
  private static final int VAIN_CALLS = 7;

  private final Kernels vector;
  private final Warmup warmup = new Warmup();
  private final Map<MatrixKernel, Gate> gemm = new EnumMap<>(MatrixKernel.class);
  private final Map<DepthwiseKernel, Gate> depthwise = new EnumMap<>(DepthwiseKernel.class);
  private final Map<Activation.Kind, Gate> activate = new ConcurrentHashMap<>();
  private final Gate smallGemm;
  private final Gate smallDepthwise;
  private final Gate gather = floats("gather", 1, WarmingKernels::gather);
  private final Gate add = floats("add", 1, WarmingKernels::add);
  private final Gate max = floats("max", 2, WarmingKernels::max);
  private final Gate prelu = floats("prelu", 1, WarmingKernels::prelu);

  WarmingKernels(Kernels vector) {
    super(vector);
    this.vector = vector;
    for (MatrixKernel kernel : MatrixKernel.values()) {
      int columns = kernel.vectors * Lanes.L;
      boolean isSmall = kernel.effort == 1;
      if (isSmall || (kernel.effort > 0 && isUsed(columns, kernel.inRuns))) {
        gemm.put(kernel, gate(kernel));
      }
    }
    for (DepthwiseKernel kernel : DepthwiseKernel.values()) {
      if (kernel.effort > 0) {
        depthwise.put(kernel, gate(kernel));
      }
    }
    smallGemm = gemm.get(MatrixKernel.GEMM4X1);
    smallDepthwise = depthwise.get(DepthwiseKernel.TAPS4);
  }

  /** Whether there are panels of so many columns. */
  private boolean isUsed(int columns, boolean inRuns) {
    return vector.layout().panelColumns(columns, inRuns).length == 1;
  }

  @Override
  public boolean warmUp() {
    return warmup.advance();
  }

  @Override
  public List<String> waiting() {
    return warmup.waiting().stream().map(Gate::toString).toList();
  }

  @Override
  public void planned(MatrixArgs p) {
    warmup.planned(smallGemm);
    warmup.planned(gemm.get(p.kernel()));
  }

  @Override
  public void planned(DepthwiseArgs p) {
    warmup.planned(smallDepthwise);
    warmup.planned(depthwise.get(p.kernel()));
  }

  @Override
  public void planned(Activation activation) {
    if (!activation.isClamp()) {
      warmup.planned(gate(activation));
    }
  }

  private Gate gate(Activation activation) {
    return activate.computeIfAbsent(activation.kind(), WarmingKernels::gate);
  }

  /** All there are, activations of every kind in use. */
  Stream<Gate> gates() {
    return Stream.of(
            gemm.values().stream(),
            depthwise.values().stream(),
            activate.values().stream(),
            Stream.of(gather, add, max, prelu))
        .flatMap(each -> each);
  }

  /** What a kernel is called with. */
  private interface Sample {
    /** Calls it with a piece of work, or {@link Gate#NONE}. */
    void call(int work);
  }

  private static Gate gate(String name, int variants, int effort, Sample sample) {
    return new Gate(name, variants, effort) {
      @Override
      void call(int work) {
        sample.call(work);
      }
    };
  }

  private Gate gate(MatrixKernel kernel) {
    return gate(kernel.label, 4, kernel.effort, new MatrixSample(kernel, vector.layout()));
  }

  private Gate gate(DepthwiseKernel kernel) {
    return gate(kernel.label, 5, kernel.effort, new DepthwiseSample(kernel, vector.layout()));
  }

  /**
   * Register tiles of a shallow product. Rows in runs jump seldom, as in layers, or C2 keeps in
   * registers what only jumps want.
   */
  private static final class MatrixSample implements Sample {
    private static final int DEPTH = 4;
    private static final Clamp RELU6 = new Clamp(0, 6);

    private final MatrixKernel kernel;
    private final MatrixArgs seldom;
    private final MatrixArgs jumping;
    private final float[] a;
    private final float[] c;

    MatrixSample(MatrixKernel kernel, Layout layout) {
      this.kernel = kernel;
      int columns = (kernel.vectors == 0 ? 2 : kernel.vectors) * Lanes.L;
      float[] zeros = new float[columns * DEPTH];
      PackedMatrix b = new PackedMatrix(zeros, zeros, 0, columns, DEPTH, layout, kernel.inRuns);
      this.jumping = new MatrixArgs(new RowOffsets(DEPTH, DEPTH / 2, 0, DEPTH / 2), b, 0, RELU6);
      // one for dense rows too has a loop over runs; the others jump before the depth ends, or not
      MatrixArgs whole = new MatrixArgs(new RowOffsets(DEPTH, 2 * DEPTH, 0), b, 0, RELU6);
      this.seldom = kernel.dense && kernel.inRuns ? jumping : whole;
      this.a = new float[(kernel.rows + 1) * DEPTH];
      this.c = new float[(kernel.rows + 1) * columns];
    }

    /** A tile, and at times one row of the next, which takes every branch. */
    @Override
    public void call(int work) {
      int ldc = jumping.columns();
      int rows = work < 2 ? kernel.rows + 1 : kernel.rows;
      if (work < 0) {
        MatrixTiles.run(kernel, jumping, work - Gate.NONE, a, 0, c, 0, ldc, 0, 0);
      } else {
        VectorGemm.gemm(kernel, work == 0 ? jumping : seldom, rows, a, 0, c, 0, ldc);
      }
    }
  }

  /**
   * Two rows of one and of two tiles, one row, one and more channel blocks, and edges so that each
   * input is padding and is not, whatever the others are.
   */
  private static final class DepthwiseSample implements Sample {
    private static final int BLOCKS = 4;

    private final DepthwiseKernel kernel;
    private final int skipped;

    /** Two rows of one tile, and of two. */
    private final DepthwiseArgs[] args = new DepthwiseArgs[2];

    private final DepthwiseArgs oneRow;

    private final float[] src;
    private final float[] dst;

    DepthwiseSample(DepthwiseKernel kernel, Layout layout) {
      this.kernel = kernel;
      this.skipped = kernel.stride > 0 ? TOP | BOTTOM | LEFT | RIGHT : 0;
      int channels = BLOCKS * Lanes.L;
      int size = kernel.run > 0 ? kernel.run : 2;
      int stride = Math.max(1, kernel.distance);
      int width = kernel.columns + 1;
      int columns = (width - 1) * stride + size;
      int[][] at = new int[2][size * size];
      for (int y = 0; y < 2; y++) {
        for (int t = 0; t < size * size; t++) {
          at[y][t] = ((y * stride + t / size) * columns + t % size) * channels;
        }
      }
      int step = stride * channels;
      float[] zeros = new float[channels * size * size];
      PackedDepthwise weights =
          new PackedDepthwise(zeros, new float[channels], size * size, Lanes.L, 1);
      int row = width * channels;
      Clamp relu6 = new Clamp(0, 6);
      DepthwiseTaps one = new DepthwiseTaps(new int[][] {at[0]}, size, step);
      this.oneRow = new DepthwiseArgs(layout, width, one, weights, row, channels, relu6);
      DepthwiseTaps two = new DepthwiseTaps(at, size, step);
      for (int more = 0; more < args.length; more++) {
        int outputs = kernel.columns + more;
        args[more] = new DepthwiseArgs(layout, outputs, two, weights, row, channels, relu6);
      }
      this.src = new float[(stride + size) * columns * channels];
      this.dst = new float[2 * width * channels];
    }

    @Override
    public void call(int work) {
      if (work < 0) {
        int first = Gate.NONE - work;
        DepthwiseTiles.run(kernel, args[0], 0, 0, src, 0, first, 0, dst, 0, 0, 0);
        return;
      }
      switch (work) {
        case 0 -> run(args[1], 0, BLOCKS); // as most tiles are
        case 1 -> run(args[1], LEFT | RIGHT, 1);
        case 2 -> run(args[1], TOP | BOTTOM, 1);
        case 3 -> run(args[0], TOP | BOTTOM | LEFT | RIGHT, 1);
        default -> run(oneRow, 0, 1);
      }
    }

    private void run(DepthwiseArgs p, int edges, int blocks) {
      VectorDepthwise.rows(kernel, p, edges & skipped, src, 0, 0, blocks, dst, 0);
    }
  }

  /**
   * A kernel for rows of floats is short, and C2 would inline it into a sample; runs would then
   * call what is not compiled. It does not inline what a method calls in fewer than a quarter of
   * its own calls (InlineFrequencyRatio), so most calls of the trial are {@link #IN_VAIN}.
   */
  private static Gate floats(String name, int variants, Trial trial) {
    float[] data = new float[FLOATS];
    float[] other = new float[FLOATS];
    return gate(
        name,
        variants,
        FLOATS_EFFORT,
        work -> {
          for (int i = 0; i < VAIN_CALLS; i++) {
            trial.call(IN_VAIN, 0, data, other);
          }
          trial.call(work, work < 0 ? 0 : FLOATS, data, other);
        });
  }

  /** The method that calls a kernel for rows of floats, or nothing where it is called in vain. */
  private interface Trial {
    void call(int work, int count, float[] data, float[] other);
  }

  private static Gate gate(Activation.Kind kind) {
    return floats(
        kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        2,
        (work, count, data, other) ->
            VectorActivation.call(
                work == IN_VAIN ? Activation.Kind.NONE : kind, work, count, data));
  }

  private static void add(int work, int count, float[] data, float[] other) {
    if (work != IN_VAIN) {
      VectorActivation.add(count, data, 0, other, 0);
    }
  }

  /** Of four values, and of two. */
  private static void max(int work, int count, float[] data, float[] other) {
    if (work != IN_VAIN) {
      VectorActivation.max(WINDOWS, count / 2, work == 0 ? 4 : 2, other, 0, data, 0);
    }
  }

  private static void prelu(int work, int count, float[] data, float[] slope) {
    if (work != IN_VAIN) {
      VectorActivation.prelu(count, data, 0, slope, 0);
    }
  }

  /** Two kernels, of four vectors a row and of one. */
  private static void gather(int work, int count, float[] data, float[] other) {
    if (work != IN_VAIN) {
      int step = 4 * Lanes.L;
      VectorGemm.gather4v(count / step, other, 0, step, data, 0, step);
      VectorGemm.gather1v(count / step, other, 0, step, data, 0, step);
    }
  }

  @Override
  public void depthwise(
      DepthwiseArgs p, int edges, float[] src, int from, int first, int end, float[] dst, int to) {
    if (depthwise.get(p.kernel()).isWarm()) {
      vector.depthwise(p, edges, src, from, first, end, dst, to);
    } else {
      depthwiseCold(p, edges, src, from, first, end, dst, to);
    }
  }

  private void depthwiseCold(
      DepthwiseArgs p, int edges, float[] src, int from, int first, int end, float[] dst, int to) {
    long since = System.nanoTime();
    if (smallDepthwise.isWarm()) {
      VectorDepthwise.rows(DepthwiseKernel.TAPS4, p, edges, src, from, first, end, dst, to);
    } else {
      super.depthwise(p, edges, src, from, first, end, dst, to);
      smallDepthwise.missed(System.nanoTime() - since);
    }
    warmup.worked(depthwise.get(p.kernel()), System.nanoTime() - since);
  }

  @Override
  public void gather(
      int rows, int depth, float[] src, int srcOff, int srcStep, float[] a, int aOff, int lda) {
    if (gather.isWarm()) {
      vector.gather(rows, depth, src, srcOff, srcStep, a, aOff, lda);
      return;
    }
    long since = System.nanoTime();
    super.gather(rows, depth, src, srcOff, srcStep, a, aOff, lda);
    warmup.worked(gather, System.nanoTime() - since);
  }

  @Override
  public void gemm(
      MatrixArgs p,
      int rows,
      float[] a,
      int aOff,
      float[] c,
      int cOff,
      int ldc,
      float[][] scratch) {
    if (gemm.get(p.kernel()).isWarm()) {
      vector.gemm(p, rows, a, aOff, c, cOff, ldc, scratch);
    } else {
      gemmCold(p, rows, a, aOff, c, cOff, ldc, scratch);
    }
  }

  private void gemmCold(
      MatrixArgs p,
      int rows,
      float[] a,
      int aOff,
      float[] c,
      int cOff,
      int ldc,
      float[][] scratch) {
    long since = System.nanoTime();
    if (smallGemm.isWarm()) {
      VectorGemm.gemm(MatrixKernel.GEMM4X1, p, rows, a, aOff, c, cOff, ldc);
    } else {
      super.gemm(p, rows, a, aOff, c, cOff, ldc, scratch);
      smallGemm.missed(System.nanoTime() - since);
    }
    warmup.worked(gemm.get(p.kernel()), System.nanoTime() - since);
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    Gate gate = activate.get(activation.kind());
    if ((gate != null && gate.isWarm()) || activation.isClamp()) {
      vector.activate(activation, count, data, offset);
      return;
    }
    long since = System.nanoTime();
    super.activate(activation, count, data, offset);
    warmup.worked(gate(activation), System.nanoTime() - since);
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
  public void max(PoolArgs p, int taps, float[] src, int from, float[] dst, int to) {
    if (max.isWarm()) {
      vector.max(p, taps, src, from, dst, to);
      return;
    }
    long since = System.nanoTime();
    super.max(p, taps, src, from, dst, to);
    warmup.worked(max, System.nanoTime() - since);
  }

  @Override
  public void prelu(int count, float[] data, int offset, float[] slope, int slopeOffset) {
    if (prelu.isWarm()) {
      vector.prelu(count, data, offset, slope, slopeOffset);
      return;
    }
    long since = System.nanoTime();
    super.prelu(count, data, offset, slope, slopeOffset);
    warmup.worked(prelu, System.nanoTime() - since);
  }
}
