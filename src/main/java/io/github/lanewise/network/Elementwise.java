package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.loops.Epilogue;
import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.TileOperator;

/** Functions of each value. */
final class Elementwise {

  private Elementwise() {}

  /** {@code activation(x * scale + shift)}, channel by channel. */
  static final class Affine extends TileOperator {
    private final float[] scale;
    private final float[] shift;
    private final Activation activation;
    private final Backend backend;

    Affine(Op.Affine op, int count, Backend backend) {
      super(count, Epilogue.repeated(op.scale(), Context.TILE).length);
      this.scale = Epilogue.repeated(op.scale(), Context.TILE);
      this.shift = Epilogue.repeated(op.shift(), Context.TILE);
      this.activation = op.activation();
      this.backend = backend;
    }

    @Override
    protected void apply(float[] x, int n) {
      float[] s = scale;
      float[] t = shift;
      for (int i = 0; i < n; i++) {
        x[i] = x[i] * s[i] + t[i];
      }
      backend.activate(activation, x, 0, n);
    }

    @Override
    public String describe() {
      return "scale and shift" + (activation.equals(Activation.NONE) ? "" : " " + activation);
    }
  }

  /** {@code factor * x * clamp(scale * x + shift)}. */
  static final class Gate extends TileOperator {
    private final Op.Gate op;

    Gate(Op.Gate op, int count) {
      super(count, Context.TILE);
      this.op = op;
    }

    @Override
    protected void apply(float[] x, int n) {
      float factor = op.factor();
      float scale = op.scale();
      float shift = op.shift();
      float lo = op.clamp().lower();
      float hi = op.clamp().upper();
      for (int i = 0; i < n; i++) {
        x[i] = (x[i] * factor) * Math.min(Math.max(x[i] * scale + shift, lo), hi);
      }
    }

    @Override
    public String describe() {
      return "%s * x * %s(%s * x + %s)".formatted(op.factor(), op.clamp(), op.scale(), op.shift());
    }
  }
}
