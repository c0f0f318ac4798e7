// Written by src/build/Tiles.java from its tables: change those, then mvn initialize -Pformat
package io.github.lanewise.kernel;

/** The depthwise kernels: register tiles, and what plain Java has. */
public enum DepthwiseKernel {

  /** 2 x 4 outputs. */
  TILE2X4("tile2x4", 2, 4, 1, 3, 1, 15, 75),
  /** 2 x 3 outputs. */
  TILE2X3("tile2x3", 2, 3, 1, 3, 1, 12, 64),
  /** 2 x 2 outputs. */
  STRIDE2("stride2", 2, 2, 2, 3, 2, 8, 67),
  /** 1 x 10 outputs. */
  RUNS3("runs3", 1, 10, 0, 3, 1, 5, 0),
  /** 1 x 7 outputs. */
  RUNS5("runs5", 1, 7, 0, 5, 1, 5, 0),
  /** 1 x 7 outputs. */
  RUNS7("runs7", 1, 7, 0, 7, 1, 5, 0),
  /** 1 x 7 outputs. */
  RUNS5S2("runs5s2", 1, 7, 0, 5, 2, 5, 0),
  /** 1 x 8 outputs. */
  TAPS8("taps8", 1, 8, 0, 0, 0, 3, 0),
  /** 1 x 4 outputs. */
  TAPS4("taps4", 1, 4, 0, 0, 0, 1, 0),
  /** An output, three taps at once. */
  TAPS3("taps3", 1, 1, 0, 0, 0, 0, 0);

  /** Of the kernel. */
  final String label;

  /** Output rows at once. */
  final int rows;

  /** Outputs of a row at once. */
  final int columns;

  /** Of the 3x3 kernels that it is for and can do without padding; else 0. */
  final int stride;

  /** Taps of a run; 0 for taps that lie anywhere. */
  final int run;

  /** Taps of a run from one output to the next; 0 for taps that lie anywhere. */
  final int distance;

  /** C2's time for it; 1 for a small one that stands in for others; 0 for none. */
  final int effort;

  /** Of a tile, by which those that fit the same taps are chosen. */
  final int cycles;

  DepthwiseKernel(
      String label,
      int rows,
      int columns,
      int stride,
      int run,
      int distance,
      int effort,
      int cycles) {
    this.label = label;
    this.rows = rows;
    this.columns = columns;
    this.stride = stride;
    this.run = run;
    this.distance = distance;
    this.effort = effort;
    this.cycles = cycles;
  }

  @Override
  public String toString() {
    return label;
  }
}
