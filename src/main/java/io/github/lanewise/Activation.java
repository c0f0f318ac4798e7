package io.github.lanewise;

/**
 * The function applied to every output of a stage. Immutable.
 *
 * <p>Every activation follows its definition to the letter: NaN gives NaN. A clamp, ReLU and ReLU6
 * among them, is {@code Math.min(Math.max(x, min), max)} to the bit: NaN and denormals pass, -0.0
 * becomes 0.0 at a lower bound of 0. Where the definition itself is undefined at infinity the
 * result is NaN: {@link #HARD_SWISH} and {@link #SILU} of negative infinity multiply it by zero.
 * The exponential in {@link #SIGMOID} and {@link #SILU} is good to about 2 ulp in float32; a
 * sigmoid below the smallest normal float becomes zero, and with it its product in SILU (x below
 * about -87).
 *
 * @param kind which function
 * @param alpha its first parameter: the lower bound of a clamp, the slope of a leaky ReLU or hard
 *     sigmoid, else 0
 * @param beta its second parameter: the upper bound of a clamp, the offset of a hard sigmoid, else
 *     0
 */
public record Activation(Kind kind, float alpha, float beta) {

  /** The functions. */
  public enum Kind {
    /** x. */
    NONE,
    /** x below alpha becomes alpha, above beta becomes beta. */
    CLAMP,
    /** alpha * x where x is negative, else x. */
    LEAKY_RELU,
    /** clamp(alpha * x + beta, 0, 1). */
    HARD_SIGMOID,
    /** x * clamp(x / 6 + 1/2, 0, 1), of MobileNetV3 (Howard et al. 2019, arXiv:1905.02244). */
    HARD_SWISH,
    /** 1 / (1 + exp(-x)). */
    SIGMOID,
    /** x / (1 + exp(-x)), also called swish. */
    SILU
  }

  /** Leaves the value as it is. */
  public static final Activation NONE = new Activation(Kind.NONE, 0, 0);

  /** Negative values become 0. */
  public static final Activation RELU = clamp(0, Float.POSITIVE_INFINITY);

  /** Clamp to 0 .. 6, of MobileNetV1 and V2. */
  public static final Activation RELU6 = clamp(0, 6);

  /** x * clamp(x / 6 + 1/2, 0, 1). */
  public static final Activation HARD_SWISH = new Activation(Kind.HARD_SWISH, 0, 0);

  /** clamp(x / 6 + 1/2, 0, 1), of MobileNetV3; ONNX's default slope is another: 0.2. */
  public static final Activation HARD_SIGMOID = hardSigmoid(1f / 6, 0.5f);

  /** 1 / (1 + exp(-x)). */
  public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0, 0);

  /** x / (1 + exp(-x)). */
  public static final Activation SILU = new Activation(Kind.SILU, 0, 0);

  /** Checks the parameters. */
  public Activation {
    Checks.notNull("activation kind", kind);
    if (Float.isNaN(alpha) || Float.isNaN(beta)) {
      throw new IllegalArgumentException(
          "activation " + kind + " parameters " + alpha + ", " + beta + " must not be NaN");
    }
    if (kind == Kind.CLAMP && alpha > beta) {
      throw new IllegalArgumentException("clamp min = " + alpha + " must not exceed max = " + beta);
    }
    alpha += 0f; // -0.0 becomes 0.0: one zero less to tell apart
    beta += 0f;
  }

  /**
   * Clamps to a range.
   *
   * @param min lower bound, possibly negative infinity
   * @param max upper bound, possibly infinity, not below {@code min}
   * @return the activation
   */
  public static Activation clamp(float min, float max) {
    return new Activation(Kind.CLAMP, min, max);
  }

  /**
   * Scales negative values.
   *
   * @param slope factor of negative values
   * @return the activation
   */
  public static Activation leakyRelu(float slope) {
    return new Activation(Kind.LEAKY_RELU, slope, 0);
  }

  /**
   * Clamps a line to 0 .. 1.
   *
   * @param slope factor of x; ONNX's default is 0.2, PyTorch's and Keras 3's 1/6
   * @param offset added to it; 0.5 in all three
   * @return the activation
   */
  public static Activation hardSigmoid(float slope, float offset) {
    return new Activation(Kind.HARD_SIGMOID, slope, offset);
  }

  /**
   * Whether this is {@link Kind#NONE} or {@link Kind#CLAMP}, which kernels apply in registers.
   *
   * @return true if {@link #lower} and {@link #upper} say all
   */
  public boolean isClamp() {
    return kind == Kind.NONE || kind == Kind.CLAMP;
  }

  /**
   * The lower bound applied in registers.
   *
   * @return the clamp's lower bound; negative infinity for any other kind
   */
  public float lower() {
    return kind == Kind.CLAMP ? alpha : Float.NEGATIVE_INFINITY;
  }

  /**
   * The upper bound applied in registers.
   *
   * @return the clamp's upper bound; infinity for any other kind
   */
  public float upper() {
    return kind == Kind.CLAMP ? beta : Float.POSITIVE_INFINITY;
  }

  /** As records have it, whose own method takes 15 ms to link where a process is new. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Activation(Kind otherKind, float otherAlpha, float otherBeta)
        && kind == otherKind
        && Float.compare(alpha, otherAlpha) == 0
        && Float.compare(beta, otherBeta) == 0;
  }

  @Override
  public int hashCode() {
    return 31 * (31 * kind.hashCode() + Float.hashCode(alpha)) + Float.hashCode(beta);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case NONE -> "none";
      case CLAMP -> clampName();
      case LEAKY_RELU -> "leaky-relu(" + alpha + ")";
      case HARD_SIGMOID -> "hard-sigmoid(" + alpha + "," + beta + ")";
      case HARD_SWISH -> "hard-swish";
      case SIGMOID -> "sigmoid";
      case SILU -> "silu";
    };
  }

  private String clampName() {
    if (alpha == 0 && beta == Float.POSITIVE_INFINITY) {
      return "relu";
    }
    return alpha == 0 && beta == 6 ? "relu6" : "clamp(" + alpha + "," + beta + ")";
  }
}
