package io.github.lanewise.jvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When a gate opens, whom it calls and how often, with a kernel and a thread of the test's own. */
class GateTest {
  /** A kernel that allocates until it is compiled, or for good in one of its branches. */
  private static final class Kernel extends Gate {
    private final BitSet worked = new BitSet();
    private int calls;
    private int turned;
    private int works;
    private boolean isCompiled;
    private int bad = -1;
    private boolean isCounted = true;
    private final List<Integer> again = new ArrayList<>();
    private long allocated;

    Kernel(int variants) {
      this(variants, 2);
    }

    Kernel(int variants, int effort) {
      super("kernel", variants, effort);
    }

    @Override
    public void call(int work) {
      if (work <= AGAIN) {
        again.add(work);
        return;
      }
      calls++;
      turned += turns;
      allocated += isCompiled ? 0 : 64;
      leaveIfNone(work == NONE ? 0 : 1);
      works++;
      worked.set(work);
      allocated += !isCompiled || work == bad ? 64 : 0;
    }

    @Override
    long allocatedBytes(long thread) {
      return isCounted ? allocated : -1;
    }

    void untilItPauses(long now) {
      while (isDue(now)) {
        advance(now);
      }
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
    for (Kernel kernel : List.of(new Kernel(1), new Kernel(5))) {
      kernel.advance(50);
      assertThat(kernel.isWarm()).isFalse();
      kernel.isCompiled = true;
      kernel.advance(51);
      assertThat(kernel.isWarm()).isTrue();
      assertThat(kernel.isDue(Long.MAX_VALUE)).isFalse();
    }
  }

  @Test
  void staysShutForOneBranchThatAllocates() {
    for (int bad = 0; bad < 5; bad++) {
      Kernel kernel = new Kernel(5);
      kernel.isCompiled = true;
      kernel.bad = bad;
      kernel.advance(300);
      assertThat(kernel.isWarm()).as("branch %d", bad).isFalse();
      assertThat(kernel.isLate()).isTrue();
    }
  }

  @Test
  void staysShutWhereNobodyCountsBytes() {
    Kernel kernel = new Kernel(1);
    kernel.isCompiled = true;
    kernel.isCounted = false;
    kernel.advance(50);
    assertThat(kernel.isWarm()).isFalse();
    kernel.isCounted = true; // another thread, say
    kernel.advance(51);
    assertThat(kernel.isWarm()).isTrue();
  }

  /**
   * HotSpot has C1 compile what was called 100 times and 2000 with its turns, and C2 what was
   * called 600 times and 15000 with its turns.
   */
  @Test
  void aKernelIsCalledOftenAndWorksSeldom() {
    Kernel kernel = new Kernel(5);
    kernel.untilItPauses(0);
    assertThat(kernel.calls).as("before C1").isBetween(100, 1000);
    assertThat(kernel.calls + kernel.turned).as("with turns").isGreaterThan(2000);
    assertThat(kernel.works).as("work before C1").isZero();
    int before = kernel.calls;
    int turned = kernel.turned;
    kernel.untilItPauses(Gate.C1_NANOS);
    int calls = kernel.calls - before;
    assertThat(calls).as("before C2").isBetween(600, 2000);
    assertThat(calls + kernel.turned - turned).as("with turns").isGreaterThan(15_000);
    assertThat(kernel.works).as("work, so that C2 knows the branches").isBetween(20, 200);
    assertThat(kernel.worked.cardinality()).as("every branch").isEqualTo(5);
  }

  /** It has no turns: HotSpot has C1 compile it after 200 calls, C2 after 5000. */
  @Test
  void aSmallKernelIsCalledMoreOften() {
    Kernel kernel = new Kernel(5, 1);
    assertThat(kernel.isSmall()).isTrue();
    kernel.untilItPauses(0);
    assertThat(kernel.calls).as("before C1").isBetween(200, 2000);
    int before = kernel.calls;
    kernel.untilItPauses(Gate.C1_NANOS);
    assertThat(kernel.calls - before).as("before C2").isBetween(5120, 12_000);
    assertThat(kernel.works).as("work, no more than of a large one").isBetween(20, 200);
  }

  /** C2's code is there, as nothing is allocated at the kernel's top, and it is bad. */
  @Test
  void aKernelIsCompiledAnewWhereC2LeftObjects() {
    Kernel kernel = new Kernel(5);
    kernel.bad = 3;
    kernel.advance(50);
    assertThat(kernel.again).as("before C2 has come").isEmpty();
    kernel.isCompiled = true;
    kernel.advance(53);
    assertThat(kernel.again).as("since it has, by another branch each time").startsWith(-2, -3);
    kernel.advance(58);
    assertThat(kernel.again).as("until there is none").containsExactly(-2, -3, -4);
    assertThat(kernel.isWarm()).isFalse();
    kernel.bad = -1;
    kernel.advance(60);
    assertThat(kernel.isWarm()).isTrue();
  }

  /**
   * Where C2 is late, it asks for more calls; where C1 was, work before it did not count. Of a loop
   * with 40000 turns HotSpot would have C2 compile what follows it, before the kernel.
   */
  @Test
  void aKernelThatWaitsIsCalledAndWorksOn() {
    Kernel kernel = new Kernel(5);
    kernel.advance(10);
    int calls = kernel.calls;
    int works = kernel.works;
    kernel.advance(90);
    assertThat(kernel.calls - calls).as("calls in 0.3 s").isBetween(5000, 40_000);
    assertThat(kernel.works - works).as("work in 0.3 s").isBetween(40, 500);
    assertThat(kernel.turned).as("turns").isLessThan(36_000);
    assertThat(Gate.turns).as("turns of a run").isZero();
  }

  @Test
  void onlyCallsWithoutWorkLeave() {
    Gate.leaveIfNone(1);
    Gate.leaveIfNone(-1);
    assertThatThrownBy(() -> Gate.leaveIfNone(0)).hasMessage("no work");
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
