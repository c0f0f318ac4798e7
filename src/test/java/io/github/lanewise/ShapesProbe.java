package io.github.lanewise;

import com.sun.management.ThreadMXBean;
import io.github.lanewise.kernel.WarmUpProbe;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The program that {@code WarmUpTest} runs in another JVM: has all kernels compiled by their
 * samples, then runs plans of many shapes, and says which of them allocate. C2 prunes branches that
 * no sample took; a shape that takes one costs a kernel its code, and the next runs make objects of
 * vectors.
 */
final class ShapesProbe {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** One shape of so many. */
  private static final int EVERY = 2;

  private static final long MOST_MULTIPLICATIONS = 2_000_000;

  /** Less than the vectors of a tile. */
  private static final long MOST_BYTES = 2048;

  private ShapesProbe() {}

  public static void main(String[] arguments) {
    List<ConvCase> cases = new ArrayList<>();
    int lanes = Backend.current().vectorBits() / Float.SIZE;
    for (Operator operator : Operator.values()) {
      List<ConvCase> all = new ShapeGrammar(operator, lanes, TestBudget.SEED).systematic();
      for (int i = 0; i < all.size(); i += EVERY) {
        if (all.get(i).multiplications() < MOST_MULTIPLICATIONS) {
          cases.add(all.get(i));
        }
      }
    }
    WarmUpProbe.warmUp();
    cases.forEach(ShapesProbe::report);
    System.out.println("ran " + cases.size() + " shapes");
  }

  private static void report(ConvCase c) {
    ConvData data = ConvData.of(c);
    ConvPlan plan = data.plan(c, ConvOptions.DEFAULT);
    boolean isWarm = plan.warmUp(LIMIT);
    float[] dst = new float[plan.dstLength()];
    float[] nan = new float[plan.srcLength()];
    Arrays.fill(nan, Float.NaN);
    long[] made = new long[4]; // of numbers, of NaN, of numbers again
    for (int i = 0; i < made.length; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      plan.run(i == 1 ? nan : data.src, 0, data.residual, 0, dst, 0);
      made[i] = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    if (made[2] + made[3] > MOST_BYTES || !isWarm) {
      System.out.println("allocates " + Arrays.toString(made) + ": " + c + " " + plan);
    }
  }
}
