package io.github.lanewise.loops;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/**
 * What one run at a time writes to, kept between runs: lock-free, bounded; what does not fit is
 * left to the collector.
 */
public final class Pool<T> {
  private static final int SLOTS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

  private final AtomicReferenceArray<T> idle = new AtomicReferenceArray<>(SLOTS);
  private final Supplier<T> maker;

  /** A pool that is empty, and what it asks for more. */
  public Pool(Supplier<T> maker) {
    this.maker = maker;
  }

  /** One that nobody else has until it is released. */
  public T acquire() {
    for (int i = 0; i < SLOTS; i++) {
      T found = idle.get(i);
      if (found != null && idle.compareAndSet(i, found, null)) {
        return found;
      }
    }
    return maker.get();
  }

  /** Takes one back. */
  public void release(T used) {
    for (int i = 0; i < SLOTS; i++) {
      if (idle.get(i) == null && idle.compareAndSet(i, null, used)) {
        return;
      }
    }
  }
}
