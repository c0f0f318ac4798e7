package io.github.lanewise.onnx;

import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.Gather;
import io.github.lanewise.operators.OneHot;
import io.github.lanewise.operators.Operation;
import io.github.lanewise.operators.Scatter;
import io.github.lanewise.operators.Selection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Operators that take some values of a tensor, in another order or more than once. */
final class MoveOps {
  /** Up to here a float tells where a value lies. */
  private static final int MOST_PLACES = 1 << 24;

  private MoveOps() {}

  /**
   * A value of which every axis keeps some indices.
   *
   * @param indices by axis of the file; {@link Selection#NONE} for {@code fill}, null for all
   */
  static Value select(Importer in, Value x, int[][] indices, double fill) {
    int[] shape = x.shape().clone();
    int[][] kept = new int[shape.length][];
    boolean isAll = true;
    for (int axis = 0; axis < shape.length; axis++) {
      if (indices[axis] != null && !isIdentity(indices[axis], shape[axis])) {
        kept[axis] = indices[axis];
        shape[axis] = kept[axis].length;
        isAll = false;
      }
    }
    if (isAll) {
      return x;
    }
    if (x instanceof Value.Const c) {
      Value.Const one = filled(c.type(), fill);
      return folded(in, new Selection(kept, c.length()), joined(in, c, one), c);
    }
    Value.View view = (Value.View) x;
    if (Tensors.count(shape) == 0) {
      return Value.Const.empty(x.type(), shape);
    }
    int[][] stored = new int[kept.length][];
    Arrays.setAll(stored, i -> kept[view.order()[i]]);
    Operation selection = new Selection(stored, (float) fill);
    return Importer.wrap(view.type(), made(in, selection, view.tensor()), view.order());
  }

  private static boolean isIdentity(int[] indices, int size) {
    boolean isIdentity = indices.length == size;
    for (int i = 0; isIdentity && i < size; i++) {
      isIdentity = indices[i] == i;
    }
    return isIdentity;
  }

  private static Tensor made(Importer in, Operation operation, Tensor... from) {
    return in.builder.operation(operation, List.of(from)).getFirst();
  }

  private static Value.Const filled(ElementType type, double value) {
    Object one = Value.Const.array(type, 1);
    if (one instanceof long[] longs) {
      longs[0] = type.whole(value);
    } else {
      Value.Const.put(type, one, 0, value);
    }
    return new Value.Const(type, new int[] {1}, one);
  }

  /** The numbers of constants one after another. */
  private static Value.Const joined(Importer in, Value.Const... parts) {
    ElementType type = parts[0].type();
    long count = 0;
    for (Value.Const part : parts) {
      if (part.type() != type) {
        throw new OnnxException(
            "values of %s and %s must be of one type".formatted(type, part.type()));
      }
      count += part.length();
    }
    in.charge(type, count);
    Object numbers = Value.Const.array(type, Math.toIntExact(count));
    int at = 0;
    for (Value.Const part : parts) {
      System.arraycopy(part.numbers(), 0, numbers, at, part.length());
      at += part.length();
    }
    return new Value.Const(type, new int[] {(int) count}, numbers);
  }

  /**
   * Constants moved as a run would: of floats that say where each number lies.
   *
   * @param numbers of the first and third input, and what else the operation may name
   * @param from the inputs; the second are indices
   */
  private static Value.Const folded(
      Importer in, Operation operation, Value.Const numbers, Value.Const... from) {
    if (numbers.length() > MOST_PLACES) {
      throw new OnnxException(
          "constants of more than %d values are not moved".formatted(MOST_PLACES));
    }
    int[][] shapes = new int[from.length][];
    float[][] values = new float[from.length][];
    int place = 0;
    for (int i = 0; i < from.length; i++) {
      shapes[i] = from[i].shape();
      if (i == 1) {
        values[i] = from[i].asFloats();
      } else {
        in.charge(from[i].length());
        values[i] = new float[from[i].length()];
        for (int k = 0; k < values[i].length; k++) {
          values[i][k] = place++;
        }
      }
    }
    int[] shape = operation.shapes(shapes)[0];
    long count = Tensors.count(shape);
    in.charge(count); // as floats
    in.charge(count); // as places
    in.charge(numbers.type(), count);
    int[] places = new int[(int) count];
    if (count > 0) {
      float[] moved = operation.compute(shapes, values)[0];
      for (int i = 0; i < places.length; i++) {
        places[i] = (int) moved[i];
      }
    }
    return numbers.picked(shape, places);
  }

  static Value slice(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    boolean asInputs = node.opset() >= 10;
    long[] starts = asInputs ? longs(in, node, 1) : node.longs("starts");
    long[] ends = asInputs ? longs(in, node, 2) : node.longs("ends");
    long[] axes = asInputs ? (in.has(node, 3) ? longs(in, node, 3) : null) : node.longs("axes");
    long[] steps = asInputs && in.has(node, 4) ? longs(in, node, 4) : null;
    if (starts == null
        || ends == null
        || ends.length != starts.length
        || (axes != null && axes.length != starts.length)
        || (steps != null && steps.length != starts.length)) {
      throw new OnnxException("starts, ends, axes and steps must be of one length");
    }
    if (axes == null) {
      axes = new long[starts.length];
      Arrays.setAll(axes, i -> i);
    }
    int[] which = Importer.axes(axes, x.shape().length);
    int[][] indices = new int[x.shape().length][];
    for (int i = 0; i < starts.length; i++) {
      long step = steps == null ? 1 : steps[i];
      if (step == 0) {
        throw new OnnxException("steps must not be 0");
      }
      int size = x.shape()[which[i]];
      long from = within(starts[i], size, 0, step > 0 ? size : size - 1);
      long to = within(ends[i], size, step > 0 ? 0 : -1, step > 0 ? size : size - 1);
      long count = Math.max(0, Math.ceilDiv(to - from, step));
      in.charge(count);
      indices[which[i]] = new int[(int) count];
      Arrays.setAll(indices[which[i]], k -> (int) (from + k * step));
    }
    return select(in, x, indices, 0);
  }

  /**
   * A stated start or end, counted from the end where negative; an empty axis has no last place.
   */
  private static long within(long stated, int size, int first, int last) {
    return Math.min(Math.max(stated < 0 ? stated + size : stated, first), last);
  }

  private static long[] longs(Importer in, Attributes node, int i) {
    return Folding.longs(in, node, i);
  }

  static Value split(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int axis = Importer.axis(node.integer("axis", 0), x.shape().length);
    int size = x.shape()[axis];
    int parts = node.outputs().size();
    long[] sizes = node.opset() < 13 ? node.longs("split") : null;
    if (node.opset() >= 13 && in.has(node, 1)) {
      sizes = longs(in, node, 1);
    }
    if (node.opset() >= 18 && node.integer("num_outputs", parts) != parts) {
      throw new OnnxException("num_outputs must be the number of outputs, %d".formatted(parts));
    }
    if (sizes == null) {
      if (node.opset() < 18 && size % parts != 0) {
        throw new OnnxException("size %d has no %d equal parts".formatted(size, parts));
      }
      sizes = new long[parts];
      int part = (size + parts - 1) / parts;
      Arrays.setAll(sizes, i -> Math.clamp(size - (long) i * part, 0, part));
    }
    long sum = 0;
    for (long own : sizes) {
      sum = own < 0 || own > size || sum < 0 ? -1 : sum + own;
    }
    if (sizes.length != parts || sum != size) {
      throw new OnnxException(
          "split has %d sizes, which must be %d and sum to %d"
              .formatted(sizes.length, parts, size));
    }
    Value first = null;
    int from = 0;
    for (int i = 0; i < parts; i++) {
      int[][] indices = new int[x.shape().length][];
      indices[axis] = from((int) sizes[i], from);
      from += (int) sizes[i];
      in.charge(indices[axis].length);
      Value part = select(in, x, indices, 0);
      String name = node.outputs().get(i);
      if (i == 0) {
        first = part;
      } else if (!name.isEmpty()) {
        in.define(name, part);
      }
    }
    return first;
  }

  private static int[] from(int count, int first) {
    int[] indices = new int[count];
    Arrays.setAll(indices, i -> first + i);
    return indices;
  }

  static Value gather(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    Value at = indices(in, node);
    int axis = Importer.axis(node.integer("axis", 0), x.shape().length);
    int[] shape = new int[x.shape().length - 1 + at.shape().length];
    System.arraycopy(x.shape(), 0, shape, 0, axis);
    System.arraycopy(at.shape(), 0, shape, axis, at.shape().length);
    System.arraycopy(
        x.shape(), axis + 1, shape, axis + at.shape().length, x.shape().length - axis - 1);
    if (!(at instanceof Value.Const c)) {
      return moved(in, new Gather(Gather.Kind.SLICES, axis), x, at);
    }
    Tensors.checkAxes(shape.length);
    in.charge(c.length());
    int[][] indices = new int[x.shape().length][];
    indices[axis] = new int[c.length()];
    for (int i = 0; i < c.length(); i++) {
      indices[axis][i] = within(c.longs()[i], x.shape()[axis]);
    }
    return ShapeOps.reshapedTo(in, select(in, x, indices, 0), shape);
  }

  private static int within(long index, int size) {
    long found = index < 0 ? index + size : index;
    if (found < 0 || found >= size) {
      throw new OnnxException("index %d must be within the size %d".formatted(index, size));
    }
    return (int) found;
  }

  private static Value indices(Importer in, Attributes node) {
    Value at = in.input(node, 1);
    if (at.type().isReal()) {
      throw new OnnxException("the indices must be whole numbers, not " + at.type());
    }
    return at;
  }

  static Value gatherElements(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int axis = Importer.axis(node.integer("axis", 0), x.shape().length);
    return moved(in, new Gather(Gather.Kind.ELEMENTS, axis), x, indices(in, node));
  }

  static Value gatherND(Importer in, Attributes node) {
    Gather gather = new Gather(Gather.Kind.PLACES, node.integer("batch_dims", 0));
    return moved(in, gather, in.input(node, 0), indices(in, node));
  }

  static Value scatterElements(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int axis = Importer.axis(node.integer("axis", 0), x.shape().length);
    return scattered(in, node, new Scatter(Gather.Kind.ELEMENTS, axis, rule(node)));
  }

  static Value scatterND(Importer in, Attributes node) {
    return scattered(in, node, new Scatter(Gather.Kind.PLACES, 0, rule(node)));
  }

  private static Value scattered(Importer in, Attributes node, Scatter scatter) {
    return moved(in, scatter, in.input(node, 0), indices(in, node), in.input(node, 2));
  }

  private static Scatter.Rule rule(Attributes node) {
    String reduction = node.opset() < 16 ? "none" : node.text("reduction", "none");
    return switch (reduction) {
      case "none" -> Scatter.Rule.REPLACE;
      case "add" -> Scatter.Rule.ADD;
      case "mul" -> Scatter.Rule.MULTIPLY;
      case "max" -> Scatter.Rule.MAX;
      case "min" -> Scatter.Rule.MIN;
      default ->
          throw new OnnxException("reduction " + Attributes.quoted(reduction) + " is not known");
    };
  }

  /** By indices, which are the second input; all axes as the file counts them. */
  private static Value moved(Importer in, Operation operation, Value... from) {
    boolean isMove = !(operation instanceof Scatter s) || s.rule() == Scatter.Rule.REPLACE;
    List<Value.Const> constants = new ArrayList<>();
    int[][] shapes = new int[from.length][];
    for (int i = 0; i < from.length; i++) {
      shapes[i] = from[i].shape();
      if (from[i] instanceof Value.Const c) {
        constants.add(c);
      }
    }
    if (isMove && constants.size() == from.length) {
      Value.Const numbers =
          from.length == 2 ? constants.get(0) : joined(in, constants.get(0), constants.get(2));
      return folded(in, operation, numbers, constants.toArray(Value.Const[]::new));
    }
    int[] shape = operation.shapes(shapes)[0];
    Tensors.checkAxes(shape.length);
    if (Tensors.count(shape) == 0) {
      return Value.Const.empty(from[0].type(), shape);
    }
    Tensor[] tensors = new Tensor[from.length];
    for (int i = 0; i < from.length; i++) {
      tensors[i] = in.plain(in.view(from[i])).tensor();
    }
    if (from[1] instanceof Value.Const at) { // so that no run meets an index out of range
      in.charge(Tensors.count(shape));
      operation.compute(shapes, zeros(in, shapes, at));
    }
    return Importer.wrap(
        from[0].type(), made(in, operation, tensors), Importer.identity(shape.length));
  }

  private static float[][] zeros(Importer in, int[][] shapes, Value.Const at) {
    float[][] values = new float[shapes.length][];
    for (int i = 0; i < values.length; i++) {
      long count = Tensors.count(shapes[i]);
      in.charge(count);
      values[i] = i == 1 ? at.asFloats() : new float[(int) count];
    }
    return values;
  }

  static Value expand(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int[] stated = in.constant(node, 1, "the shape").asInts("the shape");
    int axes = Math.max(stated.length, x.shape().length);
    Tensors.checkAxes(axes);
    int[] own = new int[axes];
    Arrays.fill(own, 1);
    System.arraycopy(x.shape(), 0, own, axes - x.shape().length, x.shape().length);
    int[] shape = own.clone();
    int[][] indices = new int[axes][];
    for (int i = 0; i < axes; i++) {
      int k = i - axes + stated.length;
      int wanted = k < 0 ? 1 : stated[k];
      if (wanted < 0 || (own[i] != 1 && wanted != 1 && wanted != own[i])) {
        throw new OnnxException(
            "%s does not broadcast to %s".formatted(x.shapeText(), Arrays.toString(stated)));
      }
      shape[i] = own[i] == 1 ? wanted : own[i];
    }
    in.charge(Tensors.count(shape)); // which the lists do not exceed
    for (int i = 0; i < axes; i++) {
      indices[i] = shape[i] == own[i] ? null : new int[shape[i]];
    }
    return select(in, ShapeOps.reshapedTo(in, x, own), indices, 0);
  }

  static Value tile(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int[] repeats = in.constant(node, 1, "the repeats").asInts("the repeats");
    int[] shape = x.shape().clone();
    boolean fits = repeats.length == shape.length;
    for (int i = 0; fits && i < shape.length; i++) {
      fits = repeats[i] >= 0;
      shape[i] = Math.multiplyExact(shape[i], repeats[i]);
    }
    if (!fits) {
      throw new OnnxException(
          "the repeats must be a number of 0 or more for each axis of " + x.shapeText());
    }
    in.charge(Tensors.count(shape));
    int[][] indices = new int[shape.length][];
    for (int i = 0; i < shape.length; i++) {
      int size = x.shape()[i];
      in.charge(shape[i]);
      indices[i] = new int[shape[i]];
      Arrays.setAll(indices[i], k -> k % size);
    }
    return select(in, x, indices, 0);
  }

  static Value compress(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    long[] condition = longs(in, node, 1);
    if (!node.has("axis")) {
      int[] flat = {Math.toIntExact(Tensors.count(x.shape()))};
      x = ShapeOps.reshapedTo(in, x, flat);
    }
    int axis = Importer.axis(node.integer("axis", 0), x.shape().length);
    int size = x.shape()[axis];
    if (condition.length > size) {
      throw new OnnxException(
          "the condition has %d values, at most %d fit".formatted(condition.length, size));
    }
    in.charge(2L * condition.length);
    int[] kept = new int[condition.length];
    int n = 0;
    for (int i = 0; i < condition.length; i++) {
      if (condition[i] != 0) {
        kept[n++] = i;
      }
    }
    int[][] indices = new int[x.shape().length][];
    indices[axis] = Arrays.copyOf(kept, n);
    return select(in, x, indices, 0);
  }

  static Value oneHot(Importer in, Attributes node) {
    Value at = in.input(node, 0);
    Value values = in.input(node, 2);
    double depth = in.constant(node, 1, "the depth").single("the depth");
    int axis = node.integer("axis", -1);
    axis = axis < 0 ? axis + at.shape().length + 1 : axis;
    OneHot operation = new OneHot(axis, Math.toIntExact((long) depth));
    int[] shape = operation.shapes(at.shape(), values.shape())[0];
    Tensors.checkAxes(shape.length);
    in.charge(Tensors.count(shape));
    if (at instanceof Value.Const a && values instanceof Value.Const v) {
      float[][] which = {a.asFloats(), {0, 1}};
      float[] picks = operation.compute(new int[][] {a.shape(), v.shape()}, which)[0];
      in.charge(picks.length);
      in.charge(v.type(), picks.length);
      int[] places = new int[picks.length];
      Arrays.setAll(places, i -> (int) picks[i]);
      return v.picked(shape, places);
    }
    Tensor made =
        made(in, operation, in.plain(in.view(at)).tensor(), in.plain(in.view(values)).tensor());
    return Importer.wrap(values.type(), made, Importer.identity(shape.length));
  }

  /** All but the triangle above or below a diagonal becomes 0. */
  static Value trilu(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    int axes = x.shape().length;
    if (axes < 2) {
      throw new OnnxException("the input's shape is " + x.shapeText() + ", has no matrix");
    }
    boolean isUpper = node.integer("upper", 1) != 0;
    double k = in.has(node, 1) ? in.constant(node, 1, "k").single("k") : 0;
    int rows = x.shape()[axes - 2];
    int columns = x.shape()[axes - 1];
    in.charge(2L * rows * columns);
    float[] mask = new float[rows * columns];
    for (int i = 0; i < mask.length; i++) {
      int row = i / columns;
      double beyond = i % columns - row - k;
      mask[i] = (isUpper ? beyond >= 0 : beyond <= 0) ? 1 : 0;
    }
    if (x instanceof Value.Const c) {
      in.charge(c.length());
      in.charge(c.type(), c.length());
      int[] places = new int[c.length()];
      Arrays.setAll(places, i -> mask[i % mask.length] == 0 ? c.length() : i);
      return joined(in, c, filled(c.type(), 0)).picked(c.shape(), places);
    }
    Value.View view = in.plain((Value.View) x);
    Tensor where = in.builder.constant(mask, rows, columns);
    Tensor zero = in.builder.constant(new float[1], 1);
    return view.with(made(in, Combination.WHERE, where, view.tensor(), zero));
  }

  static Value depthToSpace(Importer in, Attributes node) {
    int block = node.integer("blocksize", 0);
    String mode = node.opset() < 11 ? "DCR" : node.text("mode", "DCR");
    Value x = in.input(node, 0);
    int[] s = x.shape();
    if (s.length != 4 || block < 1 || s[1] % ((long) block * block) != 0) {
      throw new OnnxException("blocksize %d and %s do not fit".formatted(block, x.shapeText()));
    }
    int depth = s[1] / block / block;
    int[] to = {s[0], depth, Math.multiplyExact(s[2], block), Math.multiplyExact(s[3], block)};
    return switch (mode) {
      case "DCR" -> {
        int[] parts = {s[0], block, block, depth, s[2], s[3]};
        yield blocks(in, x, parts, new int[] {0, 3, 4, 1, 5, 2}, to, new int[] {0, 2, 3, 4, 5, 1});
      }
      case "CRD" -> {
        int[] parts = {s[0], depth, block, block, s[2], s[3]};
        yield blocks(in, x, parts, new int[] {0, 1, 4, 2, 5, 3}, to, new int[] {0, 2, 3, 4, 5, 1});
      }
      default -> throw new OnnxException("mode " + Attributes.quoted(mode) + " is not known");
    };
  }

  static Value spaceToDepth(Importer in, Attributes node) {
    int block = node.integer("blocksize", 0);
    Value x = in.input(node, 0);
    int[] s = x.shape();
    if (s.length != 4 || block < 1 || s[2] % block != 0 || s[3] % block != 0) {
      throw new OnnxException("blocksize %d and %s do not fit".formatted(block, x.shapeText()));
    }
    int[] parts = {s[0], s[1], s[2] / block, block, s[3] / block, block};
    long channels = (long) s[1] * block * block;
    int[] to = {s[0], Math.toIntExact(channels), s[2] / block, s[3] / block};
    return blocks(in, x, parts, new int[] {0, 3, 5, 1, 2, 4}, to, new int[] {0, 4, 5, 1, 2, 3});
  }

  /** Axes cut into parts, reordered, and joined again; {@code order} in memory makes images. */
  private static Value blocks(
      Importer in, Value x, int[] parts, int[] perm, int[] to, int[] order) {
    Value cut = ShapeOps.reshapedTo(in, x, parts);
    if (cut instanceof Value.Const c) {
      in.charge(2L * c.length());
      return c.transposed(perm).reshaped(to);
    }
    Value.View turned = ShapeOps.transposed((Value.View) cut, perm);
    return ShapeOps.reshapedTo(in, in.stored(turned, order), to);
  }
}
