package io.github.lanewise.djl;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a network whose outputs are constants times the mean red of a small image. */
final class RedNetwork {
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("red");

  /** Of an input of 8 x 8. */
  RedNetwork() {
    this(8);
  }

  /** Of a square input. */
  RedNetwork(long size) {
    this(size, size);
  }

  /** Of an input of so many rows and columns, of any number for -1. */
  RedNetwork(long height, long width) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long each : new long[] {1, 3, height, width}) {
      TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(each < 0 ? dim.setDimParam("open") : dim.setDimValue(each));
    }
    graph.addInput(
        ValueInfoProto.newBuilder()
            .setName("image")
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape))));
    node("GlobalAveragePool", "mean", "image");
    node("Flatten", "colour", "mean");
  }

  private void node(String operator, String output, String... inputs) {
    graph.addNode(
        NodeProto.newBuilder().setOpType(operator).addOutput(output).addAllInput(List.of(inputs)));
  }

  RedNetwork output(String name, List<Long> shape, float... values) {
    TensorProto.Builder weights =
        TensorProto.newBuilder().setName(name + "_w").setDataType(1).addDims(3);
    weights.addDims(values.length);
    for (int i = 0; i < 3 * values.length; i++) {
      weights.addFloatData(i < values.length ? values[i] : 0);
    }
    graph.addInitializer(weights);
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name + "_shape")
            .setDataType(7)
            .addDims(shape.size())
            .addAllInt64Data(shape));
    node("MatMul", name + "_flat", "colour", name + "_w");
    node("Reshape", name, name + "_flat", name + "_shape");
    graph.addOutput(ValueInfoProto.newBuilder().setName(name));
    return this;
  }

  Path write(Path folder) throws IOException {
    ModelProto model =
        ModelProto.newBuilder()
            .setIrVersion(8)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
            .setGraph(graph)
            .build();
    return Files.write(folder.resolve("red.onnx"), model.toByteArray());
  }
}
