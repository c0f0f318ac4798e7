package io.github.lanewise.operators;

import io.github.lanewise.Workspace;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** What one run writes to: the arena, scratch, and the arrays that the steps refer to by number. */
public final class Context {
  /** How many tiles there are. */
  public static final int TILES = 3;

  /** Floats that elementwise operators work on at a time: all tiles stay in a first-level cache. */
  public static final int TILE = 1024;

  /** The arena, then the caller's arrays and constants. */
  public final float[][] arrays;

  /** Scratch of whatever operator runs. */
  public final float[][] tiles;

  /** The same for sums. */
  public final double[] sums;

  /** Scratch of plans, null if there are none. */
  public final Workspace workspace;

  /**
   * What one run at a time may use.
   *
   * @param arrays kept
   * @param tile floats of each tile
   * @param sums length of the sums
   * @param workspace of all plans, or null
   */
  public Context(float[][] arrays, int tile, int sums, Workspace workspace) {
    this.arrays = arrays;
    this.tiles = new float[TILES][tile];
    this.sums = new double[sums];
    this.workspace = workspace;
  }

  /**
   * Idle contexts of one network: lock-free, bounded; what does not fit is left to the collector.
   */
  public static final class Pool {
    private static final int SLOTS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private final AtomicReferenceArray<Context> idle = new AtomicReferenceArray<>(SLOTS);

    /** An idle context, or null. */
    public Context acquire() {
      for (int i = 0; i < SLOTS; i++) {
        Context found = idle.get(i);
        if (found != null && idle.compareAndSet(i, found, null)) {
          return found;
        }
      }
      return null;
    }

    /** Takes a context back, without the caller's arrays {@code [from, to)}. */
    public void release(Context context, int from, int to) {
      Arrays.fill(context.arrays, from, to, null);
      for (int i = 0; i < SLOTS; i++) {
        if (idle.get(i) == null && idle.compareAndSet(i, null, context)) {
          return;
        }
      }
    }
  }
}
