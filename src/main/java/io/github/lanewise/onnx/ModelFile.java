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

/** A parsed file: checks it as a whole, then reads it node by node. */
final class ModelFile {
  private static final int MIN_OPSET = 7;
  private static final int MAX_OPSET = 25;

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
    long opset =
        model.getOpsetImportList().stream()
            .filter(o -> o.getDomain().isEmpty() || o.getDomain().equals("ai.onnx"))
            .mapToLong(OnnxMl.OperatorSetIdProto::getVersion)
            .findFirst()
            .orElseThrow(() -> new OnnxException("the file does not state its opset"));
    if (opset < MIN_OPSET || opset > MAX_OPSET) {
      throw new OnnxException(
          "opset %d is not supported, only %d to %d".formatted(opset, MIN_OPSET, MAX_OPSET));
    }
    return new ModelFile(model.getGraph(), (int) opset);
  }

  private static void limit(long count, int most, String what) {
    if (count > most) {
      throw new OnnxException(
          "the graph has %d %s; at most %d are supported".formatted(count, what, most));
    }
  }

  Network network(ConvOptions options, Map<String, int[]> shapes, long memoryLimit) {
    List<Attributes> nodes = new ArrayList<>();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      nodes.add(new Attributes(graph.getNode(i), i, graph.getNodeCount(), opset));
    }
    checkOperators(nodes);
    NetworkBuilder builder = new NetworkBuilder().memoryLimit(memoryLimit);
    Importer importer = new Importer(builder, memoryLimit);
    try {
      graph
          .getInitializerList()
          .forEach(t -> importer.define(t.getName(), Tensors.read(importer, t)));
      inputs(importer, shapes);
    } catch (OnnxException e) {
      throw e;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new OnnxException(Attributes.said(e), e);
    }
    for (Attributes node : nodes) {
      read(importer, node);
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

  private static void checkOperators(List<Attributes> nodes) {
    Set<String> unknown = new HashSet<>();
    Attributes first = null;
    for (Attributes node : nodes) {
      if (OnnxOperator.of(node) == null && unknown.add(node.operator()) && first == null) {
        first = node;
      }
    }
    if (first != null) {
      String others =
          unknown.size() == 1 ? "" : ", nor are %d others".formatted(unknown.size() - 1);
      throw new OnnxException(
          "%s: the operator is not supported%s; OnnxReader.operators() lists those that are"
              .formatted(first.describe(), others));
    }
  }

  private static void read(Importer importer, Attributes node) {
    Value result;
    try {
      if (node.outputs().isEmpty()) {
        throw new OnnxException("it has no output");
      }
      String name = node.outputs().getFirst();
      importer.name(name);
      result = OnnxOperator.of(node).read(importer, node);
      if (!name.isEmpty()) {
        importer.define(name, result);
      }
      importer.unread(node);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new OnnxException(node.describe() + ": " + Attributes.said(e), e);
    }
  }

  private void inputs(Importer importer, Map<String, int[]> shapes) {
    Set<String> initializers = new HashSet<>();
    graph.getInitializerList().forEach(t -> initializers.add(t.getName()));
    List<OnnxMl.ValueInfoProto> inputs =
        graph.getInputList().stream()
            .filter(info -> !initializers.contains(info.getName()))
            .toList();
    limit(inputs.size(), MAX_PORTS, "inputs");
    Set<String> transposed = transposedAtOnce();
    Set<String> open = new HashSet<>(shapes.keySet());
    Set<String> names = new HashSet<>();
    for (OnnxMl.ValueInfoProto info : inputs) {
      String name = info.getName();
      once(names, name, "input");
      int[] shape = shape(info, shapes.get(name));
      open.remove(name);
      try {
        importer.define(name, input(importer, name, shape, transposed.contains(name)));
      } catch (IllegalArgumentException e) {
        throw new OnnxException("input " + Attributes.quoted(name) + ": " + Attributes.said(e), e);
      }
    }
    if (!open.isEmpty()) {
      throw new OnnxException("the file has no input " + open + ", whose shape was set");
    }
  }

  private static void once(Set<String> names, String name, String what) {
    if (!names.add(name)) {
      throw new OnnxException(what + " " + Attributes.quoted(name) + " is named twice");
    }
  }

  /** An image whose only use is to become NCHW is given as NHWC. */
  private Value input(Importer importer, String name, int[] shape, boolean isTransposed) {
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

  private static int[] shape(OnnxMl.ValueInfoProto info, int[] given) {
    String name = "input " + Attributes.quoted(info.getName());
    OnnxMl.TypeProto.Tensor type = info.getType().getTensorType();
    if (!info.getType().hasTensorType()
        || type.getElemType() != OnnxMl.TensorProto.DataType.FLOAT_VALUE) {
      throw new OnnxException(name + " must be a tensor of float32");
    }
    if (!type.hasShape() && given == null) {
      throw new OnnxException(name + " has no shape in the file: set it with withInputShape()");
    }
    List<Long> dims = new ArrayList<>();
    for (int i = 0; i < type.getShape().getDimCount(); i++) {
      OnnxMl.TensorShapeProto.Dimension dim = type.getShape().getDim(i);
      boolean isOpen = !dim.hasDimValue() || dim.getDimValue() == 0 || dim.getDimValue() == -1;
      if (isOpen && given == null && i > 0) {
        throw new OnnxException(
            "%s leaves size %d open: set its shape with withInputShape()".formatted(name, i));
      }
      boolean isGiven = given != null && i < given.length;
      dims.add(isOpen ? (isGiven ? given[i] : 1L) : dim.getDimValue());
    }
    int[] shape = given != null && !type.hasShape() ? given : Tensors.shape(name, dims);
    if (given != null && !Arrays.equals(given, shape)) {
      throw new OnnxException(
          "%s has the sizes %s in the file, which %s does not fit"
              .formatted(name, dims, Arrays.toString(given)));
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
      Value.View view = importer.view(importer.get(name));
      if (view.shape().length != 4 || isNhwc(importer, makers, name)) {
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
