package io.github.lanewise.onnx;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.NetworkBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** A parsed file: checks it as a whole, then reads it node by node. */
final class ModelFile {
  private static final int MIN_OPSET = 7;
  static final int MAX_OPSET = 28;

  /** More would make the planning of memory slow; real networks have a few hundred. */
  private static final int MAX_NODES = 5_000;

  private static final int MAX_NODE_INPUTS = 20_000;
  private static final int MAX_PORTS = 1_000;

  private static final List<Long> TO_NCHW = List.of(0L, 3L, 1L, 2L);
  private static final List<Long> TO_NHWC = List.of(0L, 2L, 3L, 1L);

  private final OnnxMl.GraphProto graph;
  private final int opset;

  private ModelFile(OnnxMl.GraphProto graph, int opset) {
    this.graph = graph;
    this.opset = opset;
  }

  static ModelFile parse(byte[] bytes, long memoryLimit) {
    OnnxMl.ModelProto model;
    try {
      long footprint = Footprint.of(bytes);
      if (footprint > memoryLimit) {
        throw new OnnxException(
            "nodes, names and shapes need up to %d bytes, more than the memory limit of %d"
                .formatted(footprint, memoryLimit));
      }
      CodedInputStream input = UnsafeByteOperations.unsafeWrap(bytes).newCodedInput();
      input.enableAliasing(true); // the weights stay in the file's array until they are read
      model = OnnxMl.ModelProto.parseFrom(input);
    } catch (IOException e) {
      throw new OnnxException("not an ONNX file, or truncated: " + e.getMessage(), e);
    }
    if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw new OnnxException("not an ONNX file: it has no graph with nodes");
    }
    List<OnnxMl.NodeProto> nodes = model.getGraph().getNodeList();
    limit(nodes.size(), MAX_NODES, "nodes");
    limit(
        nodes.stream().mapToLong(OnnxMl.NodeProto::getInputCount).sum(),
        MAX_NODE_INPUTS,
        "inputs of nodes");
    limit(model.getGraph().getOutputCount(), MAX_PORTS, "outputs");
    return new ModelFile(model.getGraph(), opset(model));
  }

  private static int opset(OnnxMl.ModelProto model) {
    String others = "";
    for (OnnxMl.OperatorSetIdProto set : model.getOpsetImportList()) {
      long version = set.getVersion();
      if (!Attributes.isDefaultDomain(set.getDomain())) {
        others += " " + Attributes.quoted(set.getDomain());
      } else if (version > MAX_OPSET) {
        throw new OnnxException(
            "the file is of opset %d; the newest that is known is %d"
                .formatted(version, MAX_OPSET));
      } else if (version < MIN_OPSET) {
        throw new OnnxException(
            "the file is of opset %d; the oldest that is supported is %d"
                .formatted(version, MIN_OPSET));
      } else {
        return (int) version;
      }
    }
    throw new OnnxException(
        others.isEmpty()
            ? "the file does not state its opset"
            : "the file states the opset of other domains only, not of ONNX's own:"
                + Attributes.shortened(others, 200));
  }

  private static void limit(long count, int most, String what) {
    if (count > most) {
      throw new OnnxException(
          "the graph has %d %s; at most %d are supported".formatted(count, what, most));
    }
  }

  /**
   * The network.
   *
   * @param shapes of inputs, as the file counts them
   * @param source has weights that lie in other files
   * @param again reads it for other shapes of inputs
   */
  Network network(
      ConvOptions options,
      Map<String, int[]> shapes,
      long memoryLimit,
      Source source,
      Function<Map<String, int[]>, Network> again) {
    NetworkBuilder builder = new NetworkBuilder().memoryLimit(memoryLimit);
    Importer importer = new Importer(builder, source, memoryLimit);
    Problems problems = new Problems();
    initializers(importer, problems);
    Map<String, int[]> orders;
    try {
      orders = inputs(importer, problems, shapes);
    } catch (OnnxException e) {
      throw e;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new OnnxException(Attributes.said(e), e);
    }
    nodes(importer, problems);
    if (!problems.isEmpty()) {
      throw problems.exception();
    }
    source.end();
    if (given().stream().anyMatch(ModelFile::isOpen)) {
      builder.resizing(stored -> again.apply(asCounted(stored, orders)));
    }
    try {
      outputs(importer);
      return builder.build(options);
    } catch (OnnxException e) {
      throw e;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new OnnxException("the network cannot be built: " + Attributes.said(e), e);
    }
  }

  private void initializers(Importer importer, Problems problems) {
    for (OnnxMl.TensorProto t : graph.getInitializerList()) {
      try {
        importer.define(t.getName(), Tensors.read(importer, t));
      } catch (OnnxException e) {
        problems.add("tensors", "", e);
        importer.miss(t.getName());
      }
      if (importer.isSpent()) {
        throw problems.exception();
      }
    }
  }

  /**
   * Reads every node, also after one that cannot be read: what needs its result is read with a
   * stand-in where the file states its shape, else skipped.
   */
  private void nodes(Importer importer, Problems problems) {
    Map<String, OnnxMl.TypeProto> stated = null;
    for (int i = 0; i < graph.getNodeCount() && !importer.isSpent(); i++) {
      Attributes node = new Attributes(graph.getNode(i), i, graph.getNodeCount(), opset);
      OnnxOperator operator = OnnxOperator.of(node);
      boolean isSkipped = operator != null && importer.misses(node);
      try {
        if (isSkipped) {
          problems.skip();
        } else {
          read(importer, operator, node);
          continue;
        }
      } catch (IllegalArgumentException | ArithmeticException e) {
        problems.add(node.operator(), node.describe(), e);
      }
      stated = stated == null ? stated() : stated;
      for (String output : node.outputs()) {
        standIn(importer, output, stated.get(output));
      }
    }
  }

  private static void read(Importer importer, OnnxOperator operator, Attributes node) {
    if (operator == null) {
      throw new OnnxException(
          "the operator is not supported (OnnxReader.operators() lists those that are)");
    }
    if (node.opset() < operator.since() || node.opset() > operator.until()) {
      throw new OnnxException(
          "the operator is one of opset %d to %d".formatted(operator.since(), operator.until()));
    }
    if (node.outputs().isEmpty()) {
      throw new OnnxException("it has no output");
    }
    String name = node.outputs().getFirst();
    importer.name(name);
    Value result = operator.read(importer, node);
    node.checkAllRead();
    if (!name.isEmpty()) {
      importer.define(name, result);
    }
    importer.unread(node);
  }

  /** The types of results that the file tells though it need not. */
  private Map<String, OnnxMl.TypeProto> stated() {
    Map<String, OnnxMl.TypeProto> stated = new HashMap<>();
    graph.getValueInfoList().forEach(info -> stated.put(info.getName(), info.getType()));
    return stated;
  }

  /** Whole numbers have none: they may be constants, which nodes ask for. */
  private static void standIn(Importer importer, String name, OnnxMl.TypeProto stated) {
    importer.miss(name);
    if (stated == null || !stated.getTensorType().hasShape()) {
      return;
    }
    ElementType type = ElementType.of(stated.getTensorType().getElemType());
    List<OnnxMl.TensorShapeProto.Dimension> dims = stated.getTensorType().getShape().getDimList();
    int[] shape = new int[dims.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Math.clamp(dims.get(i).getDimValue(), 0, Integer.MAX_VALUE);
    }
    if (type != null
        && type.isReal()
        && shape.length <= Tensors.MAX_AXES
        && Tensors.count(shape) > 0) {
      importer.standIn(name, type, shape);
    }
  }

  /** The inputs that a run is given: old files count those with a value, too. */
  private List<OnnxMl.ValueInfoProto> given() {
    Set<String> initializers = new HashSet<>();
    graph.getInitializerList().forEach(t -> initializers.add(t.getName()));
    return graph.getInputList().stream()
        .filter(info -> !initializers.contains(info.getName()))
        .toList();
  }

  /** Whether a size of an input is left open, or all of them. */
  private static boolean isOpen(OnnxMl.ValueInfoProto info) {
    OnnxMl.TypeProto.Tensor type = info.getType().getTensorType();
    return !type.hasShape() || type.getShape().getDimList().stream().anyMatch(ModelFile::isOpen);
  }

  private static boolean isOpen(OnnxMl.TensorShapeProto.Dimension dim) {
    return !dim.hasDimValue() || dim.getDimValue() == 0 || dim.getDimValue() == -1;
  }

  /** Shapes as the file counts them. */
  private static Map<String, int[]> asCounted(
      Map<String, int[]> stored, Map<String, int[]> orders) {
    Map<String, int[]> counted = new HashMap<>();
    stored.forEach(
        (name, sizes) -> {
          int[] shape = new int[sizes.length];
          for (int i = 0; i < shape.length; i++) {
            shape[orders.get(name)[i]] = sizes[i];
          }
          counted.put(name, shape);
        });
    return counted;
  }

  /** Defines the inputs; returns in which order the axes of each lie in memory. */
  private Map<String, int[]> inputs(
      Importer importer, Problems problems, Map<String, int[]> shapes) {
    Map<String, int[]> orders = new HashMap<>();
    List<OnnxMl.ValueInfoProto> inputs = given();
    limit(inputs.size(), MAX_PORTS, "inputs");
    Set<String> transposed = transposedAtOnce();
    Set<String> open = new HashSet<>(shapes.keySet());
    Set<String> names = new HashSet<>();
    for (OnnxMl.ValueInfoProto info : inputs) {
      String name = info.getName();
      once(names, name, "input");
      open.remove(name);
      try {
        ElementType type = type(info);
        int[] shape = shape(info, shapes.get(name));
        Value.View input = input(importer, name, shape, transposed.contains(name));
        orders.put(name, input.order());
        boolean isEmpty = Tensors.count(shape) == 0;
        importer.define(name, isEmpty ? Value.Const.empty(type, shape) : input.as(type));
        if (isEmpty && !shapes.containsKey(name)) {
          problems.hint(
              ("input %s is empty by the file, with the sizes %s: if 0 means any size there, set"
                      + " its shape with withInputShape()")
                  .formatted(Attributes.quoted(name), Arrays.toString(shape)));
        }
      } catch (IllegalArgumentException e) {
        problems.add("inputs", "input " + Attributes.quoted(name), e);
        importer.miss(name);
      }
    }
    if (!open.isEmpty()) {
      throw new OnnxException("the file has no input " + open + ", whose shape was set");
    }
    return orders;
  }

  private static void once(Set<String> names, String name, String what) {
    if (!names.add(name)) {
      throw new OnnxException(what + " " + Attributes.quoted(name) + " is named twice");
    }
  }

  /** An image whose only use is to become NCHW is given as NHWC. */
  private Value.View input(Importer importer, String name, int[] shape, boolean isTransposed) {
    if (shape.length != 4 || isTransposed) {
      return Importer.wrap(importer.builder.input(name, shape), Importer.identity(shape.length));
    }
    return Importer.imageView(
        importer.builder.input(name, Layout.NCHW, shape[0], shape[2], shape[3], shape[1]));
  }

  /** What only Transposes from NHWC to NCHW read. */
  private Set<String> transposedAtOnce() {
    Set<String> transposed = new HashSet<>();
    Set<String> others = new HashSet<>();
    for (OnnxMl.NodeProto node : graph.getNodeList()) {
      (isTranspose(node, TO_NCHW) ? transposed : others).addAll(node.getInputList());
    }
    transposed.removeAll(others);
    return transposed;
  }

  private static boolean isTranspose(OnnxMl.NodeProto node, List<Long> perm) {
    return node.getOpType().equals("Transpose")
        && node.getAttributeList().stream()
            .anyMatch(a -> a.getName().equals("perm") && a.getIntsList().equals(perm));
  }

  private static ElementType type(OnnxMl.ValueInfoProto info) {
    if (!info.getType().hasTensorType()) {
      throw new OnnxException(
          "it is of kind %s, must be a tensor".formatted(info.getType().getValueCase()));
    }
    return ElementType.of(info.getType().getTensorType().getElemType(), "it");
  }

  private static int[] shape(OnnxMl.ValueInfoProto info, int[] given) {
    OnnxMl.TypeProto.Tensor type = info.getType().getTensorType();
    if (!type.hasShape() && given == null) {
      throw new OnnxException("it has no shape in the file: set it with withInputShape()");
    }
    List<Long> dims = new ArrayList<>();
    for (int i = 0; i < type.getShape().getDimCount(); i++) {
      OnnxMl.TensorShapeProto.Dimension dim = type.getShape().getDim(i);
      boolean isSize = dim.getDimValue() == 0 && i > 0 && given == null; // of an empty tensor
      boolean isOpen = isOpen(dim) && !(dim.hasDimValue() && isSize);
      if (isOpen && given == null && i > 0) {
        throw new OnnxException(
            "it leaves size %d open: set its shape with withInputShape()".formatted(i));
      }
      boolean isGiven = given != null && i < given.length;
      dims.add(isOpen ? (isGiven ? given[i] : 1L) : dim.getDimValue());
    }
    int[] shape = given != null && !type.hasShape() ? given : Tensors.shape("it", dims);
    if (given != null && !Arrays.equals(given, shape)) {
      throw new OnnxException(
          "it has the sizes %s in the file, which %s does not fit"
              .formatted(
                  type.getShape().getDimList().stream()
                      .map(dim -> isOpen(dim) ? "?" : "" + dim.getDimValue())
                      .toList(),
                  Arrays.toString(given)));
    }
    return shape;
  }

  private void outputs(Importer importer) {
    Map<String, OnnxMl.NodeProto> makers = new HashMap<>();
    graph.getNodeList().forEach(n -> makers.put(n.getOutput(0), n)); // others are not read
    Set<String> names = new HashSet<>();
    for (OnnxMl.ValueInfoProto info : graph.getOutputList()) {
      String name = info.getName();
      once(names, name, "output");
      importer.name(name);
      Value.View view =
          switch (importer.get(name)) {
            case Value.Const c -> importer.view(c);
            case Value.View computed -> ElementwiseOps.rounded(importer, computed);
          };
      boolean isEmpty = Tensors.count(view.shape()) == 0;
      if (view.shape().length != 4 || (!isEmpty && isNhwc(importer, makers, name))) {
        importer.builder.output(name, importer.plain(view).tensor());
      } else {
        importer.builder.output(name, importer.image(view), Layout.NCHW);
      }
    }
  }

  /** Whether a tensor was made NHWC, perhaps followed by functions of each value. */
  private static boolean isNhwc(
      Importer importer, Map<String, OnnxMl.NodeProto> makers, String name) {
    OnnxMl.NodeProto maker = makers.get(name);
    String from = name;
    for (int step = 0; step < makers.size(); step++) { // a chain of nodes is no longer
      if (maker == null || maker.getInputCount() == 0 || maker.getOpType().equals("Transpose")) {
        break;
      }
      String input = maker.getInput(0);
      if (!Arrays.equals(importer.get(from).shape(), importer.get(input).shape())) {
        return false;
      }
      maker = makers.get(input);
      from = input;
    }
    return maker != null && isTranspose(maker, TO_NHWC);
  }
}
