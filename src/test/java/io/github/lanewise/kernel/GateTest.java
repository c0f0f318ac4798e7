package io.github.lanewise.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When vector code takes over, on times that are made up. */
class GateTest {
  private static final long WORK = Gate.MEASURABLE;

  private int samples;

  private final Gate gate =
      new Gate(WORK) {
        @Override
        void sample() {
          samples++;
        }
      };

  @Test
  void opensOnceVectorCodeIsAsFastAsPlainJavaSeveralTimes() {
    gate.vector(10 * Gate.PLAIN_COLD_NANOS); // so that plain() below samples nothing
    gate.plain(Gate.PLAIN_COLD_NANOS, WORK);
    gate.plain(1000, WORK);
    assertThat(samples).isZero();
    for (int i = 1; i < Gate.PROOFS; i++) {
      gate.vector(1000);
    }
    gate.vector(30_000);
    for (int i = 1; i < Gate.PROOFS; i++) {
      gate.vector(1000);
    }
    assertThat(gate.isWarm()).isFalse();
    gate.vector(1000);
    assertThat(gate.isWarm()).isTrue();
    gate.vector(30_000);
    assertThat(gate.isWarm()).isTrue();
  }

  @Test
  void samplesUntilItIsOpen() {
    gate.plain(Gate.PLAIN_COLD_NANOS, WORK);
    assertThat(samples).isEqualTo(Gate.PROOFS);
    assertThat(gate.isWarm()).isTrue();
    gate.plain(Gate.PLAIN_COLD_NANOS, WORK);
    assertThat(samples).isEqualTo(Gate.PROOFS);
  }

  @Test
  void timesOfInterpretedPlainJavaProveNothing() {
    gate.vector(10 * Gate.PLAIN_COLD_NANOS);
    gate.plain(Gate.PLAIN_COLD_NANOS - 1, WORK);
    for (int i = 0; i < 100; i++) {
      gate.vector(1000);
    }
    assertThat(gate.isWarm()).isFalse();
  }

  @Test
  void timesOfLittleWorkProveNothing() {
    gate.vector(10 * Gate.PLAIN_COLD_NANOS);
    gate.plain(Gate.PLAIN_COLD_NANOS, WORK - 1);
    for (int i = 0; i < 100; i++) {
      gate.vector(1000);
    }
    assertThat(gate.isWarm()).isFalse();
  }

  @Test
  void opensAfterASecondOfVectorCodeHoweverSlow() {
    for (long vector = 10_000_000; vector < Gate.MOST_NANOS; vector += 10_000_000) {
      gate.vector(10_000_000);
      assertThat(gate.isWarm()).isFalse();
    }
    gate.vector(10_000_000);
    assertThat(gate.isWarm()).isTrue();
  }

  @Test
  void opensAfterManySamplesWhateverTheirTime() {
    for (int i = 1; i < Gate.MOST_TURNS; i++) {
      gate.vector(1);
      assertThat(gate.isWarm()).isFalse();
    }
    gate.vector(1);
    assertThat(gate.isWarm()).isTrue();
  }

  @Test
  void manyShortCallsHaveASampleEach() {
    gate.vector(10 * Gate.PLAIN_COLD_NANOS);
    for (int i = 0; i < Gate.MANY_CALLS; i++) {
      gate.plain(1, 1);
    }
    assertThat(samples).isZero();
    gate.plain(1, 1);
    gate.plain(1, 1);
    assertThat(samples).isEqualTo(2);
  }

  @Test
  void vectorCodeFirstTakesAQuarterOfTheTimeThenThree() {
    gate.vector(30_000_000);
    gate.plain(89_999_999, WORK);
    assertThat(gate.isVectorsTurn()).isFalse();
    assertThat(samples).isZero();
    gate.vector(270_000_001);
    gate.plain(10_000_001, WORK);
    assertThat(gate.isVectorsTurn()).isFalse();
    gate.plain(1, WORK);
    assertThat(samples).isPositive();
  }
}
