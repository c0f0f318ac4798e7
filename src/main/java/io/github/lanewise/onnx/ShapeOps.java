package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Selection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that move values or only call them by another shape. */
final class ShapeOps {

  private ShapeOps() {}

  /** The order with one axis moved to the end. */
  static int[] withLast(int[] order, int last) {
    int[] out = new int[order.length];
    int n = 0;
    for (int axis : order) {
      if (axis != last) {
        out[n++] = axis;
      }
    }
    out[n] = last;
    return out;
  }

  static Value transpose(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int axes = x.shape().length;
    int[] perm = node.integers("perm");
    if (perm == null) {
      perm = new int[axes];
      for (int i = 0; i < axes; i++) {
        perm[i] = axes - 1 - i;
      }
    }
    if (perm.length != axes) {
      throw new OnnxException("perm has %d axes, must have %d".formatted(perm.length, axes));
    }
    int[] sorted = perm.clone();
    Arrays.sort(sorted);
    if (!Arrays.equals(sorted, Importer.identity(axes))) {
      throw new OnnxException(
          "perm %s must name each axis of %s once".formatted(Arrays.toString(perm), x.shapeText()));
    }
    if (x instanceof Value.Const c) {
      in.charge(2L * c.length());
      return c.transposed(perm);
    }
    return transposed((Value.View) x, perm);
  }

  /** Another view of the same values. */
  static Value.View transposed(Value.View x, int[] perm) {
    int[] order = new int[perm.length];
    for (int i = 0; i < perm.length; i++) {
      order[Importer.place(x, perm[i])] = i;
    }
    return Importer.wrap(x.type(), x.tensor(), order);
  }

  static Value reshape(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int[] shape = in.constant(node, 1, "the shape").asInts("the shape");
    boolean zeroIsSize = node.integer("allowzero", 0) != 0;
    return reshapedTo(in, x, resolve(x.shape(), shape, zeroIsSize));
  }

  /** Replaces 0 by the input's size and -1 by what is left. */
  private static int[] resolve(int[] from, int[] stated, boolean zeroIsSize) {
    if (stated.length > Tensors.MAX_AXES) {
      throw new OnnxException(
          "the shape has %d sizes; at most %d are supported"
              .formatted(stated.length, Tensors.MAX_AXES));
    }
    int[] shape = stated.clone();
    int open = -1;
    long product = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 0 && !zeroIsSize && i < from.length) {
        shape[i] = from[i];
      }
      if (shape[i] == -1 && open < 0) {
        open = i;
      } else if (shape[i] < 0) {
        throw new OnnxException("shape " + Arrays.toString(stated) + " has a negative size");
      } else {
        product *= shape[i];
      }
      if (product > Integer.MAX_VALUE) {
        break;
      }
    }
    long count = Tensors.count(from);
    if (open >= 0 && product > 0 && count % product == 0) {
      shape[open] = Math.toIntExact(count / product);
      product = count;
      open = -1;
    }
    if (open >= 0 || product != count) {
      throw new OnnxException(
          "shape %s does not fit %s".formatted(Arrays.toString(stated), Arrays.toString(from)));
    }
    return shape;
  }

  static Value reshapedTo(Importer in, Value x, int[] shape) {
    return x instanceof Value.Const c ? c.reshaped(shape) : reshaped(in, (Value.View) x, shape);
  }

  /** Two axes: everything before one, and from there on. */
  static int[] flat(int[] shape, int axis) {
    int[] flat = {1, 1};
    for (int i = 0; i < shape.length; i++) {
      flat[i < axis ? 0 : 1] *= shape[i];
    }
    return flat;
  }

  static Value flatten(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int axes = x.shape().length;
    int axis = node.integer("axis", 1);
    return reshapedTo(in, x, flat(x.shape(), axis == axes ? axes : Importer.axis(axis, axes)));
  }

  /** Without a copy where each new axis is a part of an old one, or old ones that lie in a row. */
  static Value.View reshaped(Importer in, Value.View x, int[] shape) {
    int[] from = x.shape();
    List<int[]> groups = new ArrayList<>(); // from, to of the old axes, from, to of the new
    int i = 0;
    int j = 0;
    while (i < from.length || j < shape.length) {
      int[] group = {i, i, j, j};
      long p = 1;
      long q = 1;
      do {
        if (i < from.length && (p <= q || j == shape.length)) {
          p *= from[i++];
        } else {
          q *= shape[j++];
        }
      } while (p != q);
      group[1] = i;
      group[3] = j;
      groups.add(group);
    }
    int[] lengthy = Arrays.stream(x.order()).filter(axis -> from[axis] > 1).toArray();
    int[] order = new int[shape.length];
    boolean[] done = new boolean[shape.length];
    int n = 0;
    for (int k = 0; k < lengthy.length; ) {
      int axis = lengthy[k];
      int[] group = groups.stream().filter(g -> g[0] <= axis && axis < g[1]).findFirst().get();
      for (int member = group[0]; member < group[1]; member++) {
        if (from[member] > 1) {
          if (k == lengthy.length || lengthy[k++] != member) {
            return reshaped(in, in.stored(x, inRows(x, groups)), shape);
          }
        }
      }
      for (int member = group[2]; member < group[3]; member++) {
        done[member] = true;
        order[n++] = member;
      }
    }
    for (int axis = 0; axis < shape.length; axis++) {
      if (!done[axis]) {
        order[n++] = axis; // of size 1
      }
    }
    int[] stored = new int[shape.length];
    Arrays.setAll(stored, k -> shape[order[k]]);
    return Importer.wrap(x.type(), in.builder.reshape(x.tensor(), stored), order);
  }

  /** The order in memory that is nearest to the one there is and has each group in a row. */
  private static int[] inRows(Value.View x, List<int[]> groups) {
    int[] order = new int[x.order().length];
    boolean[] done = new boolean[order.length];
    int n = 0;
    for (int pass = 0; pass < 2; pass++) {
      for (int axis : x.order()) {
        boolean counts = pass > 0 || x.shape()[axis] > 1; // one of size 1 lies anywhere
        for (int[] group : groups) {
          if (counts && !done[axis] && group[0] <= axis && axis < group[1]) {
            for (int member = group[0]; member < group[1]; member++) {
              done[member] = true;
              order[n++] = member;
            }
          }
        }
      }
    }
    return order;
  }

  /** The axes of Squeeze and its like: an attribute once, an input since opset 13. */
  static int[] axes(Importer in, Attributes node, int count) {
    long[] axes = node.longs("axes");
    if (axes == null && in.has(node, 1)) {
      axes = Folding.longs(in, node, 1);
    }
    return axes == null ? null : Importer.axes(axes, count);
  }

  static Value squeeze(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int[] shape = x.shape();
    int[] axes = axes(in, node, shape.length);
    boolean[] drop = new boolean[shape.length];
    for (int i = 0; axes == null && i < shape.length; i++) {
      drop[i] = shape[i] == 1;
    }
    for (int axis : axes == null ? new int[0] : axes) {
      if (shape[axis] != 1) {
        throw new OnnxException("axis %d of %s is not of size 1".formatted(axis, x.shapeText()));
      }
      drop[axis] = true;
    }
    int[] left = new int[shape.length];
    int n = 0;
    for (int i = 0; i < shape.length; i++) {
      if (!drop[i]) {
        left[n++] = shape[i];
      }
    }
    return reshapedTo(in, x, Arrays.copyOf(left, n));
  }

  static Value unsqueeze(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int[] stated = node.integers("axes");
    int more = stated != null ? stated.length : in.constant(node, 1, "the axes").length();
    Tensors.checkAxes(x.shape().length + more);
    int[] shape = new int[x.shape().length + more];
    for (int axis : axes(in, node, shape.length)) {
      shape[axis] = 1;
    }
    int n = 0;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 0) {
        shape[i] = x.shape()[n++];
      }
    }
    return reshapedTo(in, x, shape);
  }

  static Value concat(Importer in, Attributes node) {
    if (node.inputs().isEmpty() || !node.has("axis")) {
      throw new OnnxException("Concat needs an input and the attribute axis");
    }
    boolean constant = true;
    for (int i = 0; i < node.inputs().size(); i++) {
      constant &= in.input(node, i) instanceof Value.Const;
    }
    if (constant) {
      return Folding.concat(in, node);
    }
    List<Value> present = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Value part = in.input(node, i);
      if (Tensors.count(part.shape()) > 0) {
        present.add(part);
      }
    }
    Value.View first = in.view(present.getFirst());
    int axis = Importer.axis(node.integer("axis", 0), first.shape().length);
    Tensor[] parts = new Tensor[present.size()];
    for (int i = 0; i < parts.length; i++) {
      Value.View part = in.view(present.get(i));
      if (part.shape().length != first.shape().length) {
        throw new OnnxException(
            "shapes %s and %s do not fit".formatted(first.shapeText(), part.shapeText()));
      }
      parts[i] = in.stored(part, first.order()).tensor();
    }
    Tensor joined = in.builder.concat(Importer.place(first, axis), parts);
    return Importer.wrap(first.type(), joined, first.order());
  }

  static Value pad(Importer in, Attributes node) {
    String mode = node.text("mode", "constant");
    Value x = in.input(node, 0);
    int axes = x.shape().length;
    int[] pads;
    double value = 0;
    int[] which = Importer.identity(axes);
    if (node.opset() >= 11) {
      Value.Const sides = in.constant(node, 1, "pads");
      pads = sides.length() > 2 * axes ? null : sides.asInts("pads");
      if (in.has(node, 2)) {
        value = in.constant(node, 2, "the value").single("the value");
      }
      if (in.has(node, 3)) {
        which = Importer.axes(Folding.longs(in, node, 3), axes);
      }
    } else {
      pads = node.integers("pads");
      value = node.real("value", 0);
    }
    if (pads == null || pads.length != 2 * which.length) {
      throw new OnnxException(
          "pads must have two numbers for each of %d axes".formatted(which.length));
    }
    int[] before = new int[axes];
    int[] after = new int[axes];
    boolean isPositive = true;
    for (int i = 0; i < which.length; i++) {
      before[which[i]] = pads[i];
      after[which[i]] = pads[which.length + i];
      isPositive &= pads[i] >= 0 && pads[which.length + i] >= 0;
    }
    if (mode.equals("constant") && isPositive && x instanceof Value.View view) {
      int[] first = new int[axes]; // as they lie: a convolution may take them for its own
      int[] last = new int[axes];
      for (int i = 0; i < axes; i++) {
        first[i] = before[view.order()[i]];
        last[i] = after[view.order()[i]];
      }
      Tensor padded = in.builder.pad(view.tensor(), first, last, (float) value);
      return Importer.wrap(x.type(), padded, view.order());
    }
    int[][] indices = new int[axes][];
    for (int axis = 0; axis < axes; axis++) {
      indices[axis] = padded(in, mode, x.shape()[axis], before[axis], after[axis]);
    }
    return MoveOps.select(in, x, indices, value);
  }

  /** What stands at each index of a padded axis; a negative pad first takes some away. */
  private static int[] padded(Importer in, String mode, int size, int before, int after) {
    int first = Math.max(0, -before);
    int n = size - first - Math.max(0, -after);
    long count = (long) size + before + after;
    if (n < 0 || count > Integer.MAX_VALUE || (n == 0 && count > 0 && !mode.equals("constant"))) {
      throw new OnnxException(
          "pads %d and %d do not fit the size %d".formatted(before, after, size));
    }
    in.charge(count);
    int[] indices = new int[(int) count];
    for (int i = 0; i < indices.length; i++) {
      int at = i - Math.max(0, before);
      int turn = 2 * Math.max(1, n - 1);
      boolean isInside = at >= 0 && at < n;
      int found =
          switch (mode) {
            case "constant" -> isInside ? at : Selection.NONE - first;
            case "edge" -> Math.clamp(at, 0, n - 1);
            case "wrap" -> Math.floorMod(at, n);
            case "reflect" ->
                n == 1 ? 0 : Math.min(Math.floorMod(at, turn), turn - Math.floorMod(at, turn));
            default -> throw new OnnxException("mode " + Attributes.quoted(mode) + " is not known");
          };
      indices[i] = found + first;
    }
    return indices;
  }
}
