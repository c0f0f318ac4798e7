package io.github.lanewise.onnx;

import io.github.lanewise.WeightFormat;
import io.github.lanewise.network.NetworkBuilder;
import io.github.lanewise.network.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known while the nodes of a file are read one after another: a value for every name so
 * far. Hands each operator its inputs in the form that it needs, and bounds the memory spent on the
 * way.
 */
final class Importer {
  /** The order in memory of an image, whose axes the file counts as NCHW. */
  private static final int[] IMAGE = {0, 2, 3, 1};

  /** The order in memory of a signal of one dimension, whose axes the file counts as NCW. */
  private static final int[] SIGNAL = {0, 2, 1};

  /** A tensor with its axes moved. */
  private record Moved(Tensor tensor, List<Integer> moves) {}

  final NetworkBuilder builder;

  /** Where other files with weights lie. */
  final Source source;

  /** How plans keep the weights of matrix products. */
  final WeightFormat weights;

  /** How tensors of whole numbers were made of others. */
  final Map<Tensor, QuantizedOps.Made> quantized = new HashMap<>();

  /** What is known by names. */
  private static final class Names {
    final Map<String, Value> values;

    /** Whose outputs after the first are not read. */
    final Map<String, Attributes> unread = new HashMap<>();

    /** Results that could not be made. */
    final Set<String> missed = new HashSet<>();

    /** The same, also those that a tensor stands in for. */
    final Set<String> lost = new HashSet<>();

    Names(Map<String, Value> values) {
      this.values = values;
    }
  }

  private Names names = new Names(new HashMap<>());
  private final Map<Moved, Tensor> moved = new HashMap<>();

  /** The names of the graph inside of a node that is read; null outside of any. */
  private Set<String> inner;

  private long budget;

  Importer(NetworkBuilder builder, Source source, WeightFormat weights, long memoryLimit) {
    this.builder = builder;
    this.source = source;
    this.weights = weights;
    this.budget = memoryLimit / Float.BYTES;
  }

  /** Spends memory on numbers that are kept; the file's size does not bound them. */
  void charge(long numbers) {
    budget -= numbers;
    if (numbers < 0 || budget < 0) {
      throw new OnnxException("constants and weights need more than the memory limit");
    }
  }

  /** The same for the array of a constant. */
  void charge(ElementType type, long numbers) {
    boolean isWide = !type.isReal() || type == ElementType.FLOAT64;
    charge(isWide ? 2 * numbers : numbers);
  }

  /** Names what is built from here on. */
  void name(String name) {
    builder.name(Attributes.shown(name));
  }

  void define(String name, Value value) {
    if (names.values.putIfAbsent(name, value) != null) {
      throw new OnnxException(Attributes.quoted(name) + " is defined a second time");
    }
    if (inner != null) {
      inner.add(name);
    }
  }

  /**
   * Begins a graph inside of a node, which sees all names so far and whose own end with it.
   *
   * @return what to {@link #leave} with
   */
  Set<String> enter() {
    Set<String> outer = inner;
    inner = new HashSet<>();
    return outer;
  }

  void leave(Set<String> outer) {
    names.values.keySet().removeAll(inner);
    inner = outer;
  }

  /**
   * Begins a function, which sees only its inputs.
   *
   * @return ends it
   */
  Runnable call(Map<String, Value> inputs) {
    Names outside = names;
    Set<String> outer = inner;
    names = new Names(inputs);
    inner = null;
    return () -> {
      names = outside;
      inner = outer;
    };
  }

  /** Remembers whose outputs after the first are not read, to say so where one is needed. */
  void unread(Attributes node) {
    node.outputs().stream().skip(1).forEach(name -> names.unread.putIfAbsent(name, node));
  }

  /** Remembers a result that could not be made. */
  void miss(String name) {
    if (!name.isEmpty()) {
      names.missed.add(name);
      names.lost.add(name);
    }
  }

  /**
   * Results of nodes that could be made, behind which lies all that could not: what the other nodes
   * read of them, and outputs. None if there is a node that reads none and could not be made.
   */
  Set<String> ends(Proto.Graph graph) {
    Set<String> ends = new LinkedHashSet<>();
    Set<String> made = new HashSet<>();
    for (Proto.Node node : graph.nodes) {
      Set<String> read = node.read();
      if (Collections.disjoint(names.lost, read)
          && Collections.disjoint(names.lost, node.outputs)) {
        made.addAll(node.outputs);
        continue;
      }
      boolean isBehind = !Collections.disjoint(names.lost, read);
      names.lost.addAll(node.outputs);
      names.lost.remove("");
      for (String name : read) {
        if (made.contains(name) && names.values.get(name) instanceof Value.View) {
          ends.add(name);
          isBehind = true;
        }
      }
      if (!isBehind) {
        return Set.of();
      }
    }
    graph.outputs.stream()
        .map(info -> info.name)
        .filter(name -> made.contains(name) && names.values.get(name) instanceof Value.View)
        .forEach(ends::add);
    return ends;
  }

  /** Whether one of these results could not be made. */
  boolean misses(List<String> results) {
    for (String input : results) {
      if (names.missed.contains(input)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Puts a tensor in the place of a result that could not be made, so that what reads it can be
   * looked at; no network is built of it.
   */
  void standIn(String name, ElementType type, int[] shape) {
    int[] order = order(shape.length);
    int[] stored = new int[order.length];
    Arrays.setAll(stored, i -> shape[order[i]]);
    try {
      Tensor tensor = builder.input("for " + names.missed.size() + " " + name, stored);
      if (names.values.putIfAbsent(name, wrap(type, tensor, order)) == null) {
        names.missed.remove(name);
      }
    } catch (IllegalArgumentException e) {
      // too large: what reads it is skipped
    }
  }

  /** Whether so much was charged that nothing can be read any more. */
  boolean isSpent() {
    return budget < 0;
  }

  Value get(String name) {
    Value value = names.values.get(name);
    Attributes node = names.unread.get(name);
    if (value == null && node != null && !name.isEmpty()) {
      throw new OnnxException(
          "output %d of %s is not supported"
              .formatted(node.outputs().indexOf(name), node.describe()));
    }
    if (value == null) {
      throw new OnnxException(
          "%s is no input, no initialiser and no result of an earlier node: it is missing, or the"
                  .formatted(Attributes.quoted(name))
              + " nodes form a cycle or are not in order");
    }
    return value;
  }

  /** Whether the node states this input. */
  boolean has(Attributes node, int i) {
    return i < node.inputs().size() && !node.inputs().get(i).isEmpty();
  }

  Value input(Attributes node, int i) {
    if (!has(node, i)) {
      throw new OnnxException("input %d is missing".formatted(i));
    }
    return get(node.inputs().get(i));
  }

  /** An input that must be known when the file is read. */
  Value.Const constant(Attributes node, int i, String what) {
    if (input(node, i) instanceof Value.Const c) {
      return c;
    }
    throw new OnnxException(
        "%s (input %d, %s) must be constant"
            .formatted(what, i, Attributes.quoted(node.inputs().get(i))));
  }

  /** One float for each channel. */
  float[] channels(Attributes node, int i, String what, int channels) {
    Value.Const c = constant(node, i, what);
    if (c.length() != channels || c.shape().length != 1) {
      throw new OnnxException(
          "%s has the shape %s, must be [%d]".formatted(what, c.shapeText(), channels));
    }
    return c.asFloats();
  }

  Value.View view(Attributes node, int i) {
    return view(input(node, i));
  }

  /** A value as a tensor of the network. */
  Value.View view(Value value) {
    return switch (value) {
      case Value.View view -> view;
      case Value.Const c -> {
        int[] order = order(c.shape().length);
        Value.Const moved = c.transposed(order);
        charge(2L * c.length());
        Tensor tensor = builder.constant(moved.asFloats(), moved.shape());
        yield new Value.View(c.type(), tensor, c.shape(), order);
      }
    };
  }

  /** The order in memory of a new tensor: images NHWC, others as the file counts. */
  private static int[] order(int axes) {
    return axes == IMAGE.length ? IMAGE : identity(axes);
  }

  static int[] identity(int axes) {
    int[] order = new int[axes];
    Arrays.setAll(order, i -> i);
    return order;
  }

  /** A tensor of float32 whose axes are stored in an order. */
  static Value.View wrap(Tensor tensor, int[] order) {
    return wrap(ElementType.FLOAT32, tensor, order);
  }

  /** A tensor whose axes are stored in an order. */
  static Value.View wrap(ElementType type, Tensor tensor, int[] order) {
    int[] stored = tensor.shape();
    int[] shape = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      shape[order[i]] = stored[i];
    }
    return new Value.View(type, tensor, shape, order);
  }

  /** The image that a node reads, in NHWC order; a signal, counted as NCW, is one of one row. */
  Tensor image(Value.View view) {
    if (view.shape().length == SIGNAL.length) {
      Tensor signal = stored(view, SIGNAL).tensor();
      int[] shape = signal.shape();
      return builder.reshape(signal, shape[0], 1, shape[1], shape[2]);
    }
    if (view.shape().length != IMAGE.length) {
      throw new OnnxException(
          "the input's shape is %s; only images of four axes and signals of three are supported"
              .formatted(view.shapeText()));
    }
    return stored(view, IMAGE).tensor();
  }

  /** What was made of the {@link #image} of a view, as that was counted. */
  Value.View imageView(Tensor tensor, Value.View of) {
    if (of.shape().length == IMAGE.length) {
      return imageView(tensor).as(of.type());
    }
    int[] shape = tensor.shape();
    Tensor signal = builder.reshape(tensor, shape[0], shape[1] * shape[2], shape[3]);
    return wrap(of.type(), signal, SIGNAL);
  }

  /** A tensor that holds an image in NHWC order, as the file counts it. */
  static Value.View imageView(Tensor tensor) {
    return wrap(tensor, IMAGE);
  }

  /** The same value with its axes in this order in memory, moved once for all who ask. */
  Value.View stored(Value.View view, int[] order) {
    if (Arrays.equals(view.order(), order)) {
      return view;
    }
    int[] at = new int[order.length];
    for (int i = 0; i < at.length; i++) {
      at[view.order()[i]] = i;
    }
    int[] moves = new int[order.length];
    Arrays.setAll(moves, i -> at[order[i]]);
    Moved key = new Moved(view.tensor(), Arrays.stream(moves).boxed().toList());
    Tensor tensor = moved.computeIfAbsent(key, k -> builder.transpose(k.tensor(), moves));
    return new Value.View(view.type(), tensor, view.shape(), order);
  }

  /** The same value with its axes in memory as the file counts them. */
  Value.View plain(Value.View view) {
    return stored(view, identity(view.shape().length));
  }

  /** With leading axes of size 1, up to a number of axes. */
  Value.View withAxes(Value.View view, int axes) {
    int more = axes - view.shape().length;
    if (more <= 0) {
      return view;
    }
    int[] order = new int[axes];
    int[] stored = new int[axes];
    for (int i = 0; i < axes; i++) {
      order[i] = i < more ? i : view.order()[i - more] + more;
      stored[i] = i < more ? 1 : view.tensor().shape()[i - more];
    }
    return wrap(view.type(), builder.reshape(view.tensor(), stored), order);
  }

  /**
   * A constant as the second operand of an operator on {@code like}: as many axes, in the same
   * order in memory. Exporters repeat constants to the size of a tensor; undone, they may fuse.
   */
  Value.View operand(Value.Const c, Value.View like) {
    int axes = like.shape().length;
    if (c.shape().length > axes) {
      return view(c);
    }
    charge(2L * c.length());
    Value.Const small = c.withAxes(axes).unrepeated(like.shape());
    Value.Const moved = small.transposed(like.order());
    Tensor tensor = builder.constant(moved.asFloats(), moved.shape());
    return new Value.View(c.type(), tensor, small.shape(), like.order());
  }

  /** An axis, counted from the last where negative. */
  static int axis(int axis, int axes) {
    int found = axis < 0 ? axis + axes : axis;
    if (found < 0 || found >= axes) {
      throw new OnnxException("axis %d must be one of %d axes".formatted(axis, axes));
    }
    return found;
  }

  /**
   * Axes counted from the first, each named once at most: a list in the file may be of any length.
   */
  static int[] axes(long[] stated, int axes) {
    if (stated.length > axes) {
      throw new OnnxException("it names %d axes of %d".formatted(stated.length, axes));
    }
    int[] found = new int[stated.length];
    boolean[] named = new boolean[axes];
    for (int i = 0; i < found.length; i++) {
      found[i] = axis(Attributes.toInt("axes", stated[i]), axes);
      if (named[found[i]]) {
        throw new OnnxException("axis %d is named twice".formatted(found[i]));
      }
      named[found[i]] = true;
    }
    return found;
  }

  /** Where in memory an axis of the file lies. */
  static int place(Value.View view, int axis) {
    for (int i = 0; i < view.order().length; i++) {
      if (view.order()[i] == axis) {
        return i;
      }
    }
    throw new IllegalStateException("no axis " + axis);
  }
}
