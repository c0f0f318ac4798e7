package io.github.lanewise.peers;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.ExecutionMode;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.TensorInfo;
import io.github.lanewise.ConvShape;
import io.github.lanewise.jmh.layers.Workload;
import io.github.lanewise.jmh.peer.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * ONNX Runtime's CPU provider. It optimizes a model of the layer as far as it can; what it then
 * runs first and last, the conversion to and from its channel-blocked layout, is cut off into
 * models of their own, so that only the layer itself is timed, with tensors that stay where they
 * are.
 */
public final class OnnxRuntime implements Peer {

  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public String describe(int threads) {
    return "ONNX Runtime %s, CPU, all optimizations, tensors in its blocked layout, %d %s"
        .formatted(
            OrtEnvironment.getEnvironment().getVersion(),
            threads,
            threads == 1 ? "thread" : "threads within an operator");
  }

  @Override
  public Run prepare(Workload workload, int threads) {
    try {
      return new Session(workload, threads);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Session implements Run {
    private static final int CACHE_LINE = 64;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final int threads;
    private final Layers layers;
    private final ConvShape last;
    private final OrtSession body;
    private final Map<String, OnnxTensor> input;
    private final Map<String, OnnxTensor> output;

    Session(Workload workload, int threads) throws OrtException, IOException {
      this.threads = threads;
      this.last = workload.stages().getLast().shape();
      ConvShape first = workload.stages().getFirst().shape();
      this.layers = Layers.split(optimized(Layers.model(workload.stages())));
      OnnxTensor src =
          tensor(
              transposed(FloatBuffer.wrap(workload.src()), first.inChannels()),
              new long[] {1, first.inChannels(), first.inHeight(), first.inWidth()});
      this.input = Map.of(Layers.INPUT, runOnce(layers.head(), src));
      this.body = session(layers.body(), OptLevel.NO_OPT);
      try (OrtSession.Result result = body.run(input)) {
        TensorInfo info = (TensorInfo) result.get(0).getInfo();
        FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
        this.output = Map.of(Layers.OUTPUT, tensor(values, info.getShape()));
      }
    }

    private OrtSession session(ModelProto model, OptLevel level) throws OrtException {
      try (SessionOptions options = options(level)) {
        return environment.createSession(model.toByteArray(), options);
      }
    }

    private SessionOptions options(OptLevel level) throws OrtException {
      SessionOptions options = new SessionOptions();
      options.setOptimizationLevel(level);
      options.setExecutionMode(ExecutionMode.SEQUENTIAL);
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      return options;
    }

    /** What ONNX Runtime makes of a model: fused, weights packed, layouts chosen. */
    private ModelProto optimized(ModelProto model) throws OrtException, IOException {
      Path file = Files.createTempFile("optimized", ".onnx");
      try (SessionOptions options = options(OptLevel.ALL_OPT)) {
        options.setOptimizedModelFilePath(file.toString());
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        environment.createSession(model.toByteArray(), options).close();
        return ModelProto.parseFrom(Files.readAllBytes(file));
      } finally {
        Files.delete(file);
      }
    }

    /** A copy outside the heap, where ONNX Runtime leaves it. */
    private OnnxTensor tensor(FloatBuffer values, long[] shape) throws OrtException {
      FloatBuffer direct =
          ByteBuffer.allocateDirect(Float.BYTES * values.remaining() + 2 * CACHE_LINE)
              .alignedSlice(CACHE_LINE)
              .limit(Float.BYTES * values.remaining())
              .slice()
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
      direct.put(values).rewind();
      return OnnxTensor.createTensor(environment, direct, shape);
    }

    /** A conversion, or if there is none the tensor itself. */
    private OnnxTensor runOnce(Optional<ModelProto> model, OnnxTensor tensor) throws OrtException {
      if (model.isEmpty()) {
        return tensor;
      }
      try (OrtSession session = session(model.get(), OptLevel.NO_OPT);
          OrtSession.Result result = session.run(Map.of(Layers.INPUT, tensor))) {
        OnnxTensor converted = (OnnxTensor) result.get(0);
        return tensor(converted.getFloatBuffer(), converted.getInfo().getShape());
      }
    }

    @Override
    public void run() {
      try {
        body.run(input, output).close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public float[] result() {
      try (OnnxTensor planes = runOnce(layers.tail(), output.get(Layers.OUTPUT))) {
        return transposed(planes.getFloatBuffer(), last.outHeight() * last.outWidth()).array();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    /** NHWC as NCHW where the columns are channels, NCHW as NHWC where they are pixels. */
    private static FloatBuffer transposed(FloatBuffer values, int columns) {
      int rows = values.remaining() / columns;
      FloatBuffer result = FloatBuffer.allocate(values.remaining());
      for (int i = 0; i < result.capacity(); i++) {
        result.put(i % columns * rows + i / columns, values.get(i));
      }
      return result;
    }

    @Override
    public void close() {
      try {
        body.close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
      input.values().forEach(OnnxTensor::close);
      output.values().forEach(OnnxTensor::close);
    }
  }
}
