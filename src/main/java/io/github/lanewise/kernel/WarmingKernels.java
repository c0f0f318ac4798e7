package io.github.lanewise.kernel;

import io.github.lanewise.Activation;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Vector kernels that need no warm-up. Until C2 has compiled them their vectors are objects, at a
 * hundred times the time of plain Java and megabytes of garbage a millisecond. So long {@link
 * PlainKernels} does the work, but for a part that the vector code does: C2 compiles only what
 * runs. Both give the same bits (of a NaN only that it is one), so results do not depend on which
 * code ran, nor on when the change came.
 *
 * <p>What is done while cold has methods of its own, so that the others are inlined.
 */
final class WarmingKernels extends PlainKernels {

  /** Floats that vector code gets of a longer task. */
  private static final int PART = 512;

  /**
   * Channel blocks that it gets, two so that its loop over them turns: C2 prunes what never ran.
   */
  private static final int BLOCKS = 2;

  private final Kernels vector;
  private final Gate[] gemm = gates(5);
  private final Gate[] depthwise = gates(7);
  private final Map<Activation.Kind, Gate> activate = new EnumMap<>(Activation.Kind.class);
  private final Gate gather = new Gate();
  private final Gate add = new Gate();

  WarmingKernels(Kernels vector) {
    super(vector);
    this.vector = vector;
    for (Activation.Kind kind : Activation.Kind.values()) {
      activate.put(kind, new Gate());
    }
  }

  private static Gate[] gates(int n) {
    Gate[] gates = new Gate[n];
    Arrays.setAll(gates, i -> new Gate());
    return gates;
  }

  /** Tells by its time whether one kernel is compiled. Races between threads only delay that. */
  static final class Gate {
    /** Times of plain Java that compiled vector code stays below; objects take 30 and more. */
    private static final double COMPILED = 3;

    /** So many times in a row, since a time may also mislead. */
    static final int PROOFS = 3;

    /** Less work than this is not measured well enough to compare. */
    static final long MEASURABLE = 256;

    /** Plain Java has to be compiled too: its times count once it has run so long. */
    static final long PLAIN_COLD_NANOS = 5_000_000;

    /** So long first results come first; then vector code takes half the time, not a quarter. */
    private static final long PLAIN_EARLY_NANOS = 100_000_000;

    /** After so much vector code the gate opens whatever it took: C2 has had its chance. */
    static final long MOST_NANOS = 1_000_000_000;

    /** The same for calls too short to measure. */
    static final int MOST_TURNS = 20_000;

    private boolean warm;
    private long vectorNanos;
    private long plainNanos;
    private double plainRate = Double.MAX_VALUE;
    private int proofs;
    private int turns;

    /** Whether vector code does everything; stays so. */
    boolean isWarm() {
      return warm;
    }

    /** Whether vector code does a part of the next call. */
    boolean isVectorsTurn() {
      return vectorNanos * (plainNanos < PLAIN_EARLY_NANOS ? 3 : 1) <= plainNanos;
    }

    /** Vector code took so long for so much work. */
    void vector(long nanos, long work) {
      vectorNanos += nanos;
      turns++;
      if (work >= MEASURABLE && plainNanos >= PLAIN_COLD_NANOS) {
        proofs = nanos < COMPILED * plainRate * work ? proofs + 1 : 0;
      }
      if (proofs >= PROOFS || vectorNanos >= MOST_NANOS || turns >= MOST_TURNS) {
        warm = true;
      }
    }

    /** Plain Java took so long for so much work. */
    void plain(long nanos, long work) {
      plainNanos += nanos;
      if (work >= MEASURABLE) {
        plainRate = Math.min(plainRate, (double) nanos / work);
      }
    }
  }

  @Override
  public void depthwise(
      int width,
      int[][] taps,
      int edges,
      float[] tile,
      int tileOff,
      int step,
      PackedDepthwise w,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int dstRow,
      int dstStep,
      float lo,
      float hi) {
    Gate gate = depthwise[depthwiseGate(taps[0], edges, step)];
    if (gate.isWarm()) {
      vector.depthwise(
          width, taps, edges, tile, tileOff, step, w, first, end, dst, dstOff, dstRow, dstStep, lo,
          hi);
    } else {
      depthwiseCold(
          gate, width, taps, edges, tile, tileOff, step, w, first, end, dst, dstOff, dstRow,
          dstStep, lo, hi);
    }
  }

  /**
   * One gate for every set of methods that vector code runs: any taps; three times three of stride
   * 1 and 2, each with an upper or lower edge, with edges at the sides, and without.
   */
  private static int depthwiseGate(int[] taps, int edges, int step) {
    if (taps.length != 9) {
      return 0;
    }
    int apart = taps[1] - taps[0];
    int edge = (edges & (TOP | BOTTOM)) != 0 ? 2 : edges != 0 ? 1 : 0;
    return apart % step == 0 ? 1 + edge : 2 * apart == step ? 4 + edge : 0;
  }

  private void depthwiseCold(
      Gate gate,
      int width,
      int[][] taps,
      int edges,
      float[] tile,
      int tileOff,
      int step,
      PackedDepthwise w,
      int first,
      int end,
      float[] dst,
      int dstOff,
      int dstRow,
      int dstStep,
      float lo,
      float hi) {
    long work = (long) taps.length * width * taps[0].length * w.block();
    int some = gate.isVectorsTurn() ? Math.min(end, first + BLOCKS) : first;
    if (some > first) {
      long since = System.nanoTime();
      vector.depthwise(
          width, taps, edges, tile, tileOff, step, w, first, some, dst, dstOff, dstRow, dstStep, lo,
          hi);
      gate.vector(System.nanoTime() - since, work * (some - first));
    }
    if (some < end) {
      long since = System.nanoTime();
      int off = tileOff + w.firstChannel(some) - w.firstChannel(first);
      super.depthwise(
          width, taps, edges, tile, off, step, w, some, end, dst, dstOff, dstRow, dstStep, lo, hi);
      gate.plain(System.nanoTime() - since, work * (end - some));
    }
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
    int some = gather.isVectorsTurn() ? Math.min(rows, 16) : 0;
    if (some > 0) {
      long since = System.nanoTime();
      vector.gather(some, depth, src, srcOff, srcStep, a, aOff, lda);
      gather.vector(System.nanoTime() - since, (long) some * depth);
    }
    if (some < rows) {
      long since = System.nanoTime();
      super.gather(
          rows - some, depth, src, srcOff + some * srcStep, srcStep, a, aOff + some * lda, lda);
      gather.plain(System.nanoTime() - since, (long) (rows - some) * depth);
    }
  }

  @Override
  public void gemm(
      int rows,
      float[] a,
      int aOff,
      int lda,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums,
      float lo,
      float hi) {
    Gate gate = gemm[b.panelColumns(panel) / Lanes.L];
    if (gate.isWarm()) {
      vector.gemm(rows, a, aOff, lda, b, panel, c, cOff, ldc, sums, lo, hi);
    } else {
      gemmCold(gate, rows, a, aOff, lda, b, panel, c, cOff, ldc, sums, lo, hi);
    }
  }

  private void gemmCold(
      Gate gate,
      int rows,
      float[] a,
      int aOff,
      int lda,
      PackedMatrix b,
      int panel,
      float[] c,
      int cOff,
      int ldc,
      float[] sums,
      float lo,
      float hi) {
    long work = (long) b.panelColumns(panel) * b.depth();
    int tile = VectorGemm.tileRows(b.panelColumns(panel) / Lanes.L);
    int some = gate.isVectorsTurn() ? Math.min(rows, tile) : 0;
    if (some > 0) {
      long since = System.nanoTime();
      vector.gemm(some, a, aOff, lda, b, panel, c, cOff, ldc, sums, lo, hi);
      gate.vector(System.nanoTime() - since, work * some);
    }
    if (some < rows) {
      long since = System.nanoTime();
      int at = aOff + some * lda;
      super.gemm(rows - some, a, at, lda, b, panel, c, cOff + some * ldc, ldc, sums, lo, hi);
      gate.plain(System.nanoTime() - since, work * (rows - some));
    }
  }

  @Override
  public void activate(Activation activation, int count, float[] data, int offset) {
    Gate gate = activate.get(activation.kind());
    if (gate.isWarm()) {
      vector.activate(activation, count, data, offset);
      return;
    }
    int some = gate.isVectorsTurn() ? Math.min(count, PART) : 0;
    if (some > 0) {
      long since = System.nanoTime();
      vector.activate(activation, some, data, offset);
      gate.vector(System.nanoTime() - since, some);
    }
    if (some < count) {
      long since = System.nanoTime();
      super.activate(activation, count - some, data, offset + some);
      gate.plain(System.nanoTime() - since, count - some);
    }
  }

  @Override
  public void add(int count, float[] data, int offset, float[] other, int otherOffset) {
    if (add.isWarm()) {
      vector.add(count, data, offset, other, otherOffset);
      return;
    }
    int some = add.isVectorsTurn() ? Math.min(count, PART) : 0;
    if (some > 0) {
      long since = System.nanoTime();
      vector.add(some, data, offset, other, otherOffset);
      add.vector(System.nanoTime() - since, some);
    }
    if (some < count) {
      long since = System.nanoTime();
      super.add(count - some, data, offset + some, other, otherOffset + some);
      add.plain(System.nanoTime() - since, count - some);
    }
  }
}
