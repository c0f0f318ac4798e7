package io.github.lanewise.network;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.Workspace;
import io.github.lanewise.loops.ParallelRows;
import io.github.lanewise.loops.Pool;
import io.github.lanewise.operators.Context;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Runs the steps of a network on what the caller gives: of a batch image by image, as many side by
 * side as there are threads, since the tensors of one image stay in a cache where those of all do
 * not. Immutable and thread-safe.
 */
final class Runner {
  final Step[] steps;
  final long largestLive;

  private final ConvOptions options;
  private final List<Port> ports;
  private final int inputs;

  /** Floats of each input, then of each output, for one image. */
  private final int[] lengths;

  private final int images;

  /** How many of these, from the first on, run each on one thread; the rest on all of them. */
  private final int alone;

  private final float[][] constants;
  private final int arenaFloats;
  private final int tile;
  private final int sums;
  private final ConvPlan[] plans;
  private final ConvPlan[] alonePlans;
  private final Pool<Context> pool = new Pool<>(() -> newContext(false));

  /** Of images that run each on one thread, which takes less scratch. */
  private final Pool<Context> alonePool;

  /**
   * Plans it.
   *
   * @param inputs ports for one image
   * @param outputs ports for one image
   * @param images one behind the other in every array that the caller gives
   */
  Runner(Lowering.Program program, List<Port> inputs, List<Port> outputs, int images) {
    this.options = program.terms().options();
    this.ports = Stream.concat(inputs.stream(), outputs.stream()).toList();
    this.inputs = inputs.size();
    this.lengths = ports.stream().mapToInt(Port::length).toArray();
    this.images = images;
    Binding binding = new Binding(program, inputs, outputs);
    this.steps = binding.steps.toArray(Step[]::new);
    this.constants = binding.constants.toArray(float[][]::new);
    this.largestLive = Arena.largestLive(binding.arena, steps.length);
    this.tile = Arrays.stream(steps).mapToInt(step -> step.operator().tile()).max().orElse(0);
    this.sums = Arrays.stream(steps).mapToInt(step -> step.operator().sums()).max().orElse(0);
    this.plans =
        Arrays.stream(steps).map(Step::plan).filter(Objects::nonNull).toArray(ConvPlan[]::new);
    this.alonePlans = Arrays.stream(plans).map(ConvPlan::sequential).toArray(ConvPlan[]::new);
    boolean hasThreads = options.parallelism() > 1;
    this.alonePool = hasThreads ? new Pool<>(() -> newContext(true)) : pool;
    int rest = images % options.parallelism();
    this.alone =
        !hasThreads || images == 1 ? 0 : 2 * rest < options.parallelism() ? images - rest : images;
    checkMemory(binding.arenaFloats, program.terms().memoryLimit());
    this.arenaFloats = (int) binding.arenaFloats;
  }

  private void checkMemory(long floats, long limit) {
    long each = (long) Float.BYTES * Context.TILES * tile + (long) Double.BYTES * sums;
    long own = Float.BYTES * floats;
    if (images > 1) {
      own += Float.BYTES * Arrays.stream(lengths).asLongStream().sum();
    }
    long bytes =
        Math.max(
            alone == images ? 0 : own + options.parallelism() * each + scratch(plans),
            Math.multiplyExact(sideBySide(), own + each + scratch(alonePlans)));
    if (floats > Integer.MAX_VALUE || bytes > limit) {
      throw new IllegalArgumentException(
          "a run of the network needs %d bytes, more than the limit of %d"
              .formatted(bytes, Math.min(limit, (long) Float.BYTES * Integer.MAX_VALUE)));
    }
  }

  private static long scratch(ConvPlan... plans) {
    return plans.length == 0 ? 0 : Workspace.bytesForPlans(plans);
  }

  /** How many images run at the same time on one thread each. */
  private int sideBySide() {
    return Math.min(alone, options.parallelism());
  }

  /** Bytes of all arenas of a run. */
  long arenaBytes() {
    return (long) Float.BYTES * arenaFloats * Math.max(1, sideBySide());
  }

  /** What a run takes: the caller puts its arrays into {@link Context#given}. */
  Context acquire() {
    return acquire(alone > 0);
  }

  private Context acquire(boolean isAlone) {
    return (isAlone ? alonePool : pool).acquire();
  }

  private Context newContext(boolean isAlone) {
    float[][] arrays = new float[1 + ports.size() + constants.length][];
    arrays[0] = new float[arenaFloats];
    System.arraycopy(constants, 0, arrays, 1 + ports.size(), constants.length);
    ConvPlan[] run = isAlone ? alonePlans : plans;
    Workspace workspace = run.length == 0 ? null : Workspace.forPlans(run);
    int threads = isAlone ? 1 : options.parallelism();
    return new Context(arrays, ports.size(), tile, sums, workspace, threads);
  }

  private void release(Context context) {
    context.forget();
    (context.isAlone ? alonePool : pool).release(context);
  }

  /** Runs and gives the context back; {@code nanos} as {@link Network#run} takes them, or null. */
  @SuppressWarnings("ReferenceEquality") // who acquires a context gives it back
  void run(Context lead, long[] nanos) {
    try {
      check(lead.given);
      int first = nanos == null && isShared(lead.given) ? alone : 0;
      if (first > 0) {
        ParallelRows.run(
            options.executor(),
            sideBySide(),
            first,
            (image, worker) -> runAlone(lead, image, worker));
      }
      if (first < images) {
        Context context = alone > 0 ? acquire(false) : lead;
        try {
          for (int image = first; image < images; image++) {
            run(context, lead.given, image, nanos);
          }
        } finally {
          if (context != lead) {
            release(context);
          }
        }
      }
    } finally {
      release(lead);
    }
  }

  /** The first worker is the caller's thread, which has a context already. */
  private void runAlone(Context lead, int image, int worker) {
    if (worker == 0) {
      run(lead, lead.given, image, null);
      return;
    }
    Context context = acquire(true);
    try {
      run(context, lead.given, image, null);
    } finally {
      release(context);
    }
  }

  private void run(Context context, Object[] given, int image, long[] nanos) {
    for (int i = 0; i < lengths.length; i++) {
      boolean isDirect = images == 1 && given[i] instanceof float[];
      context.arrays[1 + i] = isDirect ? (float[]) given[i] : staged(context, i);
      if (!isDirect && i < inputs) {
        copyIn(given[i], image, context.staged[i]);
      }
    }
    if (nanos == null) {
      for (Step step : steps) {
        step.run(context, options.executor());
      }
    } else {
      long before = System.nanoTime();
      for (int i = 0; i < steps.length; i++) {
        steps[i].run(context, options.executor());
        long now = System.nanoTime();
        nanos[i] += now - before;
        before = now;
      }
    }
    for (int i = inputs; i < lengths.length; i++) {
      if (images > 1 || given[i] instanceof TensorBuffer) {
        copyOut(context.staged[i], given[i], image);
      }
    }
  }

  private static void copyIn(Object given, int image, float[] staged) {
    if (given instanceof TensorBuffer buffer) {
      buffer.read((long) image * staged.length, staged, staged.length);
    } else {
      System.arraycopy((float[]) given, image * staged.length, staged, 0, staged.length);
    }
  }

  private static void copyOut(float[] staged, Object given, int image) {
    if (given instanceof TensorBuffer buffer) {
      buffer.write((long) image * staged.length, staged, staged.length);
    } else {
      System.arraycopy(staged, 0, (float[]) given, image * staged.length, staged.length);
    }
  }

  /** Whether other threads may copy from and to what the caller gave. */
  private static boolean isShared(Object[] given) {
    for (Object one : given) {
      if (one instanceof TensorBuffer buffer && !buffer.isShared()) {
        return false;
      }
    }
    return true;
  }

  /** The network's own array in the place of a port's. */
  private float[] staged(Context context, int port) {
    if (context.staged[port] == null) {
      context.staged[port] = new float[lengths[port]];
    }
    return context.staged[port];
  }

  private void check(Object[] given) {
    for (int i = 0; i < lengths.length; i++) {
      if (given[i] == null) {
        throw new NullPointerException("the array of " + portName(i) + " is null");
      }
      long has = given[i] instanceof TensorBuffer b ? b.length() : ((float[]) given[i]).length;
      if (has < (long) images * lengths[i]) {
        throw new IllegalArgumentException(
            "the array of %s has %d values, must have %d"
                .formatted(portName(i), has, (long) images * lengths[i]));
      }
      if (i >= inputs && given[i] instanceof TensorBuffer b && b.readOnly() != null) {
        throw new IllegalArgumentException(
            "the buffer of %s %s".formatted(portName(i), b.readOnly()));
      }
      for (int j = 0; j < i && i >= inputs; j++) {
        if (overlap(given[j], given[i])) {
          throw new IllegalArgumentException(
              "the array of %s must be no other input's or output's".formatted(portName(i)));
        }
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same array
  private static boolean overlap(Object one, Object other) {
    return one == other
        || (one instanceof TensorBuffer a && other instanceof TensorBuffer b && a.overlaps(b));
  }

  private String portName(int i) {
    return (i < inputs ? "input " : "output ") + ports.get(i).batch(images);
  }
}
