package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.ConvShape;
import io.github.lanewise.Convolutions;
import io.github.lanewise.jvm.SharedArrays;
import io.github.lanewise.network.Fusion.Node;
import io.github.lanewise.operators.Activate;
import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Operator;
import io.github.lanewise.operators.PairOperator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** From the graph of a builder to operators: optimizes it and makes every plan, once. */
final class Lowering {

  /**
   * What a network is built on.
   *
   * @param options of every convolution
   * @param memoryLimit bytes that a run may need
   * @param resizing builds it for other shapes of its inputs, NHWC; null where nothing can
   */
  record Terms(
      ConvOptions options, long memoryLimit, Function<Map<String, int[]>, Network> resizing) {}

  /**
   * What a network computes, without the place of any tensor.
   *
   * @param nodes in order of computation
   * @param operators of every node that computes; a Concat has one for each input
   * @param outputs the tensors behind the outputs
   * @param terms what it is built on
   */
  record Program(
      List<Node> nodes, Map<Node, List<Operator>> operators, List<Node> outputs, Terms terms) {}

  /** A convolution of fewer multiplications takes 5 microseconds: sharing them takes as long. */
  private static final long PARALLEL_WORK = 500_000;

  private final ConvOptions options;

  private Lowering(ConvOptions options) {
    this.options = options;
  }

  static Network network(
      List<Tensor> tensors,
      Map<String, Layout> inputs,
      List<NetworkBuilder.Output> outputs,
      Terms terms) {
    Map<Tensor, Node> nodeOf = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Tensor t : tensors) {
      Node node = new Node(t.name, t.op, t.inputs.stream().map(nodeOf::get).toList(), t.shape);
      nodeOf.put(t, node);
      nodes.add(node);
    }
    Node[] ends = new Node[outputs.size()];
    Map<String, Layout> outputLayouts = new LinkedHashMap<>();
    for (int i = 0; i < ends.length; i++) {
      ends[i] = nodeOf.get(outputs.get(i).tensor());
      outputLayouts.put(outputs.get(i).name(), outputs.get(i).layout());
    }
    List<Node> optimized = Fusion.optimize(nodes, ends);
    Lowering lowering = new Lowering(terms.options());
    Map<Node, List<Operator>> operators = new HashMap<>();
    for (Node node : optimized) {
      try {
        operators.put(node, lowering.operators(node));
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw new IllegalArgumentException(node.name + ": " + e.getMessage(), e);
      }
      if (node.op instanceof Op.Conv
          || node.op instanceof Op.Separable
          || node.op instanceof Op.Pooled) {
        node.op = new Op.Planned();
      } else if (node.op instanceof Op.Constant(float[] values)) {
        node.op = new Op.Constant(SharedArrays.of(values));
      }
    }
    Program program = new Program(optimized, operators, List.of(ends), terms);
    return new Network(program, inputs, outputLayouts, 1);
  }

  private List<Operator> operators(Node n) {
    int[] shape = n.shape;
    return switch (n.op) {
      case Op.Input _, Op.Constant _, Op.Reshape _, Op.Result _ -> List.of();
      case Op.Conv conv -> List.of(conv(conv));
      case Op.Separable(Op.Conv depthwise, Op.Conv pointwise) ->
          List.of(separable(depthwise, pointwise));
      case Op.Pooled(Op.Conv conv, Op.Pool pool) -> List.of(pooled(conv, pool));
      case Op.Planned _ -> throw new IllegalStateException(n.name + " has its plan");
      case Op.Activate(Activation activation) ->
          List.of(new Activate(activation).operator(options, shape));
      case Op.Affine affine -> List.of(new Elementwise.Affine(affine, count(n), options.backend()));
      case Op.Gate gate -> List.of(new Elementwise.Gate(gate, count(n)));
      case Op.Binary binary -> List.of(broadcast(n, binary));
      case Op.Pool pool -> List.of(new Pooling.Window(pool, options.backend()));
      case Op.GlobalPool _ -> List.of(new Pooling.Global(n.input().shape));
      case Op.Softmax _ ->
          List.of(new Pooling.Softmax(count(n), shape[shape.length - 1], options.backend()));
      case Op.Pad pad -> List.of(new Movement.Pad(pad, n.input().shape));
      case Op.Concat concat -> concat(n, concat.axis());
      case Op.ResizeNearest nearest ->
          List.of(new Resize.Nearest(nearest.rows(), nearest.columns(), n.input().shape));
      case Op.ResizeLinear linear ->
          List.of(new Resize.Linear(linear.rows(), linear.columns(), n.input().shape));
      case Op.Transpose transpose ->
          List.of(new Movement.Transpose(n.input().shape, transpose.order()));
      case Op.Other(Operation operation, _) ->
          List.of(
              operation.operator(
                  options, n.inputs.stream().map(input -> input.shape).toArray(int[][]::new)));
    };
  }

  /** With the larger input first where the order does not matter. */
  private Operator broadcast(Node n, Op.Binary binary) {
    if (binary.kind().commutes() && count(n.inputs.get(0)) < count(n.inputs.get(1))) {
      n.inputs = n.inputs.reversed();
    }
    return new Broadcast(
        binary, n.inputs.get(0).shape, n.inputs.get(1).shape, n.shape, options.backend());
  }

  private static int count(Node n) {
    return Shapes.elements(n.name, n.shape);
  }

  private Operator conv(Op.Conv conv) {
    ConvShape s = conv.shape();
    ConvOptions o = options(conv, s.multiplications());
    if (s.isPointwise()) {
      return new Convolution(
          Convolutions.pointwise(s, conv.weights(), o), "pointwise ", s, after(conv));
    }
    if (s.isDepthwise() && s.inChannels() > 1) {
      return new Convolution(
          Convolutions.depthwise(s, conv.weights(), o), "depthwise ", s, after(conv));
    }
    return new Convolution(
        Convolutions.standard(s, conv.weights(), o), "standard ", s, after(conv));
  }

  private Operator separable(Op.Conv depthwise, Op.Conv pointwise) {
    ConvPlan plan =
        Convolutions.separable(
            depthwise.shape(),
            depthwise.weights(),
            depthwise.activation(),
            pointwise.shape().outChannels(),
            pointwise.weights(),
            options(
                pointwise,
                depthwise.shape().multiplications() + pointwise.shape().multiplications()));
    String after = after(depthwise) + " -> " + pointwise.shape().outChannels() + after(pointwise);
    return new Convolution(plan, "separable ", depthwise.shape(), after);
  }

  private Operator pooled(Op.Conv conv, Op.Pool pool) {
    ConvShape s = conv.shape();
    ConvOptions o = options(conv, s.multiplications());
    ConvPlan plan = Convolutions.pooled(s, conv.weights(), pool.window(), o);
    String what = s.isPointwise() ? "pointwise " : "standard ";
    String pooled = after(conv) + ", " + Pooling.Window.describe(pool.window(), true);
    return new Convolution(plan, what, s, pooled);
  }

  private ConvOptions options(Op.Conv conv, long multiplications) {
    ConvOptions o =
        multiplications < PARALLEL_WORK ? options.withExecutor(Runnable::run, 1) : options;
    ConvOptions activated =
        conv.slope() == null ? o.withActivation(conv.activation()) : o.withPrelu(conv.slope());
    return activated.withResidual(conv.residual());
  }

  private static String after(Op.Conv conv) {
    String activation =
        !conv.isActivated() ? "" : conv.slope() == null ? " " + conv.activation() : " prelu";
    return switch (conv.residual()) {
      case NONE -> activation;
      case AFTER_ACTIVATION -> activation + " + residual";
      case BEFORE_ACTIVATION -> " + residual" + activation;
    };
  }

  private static List<Operator> concat(Node n, int axis) {
    List<Operator> copies = new ArrayList<>();
    int inner = 1;
    for (int i = axis + 1; i < n.shape.length; i++) {
      inner *= n.shape[i];
    }
    int whole = n.shape[axis] * inner;
    int rows = count(n) / whole;
    int shift = 0;
    for (Node part : n.inputs) {
      int length = part.shape[axis] * inner;
      copies.add(new Movement.Copy(rows, length, whole, shift));
      shift += length;
    }
    return copies;
  }

  /** A convolution of the library, described by parts, as few are ever asked. */
  record Convolution(ConvPlan plan, ConvPlan alone, String what, ConvShape shape, String after)
      implements PairOperator {
    Convolution(ConvPlan plan, String what, ConvShape shape, String after) {
      this(plan, plan.sequential(), what, shape, after);
    }

    /** The same of an input in NCHW, if it can. */
    Optional<Operator> ofPlanes() {
      return plan.ofPlanes()
          .map(planar -> new Convolution(planar, what, shape, after + ", of planes"));
    }

    @Override
    public String describe() {
      return what + shape + after;
    }

    @Override
    public void run(
        Context context, float[] a, int aOff, float[] b, int bOff, float[] dst, int dstOff) {
      (context.isAlone ? alone : plan).run(a, aOff, b, bOff, dst, dstOff, context.workspace);
    }

    @Override
    public long multiplications() {
      return plan.flops() / 2;
    }
  }
}
