package io.github.lanewise.jmh.networks;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.network.Network;
import io.github.lanewise.onnx.OnnxReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What runs a network of one input: Lanewise or ONNX Runtime, on the same file and numbers. */
interface Engine extends AutoCloseable {

  /** One inference, as each engine does it best: arrays and tensors are made before. */
  void run() throws OrtException;

  /** A copy of every output of one inference, by name. */
  Map<String, float[]> outputs() throws OrtException;

  /** Whether the engine says that runs are as fast as they get; false if it does not say. */
  boolean isWarm();

  /** Which version of it this is, or which kernels, in a line. */
  String version();

  @Override
  void close() throws OrtException;

  /** An engine by name. */
  static Engine of(String name, Path model, float[] input, int threads)
      throws IOException, OrtException {
    return name.equals("lanewise")
        ? new Lanewise(model, input, threads)
        : new OnnxRuntime(model, input, threads);
  }

  /** Little-endian numbers from a file. */
  static float[] floats(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    float[] out = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(out);
    return out;
  }

  /** Takes and returns NCHW, as ONNX Runtime does. */
  final class Lanewise implements Engine {
    private final ExecutorService executor;
    private final Network network;
    private final float[][] in;
    private final float[][] out;

    Lanewise(Path model, float[] input, int threads) throws IOException {
      OnnxReader reader = OnnxReader.DEFAULT;
      if (threads > 1) {
        executor = Executors.newFixedThreadPool(threads - 1);
        reader = reader.withOptions(ConvOptions.DEFAULT.withExecutor(executor, threads));
      } else {
        executor = null;
      }
      network = reader.read(model);
      in = new float[][] {input};
      out = network.outputs().stream().map(p -> new float[p.length()]).toArray(float[][]::new);
    }

    @Override
    public void run() {
      network.run(in, out);
    }

    @Override
    public Map<String, float[]> outputs() {
      run();
      Map<String, float[]> copy = new TreeMap<>();
      for (int i = 0; i < out.length; i++) {
        copy.put(network.outputs().get(i).name(), out[i].clone());
      }
      return copy;
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
    private final OnnxTensor tensor;
    private final Map<String, OnnxTensor> in;

    OnnxRuntime(Path model, float[] input, int threads) throws OrtException {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(model.toString(), options);
      NodeInfo info = session.getInputInfo().values().iterator().next();
      FloatBuffer buffer =
          ByteBuffer.allocateDirect(Float.BYTES * input.length)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer()
              .put(input)
              .rewind();
      long[] shape = ((TensorInfo) info.getInfo()).getShape();
      tensor = OnnxTensor.createTensor(environment, buffer, shape);
      in = Map.of(info.getName(), tensor);
    }

    @Override
    public void run() throws OrtException {
      session.run(in).close();
    }

    @Override
    public Map<String, float[]> outputs() throws OrtException {
      Map<String, float[]> copy = new TreeMap<>();
      try (OrtSession.Result result = session.run(in)) {
        for (var entry : result) {
          FloatBuffer values = ((OnnxTensor) entry.getValue()).getFloatBuffer();
          float[] array = new float[values.remaining()];
          values.get(array);
          copy.put(entry.getKey(), array);
        }
      }
      return copy;
    }

    @Override
    public boolean isWarm() {
      return false;
    }

    @Override
    public String version() {
      return OrtEnvironment.getEnvironment().getVersion();
    }

    @Override
    public void close() throws OrtException {
      tensor.close();
      session.close();
      options.close();
    }
  }
}
