package io.github.lanewise.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.Activation;
import io.github.lanewise.Backend;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * C2 makes no objects of vectors in the loops of any kernel: the samples of each, which take every
 * branch that it has, allocate next to nothing.
 */
@Tag("backend")
class GateAllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Samples that are measured together; each number's remainders choose its branches. */
  private static final int TURN = 24;

  /** A {@link DepthwiseRows}, or a vector a tile; one in a loop would be made many times. */
  private static final long BYTES = 256;

  /** Far more than HotSpot asks for. */
  private static final int MAX_SAMPLES = 500_000;

  @Test
  void samplesOfCompiledKernelsMakeNoVectors() {
    String config = System.getProperty("lanewise.test.config", "auto");
    assumeTrue(config.equals("auto"), "allocation is checked in the configuration auto");
    assumeTrue(Backend.current().name().equals("vector"), "the vector kernels are not in use");
    WarmingKernels kernels = new WarmingKernels(new VectorKernels());
    for (Activation activation :
        List.of(
            Activation.RELU6,
            Activation.leakyRelu(0.1f),
            Activation.HARD_SIGMOID,
            Activation.HARD_SWISH,
            Activation.SIGMOID,
            Activation.SILU)) {
      kernels.activate(activation, 1, new float[1], 0);
    }
    List<Gate> gates = kernels.gates().toList();
    for (int i = 0; i < gates.size(); i++) {
      check(gates.get(i), "kernel %d, %s".formatted(i, gates.get(i).getClass().getSimpleName()));
    }
  }

  private static void check(Gate gate, String name) {
    long allocated = Long.MAX_VALUE;
    int quiet = 0;
    for (int sample = 0; quiet < 3 && sample < MAX_SAMPLES; sample += TURN) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < TURN; i++) {
        gate.vector(sample + i);
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
      quiet = allocated <= TURN * BYTES ? quiet + 1 : 0;
    }
    assertThat(quiet)
        .as("%d samples of %s still allocate %d bytes", TURN, name, allocated)
        .isEqualTo(3);
  }
}
