package io.github.lanewise.onnx;

import io.github.lanewise.ConvOptions;
import io.github.lanewise.WeightFormat;
import io.github.lanewise.network.Network;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A network that can be sent to other JVMs, as Spark, Flink and Beam send what their tasks use.
 * {@link #network()} reads it once in each JVM: all handles there of the same model with the same
 * settings share one {@link Network}, whether they were created or deserialized. It is dropped with
 * the last of them, so whoever wants it to stay keeps a handle.
 *
 * <pre>{@code
 * NetworkHandle handle =
 *     NetworkHandle.of(OnnxReader.DEFAULT, Files.readAllBytes(Path.of("model.onnx")))
 *         .withWarmUp(Duration.ofSeconds(20));
 * // in a task, wherever that is
 * float[] scores = handle.network().run(Map.of("image", image)).get("scores");
 * }</pre>
 *
 * <p>What is serialized is the model's bytes or its path and the settings, never a network. Models
 * are the same where their bytes are, or the real path, size and time of change of their file.
 *
 * <p>Immutable and thread-safe.
 */
public final class NetworkHandle implements Serializable {
  private static final long serialVersionUID = 1;

  /** Those of this JVM. Guarded by itself. */
  private static final Map<Key, Entry> NETWORKS = new HashMap<>();

  private static final ReferenceQueue<Shared> DROPPED = new ReferenceQueue<>();

  /** Null for a path; the same array for all handles that share a network. */
  private byte[] model;

  /** The bytes' digest, or the path. */
  private final String source;

  /** Those of inputs that were stated, by name. */
  private final HashMap<String, int[]> shapes;

  /** Names of tensors; none for the file's own. */
  private final ArrayList<String> outputs;

  /** How the network keeps the weights of matrix products. */
  private final WeightFormat weights;

  /** Of the reader, in bytes. */
  private final long memoryLimit;

  /** Images of a run. */
  private final int batch;

  /** Null for none. */
  private final Duration warmUp;

  private transient volatile Shared shared;

  private NetworkHandle(
      byte[] model,
      String source,
      Map<String, int[]> shapes,
      List<String> outputs,
      WeightFormat weights,
      long memoryLimit,
      int batch,
      Duration warmUp) {
    this.model = model;
    this.source = source;
    this.shapes = new HashMap<>(shapes);
    this.outputs = new ArrayList<>(outputs);
    this.weights = weights;
    this.memoryLimit = memoryLimit;
    this.batch = batch;
    this.warmUp = warmUp;
  }

  private static NetworkHandle of(OnnxReader reader, byte[] model, String source) {
    ConvOptions options = Objects.requireNonNull(reader, "reader is null").options();
    if (!options.equals(ConvOptions.DEFAULT.withWeights(options.weights()))) {
      throw new IllegalArgumentException(
          "reader has the options '%s', must have ConvOptions.DEFAULT: an executor or a backend"
                  .formatted(options)
              + " cannot be sent to another JVM; a weight format may differ");
    }
    return new NetworkHandle(
        model,
        source,
        reader.shapes(),
        reader.outputs(),
        options.weights(),
        reader.memoryLimit(),
        1,
        null);
  }

  /**
   * A handle that takes the model along: other JVMs need no file.
   *
   * @param reader shapes of inputs, outputs, memory limit and weight format, else on {@link
   *     ConvOptions#DEFAULT}
   * @param model the bytes of a file that has all its weights inside, copied
   * @return a handle; nothing is read yet
   * @throws IllegalArgumentException if the reader has other options
   */
  public static NetworkHandle of(OnnxReader reader, byte[] model) {
    byte[] copy = Objects.requireNonNull(model, "model is null").clone();
    return of(reader, copy, HexFormat.of().formatHex(sha256(copy)));
  }

  /**
   * A handle that takes a path along, for models whose weights lie in other files or that every
   * machine has anyway.
   *
   * @param reader shapes of inputs, outputs, memory limit and weight format, else on {@link
   *     ConvOptions#DEFAULT}
   * @param file a file of the JVM that reads it; a relative path is one of that JVM's working
   *     directory
   * @return a handle; whether there is such a file is not looked at yet
   * @throws IllegalArgumentException if the reader has other options
   */
  public static NetworkHandle of(OnnxReader reader, Path file) {
    return of(reader, null, Objects.requireNonNull(file, "file is null").toString());
  }

  /**
   * Sets how many images a run takes, see {@link Network#withBatch}.
   *
   * @param images 1 or more; 1 unless set
   * @return a new handle, of another network
   */
  public NetworkHandle withBatch(int images) {
    if (images < 1) {
      throw new IllegalArgumentException("images = " + images + " must be 1 or more");
    }
    return new NetworkHandle(model, source, shapes, outputs, weights, memoryLimit, images, warmUp);
  }

  /**
   * Has each JVM {@linkplain Network#warmUp compile} what the network needs right after reading it,
   * before {@link #network()} returns. Without it the first runs are many times slower than later
   * ones, until the JVM has compiled it.
   *
   * @param atMost 0 or more; how long about to wait for that, of which a network that needs less
   *     takes less
   * @return a new handle, of another network
   */
  public NetworkHandle withWarmUp(Duration atMost) {
    if (Objects.requireNonNull(atMost, "atMost is null").isNegative()) {
      throw new IllegalArgumentException("atMost = " + atMost + " must be 0 or more");
    }
    return new NetworkHandle(model, source, shapes, outputs, weights, memoryLimit, batch, atMost);
  }

  /**
   * The network, read by the first call in this JVM, which others wait for. What fails is tried
   * again by the next call.
   *
   * @return the same for all handles of the same model and settings
   * @throws OnnxException if it is no ONNX file, or damaged, unsupported or too large
   * @throws IllegalArgumentException if a first size of the network is not 1, for a batch
   * @throws UncheckedIOException if the file cannot be read
   */
  public Network network() {
    Shared found = shared;
    if (found == null) {
      found = shared(key(), model);
      model = found.model; // lets go of a copy that was deserialized
      shared = found;
    }
    return found.network(this);
  }

  private Key key() {
    return new Key(
        model == null ? identity(Path.of(source)) : source,
        shapes.entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, shape -> IntStream.of(shape.getValue()).boxed().toList())),
        outputs,
        weights,
        memoryLimit,
        batch,
        warmUp);
  }

  private static String identity(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return file.toRealPath() + "|" + found.size() + "|" + found.lastModifiedTime().toMillis();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static UncheckedIOException unreadable(Path file, IOException e) {
    return new UncheckedIOException(
        "the model %s, which is %s here, cannot be read: %s"
            .formatted(file, file.toAbsolutePath(), e),
        e);
  }

  private static Shared shared(Key key, byte[] model) {
    synchronized (NETWORKS) {
      for (Reference<?> gone = DROPPED.poll(); gone != null; gone = DROPPED.poll()) {
        NETWORKS.remove(((Entry) gone).key, gone); // unless there is a new one of the same key
      }
      Entry entry = NETWORKS.get(key);
      Shared found = entry == null ? null : entry.get();
      if (found == null) {
        found = new Shared(model);
        NETWORKS.put(key, new Entry(key, found));
      }
      return found;
    }
  }

  private Network read() {
    ConvOptions options = ConvOptions.DEFAULT.withWeights(weights);
    OnnxReader reader = OnnxReader.DEFAULT.withOptions(options).withMemoryLimit(memoryLimit);
    for (Map.Entry<String, int[]> shape : shapes.entrySet()) {
      reader = reader.withInputShape(shape.getKey(), shape.getValue());
    }
    if (!outputs.isEmpty()) {
      reader = reader.withOutputs(outputs.toArray(String[]::new));
    }
    Network one;
    try {
      one = model == null ? reader.read(Path.of(source)) : reader.read(model);
    } catch (IOException e) {
      throw unreadable(Path.of(source), e);
    }
    Network network = batch == 1 ? one : one.withBatch(batch);
    if (warmUp != null) {
      network.warmUp(warmUp);
    }
    return network;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JVM has it
    }
  }

  /** The model, its size and the settings. */
  @Override
  public String toString() {
    return "%s%s%s%s, batch of %d%s"
        .formatted(
            model == null ? source : model.length + " bytes, SHA-256 " + source,
            shapes.entrySet().stream()
                .map(shape -> ", " + shape.getKey() + " " + Arrays.toString(shape.getValue()))
                .collect(Collectors.joining()),
            outputs.isEmpty() ? "" : ", outputs " + outputs,
            weights == WeightFormat.FLOAT32 ? "" : ", " + weights + " weights",
            batch,
            warmUp == null ? "" : ", warm-up of at most " + warmUp);
  }

  /** What handles that share a network have in common. */
  private record Key(
      String identity,
      Map<String, List<Integer>> shapes,
      List<String> outputs,
      WeightFormat weights,
      long memoryLimit,
      int batch,
      Duration warmUp) {}

  private static final class Entry extends WeakReference<Shared> {
    final Key key;

    Entry(Key key, Shared shared) {
      super(shared, DROPPED);
      this.key = key;
    }
  }

  /** What lives as long as one of its handles. */
  private static final class Shared {
    final byte[] model;
    private Network network;

    Shared(byte[] model) {
      this.model = model;
    }

    synchronized Network network(NetworkHandle handle) {
      if (network == null) {
        network = handle.read();
      }
      return network;
    }
  }
}
