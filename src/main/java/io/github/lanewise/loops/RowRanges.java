package io.github.lanewise.loops;

/**
 * How output rows are cut into ranges: of whole blocks, equal to within one block, larger ones
 * first, so that threads that take them in turn get equal shares. The first may lack a few rows.
 *
 * @param rows rows to cut
 * @param block rows that are best computed together
 * @param count ranges, none of them empty
 */
record RowRanges(int rows, int block, int count) {

  /**
   * Ranges of at most {@code most} rows, rounded up to whole blocks: as few as possible, but where
   * there are enough blocks, as many as the threads or a multiple of them.
   */
  static RowRanges of(int rows, int most, int parallelism, int block) {
    int blocks = Math.ceilDiv(rows, block);
    int few = Math.ceilDiv(blocks, Math.ceilDiv(Math.clamp(most, 1, rows), block));
    int threads = Math.min(parallelism, blocks);
    long each = Math.ceilDiv(few, threads);
    return new RowRanges(rows, block, (int) Math.min(each * threads, blocks));
  }

  /** The first row of a range; rows, of the range after the last. */
  int begin(int range) {
    long blocks = Math.ceilDiv(rows, block);
    long before = blocks / count * range + Math.min(range, blocks % count);
    return (int) Math.max(0, before * block - (blocks * block - rows));
  }

  /** Rows of a range. */
  int size(int range) {
    return begin(range + 1) - begin(range);
  }

  /** Rows of the largest range. */
  int largest() {
    return Math.max(size(0), count > 1 ? size(1) : 0);
  }
}
