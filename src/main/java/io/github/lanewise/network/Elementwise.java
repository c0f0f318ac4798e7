package io.github.lanewise.network;

import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.TileOperator;

/** Functions of each value. */
final class Elementwise {

  private Elementwise() {}

  /** Values for each channel, or one for all, repeated to fill about a tile. */
  static float[] repeated(float[] channels) {
    int times = Context.TILE / channels.length;
    if (times < 2) {
      return channels; // never changed, and perhaps as large as a tensor
    }
    float[] out = new float[channels.length * times];
    for (int i = 0; i < times; i++) {
      System.arraycopy(channels, 0, out, i * channels.length, channels.length);
    }
    return out;
  }

  /** {@code activation(x * scale + shift)}, channel by channel. */
  static final class Affine extends TileOperator {
    private final float[] scale;
    private final float[] shift;
    private final Activation activation;
    private final Backend backend;

    Affine(Op.Affine op, int count, Backend backend) {
      super(count, repeated(op.scale()).length);
      this.scale = repeated(op.scale());
      this.shift = repeated(op.shift());
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

  /**
   * {@code x < 0 ? slope * x : x}, channel by channel, as {@code max(x, 0) + slope * min(x, 0)}: of
   * the two parts one is zero. C2 makes vectors of that and a branch of the other, which a CPU
   * predicts badly as the sign of x is as good as random. Of zeros the sign may be another.
   */
  static final class Prelu extends TileOperator {
    private final float[] slope;
    private final boolean isFinite;

    Prelu(float[] slope, int count) {
      super(count, repeated(slope).length);
      this.slope = repeated(slope);
      boolean finite = true;
      for (float s : slope) {
        finite &= Float.isFinite(s); // or 0 * slope is NaN
      }
      this.isFinite = finite;
    }

    @Override
    protected void apply(float[] x, int n) {
      float[] s = slope;
      if (isFinite) {
        for (int i = 0; i < n; i++) {
          x[i] = Math.max(x[i], 0) + s[i] * Math.min(x[i], 0);
        }
        return;
      }
      for (int i = 0; i < n; i++) {
        x[i] = x[i] < 0 ? s[i] * x[i] : x[i];
      }
    }

    @Override
    public String describe() {
      return "prelu";
    }
  }
}
