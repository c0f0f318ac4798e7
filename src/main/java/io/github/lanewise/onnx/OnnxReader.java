package io.github.lanewise.onnx;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.network.Network;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads ONNX files into {@link Network}s. Immutable and thread-safe; {@link #DEFAULT} serves most
 * files.
 *
 * <pre>{@code
 * Network network = OnnxReader.DEFAULT.read(Path.of("model.onnx"));
 * float[] scores = network.run(Map.of("image", image)).get("scores");
 * }</pre>
 *
 * <p>Whatever type of number a tensor has in the file, its array is of floats, and a run computes
 * with these: whole numbers are exact up to 2^24, false is 0 and true is 1. What is known when the
 * file is read, as shapes are, is computed in its own type.
 *
 * <p>Images are expected and returned as the file counts them, NCHW in most; {@link
 * Network#withLayout} changes that. The file may come from anybody: what is damaged, too large or
 * unsupported is refused with an {@link OnnxException} before anything runs, within the {@linkplain
 * #withMemoryLimit memory limit}.
 */
public final class OnnxReader {
  private static final long DEFAULT_LIMIT = 1L << 30;

  /** On {@link ConvOptions#DEFAULT}, with a memory limit of 1 GiB. */
  public static final OnnxReader DEFAULT =
      new OnnxReader(ConvOptions.DEFAULT, Map.of(), List.of(), DEFAULT_LIMIT);

  private final ConvOptions options;
  private final Map<String, int[]> shapes;
  private final List<String> outputs;
  private final long memoryLimit;

  private OnnxReader(
      ConvOptions options, Map<String, int[]> shapes, List<String> outputs, long memoryLimit) {
    this.options = options;
    this.shapes = shapes;
    this.outputs = outputs;
    this.memoryLimit = memoryLimit;
  }

  /**
   * Sets the options of every convolution, and of every product with a constant matrix.
   *
   * @param convOptions weight format, executor and backend, without activation and residual. By
   *     {@link io.github.lanewise.WeightFormat#FLOAT16} float16 weights of the file are kept as
   *     they are, unless what follows a layer is folded into them; so are those of QLinearConv and
   *     other integer operators. Others are rounded, bfloat16 ones too, of which those below {@code
   *     0x1p-14} lose digits
   * @return a new reader
   */
  public OnnxReader withOptions(ConvOptions convOptions) {
    return new OnnxReader(convOptions, shapes, outputs, memoryLimit);
  }

  /**
   * Sets the shape of an input whose sizes the file leaves open. A first size that is open is 1
   * unless set here.
   *
   * @param name the input
   * @param shape its sizes as the file counts them
   * @return a new reader
   */
  public OnnxReader withInputShape(String name, int... shape) {
    Map<String, int[]> more = new LinkedHashMap<>(shapes);
    more.put(name, shape.clone());
    return new OnnxReader(options, more, outputs, memoryLimit);
  }

  /**
   * Makes these tensors the outputs, in this order, instead of those that the file states. Nodes,
   * weights and inputs that none of them needs are left out: so a network may end before what is
   * not supported, as NonMaxSuppression at the end of a detector is not.
   *
   * @param names one or more different ones, of inputs, of initializers or of results of the file's
   *     own nodes, not of those inside of an If or of a function
   * @return a new reader
   */
  public OnnxReader withOutputs(String... names) {
    if (names.length == 0 || new HashSet<>(List.of(names)).size() < names.length) {
      throw new IllegalArgumentException(
          "names = " + Arrays.toString(names) + " must be one or more different ones");
    }
    return new OnnxReader(options, shapes, List.of(names), memoryLimit);
  }

  /**
   * Bounds the file's size, what its nodes and names become in memory, the weights and folded
   * constants, each tensor, and what one run of the network needs, each by itself. Reading takes a
   * few times that at most.
   *
   * @param bytes 1 or more
   * @return a new reader
   */
  public OnnxReader withMemoryLimit(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes = " + bytes + " must be 1 or more");
    }
    return new OnnxReader(options, shapes, outputs, bytes);
  }

  /**
   * Reads a file. Weights that it keeps in other files (ONNX's external data) are read from there,
   * if these lie below its own folder. {@link Network#withInputShape} reads it again.
   *
   * @param file the file
   * @return the network
   * @throws IOException if the file cannot be read
   * @throws OnnxException if it is no ONNX file, or damaged, unsupported or too large
   */
  public Network read(Path file) throws IOException {
    return read(Source.of(file));
  }

  /**
   * Reads the bytes of a file, which has all its weights inside: those that keep some in other
   * files are read by their {@linkplain #read(Path) path}.
   *
   * @param model the bytes; where an input's size is open the network keeps the array, which must
   *     not change, for {@link Network#withInputShape}
   * @return the network
   * @throws OnnxException if it is no ONNX file, or damaged, unsupported or too large
   */
  public Network read(byte[] model) {
    return read(model, null);
  }

  /** Reads the bytes of a file whose weights may be in others below a folder. */
  Network read(byte[] model, Path folder) {
    return unchecked(Source.of(model, folder));
  }

  ConvOptions options() {
    return options;
  }

  /** By input; not to be changed. */
  Map<String, int[]> shapes() {
    return shapes;
  }

  /** None for those of the file. */
  List<String> outputs() {
    return outputs;
  }

  long memoryLimit() {
    return memoryLimit;
  }

  private Network unchecked(Source source) {
    try {
      return read(source);
    } catch (IOException e) {
      throw new UncheckedIOException("the model cannot be read again: " + e.getMessage(), e);
    }
  }

  private Network read(Source source) throws IOException {
    return ModelFile.parse(source.read(memoryLimit), outputs, memoryLimit)
        .network(
            options,
            shapes,
            memoryLimit,
            source,
            other ->
                new OnnxReader(options, other, outputs, memoryLimit).unchecked(source.again()));
  }

  /**
   * The operators that can be read.
   *
   * @return for each name what of it is supported, empty for all; sorted
   */
  public static Map<String, String> operators() {
    Map<String, String> operators = new LinkedHashMap<>();
    for (OnnxOperator operator : OnnxOperator.values()) {
      operators.put(operator.type(), operator.scope());
    }
    return Collections.unmodifiableMap(operators);
  }
}
