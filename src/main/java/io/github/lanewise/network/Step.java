package io.github.lanewise.network;

import io.github.lanewise.ConvPlan;
import io.github.lanewise.loops.ParallelRows;
import io.github.lanewise.network.Arena.Storage;
import io.github.lanewise.operators.Context;
import io.github.lanewise.operators.Operator;
import io.github.lanewise.operators.Places;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/** One step of a network: an operator, bound to the places of its tensors. Immutable. */
public final class Step {
  /** Fewer are not worth a meeting of threads. */
  private static final int PARALLEL_FLOATS = 1 << 16;

  /** For each thread, so that one that begins late leaves less to wait for. */
  private static final int RANGES = 2;

  private final String name;
  private final Operator operator;
  private final int[] shape;
  private final Places in;
  private final Places out;
  private final String place;

  /** Floats that it reads and writes. */
  private final long floats;

  /** Of storages that have their place. */
  Step(String name, Operator operator, int[] shape, List<Storage> in, List<Storage> out) {
    this.name = name;
    this.operator = operator;
    this.shape = shape;
    this.in = places(in);
    this.out = places(out);
    Storage first = out.getFirst();
    this.place = first.array == 0 ? "@" + first.offset : "output";
    this.floats = Stream.concat(in.stream(), out.stream()).mapToLong(s -> s.size).sum();
  }

  private static Places places(List<Storage> storages) {
    return new Places(
        storages.stream().mapToInt(s -> s.array).toArray(),
        storages.stream().mapToInt(s -> s.offset).toArray());
  }

  /** Computes, on threads of the executor where the context has scratch for them. */
  void run(Context context, Executor executor) {
    int units = operator.units();
    int ranges = Math.min(units, RANGES * context.workers.length);
    if (context.isAlone || ranges == 1 || floats < PARALLEL_FLOATS) {
      operator.run(context, in, out);
      return;
    }
    ParallelRows.run(
        executor,
        Math.min(ranges, context.workers.length),
        ranges,
        (range, worker) -> {
          int from = (int) ((long) units * range / ranges);
          int to = (int) ((long) units * (range + 1) / ranges);
          operator.run(context.workers[worker], in, out, from, to);
        });
  }

  Operator operator() {
    return operator;
  }

  /**
   * The name of the first tensor that it makes.
   *
   * @return as in the builder or the file, the last of what was fused
   */
  public String name() {
    return name;
  }

  /**
   * What it computes.
   *
   * @return operator and parameters; of a convolution operator, shape and activations
   */
  public String description() {
    return operator.describe();
  }

  /**
   * The plan of a convolution, whose {@code toString()} tells kernels and tiles.
   *
   * @return the plan, or null if the step is no convolution
   */
  public ConvPlan plan() {
    return operator.plan();
  }

  /**
   * The shape of its first result, NHWC.
   *
   * @return a copy
   */
  public int[] shape() {
    return shape.clone();
  }

  /**
   * Multiplications of a convolution by its definition.
   *
   * @return 0 for other operators
   */
  public long multiplications() {
    return operator.multiplications();
  }

  /** Where the result lies: an offset in the arena, or an output's array. */
  String place() {
    return place;
  }

  @Override
  public String toString() {
    return "%s %s %s".formatted(name, description(), Arrays.toString(shape));
  }
}
