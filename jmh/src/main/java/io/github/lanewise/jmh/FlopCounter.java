package io.github.lanewise.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counts floating-point operations; JMH divides by the time. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class FlopCounter {
  /** 10^9 operations since the iteration's start; in results, GFLOP/s. */
  public double gflops;
}
