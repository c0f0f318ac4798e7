package io.github.lanewise;

import java.util.List;

/**
 * Every kind of activation, with parameters that short cuts such as max(x, slope * x) get wrong.
 */
public final class TestActivations {

  /** In turn, or one of them each. */
  public static final List<Activation> ALL =
      List.of(
          Activation.NONE,
          Activation.RELU,
          Activation.RELU6,
          Activation.clamp(-0.25f, 0.5f),
          Activation.clamp(Float.NEGATIVE_INFINITY, 0.25f),
          Activation.clamp(0.125f, 0.125f),
          Activation.leakyRelu(0.1f),
          Activation.leakyRelu(1.5f),
          Activation.leakyRelu(-0.5f),
          Activation.HARD_SWISH,
          Activation.HARD_SIGMOID,
          Activation.hardSigmoid(0.2f, 0.5f),
          Activation.hardSigmoid(-0.25f, 0.75f),
          Activation.SIGMOID,
          Activation.SILU);

  /** Those that are exact in float32 on integers, whose results are integers or halves. */
  static final List<Activation> EXACT =
      List.of(
          Activation.NONE,
          Activation.RELU,
          Activation.RELU6,
          Activation.clamp(-5, 9),
          Activation.leakyRelu(0.5f));

  private TestActivations() {}
}
