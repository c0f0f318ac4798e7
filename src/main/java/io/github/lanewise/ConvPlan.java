package io.github.lanewise;

import io.github.lanewise.loops.Loops;
import io.github.lanewise.loops.ParallelRows;
import io.github.lanewise.loops.Pool;
import io.github.lanewise.loops.Scratch;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * A convolution ready to run: checked, planned, its weights packed. Immutable and thread-safe: one
 * plan may run on any number of threads at once, virtual ones too.
 *
 * <p>A run reads {@link #srcLength()} floats and overwrites {@link #dstLength()} floats, both NHWC
 * (the input of {@link #ofPlanes} is NCHW), and touches nothing outside these ranges. It allocates
 * nothing once the plan has as much scratch as runs go on at the same time and its kernels are
 * {@linkplain #warmUp compiled}, until when trial calls of them do; with an executor it allocates a
 * few small objects a run, and the executor what it needs for a task. Scratch comes from a pool
 * that the plan owns, for twice as many runs at a time as there are processors, four at least; of
 * more runs each allocates its own. Or it is the caller's {@link Workspace}.
 */
public final class ConvPlan {
  private final String operator;
  private final ConvShape shape;
  private final int dstLength;
  private final int outChannels;
  private final long flops;
  private final Loops loops;
  private final ConvOptions options;
  private final int workers;
  private final Scratch.Size scratch;
  private final Pool<Workspace> pool;

  ConvPlan(
      String operator,
      ConvShape shape,
      int outChannels,
      int dstLength,
      long flops,
      Loops loops,
      ConvOptions options) {
    this.operator = operator;
    this.shape = shape;
    this.outChannels = outChannels;
    this.dstLength = dstLength;
    this.flops = flops;
    this.loops = loops;
    this.options = options;
    this.workers = Math.min(options.parallelism(), loops.units());
    this.scratch = loops.scratch();
    this.pool = new Pool<>(() -> new Workspace(workers, scratch));
  }

  /**
   * Runs on whole arrays.
   *
   * @param src input, NHWC, at least {@link #srcLength()} floats
   * @param dst output, NHWC, at least {@link #dstLength()} floats, overwritten
   */
  public void run(float[] src, float[] dst) {
    run(src, 0, dst, 0);
  }

  /**
   * Runs on parts of arrays.
   *
   * @param src input, NHWC
   * @param srcOffset index of its first float
   * @param dst output, NHWC, overwritten; must not overlap the input
   * @param dstOffset index of its first float
   * @throws NullPointerException naming the array that is null, also the residual that a plan
   *     {@linkplain ConvOptions#withResidual with one} needs
   * @throws IndexOutOfBoundsException naming the offset that leaves too little room
   * @throws IllegalArgumentException if the ranges overlap
   */
  public void run(float[] src, int srcOffset, float[] dst, int dstOffset) {
    run(src, srcOffset, null, 0, dst, dstOffset, null);
  }

  /**
   * Runs a plan made {@linkplain ConvOptions#withResidual with a residual}.
   *
   * @param src input, NHWC
   * @param srcOffset index of its first float
   * @param residual added where {@link ConvOptions#residual()} says, NHWC, of the output's size;
   *     may be the input array, must not overlap the output
   * @param residualOffset index of its first float
   * @param dst output, NHWC, overwritten; must not overlap the input
   * @param dstOffset index of its first float
   */
  public void run(
      float[] src,
      int srcOffset,
      float[] residual,
      int residualOffset,
      float[] dst,
      int dstOffset) {
    run(src, srcOffset, residual, residualOffset, dst, dstOffset, null);
  }

  /**
   * Runs with the caller's scratch.
   *
   * @param src input, NHWC
   * @param srcOffset index of its first float
   * @param residual as above; null exactly if the plan takes none
   * @param residualOffset index of its first float, ignored where there is none
   * @param dst output, NHWC, overwritten; must not overlap the input or the residual
   * @param dstOffset index of its first float
   * @param workspace scratch from {@link #newWorkspace()} or {@link Workspace#forPlans}, used by
   *     one run at a time; null for the plan's own
   * @throws NullPointerException naming the array that is null, also a residual that is needed
   * @throws IndexOutOfBoundsException naming the offset that leaves too little room
   * @throws IllegalArgumentException if ranges overlap, a residual is not asked for, or the
   *     workspace is too small
   */
  public void run(
      float[] src,
      int srcOffset,
      float[] residual,
      int residualOffset,
      float[] dst,
      int dstOffset,
      Workspace workspace) {
    check(src, srcOffset, residual, residualOffset, dst, dstOffset);
    if (workspace != null) {
      workspace.check(workers, scratch);
    }
    Workspace ws = workspace == null ? pool.acquire() : workspace;
    try {
      if (workers == 1) {
        for (int unit = 0, n = loops.units(); unit < n; unit++) {
          loops.run(unit, src, srcOffset, residual, residualOffset, dst, dstOffset, ws.scratch(0));
        }
      } else {
        Executor executor = options.executor();
        ParallelRows.run(
            executor,
            workers,
            loops.units(),
            (unit, worker) ->
                loops.run(
                    unit,
                    src,
                    srcOffset,
                    residual,
                    residualOffset,
                    dst,
                    dstOffset,
                    ws.scratch(worker)));
      }
    } finally {
      if (workspace == null) {
        pool.release(ws);
      }
    }
  }

  /**
   * Has the JVM compile what this plan needs, see {@link Backend#warmUp}. Runs it on arrays of
   * zeros that it allocates, with the plan's executor if it has one.
   *
   * @param atMost no run begins later than this, but the first
   * @return whether everything that plans need so far is compiled
   * @throws IllegalArgumentException if {@code atMost} is negative
   */
  public boolean warmUp(Duration atMost) {
    float[] src = new float[srcLength()];
    float[] dst = new float[dstLength];
    float[] residual = options.residual() == Residual.NONE ? null : new float[dstLength];
    return options.backend().warmUp(atMost, () -> run(src, 0, residual, 0, dst, 0));
  }

  private void check(
      float[] src,
      int srcOffset,
      float[] residual,
      int residualOffset,
      float[] dst,
      int dstOffset) {
    Checks.range("src", src, srcOffset, srcLength());
    Checks.range("dst", dst, dstOffset, dstLength);
    Checks.disjoint("src", src, srcOffset, srcLength(), "dst", dst, dstOffset, dstLength);
    boolean isNeeded = options.residual() != Residual.NONE;
    if (isNeeded && residual == null) {
      throw new NullPointerException(
          "residual is null, but this plan was created with ConvOptions.withResidual("
              + options.residual()
              + "): call run(src, srcOffset, residual, residualOffset, dst, dstOffset)");
    } else if (isNeeded) {
      Checks.range("residual", residual, residualOffset, dstLength);
      Checks.disjoint(
          "residual", residual, residualOffset, dstLength, "dst", dst, dstOffset, dstLength);
    } else if (residual != null) {
      throw new IllegalArgumentException(
          "residual must be null: this plan was created without ConvOptions.withResidual");
    }
  }

  /**
   * The same plan on the calling thread alone, for runs that are on several threads themselves.
   * Packed weights are shared; the result has the same bits.
   *
   * @return this plan if it has no other thread
   */
  public ConvPlan sequential() {
    return workers == 1
        ? this
        : new ConvPlan(operator, shape, outChannels, dstLength, flops, loops, options.sequential());
  }

  /**
   * The same plan for a source in NCHW, planes of channels, as frameworks hand over images. They
   * are read as they are, so that sums are taken channel after channel: the result, in NHWC, may
   * differ by their rounding. Weights are packed anew.
   *
   * @return nothing where the plan does not stage its input by rows, or has so many channels that
   *     bringing these in order takes less: first layers are read so, others mostly not
   */
  public Optional<ConvPlan> ofPlanes() {
    Loops planar = loops.ofPlanes();
    return planar == null
        ? Optional.empty()
        : Optional.of(
            new ConvPlan(operator, shape, outChannels, dstLength, flops, planar, options));
  }

  /**
   * Scratch for one run at a time, for callers who manage memory themselves.
   *
   * @return a new workspace
   */
  public Workspace newWorkspace() {
    return new Workspace(workers, scratch);
  }

  /**
   * The shape; of a separable plan that of its depthwise stage, of a pooled one that of its
   * convolution.
   *
   * @return the shape
   */
  public ConvShape shape() {
    return shape;
  }

  /**
   * Channels of the output.
   *
   * @return of a separable plan those of its pointwise stage
   */
  public int outChannels() {
    return outChannels;
  }

  /**
   * Floats that a run reads.
   *
   * @return batch * inHeight * inWidth * inChannels
   */
  public int srcLength() {
    return shape.srcLength();
  }

  /**
   * Floats that a run overwrites.
   *
   * @return batch * outHeight * outWidth * outChannels, of a pooled plan as the pool leaves them
   */
  public int dstLength() {
    return dstLength;
  }

  /**
   * Floating-point operations of a run, 2 a multiplication, taps on padding counted.
   *
   * @return the number of operations
   */
  public long flops() {
    return flops;
  }

  /**
   * Scratch memory of a run, for all its threads.
   *
   * @return bytes
   */
  public long scratchBytes() {
    return workers * scratch.bytes();
  }

  /**
   * Which kernels and tiles were picked and why.
   *
   * @return one line
   */
  public String kernels() {
    return loops.describe();
  }

  int workers() {
    return workers;
  }

  Scratch.Size scratch() {
    return scratch;
  }

  /** Operator, shape, and which kernels, tiles and scratch were picked and why. */
  @Override
  public String toString() {
    return String.format(
            Locale.ROOT,
            "%s %s -> %d channels, %s%n  backend %s%n  %s%n  %d row ranges on %d thread%s, scratch",
            operator,
            shape,
            outChannels,
            options,
            options.backend(),
            loops.describe(),
            loops.units(),
            workers,
            workers == 1 ? "" : "s")
        + " "
        + (scratchBytes() + 1023) / 1024
        + " KiB";
  }
}
