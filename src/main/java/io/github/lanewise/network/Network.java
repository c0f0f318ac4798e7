package io.github.lanewise.network;

import io.github.lanewise.ConvPlan;
import io.github.lanewise.Workspace;
import io.github.lanewise.operators.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A network ready to run: a list of steps over one array that is planned ahead. Immutable and
 * thread-safe: one network may run on any number of threads at once.
 *
 * <p>A run reads the caller's input arrays and overwrites the caller's output arrays, each in the
 * {@link Layout} of its {@link Port}, from index 0; it keeps none of them. It allocates nothing
 * once the network has as many arenas as runs go on at the same time, of which it keeps twice as
 * many as there are processors, at least four; with an executor it allocates what its plans do.
 * Steps run one after another on the caller's thread; with an executor, convolutions spread over
 * its threads.
 */
public final class Network {
  private final Lowering.Program program;
  private final List<Port> inputs;
  private final List<Port> outputs;

  /** Floats of each input, then of each output. */
  private final int[] lengths;

  private final Step[] steps;
  private final float[][] constants;
  private final int arenaFloats;
  private final long largestLive;
  private final int tile;
  private final int sums;
  private final ConvPlan[] plans;
  private final Context.Pool pool = new Context.Pool();

  Network(
      Lowering.Program program,
      Map<String, Layout> inputLayouts,
      Map<String, Layout> outputLayouts) {
    this.program = program;
    List<Port> in = new ArrayList<>();
    program.nodes().stream()
        .filter(node -> node.op instanceof Op.Input)
        .forEach(node -> in.add(Port.of(node.name, inputLayouts.get(node.name), node.shape)));
    List<Port> out = new ArrayList<>();
    outputLayouts.forEach(
        (name, layout) -> out.add(Port.of(name, layout, program.outputs().get(out.size()).shape)));
    this.inputs = List.copyOf(in);
    this.outputs = List.copyOf(out);
    this.lengths = concat(inputs, outputs).stream().mapToInt(Port::length).toArray();
    Binding binding = new Binding(program, inputs, outputs);
    this.steps = binding.steps.toArray(Step[]::new);
    this.constants = binding.constants.toArray(float[][]::new);
    this.largestLive = Arena.largestLive(binding.arena, steps.length);
    this.tile = Arrays.stream(steps).mapToInt(step -> step.operator().tile()).max().orElse(0);
    this.sums = Arrays.stream(steps).mapToInt(step -> step.operator().sums()).max().orElse(0);
    this.plans =
        Arrays.stream(steps).map(Step::plan).filter(Objects::nonNull).toArray(ConvPlan[]::new);
    checkMemory(binding.arenaFloats);
    this.arenaFloats = (int) binding.arenaFloats;
  }

  private void checkMemory(long floats) {
    long scratch = plans.length == 0 ? 0 : Workspace.bytesForPlans(plans);
    long own = Float.BYTES * (floats + (long) Context.TILES * tile) + (long) Double.BYTES * sums;
    long bytes = own + scratch;
    if (floats > Integer.MAX_VALUE || bytes > program.terms().memoryLimit()) {
      throw new IllegalArgumentException(
          "a run of the network needs %d bytes, more than the limit of %d"
              .formatted(
                  bytes,
                  Math.min(program.terms().memoryLimit(), (long) Float.BYTES * Integer.MAX_VALUE)));
    }
  }

  /**
   * The inputs.
   *
   * @return in the order in which {@link #run(float[][], float[][])} takes them
   */
  public List<Port> inputs() {
    return inputs;
  }

  /**
   * The outputs.
   *
   * @return in the order in which {@link #run(float[][], float[][])} takes them
   */
  public List<Port> outputs() {
    return outputs;
  }

  /**
   * The steps, in order.
   *
   * @return an unmodifiable list
   */
  public List<Step> steps() {
    return List.of(steps);
  }

  /**
   * The same network with another order of an input's or output's array. Plans and weights are
   * shared. NHWC spares the transposing copy of an image.
   *
   * @param name an input or output, or both of that name
   * @param layout the order of the caller's array; NCHW only for four axes, of an input and an
   *     output for that which has them
   * @return a new network
   */
  public Network withLayout(String name, Layout layout) {
    boolean isKnown = false;
    boolean fits = Shapes.notNull("layout", layout) == Layout.NHWC;
    for (Port port : concat(inputs, outputs)) {
      isKnown |= port.name().equals(name);
      fits |= port.name().equals(name) && port.shape().size() == 4;
    }
    if (!isKnown) {
      throw new IllegalArgumentException(
          "name = '%s' must be one of the inputs %s or outputs %s"
              .formatted(name, inputs, outputs));
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "layout NCHW is for four axes, which '%s' has not".formatted(name));
    }
    return new Network(program, layouts(inputs, name, layout), layouts(outputs, name, layout));
  }

  /**
   * The same network planned for another shape of an input, see {@link #withInputShapes}.
   *
   * @param name an input
   * @param shape its sizes, in the order of its port
   * @return a new network, or this one if it has that shape
   */
  public Network withInputShape(String name, int... shape) {
    return withInputShapes(Map.of(name, shape));
  }

  /**
   * The same network planned for other shapes of inputs. Everything that has weights shares them
   * with this network, as long as their layers' new sizes let them be packed the same way; layouts
   * stay. Planning takes as long as reading or building the network did, and memory for a while
   * that this did, too: a network that was read is {@linkplain NetworkBuilder#resizing read again}
   * from its file, which must not have changed.
   *
   * <pre>{@code
   * Network wide = network.withInputShape("image", 1, 3, 48, 640);
   * }</pre>
   *
   * @param shapes by input, sizes in the order of its port; inputs not named keep theirs
   * @return a new network, or this one if it has these shapes
   * @throws IllegalArgumentException if there is no such input, a shape has another number of axes,
   *     or the network does not allow it
   * @throws IllegalStateException if the file that it was read from has changed
   * @throws java.io.UncheckedIOException if that file cannot be read any more
   */
  public Network withInputShapes(Map<String, int[]> shapes) {
    Map<String, int[]> all = new LinkedHashMap<>();
    inputs.forEach(port -> all.put(port.name(), port.sizes()));
    shapes.forEach((name, shape) -> put(all, name, shape));
    List<Port> ports = inputs.stream().map(port -> port.with(all.get(port.name()))).toList();
    if (ports.equals(inputs)) {
      return this;
    }
    if (program.terms().resizing() == null) {
      throw new IllegalArgumentException(
          "%s must stay %s: the file fixes all sizes, or the builder was not told of resizing()"
              .formatted(ports, inputs));
    }
    ports.forEach(port -> all.put(port.name(), port.nhwc()));
    Network other = program.terms().resizing().apply(all);
    Network found =
        new Network(other.program, layouts(other.inputs, inputs), layouts(other.outputs, outputs));
    if (!found.inputs.equals(ports)) {
      throw new IllegalStateException(
          "the network built for %s has the inputs %s".formatted(ports, found.inputs));
    }
    return found;
  }

  private void put(Map<String, int[]> shapes, String name, int[] shape) {
    int[] old = shapes.get(name);
    if (old == null) {
      throw new IllegalArgumentException(
          "name = '%s' must be one of the inputs %s".formatted(name, inputs));
    }
    if (Shapes.notNull("shape", shape).length != old.length) {
      throw new IllegalArgumentException(
          "shape = %s of '%s' must have as many sizes as %s"
              .formatted(Arrays.toString(shape), name, Arrays.toString(old)));
    }
    Shapes.elements("'" + name + "'", shape);
    shapes.put(name, shape);
  }

  private static List<Port> concat(List<Port> a, List<Port> b) {
    return Stream.concat(a.stream(), b.stream()).toList();
  }

  /** Those of the ports, or of ports of the same name and as many axes. */
  private static Map<String, Layout> layouts(List<Port> ports, List<Port> like) {
    Map<String, Layout> layouts = new LinkedHashMap<>();
    for (Port port : ports) {
      layouts.put(port.name(), port.layout());
      for (Port old : like) {
        if (old.name().equals(port.name()) && old.shape().size() == port.shape().size()) {
          layouts.put(port.name(), old.layout());
        }
      }
    }
    return layouts;
  }

  /** Those of the ports, with another one for a name: only four axes have more than one. */
  private static Map<String, Layout> layouts(List<Port> ports, String name, Layout layout) {
    Map<String, Layout> layouts = new LinkedHashMap<>();
    for (Port port : ports) {
      boolean isOther = port.name().equals(name) && port.shape().size() == 4;
      layouts.put(port.name(), isOther ? layout : port.layout());
    }
    return layouts;
  }

  /**
   * Runs a network of one input and one output.
   *
   * @param input at least as long as its port
   * @param output at least as long as its port, overwritten; another array than the input
   */
  public void run(float[] input, float[] output) {
    if (inputs.size() != 1 || outputs.size() != 1) {
      throw new IllegalArgumentException(
          "the network has inputs %s and outputs %s: use another run()".formatted(inputs, outputs));
    }
    Context context = acquire();
    context.arrays[1] = input;
    context.arrays[2] = output;
    run(context, null);
  }

  /**
   * Runs on one array for each input and output.
   *
   * @param in in the order of {@link #inputs()}, each at least as long as its port
   * @param out in the order of {@link #outputs()}, each at least as long as its port, overwritten;
   *     no array twice
   */
  public void run(float[][] in, float[][] out) {
    run(in, out, null);
  }

  /**
   * Runs and measures.
   *
   * @param in as in {@link #run(float[][], float[][])}
   * @param out as in {@link #run(float[][], float[][])}
   * @param nanos the time of each of the {@link #steps()} is added to its element; null to measure
   *     nothing
   */
  public void run(float[][] in, float[][] out, long[] nanos) {
    count("in", in.length, inputs);
    count("out", out.length, outputs);
    if (nanos != null && nanos.length < steps.length) {
      throw new IllegalArgumentException(
          "nanos.length = %d must be %d, the number of steps"
              .formatted(nanos.length, steps.length));
    }
    Context context = acquire();
    System.arraycopy(in, 0, context.arrays, 1, in.length);
    System.arraycopy(out, 0, context.arrays, 1 + in.length, out.length);
    run(context, nanos);
  }

  /**
   * Runs on arrays by name.
   *
   * @param in an array for each input
   * @param out an array for each output, overwritten; no array twice
   */
  public void run(Map<String, float[]> in, Map<String, float[]> out) {
    Context context = acquire();
    for (int i = 0; i < inputs.size(); i++) {
      context.arrays[1 + i] = in.get(inputs.get(i).name());
    }
    for (int i = 0; i < outputs.size(); i++) {
      context.arrays[1 + inputs.size() + i] = out.get(outputs.get(i).name());
    }
    run(context, null);
  }

  /**
   * Runs into new arrays.
   *
   * @param in an array for each input
   * @return a new array for each output, by name
   */
  public Map<String, float[]> run(Map<String, float[]> in) {
    Map<String, float[]> out = new LinkedHashMap<>();
    outputs.forEach(port -> out.put(port.name(), new float[port.length()]));
    run(in, out);
    return out;
  }

  private static void count(String name, int given, List<Port> ports) {
    if (given != ports.size()) {
      throw new IllegalArgumentException(
          "%s.length = %d must be %d, for %s".formatted(name, given, ports.size(), ports));
    }
  }

  private Context acquire() {
    Context context = pool.acquire();
    if (context != null) {
      return context;
    }
    float[][] arrays = new float[1 + inputs.size() + outputs.size() + constants.length][];
    arrays[0] = new float[arenaFloats];
    System.arraycopy(constants, 0, arrays, 1 + inputs.size() + outputs.size(), constants.length);
    return new Context(arrays, tile, sums, plans.length == 0 ? null : Workspace.forPlans(plans));
  }

  /**
   * Has the JVM compile what this network needs, see {@link io.github.lanewise.Backend#warmUp}.
   * Runs it on arrays of zeros that it allocates.
   *
   * @param atMost no run begins later than this, but the first
   * @return whether everything that plans need so far is compiled
   * @throws IllegalArgumentException if {@code atMost} is negative
   */
  public boolean warmUp(Duration atMost) {
    float[][] in = inputs.stream().map(port -> new float[port.length()]).toArray(float[][]::new);
    float[][] out = outputs.stream().map(port -> new float[port.length()]).toArray(float[][]::new);
    return program.terms().options().backend().warmUp(atMost, () -> run(in, out));
  }

  private void run(Context context, long[] nanos) {
    try {
      check(context.arrays);
      if (nanos == null) {
        for (Step step : steps) {
          step.run(context);
        }
      } else {
        long before = System.nanoTime();
        for (int i = 0; i < steps.length; i++) {
          steps[i].run(context);
          long now = System.nanoTime();
          nanos[i] += now - before;
          before = now;
        }
      }
    } finally {
      pool.release(context, 1, 1 + inputs.size() + outputs.size());
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same array is the question
  private void check(float[][] arrays) {
    for (int i = 0; i < lengths.length; i++) {
      float[] array = arrays[1 + i];
      if (array == null) {
        throw new NullPointerException("the array of " + portName(i) + " is null");
      }
      if (array.length < lengths[i]) {
        throw new IllegalArgumentException(
            "the array of %s has %d floats, must have %d"
                .formatted(portName(i), array.length, lengths[i]));
      }
      for (int j = 0; j < i && i >= inputs.size(); j++) {
        if (arrays[1 + j] == array) {
          throw new IllegalArgumentException(
              "the array of %s must be no other input's or output's".formatted(portName(i)));
        }
      }
    }
  }

  private String portName(int i) {
    return i < inputs.size()
        ? "input " + inputs.get(i)
        : "output " + outputs.get(i - inputs.size());
  }

  /**
   * Memory of all tensors of one run, without the caller's arrays and the scratch of plans.
   *
   * @return bytes
   */
  public long arenaBytes() {
    return (long) Float.BYTES * arenaFloats;
  }

  /**
   * The most that lives at one time in the arena, which no layout of it can beat.
   *
   * @return bytes
   */
  public long largestLiveBytes() {
    return Float.BYTES * largestLive;
  }

  /**
   * Multiplications of all convolutions, by definition.
   *
   * @return the sum over the steps
   */
  public long multiplications() {
    return Arrays.stream(steps).mapToLong(Step::multiplications).sum();
  }

  /** Inputs, outputs, memory, and a line for each step: kernel, shape, multiplications, place. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(
            ("network %s -> %s%n%d steps, %.1f M multiplications, arena %d KiB"
                    + " (largest live %d KiB), backend %s%n")
                .formatted(
                    inputs,
                    outputs,
                    steps.length,
                    multiplications() / 1e6,
                    (arenaBytes() + 1023) / 1024,
                    (largestLiveBytes() + 1023) / 1024,
                    program.terms().options().backend()));
    for (int i = 0; i < steps.length; i++) {
      Step step = steps[i];
      text.append(
          "%3d  %-9s %-16s %10s  %s: %s%s%n"
              .formatted(
                  i,
                  step.place(),
                  Arrays.toString(step.shape()),
                  step.multiplications() == 0 ? "-" : "" + step.multiplications(),
                  step.name(),
                  step.description(),
                  step.plan() == null ? "" : ", " + step.plan().kernels()));
    }
    return text.toString();
  }
}
