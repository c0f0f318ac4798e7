package io.github.lanewise.kernel;

import io.github.lanewise.jmh.FlopCounter;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The {@link MatrixTiles}, one a fork, on one panel of weights, as the loops give it to them. In
 * the kernels' package, as nobody else may call them.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@State(Scope.Thread)
public class TileBenchmark {
  /** A multiple of every tile's rows, and about what a thread takes of a layer at a time. */
  private static final int ROWS = 120;

  private static final float[][] NONE = {};

  /** Input channels. */
  @Param("128")
  public int depth;

  /** Rows and vectors of sums, as the kernel's name has them. */
  @Param("4x3v")
  public String tile;

  /** Runs of a row of A; of several, half a run's floats from one to the next. */
  @Param("1")
  public int runs;

  private final Kernels kernels = new VectorKernels().open();
  private int columns;
  private MatrixArgs args;
  private float[] a;
  private float[] c;

  /** Makes the arrays. */
  @Setup
  public void setup() {
    columns = (tile.charAt(2) - '0') * Lanes.L;
    int run = depth / runs;
    int[] offsets = new int[runs];
    Arrays.setAll(offsets, i -> i * (run + run / 2));
    float[] ones = new float[columns * depth];
    Arrays.fill(ones, 1);
    PackedMatrix b =
        new PackedMatrix(ones, new float[columns], 0, columns, depth, kernels, runs > 1);
    args = new MatrixArgs(new RowOffsets(depth, run, offsets), b, 0, new Clamp(0, 6));
    a = new float[(ROWS + 1) * depth];
    c = new float[ROWS * columns];
    Arrays.fill(a, 1f / depth);
  }

  /** Multiplies, ReLU6 included. */
  @Benchmark
  public float[] gemm(FlopCounter counter) {
    kernels.gemm(args, ROWS, a, 0, c, 0, columns, NONE);
    counter.gflops += 2e-9 * ROWS * depth * columns;
    return c;
  }
}
