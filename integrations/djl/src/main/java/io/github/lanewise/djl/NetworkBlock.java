package io.github.lanewise.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractSymbolBlock;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a network on DJL's arrays, given in the order of its inputs: of the sizes that the file
 * says, or more images along the first axis, or other sizes where the file leaves them open.
 * Thread-safe; predictors share it.
 */
final class NetworkBlock extends AbstractSymbolBlock {
  /** Networks for this many different shapes of inputs are kept, those used last. */
  private static final int KEPT = 8;

  private final LanewiseNDManager manager;
  private final Network network;

  private final Map<List<List<Integer>>, Network> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<List<List<Integer>>, Network> eldest) {
          return size() > KEPT;
        }
      };

  NetworkBlock(LanewiseNDManager manager, Network network) {
    this.manager = manager;
    this.network = network;
    PairList<String, Shape> inputs = describe(network.inputs());
    this.inputNames = inputs.keys();
    this.inputShapes = inputs.values().toArray(Shape[]::new);
  }

  @Override
  public PairList<String, Shape> describeInput() {
    return describe(network.inputs());
  }

  @Override
  public PairList<String, Shape> describeOutput() {
    return describe(network.outputs());
  }

  private static PairList<String, Shape> describe(List<Port> ports) {
    PairList<String, Shape> described = new PairList<>();
    ports.forEach(port -> described.add(port.name(), shape(port)));
    return described;
  }

  private static Shape shape(Port port) {
    return new Shape(port.shape().stream().mapToLong(size -> size).toArray());
  }

  @Override
  public ParameterList getDirectParameters() {
    return new ParameterList();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore parameterStore,
      NDList inputs,
      boolean training,
      PairList<String, Object> params) {
    if (training) {
      throw new UnsupportedOperationException("training must be false: Lanewise runs networks");
    }
    if (inputs.size() != network.inputs().size()) {
      throw new IllegalArgumentException(
          "inputs.size() = %d must be %d, for %s"
              .formatted(inputs.size(), network.inputs().size(), network.inputs()));
    }
    Network plan = plan(inputs.stream().map(array -> sizes(array.getShape())).toList());
    float[][] in = new float[inputs.size()][];
    try (LanewiseNDManager scratch = manager.newSubManager(null)) {
      for (int i = 0; i < in.length; i++) {
        in[i] = floats(scratch.from(inputs.get(i)));
      }
    }
    List<Port> outputs = plan.outputs();
    float[][] out = outputs.stream().map(port -> new float[port.length()]).toArray(float[][]::new);
    plan.run(in, out);
    NDManager owner = inputs.head().getManager();
    NDList results = new NDList(out.length);
    for (int i = 0; i < out.length; i++) {
      Port port = outputs.get(i);
      NDArray array = LanewiseNDManager.SYSTEM.array(out[i], shape(port), DataType.FLOAT32);
      array.setName(port.name());
      array.attach(owner);
      results.add(array);
    }
    return results;
  }

  /** Its own array if it has floats: a run only reads it. */
  private static float[] floats(LanewiseNDArray array) {
    return (float[])
        (array.getDataType() == DataType.FLOAT32
            ? array.values()
            : Values.convert(array.values(), array.getDataType(), DataType.FLOAT32));
  }

  private static List<Integer> sizes(Shape shape) {
    List<Integer> sizes = new ArrayList<>();
    for (long size : shape.getShape()) {
      sizes.add(Math.toIntExact(size));
    }
    return sizes;
  }

  private Network plan(List<List<Integer>> shapes) {
    synchronized (kept) {
      return kept.computeIfAbsent(shapes, this::planFor);
    }
  }

  private Network planFor(List<List<Integer>> shapes) {
    int batch = shapes.getFirst().isEmpty() ? 1 : shapes.getFirst().getFirst();
    boolean isBatch = batch > 1;
    for (int i = 0; i < shapes.size(); i++) {
      List<Integer> own = network.inputs().get(i).shape();
      List<Integer> given = shapes.get(i);
      isBatch &= !own.isEmpty() && own.getFirst() == 1;
      isBatch &= !given.isEmpty() && given.getFirst() == batch;
    }
    Map<String, int[]> wanted = new LinkedHashMap<>();
    for (int i = 0; i < shapes.size(); i++) {
      int[] sizes = shapes.get(i).stream().mapToInt(size -> size).toArray();
      if (isBatch) {
        sizes[0] = 1;
      }
      wanted.put(network.inputs().get(i).name(), sizes);
    }
    Network sized = network.withInputShapes(wanted);
    return isBatch ? sized.withBatch(batch) : sized;
  }
}
