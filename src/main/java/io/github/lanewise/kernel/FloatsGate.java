package io.github.lanewise.kernel;

import static io.github.lanewise.kernel.Lanes.L;

import io.github.lanewise.Activation;
import io.github.lanewise.jvm.Gate;
import java.util.Locale;

/**
 * A loop over rows of floats and what it is called with. It is short, and C2 would inline it here;
 * runs would then call what is not compiled. C2 does not inline what a method calls in fewer than a
 * quarter of its own calls (InlineFrequencyRatio), so most calls of the trial are {@link #IN_VAIN}.
 */
final class FloatsGate extends Gate {

  /** Floats of element-wise work. */
  private static final int FLOATS = 8 * L;

  /** Two rows of windows of up to four taps. Of shorter ones C2 learns that rows are short. */
  private static final PoolArgs WINDOWS = new PoolArgs(2, 4 * L, L, L, 4 * L);

  /** C2's time for them. */
  private static final int EFFORT = 2;

  /** Instead of a piece of work: call nothing. */
  private static final int IN_VAIN = Integer.MIN_VALUE;

  /** Calls in vain for each other one. */
  private static final int VAIN_CALLS = 7;

  private final Trial trial;
  private final float[] data = new float[FLOATS];
  private final float[] other = new float[FLOATS];

  /** The method that calls a loop, or nothing where it is called in vain. */
  interface Trial {
    void call(int work, int count, float[] data, float[] other);
  }

  FloatsGate(String name, int variants, Trial trial) {
    super(name, variants, EFFORT);
    this.trial = trial;
  }

  /** Of an activation. */
  FloatsGate(Activation.Kind kind) {
    this(
        kind.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        2,
        (work, count, data, other) -> activate(kind, work, count, data));
  }

  @Override
  public void call(int work) {
    for (int i = 0; i < VAIN_CALLS; i++) {
      trial.call(IN_VAIN, 0, data, other);
    }
    trial.call(work, work < 0 ? 0 : FLOATS, data, other);
  }

  /** SiLU and sigmoid are one loop with a branch. */
  private static void activate(Activation.Kind kind, int work, int count, float[] data) {
    Activation.Kind own = kind;
    if (kind == Activation.Kind.SIGMOID || kind == Activation.Kind.SILU) {
      own = work == 0 ? Activation.Kind.SILU : Activation.Kind.SIGMOID;
    }
    VectorFloats.activate(work == IN_VAIN ? Activation.Kind.NONE : own, 0.5f, 0, count, data, 0);
  }

  /** Clamped, and not. */
  static void add(int work, int count, float[] data, float[] other) {
    if (work != IN_VAIN) {
      VectorFloats.add(count, data, 0, other, 0, work == 0 ? Clamp.RELU6 : Clamp.NONE);
    }
  }

  /** Of four taps, and of two. */
  static void max(int work, int count, float[] data, float[] other) {
    if (work != IN_VAIN) {
      VectorFloats.max(WINDOWS, count / 2, work == 0 ? 4 : 2, other, 0, data, 0);
    }
  }

  static void prelu(int work, int count, float[] data, float[] slope) {
    if (work != IN_VAIN) {
      VectorFloats.prelu(count, data, 0, slope, 0);
    }
  }

  /** Two loops, of four vectors a row and of one. */
  static void gather(int work, int count, float[] data, float[] other) {
    if (work != IN_VAIN) {
      int step = 4 * L;
      VectorFloats.gather4v(count / step, other, 0, step, data, 0, step);
      VectorFloats.gather1v(count / step, other, 0, step, data, 0, step);
    }
  }
}
