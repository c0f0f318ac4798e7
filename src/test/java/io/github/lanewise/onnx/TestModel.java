package io.github.lanewise.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import io.github.lanewise.network.Network;
import java.util.List;
import java.util.Map;

/** Writes small ONNX files. */
final class TestModel {
  final GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
  private long opset = 17;

  TestModel opset(long version) {
    this.opset = version;
    return this;
  }

  TestModel input(String name, long... shape) {
    graph.addInput(value(name, shape));
    return this;
  }

  TestModel output(String name) {
    graph.addOutput(ValueInfoProto.newBuilder().setName(name));
    return this;
  }

  /** An input of another type than float32, by ONNX's number of it. */
  TestModel typedInput(String name, int type, long... shape) {
    graph.addInput(ValueInfoProto.newBuilder().setName(name).setType(type(type, shape)));
    return this;
  }

  static ValueInfoProto value(String name, long... shape) {
    return ValueInfoProto.newBuilder().setName(name).setType(type(1, shape)).build();
  }

  static TypeProto type(int element, long... shape) {
    TensorShapeProto.Builder dims = TensorShapeProto.newBuilder();
    for (long size : shape) {
      TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
      dims.addDim(size < 0 ? dim.setDimParam("open") : dim.setDimValue(size));
    }
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder().setElemType(element);
    return TypeProto.newBuilder().setTensorType(type.setShape(dims)).build();
  }

  TestModel floats(String name, List<Long> shape, float... values) {
    TensorProto.Builder t = TensorProto.newBuilder().setName(name).setDataType(1);
    t.addAllDims(shape);
    for (float value : values) {
      t.addFloatData(value);
    }
    graph.addInitializer(t);
    return this;
  }

  /** A tensor of any type, by ONNX's number of it, of the bytes that a file has. */
  TestModel raw(String name, int type, List<Long> shape, int... bytes) {
    byte[] data = new byte[bytes.length];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) bytes[i];
    }
    TensorProto.Builder t = TensorProto.newBuilder().setName(name).setDataType(type);
    graph.addInitializer(t.addAllDims(shape).setRawData(ByteString.copyFrom(data)));
    return this;
  }

  TestModel longs(String name, long... values) {
    TensorProto.Builder t = TensorProto.newBuilder().setName(name).setDataType(7);
    t.addDims(values.length);
    for (long value : values) {
      t.addInt64Data(value);
    }
    graph.addInitializer(t);
    return this;
  }

  /**
   * A node; attributes as name, value, ...: an int, a float, a text, a graph, a list of ints or
   * floats.
   */
  TestModel node(String operator, String inputs, String output, Object... attributes) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator).addOutput(output);
    if (!inputs.isEmpty()) {
      node.addAllInput(List.of(inputs.split(" ", -1)));
    }
    for (int i = 0; i < attributes.length; i += 2) {
      AttributeProto.Builder a = AttributeProto.newBuilder().setName((String) attributes[i]);
      switch (attributes[i + 1]) {
        case Integer n -> a.setI(n).setType(AttributeProto.AttributeType.INT);
        case Float f -> a.setF(f).setType(AttributeProto.AttributeType.FLOAT);
        case GraphProto g -> a.setG(g).setType(AttributeProto.AttributeType.GRAPH);
        case String s ->
            a.setS(ByteString.copyFromUtf8(s)).setType(AttributeProto.AttributeType.STRING);
        case List<?> floats when floats.getFirst() instanceof Float -> {
          a.setType(AttributeProto.AttributeType.FLOATS);
          floats.forEach(f -> a.addFloats((Float) f));
        }
        case List<?> ints -> {
          a.setType(AttributeProto.AttributeType.INTS);
          ints.forEach(n -> a.addInts((Integer) n));
        }
        default -> throw new IllegalArgumentException("" + attributes[i + 1]);
      }
      node.addAttribute(a);
    }
    graph.addNode(node);
    return this;
  }

  /** A graph inside of a node that passes on what it sees. */
  static GraphProto passing(String from) {
    return new TestModel().node("Identity", from, "passed").output("passed").graph.build();
  }

  ModelProto model() {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph)
        .build();
  }

  Network read() {
    return OnnxReader.DEFAULT.read(model().toByteArray());
  }

  /** The only output for the only input. */
  float[] run(float... input) {
    Network network = read();
    return network
        .run(Map.of(network.inputs().getFirst().name(), input))
        .get(network.outputs().getFirst().name());
  }

  /** One of every operator, small, as a base for mutations. */
  static TestModel manyOperators() {
    return new TestModel()
        .opset(24)
        .input("x", 1, 3, 8, 8)
        .floats("w", List.of(4L, 3L, 3L, 3L), new float[108])
        .floats("d", List.of(4L, 1L, 3L, 3L), new float[36])
        .floats("p", List.of(4L, 4L, 1L, 1L), new float[16])
        .floats("c", List.of(4L), 1, 2, 3, 4)
        .floats("m", List.of(4L, 5L), new float[20])
        .floats("square", List.of(5L, 5L), new float[25])
        .floats("lo", List.of(), 0)
        .floats("hi", List.of(), 6)
        .floats("scales", List.of(4L), 1, 1, 2, 2)
        .floats("slope", List.of(4L, 1L, 1L), 0.1f, 0.2f, 0.3f, 0.4f)
        .longs("pads", 0, 0, 1, 1, 0, 0, 1, 1)
        .longs("one", 1)
        .longs("two", 2)
        .longs("end", -1)
        .node("Conv", "x w c", "a", "auto_pad", "SAME_UPPER", "strides", List.of(2, 2))
        .node("BatchNormalization", "a c c c c", "b", "epsilon", 1e-3f)
        .node("Clip", "b lo hi", "e")
        .node("Pad", "e pads", "f")
        .node("Conv", "f d", "g", "group", 4, "kernel_shape", List.of(3, 3))
        .node("PRelu", "g slope", "h")
        .node("Conv", "h p c", "i")
        .node("Add", "i e", "j")
        .node("GlobalAveragePool", "j", "k")
        .node("Sigmoid", "k", "l")
        .node("Mul", "j l", "n")
        .node("MaxPool", "n", "o", "kernel_shape", List.of(3, 3), "pads", List.of(1, 1, 1, 1))
        .node("AveragePool", "o", "q", "kernel_shape", List.of(2, 2), "ceil_mode", 1)
        .node("Resize", "q  scales", "r", "mode", "linear")
        .node("Concat", "r r", "s", "axis", 1)
        .node("Transpose", "s", "t", "perm", List.of(0, 2, 3, 1))
        .node("Shape", "t", "u")
        .node("Slice", "u one two", "v")
        .node("Concat", "v end", "y", "axis", 0)
        .node("Reshape", "t y", "z")
        .node("Softmax", "z", "out1", "axis", -1)
        .imaging("n", "best")
        .quantizing("n", "quantized")
        .node("Add", "best quantized", "changed")
        .node("ReduceMean", "changed", "aa", "axes", List.of(2, 3), "keepdims", 0)
        .node("Gemm", "aa m", "bb", "alpha", 0.5f)
        .node("HardSwish", "bb", "cc")
        .node("Relu", "cc", "dd")
        .node("LeakyRelu", "dd", "ee", "alpha", 0.1f)
        .node("HardSigmoid", "ee", "ff")
        .node("Identity", "ff", "of_ff")
        .raw("true", 9, List.of(), 1)
        .node("If", "true", "gg", "then_branch", passing("of_ff"), "else_branch", passing("x"))
        .node("Dropout", "gg", "hh")
        .node("MatMul", "hh square", "ii")
        .node("Constant", "", "half", "value_float", 0.5f)
        .node("Ceil", "half", "unit")
        .node("Div", "ii unit", "jj")
        .node("Floor", "half", "zero")
        .node("Sub", "jj zero", "kk")
        .node("Shape", "kk", "size")
        .node("ConstantOfShape", "size", "zeros")
        .node("Add", "kk zeros", "ll")
        .node("Gather", "size one", "five")
        .node("Cast", "five", "factor", "to", 1)
        .node("Mul", "ll factor", "mm")
        .computing("mm", "computed")
        .node("Unsqueeze", "computed one", "nn")
        .node("Flatten", "nn", "oo", "axis", 2)
        .node("Trilu", "oo", "pp")
        .longs("rows", 0, 0)
        .longs("two_of_it", 2, 1)
        .longs("first", 0)
        .longs("depth", 5)
        .raw("zero_long", 7, List.of(), 0, 0, 0, 0, 0, 0, 0, 0)
        .floats("on", List.of(2L), 1, 2)
        .raw("of_five", 9, List.of(5L), 1, 1, 1, 1, 1)
        .raw("at", 7, List.of(1L, 1L), 0, 0, 0, 0, 0, 0, 0, 0)
        .node("Tile", "pp two_of_it", "qq")
        .node("Split", "qq", "rr", "axis", 0)
        .node("Gather", "rr rows", "ss", "axis", 0)
        .node("Slice", "ss one two first", "tt")
        .node("Expand", "tt two_of_it", "uu")
        .node("Compress", "uu of_five", "vv")
        .node("GatherElements", "vv rows", "ww")
        .node("GatherND", "ww at", "xx")
        .node("ScatterND", "ww at xx", "yy")
        .node("ScatterElements", "yy one xx", "zz")
        .node("SpaceToDepth", "x", "blocks", "blocksize", 2)
        .node("DepthToSpace", "blocks", "image", "blocksize", 2)
        .node("Size", "image", "numbers")
        .node("Range", "zero_long numbers numbers", "start")
        .node("NonZero", "of_five", "places")
        .node("EyeLike", "places", "ones", "dtype", 7)
        .node("Gather", "ones start", "hot", "axis", 1)
        .node("OneHot", "hot depth on", "hots", "axis", 0)
        .node("Squeeze", "hots", "rows_of_one")
        .node("Gather", "rows_of_one rows", "two_rows")
        .node("Add", "zz two_rows", "sums")
        .node("Squeeze", "sums", "out2")
        .output("out1")
        .output("out2");
  }

  /**
   * One after another what normalizes an image of four channels, columns and rows, or samples it.
   */
  private TestModel imaging(String from, String to) {
    return floats("grid", List.of(1L, 4L, 4L, 2L), new float[32])
        .node("LRN", from, "LRN", "size", 3)
        .node("InstanceNormalization", "LRN c c", "instancesOfImage")
        .node("GroupNormalization", "instancesOfImage c c", "groupsOfImage", "num_groups", 2)
        .node("LayerNormalization", "groupsOfImage c", "layersOfImage")
        .node("RMSNormalization", "layersOfImage c", "squaresOfImage")
        .node("LpNormalization", "squaresOfImage", "normsOfImage")
        .node("GridSample", "normsOfImage grid", "samplesOfImage")
        .node("LpPool", "samplesOfImage", "pooledOfImage", "kernel_shape", List.of(2, 2))
        .node("ConvTranspose", "pooledOfImage p", "transposedOfImage", "strides", List.of(2, 2))
        .node("GlobalMaxPool", "transposedOfImage", "mostOfImage")
        .node("GlobalLpPool", "transposedOfImage", "normOfImage")
        .node("Add", "mostOfImage normOfImage", "bothOfImage")
        .node("TopK", "bothOfImage one", to, "axis", 1);
  }

  /** From real numbers to whole ones, products of those, and back. */
  private TestModel quantizing(String from, String to) {
    return node("Cast", "p", "p8", "to", 3)
        .node("Cast", "lo", "noneU", "to", 2)
        .node("Cast", "lo", "noneS", "to", 3)
        .node("Cast", "pixel", "pixel8", "to", 3)
        .floats("pixel", List.of(4L, 4L), new float[16])
        .node("QuantizeLinear", from + " hi noneU", "wholeQuantized")
        .node("QLinearConv", "wholeQuantized hi noneU p8 hi noneS hi noneU", "convolvedQuantized")
        .node(
            "QLinearMatMul",
            "convolvedQuantized hi noneU pixel8 hi noneS hi noneU",
            "multipliedQuantized")
        .node("DequantizeLinear", "multipliedQuantized hi noneU", "realQuantized")
        .node("DynamicQuantizeLinear", "realQuantized", "dynamicQuantized")
        .node("ConvInteger", "dynamicQuantized p8", "sumsQuantized")
        .node("MatMulInteger", "dynamicQuantized pixel8", "productsQuantized")
        .node("Add", "sumsQuantized productsQuantized", "addedQuantized")
        .node("Cast", "addedQuantized", to, "to", 1);
  }

  /** One after another each function of values, of two tensors, and of all along an axis. */
  private TestModel computing(String from, String to) {
    String last = from;
    for (String each :
        ("Abs Acos Acosh Asin Asinh Atan Atanh Celu Cos Cosh Elu Erf Exp Gelu Hardmax IsInf IsNaN"
                + " Log LogSoftmax Mish Neg Not Reciprocal Round Selu Shrink Sign Sin Sinh Softplus"
                + " Softsign Sqrt Swish Tan Tanh ThresholdedRelu")
            .split(" ", -1)) {
      node(each, last, each);
      last = each;
    }
    for (String each :
        ("And CastLike Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Or Pow Sum"
                + " Xor")
            .split(" ", -1)) {
      node(each, from + " " + last, each);
      last = each;
    }
    node("Where", last + " " + from + " " + last, "Where");
    node("MeanVarianceNormalization", "Where", "normal", "axes", List.of(1));
    node("Einsum", "normal Where", "products", "equation", "ij,kj->ik");
    node("Add", "Where products", "totals");
    node("ArgMax", "totals", "ArgMax");
    node("ArgMin", "Where", "ArgMin", "axis", 1);
    node("Add", "ArgMax ArgMin", "extremes");
    last = "extremes";
    for (String each :
        ("CumSum ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMin ReduceProd"
                + " ReduceSum ReduceSumSquare")
            .split(" ", -1)) {
      node(each, last + " one", each);
      last = each;
    }
    return node("Add", last + " " + from, to);
  }
}
