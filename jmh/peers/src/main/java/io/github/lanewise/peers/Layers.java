package io.github.lanewise.peers;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.jmh.layers.Stage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * ONNX models of layers, and what is left of one when the conversions of layout at its ends are cut
 * off.
 *
 * @param head the conversion of the input; empty if there is none
 * @param body the layers, reading {@link #INPUT} and writing {@link #OUTPUT}
 * @param tail the conversion of the output; empty if there is none
 */
record Layers(Optional<ModelProto> head, ModelProto body, Optional<ModelProto> tail) {
  static final String INPUT = "input";
  static final String OUTPUT = "output";
  private static final String TO_BLOCKS = "ReorderInput";
  private static final String FROM_BLOCKS = "ReorderOutput";

  /** Convolutions that follow each other, NCHW, with their activations. */
  static ModelProto model(List<Stage> stages) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("layers");
    ConvShape first = stages.getFirst().shape();
    graph.addInput(value(INPUT, 1, first.inChannels(), first.inHeight(), first.inWidth()));
    String tensor = INPUT;
    for (int i = 0; i < stages.size(); i++) {
      String result = i == stages.size() - 1 ? OUTPUT : "middle" + i;
      addConvolution(graph, i, stages.get(i), tensor, result);
      tensor = result;
    }
    ConvShape last = stages.getLast().shape();
    graph.addOutput(value(OUTPUT, 1, last.outChannels(), last.outHeight(), last.outWidth()));
    ModelProto.Builder model = ModelProto.newBuilder().setGraph(graph);
    return merge(model, "ir_version: 8 opset_import { version: 17 }").build();
  }

  private static void addConvolution(
      GraphProto.Builder graph, int index, Stage stage, String input, String output) {
    ConvShape s = stage.shape();
    ConvShape.Axis y = s.vertical();
    ConvShape.Axis x = s.horizontal();
    long[] dims = {s.outChannels(), s.inChannelsPerGroup(), y.kernel(), x.kernel()};
    graph.addInitializer(floats("weights" + index, oihw(stage), dims));
    graph.addInitializer(floats("bias" + index, stage.bias(), s.outChannels()));
    Activation activation = stage.activation();
    boolean clamps = !activation.equals(Activation.NONE);
    String sum = clamps ? "sum" + index : output;
    // ONNX takes no negative padding: rows and columns that no output reads are just not read.
    String convolution =
        """
        node {
          op_type: "Conv"
          name: "conv%1$s"
          input: ["%2$s", "weights%1$s", "bias%1$s"]
          output: "%3$s"
          attribute { name: "group" type: INT i: %4$s }
          attribute { name: "kernel_shape" type: INTS ints: %5$s }
          attribute { name: "strides" type: INTS ints: %6$s }
          attribute { name: "dilations" type: INTS ints: %7$s }
          attribute { name: "pads" type: INTS ints: %8$s }
        }
        """
            .formatted(
                index,
                input,
                sum,
                s.groups(),
                List.of(y.kernel(), x.kernel()),
                List.of(y.stride(), x.stride()),
                List.of(y.dilation(), x.dilation()),
                List.of(y.before(), x.before(), y.missing(), x.missing()));
    merge(graph, convolution);
    if (activation.equals(Activation.RELU)) {
      merge(graph, "node { op_type: 'Relu' input: '%s' output: '%s' }".formatted(sum, output));
    } else if (clamps) {
      graph.addInitializer(floats("lower" + index, new float[] {activation.lower()}));
      graph.addInitializer(floats("upper" + index, new float[] {activation.upper()}));
      merge(
          graph,
          "node { op_type: 'Clip' input: ['%2$s', 'lower%1$s', 'upper%1$s'] output: '%3$s' }"
              .formatted(index, sum, output));
    }
  }

  /** Adds what a text in the format of protocol buffers says. */
  private static <B extends Message.Builder> B merge(B builder, String text) {
    try {
      TextFormat.merge(text, builder);
      return builder;
    } catch (TextFormat.ParseException e) {
      throw new IllegalStateException(text, e);
    }
  }

  private static float[] oihw(Stage stage) {
    float[] hwio = stage.weights();
    int outer = stage.shape().outChannels();
    int inner = stage.shape().inChannelsPerGroup();
    int taps = hwio.length / outer / inner;
    float[] oihw = new float[hwio.length];
    for (int i = 0; i < hwio.length; i++) {
      int o = i % outer;
      int in = i / outer % inner;
      oihw[(o * inner + in) * taps + i / outer / inner] = hwio[i];
    }
    return oihw;
  }

  private static TensorProto floats(String name, float[] values, long... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * values.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.FLOAT_VALUE)
        .addAllDims(LongStream.of(dims).boxed().toList())
        .setRawData(ByteString.copyFrom(bytes))
        .build();
  }

  private static ValueInfoProto value(String name, int... sizes) {
    String dims =
        IntStream.of(sizes)
            .mapToObj(size -> " dim { dim_value: " + size + " }")
            .collect(Collectors.joining());
    String shape = sizes.length == 0 ? "" : "shape {" + dims + " }";
    return merge(
            ValueInfoProto.newBuilder(),
            "name: '%s' type { tensor_type { elem_type: 1 %s } }".formatted(name, shape))
        .build();
  }

  /** Cuts an optimized model where tensors change to and from blocks of channels. */
  static Layers split(ModelProto model) {
    GraphProto graph = model.getGraph();
    Optional<NodeProto> head =
        find(graph, node -> node.getOpType().equals(TO_BLOCKS) && node.getInput(0).equals(INPUT));
    Optional<NodeProto> tail =
        find(
            graph,
            node -> node.getOpType().equals(FROM_BLOCKS) && node.getOutput(0).equals(OUTPUT));
    String from = head.map(node -> node.getOutput(0)).orElse(INPUT);
    String to = tail.map(node -> node.getInput(0)).orElse(OUTPUT);
    GraphProto.Builder body =
        graph.toBuilder().clearNode().clearInput().clearOutput().clearValueInfo();
    body.addInput(head.isPresent() ? value(INPUT) : graph.getInput(0));
    body.addOutput(tail.isPresent() ? value(OUTPUT) : graph.getOutput(0));
    for (NodeProto node : graph.getNodeList()) {
      if (!node.equals(head.orElse(null)) && !node.equals(tail.orElse(null))) {
        body.addNode(renamed(node, from, to));
      }
    }
    return new Layers(
        head.map(node -> alone(model, node)),
        model.toBuilder().setGraph(body).build(),
        tail.map(node -> alone(model, node)));
  }

  private static Optional<NodeProto> find(GraphProto graph, Predicate<NodeProto> wanted) {
    return graph.getNodeList().stream().filter(wanted).findFirst();
  }

  private static NodeProto renamed(NodeProto node, String from, String to) {
    NodeProto.Builder copy = node.toBuilder().clearInput().clearOutput();
    node.getInputList().forEach(name -> copy.addInput(name.equals(from) ? INPUT : name));
    node.getOutputList().forEach(name -> copy.addOutput(name.equals(to) ? OUTPUT : name));
    return copy.build();
  }

  private static ModelProto alone(ModelProto model, NodeProto node) {
    return model.toBuilder()
        .setGraph(
            GraphProto.newBuilder()
                .setName(node.getOpType())
                .addInput(value(INPUT))
                .addOutput(value(OUTPUT))
                .addNode(renamed(node, node.getInput(0), node.getOutput(0))))
        .build();
  }
}
