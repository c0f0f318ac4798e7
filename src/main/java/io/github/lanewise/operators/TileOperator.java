package io.github.lanewise.operators;

/**
 * A function of each value. It works on a tile at a time: C2 vectorizes a loop only if it uses all
 * its arrays at the same index, which ranges of one arena never have. Copying to a tile in the
 * first-level cache and back costs less than the loop gains.
 */
public abstract class TileOperator implements UnitOperator {
  private final int count;
  private final int tile;

  /**
   * Of a tensor.
   *
   * @param count its values
   * @param tile how many to work on at a time
   */
  protected TileOperator(int count, int tile) {
    this.count = count;
    this.tile = tile;
  }

  /** Changes the first {@code n} values of {@code x}. */
  protected abstract void apply(float[] x, int n);

  @Override
  public int units() {
    return Math.ceilDiv(count, tile);
  }

  @Override
  public void run(
      Context context,
      float[] a,
      int aOff,
      float[] b,
      int bOff,
      float[] dst,
      int dstOff,
      int from,
      int to) {
    float[] x = context.tiles[0];
    for (int unit = from; unit < to; unit++) {
      int i = unit * tile;
      int n = Math.min(tile, count - i);
      System.arraycopy(a, aOff + i, x, 0, n);
      apply(x, n);
      System.arraycopy(x, 0, dst, dstOff + i, n);
    }
  }

  @Override
  public boolean worksInPlace() {
    return true;
  }

  @Override
  public int tile() {
    return tile;
  }
}
