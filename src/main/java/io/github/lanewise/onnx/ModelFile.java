package io.github.lanewise.onnx;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.NetworkBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A parsed file: checks it as a whole, then reads it node by node. */
final class ModelFile {
  private static final int MIN_OPSET = 7;
  static final int MAX_OPSET = 28;

  /** More would make the planning of memory slow; real networks have a few hundred. */
  private static final int MAX_NODES = 5_000;

  private static final int MAX_NODE_INPUTS = 20_000;
  private static final int MAX_PORTS = 1_000;

  private static final long[] TO_NCHW = {0, 3, 1, 2};
  private static final long[] TO_NHWC = {0, 2, 3, 1};

  /** What pixels are scaled with before a network. */
  private static final Set<String> ARITHMETIC = Set.of("Add", "Cast", "Div", "Mul", "Sub");

  /** More of the file's names in one message help nobody. */
  private static final int MAX_SHOWN = 8;

  /** Functions inside of one another: exporters write one for each level of modules. */
  private static final int MAX_CALLS = 32;

  /** Far above what is allowed, so that sums of it do not overflow. */
  private static final long MANY = 1L << 40;

  private final Proto.Graph graph;
  private final int opset;
  private final Map<List<String>, Proto.Function> functions;

  /** How many nodes the file has, and which inputs: the graph may be a part of it. */
  private final int fileNodes;

  private final Set<String> fileInputs;

  private ModelFile(
      Proto.Graph file, Proto.Graph graph, int opset, Map<List<String>, Proto.Function> functions) {
    this.graph = graph;
    this.opset = opset;
    this.functions = functions;
    this.fileNodes = file.nodes.size();
    this.fileInputs = file.inputs.stream().map(info -> info.name).collect(Collectors.toSet());
  }

  /**
   * Parses a file.
   *
   * @param outputs names of tensors that are the outputs; none for those of the file
   */
  static ModelFile parse(byte[] bytes, List<String> outputs, long memoryLimit) {
    Proto.Model model = Proto.Model.parse(bytes, memoryLimit);
    Proto.Graph graph = model.graph;
    if (graph == null || graph.nodes.isEmpty()) {
      throw new OnnxException("not an ONNX file: it has no graph with nodes");
    }
    Map<List<String>, Proto.Function> functions = new HashMap<>();
    for (Proto.Function f : model.functions) {
      if (functions.put(key(f.domain, f.name, f.overload), f) != null) {
        throw new OnnxException("function " + Attributes.quoted(f.name) + " is defined twice");
      }
    }
    long[] size = size(graph.allNodes().toList(), functions, new HashMap<>(), 0);
    limit(size[0], MAX_NODES, "nodes");
    limit(size[1], MAX_NODE_INPUTS, "inputs of nodes");
    limit(graph.outputs.size(), MAX_PORTS, "outputs");
    return new ModelFile(
        graph,
        outputs.isEmpty() ? graph : endingAt(graph, outputs),
        opset(model.opsetImport),
        functions);
  }

  private static List<String> key(String domain, String name, String overload) {
    return List.of(Attributes.isDefaultDomain(domain) ? "" : domain, name, overload);
  }

  /**
   * What becomes of nodes when the functions that they call are put in their place: how many nodes
   * there are, inputs of these, and calls inside of one another.
   *
   * @param known the same of functions
   */
  private static long[] size(
      List<Proto.Node> nodes,
      Map<List<String>, Proto.Function> functions,
      Map<Proto.Function, long[]> known,
      int depth) {
    long[] size = new long[3];
    for (Proto.Node node : nodes) {
      Proto.Function called = functions.get(key(node.domain, node.opType, node.overload));
      long[] inside = called == null ? new long[3] : known.get(called);
      if (inside == null && depth < MAX_CALLS) {
        inside = size(called.body().allNodes().toList(), functions, known, depth + 1);
        inside[2]++;
        known.put(called, inside);
      }
      if (inside == null || inside[2] > MAX_CALLS) {
        throw new OnnxException(
            "functions call each other more than %d deep, or themselves, as %s does"
                .formatted(MAX_CALLS, Attributes.quoted(called.name)));
      }
      size[0] = Math.min(size[0] + 1 + inside[0], MANY);
      size[1] = Math.min(size[1] + node.inputs.size() + inside[1], MANY);
      size[2] = Math.max(size[2], inside[2]);
    }
    return size;
  }

  private static Proto.Graph endingAt(Proto.Graph graph, List<String> outputs) {
    Set<String> names = new LinkedHashSet<>();
    graph.nodes.forEach(node -> names.addAll(node.outputs));
    graph.inputs.forEach(info -> names.add(info.name));
    graph.initializers.forEach(t -> names.add(t.name));
    names.remove("");
    for (String output : outputs) {
      if (!names.contains(output)) {
        throw new OnnxException(
            ("the file has no tensor %s, which was to be an output; near it are %s. An output must"
                    + " be an input, an initializer or a result of one of the file's own nodes")
                .formatted(Attributes.quoted(output), shown(near(output, names))));
      }
    }
    return graph.endingAt(outputs);
  }

  /** Those first that have most of a name's beginning and end. */
  private static List<String> near(String name, Set<String> names) {
    return names.stream()
        .sorted(Comparator.comparingInt(other -> -(common(name, other) + commonEnd(name, other))))
        .limit(3)
        .toList();
  }

  private static int common(String a, String b) {
    int i = 0;
    while (i < Math.min(a.length(), b.length()) && a.charAt(i) == b.charAt(i)) {
      i++;
    }
    return i;
  }

  private static int commonEnd(String a, String b) {
    int i = 0;
    while (i < Math.min(a.length(), b.length())
        && a.charAt(a.length() - 1 - i) == b.charAt(b.length() - 1 - i)) {
      i++;
    }
    return i;
  }

  private static String shown(Collection<String> names) {
    String more =
        names.size() > MAX_SHOWN ? ", and %d more".formatted(names.size() - MAX_SHOWN) : "";
    return names.stream()
        .limit(MAX_SHOWN)
        .map(Attributes::quoted)
        .collect(Collectors.joining(", ", "", more));
  }

  private static int opset(List<Proto.OperatorSet> sets) {
    String others = "";
    for (Proto.OperatorSet set : sets) {
      long version = set.version;
      if (!Attributes.isDefaultDomain(set.domain)) {
        others += " " + Attributes.quoted(set.domain);
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
    Importer importer = new Importer(builder, source, options.weights(), memoryLimit);
    Problems problems = new Problems();
    initializers(graph, importer, problems);
    Map<String, int[]> orders;
    try {
      orders = inputs(importer, problems, shapes);
    } catch (OnnxException e) {
      throw e;
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new OnnxException(Attributes.said(e), e);
    }
    nodes(graph, new Attributes.Scope("", opset, null, Set.of()), importer, problems);
    if (!problems.isEmpty()) {
      Set<String> ends = importer.ends(graph);
      if (!ends.isEmpty()) {
        problems.hint(
            "all of that lies behind %s, at which the network could end: see OnnxReader.withOutputs()"
                .formatted(shown(ends)));
      }
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

  private static void initializers(Proto.Graph of, Importer importer, Problems problems) {
    for (Proto.Tensor t : of.initializers) {
      try {
        importer.define(t.name, Tensors.read(importer, t));
      } catch (OnnxException e) {
        problems.add("tensors", "", e);
        importer.miss(t.name);
      }
      if (importer.isSpent()) {
        throw problems.exception();
      }
    }
  }

  /**
   * Reads every node, also after one that cannot be read: what needs its result is read with a
   * stand-in where the file states its shape, else skipped.
   *
   * @param scope where the graph is
   */
  private void nodes(Proto.Graph of, Attributes.Scope scope, Importer importer, Problems problems) {
    Map<String, Proto.TensorType> stated = null;
    int total = of == graph ? fileNodes : of.nodes.size();
    for (int i = 0; i < of.nodes.size() && !importer.isSpent(); i++) {
      Proto.Node own = of.nodes.get(i);
      Attributes node = new Attributes(own, total, scope);
      OnnxOperator operator = OnnxOperator.of(node);
      Proto.Function called =
          operator != null ? null : functions.get(key(own.domain, own.opType, own.overload));
      boolean isSkipped = (operator != null || called != null) && importer.misses(node.inputs());
      try {
        if (!isSkipped && operator == OnnxOperator.IF) {
          isSkipped = !branch(importer, problems, node, scope);
        } else if (!isSkipped && called != null) {
          isSkipped = !call(importer, problems, node, called);
        } else if (!isSkipped) {
          read(importer, operator, node);
        }
        if (!isSkipped) {
          continue;
        }
        problems.skip();
      } catch (IllegalArgumentException | ArithmeticException e) {
        problems.add(node.operator(), node.describe(), e);
      }
      stated = stated == null ? stated(of) : stated;
      for (String output : node.outputs()) {
        standIn(importer, output, stated.get(output));
      }
    }
  }

  /**
   * Reads the graph that an If takes in its place: exporters ask so for what shapes tell.
   *
   * @return whether all of its results could be made
   */
  private boolean branch(
      Importer importer, Problems problems, Attributes node, Attributes.Scope scope) {
    Value.Const condition = importer.constant(node, 0, "the condition");
    boolean holds = condition.single("the condition") != 0;
    Proto.Graph taken = node.graph(holds ? "then_branch" : "else_branch");
    node.ignore("then_branch", "else_branch");
    node.checkAllRead();
    if (!taken.inputs.isEmpty() || taken.outputs.size() != node.outputs().size()) {
      throw new OnnxException(
          "the branch has %d input(s) and %d output(s), must have none and %d"
              .formatted(taken.inputs.size(), taken.outputs.size(), node.outputs().size()));
    }
    List<String> names = taken.outputs.stream().map(info -> info.name).toList();
    List<Value> results = new ArrayList<>();
    Set<String> outer = importer.enter();
    try {
      initializers(taken, importer, problems);
      nodes(taken, scope.within(node.name()), importer, problems);
      if (importer.misses(names)) {
        return false;
      }
      names.forEach(name -> results.add(importer.get(name)));
    } finally {
      importer.leave(outer);
    }
    define(importer, node.outputs(), results);
    return true;
  }

  private static void define(Importer importer, List<String> names, List<Value> results) {
    for (int i = 0; i < names.size(); i++) {
      if (!names.get(i).isEmpty()) {
        importer.define(names.get(i), results.get(i));
      }
    }
  }

  /**
   * Reads the nodes of a function in the place of a call.
   *
   * @return whether all of its results could be made
   */
  private boolean call(
      Importer importer, Problems problems, Attributes node, Proto.Function called) {
    int outputs = node.outputs().size();
    if (node.inputs().size() > called.inputs.size() || outputs > called.outputs.size()) {
      throw new OnnxException(
          "it has %d input(s) and %d output(s), its function %d and %d"
              .formatted(
                  node.inputs().size(), outputs, called.inputs.size(), called.outputs.size()));
    }
    Map<String, Value> inputs = new HashMap<>();
    Set<String> omitted = new HashSet<>();
    for (int i = 0; i < called.inputs.size(); i++) {
      if (importer.has(node, i)) {
        inputs.put(called.inputs.get(i), importer.input(node, i));
      } else {
        omitted.add(called.inputs.get(i));
      }
    }
    Map<String, Proto.Attribute> arguments = new HashMap<>();
    called.defaults.forEach(a -> arguments.put(a.name, a));
    node.arguments(arguments);
    boolean isStated =
        called.opsetImport.stream().anyMatch(set -> Attributes.isDefaultDomain(set.domain));
    int own = isStated ? opset(called.opsetImport) : node.opset();
    List<Value> results = new ArrayList<>();
    Runnable end = importer.call(inputs);
    try {
      nodes(
          called.body(),
          new Attributes.Scope(node.name(), own, arguments, omitted),
          importer,
          problems);
      List<String> needed = called.outputs.subList(0, outputs);
      if (importer.misses(needed)) {
        return false;
      }
      needed.forEach(name -> results.add(importer.get(name)));
    } finally {
      end.run();
    }
    define(importer, node.outputs(), results);
    return true;
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
  private static Map<String, Proto.TensorType> stated(Proto.Graph of) {
    Map<String, Proto.TensorType> stated = new HashMap<>();
    of.valueInfo.forEach(info -> stated.put(info.name, info.type.tensor));
    return stated;
  }

  /** Whole numbers have none: they may be constants, which nodes ask for. */
  private static void standIn(Importer importer, String name, Proto.TensorType stated) {
    importer.miss(name);
    if (stated == null || stated.shape == null) {
      return;
    }
    ElementType type = ElementType.of(stated.elemType);
    List<Proto.Dimension> dims = stated.dims();
    int[] shape = new int[dims.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Math.clamp(dims.get(i).value, 0, Integer.MAX_VALUE);
    }
    if (type != null
        && type.isReal()
        && shape.length <= Tensors.MAX_AXES
        && Tensors.count(shape) > 0) {
      importer.standIn(name, type, shape);
    }
  }

  /** The inputs that a run is given: old files count those with a value, too. */
  private List<Proto.ValueInfo> given() {
    Set<String> initializers = new HashSet<>();
    graph.initializers.forEach(t -> initializers.add(t.name));
    return graph.inputs.stream().filter(info -> !initializers.contains(info.name)).toList();
  }

  /** Whether a size of an input is left open, or all of them. */
  private static boolean isOpen(Proto.ValueInfo info) {
    Proto.TensorType type = info.type.tensor;
    return type.shape == null || type.dims().stream().anyMatch(ModelFile::isOpen);
  }

  private static boolean isOpen(Proto.Dimension dim) {
    return !dim.hasValue || dim.value == 0 || dim.value == -1;
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
    List<Proto.ValueInfo> inputs = given();
    limit(inputs.size(), MAX_PORTS, "inputs");
    Set<String> transposed = transposedAtOnce();
    Set<String> open = new HashSet<>(shapes.keySet());
    Set<String> names = new HashSet<>();
    for (Proto.ValueInfo info : inputs) {
      String name = info.name;
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
    open.removeAll(fileInputs);
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

  /** What only Transposes from NHWC to NCHW read, at once or after arithmetic. */
  private Set<String> transposedAtOnce() {
    Set<String> transposed = new HashSet<>();
    Set<String> others = new HashSet<>();
    graph.outputs.forEach(output -> others.add(output.name));
    graph.nodes.stream().flatMap(Proto.Node::inner).forEach(inner -> inner.addRead(others));
    for (Proto.Node node : graph.nodes.reversed()) {
      List<String> made = node.outputs;
      boolean isBefore =
          ARITHMETIC.contains(node.opType)
              && transposed.containsAll(made)
              && Collections.disjoint(others, made);
      (isBefore || isTranspose(node, TO_NCHW) ? transposed : others).addAll(node.inputs);
    }
    transposed.removeAll(others);
    return transposed;
  }

  private static boolean isTranspose(Proto.Node node, long[] perm) {
    return node.opType.equals("Transpose")
        && node.attributes.stream()
            .anyMatch(a -> a.name.equals("perm") && Arrays.equals(a.ints(), perm));
  }

  private static ElementType type(Proto.ValueInfo info) {
    if (!info.type.isTensor()) {
      throw new OnnxException("it is of kind %s, must be a tensor".formatted(info.type.kind));
    }
    return ElementType.of(info.type.tensor.elemType, "it");
  }

  private static int[] shape(Proto.ValueInfo info, int[] given) {
    Proto.TensorType type = info.type.tensor;
    if (type.shape == null && given == null) {
      throw new OnnxException("it has no shape in the file: set it with withInputShape()");
    }
    List<Proto.Dimension> stated = type.dims();
    long[] dims = new long[stated.size()];
    for (int i = 0; i < dims.length; i++) {
      Proto.Dimension dim = stated.get(i);
      boolean isSize = dim.value == 0 && i > 0 && given == null; // of an empty tensor
      boolean isOpen = isOpen(dim) && !(dim.hasValue && isSize);
      if (isOpen && given == null && i > 0) {
        throw new OnnxException(
            "it leaves size %d open: set its shape with withInputShape()".formatted(i));
      }
      boolean isGiven = given != null && i < given.length;
      dims[i] = isOpen ? (isGiven ? given[i] : 1L) : dim.value;
    }
    int[] shape = given != null && type.shape == null ? given : Tensors.shape("it", dims);
    if (given != null && !Arrays.equals(given, shape)) {
      throw new OnnxException(
          "it has the sizes %s in the file, which %s does not fit"
              .formatted(
                  stated.stream().map(dim -> isOpen(dim) ? "?" : "" + dim.value).toList(),
                  Arrays.toString(given)));
    }
    return shape;
  }

  private void outputs(Importer importer) {
    Map<String, Proto.Node> makers = new HashMap<>();
    for (Proto.Node node : graph.nodes) {
      node.outputs.stream().limit(1).forEach(name -> makers.put(name, node)); // others are not read
    }
    Set<String> names = new HashSet<>();
    for (Proto.ValueInfo info : graph.outputs) {
      String name = info.name;
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
  private static boolean isNhwc(Importer importer, Map<String, Proto.Node> makers, String name) {
    Proto.Node maker = makers.get(name);
    String from = name;
    for (int step = 0; step < makers.size(); step++) { // a chain of nodes is no longer
      if (maker == null || maker.inputs.isEmpty() || maker.opType.equals("Transpose")) {
        break;
      }
      String input = maker.inputs.getFirst();
      if (!Arrays.equals(importer.get(from).shape(), importer.get(input).shape())) {
        return false;
      }
      maker = makers.get(input);
      from = input;
    }
    return maker != null && isTranspose(maker, TO_NHWC);
  }
}
