package io.github.lanewise.operators;

import io.github.lanewise.ConvOptions;
import java.util.Locale;

/**
 * A function of each value; computed in double and rounded once, but where float arithmetic does as
 * well and makes vectors.
 *
 * @param kind which
 * @param alpha its first parameter, if it has any
 * @param beta its second parameter, if it has two
 */
public record Function(Kind kind, float alpha, float beta) implements Operation {

  /** The functions; those of truth values give 1 for true and 0 for false. */
  public enum Kind {
    ABS,
    ACOS,
    ACOSH,
    ASIN,
    ASINH,
    ATAN,
    ATANH,
    CEIL,
    /** {@code max(x, 0) + min(0, alpha (exp(x / alpha) - 1))}. */
    CELU,
    COS,
    COSH,
    /** {@code x < 0 ? alpha (exp(x) - 1) : x}. */
    ELU,
    ERF,
    EXP,
    FLOOR,
    /** {@code x (1 + erf(x / sqrt 2)) / 2}. */
    GELU,
    /** The same with {@code tanh(sqrt(2 / pi) (x + 0.044715 x^3))} for erf. */
    GELU_TANH,
    /** Whether it is infinite, and of a sign that is asked for: alpha negative, beta positive. */
    IS_INF,
    IS_NAN,
    LOG,
    /** {@code x tanh(ln(1 + exp(x)))}. */
    MISH,
    NEG,
    /** Whether it is 0. */
    NOT,
    RECIPROCAL,
    /** To the nearest whole number, halves to the even one. */
    ROUND,
    /** {@code beta (x < 0 ? alpha (exp(x) - 1) : x)}. */
    SELU,
    /** {@code x < -alpha ? x + beta : x > alpha ? x - beta : 0}. */
    SHRINK,
    SIGN,
    SIN,
    SINH,
    /** {@code ln(1 + exp(x))}. */
    SOFTPLUS,
    /** {@code x / (1 + |x|)}. */
    SOFTSIGN,
    SQRT,
    /** {@code x / (1 + exp(-alpha x))}. */
    SWISH,
    TAN,
    TANH,
    /** {@code x > alpha ? x : 0}. */
    THRESHOLDED_RELU,
    /** The nearest bfloat16, halves to the even one. */
    TO_BFLOAT16,
    /** The nearest float16, halves to the even one. */
    TO_FLOAT16,
    /** Whether it is not 0. */
    TO_TRUTH,
    /**
     * Without its fraction, 0 for no number; then what is left when it wraps around in the range
     * from alpha to beta. Beyond the range the standard leaves open what it is.
     */
    TO_WHOLE
  }

  /** Of the two parameters of {@link Kind#SELU} if not stated. */
  public static final float SELU_ALPHA = 1.6732632f;

  /** The other one. */
  public static final float SELU_GAMMA = 1.0507009f;

  /** A function without parameters. */
  public static Function of(Kind kind) {
    return new Function(kind, 0, 0);
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new OfEach(this, Sizes.count(inputs[0]));
  }

  @Override
  public String name() {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static final class OfEach extends TileOperator {
    private final Function function;

    OfEach(Function function, int count) {
      super(count, Context.TILE);
      this.function = function;
    }

    @Override
    protected void apply(float[] x, int n) {
      switch (function.kind) {
        case ABS -> {
          for (int i = 0; i < n; i++) {
            x[i] = Math.abs(x[i]);
          }
        }
        case CEIL -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Math.ceil(x[i]);
          }
        }
        case FLOOR -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Math.floor(x[i]);
          }
        }
        case NEG -> {
          for (int i = 0; i < n; i++) {
            x[i] = -x[i];
          }
        }
        case RECIPROCAL -> {
          for (int i = 0; i < n; i++) {
            x[i] = 1 / x[i];
          }
        }
        case ROUND -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Math.rint(x[i]);
          }
        }
        case SOFTSIGN -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] / (1 + Math.abs(x[i]));
          }
        }
        case SQRT -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Math.sqrt(x[i]);
          }
        }
        default -> exponential(x, n);
      }
    }

    private void exponential(float[] x, int n) {
      double alpha = function.alpha;
      double beta = function.beta;
      switch (function.kind) {
        case ELU -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Exponentials.elu(x[i], alpha);
          }
        }
        case ERF -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Exponentials.erf(x[i]);
          }
        }
        case EXP -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Exponentials.exp(x[i]);
          }
        }
        case GELU -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Exponentials.gelu(x[i]);
          }
        }
        case GELU_TANH -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Exponentials.geluByTanh(x[i]);
          }
        }
        case MISH -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Exponentials.mish(x[i]);
          }
        }
        case SELU -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) (beta * Exponentials.elu(x[i], alpha));
          }
        }
        case TANH -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Exponentials.tanh(x[i]);
          }
        }
        default -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) function.of((double) x[i]);
          }
        }
      }
    }

    @Override
    public String describe() {
      return function.name();
    }
  }

  /** Its value, where doubles are asked for. */
  public double of(double x) {
    return switch (kind) {
      case ACOS -> Math.acos(x);
      case ACOSH -> Math.log(x + Math.sqrt(x * x - 1));
      case ASIN -> Math.asin(x);
      case ASINH -> Scalars.asinh(x);
      case ATAN -> Math.atan(x);
      case ATANH -> Math.log1p(2 * x / (1 - x)) / 2;
      case CELU -> x < 0 ? alpha * Math.expm1(x / alpha) : x;
      case COS -> Math.cos(x);
      case COSH -> Math.cosh(x);
      case ELU -> x < 0 ? alpha * Math.expm1(x) : x;
      case ERF -> Exponentials.erf(x);
      case EXP -> Math.exp(x);
      case GELU -> Exponentials.gelu(x);
      case GELU_TANH -> Exponentials.geluByTanh(x);
      case IS_INF ->
          truth(x == Double.POSITIVE_INFINITY ? beta != 0 : Double.isInfinite(x) && alpha != 0);
      case IS_NAN -> truth(Double.isNaN(x));
      case LOG -> Math.log(x);
      case MISH -> Exponentials.mish(x);
      case NOT -> truth(x == 0);
      case SELU -> beta * (x < 0 ? alpha * Math.expm1(x) : x);
      case SHRINK -> x < -alpha ? x + beta : x > alpha ? x - beta : 0;
      case SIGN -> Math.signum(x);
      case SIN -> Math.sin(x);
      case SINH -> Math.sinh(x);
      case SOFTPLUS -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      case SWISH -> x / (1 + Math.exp(-alpha * x));
      case TAN -> Math.tan(x);
      case TANH -> Math.tanh(x);
      case THRESHOLDED_RELU -> x > alpha ? x : 0;
      case TO_BFLOAT16 -> Scalars.bfloat16((float) x);
      case TO_FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) x));
      case TO_TRUTH -> truth(x != 0);
      case TO_WHOLE -> (double) Scalars.wrapped((long) x, (long) alpha, (long) beta);
      case ABS -> Math.abs(x);
      case CEIL -> Math.ceil(x);
      case FLOOR -> Math.floor(x);
      case NEG -> -x;
      case RECIPROCAL -> 1 / x;
      case ROUND -> Math.rint(x);
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case SQRT -> Math.sqrt(x);
    };
  }

  private static double truth(boolean is) {
    return is ? 1 : 0;
  }
}
