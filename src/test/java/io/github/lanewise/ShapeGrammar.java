package io.github.lanewise;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;

/**
 * The sizes at which kernels break: one less than, exactly and one more than a vector of {@code
 * lanes} floats, a panel of 2, 3 or 4 vectors, a tile of 4 or 6 rows; and the odd kernels, strides
 * and paddings that other libraries get wrong. {@link #systematic} takes them two or three at a
 * time, {@link #random} all at once.
 */
final class ShapeGrammar {
  private static final int TILE_ROWS = 4;
  private static final int[][] KERNELS = {
    {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {7, 7}, {1, 3}, {3, 1}, {2, 5}, {7, 2}, {1, 9}, {9, 1}
  };
  private static final int[][] STRIDES = {{1, 1}, {2, 2}, {3, 3}, {1, 2}, {2, 1}};

  private final Operator operator;
  private final int[] sizes;
  private final int lanes;
  private final RandomGenerator random;
  private final List<ConvShape> found = new ArrayList<>();

  ShapeGrammar(Operator operator, int lanes, long seed) {
    this.operator = operator;
    this.lanes = lanes;
    this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    int t = TILE_ROWS;
    this.sizes =
        IntStream.of(
                1, lanes - 1, lanes, lanes + 1, 2 * lanes, t - 1, t, t + 1, t + 2, t + 3, 3 * t + 5)
            .filter(size -> size > 0)
            .sorted()
            .distinct()
            .toArray();
  }

  /** All cases of a fixed list of shapes, each with options that are drawn. */
  List<ConvCase> systematic() {
    found.clear();
    addChannels();
    addWidths();
    addFields();
    addStridesAndDilations();
    addFarDilations();
    addPaddings();
    addGroupsAndBatches();
    addLarge();
    return found.stream().distinct().map(this::withOptions).toList();
  }

  private void addChannels() {
    for (int in : sizes) {
      for (int out : outputChannels(in)) {
        add(ConvShape.builder(5, 6, in).kernel(kernel(3)).outChannels(out), 1);
      }
    }
  }

  /** All the output channels worth trying with a number of input channels. */
  private int[] outputChannels(int in) {
    if (operator.isDepthwiseShape()) {
      return new int[] {in, 2 * in, 3 * in};
    }
    int l = lanes;
    return IntStream.concat(
            IntStream.of(sizes),
            IntStream.of(2 * l + 1, 3 * l - 1, 3 * l, 3 * l + 1, 4 * l - 1, 4 * l, 4 * l + 1))
        .toArray();
  }

  private void addWidths() {
    for (int width : sizes) {
      for (int[] kernel : KERNELS) {
        for (int stride = 1; stride <= 2; stride++) {
          add(
              ConvShape.builder(4, width, lanes + 1)
                  .kernel(kernel(kernel[0]), kernel(kernel[1]))
                  .stride(stride),
              1);
        }
      }
    }
  }

  /** Receptive fields of three runs of three floats: of one channel, and of a column of three. */
  private void addFields() {
    for (int width : sizes) {
      for (int stride = 1; stride <= 2; stride++) {
        for (int out = lanes; out <= 3 * lanes; out += lanes + 1) {
          int channels = operator.isDepthwiseShape() ? out : 1;
          add(
              ConvShape.builder(6, width, channels)
                  .kernel(kernel(3))
                  .stride(stride)
                  .dilation(stride, 1)
                  .outChannels(out),
              1);
        }
      }
      add(ConvShape.builder(6, width, 3).kernel(kernel(3), 1), 1);
    }
  }

  private void addStridesAndDilations() {
    for (int[] kernel : KERNELS) {
      for (int[] stride : STRIDES) {
        for (int dilation = 1; dilation <= 2; dilation++) {
          for (Padding padding : paddings(kernel)) {
            for (int channels = lanes - 1; channels <= lanes + 1; channels += 2) {
              add(
                  ConvShape.builder(9, 11, channels)
                      .kernel(kernel(kernel[0]), kernel(kernel[1]))
                      .stride(stride[0], stride[1])
                      .dilation(dilation)
                      .padding(padding),
                  1);
            }
          }
        }
      }
    }
  }

  /** Taps further apart than a kernel is wide, and as far in one direction as not in the other. */
  private void addFarDilations() {
    for (int[] dilation : new int[][] {{4, 4}, {5, 5}, {1, 2}, {2, 1}, {1, 3}, {4, 1}}) {
      for (int[] stride : STRIDES) {
        for (Padding padding : List.of(Padding.SAME, Padding.explicit(1, 0, 5, 2))) {
          for (int channels = lanes - 1; channels <= lanes + 1; channels += 2) {
            add(
                ConvShape.builder(12, 13, channels)
                    .kernel(kernel(3))
                    .stride(stride[0], stride[1])
                    .dilation(dilation[0], dilation[1])
                    .padding(padding),
                1);
          }
        }
      }
    }
  }

  private List<Padding> paddings(int[] kernel) {
    return List.of(
        Padding.SAME,
        Padding.VALID,
        Padding.explicit(1),
        Padding.explicit(kernel[0] + 1, 0, 1, kernel[1]));
  }

  /** Up to one more than the kernel, so that whole windows lie outside the image. */
  private void addPaddings() {
    for (int[] kernel : KERNELS) {
      for (int pad = 0; pad <= Math.max(kernel[0], kernel[1]) + 1; pad++) {
        for (int stride = 1; stride <= 3; stride += 2) {
          add(
              ConvShape.builder(3, 5, TILE_ROWS + 1)
                  .kernel(kernel[0], kernel[1])
                  .stride(stride)
                  .padding(Padding.explicit(pad)),
              1);
        }
      }
    }
  }

  private void addGroupsAndBatches() {
    for (int batch = 1; batch <= 3; batch++) {
      for (int[] groups : new int[][] {{2, 3}, {3, 1}, {4, lanes}, {2, 2 * lanes + 1}}) {
        ConvShape.Builder b = ConvShape.builder(6, 7, 3 * groups[0]).kernel(kernel(3));
        if (operator == Operator.STANDARD) {
          b.groups(groups[0]).outChannels(groups[0] * groups[1]);
        }
        add(b, batch);
      }
      if (operator == Operator.STANDARD) { // a depthwise shape on the standard path
        add(ConvShape.builder(6, 7, 5).kernel(3).groups(5).outChannels(10), batch);
      }
    }
  }

  /** Deeper, wider or taller than one block of channels, columns or rows of any cache size. */
  private void addLarge() {
    int[][] sizes = { // height, width, input and output channels, kernel, dilation
      {2, 3, 700, 5, 3, 1},
      {3, 3, 2100, 9, 2, 1},
      {3, 2, 9, 700, 3, 1},
      {2, 900, 3, 5, 3, 1},
      {300, 2, 3, 5, 3, 1},
      {30, 31, 20, 17, 3, 1},
      {70, 61, 2, 3, 5, 8},
      {3, 700, 3, 2, 7, 5},
      {4, 5, 259, 130, 2, 1},
      {2, 9, 272, 9, 5, 1}
    };
    for (int[] size : sizes) {
      for (int stride = 1; stride <= 2; stride++) {
        ConvShape.Builder b = ConvShape.builder(size[0], size[1], size[2]);
        b.outChannels(operator.isDepthwiseShape() ? size[2] : size[3]);
        add(b.kernel(kernel(size[4])).dilation(size[5]).stride(stride), 1);
      }
    }
    addStagedInChunks();
    addOutputsOfPadding();
  }

  /** One tap, a stride, and yet as many outputs as inputs: the last ones read padding. */
  private void addOutputsOfPadding() {
    ConvShape.Builder b = ConvShape.builder(2, 2, 5);
    b.outChannels(operator.isDepthwiseShape() ? 5 : 7).kernel(1).stride(2);
    add(b.padding(Padding.explicit(0, 0, 1, 1)), 1);
  }

  /** So many columns in so many rows that L2 of up to 6 MB holds no more than 256 channels. */
  private void addStagedInChunks() {
    int far = 40;
    ConvShape.Builder b = ConvShape.builder(3, far + 1, 272);
    b.outChannels(operator.isDepthwiseShape() ? 272 : 9).kernel(2).dilation(far);
    add(b.padding(Padding.explicit(far, far, 0, 0)), 1); // one tap or two are in the image
  }

  /** Adds the shape if it exists and fits the operator. */
  private void add(ConvShape.Builder builder, int batch) {
    ConvShape raw;
    try {
      raw = builder.batch(batch).build();
    } catch (IllegalArgumentException impossible) {
      return; // the kernel does not fit the padded image; ConvShapeTest is about these
    }
    if (operator.isDepthwiseShape()) {
      found.add(builder.depthwise(Math.max(1, raw.outChannels() / raw.inChannels())).build());
    } else if (operator == Operator.STANDARD || raw.isPointwise()) {
      found.add(raw);
    }
  }

  private int kernel(int size) {
    return operator == Operator.POINTWISE ? 1 : size;
  }

  /** A random shape with random options, of at most so many multiplications. */
  ConvCase random(long maxMultiplications) {
    while (true) {
      found.clear();
      int inputs = size();
      boolean one = operator == Operator.POINTWISE;
      int groups = operator == Operator.STANDARD ? random.nextInt(1, 4) : 1;
      int outputs = operator.isDepthwiseShape() ? inputs * random.nextInt(1, 4) : size() * groups;
      add(
          ConvShape.builder(height(), size(), inputs * groups)
              .outChannels(outputs)
              .groups(groups)
              .kernel(one ? 1 : random.nextInt(1, 10), one ? 1 : random.nextInt(1, 10))
              .stride(random.nextInt(1, 4), random.nextInt(1, 4))
              .dilation(random.nextInt(1, 4), random.nextInt(1, 4))
              .padding(one ? Padding.VALID : padding()),
          random.nextInt(1, 4));
      if (!found.isEmpty()) {
        ConvCase c = withOptions(found.getFirst());
        if (c.multiplications() <= maxMultiplications) {
          return c;
        }
      }
    }
  }

  /** Half the time one of the sizes at which kernels break, else anything. */
  private int size() {
    return random.nextBoolean() ? pick(sizes) : random.nextInt(1, 4 * lanes + 2);
  }

  private int height() {
    return random.nextInt(10) == 0 ? random.nextInt(1, 300) : random.nextInt(1, 20);
  }

  private Padding padding() {
    return switch (random.nextInt(3)) {
      case 0 -> Padding.SAME;
      case 1 -> Padding.VALID;
      default -> {
        int end = random.nextBoolean() ? 2 : 9; // kernels read padding of 1 where it is not
        yield Padding.explicit(
            random.nextInt(end), random.nextInt(end), random.nextInt(end), random.nextInt(end));
      }
    };
  }

  /** The options of the case are drawn, so that every shape meets other ones. */
  private ConvCase withOptions(ConvShape shape) {
    int outChannels =
        operator == Operator.SEPARABLE ? pick(outputChannelsOfPointwise()) : shape.outChannels();
    WeightOrder[] orders = WeightOrder.values();
    WeightOrder order = orders[random.nextInt(orders.length)];
    boolean hwcFits = shape.groups() == shape.inChannels();
    return new ConvCase(
        operator,
        shape,
        outChannels,
        order == WeightOrder.HWC && !hwcFits ? WeightOrder.HWIO : order,
        random.nextBoolean() ? WeightOrder.HWIO : WeightOrder.OIHW,
        random.nextBoolean(),
        Activation.NONE,
        Activation.NONE,
        residual(),
        false,
        random.nextLong());
  }

  private Residual residual() {
    return switch (random.nextInt(8)) {
      case 0 -> Residual.AFTER_ACTIVATION;
      case 1 -> Residual.BEFORE_ACTIVATION;
      default -> Residual.NONE;
    };
  }

  private int[] outputChannelsOfPointwise() {
    return new int[] {1, lanes - 1, lanes, lanes + 1, 2 * lanes, 2 * lanes + 1, 4 * lanes + 1};
  }

  private int pick(int[] values) {
    return values[random.nextInt(values.length)];
  }
}
