package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Kernels;
import java.util.Locale;

/**
 * A convolution and a maximum pool over its result, fused: of the tensor between them some rows
 * exist at a time, as many as half of L2 holds. Rows that a later window reads too are kept.
 */
public final class PooledLoops implements Loops {
  private final ConvShape window;
  private final MatrixLoops convolution;
  private final PoolRows pool;
  private final RowRanges ranges;

  /** Output rows whose inputs are there at the same time. */
  private final int atOnce;

  /** Rows of the convolution that are. */
  private final int band;

  /** Where they are in the main scratch. */
  private final int bandOffset;

  /** Packs the weights and chooses the rows of a range, one for each thread. */
  public PooledLoops(
      ConvShape shape,
      Kernels kernels,
      Filters filters,
      Epilogue epilogue,
      ConvShape window,
      CacheSizes cache,
      int parallelism) {
    this.window = window;
    this.convolution = new MatrixLoops(shape, kernels, filters, epilogue, cache, 1);
    this.bandOffset = convolution.scratch().main();
    this.pool = new PoolRows(window, true, kernels);
    int rows = window.outHeight();
    this.ranges = RowRanges.of(rows, rows, parallelism, 1);
    long spare = cache.halfL2Floats() / pool.rowFloats() - window.vertical().reach();
    long fit = 1 + Math.max(0, spare) / window.strideHeight();
    this.atOnce = (int) Math.min(fit, ranges.largest());
    this.band = (int) Math.min(window.vertical().span(atOnce), window.inHeight());
  }

  private PooledLoops(PooledLoops other, MatrixLoops convolution) {
    this.window = other.window;
    this.convolution = convolution;
    this.bandOffset = other.bandOffset;
    this.pool = other.pool;
    this.ranges = other.ranges;
    this.atOnce = other.atOnce;
    this.band = other.band;
  }

  @Override
  public PooledLoops ofPlanes() {
    MatrixLoops planar = convolution.ofPlanes();
    return planar == null ? null : new PooledLoops(this, planar);
  }

  @Override
  public int units() {
    return window.batch() * ranges.count();
  }

  // main scratch: the convolution's | rows of its result | a row of the pool's
  @Override
  public Scratch.Size scratch() {
    Scratch.Size own = convolution.scratch();
    int rows = Math.multiplyExact(band + 1, pool.rowFloats());
    return new Scratch.Size(Math.addExact(own.main(), rows), own.rows(), own.columns());
  }

  @Override
  public void run(
      int unit,
      float[] src,
      int srcOffset,
      float[] residual,
      int residualOffset,
      float[] dst,
      int dstOffset,
      Scratch scratch) {
    int image = unit / ranges.count();
    int begin = ranges.begin(unit % ranges.count());
    int end = begin + ranges.size(unit % ranges.count());
    float[] main = scratch.main;
    int n = pool.rowFloats();
    int rowOffset = bandOffset + band * n;
    int outRow = window.outWidth() * window.inChannels();
    int base = 0;
    int done = 0;
    for (int y = begin, next; y < end; y = next) {
      next = Math.min(end, y + atOnce);
      int first = pool.firstRow(y);
      int last = pool.endRow(next);
      if (first < done) {
        System.arraycopy(
            main, bandOffset + (first - base) * n, main, bandOffset, (done - first) * n);
      }
      base = first;
      int from = Math.max(first, done);
      int to = bandOffset + (from - base) * n;
      convolution.rows(image, from, last - from, src, srcOffset, main, to, scratch);
      done = Math.max(done, last);
      for (int row = y; row < next; row++) {
        int at = dstOffset + (image * window.outHeight() + row) * outRow;
        pool.row(row, main, bandOffset - base * n, main, rowOffset, dst, at);
      }
    }
  }

  @Override
  public String describe() {
    return String.format(
        Locale.ROOT, "%s; then a pool, %d rows fused", convolution.describe(), atOnce);
  }
}
