package io.github.lanewise.onnx;

import io.github.lanewise.ConvShape;
import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Reduction;
import io.github.lanewise.operators.Windows;
import java.util.Arrays;
import java.util.List;

/** Reductions over windows and over whole images. */
final class PoolOps {
  /** Larger whole numbers are not all floats. */
  private static final int MAX_INDEX = 1 << 24;

  private PoolOps() {}

  static Value max(Importer in, Attributes node) {
    Value.View view = in.view(node, 0);
    Tensor x = in.image(view);
    ConvShape window = window(in, node, view, x).pool(x, ceiling(node));
    node.ignore("storage_order");
    if (node.outputs().size() < 2 || node.outputs().get(1).isEmpty()) {
      return in.imageView(in.builder.maxPool(x, window), view);
    }
    if (window.srcLength() > MAX_INDEX) {
      throw new OnnxException(
          "indices of %s would exceed 2^24, up to which floats are whole numbers"
              .formatted(view.shapeText()));
    }
    boolean columnMajor = node.integer("storage_order", 0) != 0;
    List<Tensor> results = in.builder.operation(new Windows(window, 0, columnMajor), List.of(x));
    in.define(node.outputs().get(1), in.imageView(results.get(1), view).as(ElementType.INT64));
    return in.imageView(results.getFirst(), view);
  }

  static Value average(Importer in, Attributes node) {
    Value.View view = in.view(node, 0);
    Tensor x = in.image(view);
    boolean countPadding = node.integer("count_include_pad", 0) != 0;
    WindowAttributes attributes = window(in, node, view, x);
    ConvShape window = attributes.pool(x, ceiling(node));
    if (countPadding && !window.equals(attributes.pool(x, false))) {
      // what ceil_mode adds does not count
      int[] pads = attributes.pads();
      x =
          in.builder.pad(
              x, new int[] {0, pads[0], pads[1], 0}, new int[] {0, pads[2], pads[3], 0}, 0);
      window = attributes.withoutPads().pool(x, true);
      countPadding = false;
    }
    return in.imageView(in.builder.averagePool(x, window, countPadding), view);
  }

  static Value norm(Importer in, Attributes node) {
    Value.View view = in.view(node, 0);
    Tensor x = in.image(view);
    ConvShape window = window(in, node, view, x).pool(x, ceiling(node));
    Windows norm = new Windows(window, order(node), false);
    return in.imageView(in.builder.operation(norm, List.of(x)).getFirst(), view);
  }

  private static boolean ceiling(Attributes node) {
    return node.integer("ceil_mode", 0) != 0;
  }

  /** The order of a norm. */
  private static int order(Attributes node) {
    int p = node.integer("p", 2);
    if (p < 1) {
      throw new OnnxException("attribute p = " + p + " must be 1 or more");
    }
    return p;
  }

  private static WindowAttributes window(Importer in, Attributes node, Value.View view, Tensor x) {
    WindowAttributes window = WindowAttributes.of(node, view.shape().length, null);
    for (int i = 0; i < window.pads().length; i++) {
      if (window.pads()[i] >= window.reach(i % 2)) {
        throw new OnnxException(
            "pads %s must be smaller than the kernel %s with dilations %s, else windows are empty"
                .formatted(
                    Arrays.toString(window.pads()),
                    Arrays.toString(window.kernel()),
                    Arrays.toString(window.dilations())));
      }
    }
    in.charge(2L * window.pool(x, ceiling(node)).outWidth());
    return window;
  }

  /** Over all axes but the first two. */
  static Value global(Importer in, Attributes node, Reduction.Kind kind) {
    Value.View x = in.view(node, 0);
    int axes = x.shape().length;
    if (axes < 3) {
      throw new OnnxException("the input's shape is " + x.shapeText() + ", is no image");
    }
    if (kind == Reduction.Kind.MEAN && axes <= 4) {
      return in.imageView(in.builder.globalAveragePool(in.image(x)), x);
    }
    int[] places = new int[axes - 2];
    Arrays.setAll(places, i -> Importer.place(x, i + 2));
    return Operations.apply(in, new Reduction(kind, places), x.type(), x);
  }

  static Value globalNorm(Importer in, Attributes node) {
    return switch (order(node)) {
      case 1 -> global(in, node, Reduction.Kind.L1);
      case 2 -> global(in, node, Reduction.Kind.L2);
      default -> throw new OnnxException("attribute p must be 1 or 2");
    };
  }
}
