package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.GridSample;
import io.github.lanewise.operators.GridSample.Mode;
import io.github.lanewise.operators.GridSample.Outside;
import io.github.lanewise.operators.TopK;
import java.util.List;

/** Operators that choose values by other values. */
final class SamplingOps {

  private SamplingOps() {}

  static Value gridSample(Importer in, Attributes node) {
    Value.View x = in.view(node, 0);
    Value.View grid = in.view(node, 1);
    if (x.shape().length != 4 || grid.shape().length != 4) {
      throw new OnnxException(
          "shapes %s and %s: only images of two dimensions are supported"
              .formatted(x.shapeText(), grid.shapeText()));
    }
    String mode = node.text("mode", "linear");
    String outside = node.text("padding_mode", "zeros");
    GridSample operation =
        new GridSample(
            switch (mode) {
              case "nearest" -> Mode.NEAREST;
              case "linear", "bilinear" -> Mode.LINEAR;
              case "cubic", "bicubic" -> Mode.CUBIC;
              default -> throw unknown("mode", mode);
            },
            switch (outside) {
              case "zeros" -> Outside.ZEROS;
              case "border" -> Outside.BORDER;
              case "reflection" -> Outside.REFLECTION;
              default -> throw unknown("padding_mode", outside);
            },
            node.integer("align_corners", 0) != 0);
    List<Tensor> from = List.of(in.image(x), in.plain(grid).tensor());
    return in.imageView(in.builder.operation(operation, from).getFirst(), x);
  }

  private static OnnxException unknown(String attribute, String value) {
    return new OnnxException(attribute + " " + Attributes.quoted(value) + " is unknown");
  }

  static Value topK(Importer in, Attributes node) {
    Value.View x = in.view(node, 0);
    int axis = Importer.axis(node.integer("axis", -1), x.shape().length);
    int k;
    if (node.opset() < 10) {
      k = node.integer("k", 0);
    } else {
      int[] stated = in.constant(node, 1, "k").asInts("k");
      if (stated.length != 1) {
        throw new OnnxException("k must be one number, not " + stated.length);
      }
      k = stated[0];
    }
    int[] order = ShapeOps.withLast(x.order(), axis);
    node.ignore("sorted"); // they are
    TopK operation = new TopK(k, node.integer("largest", 1) != 0);
    List<Tensor> results = in.builder.operation(operation, List.of(in.stored(x, order).tensor()));
    if (node.outputs().size() > 1 && !node.outputs().get(1).isEmpty()) {
      in.define(node.outputs().get(1), Importer.wrap(ElementType.INT64, results.get(1), order));
    }
    return Importer.wrap(x.type(), results.getFirst(), order);
  }
}
