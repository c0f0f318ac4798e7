package io.github.lanewise.jmh;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.CompilerControl;

/**
 * The machine's multiply-add peak: independent chains of vector multiply-adds, in a method of their
 * own, because C2 schedules the same loop worse inside a larger one, and with the accumulator as
 * the addend, which is the operand that the instruction overwrites. Twelve chains cover two units
 * of four cycles latency and, with two constants, fit 16 registers; CPUs with 32 registers may have
 * four units and get twenty.
 */
final class Peak {
  /** Turns of one {@link #chunk()}: some 30 us, long as what surrounds them may be interpreted. */
  private static final int TURNS = 16 * 1024;

  private static final int WARMUP_CALLS = 2000;
  private static final int WARMUP_TURNS = 64;
  private static final long WARMUP_LIMIT_NANOS = 500_000_000;

  /** Vectors boxed by an interpreter or C1 are slower than this, compiled ones far faster. */
  private static final double COMPILED_GFLOPS = 4;

  private static final long LOOK_NANOS = 25_000_000;
  private static final long BURN_IN_NANOS = 1_500_000;
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final boolean FMA = flag("UseFMA").equals("true") && !flag("UseAVX").equals("0");

  /** Whether there are registers for twenty; a constant, so that C2 sees no more than it runs. */
  private static final boolean WIDE =
      FMA && !List.of("amd64", "x86_64").contains(System.getProperty("os.arch"));

  private static final int CHAINS = WIDE ? 20 : 12;

  private static final double TURN_FLOP = 2.0 * CHAINS * SPECIES.length();

  /** 10^9 floating-point operations of one {@link #chunk()}. */
  static final double CHUNK_GFLOP = 1e-9 * TURN_FLOP * TURNS;

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

  /** Runs some 100 000 multiply-adds; returns something that depends on all of them. */
  static float chunk() {
    return run(TURNS);
  }

  /** Calls the loop until C2 has compiled it, or for half a second. */
  static void warmUp() {
    long start = System.nanoTime();
    do {
      for (int i = 0; i < WARMUP_CALLS; i++) {
        sink = run(WARMUP_TURNS);
      }
    } while (rate(WARMUP_TURNS, 0).gflops < COMPILED_GFLOPS
        && System.nanoTime() - start < WARMUP_LIMIT_NANOS);
  }

  /**
   * The peak, GFLOP/s of all threads together.
   *
   * @param gflops all operations over all time
   * @param fastest the sum of the threads' {@linkplain FastestMillisecond fastest milliseconds}
   */
  record Look(double gflops, double fastest) {
    Look plus(Look other) {
      return new Look(gflops + other.gflops, fastest + other.fastest);
    }
  }

  /** Measures the peak of so many threads that compute at once. */
  static Look measure(int threads) {
    Executor starter = Thread.ofPlatform().daemon()::start;
    List<CompletableFuture<Look>> others =
        Stream.generate(() -> CompletableFuture.supplyAsync(Peak::measureOne, starter))
            .limit(threads - 1)
            .toList();
    Look own = measureOne();
    return others.stream().map(CompletableFuture::join).reduce(own, Look::plus);
  }

  /**
   * All operations over all time, stalls included, as a benchmark's own figure is: its share of the
   * peak would shrink with every stall else. The first millisecond is often slow and left out.
   */
  private static Look measureOne() {
    rate(TURNS, BURN_IN_NANOS);
    return rate(TURNS, LOOK_NANOS);
  }

  /** The rate over a time, by calls of so many turns. */
  private static Look rate(int turns, long nanos) {
    FastestMillisecond fastest = new FastestMillisecond();
    double gflop = 1e-9 * TURN_FLOP * turns;
    long calls = 0;
    long start = System.nanoTime();
    fastest.begin(start);
    long now;
    do {
      sink = run(turns);
      calls++;
      now = System.nanoTime();
      fastest.add(gflop, now);
    } while (now - start < nanos);
    return new Look(calls * gflop / ((now - start) * 1e-9), fastest.gflops());
  }

  private static FloatVector start(int chain) {
    return FloatVector.broadcast(SPECIES, 1f + chain);
  }

  /** A multiply-add, or where the CPU has none for vectors, which C2 knows, both by themselves. */
  private static FloatVector next(FloatVector a, FloatVector m, FloatVector c) {
    return FMA ? m.fma(c, a) : a.mul(m).add(c);
  }

  @CompilerControl(CompilerControl.Mode.DONT_INLINE)
  private static float run(int turns) {
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
      a0 = next(a0, m, c);
      a1 = next(a1, m, c);
      a2 = next(a2, m, c);
      a3 = next(a3, m, c);
      a4 = next(a4, m, c);
      a5 = next(a5, m, c);
      a6 = next(a6, m, c);
      a7 = next(a7, m, c);
      a8 = next(a8, m, c);
      a9 = next(a9, m, c);
      a10 = next(a10, m, c);
      a11 = next(a11, m, c);
      if (WIDE) {
        a12 = next(a12, m, c);
        a13 = next(a13, m, c);
        a14 = next(a14, m, c);
        a15 = next(a15, m, c);
        a16 = next(a16, m, c);
        a17 = next(a17, m, c);
        a18 = next(a18, m, c);
        a19 = next(a19, m, c);
      }
    }
    FloatVector sum = a0.add(a1).add(a2).add(a3).add(a4).add(a5);
    sum = sum.add(a6).add(a7).add(a8).add(a9).add(a10).add(a11);
    if (WIDE) {
      sum = sum.add(a12).add(a13).add(a14).add(a15).add(a16).add(a17).add(a18).add(a19);
    }
    return sum.lane(0);
  }
}
