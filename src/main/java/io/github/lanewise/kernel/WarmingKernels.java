package io.github.lanewise.kernel;

import io.github.lanewise.Activation;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Vector kernels that need no warm-up. Until C2 has compiled them their vectors are objects, at a
 * hundred times the time of plain Java and megabytes of garbage a millisecond. So long {@link
 * PlainKernels} does the work, or a small vector kernel that takes C2 less time ({@link Gate},
 * {@link Warmup}). Both give the same bits (of a NaN only that it is one), so results do not depend
 * on which code ran, nor on when the change came.
 *
 * <p>What is done while cold has methods of its own, so that the others are inlined.
 */
final class WarmingKernels extends PlainKernels {

  /** Floats of element-wise work. */
  private static final int FLOATS = 8 * Lanes.L;

  private final Kernels vector;
  private final Warmup warmup = new Warmup();
  private final Gate[] gemm = new Gate[5];
  private final Gate smallGemm = smallGemmGate();
  private final Gate smallDepthwise = smallDepthwiseGate();
  private final Gate[] gemmRuns = new Gate[VectorGemm.WIDEST_IN_RUNS + 1];
  private final Map<DepthwiseTaps.Kind, Gate> depthwise = new EnumMap<>(DepthwiseTaps.Kind.class);
  private final Map<Activation.Kind, Gate> activate = new ConcurrentHashMap<>();
  private final Gate gather = gatherGate();
  private final Gate add = addGate();
  private final Gate max = maxGate();

  WarmingKernels(Kernels vector) {
    super(vector);
    this.vector = vector;
    gemm[1] = new GemmGate(1, true); // one kernel for dense rows and for runs
    gemmRuns[1] = gemm[1];
    for (int vectors = 2; vectors < gemm.length; vectors++) {
      if (vector.panelColumns(vectors * Lanes.L, false).length == 1) {
        gemm[vectors] = new GemmGate(vectors, false);
      }
    }
    for (int vectors = 2; vectors < gemmRuns.length; vectors++) {
      gemmRuns[vectors] = new GemmGate(vectors, true);
    }
    for (DepthwiseTaps.Kind kind : DepthwiseTaps.Kind.values()) {
      depthwise.put(kind, depthwiseGate(kind));
    }
  }

  @Override
  public boolean isWarm() {
    return warmup.isDone();
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
  public void planned(PackedMatrix b) {
    warmup.planned(smallGemm);
    for (int panel = 0; panel < b.panels(); panel++) {
      warmup.planned(gate(b, panel));
    }
  }

  @Override
  public void planned(DepthwiseTaps taps) {
    warmup.planned(smallDepthwise);
    warmup.planned(depthwise.get(taps.kind()));
  }

  @Override
  public void planned(Activation activation) {
    if (isVector(activation)) {
      warmup.planned(gate(activation));
    }
  }

  /** Whether vector code is there for it: clamps are plain Java there, too. */
  private static boolean isVector(Activation activation) {
    return activation.kind() != Activation.Kind.NONE && activation.kind() != Activation.Kind.CLAMP;
  }

  private Gate gate(PackedMatrix b, int panel) {
    return (b.inRuns() ? gemmRuns : gemm)[b.panelColumns(panel) / Lanes.L];
  }

  private Gate gate(Activation activation) {
    return activate.computeIfAbsent(activation.kind(), WarmingKernels::activationGate);
  }

  /** All there are, activations of every kind in use. */
  Stream<Gate> gates() {
    return Stream.of(
            Stream.of(gemm, gemmRuns).flatMap(Arrays::stream).filter(Objects::nonNull).distinct(),
            depthwise.values().stream(),
            activate.values().stream(),
            Stream.of(smallGemm, smallDepthwise, gather, add, max))
        .flatMap(each -> each);
  }

  /**
   * Register tiles of a shallow product. Rows in runs jump seldom, as in layers, or C2 keeps in
   * registers what only jumps want.
   */
  private final class GemmGate extends Gate {
    private static final int DEPTH = 4;

    private final int vectors;
    private final int tile;
    private final MatrixRows rows;
    private final MatrixRows jumping;
    private final PackedMatrix b;
    private final float[] a;
    private final float[] c;

    GemmGate(int vectors, boolean inRuns) {
      super(
          "gemm%dx%dv%s".formatted(VectorGemm.tileRows(vectors), vectors, inRuns ? " in runs" : ""),
          4,
          5);
      int columns = vectors * Lanes.L;
      this.vectors = vectors;
      this.tile = VectorGemm.tileRows(vectors);
      // 8 x 1 has a loop over runs; the others jump where a run ends before the depth does
      this.jumping = new MatrixRows(DEPTH, DEPTH / 2, 0, DEPTH / 2);
      this.rows = vectors == 1 ? jumping : new MatrixRows(DEPTH, 2 * DEPTH, 0);
      float[] zeros = new float[columns * DEPTH];
      this.b = PackedMatrix.pack(zeros, zeros, 0, columns, DEPTH, vector, inRuns);
      this.a = new float[(tile + 1) * DEPTH];
      this.c = new float[(tile + 1) * columns];
    }

    /** A tile, and at times one row of the next, which takes every branch. */
    @Override
    void call(int work) {
      if (work == NONE) {
        VectorGemm.idle(vectors, b.inRuns());
      } else {
        int count = work < 2 ? tile + 1 : tile;
        MatrixRows aRows = work == 0 ? jumping : rows;
        VectorGemm.gemm(false, count, a, 0, aRows, b, 0, c, 0, b.columns(), 0, 6);
      }
    }
  }

  /**
   * Two rows of one and of two tiles, one and two channel blocks, and edges so that each input is
   * padding and is not, whatever the others are.
   */
  private final class DepthwiseGate extends Gate {
    private static final int BLOCKS = 4;

    private final DepthwiseTaps.Kind kind;
    private final int skipped;
    private final DepthwiseRows[] rows;
    private final float[] src;
    private final float[] dst;

    DepthwiseGate(DepthwiseTaps.Kind kind, DepthwiseTaps taps, int kernel, int stride) {
      super(vector.depthwiseName(taps), 4, effort(kind));
      this.kind = kind;
      int channels = BLOCKS * Lanes.L;
      int[] widths = widths(kind);
      int width = widths[1];
      this.skipped = vector.depthwiseSkipsPadding(taps) ? TOP | BOTTOM | LEFT | RIGHT : 0;
      float[] zeros = new float[channels * kernel * kernel];
      PackedDepthwise weights =
          PackedDepthwise.pack(zeros, new float[channels], kernel * kernel, Lanes.L, 1);
      int row = width * channels;
      this.rows = new DepthwiseRows[widths.length];
      Arrays.setAll(rows, i -> new DepthwiseRows(widths[i], taps, weights, row, channels, 0, 6));
      this.src = new float[(stride + kernel) * ((width - 1) * stride + kernel) * channels];
      this.dst = new float[2 * width * channels];
    }

    private static int effort(DepthwiseTaps.Kind kind) {
      return switch (kind) {
        case ADJACENT -> 15;
        case STRIDE_2 -> 8;
        case RUNS_5, RUNS_7 -> 5;
        case OTHER -> 3;
      };
    }

    @Override
    void call(int work) {
      switch (work) {
        case NONE -> VectorDepthwise.idle(kind);
        case 0 -> run(2, 0, BLOCKS); // as most tiles are
        case 1 -> run(2, LEFT | RIGHT, 1);
        case 2 -> run(2, TOP | BOTTOM, 1);
        default -> run(1, TOP | BOTTOM | LEFT | RIGHT, 1);
      }
    }

    private void run(int tiles, int edges, int blocks) {
      vector.depthwise(rows[tiles - 1], edges & skipped, src, 0, 0, blocks, dst, 0);
    }
  }

  private Gate depthwiseGate(DepthwiseTaps.Kind kind) {
    int kernel =
        switch (kind) {
          case ADJACENT, STRIDE_2 -> 3;
          case OTHER -> 2;
          case RUNS_5 -> 5;
          case RUNS_7 -> 7;
        };
    int stride = kind == DepthwiseTaps.Kind.STRIDE_2 ? 2 : 1;
    int channels = DepthwiseGate.BLOCKS * Lanes.L;
    int columns = (widths(kind)[1] - 1) * stride + kernel;
    int[][] at = new int[2][kernel * kernel];
    for (int t = 0; t < 2 * kernel * kernel; t++) {
      int y = t / (kernel * kernel);
      int row = y * stride + t / kernel % kernel;
      at[y][t % (kernel * kernel)] = (row * columns + t % kernel) * channels;
    }
    return new DepthwiseGate(kind, new DepthwiseTaps(at, stride * channels), kernel, stride);
  }

  /** Outputs of a row of one tile, and of two. */
  private static int[] widths(DepthwiseTaps.Kind kind) {
    return switch (kind) {
      case ADJACENT -> new int[] {4, 5};
      case STRIDE_2 -> new int[] {2, 3};
      case RUNS_5, RUNS_7, OTHER -> new int[] {4, 9};
    };
  }

  /** Of a kernel for rows of floats. */
  private abstract static class FloatsGate extends Gate {
    final float[] data = new float[FLOATS];
    final float[] other = new float[FLOATS];

    FloatsGate(String name) {
      super(name, 1, 1);
    }

    @Override
    final void call(int work) {
      pass(work == NONE ? 0 : FLOATS);
    }

    abstract void pass(int count);
  }

  /** Two panels of a vector, two tiles of rows, two runs. */
  private static Gate smallGemmGate() {
    int n = 2 * Lanes.L;
    int[] jumps = {0, 0};
    float[] w = new float[5 * n];
    float[] a = new float[5 * 4];
    float[] c = new float[5 * n];
    return new Gate("gemm4x1", 1, 1) {
      @Override
      void call(int work) {
        int rows = work == NONE ? 0 : 5;
        MatrixTiles.gemm4x1(rows, 4, n, a, 0, 4, 2, jumps, w, c, 0, n, 0, 0);
      }
    };
  }

  /** Two channel blocks, two tiles of outputs, two taps. */
  private static Gate smallDepthwiseGate() {
    int[] taps = {0, 1};
    float[] w = new float[3 * 2 * Lanes.L];
    float[] tile = new float[6 * 2 * Lanes.L];
    float[] dst = new float[5 * 2 * Lanes.L];
    return new Gate("taps4", 1, 1) {
      @Override
      void call(int work) {
        int n = work == NONE ? 0 : 2 * Lanes.L;
        DepthwiseTiles.taps4(5, taps, taps, n, Lanes.L, tile, 0, n, w, 0, dst, 0, n, 0, 0);
      }
    };
  }

  /** Two kernels, of four vectors a row and of one. */
  private static Gate gatherGate() {
    return new Gate("gather", 1, 1) {
      private final float[] from = new float[FLOATS];
      private final float[] to = new float[FLOATS];

      @Override
      void call(int work) {
        int rows = work == NONE ? 0 : 2;
        try {
          VectorGemm.gather4v(rows, from, 0, 4 * Lanes.L, to, 0, 4 * Lanes.L);
        } finally { // without work each is called and leaves
          VectorGemm.gather1v(rows, from, 0, 4 * Lanes.L, to, 0, 4 * Lanes.L);
        }
      }
    };
  }

  private static Gate addGate() {
    return new FloatsGate("add") {
      @Override
      void pass(int count) {
        VectorActivation.add(count, data, 0, other, 0);
      }
    };
  }

  private static Gate maxGate() {
    return new FloatsGate("max") {
      @Override
      void pass(int count) {
        VectorActivation.max(count, data, 0, other, 0);
      }
    };
  }

  private static Gate activationGate(Activation.Kind kind) {
    return switch (kind) {
      case LEAKY_RELU ->
          new FloatsGate("leaky ReLU") {
            @Override
            void pass(int count) {
              VectorActivation.leakyRelu(0.5f, data, 0, count);
            }
          };
      case HARD_SIGMOID ->
          new FloatsGate("hard sigmoid") {
            @Override
            void pass(int count) {
              VectorActivation.hardSigmoid(0.5f, 0, data, 0, count);
            }
          };
      case HARD_SWISH ->
          new FloatsGate("hard swish") {
            @Override
            void pass(int count) {
              VectorActivation.hardSwish(data, 0, count);
            }
          };
      case SIGMOID, SILU ->
          new Gate("sigmoid", 2, 1) {
            private final float[] data = new float[FLOATS];

            @Override
            void call(int work) {
              VectorActivation.sigmoid(work == 0, data, 0, work == NONE ? 0 : FLOATS);
            }
          };
      case NONE, CLAMP -> throw new IllegalArgumentException(kind + " has no vector code");
    };
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
    if (smallDepthwise.isWarm()) {
      VectorDepthwise.rows(true, rows, sides, tile, tileOff, first, end, dst, dstOff);
    } else {
      super.depthwise(rows, sides, tile, tileOff, first, end, dst, dstOff);
      smallDepthwise.missed(System.nanoTime() - since);
    }
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
    Gate gate = gate(b, panel);
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
    if (smallGemm.isWarm()) {
      VectorGemm.gemm(true, rows, a, aOff, aRows, b, panel, c, cOff, ldc, lo, hi);
    } else {
      super.gemm(rows, a, aOff, aRows, b, panel, c, cOff, ldc, sums, lo, hi);
      smallGemm.missed(System.nanoTime() - since);
    }
    warmup.worked(gate, System.nanoTime() - since);
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    Gate gate = activate.get(activation.kind());
    if ((gate != null && gate.isWarm()) || !isVector(activation)) {
      vector.activate(activation, count, data, offset);
    } else {
      activateCold(activation, count, data, offset);
    }
  }

  private void activateCold(Activation activation, int count, float[] data, int offset) {
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
