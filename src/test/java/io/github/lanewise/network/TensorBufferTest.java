package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.Activation;
import io.github.lanewise.ConvOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** Inputs and outputs in other memory than arrays of floats. */
class TensorBufferTest {
  private static final int COUNT = 60;
  private static final List<ByteOrder> ORDERS =
      List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);

  private final float[] values = random(COUNT);
  private final Network network = network(ConvOptions.DEFAULT);

  private static Network network(ConvOptions options) {
    NetworkBuilder b = new NetworkBuilder();
    Tensor x = b.input("x", Layout.NCHW, 1, 4, 5, 3);
    b.output("y", b.activation(x, Activation.SIGMOID), Layout.NCHW);
    return b.build(options);
  }

  private static float[] random(int n) {
    Random random = new Random(n);
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      out[i] = random.nextFloat() * 8 - 4;
    }
    return out;
  }

  private float[] expected(float... in) {
    float[] out = new float[COUNT];
    network.run(in, out);
    return out;
  }

  private static void run(Network network, TensorBuffer in, TensorBuffer out) {
    network.run(new TensorBuffer[] {in}, new TensorBuffer[] {out});
  }

  @Test
  void floatBuffersOfTheHeapAndDirectOnes() {
    for (ByteOrder order : ORDERS) {
      for (boolean isDirect : new boolean[] {false, true}) {
        int bytes = Float.BYTES * (COUNT + 3);
        ByteBuffer in = isDirect ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        FloatBuffer from = in.order(order).asFloatBuffer();
        from.put(2, values).position(2);
        ByteBuffer out = isDirect ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
        FloatBuffer to = out.order(order).asFloatBuffer().put(0, 7).put(COUNT + 1, 8).position(1);
        run(network, TensorBuffer.of(from.asReadOnlyBuffer()), TensorBuffer.of(to));
        float[] result = new float[COUNT + 2];
        to.get(0, result);
        assertThat(Arrays.copyOfRange(result, 1, COUNT + 1)).isEqualTo(expected(values));
        assertThat(new float[] {result[0], result[COUNT + 1]}).containsExactly(7, 8);
        assertThat(to.position()).isEqualTo(1);
      }
    }
    float[] array = new float[COUNT];
    FloatBuffer wrapped = FloatBuffer.wrap(array);
    run(network, TensorBuffer.of(FloatBuffer.wrap(values)), TensorBuffer.of(wrapped));
    assertThat(array).isEqualTo(expected(values));
  }

  @Test
  void segmentsOfFloatsNeedNoAlignment() {
    try (Arena arena = Arena.ofConfined()) {
      for (ByteOrder order : ORDERS) {
        for (int shift = 0; shift < 4; shift++) {
          MemorySegment from = arena.allocate(4 * COUNT + shift, 8).asSlice(shift);
          MemorySegment to = MemorySegment.ofArray(new byte[4 * COUNT + shift]).asSlice(shift);
          ByteBuffer in = from.asByteBuffer().order(order);
          for (float value : values) {
            in.putFloat(value);
          }
          run(network, TensorBuffer.float32(from, order), TensorBuffer.float32(to, order));
          ByteBuffer out = to.asByteBuffer().order(order);
          for (float value : expected(values)) {
            assertThat(out.getFloat()).isEqualTo(value);
          }
        }
      }
    }
  }

  @Test
  void halfFloats() {
    float[] rounded = new float[COUNT];
    for (ByteOrder order : ORDERS) {
      MemorySegment from = MemorySegment.ofArray(new byte[2 * COUNT + 1]).asSlice(1);
      ByteBuffer in = from.asByteBuffer().order(order);
      for (int i = 0; i < COUNT; i++) {
        short bits = Float.floatToFloat16(values[i]);
        rounded[i] = Float.float16ToFloat(bits);
        in.putShort(bits);
      }
      MemorySegment to = Arena.ofAuto().allocate(2 * COUNT);
      run(network, TensorBuffer.float16(from, order), TensorBuffer.float16(to, order));
      ByteBuffer out = to.asByteBuffer().order(order);
      for (float value : expected(rounded)) {
        assertThat(out.getShort()).isEqualTo(Float.floatToFloat16(value));
      }
    }
  }

  @Test
  void bytesWithScaleAndZeroPoint() {
    byte[] bytes = new byte[COUNT];
    float[] real = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      bytes[i] = (byte) (255 - i * 4);
      real[i] = (255 - i * 4 - 120) * 0.03125f;
    }
    float[] out = new float[COUNT];
    TensorBuffer to = TensorBuffer.of(FloatBuffer.wrap(out));
    run(network, TensorBuffer.uint8(MemorySegment.ofArray(bytes), 0.03125f, 120), to);
    assertThat(out).isEqualTo(expected(real));
  }

  @Test
  void imagesOfABatchAlsoOnThreadsThatMayNotReachThem() {
    try (ExecutorService threads = Executors.newFixedThreadPool(2);
        Arena confined = Arena.ofConfined();
        Arena shared = Arena.ofShared()) {
      Network batch = network(ConvOptions.DEFAULT.withExecutor(threads, 3)).withBatch(6);
      float[] in = random(6 * COUNT);
      float[] expected = new float[6 * COUNT];
      network.withBatch(6).run(in, expected);
      for (Arena arena : List.of(confined, shared)) {
        for (int run = 0; run < 20; run++) {
          MemorySegment from = arena.allocateFrom(ValueLayout.JAVA_FLOAT, in);
          MemorySegment to = arena.allocate(4 * 6 * COUNT, 4);
          ByteOrder order = ByteOrder.nativeOrder();
          run(batch, TensorBuffer.float32(from, order), TensorBuffer.float32(to, order));
          assertThat(to.toArray(ValueLayout.JAVA_FLOAT)).isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void rangesAndTypesAreChecked() {
    TensorBuffer in = TensorBuffer.of(FloatBuffer.wrap(values));
    TensorBuffer out = TensorBuffer.of(FloatBuffer.allocate(COUNT));
    ByteOrder order = ByteOrder.nativeOrder();
    MemorySegment small = MemorySegment.ofArray(new byte[4 * COUNT - 1]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(network, TensorBuffer.float32(small, order), out))
        .withMessageContainingAll("input x [1, 3, 4, 5]", "has 59 values, must have 60");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(network, in, TensorBuffer.float16(small.asSlice(120), order)))
        .withMessageContainingAll("output y", "has 59 values, must have 60");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(network, in, TensorBuffer.uint8(small, 1, 0)))
        .withMessageContainingAll("output y", "is of uint8, which is for inputs");
    FloatBuffer readOnly = FloatBuffer.allocate(COUNT).asReadOnlyBuffer();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(network, in, TensorBuffer.of(readOnly)))
        .withMessageContainingAll("output y", "is read-only");
    MemorySegment both = MemorySegment.ofArray(new float[2 * COUNT]);
    MemorySegment behind = both.asSlice(4 * COUNT - 4);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                run(
                    network,
                    TensorBuffer.float32(both, order),
                    TensorBuffer.float32(behind, order)))
        .withMessageContaining("output y [1, 3, 4, 5] NCHW must be no other input's");
    assertThatNullPointerException().isThrownBy(() -> run(network, in, null));
    assertThatNullPointerException()
        .isThrownBy(() -> TensorBuffer.float32(null, order))
        .withMessage("memory is null");
    assertThatNullPointerException()
        .isThrownBy(() -> TensorBuffer.float16(small, null))
        .withMessage("order is null");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.run(new TensorBuffer[0], new TensorBuffer[] {out}))
        .withMessageContaining("in.length = 0 must be 1");
    for (float scale : new float[] {0, -1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TensorBuffer.uint8(small, scale, 0))
          .withMessage("scale = " + scale + " must be positive and finite");
    }
    for (int zero : new int[] {-1, 256}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TensorBuffer.uint8(small, 1, zero))
          .withMessage("zeroPoint = " + zero + " must be 0 to 255");
    }
  }

  @Test
  void memoryThatIsGone() {
    TensorBuffer out = TensorBuffer.of(FloatBuffer.allocate(COUNT));
    TensorBuffer in;
    try (Arena arena = Arena.ofConfined()) {
      in = TensorBuffer.float32(arena.allocate(4 * COUNT), ByteOrder.nativeOrder());
    }
    assertThatThrownBy(() -> run(network, in, out)).isInstanceOf(IllegalStateException.class);
    run(network, TensorBuffer.of(FloatBuffer.wrap(values)), out); // the network still runs
  }

  @Test
  void nothingIsKept() {
    float[] array = values.clone();
    WeakReference<float[]> kept = new WeakReference<>(array);
    TensorBuffer out = TensorBuffer.of(FloatBuffer.allocate(COUNT));
    run(network, TensorBuffer.of(FloatBuffer.wrap(array)), out);
    array = null;
    for (int i = 0; i < 100 && kept.get() != null; i++) {
      System.gc();
    }
    assertThat(kept.get()).isNull();
    assertThat(network.inputs()).isNotEmpty(); // is alive
  }

  @Test
  void aRunAllocatesNothingOnceItIsWarm() {
    Network batch = network.withBatch(2);
    TensorBuffer[][] ins = {
      {TensorBuffer.of(FloatBuffer.allocate(2 * COUNT))},
      {TensorBuffer.float16(Arena.ofAuto().allocate(4 * COUNT), ByteOrder.BIG_ENDIAN)},
      {TensorBuffer.uint8(MemorySegment.ofArray(new byte[2 * COUNT]), 0.5f, 3)},
    };
    TensorBuffer[][] outs = {
      {TensorBuffer.of(ByteBuffer.allocateDirect(8 * COUNT).asFloatBuffer())},
      {TensorBuffer.float16(MemorySegment.ofArray(new byte[4 * COUNT]), ByteOrder.LITTLE_ENDIAN)},
    };
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = threads.getCurrentThreadCpuTime() + 20_000_000_000L;
    long allocated = Long.MAX_VALUE;
    while (allocated > 0 && threads.getCurrentThreadCpuTime() < deadline) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 60; i++) {
        network.run(ins[i % 3], outs[i % 2]);
        batch.run(ins[i % 3], outs[i % 2]);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat(allocated).isZero();
  }
}
