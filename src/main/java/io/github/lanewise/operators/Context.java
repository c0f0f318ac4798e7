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

  /**
   * What one run at a time may use.
   *
   * @param arrays kept
   * @param ports how many inputs and outputs there are
   * @param tile floats of each tile
   * @param sums length of the sums
   * @param workspace of all plans, or null
   * @param isAlone whether only the calling thread may work
   */
  public Context(
      float[][] arrays, int ports, int tile, int sums, Workspace workspace, boolean isAlone) {
    this.arrays = arrays;
    this.given = new Object[ports];
    this.staged = new float[ports][];
    this.tiles = new float[TILES][tile];
    this.sums = new double[sums];
    this.workspace = workspace;
    this.isAlone = isAlone;
  }

  /** Forgets the caller's arrays. */
  public void forget() {
    Arrays.fill(given, null);
    Arrays.fill(arrays, 1, 1 + given.length, null);
  }
}
