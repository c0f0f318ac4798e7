package io.github.lanewise.onnx;

import io.github.lanewise.Activation;
import io.github.lanewise.network.NetworkBuilder;
import io.github.lanewise.operators.Along;
import io.github.lanewise.operators.Combination;
import io.github.lanewise.operators.Function;
import io.github.lanewise.operators.Normalization.Measure;
import io.github.lanewise.operators.Reduction;
import java.util.HashMap;
import java.util.Map;

/**
 * Every operator that can be read, and what of it: the table in the documentation is made of it.
 */
enum OnnxOperator {
  ABS("Abs", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ABS)),
  ACOS("Acos", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ACOS)),
  ACOSH("Acosh", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ACOSH)),
  ADD(
      "Add",
      "broadcast as NumPy does",
      (in, n) -> ElementwiseOps.binary(in, n, NetworkBuilder::add, Folding.Arithmetic.ADD)),
  AND("And", "", (in, n) -> ElementwiseOps.comparison(in, n, Combination.AND)),
  ARG_MAX("ArgMax", "", (in, n) -> ReductionOps.extreme(in, n, true)),
  ARG_MIN("ArgMin", "", (in, n) -> ReductionOps.extreme(in, n, false)),
  ASIN("Asin", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ASIN)),
  ASINH("Asinh", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ASINH)),
  ATAN("Atan", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ATAN)),
  ATANH("Atanh", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ATANH)),
  AVERAGE_POOL("AveragePool", "1-D and 2-D", PoolOps::average),
  BATCH_NORMALIZATION("BatchNormalization", "inference", NormalizationOps::batch),
  CAST("Cast", "between number types, which a run holds as float32", ElementwiseOps::cast),
  CAST_LIKE("CastLike", "as Cast", ElementwiseOps::castLike),
  CEIL("Ceil", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.CEIL)),
  CELU("Celu", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.CELU, 1)),
  CLIP("Clip", "", ElementwiseOps::clip),
  COMPRESS("Compress", "constant condition", MoveOps::compress),
  CONCAT("Concat", "any axis", ShapeOps::concat),
  CONSTANT("Constant", "numbers", Folding::constant),
  CONSTANT_OF_SHAPE("ConstantOfShape", "constant shape", Folding::constantOfShape),
  CONV(
      "Conv",
      "1-D and 2-D; any group, stride, dilation, pads, auto_pad",
      ConvolutionOps::conv),
  CONV_INTEGER(
      "ConvInteger",
      "1-D and 2-D, constant weights and zero points, int8 and uint8",
      QuantizedOps::convInteger),
  CONV_TRANSPOSE(
      "ConvTranspose",
      "1-D and 2-D, constant weights; any group, stride, dilation, pads, output_shape",
      TransposedConvolution::read),
  COS("Cos", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.COS)),
  COSH("Cosh", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.COSH)),
  CUM_SUM("CumSum", "constant axis", ReductionOps::cumulativeSum),
  DEPTH_TO_SPACE("DepthToSpace", "both modes", MoveOps::depthToSpace),
  DEQUANTIZE_LINEAR(
      "DequantizeLinear", "per tensor, per axis and in blocks", QuantizedOps::dequantize),
  DIV(
      "Div",
      "broadcast as NumPy does",
      (in, n) -> ElementwiseOps.binary(in, n, NetworkBuilder::divide, Folding.Arithmetic.DIV)),
  DROPOUT("Dropout", "does nothing; the mask is true", ElementwiseOps::dropout),
  DYNAMIC_QUANTIZE_LINEAR("DynamicQuantizeLinear", "", QuantizedOps::dynamic),
  EINSUM("Einsum", "one or two tensors, no axis twice in one", EinsumOp::read),
  ELU("Elu", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ELU, 1)),
  EQUAL("Equal", "", (in, n) -> ElementwiseOps.comparison(in, n, Combination.EQUAL)),
  ERF("Erf", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ERF)),
  EXP("Exp", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.EXP)),
  EXPAND("Expand", "constant shape", MoveOps::expand),
  EYE_LIKE("EyeLike", "", Folding::eyeLike),
  FLATTEN("Flatten", "any axis", ShapeOps::flatten),
  FLOOR("Floor", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.FLOOR)),
  GATHER("Gather", "any axis and indices", MoveOps::gather),
  GATHER_ELEMENTS("GatherElements", "any axis and indices", MoveOps::gatherElements),
  GATHER_ND("GatherND", "any indices, batch_dims", MoveOps::gatherND),
  GELU("Gelu", "", ElementwiseOps::gelu),
  GEMM("Gemm", "", MatrixOps::gemm),
  GLOBAL_AVERAGE_POOL(
      "GlobalAveragePool", "", (in, n) -> PoolOps.global(in, n, Reduction.Kind.MEAN)),
  GLOBAL_LP_POOL("GlobalLpPool", "p = 1 and 2", PoolOps::globalNorm),
  GLOBAL_MAX_POOL("GlobalMaxPool", "", (in, n) -> PoolOps.global(in, n, Reduction.Kind.MAX)),
  GREATER("Greater", "", (in, n) -> ElementwiseOps.comparison(in, n, Combination.GREATER)),
  GREATER_OR_EQUAL(
      "GreaterOrEqual",
      "",
      (in, n) -> ElementwiseOps.comparison(in, n, Combination.GREATER_OR_EQUAL)),
  GRID_SAMPLE("GridSample", "2-D", SamplingOps::gridSample),
  GROUP_NORMALIZATION("GroupNormalization", "", NormalizationOps::group),
  HARDMAX("Hardmax", "any axis", (in, n) -> ReductionOps.along(in, n, Along.Kind.HARDMAX)),
  HARD_SIGMOID("HardSigmoid", "any alpha, beta", ElementwiseOps::hardSigmoid),
  HARD_SWISH("HardSwish", "", (in, n) -> ElementwiseOps.activation(in, n, Activation.HARD_SWISH)),
  IDENTITY("Identity", "", (in, n) -> in.input(n, 0)),
  INSTANCE_NORMALIZATION("InstanceNormalization", "", NormalizationOps::instance),
  IS_INF("IsInf", "", ElementwiseOps::isInfinite),
  IS_NAN("IsNaN", "", (in, n) -> ElementwiseOps.test(in, n, Function.of(Function.Kind.IS_NAN))),
  LAYER_NORMALIZATION(
      "LayerNormalization", "", (in, n) -> NormalizationOps.layer(in, n, Measure.DEVIATION)),
  LEAKY_RELU("LeakyRelu", "", ElementwiseOps::leakyRelu),
  LESS("Less", "", (in, n) -> ElementwiseOps.comparison(in, n, Combination.LESS)),
  LESS_OR_EQUAL(
      "LessOrEqual", "", (in, n) -> ElementwiseOps.comparison(in, n, Combination.LESS_OR_EQUAL)),
  LOG("Log", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.LOG)),
  LOG_SOFTMAX(
      "LogSoftmax", "any axis", (in, n) -> ReductionOps.along(in, n, Along.Kind.LOG_SOFTMAX)),
  LP_NORMALIZATION("LpNormalization", "", NormalizationOps::norm),
  LP_POOL("LpPool", "1-D and 2-D", PoolOps::norm),
  LRN("LRN", "", NormalizationOps::response),
  MAT_MUL("MatMul", "", MatrixOps::matMul),
  MAT_MUL_INTEGER(
      "MatMulInteger", "constant zero points, int8 and uint8", QuantizedOps::matMulInteger),
  MAX("Max", "", (in, n) -> ElementwiseOps.combination(in, n, Combination.MAX)),
  MAX_POOL("MaxPool", "1-D and 2-D", PoolOps::max),
  MEAN("Mean", "", ElementwiseOps::mean),
  MEAN_VARIANCE_NORMALIZATION(
      "MeanVarianceNormalization", "", ReductionOps::meanVarianceNormalization),
  MIN("Min", "", (in, n) -> ElementwiseOps.combination(in, n, Combination.MIN)),
  MISH("Mish", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.MISH)),
  MOD("Mod", "", ElementwiseOps::modulo),
  MUL(
      "Mul",
      "broadcast as NumPy does",
      (in, n) -> ElementwiseOps.binary(in, n, NetworkBuilder::multiply, Folding.Arithmetic.MUL)),
  NEG("Neg", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.NEG)),
  NON_ZERO("NonZero", "constants", Folding::nonZero),
  NOT("Not", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.NOT)),
  ONE_HOT("OneHot", "constant depth", MoveOps::oneHot),
  OR("Or", "", (in, n) -> ElementwiseOps.comparison(in, n, Combination.OR)),
  PAD("Pad", "every mode, constant pads, also negative", ShapeOps::pad),
  POW("Pow", "", ElementwiseOps::power),
  P_RELU("PRelu", "", ElementwiseOps::prelu),
  Q_LINEAR_CONV(
      "QLinearConv", "1-D and 2-D, all but the input constant, int8 and uint8", QuantizedOps::conv),
  Q_LINEAR_MAT_MUL(
      "QLinearMatMul", "constant scales and zero points, int8 and uint8", QuantizedOps::matMul),
  QUANTIZE_LINEAR(
      "QuantizeLinear",
      "to up to 16 bits; per tensor, per axis and in blocks",
      QuantizedOps::quantize),
  RANGE("Range", "constants", Folding::range),
  RECIPROCAL("Reciprocal", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.RECIPROCAL)),
  REDUCE_L1("ReduceL1", "constant axes", (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.L1)),
  REDUCE_L2("ReduceL2", "constant axes", (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.L2)),
  REDUCE_LOG_SUM(
      "ReduceLogSum",
      "constant axes",
      (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.LOG_SUM)),
  REDUCE_LOG_SUM_EXP(
      "ReduceLogSumExp",
      "constant axes",
      (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.LOG_SUM_EXP)),
  REDUCE_MAX(
      "ReduceMax", "constant axes", (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.MAX)),
  REDUCE_MEAN(
      "ReduceMean", "constant axes", (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.MEAN)),
  REDUCE_MIN(
      "ReduceMin", "constant axes", (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.MIN)),
  REDUCE_PROD(
      "ReduceProd", "constant axes", (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.PRODUCT)),
  REDUCE_SUM(
      "ReduceSum", "constant axes", (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.SUM)),
  REDUCE_SUM_SQUARE(
      "ReduceSumSquare",
      "constant axes",
      (in, n) -> ReductionOps.reduce(in, n, Reduction.Kind.SUM_SQUARE)),
  RELU("Relu", "", (in, n) -> ElementwiseOps.activation(in, n, Activation.RELU)),
  RESHAPE("Reshape", "constant shape", ShapeOps::reshape),
  RESIZE("Resize", "every mode, constant scales or sizes and region", ResizeOp::read),
  RMS_NORMALIZATION(
      "RMSNormalization", "", (in, n) -> NormalizationOps.layer(in, n, Measure.ROOT_MEAN_SQUARE)),
  ROUND("Round", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.ROUND)),
  SCATTER("Scatter", "as ScatterElements", MoveOps::scatterElements),
  SCATTER_ELEMENTS("ScatterElements", "any axis, indices, reduction", MoveOps::scatterElements),
  SCATTER_ND("ScatterND", "any indices and reduction", MoveOps::scatterND),
  SELU("Selu", "", ElementwiseOps::selu),
  SHAPE("Shape", "", Folding::shape),
  SHRINK("Shrink", "", ElementwiseOps::shrink),
  SIGMOID("Sigmoid", "", (in, n) -> ElementwiseOps.activation(in, n, Activation.SIGMOID)),
  SIGN("Sign", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.SIGN)),
  SIN("Sin", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.SIN)),
  SINH("Sinh", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.SINH)),
  SIZE("Size", "", Folding::size),
  SLICE("Slice", "constant starts, ends and steps", MoveOps::slice),
  SOFTMAX("Softmax", "any axis", ReductionOps::softmax),
  SOFTPLUS("Softplus", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.SOFTPLUS)),
  SOFTSIGN("Softsign", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.SOFTSIGN)),
  SPACE_TO_DEPTH("SpaceToDepth", "", MoveOps::spaceToDepth),
  SPLIT("Split", "constant sizes", MoveOps::split),
  SQRT("Sqrt", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.SQRT)),
  SQUEEZE("Squeeze", "constant axes", ShapeOps::squeeze),
  SUB(
      "Sub",
      "broadcast as NumPy does",
      (in, n) -> ElementwiseOps.binary(in, n, NetworkBuilder::subtract, Folding.Arithmetic.SUB)),
  SUM("Sum", "", ElementwiseOps::sum),
  SWISH("Swish", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.SWISH, 1)),
  TAN("Tan", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.TAN)),
  TANH("Tanh", "", (in, n) -> ElementwiseOps.function(in, n, Function.Kind.TANH)),
  THRESHOLDED_RELU(
      "ThresholdedRelu",
      "",
      (in, n) -> ElementwiseOps.function(in, n, Function.Kind.THRESHOLDED_RELU, 1)),
  TILE("Tile", "constant repeats", MoveOps::tile),
  TOP_K("TopK", "constant k", SamplingOps::topK),
  TRANSPOSE("Transpose", "any order", ShapeOps::transpose),
  TRILU("Trilu", "constant k", MoveOps::trilu),
  UNSQUEEZE("Unsqueeze", "constant axes", ShapeOps::unsqueeze),
  UPSAMPLE("Upsample", "constant scales", ResizeOp::upsample),
  WHERE("Where", "", ElementwiseOps::where),
  XOR("Xor", "", (in, n) -> ElementwiseOps.comparison(in, n, Combination.XOR));

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
    return switch (this) {
      case ACOSH,
          ASINH,
          ATANH,
          COMPRESS,
          CONSTANT_OF_SHAPE,
          COSH,
          ERF,
          EYE_LIKE,
          IS_NAN,
          MEAN_VARIANCE_NORMALIZATION,
          NON_ZERO,
          ONE_HOT,
          SCATTER,
          SHRINK,
          SIGN,
          SINH,
          WHERE ->
          9;
      case CONV_INTEGER,
          DEQUANTIZE_LINEAR,
          IS_INF,
          MAT_MUL_INTEGER,
          MOD,
          Q_LINEAR_CONV,
          Q_LINEAR_MAT_MUL,
          QUANTIZE_LINEAR,
          RESIZE,
          THRESHOLDED_RELU ->
          10;
      case CUM_SUM,
          DYNAMIC_QUANTIZE_LINEAR,
          GATHER_ELEMENTS,
          GATHER_ND,
          RANGE,
          ROUND,
          SCATTER_ELEMENTS,
          SCATTER_ND ->
          11;
      case CELU, EINSUM, GREATER_OR_EQUAL, LESS_OR_EQUAL -> 12;
      case HARD_SWISH, TRILU -> 14;
      case CAST_LIKE -> 15;
      case GRID_SAMPLE -> 16;
      case LAYER_NORMALIZATION -> 17;
      case GROUP_NORMALIZATION, MISH -> 18;
      case GELU -> 20;
      case RMS_NORMALIZATION -> 23;
      case SWISH -> 24;
      default -> 7;
    };
  }

  String scope() {
    return scope;
  }

  /** The last opset that has it. */
  int until() {
    return switch (this) {
      case SCATTER -> 10;
      case UPSAMPLE -> 9;
      default -> ModelFile.MAX_OPSET;
    };
  }

  Value read(Importer in, Attributes node) {
    return handler.read(in, node);
  }
}
