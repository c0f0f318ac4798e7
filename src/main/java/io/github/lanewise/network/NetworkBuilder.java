package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Residual;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.MatrixProduct;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Reduction;
import io.github.lanewise.operators.Sizes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Builds a {@link Network}, one operator a call. Every method checks its arguments and the shapes,
 * and returns the new tensor; images are {@code [batch][height][width][channels]}. Write the
 * network as it is defined: {@link #build} folds batch norms, fuses activations, residual additions
 * and depthwise with pointwise convolutions, and drops what no output needs. Not thread-safe.
 *
 * <pre>{@code
 * NetworkBuilder b = new NetworkBuilder();
 * Tensor image = b.input("image", 1, 112, 112, 32);
 * Tensor x = b.convolution(image, ConvShape.builder(112, 112, 32).kernel(3).depthwise().build(), dw);
 * x = b.activation(x, Activation.RELU6);
 * x = b.convolution(x, ConvShape.builder(112, 112, 32).outChannels(64).build(), pw);
 * b.output("features", b.activation(x, Activation.RELU6));
 * Network network = b.build(); // one step: separable
 * }</pre>
 */
public final class NetworkBuilder {

  /** A tensor that the caller sees under a name of its own. */
  record Output(String name, Tensor tensor, Layout layout) {}

  private final List<Tensor> nodes = new ArrayList<>();
  private final Map<String, Layout> inputs = new LinkedHashMap<>();
  private final Map<String, Output> outputs = new LinkedHashMap<>();
  private String layerName;
  private long memoryLimit = Long.MAX_VALUE;
  private Function<Map<String, int[]>, Network> resizing;

  /** Creates an empty network. */
  public NetworkBuilder() {}

  /**
   * Names the tensors that follow, up to the next name, for {@link Network#toString()} and error
   * messages: a layer may take several calls. Without a name tensors are numbered.
   *
   * @param name the name
   * @return this
   */
  public NetworkBuilder name(String name) {
    this.layerName = Shapes.notNull("name", name);
    return this;
  }

  /**
   * Bounds the memory that one run may need, for networks from untrusted files.
   *
   * @param bytes 0 or more
   * @return this
   */
  public NetworkBuilder memoryLimit(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes = " + bytes + " must be 0 or more");
    }
    this.memoryLimit = bytes;
    return this;
  }

  /**
   * Says how the network is built for other shapes of its inputs, so that {@link
   * Network#withInputShape} can: shapes inside a network follow from these in ways of its own.
   * Weights of equal values are packed once, whichever builder they come from.
   *
   * <pre>{@code
   * static Network network(int... image) {
   *   NetworkBuilder b = new NetworkBuilder().resizing(shapes -> network(shapes.get("image")));
   *   Tensor x = b.input("image", image);
   *   ...
   *   return b.build();
   * }
   * }</pre>
   *
   * @param build makes the network of shapes by input, as {@link #input(String, Layout, int...)}
   *     takes them; thread-safe
   * @return this
   */
  public NetworkBuilder resizing(Function<Map<String, int[]>, Network> build) {
    this.resizing = Shapes.notNull("build", build);
    return this;
  }

  /**
   * An input, in NHWC order.
   *
   * @param name its name
   * @param shape its sizes, each 0 or more; what is empty no operator reads, but it may be an
   *     output
   * @return the tensor
   */
  public Tensor input(String name, int... shape) {
    return input(name, Layout.NHWC, shape);
  }

  /**
   * An input whose array has a given order.
   *
   * @param name its name
   * @param layout the order of the caller's array; NCHW only for four axes
   * @param shape its sizes as {@code [batch][height][width][channels]}, whatever the layout
   * @return the tensor
   */
  public Tensor input(String name, Layout layout, int... shape) {
    checkPort(name, layout, shape.length);
    if (inputs.putIfAbsent(name, layout) != null) {
      throw new IllegalArgumentException("there is an input '" + name + "' already");
    }
    return add(name, new Op.Input(name), List.of(), shape.clone());
  }

  /**
   * Values that are known already.
   *
   * @param values as many as the shape says; copied
   * @param shape its sizes, each 0 or more; what is empty no operator reads, but it may be an
   *     output
   * @return the tensor
   */
  public Tensor constant(float[] values, int... shape) {
    Shapes.length("values", values, Shapes.elementsOrNone("constant", shape));
    return add(new Op.Constant(values.clone()), List.of(), shape.clone());
  }

  /**
   * Makes a tensor an output, in NHWC order.
   *
   * @param name its name
   * @param tensor the tensor, which other operators may read too
   */
  public void output(String name, Tensor tensor) {
    output(name, tensor, Layout.NHWC);
  }

  /**
   * Makes a tensor an output whose array has a given order.
   *
   * @param name its name
   * @param tensor the tensor, which other operators may read too
   * @param layout the order of the caller's array; NCHW only for four axes
   */
  public void output(String name, Tensor tensor, Layout layout) {
    own(tensor);
    checkPort(name, layout, tensor.shape.length);
    if (outputs.putIfAbsent(name, new Output(name, tensor, layout)) != null) {
      throw new IllegalArgumentException("there is an output '" + name + "' already");
    }
  }

  /**
   * A convolution of any kind: depthwise, pointwise, grouped or standard, by its shape.
   *
   * @param x {@code [batch][inHeight][inWidth][inChannels]} of the shape
   * @param shape the geometry
   * @param weights the weights; the arrays are read again at {@link #build}
   * @return the result, without activation
   */
  public Tensor convolution(Tensor x, ConvShape shape, ConvWeights weights) {
    Shapes.notNull("shape", shape);
    Shapes.notNull("weights", weights);
    sameShape(x, shape.batch(), shape.inHeight(), shape.inWidth(), shape.inChannels());
    int[] out = {shape.batch(), shape.outHeight(), shape.outWidth(), shape.outChannels()};
    return add(new Op.Conv(shape, weights), List.of(x), out);
  }

  /**
   * A batch normalization with its statistics, over the last axis: {@code (x - mean) /
   * sqrt(variance + epsilon) * gamma + beta}. After a convolution it folds into the weights.
   *
   * @param x the tensor
   * @param gamma scale, one float a channel
   * @param beta offset, one float a channel
   * @param mean moving mean, one float a channel
   * @param variance moving variance, one float a channel, {@code variance + epsilon} positive
   * @param epsilon added to the variance, 0 or more
   * @return the result
   */
  public Tensor batchNorm(
      Tensor x, float[] gamma, float[] beta, float[] mean, float[] variance, double epsilon) {
    int n = channels(x);
    Shapes.length("gamma", gamma, n);
    Shapes.length("beta", beta, n);
    Shapes.length("mean", mean, n);
    Shapes.length("variance", variance, n);
    if (!(epsilon >= 0) || Double.isInfinite(epsilon)) {
      throw new IllegalArgumentException("epsilon = " + epsilon + " must be 0 or more and finite");
    }
    double[] deviation = new double[n];
    for (int c = 0; c < n; c++) {
      if (!(variance[c] + epsilon > 0)) {
        throw new IllegalArgumentException(
            "variance[%d] = %s plus epsilon %s must be positive"
                .formatted(c, variance[c], epsilon));
      }
      deviation[c] = Math.sqrt(variance[c] + epsilon);
    }
    Optional<Op.Affine> whole = Merging.batchNorm(gamma, beta, mean, deviation);
    if (whole.isPresent()) {
      return add(whole.get(), List.of(x), x.shape);
    }
    float[] divisor = new float[n];
    for (int c = 0; c < n; c++) {
      divisor[c] = (float) deviation[c];
    }
    Tensor normal = divide(subtract(x, constant(mean, n)), constant(divisor, n));
    return scale(normal, gamma, beta);
  }

  /**
   * {@code x * scale[c] + shift[c]}, c the last axis. After a convolution it folds into the
   * weights.
   *
   * @param x the tensor
   * @param scale one float a channel; copied
   * @param shift one float a channel; copied
   * @return the result
   */
  public Tensor scale(Tensor x, float[] scale, float[] shift) {
    Shapes.length("scale", scale, channels(x));
    Shapes.length("shift", shift, channels(x));
    Op op = new Op.Affine(scale.clone(), shift.clone(), Activation.NONE);
    return add(op, List.of(x), x.shape);
  }

  /**
   * An activation. After a convolution, an addition or the like it becomes a part of it.
   *
   * @param x the tensor
   * @param activation the function
   * @return the result
   */
  public Tensor activation(Tensor x, Activation activation) {
    own(x);
    return add(new Op.Activate(Shapes.notNull("activation", activation)), List.of(x), x.shape);
  }

  /**
   * {@code x < 0 ? slope[c] * x : x}, c the last axis.
   *
   * @param x the tensor
   * @param slope one float a channel; copied
   * @return the result
   */
  public Tensor prelu(Tensor x, float[] slope) {
    int n = channels(x);
    Shapes.length("slope", slope, n);
    return operation(Combination.PRELU, List.of(x, constant(slope, n))).getFirst();
  }

  /**
   * {@code a + b}, shapes broadcast as NumPy does. Of equal shape and after a convolution it
   * becomes the residual of that convolution.
   *
   * @param a the first tensor
   * @param b the second tensor
   * @return the sum
   */
  public Tensor add(Tensor a, Tensor b) {
    return binary(Op.Binary.Kind.ADD, a, b);
  }

  /**
   * {@code a - b}, shapes broadcast as NumPy does.
   *
   * @param a the first tensor
   * @param b the second tensor
   * @return the difference
   */
  public Tensor subtract(Tensor a, Tensor b) {
    return binary(Op.Binary.Kind.SUBTRACT, a, b);
  }

  /**
   * {@code a * b}, shapes broadcast as NumPy does.
   *
   * @param a the first tensor
   * @param b the second tensor
   * @return the product
   */
  public Tensor multiply(Tensor a, Tensor b) {
    return binary(Op.Binary.Kind.MULTIPLY, a, b);
  }

  /**
   * {@code a / b}, shapes broadcast as NumPy does. By a constant it is a product with the
   * reciprocal, where that is no denormal and neither is huge.
   *
   * @param a the first tensor
   * @param b the second tensor
   * @return the quotient
   */
  public Tensor divide(Tensor a, Tensor b) {
    return binary(Op.Binary.Kind.DIVIDE, a, b);
  }

  private Tensor binary(Op.Binary.Kind kind, Tensor a, Tensor b) {
    List<Tensor> both = List.of(own(a), own(b));
    int[] shape = named(both, () -> Sizes.broadcast(a.shape, b.shape));
    return add(new Op.Binary(kind, Activation.NONE), both, shape);
  }

  /**
   * The maximum of each window; padding never wins.
   *
   * @param x an image
   * @param window kernel, stride, dilation and padding, as the depthwise shape on {@code x}
   * @return the result
   */
  public Tensor maxPool(Tensor x, ConvShape window) {
    return pool(x, window, true, false);
  }

  /**
   * The mean of each window.
   *
   * @param x an image
   * @param window kernel, stride, dilation and padding, as the depthwise shape on {@code x}
   * @param countPadding whether to divide by the whole window where it reaches over the edge
   * @return the result
   */
  public Tensor averagePool(Tensor x, ConvShape window, boolean countPadding) {
    return pool(x, window, false, countPadding);
  }

  private Tensor pool(Tensor x, ConvShape window, boolean max, boolean countPadding) {
    Shapes.notNull("window", window);
    sameShape(x, window.batch(), window.inHeight(), window.inWidth(), window.inChannels());
    if (!window.isDepthwise() || window.outChannels() != window.inChannels()) {
      throw new IllegalArgumentException("window = " + window + " must be depthwise, multiplier 1");
    }
    int[] out = {window.batch(), window.outHeight(), window.outWidth(), window.outChannels()};
    return add(new Op.Pool(window, max, countPadding), List.of(x), out);
  }

  /**
   * The mean over height and width.
   *
   * @param x an image
   * @return {@code [batch][1][1][channels]}
   */
  public Tensor globalAveragePool(Tensor x) {
    rank(x, 4);
    return add(new Op.GlobalPool(), List.of(x), new int[] {x.shape[0], 1, 1, x.shape[3]});
  }

  /**
   * Softmax over the last axis.
   *
   * @param x the tensor
   * @return the result
   */
  public Tensor softmax(Tensor x) {
    channels(x);
    return add(new Op.Softmax(), List.of(x), x.shape);
  }

  /**
   * Surrounds a tensor with a constant. Zeros around an image become the padding of the convolution
   * that reads it.
   *
   * @param x the tensor
   * @param before how many before each axis, 0 or more
   * @param after how many after each axis, 0 or more
   * @param value the constant
   * @return the result
   */
  public Tensor pad(Tensor x, int[] before, int[] after, float value) {
    int[] out = Shapes.padded(own(x), before, after);
    return add(new Op.Pad(before.clone(), after.clone(), value), List.of(x), out);
  }

  /**
   * Joins tensors along an axis.
   *
   * @param axis 0 or more
   * @param parts one or more tensors, equal on every other axis
   * @return the result
   */
  public Tensor concat(int axis, Tensor... parts) {
    for (Tensor part : parts) {
      own(part);
    }
    return add(new Op.Concat(axis), List.of(parts), Shapes.joined(axis, parts));
  }

  /**
   * Resizes an image by repeating pixels: output (y, x) is input {@code (rows[y], columns[x])}.
   *
   * @param x an image
   * @param rows an input row for each output row
   * @param columns an input column for each output column
   * @return the result
   */
  public Tensor resizeNearest(Tensor x, int[] rows, int[] columns) {
    rank(x, 4);
    for (int row : rows) {
      Shapes.within("rows", row, x.shape[1] - 1f);
    }
    for (int column : columns) {
      Shapes.within("columns", column, x.shape[2] - 1f);
    }
    int[] out = {x.shape[0], rows.length, columns.length, x.shape[3]};
    return add(new Op.ResizeNearest(rows.clone(), columns.clone()), List.of(x), out);
  }

  /**
   * Resizes an image linearly: output (y, x) is the input at {@code (rows[y], columns[x])}, between
   * whole numbers a weighted mean of its four neighbours.
   *
   * @param x an image
   * @param rows for each output row its place in the input, 0 to {@code height - 1}
   * @param columns for each output column its place in the input, 0 to {@code width - 1}
   * @return the result
   */
  public Tensor resizeLinear(Tensor x, float[] rows, float[] columns) {
    rank(x, 4);
    for (float row : rows) {
      Shapes.within("rows", row, x.shape[1] - 1f);
    }
    for (float column : columns) {
      Shapes.within("columns", column, x.shape[2] - 1f);
    }
    int[] out = {x.shape[0], rows.length, columns.length, x.shape[3]};
    return add(new Op.ResizeLinear(rows.clone(), columns.clone()), List.of(x), out);
  }

  /**
   * Reorders the axes.
   *
   * @param x the tensor
   * @param order for each axis of the result that of {@code x}
   * @return the result
   */
  public Tensor transpose(Tensor x, int... order) {
    int[] out = Shapes.reordered(own(x), order);
    return add(new Op.Transpose(order.clone()), List.of(x), out);
  }

  /**
   * The same values under another shape; costs nothing.
   *
   * @param x the tensor
   * @param shape sizes of the same product
   * @return the result
   */
  public Tensor reshape(Tensor x, int... shape) {
    own(x);
    if (Shapes.elements("reshape", shape) != Shapes.elements(x.name, x.shape)) {
      throw new IllegalArgumentException(
          "shape = %s must have as many elements as %s".formatted(Arrays.toString(shape), x));
    }
    return add(new Op.Reshape(), List.of(x), shape.clone());
  }

  /**
   * The mean over axes, which get the size 1.
   *
   * @param x the tensor
   * @param axes each once, 0 or more
   * @return the result
   */
  public Tensor mean(Tensor x, int... axes) {
    return operation(new Reduction(Reduction.Kind.MEAN, axes.clone()), List.of(x)).getFirst();
  }

  /**
   * The maximum over axes, which get the size 1.
   *
   * @param x the tensor
   * @param axes each once, 0 or more
   * @return the result
   */
  public Tensor max(Tensor x, int... axes) {
    return operation(new Reduction(Reduction.Kind.MAX, axes.clone()), List.of(x)).getFirst();
  }

  /**
   * Products of matrices, the axes before which broadcast as NumPy does.
   *
   * @param a {@code [...][rows][depth]}
   * @param b {@code [...][depth][columns]}
   * @return {@code [...][rows][columns]}
   */
  public Tensor matMul(Tensor a, Tensor b) {
    return operation(new MatrixProduct(), List.of(a, b)).getFirst();
  }

  /**
   * An operator that has no method of its own here. The types of these operators are not exported:
   * this is for Lanewise itself.
   *
   * @param operation what to compute
   * @param from what it reads
   * @return its results
   */
  @SuppressWarnings("exports") // see above
  public List<Tensor> operation(Operation operation, List<Tensor> from) {
    from.forEach(this::own);
    int[][] read = from.stream().map(t -> t.shape).toArray(int[][]::new);
    int[][] shapes = named(from, () -> operation.shapes(read));
    List<Tensor> results = new ArrayList<>();
    results.add(add(new Op.Other(operation, shapes), from, shapes[0]));
    for (int i = 1; i < shapes.length; i++) {
      results.add(add(new Op.Result(i), List.of(results.getFirst()), shapes[i]));
    }
    return results;
  }

  /**
   * Builds the network on {@link ConvOptions#DEFAULT}.
   *
   * @return the network
   */
  public Network build() {
    return build(ConvOptions.DEFAULT);
  }

  /**
   * Builds the network: optimizes it, plans every convolution, and lays out its memory.
   *
   * @param options weight format, executor and backend of every convolution; without activation and
   *     residual, which are the network's
   * @return the network
   * @throws IllegalArgumentException if there is no output, or a run needs more memory than {@link
   *     #memoryLimit} or an array has
   */
  public Network build(ConvOptions options) {
    Shapes.notNull("options", options);
    if (options.residual() != Residual.NONE
        || options.hasPrelu()
        || !options.activation().equals(Activation.NONE)) {
      throw new IllegalArgumentException(
          "options = "
              + options
              + " must have no activation and no residual: the network says them");
    }
    if (outputs.isEmpty()) {
      throw new IllegalArgumentException("the network has no output: call output(name, tensor)");
    }
    Lowering.Terms terms = new Lowering.Terms(options, memoryLimit, resizing);
    return Lowering.network(nodes, inputs, List.copyOf(outputs.values()), terms);
  }

  /** What is said of shapes, with the tensors that have them. */
  private static <T> T named(List<Tensor> tensors, Supplier<T> shapes) {
    try {
      return shapes.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(tensors + ": " + e.getMessage(), e);
    }
  }

  private Tensor add(Op op, List<Tensor> from, int[] shape) {
    return add(layerName == null ? kind(op) + nodes.size() : layerName, op, from, shape);
  }

  private static String kind(Op op) {
    return op instanceof Op.Other other
        ? other.operation().name()
        : op.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
  }

  private Tensor add(String name, Op op, List<Tensor> from, int[] shape) {
    from.forEach(t -> Shapes.elements(own(t).name, t.shape));
    boolean mayBeEmpty = op instanceof Op.Input || op instanceof Op.Constant;
    int count =
        mayBeEmpty ? Shapes.elementsOrNone(kind(op), shape) : Shapes.elements(kind(op), shape);
    if ((long) Float.BYTES * count > memoryLimit) {
      throw new IllegalArgumentException(
          "the result %s needs more than the memory limit of %d bytes"
              .formatted(Arrays.toString(shape), memoryLimit));
    }
    Tensor tensor = new Tensor(this, name, op, List.copyOf(from), shape);
    nodes.add(tensor);
    return tensor;
  }

  @SuppressWarnings("ReferenceEquality") // tensors belong to one builder object
  private Tensor own(Tensor tensor) {
    if (Shapes.notNull("tensor", tensor).owner != this) {
      throw new IllegalArgumentException("tensor " + tensor + " belongs to another builder");
    }
    return tensor;
  }

  private int channels(Tensor x) {
    own(x);
    if (x.shape.length == 0) {
      throw new IllegalArgumentException(x + " must have at least one axis");
    }
    return x.shape[x.shape.length - 1];
  }

  private void rank(Tensor x, int rank) {
    if (own(x).shape.length != rank) {
      throw new IllegalArgumentException(
          "%s must have %d axes: batch, height, width, channels".formatted(x, rank));
    }
  }

  private void sameShape(Tensor x, int... shape) {
    if (!Arrays.equals(own(x).shape, shape)) {
      throw new IllegalArgumentException("%s must be %s".formatted(x, Arrays.toString(shape)));
    }
  }

  private static void checkPort(String name, Layout layout, int rank) {
    Shapes.notNull("name", name);
    if (Shapes.notNull("layout", layout) == Layout.NCHW && rank != 4) {
      throw new IllegalArgumentException(
          "'%s' has %d axes; layout NCHW is for four".formatted(name, rank));
    }
  }
}
