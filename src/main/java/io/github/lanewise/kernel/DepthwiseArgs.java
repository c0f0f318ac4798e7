package io.github.lanewise.kernel;

/**
 * What a depthwise kernel is told that is alike for many rows of a plan: one or two output rows,
 * and the kernel that they are for. Immutable.
 */
public final class DepthwiseArgs {
  private final DepthwiseKernel kernel;
  final int width;
  final DepthwiseTaps taps;
  final PackedDepthwise weights;
  final int dstRow;
  final int dstStep;
  final Clamp clamp;

  /** For each class of columns that share inputs only among each other: a dilation. */
  final DepthwiseArgs[] residues;

  /**
   * Chooses the kernel.
   *
   * @param layout chooses
   * @param width output columns
   * @param taps where the taps of each output row lie
   * @param weights the weights
   * @param dstRow floats from one output row to the next
   * @param dstStep floats from one output pixel to the next
   * @param clamp of every result
   */
  public DepthwiseArgs(
      Layout layout,
      int width,
      DepthwiseTaps taps,
      PackedDepthwise weights,
      int dstRow,
      int dstStep,
      Clamp clamp) {
    this.kernel = layout.depthwise(taps, width);
    this.width = width;
    this.taps = taps;
    this.weights = weights;
    this.dstRow = dstRow;
    this.dstStep = dstStep;
    this.clamp = clamp;
    this.residues = new DepthwiseArgs[kernel.stride > 0 ? taps.residues() : 1];
    residues[0] = this;
    for (int r = 0; r < residues.length && residues.length > 1; r++) {
      residues[r] = new DepthwiseArgs(this, r);
    }
  }

  /** Of a class of columns. */
  private DepthwiseArgs(DepthwiseArgs all, int residue) {
    int classes = all.residues.length;
    this.kernel = all.kernel;
    this.width = Math.ceilDiv(all.width - residue, classes);
    this.taps = all.taps;
    this.weights = all.weights;
    this.dstRow = all.dstRow;
    this.dstStep = classes * all.dstStep;
    this.clamp = all.clamp;
    this.residues = new DepthwiseArgs[] {this};
  }

  /** The kernel that these are for. */
  public DepthwiseKernel kernel() {
    return kernel;
  }

  /** Where the taps of each output row lie. */
  public DepthwiseTaps taps() {
    return taps;
  }

  /**
   * Output columns that the kernel computes at once. Of fewer columns it reads, and ignores, inputs
   * as if there were as many; it writes none of the others.
   */
  public int columnsRead() {
    return kernel.run > 0 ? kernel.columns * residues.length : 1;
  }

  /**
   * Whether the kernel can do without an edge of padding, given as many columns as it reads. An
   * edge below is that of two rows that share inputs.
   */
  public boolean skipsPadding() {
    return kernel.stride > 0 && residues.length == 1;
  }
}
