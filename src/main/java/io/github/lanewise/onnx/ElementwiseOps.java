package io.github.lanewise.onnx;

import io.github.lanewise.Activation;
import io.github.lanewise.network.Tensor;
import io.github.lanewise.operators.Activate;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.Function;
import java.util.Arrays;

/** Functions of each value, and of two tensors that broadcast. */
final class ElementwiseOps {

  private ElementwiseOps() {}

  static Value activation(Importer in, Attributes node, Activation activation) {
    Value x = in.input(node, 0);
    return x instanceof Value.View view
        ? view.with(in.builder.activation(view.tensor(), activation))
        : Operations.apply(in, new Activate(activation), x.type(), x);
  }

  static Value function(Importer in, Attributes node, Function function) {
    Value x = in.input(node, 0);
    return x instanceof Value.Const c && c.type() == ElementType.FLOAT64
        ? ofDoubles(in, function, c)
        : Operations.apply(in, function, x.type(), x);
  }

  static Value function(Importer in, Attributes node, Function.Kind kind) {
    return function(in, node, Function.of(kind));
  }

  /** Whether each value is something. */
  static Value test(Importer in, Attributes node, Function function) {
    Value x = in.input(node, 0);
    return x instanceof Value.Const c && c.type() == ElementType.FLOAT64
        ? Folding.cast(in, ofDoubles(in, function, c), ElementType.BOOL)
        : Operations.apply(in, function, ElementType.BOOL, x);
  }

  /** Without the way over floats, where 1e300 is infinite. */
  private static Value.Const ofDoubles(Importer in, Function function, Value.Const c) {
    in.charge(c.type(), c.length());
    double[] values = Arrays.stream((double[]) c.numbers()).map(function::of).toArray();
    return new Value.Const(c.type(), c.shape(), values);
  }

  /** A function with a parameter alpha. */
  static Value function(Importer in, Attributes node, Function.Kind kind, float alpha) {
    return function(in, node, new Function(kind, node.real("alpha", alpha), 0));
  }

  static Value selu(Importer in, Attributes node) {
    float alpha = node.real("alpha", Function.SELU_ALPHA);
    float gamma = node.real("gamma", Function.SELU_GAMMA);
    return function(in, node, new Function(Function.Kind.SELU, alpha, gamma));
  }

  static Value shrink(Importer in, Attributes node) {
    float lambda = node.real("lambd", 0.5f);
    return function(in, node, new Function(Function.Kind.SHRINK, lambda, node.real("bias", 0)));
  }

  static Value gelu(Importer in, Attributes node) {
    String approximation = node.text("approximate", "none");
    return function(
        in,
        node,
        switch (approximation) {
          case "none" -> Function.Kind.GELU;
          case "tanh" -> Function.Kind.GELU_TANH;
          default ->
              throw new OnnxException(
                  "approximate %s is unknown".formatted(Attributes.quoted(approximation)));
        });
  }

  /** With a factor of 1 it is a SiLU, which can be fused. */
  static Value swish(Importer in, Attributes node) {
    float alpha = node.real("alpha", 1);
    return alpha == 1 && in.input(node, 0) instanceof Value.View
        ? activation(in, node, Activation.SILU)
        : function(in, node, new Function(Function.Kind.SWISH, alpha, 0));
  }

  static Value isInfinite(Importer in, Attributes node) {
    int negative = node.integer("detect_negative", 1);
    int positive = node.integer("detect_positive", 1);
    return test(in, node, new Function(Function.Kind.IS_INF, negative, positive));
  }

  static Value leakyRelu(Importer in, Attributes node) {
    return activation(in, node, Activation.leakyRelu(node.real("alpha", 0.01f)));
  }

  static Value hardSigmoid(Importer in, Attributes node) {
    float alpha = node.real("alpha", 0.2f);
    return activation(in, node, Activation.hardSigmoid(alpha, node.real("beta", 0.5f)));
  }

  static Value clip(Importer in, Attributes node) {
    boolean asInputs = node.opset() >= 11;
    float min = Float.NEGATIVE_INFINITY;
    float max = Float.POSITIVE_INFINITY;
    if (asInputs && !(isKnown(in, node, 1) && isKnown(in, node, 2))) {
      Value x = in.input(node, 0);
      Value raised = in.has(node, 1) ? combined(in, Combination.MAX, x, in.input(node, 1)) : x;
      return in.has(node, 2) ? combined(in, Combination.MIN, raised, in.input(node, 2)) : raised;
    }
    if (asInputs) {
      min = bound(in, node, 1, min);
      max = bound(in, node, 2, max);
    } else {
      min = node.real("min", min);
      max = node.real("max", max);
    }
    if (node.opset() >= 13 && min > max) {
      min = max; // as ONNX defines it since then: every value becomes the maximum
    }
    Value narrower =
        in.input(node, 0) instanceof Value.View x ? QuantizedOps.clipped(in, x, min, max) : null;
    return narrower != null ? narrower : activation(in, node, Activation.clamp(min, max));
  }

  private static boolean isKnown(Importer in, Attributes node, int i) {
    return !in.has(node, i) || in.input(node, i) instanceof Value.Const;
  }

  private static float bound(Importer in, Attributes node, int i, float otherwise) {
    if (!in.has(node, i)) {
      return otherwise;
    }
    return (float) in.constant(node, i, "the bound").single("the bound");
  }

  /** Does nothing, unless it is told to train. */
  static Value dropout(Importer in, Attributes node) {
    node.ignore("ratio", "seed");
    if (node.opset() >= 12 && in.has(node, 2)) {
      if (in.constant(node, 2, "training_mode").single("training_mode") != 0) {
        throw new OnnxException("training_mode must be false: training is not supported");
      }
    }
    Value x = in.input(node, 0);
    if (node.outputs().size() > 1 && !node.outputs().get(1).isEmpty()) {
      ElementType type = node.opset() < 10 ? x.type() : ElementType.BOOL;
      Value one = new Value.Const(ElementType.BOOL, new int[0], new long[] {1});
      Value kept = combined(in, Combination.WHERE, type, one, one, x); // all are
      in.define(node.outputs().get(1), kept);
    }
    return x;
  }

  static Value binary(Importer in, Attributes node, Folding.Arithmetic rule) {
    return binary(in, in.input(node, 0), in.input(node, 1), rule);
  }

  private static Value binary(Importer in, Value p, Value q, Folding.Arithmetic rule) {
    if (p instanceof Value.Const a && q instanceof Value.Const b) {
      return Folding.arithmetic(in, a, b, rule);
    }
    if (rule == Folding.Arithmetic.DIV && !p.type().isReal()) {
      return combined(in, Combination.QUOTIENT, p, q);
    }
    Value.View[] both = aligned(in, p, q);
    Tensor a = both[0].tensor();
    Tensor b = both[1].tensor();
    Tensor result =
        switch (rule) {
          case ADD -> in.builder.add(a, b);
          case SUB -> in.builder.subtract(a, b);
          case MUL -> in.builder.multiply(a, b);
          case DIV -> in.builder.divide(a, b);
        };
    return Importer.wrap(both[0].type(), result, both[0].order());
  }

  /** The sum of any number of inputs. */
  static Value sum(Importer in, Attributes node) {
    Value sum = in.input(node, 0);
    for (int i = 1; i < node.inputs().size(); i++) {
      sum = binary(in, sum, in.input(node, i), Folding.Arithmetic.ADD);
    }
    return sum;
  }

  static Value mean(Importer in, Attributes node) {
    Value sum = sum(in, node);
    if (!sum.type().isReal()) {
      throw new OnnxException("the inputs are of " + sum.type() + ", must be of real numbers");
    }
    Object count = Value.Const.array(sum.type(), 1);
    Value.Const.put(sum.type(), count, 0, node.inputs().size());
    Value inputs = new Value.Const(sum.type(), new int[0], count);
    return binary(in, sum, inputs, Folding.Arithmetic.DIV);
  }

  /** Of any number of inputs, one after another. */
  static Value combination(Importer in, Attributes node, Combination combination) {
    Value result = in.input(node, 0);
    for (int i = 1; i < node.inputs().size(); i++) {
      result = combined(in, combination, result, in.input(node, i));
    }
    return result;
  }

  /** Whether two values are something to each other. */
  static Value comparison(Importer in, Attributes node, Combination combination) {
    Value p = in.input(node, 0);
    Value q = in.input(node, 1);
    return p instanceof Value.Const a && q instanceof Value.Const b
        ? Folding.comparison(in, a, b, combination)
        : combined(in, combination, ElementType.BOOL, p, q);
  }

  /** Of whole numbers a power keeps the whole part. */
  static Value power(Importer in, Attributes node) {
    Value x = in.input(node, 0);
    ElementType type = x.type();
    Value power = combined(in, Combination.POW, ElementType.FLOAT32, x, in.input(node, 1));
    return type == ElementType.FLOAT32 ? power : converted(in, power, type);
  }

  static Value modulo(Importer in, Attributes node) {
    return combination(
        in, node, node.integer("fmod", 0) != 0 ? Combination.REMAINDER : Combination.MODULO);
  }

  static Value where(Importer in, Attributes node) {
    Value yes = in.input(node, 1);
    return combined(in, Combination.WHERE, yes.type(), in.input(node, 0), yes, in.input(node, 2));
  }

  private static Value combined(Importer in, Combination combination, Value a, Value b) {
    return combined(in, combination, a.type(), a, b);
  }

  private static Value combined(
      Importer in, Combination combination, ElementType type, Value... values) {
    if (Operations.areConstant(values)) {
      return Operations.apply(in, combination, type, Importer.identity(0), values).getFirst();
    }
    Value.View[] views = aligned(in, values);
    return Operations.apply(in, combination, type, views[0].order(), views).getFirst();
  }

  /**
   * Values that broadcast as tensors with as many axes, in the order in memory that the largest
   * has; one at least is no constant.
   */
  static Value.View[] aligned(Importer in, Value... values) {
    int largest = largest(values);
    int axes = Arrays.stream(values).mapToInt(value -> value.shape().length).max().getAsInt();
    Value.View like = in.withAxes((Value.View) values[largest], axes);
    Value.View[] views = new Value.View[values.length];
    for (int i = 0; i < views.length; i++) {
      views[i] =
          switch (values[i]) {
            case Value.Const c -> in.operand(c, like);
            case Value.View view ->
                i == largest ? like : in.stored(in.withAxes(view, axes), like.order());
          };
    }
    return views;
  }

  /** Which is the largest tensor. */
  private static int largest(Value... values) {
    int largest = 0;
    long most = -1;
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof Value.View view && Tensors.count(view.shape()) > most) {
        most = Tensors.count(view.shape());
        largest = i;
      }
    }
    return largest;
  }

  static Value cast(Importer in, Attributes node) {
    ElementType to = ElementType.of(node.integer("to", 0), "attribute to");
    return cast(in, node, to);
  }

  static Value castLike(Importer in, Attributes node) {
    return cast(in, node, in.input(node, 1).type());
  }

  private static Value cast(Importer in, Attributes node, ElementType to) {
    node.ignore("saturate", "round_mode"); // of 8-bit floats
    return converted(in, in.input(node, 0), to);
  }

  /** A tensor of the network holds float32 whatever its type: only what that changes is done. */
  private static Value converted(Importer in, Value x, ElementType to) {
    if (x instanceof Value.Const c) {
      return Folding.cast(in, c, to);
    }
    boolean isHeld = x.type() == to || x.type() == ElementType.BOOL || to.holds(x.type());
    return isHeld ? ((Value.View) x).as(to) : Operations.apply(in, conversion(to), to, x);
  }

  /** An output of a shorter type, which it has although float32 was computed with. */
  static Value.View rounded(Importer in, Value.View x) {
    boolean isShort = x.type() == ElementType.FLOAT16 || x.type() == ElementType.BFLOAT16;
    return isShort ? (Value.View) Operations.apply(in, conversion(x.type()), x.type(), x) : x;
  }

  /** What makes values of the network those of a type. */
  static Function conversion(ElementType to) {
    return switch (to) {
      case BOOL -> Function.of(Function.Kind.TO_TRUTH);
      case FLOAT16 -> Function.of(Function.Kind.TO_FLOAT16);
      case BFLOAT16 -> Function.of(Function.Kind.TO_BFLOAT16);
      default -> new Function(Function.Kind.TO_WHOLE, to.lowest(), to.highest());
    };
  }
}
