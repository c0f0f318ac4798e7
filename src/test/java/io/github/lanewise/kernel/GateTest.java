package io.github.lanewise.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When vector code takes over, on times that are made up. */
class GateTest {

  /** Has a clock of its own, which stands still unless it is told to go on. */
  private abstract static class TimedGate extends Gate {
    private long nanos;

    void takes(long more) {
      nanos += more;
    }

    @Override
    long now() {
      return nanos;
    }
  }

  /** Vector code takes no time; plain Java takes longer. */
  private static final class FastGate extends TimedGate {
    private int samples;

    @Override
    void vector(int sample) {
      samples++;
    }

    @Override
    void plain(int sample) {
      takes(50_000);
    }
  }

  /** Vector code is never compiled. */
  private static final class SlowGate extends TimedGate {
    private int samples;

    @Override
    void vector(int sample) {
      samples++;
      takes(50_000);
    }

    @Override
    void plain(int sample) {}
  }

  @Test
  void opensOnceVectorCodeIsAsFastAsPlainJavaSeveralTimes() {
    Gate gate = new SlowGate();
    gate.worked(Gate.PLAIN_COLD_NANOS);
    for (int i = 1; i < Gate.PROOFS; i++) {
      gate.compare(1000, 1000);
    }
    gate.compare(30_000, 1000);
    for (int i = 1; i < Gate.PROOFS; i++) {
      gate.compare(1000, 1000);
    }
    assertThat(gate.isWarm()).isFalse();
    gate.compare(1000, 1000);
    assertThat(gate.isWarm()).isTrue();
    assertThat(gate.isDue()).isFalse();
    gate.compare(30_000, 1000);
    assertThat(gate.isWarm()).isTrue();
  }

  /** Copying the last columns of PoseNet's outputs takes plain Java 2 ms in 14 s. */
  @Test
  void workThatTakesHardlyAnyTimeIsNotWaitedFor() {
    SlowGate gate = new SlowGate();
    Warmup warmup = new Warmup();
    warmup.worked(gate, 10_000);
    assertThat(warmup.isDone()).isFalse();
    gate.takes(Gate.NEGLIGIBLE_SHARE * 11_000L - 20_000);
    warmup.worked(gate, 1000);
    assertThat(warmup.isDone()).isFalse();
    gate.takes(2_000_000);
    warmup.worked(gate, 1000);
    assertThat(warmup.isDone()).isTrue();
    assertThat(gate.isWarm()).isFalse();
    warmup.worked(gate, 20_000);
    assertThat(warmup.isDone()).isFalse();
  }

  @Test
  void aRestAfterTheFirstWorkDoesNotMakeItNegligible() {
    SlowGate gate = new SlowGate();
    gate.worked(1_000_000);
    gate.takes(3_600_000_000_000L);
    assertThat(gate.isNegligible()).isFalse();
    gate.worked(1_000_000);
    assertThat(gate.isNegligible()).isFalse();
  }

  /** The kernel of 5x5 was seen at 2.0 to 2.5 times the time of plain Java, making objects. */
  @Test
  void kernelsThatComputeAreNotCompiledWhilePlainJavaIsFaster() {
    for (Gate gate : new WarmingKernels(new VectorKernels()).gates().toList()) {
      String name = gate.getClass().getSimpleName();
      gate.worked(Gate.PLAIN_COLD_NANOS);
      for (int i = 0; i < Gate.PROOFS; i++) {
        gate.compare(2000, 1000);
      }
      boolean computes = name.equals("GemmGate") || name.equals("DepthwiseGate");
      assertThat(gate.isWarm()).as(name).isEqualTo(!computes);
    }
  }

  /** As a classifier's last panel, which has three microseconds of work in a run of twelve ms. */
  @Test
  void aKernelWithHardlyAnyWorkIsNotKeptWaitingForMore() {
    Gate gate = new SlowGate();
    gate.worked(3_000);
    for (int i = 1; i < Gate.PLAIN_COLD_SAMPLES + Gate.PROOFS - 1; i++) {
      gate.compare(1000, 1000);
    }
    assertThat(gate.isWarm()).isFalse();
    gate.compare(1000, 1000);
    assertThat(gate.isWarm()).isTrue();
  }

  @Test
  void aGoodSampleIsRepeatedAtOnce() {
    FastGate gate = new FastGate();
    gate.worked(Gate.PLAIN_COLD_NANOS);
    gate.sample();
    assertThat(gate.samples).isEqualTo(Gate.PROOFS);
    assertThat(gate.isWarm()).isTrue();
  }

  @Test
  void timesOfInterpretedPlainJavaProveNothing() {
    Gate gate = new FastGate();
    gate.worked(Gate.PLAIN_COLD_NANOS - 1);
    for (int i = 0; i < 100; i++) {
      gate.compare(1000, 1000);
    }
    assertThat(gate.isWarm()).isFalse();
  }

  @Test
  void slowVectorCodeIsSampledLessAfterAWhileAndNeverOpens() {
    SlowGate gate = new SlowGate();
    gate.worked(Gate.PLAIN_COLD_NANOS);
    assertThat(gate.isDue()).isTrue();
    gate.compare(Gate.LATE_NANOS, 10_000);
    gate.compare(1_000_000_000, 10_000);
    long due = Gate.LATE_SHARE * 1_000_000_000L - Gate.PLAIN_COLD_NANOS;
    gate.worked(due - 1);
    assertThat(gate.isDue()).isFalse();
    gate.worked(1);
    assertThat(gate.isDue()).isTrue();
    gate.sample();
    assertThat(gate.isDue()).isFalse();
    assertThat(gate.isWarm()).isFalse();
  }

  @Test
  void manySamplesAreEnough() {
    Gate gate = new SlowGate();
    for (int i = 0; i < Gate.LATE_SAMPLES; i++) {
      assertThat(gate.isDue()).isTrue();
      gate.compare(1000, 10);
    }
    gate.compare(1000, 10);
    assertThat(gate.isDue()).isFalse();
  }

  @Test
  void samplesHaveAsMuchTimeAsPlainJavaAfterTheFirstResults() {
    SlowGate gate = new SlowGate();
    Warmup warmup = new Warmup();
    warmup.worked(gate, Warmup.EARLY_NANOS - 1);
    assertThat(gate.samples).isZero();
    warmup.worked(gate, 1);
    assertThat(gate.samples).isEqualTo(1);
    warmup.worked(gate, 1);
    assertThat(gate.samples).isEqualTo(1);
    warmup.worked(gate, 1_000_000_000);
    assertThat(gate.samples).isGreaterThan(1);
  }

  @Test
  void timeThatNoKernelHadUseForIsNotSavedUp() {
    SlowGate late = new SlowGate();
    late.compare(Gate.LATE_NANOS, 10_000);
    late.compare(1_000_000_000, 10_000);
    Warmup warmup = new Warmup();
    warmup.worked(late, 1_000_000_000);
    assertThat(late.samples).isZero();
    SlowGate gate = new SlowGate();
    warmup.worked(gate, 1);
    assertThat(gate.samples).isEqualTo(1);
  }

  /** Another thread's samples in between must not make one side's work another than the other's. */
  @Test
  void bothSidesDoTheSameSample() {
    int[] numbers = new int[2];
    Gate gate =
        new Gate() {
          @Override
          void vector(int sample) {
            numbers[0] = sample;
            compare(30_000, 1000);
          }

          @Override
          void plain(int sample) {
            numbers[1] = sample;
          }
        };
    gate.sample();
    assertThat(numbers[1]).isEqualTo(numbers[0]);
  }

  @Test
  void allKernelsThatWereAskedForHaveSamplesInTurn() {
    SlowGate slow = new SlowGate();
    FastGate fast = new FastGate();
    Warmup warmup = new Warmup();
    warmup.worked(slow, Gate.PLAIN_COLD_NANOS);
    warmup.worked(fast, Gate.PLAIN_COLD_NANOS);
    for (int i = 0; i < 10 && !fast.isWarm(); i++) {
      warmup.worked(slow, 1_000_000_000);
    }
    assertThat(fast.isWarm()).isTrue();
    assertThat(fast.samples).isEqualTo(Gate.PROOFS);
    int before = slow.samples;
    warmup.worked(slow, 1);
    assertThat(slow.samples).isGreaterThan(before);
    assertThat(fast.samples).isEqualTo(Gate.PROOFS);
  }
}
