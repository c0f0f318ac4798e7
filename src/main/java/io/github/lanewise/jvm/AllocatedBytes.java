package io.github.lanewise.jvm;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;

/**
 * What a thread has allocated, to the byte. HotSpot counts it for platform threads only; what a
 * virtual thread allocates counts for the thread that carries it, which only the virtual thread's
 * string form names.
 */
public final class AllocatedBytes {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private AllocatedBytes() {}

  /** The platform thread that runs the current code, or a negative number if nobody knows. */
  public static long platformThread() {
    Thread current = Thread.currentThread();
    if (!current.isVirtual()) {
      return current.threadId();
    }
    String text = current.toString(); // VirtualThread[#21]/runnable@ForkJoinPool-1-worker-1
    String carrier = text.substring(text.lastIndexOf('@') + 1);
    long found = -1;
    for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (thread != null && thread.getThreadName().equals(carrier)) {
        if (found >= 0) {
          return -1; // two of one name
        }
        found = thread.getThreadId();
      }
    }
    return found;
  }

  /** What a platform thread has allocated, or a negative number where the JVM does not tell. */
  public static long of(long platformThread) {
    return THREADS.getThreadAllocatedBytes(platformThread);
  }
}
