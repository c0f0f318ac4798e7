package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.WeightFormat;
import io.github.lanewise.network.Network;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A handle is sent, and read once in each JVM while there is one. */
class NetworkHandleTest {
  private static final float[] THREE = {1, 2, 3};

  @TempDir private Path folder;

  /** Adds a number to inputs of any number of rows of three; each test has numbers of its own. */
  private static byte[] plus(float added) {
    return new TestModel()
        .input("x", -1, -1)
        .output("y")
        .floats("n", List.of(1L), added)
        .node("Add", "x n", "y")
        .model()
        .toByteArray();
  }

  private static final OnnxReader READER = OnnxReader.DEFAULT.withInputShape("x", 1, 3);

  private static float[] run(NetworkHandle handle, float... x) {
    return handle.network().run(Map.of("x", x)).get("y");
  }

  private static byte[] serialized(NetworkHandle handle) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(handle);
    }
    return bytes.toByteArray();
  }

  private static NetworkHandle deserialized(byte[] bytes) throws Exception {
    try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
      return (NetworkHandle) in.readObject();
    }
  }

  private static NetworkHandle sent(NetworkHandle handle) throws Exception {
    return deserialized(serialized(handle));
  }

  /** Waits until what is unreachable is collected. */
  private static void awaitCleared(WeakReference<?> reference) throws InterruptedException {
    while (reference.get() != null) {
      System.gc();
      Thread.sleep(10);
    }
  }

  @Test
  void takesTheModelAlongWithShapesAndBatch() throws Exception {
    NetworkHandle handle = NetworkHandle.of(READER, plus(1));
    assertThat(run(sent(handle), THREE)).containsExactly(2, 3, 4);
    NetworkHandle two = sent(handle.withBatch(2));
    assertThat(two.network().inputs()).hasToString("[x [2, 3]]");
    assertThat(run(two, 1, 2, 3, 4, 5, 6)).containsExactly(2, 3, 4, 5, 6, 7);
    assertThat(two.network()).isNotSameAs(handle.network());
    NetworkHandle wide =
        sent(NetworkHandle.of(OnnxReader.DEFAULT.withInputShape("x", 1, 4), plus(1)));
    assertThat(run(wide, 1, 2, 3, 4)).containsExactly(2, 3, 4, 5);
  }

  @Test
  void takesTheMemoryLimitAlong() throws Exception {
    NetworkHandle handle = sent(NetworkHandle.of(READER.withMemoryLimit(10), plus(2)));
    assertThatThrownBy(handle::network)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("more than the memory limit of 10");
  }

  @Test
  void takesTheOutputsAlong() throws Exception {
    NetworkHandle handle = sent(NetworkHandle.of(READER.withOutputs("x"), plus(2)));
    assertThat(handle.network().run(Map.of("x", THREE)).get("x")).isEqualTo(THREE);
    assertThat(handle.toString()).contains(", outputs [x], batch of 1");
    assertThat(run(NetworkHandle.of(READER, plus(2)), THREE)).containsExactly(3, 4, 5);
  }

  @Test
  void takesTheWeightFormatAlong() throws Exception {
    byte[] model =
        new TestModel()
            .input("x", 1, 3)
            .output("y")
            .floats("m", List.of(3L, 1L), 1.0001f, 0, 0)
            .node("MatMul", "x m", "y")
            .model()
            .toByteArray();
    OnnxReader half =
        OnnxReader.DEFAULT.withOptions(ConvOptions.DEFAULT.withWeights(WeightFormat.FLOAT16));
    NetworkHandle handle = NetworkHandle.of(half, model);
    assertThat(run(sent(handle), THREE)).containsExactly(1);
    assertThat(run(sent(NetworkHandle.of(OnnxReader.DEFAULT, model)), THREE))
        .containsExactly(1.0001f);
    assertThat(handle.toString()).contains(", FLOAT16 weights, batch of 1");
  }

  /** What was read stays usable when it is sent on, also for other shapes. */
  @Test
  void canBeSentAfterReading() throws Exception {
    NetworkHandle handle = NetworkHandle.of(READER, plus(3));
    handle.network();
    NetworkHandle sent = sent(sent(handle));
    assertThat(run(sent, THREE)).containsExactly(4, 5, 6);
    assertThat(sent.network().withInputShape("x", 1, 1).run(Map.of("x", THREE)).get("y"))
        .containsExactly(4);
  }

  @Test
  void changesOfTheArrayAreNotSeen() throws Exception {
    byte[] model = plus(4);
    NetworkHandle handle = NetworkHandle.of(READER, model);
    Arrays.fill(model, (byte) 0);
    assertThat(run(sent(handle), THREE)).containsExactly(5, 6, 7);
  }

  /** As many tasks as there are, each with a handle of its own, all at once. */
  @Test
  @Timeout(60)
  void isReadOnceByAllTasks() throws Exception {
    int tasks = 16;
    NetworkHandle handle = NetworkHandle.of(READER, plus(5));
    byte[] sent = serialized(handle);
    Path file = Files.write(folder.resolve("model.onnx"), plus(5));
    byte[] sentPath = serialized(NetworkHandle.of(READER, file));
    for (byte[] each : List.of(sent, sentPath)) {
      CyclicBarrier start = new CyclicBarrier(tasks);
      List<NetworkHandle> handles = Collections.synchronizedList(new ArrayList<>()); // not dropped
      List<Future<Network>> networks = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(tasks)) {
        for (int i = 0; i < tasks; i++) {
          networks.add(
              threads.submit(
                  () -> {
                    NetworkHandle own = deserialized(each);
                    handles.add(own);
                    start.await();
                    return own.network();
                  }));
        }
      }
      for (Future<Network> network : networks) {
        assertThat(network.get()).isSameAs(handles.getFirst().network());
      }
    }
    assertThat(handle.network()).isSameAs(deserialized(sent).network());
  }

  @Test
  void otherModelsAndSettingsAreOtherNetworks() {
    NetworkHandle handle = NetworkHandle.of(READER, plus(6));
    assertThat(NetworkHandle.of(READER, plus(6)).network()).isSameAs(handle.network());
    assertThat(
            List.of(
                NetworkHandle.of(READER, plus(7)),
                NetworkHandle.of(READER.withInputShape("x", 1, 4), plus(6)),
                NetworkHandle.of(READER.withMemoryLimit(1 << 20), plus(6)),
                handle.withWarmUp(Duration.ZERO),
                handle.withBatch(2)))
        .allSatisfy(other -> assertThat(other.network()).isNotSameAs(handle.network()));
  }

  @Test
  @Timeout(60)
  void staysWhileThereIsAHandleAndIsDroppedWithTheLast() throws Exception {
    List<NetworkHandle> handles = new ArrayList<>();
    handles.add(NetworkHandle.of(READER, plus(8)));
    handles.add(sent(handles.getFirst()));
    WeakReference<Network> network = new WeakReference<>(handles.getFirst().network());
    WeakReference<Network> other = new WeakReference<>(handles.getLast().network());
    assertThat(network.get()).isSameAs(other.get());
    handles.removeFirst();
    WeakReference<Object> garbage = new WeakReference<>(new Object());
    awaitCleared(garbage);
    assertThat(network.get()).isNotNull().isSameAs(sent(handles.getFirst()).network());
    handles.clear();
    awaitCleared(network);
    assertThat(run(NetworkHandle.of(READER, plus(8)), THREE)).containsExactly(9, 10, 11);
  }

  @Test
  void aPathIsReadWhereItIsUsed() throws Exception {
    Path file = folder.resolve("model.onnx");
    NetworkHandle handle = sent(NetworkHandle.of(READER, file));
    assertThatThrownBy(handle::network)
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContainingAll(file.toString(), "cannot be read")
        .hasCauseInstanceOf(NoSuchFileException.class);
    Files.write(file, plus(9));
    assertThat(run(handle, THREE)).containsExactly(10, 11, 12);
    assertThat(sent(handle).network()).isSameAs(handle.network());
    Network before = handle.network();
    Files.write(file, plus(10));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    assertThat(run(sent(handle), THREE)).containsExactly(11, 12, 13);
    assertThat(handle.network()).isSameAs(before);
  }

  @Test
  void whatIsNoModelIsSaidByEachCall() {
    NetworkHandle handle = NetworkHandle.of(READER, new byte[] {1, 2, 3});
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(handle::network).isInstanceOf(OnnxException.class);
    }
  }

  @Test
  void isWarmWhenItIsReturned() throws Exception {
    byte[] model = Files.readAllBytes(Path.of("src/models/emotion-minixception/model.onnx"));
    NetworkHandle handle =
        NetworkHandle.of(OnnxReader.DEFAULT, model).withWarmUp(Duration.ofMinutes(1));
    assertThat(sent(handle).network().warmUp(Duration.ZERO)).isTrue();
  }

  @Test
  void errorsNameTheArgument() {
    NetworkHandle handle = NetworkHandle.of(READER, plus(11));
    Path file = folder.resolve("model.onnx");
    OnnxReader scalar = READER.withOptions(ConvOptions.DEFAULT.withBackend(Backend.scalar()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> NetworkHandle.of(scalar, file))
        .withMessageContainingAll("reader", "ConvOptions.DEFAULT", "another JVM");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                NetworkHandle.of(
                    READER.withOptions(ConvOptions.DEFAULT.withExecutor(Runnable::run, 2)),
                    plus(11)))
        .withMessageContainingAll("reader", "up to 2 threads");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> handle.withBatch(0))
        .withMessage("images = 0 must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> handle.withWarmUp(Duration.ofSeconds(-1)))
        .withMessage("atMost = PT-1S must be 0 or more");
    assertThatNullPointerException()
        .isThrownBy(() -> NetworkHandle.of(null, file))
        .withMessage("reader is null");
    assertThatNullPointerException()
        .isThrownBy(() -> NetworkHandle.of(READER, (byte[]) null))
        .withMessage("model is null");
    assertThatNullPointerException()
        .isThrownBy(() -> NetworkHandle.of(READER, (Path) null))
        .withMessage("file is null");
    assertThatNullPointerException()
        .isThrownBy(() -> handle.withWarmUp(null))
        .withMessage("atMost is null");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                NetworkHandle.of(READER.withInputShape("x", 2, 3), plus(11)).withBatch(2).network())
        .withMessageContainingAll("x [2, 3]", "first size 1");
  }

  @Test
  void saysWhatItIsOf() {
    assertThat(NetworkHandle.of(READER, Path.of("model.onnx")).withWarmUp(Duration.ofSeconds(5)))
        .hasToString("model.onnx, x [1, 3], batch of 1, warm-up of at most PT5S");
    assertThat(NetworkHandle.of(READER, new byte[3]).withBatch(2).toString())
        .matches("3 bytes, SHA-256 [0-9a-f]{64}, x \\[1, 3], batch of 2");
  }
}
