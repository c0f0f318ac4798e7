package io.github.lanewise.loops;

import io.github.lanewise.ConvShape;
import io.github.lanewise.kernel.Clamp;
import io.github.lanewise.kernel.DepthwiseArgs;
import io.github.lanewise.kernel.DepthwiseTaps;
import io.github.lanewise.kernel.Kernels;
import io.github.lanewise.kernel.Layout;
import io.github.lanewise.kernel.PackedDepthwise;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * The depthwise stage of a range of output rows, a chunk of channels at a time. Input rows are
 * copied, with their zero padding, into a ring of rows just before they are needed, so that one
 * kernel serves every padding without a branch, and what it reads lies without the cache conflicts
 * of channel counts that are powers of two. Nothing is copied where kernels can read the tensor
 * itself.
 *
 * <p>Usually all columns from the first to the last tap are in a row of the ring, and all rows of
 * that many are in the ring. Where a large dilation would leave most of them unused, the columns of
 * each tap stand apart, and the rows of each tap are copied for each output row; so are those of a
 * kernel so large that copying is little to its work.
 *
 * <p>Of few channels, neighbouring pixels together fill the kernels' blocks: to them a row of the
 * ring is one of fewer pixels with more channels, whose taps are closer than the pixels. Immutable.
 */
final class DepthwiseStage {
  /** Output rows that the kernels are handed together. */
  private static final int ROWS = 2;

  /** A taller ring would not stay in cache. */
  private static final int MAX_RING = 64;

  /** More offsets of taps, a set for every slot, would be larger than most plans. */
  private static final int MAX_RING_TAPS = 1 << 18;

  /** Copying fewer channels of a pixel at once costs more than better use of the cache gains. */
  private static final int MIN_CHUNK = 256;

  /** Channels whose pixels, a multiple of so many floats apart, would meet in few sets of L1. */
  private static final int CONFLICT = 64;

  /** Floats that move them apart: one cache line. */
  private static final int LINE = 16;

  private final ConvShape shape;
  private final Kernels kernels;
  private final PackedDepthwise weights;
  private final int chunkBlocks;
  private final int wide;
  private final boolean columnsByTap;
  private final int columns;
  private final int pixelStep;
  private final int rowFloats;
  private final boolean rowsByTap;
  private final int ring;
  private final int ringFloats;

  /** Rows whose inputs are in the tensor itself, by output rows less one. */
  private final DepthwiseArgs[] direct;

  /** Whether the kernels read rows in the tensor where they can. */
  private final boolean isDirect;

  /** Rows whose inputs are in the ring, by output rows less one, by the slot of the first one. */
  private final DepthwiseArgs[][] staged;

  /** Floats from one output pixel to the next. */
  private final int dstStep;

  /** Whether kernels may write the results of staged rows where they belong. */
  private final boolean isRoomy;

  /**
   * Plans it.
   *
   * @param dstStep floats from one output pixel to the next; where they leave room for {@link
   *     #pixelFloats}, what is past the last channel may be overwritten
   */
  DepthwiseStage(
      ConvShape shape,
      Kernels kernels,
      PackedDepthwise weights,
      Epilogue epilogue,
      int dstStep,
      CacheSizes cache) {
    this.shape = shape;
    this.kernels = kernels;
    this.weights = weights;
    this.dstStep = dstStep;
    this.isRoomy = dstStep >= weights.block() && !isTogether();
    this.wide = Math.ceilDiv(shape.outWidth(), weights.pixels());
    long outputs = (long) wide * weights.pixels();
    long all = (outputs - 1) * strideWidth() + columnReach() + 1;
    long byTap = shape.kernelWidth() * outputs;
    this.columnsByTap = byTap < all;
    this.columns = Math.toIntExact(Math.min(byTap, all));
    long allRows = (ROWS - 1L) * shape.strideHeight() + rowReach() + 1;
    long ringTaps = allRows * shape.kernelHeight() * shape.kernelWidth();
    this.rowsByTap =
        allRows > Math.max(MAX_RING, ROWS * shape.kernelHeight()) || ringTaps > MAX_RING_TAPS;
    this.ring = rowsByTap ? ROWS * shape.kernelHeight() : (int) allRows;
    int[][] both = {tensorTaps(0), tensorTaps(shape.strideHeight())};
    int tensorStep = Math.multiplyExact(strideWidth(), shape.inChannels());
    int dstRow = Math.multiplyExact(shape.outWidth(), dstStep);
    Layout layout = kernels.layout();
    Clamp clamp = epilogue.clamp();
    this.direct = new DepthwiseArgs[ROWS];
    for (int r = 0; r < ROWS; r++) {
      DepthwiseTaps taps = new DepthwiseTaps(Arrays.copyOf(both, r + 1), tensorStep);
      direct[r] =
          new DepthwiseArgs(layout, shape.outWidth(), taps, weights, dstRow, dstStep, clamp);
    }
    this.isDirect = canReadTensor() && !inputsMeet(both, tensorStep, cache);
    int fit = Math.max(MIN_CHUNK, cache.halfL2Floats() / Math.multiplyExact(ring, columns));
    int few = Math.clamp(fit / weights.block(), 1, weights.blocks());
    this.chunkBlocks = isDirect || isTogether() ? weights.blocks() : few;
    int chunk = Math.min(shape.outChannels(), chunkBlocks * weights.block());
    this.pixelStep = chunk % CONFLICT == 0 ? chunk + LINE : chunk;
    this.rowFloats = Math.multiplyExact(columns, pixelStep);
    this.staged = new DepthwiseArgs[ROWS][rowsByTap ? 1 : ring];
    for (int r = 0; r < ROWS; r++) {
      for (int slot = 0; slot < staged[r].length; slot++) {
        staged[r][slot] = stagedRows(r + 1, slot, clamp);
      }
    }
    this.ringFloats = countRingFloats();
    kernels.planned(isDirect ? direct[0] : staged[0][0]);
  }

  /** Packs weights for it. */
  static PackedDepthwise pack(ConvShape shape, Filters filters, Kernels kernels) {
    int block = kernels.layout().channelBlock(shape.outChannels());
    boolean isDense = shape.strideWidth() == 1 && shape.outChannelsPerGroup() == 1;
    int pixels = isDense ? PackedDepthwise.pixelsTogether(shape.outChannels(), block) : 1;
    int taps = shape.kernelHeight() * shape.kernelWidth();
    return new PackedDepthwise(filters.weights(), filters.bias(), taps, block, pixels);
  }

  private DepthwiseArgs stagedRows(int rows, int slot, Clamp clamp) {
    int[][] each = new int[rows][];
    Arrays.setAll(each, row -> tapsOf(slot, row));
    int pixelStep = isRoomy ? dstStep : weights.pixels() * resultStep();
    return new DepthwiseArgs(
        kernels.layout(),
        wide,
        new DepthwiseTaps(each, step()),
        weights,
        isRoomy ? wide * dstStep : resultRow(),
        pixelStep,
        clamp);
  }

  /** Input columns between two outputs; of one output none is far away, whatever the shape says. */
  private int strideWidth() {
    return shape.outWidth() == 1 ? 1 : shape.strideWidth();
  }

  /** Whether the kernels can read rows where they are in the tensor. */
  private boolean canReadTensor() {
    return direct[0].skipsPadding()
        && shape.kernelHeight() == 3 // nine taps in one row are no square
        && shape.kernelWidth() == 3
        && direct[1].taps().meet()
        && weights.isFinite()
        && shape.padLeft() <= 1
        && missingRight() <= 1
        && shape.outWidth() >= direct[0].columnsRead()
        && shape.outChannelsPerGroup() == 1
        && !isNarrow()
        && !isTogether();
  }

  /**
   * Whether so many inputs of a kernel's tile meet in one set of L1 that their cache lines are gone
   * before the next channels are read. With a quarter more than its ways a copy was still slower.
   */
  private boolean inputsMeet(int[][] rows, int step, CacheSizes cache) {
    Set<Integer> inputs = new HashSet<>();
    int[] inSet = new int[CacheSizes.SETS];
    for (int x = 0; x < direct[0].columnsRead(); x++) {
      for (int[] row : rows) {
        for (int tap : row) {
          int input = tap + x * step;
          int set = Math.floorMod(input / LINE, CacheSizes.SETS); // what is never read may wrap
          inSet[set] += inputs.add(input) ? 1 : 0;
        }
      }
    }
    return Arrays.stream(inSet).max().orElseThrow() > cache.l1Ways() * 5 / 4;
  }

  /** Columns right of the image that the last output's taps reach. */
  private int missingRight() {
    int last = (shape.outWidth() - 1) * strideWidth() + columnReach() - shape.padLeft();
    return Math.max(0, last - shape.inWidth() + 1);
  }

  private int columnReach() {
    return (shape.kernelWidth() - 1) * shape.dilationWidth();
  }

  /** The taps of a pixel in the tensor, relative to the first one's, {@code down} rows below. */
  private int[] tensorTaps(int down) {
    int[] offsets = new int[shape.kernelHeight() * shape.kernelWidth()];
    for (int t = 0; t < offsets.length; t++) {
      int row = down + t / shape.kernelWidth() * shape.dilationHeight();
      int column = t % shape.kernelWidth() * shape.dilationWidth();
      offsets[t] = (row * shape.inWidth() + column) * shape.inChannels();
    }
    return offsets;
  }

  private int[] tapsOf(int firstSlot, int row) {
    int[] offsets = new int[shape.kernelHeight() * shape.kernelWidth()];
    for (int i = 0; i < shape.kernelHeight(); i++) {
      int down = row * shape.strideHeight() + i * shape.dilationHeight();
      int slot = rowsByTap ? row * shape.kernelHeight() + i : (firstSlot + down) % ring;
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int column = columnsByTap ? j * columnsOfTap() : j * shape.dilationWidth();
        offsets[i * shape.kernelWidth() + j] = slot * rowFloats + column * pixelStep;
      }
    }
    return offsets;
  }

  /** Floats of the ring, and of what kernels read past the last pixel and its channels. */
  private int countRingFloats() {
    int atOnce = 1; // rows that wrap around the ring may get another kernel than the others
    for (DepthwiseArgs one : staged[0]) {
      atOnce = Math.max(atOnce, one.columnsRead());
    }
    int more = Math.addExact(Math.multiplyExact(atOnce - 1, step()), weights.block());
    return Math.addExact(Math.multiplyExact(ring, rowFloats), more);
  }

  private int columnsOfTap() {
    return wide * weights.pixels();
  }

  /** Floats of scratch: the ring, and results whose empty lanes must not reach a tensor. */
  int scratchFloats() {
    boolean isCopied = isNarrow() || isTogether();
    return Math.addExact(ringFloats, isCopied ? Math.multiplyExact(ROWS, resultRow()) : 0);
  }

  /** Floats of a row of results that are copied. */
  private int resultRow() {
    return Math.multiplyExact(columnsOfTap(), resultStep());
  }

  /** Floats of a pixel of a result that is copied. */
  private int resultStep() {
    return isTogether() ? shape.outChannels() : weights.block();
  }

  private boolean isNarrow() {
    return shape.outChannels() < weights.block();
  }

  private boolean isTogether() {
    return weights.pixels() > 1;
  }

  /** Floats of a pixel of a result that kernels may write to without a copy. */
  static int pixelFloats(PackedDepthwise weights, int channels) {
    return weights.pixels() > 1 ? channels : Math.max(channels, weights.block());
  }

  /**
   * Computes {@code count} output rows from {@code firstRow} of one image, bias and clamp included:
   * pixel p goes to {@code dstOff + p * dstStep}.
   */
  void compute(
      int image,
      int firstRow,
      int count,
      float[] src,
      int srcOffset,
      float[] scratch,
      float[] dst,
      int dstOff) {
    int imageOff = srcOffset + image * shape.inHeight() * shape.inWidth() * shape.inChannels();
    for (int first = 0; first < weights.blocks(); first += chunkBlocks) {
      int end = Math.min(first + chunkBlocks, weights.blocks());
      int done = 0;
      for (int y = 0; y < count; ) {
        if (isDirect && y == count - 1 && y > 0) {
          y--; // two rows take no longer than one
        }
        int row = firstRow + y;
        int rows = Math.min(ROWS, count - y);
        int to = dstOff + y * shape.outWidth() * dstStep;
        if (isDirect(row, rows)) {
          computeDirect(rows, row, src, imageOff, dst, to);
        } else {
          done = stage(y, rows, done, firstRow, first, end, src, imageOff, scratch);
          int slot = rowsByTap ? 0 : y * shape.strideHeight() % ring;
          computeStaged(staged[rows - 1][slot], first, end, scratch, dst, to);
        }
        y += rows;
      }
    }
  }

  /** Whether the kernels can read the inputs of these output rows in the tensor. */
  private boolean isDirect(int row, int rows) {
    int bottom = bottom(row, rows);
    // Padding below is left out only of two rows.
    int most = rows == 1 ? shape.inHeight() - 1 : shape.inHeight();
    return isDirect && top(row) >= -1 && bottom <= most;
  }

  /** The first input row of an output row. */
  private int top(int row) {
    return row * shape.strideHeight() - shape.padTop();
  }

  /** The last input row of some output rows. */
  private int bottom(int row, int rows) {
    return top(row) + (rows - 1) * shape.strideHeight() + rowReach();
  }

  private void computeDirect(
      int rows, int row, float[] src, int imageOff, float[] dst, int dstOff) {
    int edges = shape.padLeft() == 1 ? Kernels.LEFT : 0;
    edges |= missingRight() == 1 ? Kernels.RIGHT : 0;
    edges |= top(row) < 0 ? Kernels.TOP : 0;
    edges |= bottom(row, rows) == shape.inHeight() ? Kernels.BOTTOM : 0;
    int from = imageOff + (top(row) * shape.inWidth() - shape.padLeft()) * shape.inChannels();
    kernels.depthwise(direct[rows - 1], edges, src, from, 0, weights.blocks(), dst, dstOff);
  }

  /** Stages what output rows need that is not staged yet; returns how far it got. */
  private int stage(
      int y,
      int rows,
      int done,
      int firstRow,
      int firstBlock,
      int endBlock,
      float[] src,
      int imageOff,
      float[] tile) {
    int first = weights.firstChannel(firstBlock);
    int end = Math.min(shape.outChannels(), weights.firstChannel(endBlock - 1) + weights.block());
    int above = firstRow * shape.strideHeight() - shape.padTop();
    int top = y * shape.strideHeight();
    if (rowsByTap) {
      stageByTap(rows, above + top, first, end, src, imageOff, tile);
      return 0;
    }
    int below = top + (rows - 1) * shape.strideHeight() + rowReach() + 1;
    for (int r = Math.max(top, done); r < below; r++) {
      stageRow(above + r, r % ring, first, end, src, imageOff, tile);
    }
    return below;
  }

  private int rowReach() {
    return (shape.kernelHeight() - 1) * shape.dilationHeight();
  }

  private int step() {
    int between = columnsByTap ? 1 : strideWidth();
    return Math.multiplyExact(weights.pixels() * between, pixelStep);
  }

  private void computeStaged(
      DepthwiseArgs rows, int first, int end, float[] scratch, float[] dst, int dstOff) {
    if (isRoomy) {
      kernels.depthwise(rows, 0, scratch, 0, first, end, dst, dstOff);
      return;
    }
    kernels.depthwise(rows, 0, scratch, 0, first, end, scratch, ringFloats);
    int width = shape.outWidth();
    int channels = shape.outChannels();
    boolean inOne = resultStep() == channels && dstStep == channels;
    for (int y = 0; y < rows.taps().rows(); y++) {
      kernels.gather(
          inOne ? 1 : width,
          inOne ? width * channels : channels,
          scratch,
          ringFloats + y * resultRow(),
          resultStep(),
          dst,
          dstOff + y * width * dstStep,
          dstStep);
    }
  }

  private void stageByTap(
      int rows, int inputRow, int first, int end, float[] src, int imageOff, float[] tile) {
    for (int r = 0; r < rows; r++) {
      for (int i = 0; i < shape.kernelHeight(); i++) {
        int y = inputRow + r * shape.strideHeight() + i * shape.dilationHeight();
        stageRow(y, r * shape.kernelHeight() + i, first, end, src, imageOff, tile);
      }
    }
  }

  /** Channels [first, end) of one input row into a slot, with zeros where there is no image. */
  private void stageRow(
      int y, int slot, int first, int end, float[] src, int imageOff, float[] tile) {
    int to = slot * rowFloats;
    if (y < 0 || y >= shape.inHeight()) {
      Arrays.fill(tile, to, to + rowFloats, 0);
      return;
    }
    int from = imageOff + y * shape.inWidth() * shape.inChannels();
    if (columnsByTap) {
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int column = j * shape.dilationWidth() - shape.padLeft();
        int at = to + j * columnsOfTap() * pixelStep;
        stageColumns(columnsOfTap(), column, strideWidth(), first, end, src, from, tile, at);
      }
    } else {
      stageColumns(columns, -shape.padLeft(), 1, first, end, src, from, tile, to);
    }
  }

  /** {@code count} input columns from {@code column} in steps. */
  private void stageColumns(
      int count,
      int column,
      int columnStep,
      int first,
      int end,
      float[] src,
      int rowOff,
      float[] tile,
      int to) {
    int begin = Math.clamp(Math.ceilDiv(-column, columnStep), 0, count);
    long room = Math.ceilDiv((long) shape.inWidth() - column, columnStep);
    int inside = Math.clamp(room, begin, count) - begin;
    Arrays.fill(tile, to, to + begin * pixelStep, 0);
    Arrays.fill(tile, to + (begin + inside) * pixelStep, to + count * pixelStep, 0);
    if (inside == 0) {
      return;
    }
    int at = to + begin * pixelStep;
    int channels = shape.inChannels();
    int from = rowOff + (column + begin * columnStep) * channels;
    int multiplier = shape.outChannelsPerGroup();
    if (multiplier > 1) {
      for (int i = 0; i < inside; i++) {
        for (int c = first; c < end; c++) {
          tile[at + i * pixelStep + c - first] =
              src[from + i * columnStep * channels + c / multiplier];
        }
      }
    } else if (columnStep == 1 && pixelStep == channels && end - first == channels) {
      System.arraycopy(src, from, tile, at, inside * channels);
    } else {
      for (int i = 0; i < inside; i++) {
        System.arraycopy(
            src, from + i * columnStep * channels + first, tile, at + i * pixelStep, end - first);
      }
    }
  }

  /** Which kernel the taps go to, and how they are staged. */
  String describe() {
    return String.format(
        Locale.ROOT,
        "depthwise %s, %d taps, channel blocks of %d, %s",
        (isDirect ? direct[0] : staged[0][0]).kernel(),
        shape.kernelHeight() * shape.kernelWidth(),
        weights.block(),
        isDirect
            ? "rows read in place"
            : String.format(
                Locale.ROOT,
                "%d at a time staged in %d rows, pixels %d floats apart%s%s",
                chunkBlocks,
                ring,
                pixelStep,
                columnsByTap || rowsByTap ? ", taps apart" : "",
                isTogether() ? ", " + weights.pixels() + " pixels together" : ""));
  }
}
