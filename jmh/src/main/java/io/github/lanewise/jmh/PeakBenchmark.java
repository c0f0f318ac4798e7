package io.github.lanewise.jmh;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.BenchmarkParams;

/** What the machine can do: the roof over every other figure. */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class PeakBenchmark {

  /** Compiles the loop before JMH's own warm-up. */
  @State(Scope.Benchmark)
  public static class Warm {
    /** Calls it often enough. */
    @Setup
    public void setup() {
      Peak.warmUp();
    }
  }

  /** Counts bytes; JMH divides by the time. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class ByteCounter {
    /** 10^9 bytes, read and written, since the iteration's start; in results, GB/s. */
    public double gbytes;
  }

  /** Arrays well beyond any cache: 128 MiB and 128 MiB, shared out to the threads. */
  @State(Scope.Thread)
  public static class Arrays128 {
    private static final int FLOATS = 1 << 25;

    private float[] from;
    private float[] to;

    /** Allocates them and touches every page. */
    @Setup
    public void setup(BenchmarkParams params) {
      from = new float[FLOATS / params.getThreads()];
      to = new float[from.length];
      Arrays.fill(from, 1);
      Arrays.fill(to, 2);
    }
  }

  /**
   * Vector multiply-adds at the preferred width, as many as the CPU can take at once; 2 operations
   * a lane.
   */
  @Benchmark
  public float fma(Warm warm, FlopCounter counter) {
    counter.gflops += Peak.CHUNK_GFLOP;
    return Peak.chunk();
  }

  /**
   * {@code System.arraycopy} from memory to memory. Bytes read and bytes written count; what a CPU
   * reads in order to overwrite it does not.
   */
  @Benchmark
  public float[] copy(Arrays128 arrays, ByteCounter counter) {
    System.arraycopy(arrays.from, 0, arrays.to, 0, arrays.from.length);
    counter.gbytes += 2e-9 * Float.BYTES * arrays.from.length;
    return arrays.to;
  }
}
