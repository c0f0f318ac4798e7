package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.Padding;
import io.github.lanewise.Residual;
import io.github.lanewise.loops.Epilogue;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.Interleave;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a graph smaller without changing what it computes. A rule looks at one node and what it
 * reads, and lets the node absorb a producer that nobody else reads; the producer is then dead.
 * Only a chain of factors is absorbed as a whole.
 */
final class Fusion {

  /** A node under change. */
  static final class Node {
    String name;
    int[] shape;
    Op op;
    List<Node> inputs;
    int readers;

    Node(String name, Op op, List<Node> inputs, int[] shape) {
      this.name = name;
      this.op = op;
      this.inputs = inputs;
      this.shape = shape;
    }

    Node input() {
      return inputs.getFirst();
    }

    /**
     * Takes over a producer's work and what it read; counts readers too high rather than too low.
     */
    void absorb(Op merged, List<Node> from) {
      op = merged;
      inputs = from;
      from.forEach(input -> input.readers++);
    }

    /** Has its input, which nobody else reads, compute what is to come first, under its name. */
    void swap(Op before, int[] shapeBefore, Op after) {
      Node p = input();
      String own = name;
      name = p.name;
      op = after;
      p.name = own;
      p.shape = shapeBefore;
      p.op = before;
    }

    /** Nobody reads it any more: what it holds need not wait for the next pruning. */
    void drop() {
      op = new Op.Constant(new float[0]);
      inputs = List.of();
    }
  }

  /** Each pass may open the way for another; real networks need two or three. */
  private static final int MAX_PASSES = 8;

  private final Map<Node, Node> same = new HashMap<>();
  private List<Node> nodes;
  private final Node[] outputs;
  private boolean changed;

  private Fusion(List<Node> nodes, Node[] outputs) {
    this.nodes = nodes;
    this.outputs = outputs;
  }

  /** Returns the nodes that remain, in order of computation; {@code outputs} is updated. */
  static List<Node> optimize(List<Node> nodes, Node[] outputs) {
    Fusion fusion = new Fusion(nodes, outputs);
    fusion.prune();
    fusion.changed = true;
    for (int pass = 0; pass < MAX_PASSES && fusion.changed; pass++) {
      fusion.changed = false;
      fusion.nodes.forEach(fusion::rewrite);
      fusion.prune();
      Set<Node> linked = new HashSet<>();
      fusion.nodes.reversed().forEach(n -> fusion.affine(n, linked)); // from the last of a chain
      for (Node n : fusion.nodes.reversed()) { // so that no weights are reordered twice
        fusion.changed |= Shuffles.takeOutput(n);
      }
      fusion.prune();
    }
    fusion.nodes.forEach(Fusion::enlargeLast);
    fusion.nodes.forEach(Fusion::separable);
    fusion.nodes.forEach(Fusion::pooled);
    fusion.prune();
    return fusion.nodes;
  }

  /** Drops what no output needs, and counts readers; an output counts as one. */
  private void prune() {
    for (Node node : nodes) {
      node.readers = 0;
      node.inputs = node.inputs.stream().map(this::resolve).toList();
    }
    for (int i = 0; i < outputs.length; i++) {
      outputs[i] = resolve(outputs[i]);
      outputs[i].readers++;
    }
    List<Node> alive = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      if (node.readers > 0 || node.op instanceof Op.Input) {
        node.inputs.forEach(input -> input.readers++);
        alive.add(node);
      }
    }
    nodes = alive.reversed();
  }

  private Node resolve(Node node) {
    Node found = node;
    while (same.containsKey(found)) {
      found = same.get(found);
    }
    return found;
  }

  @SuppressWarnings("ReferenceEquality") // a rule that applies sets another object
  private void rewrite(Node n) {
    n.inputs = n.inputs.stream().map(this::resolve).toList();
    Op before = n.op;
    beforeMove(n);
    switch (n.op) {
      case Op.Activate activate -> activate(n, activate.activation());
      case Op.Binary binary -> binary(n, binary);
      case Op.Conv conv -> {
        padding(n, conv);
        if (n.op instanceof Op.Conv padded) {
          Shuffles.takeInput(n, padded);
        }
      }
      case Op.Other(Combination c, _) when c == Combination.PRELU -> prelu(n);
      case Op.Reshape _ -> {
        reshape(n);
        if (n.op instanceof Op.Reshape) {
          Shuffles.find(n);
        }
      }
      case Op.Transpose transpose -> transpose(n, transpose);
      default -> {
        // nothing to absorb
      }
    }
    gateFactor(n);
    changed |= n.op != before;
  }

  /** A function of each value may as well come before a move, next to what it may fuse with. */
  private static void beforeMove(Node n) {
    if (!(n.op instanceof Op.Activate || n.op instanceof Op.Affine)
        || n.input().readers != 1
        || !(isMove(n.input()) || Shuffles.order(n.input()) != null)) {
      return;
    }
    Node p = n.input();
    Optional<Op> function = n.op instanceof Op.Affine a ? beforeMove(a, p) : Optional.of(n.op);
    function.ifPresent(first -> n.swap(first, p.input().shape, p.op));
  }

  private static boolean isMove(Node n) {
    return n.op instanceof Op.Reshape || n.op instanceof Op.Transpose;
  }

  /** What stands for these factors and offsets before a move. */
  private static Optional<Op> beforeMove(Op.Affine affine, Node move) {
    int channels = affine.scale().length;
    if (channels == 1) {
      return Optional.of(affine);
    }
    int[] from = Shuffles.order(move);
    if (from != null) {
      float[] scale = Shuffles.before(from, affine.scale());
      float[] shift = Shuffles.before(from, affine.shift());
      return Optional.of(new Op.Affine(scale, shift, affine.activation()));
    }
    int before = channelsBefore(channels, move);
    return before == 0 ? Optional.empty() : Optional.of(Merging.repeated(affine, before));
  }

  /**
   * How long the last axis is before a move, if it goes by these channels there, too: once, or in a
   * convolution's result, which takes what is for each of them, several times; else 0.
   */
  private static int channelsBefore(int channels, Node move) {
    int[] from = move.input().shape;
    int last = from.length - 1;
    if (last < 0 || from[last] % channels != 0) {
      return 0;
    }
    boolean isKept =
        move.op instanceof Op.Transpose transpose
            ? transpose.order()[last] == last
            : from[last] == channels || move.input().op instanceof Op.Conv;
    return isKept ? from[last] : 0;
  }

  private void forward(Node from, Node to) {
    same.put(from, to);
    to.readers += from.readers - 1;
    changed = true;
  }

  /**
   * A chain of these becomes one, which a convolution before it takes into its weights: once for
   * the whole chain, whose every link would cost as much as the weights otherwise. Where constants
   * do not allow that, as few as they do.
   */
  private void affine(Node n, Set<Node> linked) {
    if (!(n.op instanceof Op.Affine) || linked.contains(n)) {
      return;
    }
    List<Node> chain = new ArrayList<>(List.of(n));
    Node p = n.input();
    while (p.readers == 1 && p.op instanceof Op.Affine link && isNone(link.activation())) {
      chain.addFirst(p);
      linked.add(p);
      p = p.input();
    }
    boolean takes = p.readers == 1 && p.op instanceof Op.Conv conv && conv.isBare();
    Node first = merged(chain).getFirst();
    if (takes) {
      Optional<Op.Conv> folded = Merging.folded((Op.Conv) p.op, (Op.Affine) first.op);
      if (folded.isPresent()) {
        first.absorb(folded.get(), p.inputs);
        p.drop();
        changed = true;
      }
    } else if (isOfBareConvs(p)) {
      Op.Affine whole = (Op.Affine) first.op;
      List<Optional<Op.Conv>> folded =
          p.inputs.stream().map(part -> Merging.folded((Op.Conv) part.op, whole)).toList();
      if (folded.stream().allMatch(Optional::isPresent)) {
        for (int i = 0; i < folded.size(); i++) {
          p.inputs.get(i).op = folded.get(i).get();
        }
        forward(first, p);
      }
    }
  }

  /** Whether rows and columns of convolutions interleave that all may take what follows. */
  private static boolean isOfBareConvs(Node p) {
    return p.readers == 1
        && p.op instanceof Op.Other(Interleave _, _)
        && p.inputs.stream()
            .allMatch(
                part -> part.readers == 1 && part.op instanceof Op.Conv conv && conv.isBare());
  }

  /**
   * Numbers for all channels first: a long row of them costs one look at each channel, and none
   * where they do not become one number.
   */
  private List<Node> merged(List<Node> chain) {
    List<Node> rows = new ArrayList<>();
    for (Node next : chain) {
      boolean isRow = !rows.isEmpty() && isNumber(next) && isNumber(rows.getLast());
      append(rows, next, isRow);
    }
    List<Node> parts = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      boolean isLone =
          (i == 0 || !isNumber(rows.get(i - 1)))
              && (i == rows.size() - 1 || !isNumber(rows.get(i + 1)));
      append(parts, rows.get(i), i > 0 && (isLone || !isNumber(rows.get(i))));
    }
    return parts;
  }

  private static boolean isNumber(Node n) {
    return ((Op.Affine) n.op).scale().length == 1;
  }

  private void append(List<Node> parts, Node next, boolean tries) {
    if (tries) {
      Node last = parts.getLast();
      Optional<Op.Affine> both = Merging.then((Op.Affine) last.op, (Op.Affine) next.op);
      if (both.isPresent()) {
        next.absorb(both.get(), last.inputs);
        last.drop();
        parts.removeLast();
        changed = true;
      }
    }
    parts.add(next);
  }

  private void activate(Node n, Activation activation) {
    Node p = n.input();
    if (isNone(activation)) {
      forward(n, p);
    } else if (p.readers == 1) {
      switch (p.op) {
        case Op.Conv c when !c.isActivated() -> n.absorb(c.then(activation), p.inputs);
        case Op.Affine a when isNone(a.activation()) ->
            n.absorb(new Op.Affine(a.scale(), a.shift(), activation), p.inputs);
        case Op.Binary b when isNone(b.activation()) ->
            n.absorb(new Op.Binary(b.kind(), activation), p.inputs);
        default -> {
          if (isOfBareConvs(p)) {
            p.inputs.forEach(part -> part.op = ((Op.Conv) part.op).then(activation));
            forward(n, p);
          }
        }
      }
    }
  }

  private void binary(Node n, Op.Binary binary) {
    Node a = n.inputs.get(0);
    Node b = n.inputs.get(1);
    if (b.op instanceof Op.Constant && isPerChannel(a, b)) {
      constantOperand(n, binary, a, ((Op.Constant) b.op).values(), false);
    } else if (a.op instanceof Op.Constant && isPerChannel(b, a)) {
      constantOperand(n, binary, b, ((Op.Constant) a.op).values(), true);
    } else if (binary.kind() == Op.Binary.Kind.ADD) {
      residual(n, a, b, binary.activation());
    } else if (binary.kind() == Op.Binary.Kind.MULTIPLY && isNone(binary.activation())) {
      gate(n, a, b);
    }
  }

  /** Whether the constant has one value, or one for each of the last axis, and no more axes. */
  private static boolean isPerChannel(Node x, Node constant) {
    int length = ((Op.Constant) constant.op).values().length;
    int channels = x.shape.length == 0 ? 1 : x.shape[x.shape.length - 1];
    int last = constant.shape.length == 0 ? 1 : constant.shape[constant.shape.length - 1];
    return constant.shape.length <= x.shape.length
        && x.shape.length > 0
        && (length == 1 || (length == channels && last == channels));
  }

  private static void constantOperand(
      Node n, Op.Binary binary, Node x, float[] values, boolean constantFirst) {
    float[] scale = new float[values.length];
    float[] shift = new float[values.length];
    switch (binary.kind()) {
      case ADD -> {
        Arrays.fill(scale, 1);
        shift = values;
      }
      case SUBTRACT -> {
        Arrays.fill(scale, constantFirst ? -1 : 1);
        for (int c = 0; c < values.length; c++) {
          shift[c] = constantFirst ? values[c] : -values[c];
        }
      }
      case MULTIPLY -> {
        scale = values;
        Arrays.fill(shift, -0f); // which added changes no zero
      }
      case DIVIDE -> {
        Optional<float[]> factors = constantFirst ? Optional.empty() : Merging.reciprocals(values);
        if (factors.isEmpty()) {
          return;
        }
        scale = factors.get();
        Arrays.fill(shift, -0f);
      }
    }
    n.absorb(new Op.Affine(scale, shift, binary.activation()), List.of(x));
  }

  private static void residual(Node n, Node a, Node b, Activation activation) {
    Node conv = takesResidual(n, b, activation) ? b : takesResidual(n, a, activation) ? a : null;
    if (conv != null && Arrays.equals(a.shape, b.shape)) {
      Op.Conv sum = ((Op.Conv) conv.op).plusResidual();
      Node other = conv == a ? b : a;
      n.absorb(isNone(activation) ? sum : sum.then(activation), List.of(conv.input(), other));
    }
  }

  private static boolean takesResidual(Node n, Node p, Activation activation) {
    return p.op instanceof Op.Conv conv
        && conv.residual() == Residual.NONE
        && (isNone(activation) || !conv.isActivated())
        && p.readers == 1
        && n.shape.length == p.shape.length;
  }

  /**
   * {@code x * f(x)}: SiLU and hard-swish where the constants are theirs to the bit, else a gate
   * with the constants as they are.
   */
  private static void gate(Node n, Node a, Node b) {
    if (!gateOf(n, a, b) && !gateOf(n, b, a)) {
      gelu(n, n, 1);
    }
  }

  /**
   * {@code factor * x * (1 + erf(x / sqrt 2))}, with the half somewhere in it, is a GELU where the
   * constants are its own.
   */
  private static void gelu(Node n, Node product, float factor) {
    Node a = product.inputs.get(0);
    Node b = product.inputs.get(1);
    if (!geluOf(n, a, b, factor)) {
      geluOf(n, b, a, factor);
    }
  }

  private static boolean geluOf(Node n, Node p, Node f, float factor) {
    boolean isScaled = isFactor(p) && p.readers == 1;
    Node x = isScaled ? p.input() : p;
    float scale = isScaled ? factor * ((Op.Affine) p.op).scale()[0] : factor;
    boolean is =
        f.readers == 1
            && f.op instanceof Op.Affine sum
            && sum.isUniform()
            && isNone(sum.activation())
            && sum.shift()[0] == sum.scale()[0]
            && scale * sum.scale()[0] == 0.5f
            && isErf(f.input(), x);
    if (is) {
      Function gelu = new Function(Function.Kind.GELU, 0, 0);
      n.absorb(new Op.Other(gelu, new int[][] {n.shape}), List.of(x));
    }
    return is;
  }

  /** Whether it is {@code erf(x / sqrt 2)}, for one reader. */
  private static boolean isErf(Node f, Node x) {
    return f.readers == 1
        && f.op instanceof Op.Other(Function function, _)
        && function.kind() == Function.Kind.ERF
        && f.input().readers == 1
        && isFactor(f.input())
        && ((Op.Affine) f.input().op).scale()[0] == (float) Math.sqrt(0.5)
        && f.input().input() == x;
  }

  private static boolean gateOf(Node n, Node x, Node f) {
    if (isFunctionOf(f, x)) {
      product(n, x, f);
    } else if (isFactor(x) && x.readers == 1 && isFunctionOf(f, x.input())) {
      scaledProduct(n, x.input(), x, f);
    } else if (isFactor(f) && f.readers == 1 && isFunctionOf(f.input(), x)) {
      scaledProduct(n, x, f, f.input());
    } else {
      return false;
    }
    return true;
  }

  private static boolean isFunctionOf(Node f, Node x) {
    return f.readers == 1
        && f.inputs.size() == 1
        && f.input() == x
        && (f.op instanceof Op.Activate
            || (f.op instanceof Op.Affine affine
                && affine.isUniform()
                && affine.activation().kind() == Activation.Kind.CLAMP));
  }

  private static boolean isFactor(Node p) {
    return p.op instanceof Op.Affine affine
        && affine.isUniform()
        && affine.shift()[0] == 0
        && isNone(affine.activation());
  }

  private static Op.Gate gate(Op.Affine f) {
    return new Op.Gate(1, f.scale()[0], f.shift()[0], f.activation());
  }

  private static void scaledProduct(Node n, Node x, Node factor, Node f) {
    if (f.op instanceof Op.Affine affine) {
      Merging.then(gate(affine), (Op.Affine) factor.op)
          .ifPresent(gate -> n.absorb(gate.named(), List.of(x)));
    }
  }

  /** A factor after a gate is the gate's: {@code x * relu6(x + 3) / 6} is a hard-swish. */
  private static void gateFactor(Node n) {
    if (!isFactor(n) || n.input().readers != 1) {
      return;
    }
    Op.Affine factor = (Op.Affine) n.op;
    if (n.input().op instanceof Op.Gate gate) {
      Merging.then(gate, factor).ifPresent(whole -> n.absorb(whole.named(), n.input().inputs));
    } else if (n.input().op instanceof Op.Binary(Op.Binary.Kind kind, Activation activation)
        && kind == Op.Binary.Kind.MULTIPLY
        && isNone(activation)) {
      gelu(n, n.input(), factor.scale()[0]);
    }
  }

  private static void product(Node n, Node x, Node f) {
    if (f.op instanceof Op.Affine affine) {
      n.absorb(gate(affine).named(), List.of(x));
    } else if (f.op instanceof Op.Activate(Activation activation)) {
      if (activation.equals(Activation.SIGMOID)) {
        n.absorb(new Op.Activate(Activation.SILU), List.of(x));
      } else if (activation.equals(Activation.HARD_SIGMOID)) {
        n.absorb(new Op.Activate(Activation.HARD_SWISH), List.of(x));
      } else if (activation.kind() == Activation.Kind.HARD_SIGMOID) {
        Activation clamp = Activation.clamp(0, 1);
        n.absorb(new Op.Gate(1, activation.alpha(), activation.beta(), clamp), List.of(x));
      }
    }
  }

  /** A Pad of zeros before a convolution is padding of that convolution. */
  private static void padding(Node n, Op.Conv conv) {
    if (n.input().op instanceof Op.Pad pad && pad.isConvPadding()) {
      ConvShape s = conv.shape();
      int[] in = n.input().input().shape;
      int bottom = (int) s.vertical().spanned() - s.padTop() - s.inHeight();
      int right = (int) s.horizontal().spanned() - s.padLeft() - s.inWidth();
      Padding padding =
          Padding.explicit(
              s.padTop() + pad.before()[1],
              s.padLeft() + pad.before()[2],
              Math.max(0, bottom + pad.after()[1]),
              Math.max(0, right + pad.after()[2]));
      ConvShape wider =
          new ConvShape(
              s.batch(),
              in[1],
              in[2],
              s.inChannels(),
              s.outChannels(),
              s.kernelHeight(),
              s.kernelWidth(),
              s.strideHeight(),
              s.strideWidth(),
              s.dilationHeight(),
              s.dilationWidth(),
              padding,
              s.groups());
      if (wider.outHeight() == s.outHeight() && wider.outWidth() == s.outWidth()) {
        List<Node> inputs = new ArrayList<>(n.inputs);
        inputs.set(0, n.input().input());
        n.absorb(conv.on(wider), inputs);
      }
    }
  }

  /** One slope is a leaky ReLU's; of one for each channel a convolution takes them. */
  private void prelu(Node n) {
    Node p = n.input();
    Node second = n.inputs.get(1);
    if (!(second.op instanceof Op.Constant(float[] slope)) || !isPerChannel(p, second)) {
      return;
    }
    boolean isOne = true;
    for (float s : slope) {
      isOne &= s == slope[0]; // not if it is NaN
    }
    if (isOne) {
      n.absorb(new Op.Activate(Activation.leakyRelu(slope[0])), List.of(p));
      return;
    }
    Node conv = p;
    int channels = slope.length;
    while (channels > 0 && conv.readers == 1 && isMove(conv)) {
      channels = channelsBefore(channels, conv);
      conv = conv.input();
    }
    if (isOfBareConvs(p)) {
      p.inputs.forEach(part -> part.op = ((Op.Conv) part.op).then(slope));
    } else if (channels > 0
        && conv.readers == 1
        && conv.op instanceof Op.Conv c
        && !c.isActivated()) {
      conv.op = c.then(Epilogue.repeated(slope, channels));
      p.name = n.name;
    } else {
      return;
    }
    forward(n, p);
  }

  private void reshape(Node n) {
    Node p = n.input();
    if (Arrays.equals(p.shape, n.shape)) {
      forward(n, p);
    } else if (p.op instanceof Op.Reshape) {
      n.absorb(new Op.Reshape(), p.inputs);
    } else if (p.op instanceof Op.Constant constant) {
      n.absorb(constant, List.of());
    }
  }

  /** A transposition that moves no axis longer than 1 past another moves no value. */
  private static void transpose(Node n, Op.Transpose transpose) {
    int[] from = n.input().shape;
    int last = -1;
    for (int axis : transpose.order()) {
      if (from[axis] > 1) {
        if (axis < last) {
          return;
        }
        last = axis;
      }
    }
    n.absorb(new Op.Reshape(), n.inputs);
  }

  /**
   * A pointwise convolution and a resize commute, since the weights of a resize sum to 1: the
   * convolution before it has fewer pixels to multiply. After what fuses into the convolution.
   */
  private static void enlargeLast(Node n) {
    Node p = n.inputs.isEmpty() ? null : n.input();
    if (n.op instanceof Op.Conv conv
        && conv.isBare()
        && conv.shape().isPointwise()
        && conv.shape().strideHeight() == 1
        && conv.shape().strideWidth() == 1
        && p.readers == 1
        && (p.op instanceof Op.ResizeLinear || p.op instanceof Op.ResizeNearest)
        && p.input().shape[1] * p.input().shape[2] < p.shape[1] * p.shape[2]
        && Merging.hasSafeWeights(conv)) {
      int[] in = p.input().shape;
      ConvShape small =
          ConvShape.builder(in[1], in[2], in[3])
              .batch(in[0])
              .outChannels(conv.shape().outChannels())
              .build();
      Op resize = p.op;
      p.op = conv.on(small);
      p.shape = new int[] {in[0], in[1], in[2], small.outChannels()};
      n.op = resize;
      String name = p.name;
      p.name = n.name;
      n.name = name;
    }
  }

  /** Last, because a depthwise convolution inside a separable one takes no residual any more. */
  private static void separable(Node n) {
    if (n.op instanceof Op.Conv pointwise
        && pointwise.shape().isPointwise()
        && pointwise.shape().strideHeight() == 1
        && pointwise.shape().strideWidth() == 1
        && n.input().readers == 1
        && n.input().op instanceof Op.Conv depthwise
        && depthwise.shape().isDepthwise()
        && depthwise.shape().inChannels() > 1
        && depthwise.slope() == null
        && depthwise.residual() == Residual.NONE) {
      List<Node> inputs = new ArrayList<>(n.inputs);
      inputs.set(0, n.input().input());
      n.absorb(new Op.Separable(depthwise, pointwise), inputs);
    }
  }

  /** What a pool takes the maxima of need not be written to memory. */
  private static void pooled(Node n) {
    if (n.op instanceof Op.Pool pool
        && pool.max()
        && n.input().readers == 1
        && n.input().op instanceof Op.Conv conv
        && conv.residual() == Residual.NONE
        && (!conv.shape().isDepthwise() || conv.shape().groups() == 1)) {
      n.absorb(new Op.Pooled(conv, pool), n.input().inputs);
    }
  }

  private static boolean isNone(Activation activation) {
    return activation.kind() == Activation.Kind.NONE;
  }
}
