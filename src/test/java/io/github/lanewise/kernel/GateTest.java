package io.github.lanewise.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * When vector code takes over: on times that are made up, but for a sample that is slow on purpose.
 */
class GateTest {
  private int samples;

  private final Gate gate =
      new Gate() {
        @Override
        void vector(int sample) {
          samples++;
        }

        @Override
        void plain(int sample) {
          long since = System.nanoTime();
          while (System.nanoTime() - since < 100_000) {
            Thread.onSpinWait();
          }
        }
      };

  @Test
  void opensOnceVectorCodeIsAsFastAsPlainJavaSeveralTimes() {
    gate.compare(10 * Gate.PLAIN_COLD_NANOS, 1000); // so that worked() below samples nothing
    gate.worked(Gate.PLAIN_COLD_NANOS);
    assertThat(samples).isZero();
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
    gate.compare(30_000, 1000);
    assertThat(gate.isWarm()).isTrue();
  }

  @Test
  void samplesUntilItIsOpen() {
    gate.worked(Gate.PLAIN_COLD_NANOS);
    assertThat(samples).isEqualTo(Gate.PROOFS);
    assertThat(gate.isWarm()).isTrue();
    gate.worked(Gate.PLAIN_COLD_NANOS);
    assertThat(samples).isEqualTo(Gate.PROOFS);
  }

  @Test
  void timesOfInterpretedPlainJavaProveNothing() {
    gate.compare(10 * Gate.PLAIN_COLD_NANOS, 1000);
    gate.worked(Gate.PLAIN_COLD_NANOS - 1);
    for (int i = 0; i < 100; i++) {
      gate.compare(1000, 1000);
    }
    assertThat(gate.isWarm()).isFalse();
  }

  @Test
  void vectorCodeThatStaysSlowNeverDoesTheWorkAndTakesLittleTime() {
    gate.compare(Gate.LATE_NANOS, 10_000);
    gate.compare(1_000_000_000, 10_000); // late
    long due = Gate.LATE_SHARE * 1_000_000_000L;
    for (int i = 0; i < 2 * Gate.MANY_CALLS; i++) {
      gate.worked((due - 1) / (2 * Gate.MANY_CALLS));
    }
    assertThat(samples).isZero();
    assertThat(gate.isWarm()).isFalse();
    gate.worked(due);
    assertThat(samples).isPositive();
  }

  @Test
  void manySamplesAreEnough() {
    for (int i = 0; i < Gate.LATE_SAMPLES; i++) {
      gate.compare(1000, 10);
    }
    gate.compare(1_000_000, 10); // late
    gate.worked(Gate.LATE_SHARE * 1_000_000L - 1);
    assertThat(samples).isZero();
    gate.worked(1);
    assertThat(samples).isEqualTo(Gate.PROOFS);
  }

  @Test
  void manyShortCallsHaveASampleEach() {
    gate.compare(10 * Gate.PLAIN_COLD_NANOS, 1000);
    for (int i = 0; i < Gate.MANY_CALLS; i++) {
      gate.worked(1);
    }
    assertThat(samples).isZero();
    gate.worked(1);
    gate.worked(1);
    assertThat(samples).isEqualTo(2);
  }

  @Test
  void vectorCodeFirstTakesAQuarterOfTheTimeThenHalf() {
    gate.compare(30_000_000, 1000);
    gate.worked(89_999_999);
    assertThat(gate.isVectorsTurn()).isFalse();
    assertThat(samples).isZero();
    gate.compare(70_000_001, 1000);
    gate.worked(10_000_001);
    assertThat(gate.isVectorsTurn()).isFalse();
    gate.worked(1);
    assertThat(samples).isPositive();
  }
}
