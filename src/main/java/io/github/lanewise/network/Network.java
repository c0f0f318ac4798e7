package io.github.lanewise.network;

import io.github.lanewise.operators.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A network ready to run: a list of steps over one array that is planned ahead. Immutable and
 * thread-safe: one network may run on any number of threads at once.
 *
 * <p>A run reads the caller's input arrays and overwrites the caller's output arrays, each in the
 * {@link Layout} of its {@link Port}, from index 0; it keeps none of them. It allocates nothing
 * once the network has as many arenas as runs go on at the same time, of which it keeps twice as
 * many as there are processors, at least four; with an executor a few small objects for each step.
 * Steps run one after another on the caller's thread; with an executor, those with enough work
 * spread over its threads, or the images of a {@linkplain #withBatch batch} do.
 */
public final class Network {
  private final Lowering.Program program;
  private final List<Port> inputs;
  private final List<Port> outputs;
  private final int images;
  private final Runner runner;

  Network(
      Lowering.Program program,
      Map<String, Layout> inputLayouts,
      Map<String, Layout> outputLayouts,
      int images) {
    this.program = program;
    this.images = images;
    List<Port> in = new ArrayList<>();
    program.nodes().stream()
        .filter(node -> node.op instanceof Op.Input)
        .forEach(node -> in.add(Port.of(node.name, inputLayouts.get(node.name), node.shape)));
    List<Port> out = new ArrayList<>();
    outputLayouts.forEach(
        (name, layout) -> out.add(Port.of(name, layout, program.outputs().get(out.size()).shape)));
    this.inputs = batch(in, images);
    this.outputs = batch(out, images);
    this.runner = new Runner(program, in, out, images);
  }

  /** For so many images, of ports for one. */
  private static List<Port> batch(List<Port> ports, int images) {
    List<Port> batch = new ArrayList<>();
    for (Port port : ports) {
      if (images > 1 && (port.shape().isEmpty() || port.shape().getFirst() != 1)) {
        throw new IllegalArgumentException(
            "%s must have the first size 1, that of the batch, for a batch of %d"
                .formatted(port, images));
      }
      batch.add(port.batch(images));
      Shapes.elementsOrNone(port.name(), batch.getLast().sizes());
    }
    return List.copyOf(batch);
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
   * The steps for an image, in order.
   *
   * @return an unmodifiable list
   */
  public List<Step> steps() {
    return List.of(runner.steps);
  }

  /**
   * The same network with another order of an input's or output's array. Plans and weights are
   * shared. NHWC spares the transposing copy of an image. A first convolution reads an image in
   * planes channel by channel, so that results of the two layouts may differ by the rounding of its
   * sums.
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
    return new Network(
        program, layouts(inputs, name, layout), layouts(outputs, name, layout), images);
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
    for (Port port : ports) {
      int[] shape = port.nhwc();
      if (images > 1) {
        shape[0] = 1;
      }
      all.put(port.name(), shape);
    }
    Network other = program.terms().resizing().apply(all);
    Network found =
        new Network(
            other.program, layouts(other.inputs, inputs), layouts(other.outputs, outputs), images);
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
    if (images > 1 && shape[0] != images) {
      throw new IllegalArgumentException(
          "shape = %s of '%s' must begin with %d, the images of the batch"
              .formatted(Arrays.toString(shape), name, images));
    }
    shapes.put(name, shape);
  }

  /**
   * The same network for several images in one run, which every array holds one behind the other:
   * the first size of each port becomes their number, and the result has the bits of one run for
   * each. That is how it runs, too, whatever sizes the network has inside: an image at a time, or
   * with an executor as many as it has threads, each on one thread and with an arena of its own.
   * Plans and weights are shared. A network whose file leaves the first size open can also compute
   * on a whole batch at once, see {@link #withInputShape}: that reads the weights once for all
   * images, and keeps the tensors of all of them.
   *
   * <pre>{@code
   * Network eight = network.withBatch(8); // [1, 3, 224, 224] -> [1, 1000] of network
   * eight.run(images, scores);            // [8, 3, 224, 224] -> [8, 1000]
   * }</pre>
   *
   * @param batch how many, 1 or more
   * @return a new network
   * @throws IllegalArgumentException if the first size of a port is not 1, or a run needs more
   *     memory than the limit or an array has
   */
  public Network withBatch(int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch = " + batch + " must be 1 or more");
    }
    return new Network(program, layouts(inputs, inputs), layouts(outputs, outputs), batch);
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
    Context context = runner.acquire();
    context.given[0] = input;
    context.given[1] = output;
    runner.run(context, null);
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
   * @param nanos the time of each of the {@link #steps()} is added to its element, of a batch for
   *     one image after another; null to measure nothing
   */
  public void run(float[][] in, float[][] out, long[] nanos) {
    if (nanos != null && nanos.length < runner.steps.length) {
      throw new IllegalArgumentException(
          "nanos.length = %d must be %d, the number of steps"
              .formatted(nanos.length, runner.steps.length));
    }
    execute(in, out, nanos);
  }

  /**
   * Runs on memory that is no array of floats. Values are copied between that and arrays that the
   * network has, so that a run needs room for an image of each port more; nothing is kept, and
   * nothing allocated where a run on arrays allocates nothing. Images of a batch run on several
   * threads only where these may all reach the memory, which is not so for a confined arena's.
   *
   * @param in in the order of {@link #inputs()}, each with at least as many values as its port
   * @param out in the order of {@link #outputs()}, each with at least as many values as its port,
   *     overwritten; not read-only, not uint8, and no memory twice
   * @throws IllegalStateException if the arena of a memory segment is closed
   * @throws WrongThreadException if memory is confined to another thread
   */
  public void run(TensorBuffer[] in, TensorBuffer[] out) {
    execute(in, out, null);
  }

  private void execute(Object[] in, Object[] out, long[] nanos) {
    count("in", in.length, inputs);
    count("out", out.length, outputs);
    Context context = runner.acquire();
    System.arraycopy(in, 0, context.given, 0, in.length);
    System.arraycopy(out, 0, context.given, in.length, out.length);
    runner.run(context, nanos);
  }

  /**
   * Runs on arrays by name.
   *
   * @param in an array for each input
   * @param out an array for each output, overwritten; no array twice
   */
  public void run(Map<String, float[]> in, Map<String, float[]> out) {
    Context context = runner.acquire();
    for (int i = 0; i < inputs.size(); i++) {
      context.given[i] = in.get(inputs.get(i).name());
    }
    for (int i = 0; i < outputs.size(); i++) {
      context.given[inputs.size() + i] = out.get(outputs.get(i).name());
    }
    runner.run(context, null);
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

  /**
   * Memory of all tensors of one run, without the caller's arrays and the scratch of plans; of a
   * batch, of the images that run at the same time.
   *
   * @return bytes
   */
  public long arenaBytes() {
    return runner.arenaBytes();
  }

  /**
   * The most that lives at one time in the arena, which no layout of it can beat.
   *
   * @return bytes
   */
  public long largestLiveBytes() {
    return Float.BYTES * runner.largestLive;
  }

  /**
   * Multiplications of all convolutions, by definition.
   *
   * @return the sum over the steps, times the images of a batch
   */
  public long multiplications() {
    return images * Arrays.stream(runner.steps).mapToLong(Step::multiplications).sum();
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
                    runner.steps.length,
                    multiplications() / 1e6,
                    (arenaBytes() + 1023) / 1024,
                    (largestLiveBytes() + 1023) / 1024,
                    program.terms().options().backend()));
    for (int i = 0; i < runner.steps.length; i++) {
      Step step = runner.steps[i];
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
