package io.github.lanewise.operators;

import io.github.lanewise.Workspace;
import java.util.Arrays;

/** What one run writes to: the arena, scratch, and the arrays that the steps refer to by number. */
public final class Context {
  /** How many tiles there are. */
  public static final int TILES = 3;

  /** Floats that elementwise operators work on at a time: all tiles stay in a first-level cache. */
  public static final int TILE = 1024;

  /** The arena, then an array for each input and output, then constants. */
  public final float[][] arrays;

  /** What the caller gave for each input and output. */
  public final Object[] given;

  /** The network's own array for an input or output, where the caller's does not serve. */
  public final float[][] staged;

  /** Scratch of whatever operator runs. */
  public final float[][] tiles;

  /** The same for sums. */
  public final double[] sums;

  /** Scratch of plans, null if there are none. */
  public final Workspace workspace;

  /** Whether only the calling thread may work. */
  public final boolean isAlone;

  /** For each thread that may work one with scratch of its own; the first is this one. */
  public final Context[] workers;

  /**
   * What one run at a time may use.
   *
   * @param arrays kept
   * @param ports how many inputs and outputs there are
   * @param tile floats of each tile
   * @param sums length of the sums
   * @param workspace of all plans, or null
   * @param threads how many may work on one step; 1 for the calling thread alone
   */
  public Context(
      float[][] arrays, int ports, int tile, int sums, Workspace workspace, int threads) {
    this.arrays = arrays;
    this.given = new Object[ports];
    this.staged = new float[ports][];
    this.tiles = new float[TILES][tile];
    this.sums = new double[sums];
    this.workspace = workspace;
    this.isAlone = threads == 1;
    this.workers = new Context[threads];
    workers[0] = this;
    for (int i = 1; i < threads; i++) {
      workers[i] = new Context(arrays, 0, tile, sums, null, 1);
    }
  }

  /** Forgets the caller's arrays. */
  public void forget() {
    Arrays.fill(given, null);
    Arrays.fill(arrays, 1, 1 + given.length, null);
  }
}
