package io.github.lanewise.kernel;

import java.util.stream.IntStream;

/**
 * Where the taps of one or two output rows lie, and which kernels that suits. Found out once, when
 * a plan is made. Immutable.
 */
public final class DepthwiseTaps {
  /** Columns of a dilated row that share no input; more would leave too few of each. */
  private static final int MAX_RESIDUES = 4;

  /** By edges, the taps of a 3x3 kernel that do not lie on one. */
  private static final int[][] INSIDE =
      IntStream.range(0, 16).mapToObj(DepthwiseTaps::insideOf3x3).toArray(int[][]::new);

  /** What the taps look like. */
  enum Kind {
    /** Nine in threes evenly apart, by as much as one output or several: 3x3, mostly. */
    ADJACENT,
    /** Nine in threes, half an output apart. */
    STRIDE_2,
    /** Runs of five, one output apart: 5x5, mostly. */
    RUNS_5,
    /** Runs of seven. */
    RUNS_7,
    OTHER
  }

  private final int[][] rows;
  private final int step;
  private final int apart;
  private final Kind kind;
  private final boolean meet;
  private final int[] all;

  /**
   * Looks at them.
   *
   * @param rows by output row, where the taps of its first pixel lie; not copied
   * @param step floats from one output pixel's taps to the next one's
   */
  public DepthwiseTaps(int[][] rows, int step) {
    this.rows = rows;
    this.step = step;
    this.apart = apart(rows[0]);
    Kind first = kind(rows[0], step);
    boolean alike = true; // rows of a ring may wrap in different places
    for (int[] row : rows) {
      alike &= apart(row) == apart && kind(row, step) == first;
    }
    this.kind = alike ? first : Kind.OTHER;
    this.meet = rows.length == 2 && meet(kind, rows[0], rows[1]);
    this.all = IntStream.range(0, rows[0].length).toArray();
  }

  private static Kind kind(int[] taps, int step) {
    int apart = apart(taps);
    if (apart > 0 && apart % step == 0 && apart / step <= MAX_RESIDUES) {
      return Kind.ADJACENT;
    }
    if (apart > 0 && 2 * apart == step) {
      return Kind.STRIDE_2;
    }
    return isRuns(5, taps, step) ? Kind.RUNS_5 : isRuns(7, taps, step) ? Kind.RUNS_7 : Kind.OTHER;
  }

  /** What lies between the taps of a row of a 3x3 kernel; 0 for others. */
  private static int apart(int[] taps) {
    int apart = taps.length == 9 ? taps[1] - taps[0] : 0;
    for (int t = 0; t < taps.length && apart != 0; t += 3) {
      if (taps[t + 1] - taps[t] != apart || taps[t + 2] - taps[t + 1] != apart) {
        return 0;
      }
    }
    return apart;
  }

  private static boolean isRuns(int run, int[] taps, int step) {
    boolean is = taps.length % run == 0;
    for (int t = 1; t < taps.length && is; t++) {
      is = t % run == 0 || taps[t] - taps[t - 1] == step;
    }
    return is;
  }

  private static boolean meet(Kind kind, int[] upper, int[] lower) {
    return switch (kind) {
      case ADJACENT -> lower[0] == upper[3] && lower[3] == upper[6];
      case STRIDE_2 -> lower[0] == upper[6];
      default -> false;
    };
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

  /** Floats from one output pixel's taps to the next one's. */
  int step() {
    return step;
  }

  Kind kind() {
    return kind;
  }

  /** Floats between neighbouring taps of a row, where the kernel is 3x3. */
  int apart() {
    return apart;
  }

  /** How many classes of columns share inputs only among each other: a dilation; 0 without. */
  int residues() {
    return kind == Kind.ADJACENT ? apart / step : 0;
  }

  /** Whether two rows share input rows as kernels for both at once want it. */
  public boolean meet() {
    return meet;
  }
}
