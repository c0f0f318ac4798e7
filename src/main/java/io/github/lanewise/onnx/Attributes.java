package io.github.lanewise.onnx;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One node of the file: its attributes by name, checked, and how to speak of it in a message. */
final class Attributes {
  private static final int MAX_NAME = 80;
  private static final int MAX_MESSAGE = 1000;

  private final Map<String, Proto.Attribute> attributes = new HashMap<>();
  private final Proto.Node node;
  private final int total;
  private final Scope scope;
  private final List<String> inputs;

  /** Those that somebody asked for. */
  private final Set<String> read = new HashSet<>();

  /** Where nodes are. */
  static final class Scope {
    private final String within;
    private final int opset;
    private final Map<String, Proto.Attribute> arguments;
    private final Set<String> omitted;

    /**
     * Creates it.
     *
     * @param within the node inside of which they are; empty for the file's own nodes
     * @param opset their opset
     * @param arguments attributes of the call, by name; null outside of functions
     * @param omitted inputs that the call does not state
     */
    Scope(String within, int opset, Map<String, Proto.Attribute> arguments, Set<String> omitted) {
      this.within = within;
      this.opset = opset;
      this.arguments = arguments;
      this.omitted = omitted;
    }

    /** The same, inside of a node. */
    Scope within(String node) {
      return new Scope(node, opset, arguments, omitted);
    }
  }

  Attributes(Proto.Node node, int total, Scope scope) {
    this.node = node;
    this.total = total;
    this.scope = scope;
    this.inputs =
        Collections.disjoint(scope.omitted, node.inputs)
            ? node.inputs
            : node.inputs.stream().map(i -> scope.omitted.contains(i) ? "" : i).toList();
    for (Proto.Attribute a : node.attributes) {
      Proto.Attribute value = a.reference.isEmpty() ? a : argument(a.reference);
      if (value != null) {
        attributes.put(a.name, value);
      }
    }
  }

  /** Null where neither the call nor the function states it. */
  private Proto.Attribute argument(String name) {
    if (scope.arguments == null) {
      throw new OnnxException(
          "%s: attribute %s is one of a function, and the node in none"
              .formatted(describe(), quoted(name)));
    }
    Proto.Attribute value = scope.arguments.get(name);
    if (value != null && value.g != null) {
      throw new OnnxException(
          "%s: attribute %s of the call is a graph, which is not supported"
              .formatted(describe(), quoted(name)));
    }
    return value;
  }

  /** Those that it states, as what a function is called with. */
  void arguments(Map<String, Proto.Attribute> all) {
    all.putAll(attributes);
  }

  /** Text of the file as it may be shown: short, and on one line. */
  static String shown(String text) {
    return shown(text, MAX_NAME);
  }

  /** What another part of Lanewise says, which may quote a name of the file as it is. */
  static String said(Exception e) {
    return shown(String.valueOf(e.getMessage()), MAX_MESSAGE);
  }

  static String shortened(String text, int most) {
    return text.length() > most ? text.substring(0, most) + "..." : text;
  }

  private static String shown(String text, int most) {
    String shown = shortened(text, most);
    // almost all names are plain, and regular expressions take milliseconds when a process is new
    return shown.chars().allMatch(c -> c >= ' ' && c <= '~')
        ? shown
        : shown.replaceAll("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]", "?");
  }

  static String quoted(String text) {
    return "'" + shown(text) + "'";
  }

  static int toInt(String what, long value) {
    if (value != (int) value) {
      throw new OnnxException(what + " has " + value + ", which must fit into 32 bits");
    }
    return (int) value;
  }

  String operator() {
    return node.opType;
  }

  int opset() {
    return scope.opset;
  }

  List<String> inputs() {
    return inputs;
  }

  List<String> outputs() {
    return node.outputs;
  }

  boolean isInDefaultDomain() {
    return isDefaultDomain(node.domain);
  }

  static boolean isDefaultDomain(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  /** As it may be shown. */
  String name() {
    return quoted(
        !node.name.isEmpty() ? node.name : node.outputs.isEmpty() ? "" : node.outputs.getFirst());
  }

  /** Where it stands, its name, operator and opset. */
  String describe() {
    return "node %d of %d%s, %s (operator %s%s, opset %d)"
        .formatted(
            node.place,
            total,
            scope.within.isEmpty() ? "" : " in " + scope.within,
            name(),
            quoted(node.opType),
            isInDefaultDomain() ? "" : " of domain " + quoted(node.domain),
            scope.opset);
  }

  /** Attributes without a meaning for the result, or for the one that is asked for. */
  void ignore(String... names) {
    read.addAll(List.of(names));
  }

  /** One that nobody asked for might change what the node means. */
  void checkAllRead() {
    for (Proto.Attribute a : node.attributes) {
      if (!read.contains(a.name)) {
        throw new OnnxException(
            "attribute %s is not known, or not at opset %d".formatted(quoted(a.name), scope.opset));
      }
    }
  }

  private Proto.Attribute find(String name, Proto.AttributeType type) {
    Proto.Attribute a = raw(name);
    if (a != null && a.type != type && a.type != Proto.AttributeType.UNDEFINED) {
      throw new OnnxException(
          "attribute %s is of type %s, must be %s".formatted(name, a.type, type));
    }
    return a;
  }

  boolean has(String name) {
    read.add(name);
    return attributes.containsKey(name);
  }

  int integer(String name, int otherwise) {
    Proto.Attribute a = find(name, Proto.AttributeType.INT);
    return a == null ? otherwise : toInt("attribute " + name, a.i);
  }

  float real(String name, float otherwise) {
    Proto.Attribute a = find(name, Proto.AttributeType.FLOAT);
    return a == null ? otherwise : a.f;
  }

  /** Numbers that must be there. */
  float[] reals(String name) {
    Proto.Attribute a = find(name, Proto.AttributeType.FLOATS);
    if (a == null) {
      throw new OnnxException("attribute " + name + " is missing");
    }
    return a.floats();
  }

  String text(String name, String otherwise) {
    Proto.Attribute a = find(name, Proto.AttributeType.STRING);
    return a == null ? otherwise : a.s;
  }

  /** Whole numbers, or null where there are none. */
  int[] integers(String name) {
    long[] longs = longs(name);
    if (longs == null) {
      return null;
    }
    int[] out = new int[longs.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = toInt("attribute " + name, longs[i]);
    }
    return out;
  }

  /** Whole numbers of 64 bits, or null where there are none. */
  long[] longs(String name) {
    Proto.Attribute a = find(name, Proto.AttributeType.INTS);
    return a == null ? null : a.ints();
  }

  /**
   * As many whole numbers as stated, each at least {@code min}; {@code otherwise} for each by
   * default.
   */
  int[] integers(String name, int count, int otherwise, int min) {
    int[] values = integers(name);
    if (values == null) {
      values = new int[count];
      java.util.Arrays.fill(values, otherwise);
    }
    if (values.length != count) {
      throw new OnnxException(
          "attribute %s has %d values, must have %d: only images of two dimensions are supported"
              .formatted(name, values.length, count));
    }
    for (int value : values) {
      if (value < min) {
        throw new OnnxException(
            "attribute %s has %d, must be %d or more".formatted(name, value, min));
      }
    }
    return values;
  }

  /** A graph inside of the node, which must be there. */
  Proto.Graph graph(String name) {
    Proto.Attribute a = find(name, Proto.AttributeType.GRAPH);
    if (a == null || a.g == null) {
      throw new OnnxException("attribute " + name + " is missing");
    }
    return a.g;
  }

  Proto.Tensor tensor(String name) {
    Proto.Attribute a = find(name, Proto.AttributeType.TENSOR);
    return a == null ? null : a.t;
  }

  Proto.Attribute raw(String name) {
    read.add(name);
    return attributes.get(name);
  }
}
