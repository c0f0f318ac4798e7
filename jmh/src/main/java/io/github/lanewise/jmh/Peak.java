package io.github.lanewise.jmh;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.DoubleAdder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * The machine's multiply-add peak: independent chains of vector multiply-adds, in a method of their
 * own, because C2 schedules the same loop worse inside a larger one. Twelve chains cover two units
 * of four cycles latency and, with two constants, fit 16 registers; CPUs with 32 registers may have
 * four units and get twenty.
 */
final class Peak {
  /** Turns of one {@link #chunk()}: about two microseconds, a multiple of any unrolling. */
  private static final int TURNS = 1024;

  private static final int WARMUP_CALLS = 3000;
  private static final int WARMUP_TURNS = 16;
  private static final int CHUNKS_A_LOOK = 16;
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final boolean FMA = flag("UseFMA").equals("true") && !flag("UseAVX").equals("0");
  private static final boolean WIDE =
      !System.getProperty("os.arch").equals("amd64")
          && !System.getProperty("os.arch").equals("x86_64");
  private static final int CHAINS = FMA && WIDE ? 20 : 12;

  /** 10^9 floating-point operations of one {@link #chunk()}. */
  static final double CHUNK_GFLOP = 2e-9 * CHAINS * SPECIES.length() * TURNS;

  /** Written so that C2 cannot drop the loops' results. */
  @SuppressWarnings("UnusedVariable")
  private static volatile float sink;

  private Peak() {}

  private static String flag(String name) {
    HotSpotDiagnosticMXBean bean =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    try {
      return bean == null ? "" : bean.getVMOption(name).getValue();
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** Runs a few thousand multiply-adds; returns something that depends on all of them. */
  static float chunk() {
    return run(TURNS);
  }

  private static float run(int turns) {
    if (!FMA) {
      return multiplyAdd12(turns);
    }
    return WIDE ? fma20(turns) : fma12(turns);
  }

  /** Calls the loop often enough to have it compiled by C2. */
  static void warmUp() {
    float sum = 0;
    for (int i = 0; i < WARMUP_CALLS; i++) {
      sum += run(WARMUP_TURNS);
    }
    sink = sum;
  }

  /**
   * Measures the peak.
   *
   * @param threads threads that compute at once
   * @param nanos how long
   * @return GFLOP/s of all threads together
   */
  static double measure(int threads, long nanos) {
    DoubleAdder total = new DoubleAdder();
    Thread[] others = new Thread[threads - 1];
    for (int i = 0; i < others.length; i++) {
      others[i] = Thread.ofPlatform().daemon().start(() -> total.add(measureOne(nanos)));
    }
    total.add(measureOne(nanos));
    try {
      for (Thread other : others) {
        other.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring the peak", e);
    }
    return total.sum();
  }

  private static double measureOne(long nanos) {
    float sum = 0;
    long chunks = 0;
    long start = System.nanoTime();
    long elapsed;
    do {
      for (int i = 0; i < CHUNKS_A_LOOK; i++) {
        sum += chunk();
      }
      chunks += CHUNKS_A_LOOK;
      elapsed = System.nanoTime() - start;
    } while (elapsed < nanos);
    sink = sum;
    return chunks * CHUNK_GFLOP / (elapsed * 1e-9);
  }

  private static FloatVector start(int chain) {
    return FloatVector.broadcast(SPECIES, 1f + chain);
  }

  @CompilerControl(CompilerControl.Mode.DONT_INLINE)
  private static float fma12(int turns) {
    FloatVector m = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector c = FloatVector.broadcast(SPECIES, 1f);
    FloatVector a0 = start(0);
    FloatVector a1 = start(1);
    FloatVector a2 = start(2);
    FloatVector a3 = start(3);
    FloatVector a4 = start(4);
    FloatVector a5 = start(5);
    FloatVector a6 = start(6);
    FloatVector a7 = start(7);
    FloatVector a8 = start(8);
    FloatVector a9 = start(9);
    FloatVector a10 = start(10);
    FloatVector a11 = start(11);
    for (int i = 0; i < turns; i++) {
      a0 = a0.fma(m, c);
      a1 = a1.fma(m, c);
      a2 = a2.fma(m, c);
      a3 = a3.fma(m, c);
      a4 = a4.fma(m, c);
      a5 = a5.fma(m, c);
      a6 = a6.fma(m, c);
      a7 = a7.fma(m, c);
      a8 = a8.fma(m, c);
      a9 = a9.fma(m, c);
      a10 = a10.fma(m, c);
      a11 = a11.fma(m, c);
    }
    FloatVector low = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
    return low.add(a6).add(a7).add(a8).add(a9).add(a10).add(a11).lane(0);
  }

  @CompilerControl(CompilerControl.Mode.DONT_INLINE)
  private static float multiplyAdd12(int turns) {
    FloatVector m = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector c = FloatVector.broadcast(SPECIES, 1f);
    FloatVector a0 = start(0);
    FloatVector a1 = start(1);
    FloatVector a2 = start(2);
    FloatVector a3 = start(3);
    FloatVector a4 = start(4);
    FloatVector a5 = start(5);
    FloatVector a6 = start(6);
    FloatVector a7 = start(7);
    FloatVector a8 = start(8);
    FloatVector a9 = start(9);
    FloatVector a10 = start(10);
    FloatVector a11 = start(11);
    for (int i = 0; i < turns; i++) {
      a0 = a0.mul(m).add(c);
      a1 = a1.mul(m).add(c);
      a2 = a2.mul(m).add(c);
      a3 = a3.mul(m).add(c);
      a4 = a4.mul(m).add(c);
      a5 = a5.mul(m).add(c);
      a6 = a6.mul(m).add(c);
      a7 = a7.mul(m).add(c);
      a8 = a8.mul(m).add(c);
      a9 = a9.mul(m).add(c);
      a10 = a10.mul(m).add(c);
      a11 = a11.mul(m).add(c);
    }
    FloatVector low = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
    return low.add(a6).add(a7).add(a8).add(a9).add(a10).add(a11).lane(0);
  }

  @CompilerControl(CompilerControl.Mode.DONT_INLINE)
  private static float fma20(int turns) {
    FloatVector m = FloatVector.broadcast(SPECIES, 0.5f);
    FloatVector c = FloatVector.broadcast(SPECIES, 1f);
    FloatVector a0 = start(0);
    FloatVector a1 = start(1);
    FloatVector a2 = start(2);
    FloatVector a3 = start(3);
    FloatVector a4 = start(4);
    FloatVector a5 = start(5);
    FloatVector a6 = start(6);
    FloatVector a7 = start(7);
    FloatVector a8 = start(8);
    FloatVector a9 = start(9);
    FloatVector a10 = start(10);
    FloatVector a11 = start(11);
    FloatVector a12 = start(12);
    FloatVector a13 = start(13);
    FloatVector a14 = start(14);
    FloatVector a15 = start(15);
    FloatVector a16 = start(16);
    FloatVector a17 = start(17);
    FloatVector a18 = start(18);
    FloatVector a19 = start(19);
    for (int i = 0; i < turns; i++) {
      a0 = a0.fma(m, c);
      a1 = a1.fma(m, c);
      a2 = a2.fma(m, c);
      a3 = a3.fma(m, c);
      a4 = a4.fma(m, c);
      a5 = a5.fma(m, c);
      a6 = a6.fma(m, c);
      a7 = a7.fma(m, c);
      a8 = a8.fma(m, c);
      a9 = a9.fma(m, c);
      a10 = a10.fma(m, c);
      a11 = a11.fma(m, c);
      a12 = a12.fma(m, c);
      a13 = a13.fma(m, c);
      a14 = a14.fma(m, c);
      a15 = a15.fma(m, c);
      a16 = a16.fma(m, c);
      a17 = a17.fma(m, c);
      a18 = a18.fma(m, c);
      a19 = a19.fma(m, c);
    }
    FloatVector low = a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).add(a8).add(a9);
    FloatVector high = a10.add(a11).add(a12).add(a13).add(a14).add(a15);
    return low.add(high).add(a16).add(a17).add(a18).add(a19).lane(0);
  }
}
