package io.github.lanewise.loops;

/** Scratch of one thread. Not thread-safe. */
public final class Scratch {

  /** Staged tiles, results and pixel rows; each operator divides it as it needs. */
  final float[] main;

  /** One panel of columns, for kernels that sum in memory; an array of its own for their sake. */
  final float[] sums;

  /** Allocates it. */
  public Scratch(Size size) {
    this.main = new float[size.main()];
    this.sums = new float[size.sums()];
  }

  /**
   * How much of it.
   *
   * @param main floats of the main array
   * @param sums floats of the sums
   */
  public record Size(int main, int sums) {

    /** Whether scratch of this size serves one who needs another. */
    public boolean covers(Size needed) {
      return main >= needed.main && sums >= needed.sums;
    }

    /** The smallest size that covers both. */
    public Size union(Size other) {
      return new Size(Math.max(main, other.main), Math.max(sums, other.sums));
    }

    /** Bytes of it. */
    public long bytes() {
      return 4L * ((long) main + sums);
    }

    @Override
    public String toString() {
      return main + " + " + sums + " floats";
    }
  }
}
