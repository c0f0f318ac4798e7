package io.github.lanewise.network;

import io.github.lanewise.Workspace;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** What one run writes to: the arena, scratch, and the arrays that the steps refer to by number. */
final class Context {
  static final int TILES = 3;

  /** Floats that elementwise operators work on at a time: all tiles stay in a first-level cache. */
  static final int TILE = 1024;

  final float[][] arrays;
  final float[][] tiles;
  final double[] sums;
  final Workspace workspace;

  Context(float[][] arrays, int tile, int sums, Workspace workspace) {
    this.arrays = arrays;
    this.tiles = new float[TILES][tile];
    this.sums = new double[sums];
    this.workspace = workspace;
  }

  /**
   * Idle contexts of one network: lock-free, bounded; what does not fit is left to the collector.
   */
  static final class Pool {
    private static final int SLOTS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private final AtomicReferenceArray<Context> idle = new AtomicReferenceArray<>(SLOTS);

    Context acquire() {
      for (int i = 0; i < SLOTS; i++) {
        Context found = idle.get(i);
        if (found != null && idle.compareAndSet(i, found, null)) {
          return found;
        }
      }
      return null;
    }

    /** Takes a context back, without the caller's arrays {@code [from, to)}. */
    void release(Context context, int from, int to) {
      Arrays.fill(context.arrays, from, to, null);
      for (int i = 0; i < SLOTS; i++) {
        if (idle.get(i) == null && idle.compareAndSet(i, null, context)) {
          return;
        }
      }
    }
  }
}
