package io.github.lanewise.loops;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Objects that one run at a time may use, while none does: lock-free and bounded; what does not fit
 * is left to the collector. Thread-safe.
 *
 * @param <T> what is kept
 */
public final class IdlePool<T> {
  private static final int SLOTS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

  private final AtomicReferenceArray<T> idle = new AtomicReferenceArray<>(SLOTS);

  /** An idle one, which is the caller's then, or null. */
  public T acquire() {
    for (int i = 0; i < SLOTS; i++) {
      T found = idle.get(i);
      if (found != null && idle.compareAndSet(i, found, null)) {
        return found;
      }
    }
    return null;
  }

  /** Takes one that nobody uses. */
  public void release(T one) {
    for (int i = 0; i < SLOTS; i++) {
      if (idle.get(i) == null && idle.compareAndSet(i, null, one)) {
        return;
      }
    }
  }
}
