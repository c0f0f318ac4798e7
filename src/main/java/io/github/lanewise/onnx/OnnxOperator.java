package io.github.lanewise.onnx;

import io.github.lanewise.Activation;
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
  ABS("Abs", "", Function.Kind.ABS),
  ACOS("Acos", "", Function.Kind.ACOS),
  ACOSH("Acosh", "", Function.Kind.ACOSH),
  ADD("Add", "broadcast as NumPy does", Folding.Arithmetic.ADD),
  AND("And", "", Combination.AND),
  ARG_MAX("ArgMax", ""),
  ARG_MIN("ArgMin", ""),
  ASIN("Asin", "", Function.Kind.ASIN),
  ASINH("Asinh", "", Function.Kind.ASINH),
  ATAN("Atan", "", Function.Kind.ATAN),
  ATANH("Atanh", "", Function.Kind.ATANH),
  AVERAGE_POOL("AveragePool", "1-D and 2-D"),
  BATCH_NORMALIZATION("BatchNormalization", "inference"),
  CAST("Cast", "between number types, which a run holds as float32"),
  CAST_LIKE("CastLike", "as Cast"),
  CEIL("Ceil", "", Function.Kind.CEIL),
  CELU("Celu", ""),
  CLIP("Clip", ""),
  COMPRESS("Compress", "constant condition"),
  CONCAT("Concat", "any axis"),
  CONSTANT("Constant", "numbers"),
  CONSTANT_OF_SHAPE("ConstantOfShape", "constant shape"),
  CONV("Conv", "1-D and 2-D; any group, stride, dilation, pads, auto_pad"),
  CONV_INTEGER("ConvInteger", "1-D and 2-D, constant weights, int8 and uint8"),
  CONV_TRANSPOSE(
      "ConvTranspose",
      "1-D and 2-D, constant weights; any group, stride, dilation, pads, output_shape"),
  COS("Cos", "", Function.Kind.COS),
  COSH("Cosh", "", Function.Kind.COSH),
  CUM_SUM("CumSum", "constant axis"),
  DEPTH_TO_SPACE("DepthToSpace", "both modes"),
  DEQUANTIZE_LINEAR("DequantizeLinear", "per tensor, per axis and in blocks"),
  DIV("Div", "broadcast as NumPy does", Folding.Arithmetic.DIV),
  DROPOUT("Dropout", "does nothing; the mask is true"),
  DYNAMIC_QUANTIZE_LINEAR("DynamicQuantizeLinear", ""),
  EINSUM("Einsum", "one or two tensors, no axis twice in one"),
  ELU("Elu", ""),
  EQUAL("Equal", "", Combination.EQUAL),
  ERF("Erf", "", Function.Kind.ERF),
  EXP("Exp", "", Function.Kind.EXP),
  EXPAND("Expand", "constant shape"),
  EYE_LIKE("EyeLike", ""),
  FLATTEN("Flatten", "any axis"),
  FLOOR("Floor", "", Function.Kind.FLOOR),
  GATHER("Gather", "any axis and indices"),
  GATHER_ELEMENTS("GatherElements", "any axis and indices"),
  GATHER_ND("GatherND", "any indices, batch_dims"),
  GELU("Gelu", ""),
  GEMM("Gemm", ""),
  GLOBAL_AVERAGE_POOL("GlobalAveragePool", ""),
  GLOBAL_LP_POOL("GlobalLpPool", "p = 1 and 2"),
  GLOBAL_MAX_POOL("GlobalMaxPool", ""),
  GREATER("Greater", "", Combination.GREATER),
  GREATER_OR_EQUAL("GreaterOrEqual", "", Combination.GREATER_OR_EQUAL),
  GRID_SAMPLE("GridSample", "2-D"),
  GROUP_NORMALIZATION("GroupNormalization", ""),
  HARDMAX("Hardmax", "any axis"),
  HARD_SIGMOID("HardSigmoid", "any alpha, beta"),
  HARD_SWISH("HardSwish", "", Activation.HARD_SWISH),
  IDENTITY("Identity", ""),
  IF("If", "constant condition: the branch that it takes"),
  INSTANCE_NORMALIZATION("InstanceNormalization", ""),
  IS_INF("IsInf", ""),
  IS_NAN("IsNaN", ""),
  LAYER_NORMALIZATION("LayerNormalization", ""),
  LEAKY_RELU("LeakyRelu", ""),
  LESS("Less", "", Combination.LESS),
  LESS_OR_EQUAL("LessOrEqual", "", Combination.LESS_OR_EQUAL),
  LOG("Log", "", Function.Kind.LOG),
  LOG_SOFTMAX("LogSoftmax", "any axis"),
  LP_NORMALIZATION("LpNormalization", ""),
  LP_POOL("LpPool", "1-D and 2-D"),
  LRN("LRN", ""),
  MAT_MUL("MatMul", ""),
  MAT_MUL_INTEGER("MatMulInteger", "int8 and uint8; the zero points of a constant must be, too"),
  MAX("Max", ""),
  MAX_POOL("MaxPool", "1-D and 2-D"),
  MEAN("Mean", ""),
  MEAN_VARIANCE_NORMALIZATION("MeanVarianceNormalization", ""),
  MIN("Min", ""),
  MISH("Mish", "", Function.Kind.MISH),
  MOD("Mod", ""),
  MUL("Mul", "broadcast as NumPy does", Folding.Arithmetic.MUL),
  NEG("Neg", "", Function.Kind.NEG),
  NON_ZERO("NonZero", "constants"),
  NOT("Not", "", Function.Kind.NOT),
  ONE_HOT("OneHot", "constant depth"),
  OR("Or", "", Combination.OR),
  PAD("Pad", "every mode, constant pads, also negative"),
  POW("Pow", ""),
  P_RELU("PRelu", ""),
  Q_LINEAR_CONV("QLinearConv", "1-D and 2-D, all but the input constant, int8 and uint8"),
  Q_LINEAR_MAT_MUL("QLinearMatMul", "constant scales and zero points, int8 and uint8"),
  QUANTIZE_LINEAR("QuantizeLinear", "to up to 16 bits; per tensor, per axis and in blocks"),
  RANGE("Range", "constants"),
  RECIPROCAL("Reciprocal", "", Function.Kind.RECIPROCAL),
  REDUCE_L1("ReduceL1", "constant axes", Reduction.Kind.L1),
  REDUCE_L2("ReduceL2", "constant axes", Reduction.Kind.L2),
  REDUCE_LOG_SUM("ReduceLogSum", "constant axes", Reduction.Kind.LOG_SUM),
  REDUCE_LOG_SUM_EXP("ReduceLogSumExp", "constant axes", Reduction.Kind.LOG_SUM_EXP),
  REDUCE_MAX("ReduceMax", "constant axes", Reduction.Kind.MAX),
  REDUCE_MEAN("ReduceMean", "constant axes", Reduction.Kind.MEAN),
  REDUCE_MIN("ReduceMin", "constant axes", Reduction.Kind.MIN),
  REDUCE_PROD("ReduceProd", "constant axes", Reduction.Kind.PRODUCT),
  REDUCE_SUM("ReduceSum", "constant axes", Reduction.Kind.SUM),
  REDUCE_SUM_SQUARE("ReduceSumSquare", "constant axes", Reduction.Kind.SUM_SQUARE),
  RELU("Relu", "", Activation.RELU),
  RESHAPE("Reshape", "constant shape"),
  RESIZE("Resize", "every mode, constant scales or sizes and region"),
  RMS_NORMALIZATION("RMSNormalization", ""),
  ROUND("Round", "", Function.Kind.ROUND),
  SCATTER("Scatter", "as ScatterElements"),
  SCATTER_ELEMENTS("ScatterElements", "any axis, indices, reduction"),
  SCATTER_ND("ScatterND", "any indices and reduction"),
  SELU("Selu", ""),
  SHAPE("Shape", ""),
  SHRINK("Shrink", ""),
  SIGMOID("Sigmoid", "", Activation.SIGMOID),
  SIGN("Sign", "", Function.Kind.SIGN),
  SIN("Sin", "", Function.Kind.SIN),
  SINH("Sinh", "", Function.Kind.SINH),
  SIZE("Size", ""),
  SLICE("Slice", "constant starts, ends and steps"),
  SOFTMAX("Softmax", "any axis"),
  SOFTPLUS("Softplus", "", Function.Kind.SOFTPLUS),
  SOFTSIGN("Softsign", "", Function.Kind.SOFTSIGN),
  SPACE_TO_DEPTH("SpaceToDepth", ""),
  SPLIT("Split", "constant sizes"),
  SQRT("Sqrt", "", Function.Kind.SQRT),
  SQUEEZE("Squeeze", "constant axes"),
  SUB("Sub", "broadcast as NumPy does", Folding.Arithmetic.SUB),
  SUM("Sum", ""),
  SWISH("Swish", ""),
  TAN("Tan", "", Function.Kind.TAN),
  TANH("Tanh", "", Function.Kind.TANH),
  THRESHOLDED_RELU("ThresholdedRelu", ""),
  TILE("Tile", "constant repeats"),
  TOP_K("TopK", "constant k"),
  TRANSPOSE("Transpose", "any order"),
  TRILU("Trilu", "constant k"),
  UNSQUEEZE("Unsqueeze", "constant axes"),
  UPSAMPLE("Upsample", "constant scales"),
  WHERE("Where", ""),
  XOR("Xor", "", Combination.XOR);

  private static final Map<String, OnnxOperator> BY_NAME = new HashMap<>();

  static {
    for (OnnxOperator operator : values()) {
      BY_NAME.put(operator.type, operator);
    }
  }

  private final String type;
  private final String scope;

  /** Which of the functions that one method reads; null where there is a method for it alone. */
  @SuppressWarnings("ImmutableEnumChecker") // an enum or a record
  private final Object function;

  OnnxOperator(String type, String scope) {
    this(type, scope, null);
  }

  OnnxOperator(String type, String scope, Object function) {
    this.type = type;
    this.scope = scope;
    this.function = function;
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

  /**
   * Adds a node to the network, or folds it away. Returns the first output; others it {@linkplain
   * Importer#define defines} itself, those that it does not are not supported. Calls, not an object
   * for each operator: a process that reads one file loads the classes that this file needs.
   */
  @SuppressWarnings("IfChainToSwitch") // over types it costs a new process a bootstrap
  Value read(Importer in, Attributes node) {
    if (function instanceof Function.Kind kind) {
      return ElementwiseOps.function(in, node, kind);
    } else if (function instanceof Activation activation) {
      return ElementwiseOps.activation(in, node, activation);
    } else if (function instanceof Folding.Arithmetic rule) {
      return ElementwiseOps.binary(in, node, rule);
    } else if (function instanceof Combination comparison) {
      return ElementwiseOps.comparison(in, node, comparison);
    } else if (function instanceof Reduction.Kind kind) {
      return ReductionOps.reduce(in, node, kind);
    }
    return computed(in, node);
  }

  /** Of those that compute with values. */
  private Value computed(Importer in, Attributes node) {
    return switch (this) {
      case ARG_MAX -> ReductionOps.extreme(in, node, true);
      case ARG_MIN -> ReductionOps.extreme(in, node, false);
      case BATCH_NORMALIZATION -> NormalizationOps.batch(in, node);
      case CAST -> ElementwiseOps.cast(in, node);
      case CAST_LIKE -> ElementwiseOps.castLike(in, node);
      case CELU -> ElementwiseOps.function(in, node, Function.Kind.CELU, 1);
      case CLIP -> ElementwiseOps.clip(in, node);
      case CONV -> ConvolutionOps.conv(in, node);
      case CONV_INTEGER -> QuantizedOps.convInteger(in, node);
      case CONV_TRANSPOSE -> TransposedConvolution.read(in, node);
      case CUM_SUM -> ReductionOps.cumulativeSum(in, node);
      case DEQUANTIZE_LINEAR -> QuantizedOps.dequantize(in, node);
      case DROPOUT -> ElementwiseOps.dropout(in, node);
      case DYNAMIC_QUANTIZE_LINEAR -> QuantizedOps.dynamic(in, node);
      case EINSUM -> EinsumOp.read(in, node);
      case ELU -> ElementwiseOps.function(in, node, Function.Kind.ELU, 1);
      case GELU -> ElementwiseOps.gelu(in, node);
      case GEMM -> MatrixOps.gemm(in, node);
      case GROUP_NORMALIZATION -> NormalizationOps.group(in, node);
      case HARDMAX -> ReductionOps.along(in, node, Along.Kind.HARDMAX);
      case HARD_SIGMOID -> ElementwiseOps.hardSigmoid(in, node);
      case INSTANCE_NORMALIZATION -> NormalizationOps.instance(in, node);
      case IS_INF -> ElementwiseOps.isInfinite(in, node);
      case IS_NAN -> ElementwiseOps.test(in, node, Function.of(Function.Kind.IS_NAN));
      case LAYER_NORMALIZATION -> NormalizationOps.layer(in, node, Measure.DEVIATION);
      case LEAKY_RELU -> ElementwiseOps.leakyRelu(in, node);
      case LOG_SOFTMAX -> ReductionOps.along(in, node, Along.Kind.LOG_SOFTMAX);
      case LP_NORMALIZATION -> NormalizationOps.norm(in, node);
      case LRN -> NormalizationOps.response(in, node);
      case MAT_MUL -> MatrixOps.matMul(in, node);
      case MAT_MUL_INTEGER -> QuantizedOps.matMulInteger(in, node);
      case MAX -> ElementwiseOps.combination(in, node, Combination.MAX);
      case MEAN -> ElementwiseOps.mean(in, node);
      case MEAN_VARIANCE_NORMALIZATION -> ReductionOps.meanVarianceNormalization(in, node);
      case MIN -> ElementwiseOps.combination(in, node, Combination.MIN);
      case MOD -> ElementwiseOps.modulo(in, node);
      case POW -> ElementwiseOps.power(in, node);
      case P_RELU -> ElementwiseOps.combination(in, node, Combination.PRELU);
      case Q_LINEAR_CONV -> QuantizedOps.conv(in, node);
      case Q_LINEAR_MAT_MUL -> QuantizedOps.matMul(in, node);
      case QUANTIZE_LINEAR -> QuantizedOps.quantize(in, node);
      case RMS_NORMALIZATION -> NormalizationOps.layer(in, node, Measure.ROOT_MEAN_SQUARE);
      case SELU -> ElementwiseOps.selu(in, node);
      case SHRINK -> ElementwiseOps.shrink(in, node);
      case SOFTMAX -> ReductionOps.softmax(in, node);
      case SUM -> ElementwiseOps.sum(in, node);
      case SWISH -> ElementwiseOps.swish(in, node);
      case THRESHOLDED_RELU -> ElementwiseOps.function(in, node, Function.Kind.THRESHOLDED_RELU, 1);
      case WHERE -> ElementwiseOps.where(in, node);
      default -> moved(in, node);
    };
  }

  /** Of those that move values, name them, or reduce windows of them. */
  private Value moved(Importer in, Attributes node) {
    return switch (this) {
      case AVERAGE_POOL -> PoolOps.average(in, node);
      case COMPRESS -> MoveOps.compress(in, node);
      case CONCAT -> ShapeOps.concat(in, node);
      case CONSTANT -> Folding.constant(in, node);
      case CONSTANT_OF_SHAPE -> Folding.constantOfShape(in, node);
      case DEPTH_TO_SPACE -> MoveOps.depthToSpace(in, node);
      case EXPAND -> MoveOps.expand(in, node);
      case EYE_LIKE -> Folding.eyeLike(in, node);
      case FLATTEN -> ShapeOps.flatten(in, node);
      case GATHER -> MoveOps.gather(in, node);
      case GATHER_ELEMENTS -> MoveOps.gatherElements(in, node);
      case GATHER_ND -> MoveOps.gatherND(in, node);
      case GLOBAL_AVERAGE_POOL -> PoolOps.global(in, node, Reduction.Kind.MEAN);
      case GLOBAL_LP_POOL -> PoolOps.globalNorm(in, node);
      case GLOBAL_MAX_POOL -> PoolOps.global(in, node, Reduction.Kind.MAX);
      case GRID_SAMPLE -> SamplingOps.gridSample(in, node);
      case IDENTITY -> in.input(node, 0);
      case LP_POOL -> PoolOps.norm(in, node);
      case MAX_POOL -> PoolOps.max(in, node);
      case NON_ZERO -> Folding.nonZero(in, node);
      case ONE_HOT -> MoveOps.oneHot(in, node);
      case PAD -> ShapeOps.pad(in, node);
      case RANGE -> Folding.range(in, node);
      case RESHAPE -> ShapeOps.reshape(in, node);
      case RESIZE -> ResizeOp.read(in, node);
      case SCATTER, SCATTER_ELEMENTS -> MoveOps.scatterElements(in, node);
      case SCATTER_ND -> MoveOps.scatterND(in, node);
      case SHAPE -> Folding.shape(in, node);
      case SIZE -> Folding.size(in, node);
      case SLICE -> MoveOps.slice(in, node);
      case SPACE_TO_DEPTH -> MoveOps.spaceToDepth(in, node);
      case SPLIT -> MoveOps.split(in, node);
      case SQUEEZE -> ShapeOps.squeeze(in, node);
      case TILE -> MoveOps.tile(in, node);
      case TOP_K -> SamplingOps.topK(in, node);
      case TRANSPOSE -> ShapeOps.transpose(in, node);
      case TRILU -> MoveOps.trilu(in, node);
      case UNSQUEEZE -> ShapeOps.unsqueeze(in, node);
      case UPSAMPLE -> ResizeOp.upsample(in, node);
      default -> throw new IllegalStateException(type);
    };
  }
}
