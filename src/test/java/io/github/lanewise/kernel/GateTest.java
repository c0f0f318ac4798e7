package io.github.lanewise.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;

/** When a gate opens, whom it calls and how often, with a kernel and a thread of the test's own. */
class GateTest {
  private static final int ASKED = 12;

  /** A kernel that allocates until it is compiled, or for good in one of its branches. */
  private static final class Kernel extends Gate {
    private final BitSet worked = new BitSet();
    private int calls;
    private int works;
    private boolean isCompiled;
    private int bad = -1;
    private boolean isCounted = true;
    private long allocated;

    Kernel() {
      super("kernel", 5, 1);
    }

    @Override
    void call(int work) {
      calls++;
      if (work != NONE) {
        works++;
        worked.set(work);
        allocated += !isCompiled || work == bad ? 64 : 0;
      }
    }

    @Override
    long allocatedBytes(long thread) {
      return isCounted ? allocated : -1;
    }

    /** As often as it is due in so many pauses. */
    void advance(int pauses) {
      for (long now = 0; now < pauses; now++) {
        while (isDue(now * PAUSE_NANOS)) {
          advance(now * PAUSE_NANOS);
        }
      }
    }
  }

  @Test
  void opensOnceCallsAllocateNothing() {
    Kernel kernel = new Kernel();
    kernel.advance(50);
    assertThat(kernel.isWarm()).isFalse();
    kernel.isCompiled = true;
    kernel.advance(51);
    assertThat(kernel.isWarm()).isTrue();
    assertThat(kernel.isDue(Long.MAX_VALUE)).isFalse();
  }

  @Test
  void staysShutForOneBranchThatAllocates() {
    for (int bad = 0; bad < 5; bad++) {
      Kernel kernel = new Kernel();
      kernel.isCompiled = true;
      kernel.bad = bad;
      kernel.advance(300);
      assertThat(kernel.isWarm()).as("branch %d", bad).isFalse();
      assertThat(kernel.isLate()).isTrue();
    }
  }

  @Test
  void staysShutWhereNobodyCountsBytes() {
    Kernel kernel = new Kernel();
    kernel.isCompiled = true;
    kernel.isCounted = false;
    kernel.advance(50);
    assertThat(kernel.isWarm()).isFalse();
    kernel.isCounted = true; // another thread, say
    kernel.advance(51);
    assertThat(kernel.isWarm()).isTrue();
  }

  /** HotSpot has C2 compile what was called 5000 times, and C1 what was called 200 times. */
  @Test
  void callsOftenAndWorksSeldom() {
    Kernel kernel = new Kernel();
    kernel.advance(0);
    assertThat(kernel.calls).isZero();
    while (kernel.isDue(0)) {
      kernel.advance(0L);
    }
    assertThat(kernel.calls).as("before C1").isBetween(200, 1000);
    assertThat(kernel.works).as("work before C1").isZero();
    int before = kernel.calls;
    while (kernel.isDue(Gate.PAUSE_NANOS)) {
      kernel.advance(Gate.PAUSE_NANOS);
    }
    assertThat(kernel.calls - before).as("before C2").isBetween(5120, 8000);
    assertThat(kernel.works).as("work before C2").isLessThan(ASKED);
    assertThat(kernel.worked.cardinality()).as("every branch").isEqualTo(5);
  }

  @Test
  void countsForVirtualThreadsWhatTheirCarriersAllocate() throws InterruptedException {
    Object[] kept = new Object[1];
    long[] made = {-1, -1};
    Thread.ofVirtual()
        .start(
            () -> {
              long carrier = AllocatedBytes.platformThread();
              for (int i = 0; i < 1000; i++) { // until the JVM has loaded what it wants
                long before = AllocatedBytes.of(carrier);
                long none = AllocatedBytes.of(carrier);
                kept[0] = new byte[1000];
                made[0] = none - before;
                made[1] = AllocatedBytes.of(carrier) - none;
              }
            })
        .join();
    assertThat(kept[0]).isNotNull();
    assertThat(made[0]).isZero();
    assertThat(made[1]).isBetween(1000L, 1100L);
  }
}
