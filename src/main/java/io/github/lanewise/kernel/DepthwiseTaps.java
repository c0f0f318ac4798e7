package io.github.lanewise.kernel;

import java.util.stream.IntStream;

/**
 * Where the taps of one or two output rows lie, and what kernels make of that. Found out once, when
 * a plan is made. Immutable.
 */
public final class DepthwiseTaps {
  /** Columns of a dilated row that share no input; more would leave too few of each. */
  private static final int MAX_RESIDUES = 4;

  /** By edges, the taps of a 3x3 kernel that do not lie on one. */
  private static final int[][] INSIDE =
      IntStream.range(0, 16).mapToObj(DepthwiseTaps::insideOf3x3).toArray(int[][]::new);

  private final int[][] rows;

  /** Floats from one output pixel's taps to the next one's. */
  final int step;

  /** Floats between neighbouring taps of a row, where the kernel is 3x3. */
  final int apart;

  /** The stride, 1 or 2, of a 3x3 kernel whose rows lie evenly; else 0. */
  final int stride;

  /** Taps of a run; 0 if they lie otherwise. */
  final int run;

  /** Taps of a run from one output to the next; 0 if they lie otherwise. */
  final int distance;

  private final boolean meet;
  private final int[] all;

  /**
   * Looks at them.
   *
   * @param rows by output row, where the taps of its first pixel lie; not copied
   * @param kernelWidth of them in a row of the kernel
   * @param step floats from one output pixel's taps to the next one's
   */
  public DepthwiseTaps(int[][] rows, int kernelWidth, int step) {
    this.rows = rows;
    this.step = step;
    this.apart = apart(rows[0], kernelWidth);
    int first = stride(apart, step);
    DepthwiseKernel inRuns = inRuns(first, rows[0], step);
    boolean alike = true; // rows of a ring may wrap in different places
    for (int[] row : rows) {
      alike &= apart(row, kernelWidth) == apart && inRuns(first, row, step) == inRuns;
    }
    this.stride = alike ? first : 0;
    this.run = alike ? inRuns.run : 0;
    this.distance = alike ? inRuns.distance : 0;
    this.meet = rows.length == 2 && stride > 0 && meet(stride, rows[0], rows[1]);
    this.all = IntStream.range(0, rows[0].length).toArray();
  }

  private static int stride(int apart, int step) {
    if (apart > 0 && apart % step == 0 && apart / step <= MAX_RESIDUES) {
      return 1;
    }
    return apart > 0 && 2 * apart == step ? 2 : 0;
  }

  /** A kernel for such runs, or one for any taps. */
  private static DepthwiseKernel inRuns(int stride, int[] taps, int step) {
    for (DepthwiseKernel kernel : DepthwiseKernel.values()) {
      boolean isThree = stride > 0 && kernel.stride == stride;
      if (isThree || (stride + kernel.stride == 0 && isRuns(kernel, taps, step))) {
        return kernel;
      }
    }
    return DepthwiseKernel.TAPS8;
  }

  /** What lies between the taps of a row of a 3x3 kernel; 0 for others. */
  private static int apart(int[] taps, int kernelWidth) {
    int apart = taps.length == 9 && kernelWidth == 3 ? taps[1] - taps[0] : 0;
    for (int t = 0; t < taps.length && apart != 0; t += 3) {
      if (taps[t + 1] - taps[t] != apart || taps[t + 2] - taps[t + 1] != apart) {
        return 0;
      }
    }
    return apart;
  }

  private static boolean isRuns(DepthwiseKernel kernel, int[] taps, int step) {
    boolean is = kernel.run > 0 && taps.length % kernel.run == 0;
    for (int t = 1; t < taps.length && is; t++) {
      is = t % kernel.run == 0 || kernel.distance * (taps[t] - taps[t - 1]) == step;
    }
    return is;
  }

  private static boolean meet(int stride, int[] upper, int[] lower) {
    boolean meet = true;
    for (int row = stride; row < 3; row++) {
      meet &= lower[3 * (row - stride)] == upper[3 * row];
    }
    return meet;
  }

  /** Output rows, 1 or 2. */
  public int rows() {
    return rows.length;
  }

  /** Where the taps of a row's first pixel lie. Not to be changed. */
  int[] row(int y) {
    return rows[y];
  }

  /** The numbers of the taps that do not lie on some edges, which only a 3x3 kernel may have. */
  int[] inside(int edges) {
    return edges == 0 ? all : INSIDE[edges];
  }

  private static int[] insideOf3x3(int edges) {
    return IntStream.range(0, 9)
        .filter(t -> (edges & (t < 3 ? Kernels.TOP : t < 6 ? 0 : Kernels.BOTTOM)) == 0)
        .filter(t -> (edges & (t % 3 == 0 ? Kernels.LEFT : t % 3 == 1 ? 0 : Kernels.RIGHT)) == 0)
        .toArray();
  }

  /** How many classes of columns share inputs only among each other: a dilation; else 1. */
  int residues() {
    return stride == 1 ? apart / step : 1;
  }

  /** Whether two rows share input rows as kernels for both at once want it. */
  public boolean meet() {
    return meet;
  }
}
