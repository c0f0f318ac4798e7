package io.github.lanewise.jmh.networks;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.jmh.WarmUp;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import io.github.lanewise.onnx.OnnxReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What runs a network: Lanewise or ONNX Runtime, on the same file and inputs. */
interface Engine extends AutoCloseable {

  /** One inference, as each engine does it best: arrays and tensors are made before. */
  void run();

  /** A copy of every output of one inference, by name. */
  Map<String, float[]> outputs();

  /** Has runs get as fast as they do by themselves, as far as the engine knows how. */
  default void warmUp() {
    run();
  }

  /** Whether the engine says that runs are as fast as they get; false if it does not say. */
  default boolean isWarm() {
    return false;
  }

  /** Which version of it this is, or which kernels, in a line. */
  String version();

  @Override
  void close();

  /** An engine by name. */
  static Engine of(String name, Path model, int threads) throws IOException {
    List<NetworkInput> inputs = NetworkInput.of(model);
    return name.equals("lanewise")
        ? new Lanewise(model, inputs, threads)
        : OnnxRuntime.of(model, inputs, threads);
  }

  /** Takes and returns NCHW, as ONNX Runtime does. */
  final class Lanewise implements Engine {
    private final ExecutorService executor;
    private final Network network;
    private final Map<String, float[]> in = new HashMap<>();
    private final Map<String, float[]> out = new HashMap<>();

    Lanewise(Path model, List<NetworkInput> inputs, int threads) throws IOException {
      OnnxReader reader = OnnxReader.DEFAULT;
      if (threads > 1) {
        executor = Executors.newFixedThreadPool(threads - 1);
        reader = reader.withOptions(ConvOptions.DEFAULT.withExecutor(executor, threads));
      } else {
        executor = null;
      }
      for (NetworkInput input : inputs) {
        if (!input.axes().isEmpty()) {
          int[] shape = input.axes().stream().mapToInt(Integer::intValue).toArray();
          reader = reader.withInputShape(input.name(), shape);
        }
      }
      network = reader.read(model);
      for (Port port : network.inputs()) {
        in.put(port.name(), NetworkInput.named(port.name(), inputs).floats());
      }
      network.outputs().forEach(port -> out.put(port.name(), new float[port.length()]));
    }

    @Override
    public void run() {
      network.run(in, out);
    }

    @Override
    public Map<String, float[]> outputs() {
      return network.run(in);
    }

    @Override
    public void warmUp() {
      WarmUp.run(Backend.current(), this::run);
    }

    @Override
    public boolean isWarm() {
      return Backend.current().isWarm();
    }

    @Override
    public String version() {
      return Backend.current().toString();
    }

    @Override
    public void close() {
      if (executor != null) {
        executor.shutdown();
      }
    }
  }

  /** Its Java API on the CPU, every optimization on. */
  final class OnnxRuntime implements Engine {
    private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    private final OrtSession session;
    private final Map<String, OnnxTensor> in = new HashMap<>();

    private OnnxRuntime(Path model, List<NetworkInput> inputs, int threads)
        throws IOException, OrtException {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(model.toString(), options);
      for (NodeInfo info : session.getInputInfo().values()) {
        NetworkInput input = NetworkInput.named(info.getName(), inputs);
        long[] shape =
            input.axes().isEmpty()
                ? ((TensorInfo) info.getInfo()).getShape()
                : input.axes().stream().mapToLong(Integer::longValue).toArray();
        ByteBuffer bytes = input.direct();
        in.put(
            info.getName(),
            input.isHalf()
                ? OnnxTensor.createTensor(
                    environment, bytes.asShortBuffer(), shape, OnnxJavaType.FLOAT16)
                : OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), shape));
      }
    }

    /** Fails as Lanewise does. */
    static OnnxRuntime of(Path model, List<NetworkInput> inputs, int threads) throws IOException {
      try {
        return new OnnxRuntime(model, inputs, threads);
      } catch (OrtException e) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }

    @Override
    public void run() {
      try {
        session.run(in).close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Map<String, float[]> outputs() {
      Map<String, float[]> copy = new TreeMap<>();
      try (OrtSession.Result result = session.run(in)) {
        for (var entry : result) {
          FloatBuffer values = ((OnnxTensor) entry.getValue()).getFloatBuffer();
          float[] array = new float[values.remaining()];
          values.get(array);
          copy.put(entry.getKey(), array);
        }
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
      return copy;
    }

    @Override
    public String version() {
      return OrtEnvironment.getEnvironment().getVersion();
    }

    @Override
    public void close() {
      in.values().forEach(OnnxTensor::close);
      try {
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
      options.close();
    }
  }
}
