package io.github.lanewise.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.kernel.WarmingKernels.Gate;
import org.junit.jupiter.api.Test;

/** When vector code takes over, on times that are made up. */
class WarmingKernelsTest {
  private static final long WORK = Gate.MEASURABLE;
  private final Gate gate = new Gate();

  @Test
  void opensOnceVectorCodeIsAsFastAsPlainJavaSeveralTimes() {
    gate.plain(Gate.PLAIN_COLD_NANOS, WORK);
    gate.plain(1000, WORK);
    for (int i = 1; i < Gate.PROOFS; i++) {
      gate.vector(1000, WORK);
    }
    gate.vector(30_000, WORK);
    for (int i = 1; i < Gate.PROOFS; i++) {
      gate.vector(1000, WORK);
    }
    assertThat(gate.isWarm()).isFalse();
    gate.vector(1000, WORK);
    assertThat(gate.isWarm()).isTrue();
    gate.vector(30_000, WORK);
    assertThat(gate.isWarm()).isTrue();
  }

  @Test
  void timesOfInterpretedPlainJavaProveNothing() {
    gate.plain(Gate.PLAIN_COLD_NANOS - 1, WORK);
    for (int i = 0; i < 100; i++) {
      gate.vector(1000, WORK);
    }
    assertThat(gate.isWarm()).isFalse();
  }

  @Test
  void opensAfterASecondOfVectorCodeHoweverSlow() {
    gate.plain(Gate.PLAIN_COLD_NANOS, 1_000_000 * WORK);
    long vector = 0;
    while (!gate.isWarm()) {
      if (gate.isVectorsTurn()) {
        gate.vector(10_000_000, WORK);
        vector += 10_000_000;
      } else {
        gate.plain(10_000_000, WORK);
      }
      assertThat(vector).isLessThanOrEqualTo(Gate.MOST_NANOS);
    }
  }

  @Test
  void opensAfterManyCallsHoweverSmall() {
    gate.plain(Gate.PLAIN_COLD_NANOS, WORK);
    for (int i = 0; i < Gate.MOST_TURNS; i++) {
      assertThat(gate.isWarm()).isFalse();
      gate.vector(100, 1);
    }
    assertThat(gate.isWarm()).isTrue();
  }

  @Test
  void vectorCodeFirstTakesAQuarterOfTheTimeThenHalf() {
    gate.vector(1000, WORK);
    gate.plain(2999, WORK);
    assertThat(gate.isVectorsTurn()).isFalse();
    gate.plain(1, WORK);
    assertThat(gate.isVectorsTurn()).isTrue();
    gate.vector(200_000_000, WORK);
    gate.plain(200_000_000, WORK);
    assertThat(gate.isVectorsTurn()).isTrue();
  }
}
