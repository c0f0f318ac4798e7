package io.github.lanewise.kernel;

import io.github.lanewise.jmh.FlopCounter;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The register tiles of {@link VectorGemm}, one a fork, on one panel of weights, as the loops give
 * it to them. In the kernels' package, as nobody else may call them.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 150, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 130, timeUnit = TimeUnit.MILLISECONDS)
@State(Scope.Thread)
public class TileBenchmark {
  /** A multiple of every tile's rows, and about what a thread takes of a layer at a time. */
  private static final int ROWS = 120;

  /** Input channels. */
  @Param("128")
  public int depth;

  /** Rows and vectors of sums, as the kernel's name has them. */
  @Param("4x3v")
  public String tile;

  private int vectors;
  private int columns;
  private MatrixRows rows;
  private float[] a;
  private float[] w;
  private float[] c;

  /** Makes the arrays. */
  @Setup
  public void setup() {
    vectors = tile.charAt(2) - '0';
    columns = vectors * Lanes.L;
    rows = MatrixRows.dense(depth, depth);
    a = new float[ROWS * depth];
    w = new float[(1 + depth) * columns];
    c = new float[ROWS * columns];
    Arrays.fill(a, 1f / depth);
    Arrays.fill(w, 1);
  }

  /**
   * Multiplies, ReLU6 included.
   *
   * @param counter its operations
   * @return the product
   */
  @Benchmark
  public float[] gemm(FlopCounter counter) {
    VectorGemm.gemm(ROWS, depth, a, 0, rows, w, vectors, c, 0, columns, 0, 6);
    counter.gflops += 2e-9 * ROWS * depth * columns;
    return c;
  }
}
