package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.ConvWeights;
import io.github.lanewise.Residual;
import io.github.lanewise.operators.Operation;

/**
 * What a node of the graph computes, before it is lowered to an operator. Arrays are never changed,
 * and operations never compared.
 */
@SuppressWarnings("ArrayRecordComponent")
sealed interface Op {

  /** The caller's array. */
  record Input(String name) implements Op {}

  /** Values known when the network is built. */
  record Constant(float[] values) implements Op {}

  /**
   * {@code activation(conv(x))}, with the second input as its residual, unless there is none. A
   * slope of negative values for each channel is in the place of the activation, or null.
   */
  record Conv(
      ConvShape shape, ConvWeights weights, Activation activation, float[] slope, Residual residual)
      implements Op {
    Conv(ConvShape shape, ConvWeights weights) {
      this(shape, weights, Activation.NONE, null, Residual.NONE);
    }

    boolean isActivated() {
      return activation.kind() != Activation.Kind.NONE || slope != null;
    }

    boolean isBare() {
      return !isActivated() && residual == Residual.NONE;
    }

    /** With an activation after what it does; it has none. */
    Conv then(Activation next) {
      return new Conv(shape, weights, next, null, residualBefore());
    }

    /** With slopes after what it does; it has no activation. */
    Conv then(float[] slopes) {
      return new Conv(shape, weights, activation, slopes, residualBefore());
    }

    private Residual residualBefore() {
      return residual == Residual.NONE ? Residual.NONE : Residual.BEFORE_ACTIVATION;
    }

    /** With a residual added to what it does; it has none. */
    Conv plusResidual() {
      return new Conv(shape, weights, activation, slope, Residual.AFTER_ACTIVATION);
    }

    /** The same of another shape. */
    Conv on(ConvShape other) {
      return new Conv(other, weights, activation, slope, residual);
    }
  }

  /** A depthwise convolution and a pointwise one on its result. */
  record Separable(Conv depthwise, Conv pointwise) implements Op {}

  /** A convolution without residual and a maximum pool on its result. */
  record Pooled(Conv conv, Pool pool) implements Op {}

  /** A convolution whose plan has its weights packed, so that nobody keeps them any more. */
  record Planned() implements Op {}

  /** A function of each value. */
  record Activate(Activation activation) implements Op {}

  /** {@code activation(x * scale[c] + shift[c])}, c the last axis, or one of each for all. */
  record Affine(float[] scale, float[] shift, Activation activation) implements Op {
    boolean isUniform() {
      for (int c = 1; c < scale.length; c++) {
        if (scale[c] != scale[0] || shift[c] != shift[0]) {
          return false;
        }
      }
      return true;
    }
  }

  /** {@code factor * x * clamp(scale * x + shift)}: a hard-swish with constants of its own. */
  record Gate(float factor, float scale, float shift, Activation clamp) implements Op {
    private static final float SIXTH = Activation.HARD_SIGMOID.alpha();

    /** The hard-swish that it is if its constants are those to the bit, else itself. */
    Op named() {
      boolean dividesLast =
          factor == SIXTH && scale == 1 && shift == 3 && clamp.equals(Activation.RELU6);
      boolean dividesFirst =
          factor == 1
              && scale == SIXTH
              && shift == Activation.HARD_SIGMOID.beta()
              && clamp.equals(Activation.clamp(0, 1));
      return dividesLast || dividesFirst ? new Activate(Activation.HARD_SWISH) : this;
    }
  }

  /** {@code activation(a op b)} with NumPy's broadcast. */
  record Binary(Kind kind, Activation activation) implements Op {
    enum Kind {
      ADD,
      SUBTRACT,
      MULTIPLY,
      DIVIDE;

      boolean commutes() {
        return this == ADD || this == MULTIPLY;
      }
    }
  }

  /** The maximum or mean of a window; {@code countPadding} divides a mean by the whole window. */
  record Pool(ConvShape window, boolean max, boolean countPadding) implements Op {}

  /** The mean over height and width. */
  record GlobalPool() implements Op {}

  /** Softmax over the last axis. */
  record Softmax() implements Op {}

  /** Constant values around the tensor, {@code before[axis]} and {@code after[axis]} of them. */
  record Pad(int[] before, int[] after, float value) implements Op {
    /** Whether it only adds zeros around the image's rows and columns, as a convolution does. */
    boolean isConvPadding() {
      return before.length == 4 && value == 0 && before[0] + after[0] + before[3] + after[3] == 0;
    }
  }

  /** All inputs one after another along an axis. */
  record Concat(int axis) implements Op {}

  /** Output pixel (y, x) is input pixel (rows[y], columns[x]). */
  record ResizeNearest(int[] rows, int[] columns) implements Op {}

  /** The same between pixels, weighting two rows and two columns. */
  record ResizeLinear(float[] rows, float[] columns) implements Op {}

  /** Output axis i is input axis {@code order[i]}. */
  record Transpose(int[] order) implements Op {}

  /** The same values in the same order. */
  record Reshape() implements Op {}

  /** Whatever else there is, with the shapes of all its results. */
  record Other(Operation operation, int[][] shapes) implements Op {}

  /** A result after the first of the {@link Other} node that it reads. */
  record Result(int index) implements Op {}
}
