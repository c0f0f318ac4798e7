package io.github.lanewise.onnx;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What an ONNX file says, as far as it is used: the messages of <a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>, whose numbers of
 * fields these are. Not to be changed once they are read. Protocol Buffers' rules hold: the last
 * one of a value counts, lists and messages that occur again are joined, and of several fields that
 * exclude each other the last one is there.
 */
final class Proto {
  private Proto() {}

  /** ModelProto. */
  static final class Model implements WireReader.Message {
    /** Null where there is none. */
    Graph graph;

    final List<OperatorSet> opsetImport = new ArrayList<>();
    final List<Function> functions = new ArrayList<>();

    static Model parse(byte[] bytes, long memoryLimit) {
      return WireReader.read(bytes, memoryLimit, new Model());
    }

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 7 -> graph = in.message(graph == null ? new Graph() : graph);
        case 8 -> opsetImport.add(in.message(new OperatorSet()));
        case 25 -> functions.add(in.message(new Function()));
        default -> in.skip();
      }
    }
  }

  /** FunctionProto. */
  static final class Function implements WireReader.Message {
    final List<String> inputs = new ArrayList<>();
    final List<String> outputs = new ArrayList<>();
    final List<Node> nodes = new ArrayList<>();
    final List<OperatorSet> opsetImport = new ArrayList<>();

    /** Of attributes that a call need not state. */
    final List<Attribute> defaults = new ArrayList<>();

    String name = "";
    String domain = "";
    String overload = "";

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> name = in.text();
        case 4 -> inputs.add(in.text());
        case 5 -> outputs.add(in.text());
        case 7 -> Node.add(nodes, in);
        case 9 -> opsetImport.add(in.message(new OperatorSet()));
        case 10 -> domain = in.text();
        case 11 -> defaults.add(in.message(new Attribute()));
        case 13 -> overload = in.text();
        default -> in.skip();
      }
    }

    /** What a call runs. */
    Graph body() {
      Graph body = new Graph();
      body.nodes.addAll(nodes);
      return body;
    }
  }

  /** OperatorSetIdProto. */
  static final class OperatorSet implements WireReader.Message {
    String domain = "";
    long version;

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> domain = in.text();
        case 2 -> version = in.varint();
        default -> in.skip();
      }
    }
  }

  /** GraphProto. */
  static final class Graph implements WireReader.Message {
    /** Those in the graphs that a node has inside are the node's. */
    final List<Node> nodes = new ArrayList<>();

    final List<Tensor> initializers = new ArrayList<>();
    final List<ValueInfo> inputs = new ArrayList<>();
    final List<ValueInfo> outputs = new ArrayList<>();
    final List<ValueInfo> valueInfo = new ArrayList<>();

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> Node.add(nodes, in);
        case 5 -> initializers.add(in.message(new Tensor()));
        case 11 -> inputs.add(in.message(new ValueInfo()));
        case 12 -> outputs.add(in.message(new ValueInfo()));
        case 13 -> valueInfo.add(in.message(new ValueInfo()));
        default -> in.skip();
      }
    }

    /** Adds what it may read of the names outside, as the graph of a node. */
    void addRead(Set<String> names) {
      outputs.forEach(output -> names.add(output.name));
      allNodes().forEach(node -> names.addAll(node.inputs));
    }

    /** What of it these tensors need, which become its outputs. */
    Graph endingAt(List<String> names) {
      Set<String> needed = new HashSet<>(names);
      Graph part = new Graph();
      for (Node node : nodes.reversed()) {
        if (!Collections.disjoint(needed, node.outputs)) {
          part.nodes.addFirst(node);
          needed.addAll(node.read());
        }
      }
      initializers.stream().filter(t -> needed.contains(t.name)).forEach(part.initializers::add);
      inputs.stream().filter(info -> needed.contains(info.name)).forEach(part.inputs::add);
      part.valueInfo.addAll(valueInfo);
      part.valueInfo.addAll(outputs); // which state types, too
      for (String name : names) {
        ValueInfo output = new ValueInfo();
        output.name = name;
        part.outputs.add(output);
      }
      return part;
    }

    /** Its nodes, and those in the graphs inside of them. */
    Stream<Node> allNodes() {
      return nodes.stream()
          .flatMap(n -> Stream.concat(Stream.of(n), n.inner().flatMap(Graph::allNodes)));
    }
  }

  /** NodeProto. */
  static final class Node implements WireReader.Message {
    final List<String> inputs = new ArrayList<>();
    final List<String> outputs = new ArrayList<>();
    final List<Attribute> attributes = new ArrayList<>();
    String name = "";
    String opType = "";
    String domain = "";
    String overload = "";

    /** Among the nodes of its graph, from 1. */
    int place;

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> inputs.add(in.text());
        case 2 -> outputs.add(in.text());
        case 3 -> name = in.text();
        case 4 -> opType = in.text();
        case 5 -> attributes.add(in.message(new Attribute()));
        case 7 -> domain = in.text();
        case 8 -> overload = in.text();
        default -> in.skip();
      }
    }

    static void add(List<Node> nodes, WireReader in) {
      Node node = new Node();
      node.place = nodes.size() + 1;
      nodes.add(in.message(node));
    }

    /** The graphs inside of it. */
    Stream<Graph> inner() {
      return attributes.stream().map(a -> a.g).filter(Objects::nonNull);
    }

    /** All names that it reads, also inside. */
    Set<String> read() {
      Set<String> names = new HashSet<>(inputs);
      inner().forEach(inner -> inner.addRead(names));
      names.remove("");
      return names;
    }
  }

  /** AttributeProto.AttributeType, by its numbers. */
  enum AttributeType {
    UNDEFINED,
    FLOAT,
    INT,
    STRING,
    TENSOR,
    GRAPH,
    FLOATS,
    INTS,
    STRINGS,
    TENSORS,
    GRAPHS,
    SPARSE_TENSOR,
    SPARSE_TENSORS,
    TYPE_PROTO,
    TYPE_PROTOS;

    private static final AttributeType[] BY_NUMBER = values();
  }

  /** AttributeProto. */
  static final class Attribute implements WireReader.Message {
    String name = "";
    AttributeType type = AttributeType.UNDEFINED;
    float f;
    long i;
    String s = "";

    /** The attribute of the function's call whose value it has, or nothing. */
    String reference = "";

    /** Null where there is none. */
    Tensor t;

    /** Null where there is none. */
    Graph g;

    private LongBuffer ints = WireReader.NO_LONGS;
    private ByteBuffer floats = WireReader.NO_BYTES;

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> name = in.text();
        case 2 -> f = in.real();
        case 3 -> i = in.varint();
        case 4 -> s = in.text();
        case 5 -> t = in.message(t == null ? new Tensor() : t);
        case 6 -> g = in.message(g == null ? new Graph() : g);
        case 7 -> floats = in.fixed(floats, Float.BYTES);
        case 8 -> ints = in.varints(ints);
        case 20 -> type((int) in.varint());
        case 21 -> reference = in.text();
        default -> in.skip();
      }
    }

    /** A number that is not known is as good as none. */
    private void type(int number) {
      if (number >= 0 && number < AttributeType.BY_NUMBER.length) {
        type = AttributeType.BY_NUMBER[number];
      }
    }

    float[] floats() {
      float[] values = new float[floats.limit() / Float.BYTES];
      floats.asFloatBuffer().get(values);
      return values;
    }

    long[] ints() {
      return longs(ints);
    }
  }

  private static long[] longs(LongBuffer numbers) {
    long[] values = new long[numbers.limit()];
    numbers.get(0, values);
    return values;
  }

  /** TensorProto. Bytes are little-endian. */
  static final class Tensor implements WireReader.Message {
    String name = "";
    int dataType;

    /** Null where there are none. */
    ByteBuffer rawData;

    ByteBuffer floatData = WireReader.NO_BYTES;
    ByteBuffer doubleData = WireReader.NO_BYTES;

    /** Numbers of 32 bits: those above are to be dropped. */
    LongBuffer int32Data = WireReader.NO_LONGS;

    LongBuffer int64Data = WireReader.NO_LONGS;
    LongBuffer uint64Data = WireReader.NO_LONGS;
    final List<Entry> externalData = new ArrayList<>();
    boolean isExternal;
    private LongBuffer dims = WireReader.NO_LONGS;

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> dims = in.varints(dims);
        case 2 -> dataType = (int) in.varint();
        case 4 -> floatData = in.fixed(floatData, Float.BYTES);
        case 5 -> int32Data = in.varints(int32Data);
        case 7 -> int64Data = in.varints(int64Data);
        case 8 -> name = in.text();
        case 9 -> rawData = in.bytes();
        case 10 -> doubleData = in.fixed(doubleData, Double.BYTES);
        case 11 -> uint64Data = in.varints(uint64Data);
        case 13 -> externalData.add(in.message(new Entry()));
        case 14 -> location((int) in.varint());
        default -> in.skip();
      }
    }

    /** A number that is not known is as good as none. */
    private void location(int number) {
      isExternal = number == 1 || (isExternal && number != 0);
    }

    long[] dims() {
      return longs(dims);
    }
  }

  /** StringStringEntryProto. */
  static final class Entry implements WireReader.Message {
    String key = "";
    String value = "";

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> key = in.text();
        case 2 -> value = in.text();
        default -> in.skip();
      }
    }
  }

  /** ValueInfoProto. */
  static final class ValueInfo implements WireReader.Message {
    String name = "";
    final Type type = new Type();

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> name = in.text();
        case 2 -> in.message(type);
        default -> in.skip();
      }
    }
  }

  /** TypeProto. */
  static final class Type implements WireReader.Message {
    private static final String TENSOR = "TENSOR_TYPE";

    /** Which of its fields is there. */
    String kind = "VALUE_NOT_SET";

    /** Empty where it is another kind. */
    TensorType tensor = new TensorType();

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> {
          kind = TENSOR;
          in.message(tensor);
        }
        case 4 -> other("SEQUENCE_TYPE", in);
        case 5 -> other("MAP_TYPE", in);
        case 7 -> other("OPAQUE_TYPE", in);
        case 8 -> other("SPARSE_TENSOR_TYPE", in);
        case 9 -> other("OPTIONAL_TYPE", in);
        default -> in.skip();
      }
    }

    private void other(String name, WireReader in) {
      kind = name;
      tensor = new TensorType();
      in.bytes();
    }

    boolean isTensor() {
      return kind.equals(TENSOR);
    }
  }

  /** TypeProto.Tensor. */
  static final class TensorType implements WireReader.Message {
    int elemType;

    /** Null where there is none. */
    Shape shape;

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> elemType = (int) in.varint();
        case 2 -> shape = in.message(shape == null ? new Shape() : shape);
        default -> in.skip();
      }
    }

    /** The sizes that it states: none where it has no shape. */
    List<Dimension> dims() {
      return shape == null ? List.of() : shape.dims;
    }
  }

  /** TensorShapeProto. */
  static final class Shape implements WireReader.Message {
    final List<Dimension> dims = new ArrayList<>();

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> dims.add(in.message(new Dimension()));
        default -> in.skip();
      }
    }
  }

  /** TensorShapeProto.Dimension. */
  static final class Dimension implements WireReader.Message {
    /** Whether it has a size; else it may have a name. */
    boolean hasValue;

    /** 0 where it has none. */
    long value;

    @Override
    public void set(int field, WireReader in) {
      switch (field) {
        case 1 -> {
          value = in.varint();
          hasValue = true;
        }
        case 2 -> {
          in.bytes();
          value = 0;
          hasValue = false;
        }
        default -> in.skip();
      }
    }
  }
}
