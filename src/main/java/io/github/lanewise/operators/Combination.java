package io.github.lanewise.operators;

import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import java.util.Locale;

/**
 * A function of the values of tensors that broadcast, beside the sums and products that fuse. Truth
 * values are 1 and 0; of an operand all but 0 is true.
 */
public enum Combination implements Operation {
  AND,
  EQUAL,
  GREATER,
  GREATER_OR_EQUAL,
  LESS,
  LESS_OR_EQUAL,
  MAX,
  MIN,
  OR,
  POW,
  /** {@code x < 0 ? x * slope : x}. */
  PRELU,
  /** A quotient of whole numbers, without its fraction. */
  QUOTIENT,
  /** What a division leaves, of the sign of the dividend. */
  REMAINDER,
  /** The same of the sign of the divisor. */
  MODULO,
  XOR,
  /** Of three: the second where the first is true, else the third. */
  WHERE;

  @Override
  public int[][] shapes(int[]... inputs) {
    return new int[][] {Sizes.broadcast(inputs)};
  }

  @Override
  public Operator operator(ConvOptions options, int[]... inputs) {
    return new OfEach(this, options.backend(), Sizes.broadcast(inputs), inputs);
  }

  private static final class OfEach extends BroadcastOperator {
    private final Combination kind;
    private final Backend backend;

    OfEach(Combination kind, Backend backend, int[] out, int[]... inputs) {
      super(out, inputs);
      this.kind = kind;
      this.backend = backend;
    }

    @Override
    protected void combine(float[][] tiles, int n) {
      float[] x = tiles[0];
      float[] y = tiles[1];
      switch (kind) {
        case AND -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] != 0 && y[i] != 0 ? 1 : 0;
          }
        }
        case EQUAL -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] == y[i] ? 1 : 0;
          }
        }
        case GREATER -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] > y[i] ? 1 : 0;
          }
        }
        case GREATER_OR_EQUAL -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] >= y[i] ? 1 : 0;
          }
        }
        case LESS -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] < y[i] ? 1 : 0;
          }
        }
        case LESS_OR_EQUAL -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] <= y[i] ? 1 : 0;
          }
        }
        case MAX -> {
          for (int i = 0; i < n; i++) {
            x[i] = Math.max(x[i], y[i]);
          }
        }
        case MIN -> {
          for (int i = 0; i < n; i++) {
            x[i] = Math.min(x[i], y[i]);
          }
        }
        case OR -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] != 0 || y[i] != 0 ? 1 : 0;
          }
        }
        case POW -> {
          for (int i = 0; i < n; i++) {
            x[i] = (float) Scalars.pow(x[i], y[i]);
          }
        }
        case PRELU -> backend.prelu(x, 0, y, 0, n);
        default -> others(kind, tiles, n);
      }
    }

    private static void others(Combination kind, float[][] tiles, int n) {
      float[] x = tiles[0];
      float[] y = tiles[1];
      switch (kind) {
        case QUOTIENT -> {
          for (int i = 0; i < n; i++) {
            x[i] = Scalars.quotient(x[i], y[i]);
          }
        }
        case REMAINDER -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] % y[i];
          }
        }
        case MODULO -> {
          for (int i = 0; i < n; i++) {
            x[i] = Scalars.modulo(x[i], y[i]);
          }
        }
        case XOR -> {
          for (int i = 0; i < n; i++) {
            x[i] = (x[i] != 0) != (y[i] != 0) ? 1 : 0;
          }
        }
        case WHERE -> {
          float[] z = tiles[2];
          for (int i = 0; i < n; i++) {
            x[i] = x[i] != 0 ? y[i] : z[i];
          }
        }
        default -> throw new IllegalStateException("" + kind);
      }
    }

    @Override
    public String describe() {
      return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }
}
