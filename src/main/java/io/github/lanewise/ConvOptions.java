package io.github.lanewise;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.Executor;

/**
 * What a plan does beyond the convolution itself. Immutable; {@link #DEFAULT} is a plain
 * convolution on the caller's thread.
 *
 * <pre>{@code
 * ConvOptions options = ConvOptions.DEFAULT.withActivation(Activation.RELU6);
 * }</pre>
 */
public final class ConvOptions {

  /**
   * No activation, no residual, float32 weights, the caller's thread, {@link Backend#current()}.
   */
  public static final ConvOptions DEFAULT =
      new ConvOptions(Activation.NONE, null, Residual.NONE, WeightFormat.FLOAT32, null, 1, null);

  private final Activation activation;

  /** In the place of an activation, or null. */
  private final float[] slope;

  private final Residual residual;
  private final WeightFormat weights;
  private final Executor executor;
  private final int parallelism;
  private final Backend backend;

  private ConvOptions(
      Activation activation,
      float[] slope,
      Residual residual,
      WeightFormat weights,
      Executor executor,
      int parallelism,
      Backend backend) {
    this.activation = activation;
    this.slope = slope;
    this.residual = residual;
    this.weights = weights;
    this.executor = executor;
    this.parallelism = parallelism;
    this.backend = backend;
  }

  /**
   * Sets the activation of the last stage, in the place of any set before.
   *
   * @param function the activation
   * @return new options
   */
  public ConvOptions withActivation(Activation function) {
    Checks.notNull("activation", function);
    return new ConvOptions(function, null, residual, weights, executor, parallelism, backend);
  }

  /**
   * Makes a PReLU (He et al. 2015, arXiv:1502.01852) the activation of the last stage, in the place
   * of any set before: {@code x < 0 ? slope[c] * x : x}. NaN stays NaN, and infinite slopes make no
   * NaN of values that are not negative.
   *
   * @param slopes one for each channel of the output; copied
   * @return new options
   */
  public ConvOptions withPrelu(float... slopes) {
    float[] copy = Checks.notNull("slopes", slopes).clone();
    return new ConvOptions(
        Activation.NONE, copy, residual, weights, executor, parallelism, backend);
  }

  /**
   * Whether the plan adds a tensor of the output's shape, and where: after the activation, as the
   * inverted residual blocks of MobileNetV2 do, {@code dst = activation(conv(src)) + residual}, or
   * before it.
   *
   * @param place unless {@link Residual#NONE}, every run takes a residual
   * @return new options
   */
  public ConvOptions withResidual(Residual place) {
    Checks.notNull("residual", place);
    return new ConvOptions(activation, slope, place, weights, executor, parallelism, backend);
  }

  /**
   * Sets how the weights of matrix products are kept: by {@link WeightFormat#FLOAT16} in half the
   * memory, at the cost of rounding them.
   *
   * <pre>{@code
   * OnnxReader reader =
   *     OnnxReader.DEFAULT.withOptions(ConvOptions.DEFAULT.withWeights(WeightFormat.FLOAT16));
   * }</pre>
   *
   * @param format the format
   * @return new options
   */
  public ConvOptions withWeights(WeightFormat format) {
    Checks.notNull("format", format);
    return new ConvOptions(activation, slope, residual, format, executor, parallelism, backend);
  }

  /**
   * Spreads each run over an executor's threads. The result has the same bits for every degree. The
   * calling thread works too, and finishes alone if the executor never gets round to it: a run on a
   * thread of that same executor cannot deadlock. A thread that helped waits busily for another
   * plan of these options, a tenth of a millisecond at most, since plans often follow each other;
   * after ten milliseconds of this it makes way for other tasks of the executor, and is asked anew.
   *
   * @param threads runs tasks, for example a thread pool; never shut down by Lanewise
   * @param degree threads to use at most, the calling one included, 1 or more; of a huge one, 65
   *     or, if that is more, four times the processors and one
   * @return new options
   */
  public ConvOptions withExecutor(Executor threads, int degree) {
    Checks.notNull("threads", threads);
    Checks.atLeast("degree", degree, 1);
    Executor helpers = degree == 1 ? null : new Helpers(threads);
    int all = Math.min(degree, Helpers.MOST + 1);
    return new ConvOptions(activation, slope, residual, weights, helpers, all, backend);
  }

  /** On the calling thread alone. */
  ConvOptions sequential() {
    return new ConvOptions(activation, slope, residual, weights, null, 1, backend);
  }

  /**
   * Forces a backend, for tests and comparisons.
   *
   * @param forced the backend
   * @return new options
   */
  public ConvOptions withBackend(Backend forced) {
    Checks.notNull("backend", forced);
    return new ConvOptions(activation, slope, residual, weights, executor, parallelism, forced);
  }

  /**
   * The activation of the last stage.
   *
   * @return never null; {@link Activation#NONE} where a PReLU takes its place
   */
  public Activation activation() {
    return activation;
  }

  /**
   * Whether a PReLU is the activation of the last stage.
   *
   * @return true after {@link #withPrelu}
   */
  public boolean hasPrelu() {
    return slope != null;
  }

  /** Its slopes, never changed, or null. */
  float[] slope() {
    return slope;
  }

  /**
   * Whether every run takes a residual, and where it is added.
   *
   * @return never null
   */
  public Residual residual() {
    return residual;
  }

  /**
   * How the weights of matrix products are kept.
   *
   * @return never null
   */
  public WeightFormat weights() {
    return weights;
  }

  /**
   * Threads to use at most.
   *
   * @return 1 or more; of a huge degree what {@link #withExecutor} makes of it
   */
  public int parallelism() {
    return parallelism;
  }

  /**
   * The backend of a plan created with these options.
   *
   * @return the forced one, or {@link Backend#current()}
   */
  public Backend backend() {
    return backend == null ? Backend.current() : backend;
  }

  /**
   * What runs the tasks of other threads than the calling one.
   *
   * @return null if there is one thread
   */
  public Executor executor() {
    return executor;
  }

  /**
   * Whether they say the same.
   *
   * @param other what to compare with
   * @return whether it is options of equal values, on threads from the same call of {@link
   *     #withExecutor}
   */
  @Override
  public boolean equals(Object other) {
    return other instanceof ConvOptions o
        && activation.equals(o.activation)
        && Arrays.equals(slope, o.slope)
        && residual == o.residual
        && weights == o.weights
        && Objects.equals(executor, o.executor)
        && parallelism == o.parallelism
        && Objects.equals(backend, o.backend);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        activation, Arrays.hashCode(slope), residual, weights, executor, parallelism, backend);
  }

  @Override
  public String toString() {
    return (residual == Residual.BEFORE_ACTIVATION ? "residual, then activation " : "activation ")
        + (hasPrelu() ? "prelu" : activation)
        + (residual == Residual.AFTER_ACTIVATION ? " + residual" : "")
        + (weights == WeightFormat.FLOAT32 ? ", " : ", " + weights + " weights, ")
        + (parallelism == 1 ? "1 thread" : "up to " + parallelism + " threads");
  }
}
