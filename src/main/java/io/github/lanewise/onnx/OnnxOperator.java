package io.github.lanewise.onnx;

import io.github.lanewise.Activation;
import io.github.lanewise.network.NetworkBuilder;
import java.util.HashMap;
import java.util.Map;

/**
 * Every operator that can be read, and what of it: the table in the documentation is made of it.
 */
enum OnnxOperator {
  ADD(
      "Add",
      "broadcast as NumPy does",
      (in, n) -> ElementwiseOps.binary(in, n, NetworkBuilder::add, Folding.Arithmetic.ADD)),
  AVERAGE_POOL(
      "AveragePool", "2-D; ceil_mode without count_include_pad", ConvolutionOps::averagePool),
  BATCH_NORMALIZATION(
      "BatchNormalization", "inference, constant statistics", ConvolutionOps::batchNormalization),
  CAST("Cast", "between number types of constants; to float otherwise", Folding::cast),
  CEIL("Ceil", "constants", (in, n) -> Folding.rounded(in, n, Math::ceil)),
  CLIP("Clip", "constant bounds", ElementwiseOps::clip),
  CONCAT("Concat", "any axis", ShapeOps::concat),
  CONSTANT("Constant", "numbers", Folding::constant),
  CONSTANT_OF_SHAPE("ConstantOfShape", "constant shape", Folding::constantOfShape),
  CONV(
      "Conv",
      "2-D, constant weights; any group, stride, dilation, pads, auto_pad",
      ConvolutionOps::conv),
  DIV(
      "Div",
      "broadcast as NumPy does",
      (in, n) -> ElementwiseOps.binary(in, n, NetworkBuilder::divide, Folding.Arithmetic.DIV)),
  DROPOUT("Dropout", "does nothing", ElementwiseOps::dropout),
  FLATTEN("Flatten", "any axis", ShapeOps::flatten),
  FLOOR("Floor", "constants", (in, n) -> Folding.rounded(in, n, Math::floor)),
  GATHER("Gather", "constants", Folding::gather),
  GEMM("Gemm", "constant second matrix and bias", ConvolutionOps::gemm),
  GLOBAL_AVERAGE_POOL("GlobalAveragePool", "2-D", ConvolutionOps::globalAveragePool),
  HARD_SIGMOID("HardSigmoid", "any alpha, beta", ElementwiseOps::hardSigmoid),
  HARD_SWISH("HardSwish", "", (in, n) -> ElementwiseOps.activation(in, n, Activation.HARD_SWISH)),
  IDENTITY("Identity", "", (in, n) -> in.input(n, 0)),
  LEAKY_RELU("LeakyRelu", "", ElementwiseOps::leakyRelu),
  MAT_MUL("MatMul", "constant second matrix", ConvolutionOps::matMul),
  MAX_POOL("MaxPool", "2-D, without indices", ConvolutionOps::maxPool),
  MUL(
      "Mul",
      "broadcast as NumPy does",
      (in, n) -> ElementwiseOps.binary(in, n, NetworkBuilder::multiply, Folding.Arithmetic.MUL)),
  PAD("Pad", "mode constant, pads of 0 or more", ShapeOps::pad),
  P_RELU("PRelu", "one constant slope, or one for each index of an axis", ElementwiseOps::prelu),
  REDUCE_MEAN("ReduceMean", "over two of four axes", ShapeOps::reduceMean),
  RELU("Relu", "", (in, n) -> ElementwiseOps.activation(in, n, Activation.RELU)),
  RESHAPE("Reshape", "constant shape", ShapeOps::reshape),
  RESIZE("Resize", "height and width, nearest or linear, constant scales or sizes", ResizeOp::read),
  SHAPE("Shape", "", Folding::shape),
  SIGMOID("Sigmoid", "", (in, n) -> ElementwiseOps.activation(in, n, Activation.SIGMOID)),
  SLICE("Slice", "constants", Folding::slice),
  SOFTMAX("Softmax", "any axis", ElementwiseOps::softmax),
  SQUEEZE("Squeeze", "constant axes", ShapeOps::squeeze),
  SUB(
      "Sub",
      "broadcast as NumPy does",
      (in, n) -> ElementwiseOps.binary(in, n, NetworkBuilder::subtract, Folding.Arithmetic.SUB)),
  TRANSPOSE("Transpose", "any order", ShapeOps::transpose),
  UNSQUEEZE("Unsqueeze", "constant axes", ShapeOps::unsqueeze);

  /**
   * Adds a node to the network, or folds it away. Returns the first output; others it {@linkplain
   * Importer#define defines} itself, those that it does not are not supported.
   */
  interface Handler {
    Value read(Importer in, Attributes node);
  }

  private static final Map<String, OnnxOperator> BY_NAME = new HashMap<>();

  static {
    for (OnnxOperator operator : values()) {
      BY_NAME.put(operator.type, operator);
    }
  }

  private final String type;
  private final String scope;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Handler handler;

  OnnxOperator(String type, String scope, Handler handler) {
    this.type = type;
    this.scope = scope;
    this.handler = handler;
  }

  /** The operator of a node, or null. */
  static OnnxOperator of(Attributes node) {
    return node.isInDefaultDomain() ? BY_NAME.get(node.operator()) : null;
  }

  String type() {
    return type;
  }

  /** The first opset that has it, or 7, the oldest that is read, if it is older. */
  int since() {
    return switch (type) {
      case "Acosh",
          "Asinh",
          "Atanh",
          "Compress",
          "ConstantOfShape",
          "Cosh",
          "Erf",
          "EyeLike",
          "IsNaN",
          "MaxUnpool",
          "MeanVarianceNormalization",
          "NonZero",
          "OneHot",
          "Scatter",
          "Shrink",
          "Sign",
          "Sinh",
          "Where" ->
          9;
      case "ConvInteger",
          "DequantizeLinear",
          "IsInf",
          "MatMulInteger",
          "Mod",
          "QLinearConv",
          "QLinearMatMul",
          "QuantizeLinear",
          "Resize",
          "ReverseSequence",
          "ThresholdedRelu" ->
          10;
      case "BitShift",
          "CumSum",
          "Det",
          "DynamicQuantizeLinear",
          "GatherElements",
          "GatherND",
          "Range",
          "Round",
          "ScatterElements",
          "ScatterND",
          "Unique" ->
          11;
      case "Celu", "Einsum", "GreaterOrEqual", "LessOrEqual" -> 12;
      case "HardSwish", "Trilu" -> 14;
      case "CastLike" -> 15;
      case "GridSample" -> 16;
      case "LayerNormalization" -> 17;
      case "BitwiseAnd",
          "BitwiseNot",
          "BitwiseOr",
          "BitwiseXor",
          "CenterCropPad",
          "Col2Im",
          "GroupNormalization",
          "Mish" ->
          18;
      case "AffineGrid", "Gelu" -> 20;
      case "Attention", "RMSNormalization", "RotaryEmbedding" -> 23;
      case "Swish" -> 24;
      default -> 7;
    };
  }

  String scope() {
    return scope;
  }

  Value read(Importer in, Attributes node) {
    return handler.read(in, node);
  }
}
