package io.github.lanewise.onnx;

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
  private final int index;
  private final int total;
  private final int opset;

  /** The node inside of which it is; empty for the file's own nodes. */
  private final String within;

  /** Those that somebody asked for. */
  private final Set<String> read = new HashSet<>();

  Attributes(Proto.Node node, int index, int total, String within, int opset) {
    this.node = node;
    this.index = index;
    this.total = total;
    this.within = within;
    this.opset = opset;
    for (Proto.Attribute a : node.attributes) {
      attributes.put(a.name, a);
    }
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
    return opset;
  }

  List<String> inputs() {
    return node.inputs;
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
            index + 1,
            total,
            within.isEmpty() ? "" : " in " + within,
            name(),
            quoted(node.opType),
            isInDefaultDomain() ? "" : " of domain " + quoted(node.domain),
            opset);
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
            "attribute %s is not known, or not at opset %d".formatted(quoted(a.name), opset));
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
