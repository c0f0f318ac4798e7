package io.github.lanewise.kernel;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.jvm.Gate;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import io.github.lanewise.onnx.OnnxReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The program that {@code WarmUpTest} runs in other JVMs: has every kernel and every activation
 * compiled, then networks, and says for each whether it is warm and whether runs allocate then.
 */
public final class WarmUpProbe {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** So long C2 may take on a machine that does much else. */
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private static final int RUNS = 60;

  /** Less than a vector a tile of any kernel. */
  private static final long MOST_BYTES = 4096;

  private WarmUpProbe() {}

  /** Has all kernels compiled, by their samples alone. */
  public static List<Gate> warmUp() {
    List<Gate> gates = new VectorKernels().gates().toList();
    long began = System.nanoTime();
    while (!gates.stream().allMatch(Gate::isWarm) && System.nanoTime() - began < LIMIT.toNanos()) {
      for (Gate gate : gates) {
        long now = System.nanoTime();
        if (gate.isDue(now)) {
          gate.advance(now);
        }
      }
    }
    return gates;
  }

  public static void main(String[] models) throws IOException {
    for (Gate gate : warmUp()) {
      int[] number = {0};
      report("kernel " + gate, gate.isWarm(), () -> gate.call(number[0]++ % gate.variants()));
    }
    for (String model : models) {
      Network network = OnnxReader.DEFAULT.read(Path.of(model));
      boolean isWarm = network.warmUp(LIMIT);
      float[][] in = arrays(network.inputs());
      float[][] out = arrays(network.outputs());
      report("network " + model, isWarm, () -> network.run(in, out));
    }
  }

  private static float[][] arrays(List<Port> ports) {
    return ports.stream().map(port -> new float[port.length()]).toArray(float[][]::new);
  }

  /**
   * A vector that is an object makes every run allocate. A run that has HotSpot give up compiled
   * code may allocate what that code did without, once.
   */
  private static void report(String what, boolean isWarm, Runnable run) {
    long[] made = new long[RUNS];
    for (int i = 0; i < RUNS; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      run.run();
      made[i] = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    long[] allocating = LongStream.of(made).filter(bytes -> bytes > 0).toArray();
    boolean isQuiet = allocating.length <= RUNS / 10 && LongStream.of(made).sum() < MOST_BYTES;
    System.out.println(
        what
            + " warm="
            + isWarm
            + (isQuiet ? " quiet, " : " allocates, ")
            + allocating.length
            + " runs, bytes "
            + Arrays.toString(allocating));
  }
}
