package io.github.lanewise.onnx;

import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.Sizes;
import java.util.Arrays;

/** Operators on values that are known when the file is read: arithmetic of shapes, mostly. */
final class Folding {

  /** The four rules, in the type of the numbers: whole numbers stay whole numbers, and wrap. */
  enum Arithmetic {
    ADD,
    SUB,
    MUL,
    DIV;

    private double apply(double a, double b) {
      return switch (this) {
        case ADD -> a + b;
        case SUB -> a - b;
        case MUL -> a * b;
        case DIV -> a / b;
      };
    }

    private long apply(ElementType type, long a, long b) {
      return type.wrapped(
          switch (this) {
            case ADD -> a + b;
            case SUB -> a - b;
            case MUL -> a * b;
            case DIV -> type == ElementType.UINT64 ? Long.divideUnsigned(a, b) : a / b;
          });
    }
  }

  private Folding() {}

  static Value arithmetic(Importer in, Value.Const a, Value.Const b, Arithmetic rule) {
    ElementType type = a.type();
    if (type != b.type() || type == ElementType.BOOL) {
      throw new OnnxException(
          "the operands are of %s and %s, must be of one type of number".formatted(type, b.type()));
    }
    Pairs pairs = Pairs.of(in, a, b);
    in.charge(type, pairs.count());
    Object out = Value.Const.array(type, pairs.count());
    for (int i = 0; i < pairs.count(); i++) {
      int p = pairs.first[i];
      int q = pairs.second[i];
      if (out instanceof long[] longs) {
        longs[i] = rule.apply(type, a.longs()[p], b.longs()[q]);
      } else {
        Value.Const.put(type, out, i, rule.apply(a.at(p), b.at(q)));
      }
    }
    return new Value.Const(type, pairs.shape, out);
  }

  /** Whether numbers are something to each other: compared as what they are, not as floats. */
  static Value comparison(Importer in, Value.Const a, Value.Const b, Combination rule) {
    ElementType type = a.type();
    if (type != b.type()) {
      throw new OnnxException(
          "the operands are of %s and %s, must be of one type".formatted(type, b.type()));
    }
    Pairs pairs = Pairs.of(in, a, b);
    in.charge(ElementType.BOOL, pairs.count());
    long[] out = new long[pairs.count()];
    for (int i = 0; i < out.length; i++) {
      int p = pairs.first[i];
      int q = pairs.second[i];
      boolean isExact = type.isReal() || type == ElementType.BOOL; // as a double
      boolean holds =
          isExact
              ? holds(rule, a.at(p), b.at(q))
              : holds(rule, order(type, a.longs()[p], b.longs()[q]), 0);
      out[i] = holds ? 1 : 0;
    }
    return new Value.Const(ElementType.BOOL, pairs.shape, out);
  }

  private static int order(ElementType type, long p, long q) {
    return type == ElementType.UINT64 ? Long.compareUnsigned(p, q) : Long.compare(p, q);
  }

  private static boolean holds(Combination rule, double p, double q) {
    return switch (rule) {
      case AND -> p != 0 && q != 0;
      case OR -> p != 0 || q != 0;
      case XOR -> (p != 0) != (q != 0);
      case EQUAL -> p == q;
      case GREATER -> p > q;
      case GREATER_OR_EQUAL -> p >= q;
      case LESS -> p < q;
      case LESS_OR_EQUAL -> p <= q;
      default -> throw new IllegalStateException("" + rule);
    };
  }

  /** Where the numbers of two operands that broadcast stand, for each of the result. */
  @SuppressWarnings("ArrayRecordComponent") // never changed, never compared
  private record Pairs(int[] shape, int[] first, int[] second) {
    static Pairs of(Importer in, Value.Const a, Value.Const b) {
      int[] shape = Sizes.broadcast(a.shape(), b.shape());
      long count = Tensors.count(shape);
      in.charge(2 * count);
      return new Pairs(
          shape, places(a.shape(), shape, (int) count), places(b.shape(), shape, (int) count));
    }

    int count() {
      return first.length;
    }
  }

  /** For each element of the result its place in an operand that broadcasts. */
  private static int[] places(int[] from, int[] shape, int count) {
    int[] places = new int[count];
    for (int i = 0; i < count; i++) {
      int rest = i;
      int step = 1;
      for (int axis = 1; axis <= from.length; axis++) {
        int size = from[from.length - axis];
        places[i] += size == 1 ? 0 : rest % shape[shape.length - axis] * step;
        rest /= shape[shape.length - axis];
        step *= size;
      }
    }
    return places;
  }

  static Value constant(Importer in, Attributes node) {
    if (!node.inputs().isEmpty()) {
      throw new OnnxException(
          "it names %d input(s) and must have none".formatted(node.inputs().size()));
    }
    if (node.tensor("value") != null) {
      return Tensors.read(in, node.tensor("value"));
    }
    for (String name : new String[] {"value_float", "value_floats", "value_int", "value_ints"}) {
      Proto.Attribute a = node.raw(name);
      if (a != null) {
        return switch (name) {
          case "value_float" -> Value.Const.of(new int[0], new float[] {a.f});
          case "value_int" -> Value.Const.of(new int[0], new long[] {a.i});
          case "value_ints" -> {
            long[] longs = a.ints();
            yield Value.Const.of(new int[] {longs.length}, longs);
          }
          default -> {
            float[] floats = a.floats();
            yield Value.Const.of(new int[] {floats.length}, floats);
          }
        };
      }
    }
    throw new OnnxException("only a tensor or numbers are supported as value");
  }

  static Value constantOfShape(Importer in, Attributes node) {
    int[] shape = in.constant(node, 0, "the shape").asInts("the shape");
    Value.Const value =
        node.tensor("value") == null
            ? Value.Const.of(new int[] {1}, new float[1])
            : Tensors.read(in, node.tensor("value"));
    long count = shape.length > Tensors.MAX_AXES ? -1 : Tensors.count(shape);
    if (value.length() != 1 || Arrays.stream(shape).anyMatch(s -> s < 0)) {
      throw new OnnxException("the shape must be sizes of 0 or more, and value one number");
    }
    in.charge(value.type(), count);
    Object out = Value.Const.array(value.type(), (int) count);
    switch (value.numbers()) {
      case float[] one -> Arrays.fill((float[]) out, one[0]);
      case long[] one -> Arrays.fill((long[]) out, one[0]);
      default -> Arrays.fill((double[]) out, value.at(0));
    }
    return new Value.Const(value.type(), shape, out);
  }

  static Value shape(Importer in, Attributes node) {
    int[] shape = in.input(node, 0).shape();
    int from = Math.clamp(fromEnd(node.integer("start", 0), shape.length), 0, shape.length);
    int to =
        Math.clamp(fromEnd(node.integer("end", shape.length), shape.length), from, shape.length);
    long[] out = new long[to - from];
    for (int i = 0; i < out.length; i++) {
      out[i] = shape[from + i];
    }
    return Value.Const.of(new int[] {out.length}, out);
  }

  private static int fromEnd(int at, int size) {
    return at < 0 ? at + size : at;
  }

  static long[] longs(Importer in, Attributes node, int i) {
    return in.constant(node, i, "input " + i).asLongs("input " + i);
  }

  static Value concat(Importer in, Attributes node) {
    Value.Const first = in.constant(node, 0, "input 0");
    int axis = Importer.axis(node.integer("axis", 0), first.shape().length);
    ElementType type = first.type();
    long size = 0;
    for (int k = 0; k < node.inputs().size(); k++) {
      Value.Const part = in.constant(node, k, "input " + k);
      int[] rest = part.shape().clone();
      if (part.type() != type) {
        throw new OnnxException(
            "inputs 0 and %d are of %s and %s, must be of one type"
                .formatted(k, type, part.type()));
      }
      if (rest.length == first.shape().length) {
        size += rest[axis];
        rest[axis] = first.shape()[axis];
      }
      if (!Arrays.equals(rest, first.shape()) || size > Integer.MAX_VALUE) {
        throw new OnnxException(
            "shapes %s and %s do not fit".formatted(first.shapeText(), part.shapeText()));
      }
    }
    int[] shape = first.shape().clone();
    shape[axis] = (int) size;
    long count = Tensors.count(shape);
    in.charge(type, count);
    Object joined = Value.Const.array(type, Math.toIntExact(count));
    int inner = 1;
    for (int i = axis + 1; i < shape.length; i++) {
      inner *= shape[i];
    }
    int rows = size == 0 || inner == 0 ? 0 : (int) (count / (size * inner));
    int shift = 0;
    for (int k = 0; k < node.inputs().size(); k++) {
      Value.Const part = in.constant(node, k, "input " + k);
      int length = part.shape()[axis] * inner;
      for (int r = 0; r < rows; r++) {
        System.arraycopy(
            part.numbers(), r * length, joined, r * (int) size * inner + shift, length);
      }
      shift += length;
    }
    return new Value.Const(type, shape, joined);
  }

  /** Numbers of another type. */
  static Value.Const cast(Importer in, Value.Const c, ElementType to) {
    if (c.type() == to) {
      return c;
    }
    in.charge(to, c.length());
    Object out = Value.Const.array(to, c.length());
    if (out instanceof long[] longs) {
      for (int i = 0; i < longs.length; i++) {
        longs[i] = c.type().isReal() ? to.whole(c.at(i)) : to.wrapped(c.longs()[i]);
      }
    } else {
      for (int i = 0; i < c.length(); i++) {
        Value.Const.put(to, out, i, c.at(i));
      }
    }
    return new Value.Const(to, c.shape(), out);
  }

  static Value size(Importer in, Attributes node) {
    return Value.Const.of(new int[0], new long[] {Tensors.count(in.input(node, 0).shape())});
  }

  static Value range(Importer in, Attributes node) {
    Value.Const start = in.constant(node, 0, "the start");
    Value.Const limit = in.constant(node, 1, "the limit");
    Value.Const delta = in.constant(node, 2, "the delta");
    ElementType type = start.type();
    if (limit.type() != type || delta.type() != type) {
      throw new OnnxException("start, limit and delta must be of one type");
    }
    double step = delta.single("the delta");
    double steps = Math.ceil((limit.single("the limit") - start.single("the start")) / step);
    if (step == 0 || Double.isNaN(steps) || steps > Integer.MAX_VALUE) {
      throw new OnnxException(
          "from %s to %s in steps of %s".formatted(start.at(0), limit.at(0), step));
    }
    int count = (int) Math.max(0, steps);
    in.charge(type, count);
    Object out = Value.Const.array(type, count);
    for (int i = 0; i < count; i++) {
      if (out instanceof long[] longs) {
        longs[i] = type.wrapped(start.longs()[0] + i * delta.longs()[0]);
      } else {
        Value.Const.put(type, out, i, start.at(0) + i * step);
      }
    }
    return new Value.Const(type, new int[] {count}, out);
  }

  /** Ones on a diagonal, in the shape of the input. */
  static Value eyeLike(Importer in, Attributes node) {
    Value like = in.input(node, 0);
    int[] shape = like.shape();
    ElementType type =
        node.has("dtype")
            ? ElementType.of(node.integer("dtype", 0), "attribute dtype")
            : like.type();
    int k = node.integer("k", 0);
    if (shape.length != 2) {
      throw new OnnxException("the input's shape is " + like.shapeText() + ", must be a matrix");
    }
    int count = (int) Tensors.count(shape);
    in.charge(type, count);
    Object out = Value.Const.array(type, count);
    for (int row = 0; row < shape[0]; row++) {
      long column = (long) row + k;
      if (column >= 0 && column < shape[1]) {
        int at = row * shape[1] + (int) column;
        if (out instanceof long[] longs) {
          longs[at] = 1;
        } else {
          Value.Const.put(type, out, at, 1);
        }
      }
    }
    return new Value.Const(type, shape, out);
  }

  /** Where a constant is not 0: a column of indices for each. */
  static Value nonZero(Importer in, Attributes node) {
    Value.Const x = in.constant(node, 0, "the input");
    int axes = x.shape().length;
    int count = 0;
    for (int i = 0; i < x.length(); i++) {
      count += x.at(i) == 0 ? 0 : 1;
    }
    in.charge(2L * count * axes);
    long[] out = new long[Math.multiplyExact(count, axes)];
    int n = 0;
    for (int i = 0; i < x.length(); i++) {
      if (x.at(i) != 0) {
        int rest = i;
        for (int axis = axes - 1; axis >= 0; axis--) {
          out[axis * count + n] = rest % x.shape()[axis];
          rest /= x.shape()[axis];
        }
        n++;
      }
    }
    return Value.Const.of(new int[] {axes, count}, out);
  }
}
