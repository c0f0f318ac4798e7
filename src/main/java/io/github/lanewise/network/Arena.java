package io.github.lanewise.network;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places tensors in one array so that no two that live at the same time overlap: the largest first,
 * each at the lowest place that is free for its whole life (greedy by size; Pisarchyk and Lee 2020,
 * arXiv:2001.03288).
 */
final class Arena {

  /** A range of floats that one or more tensors share, and the steps between which it is needed. */
  static final class Storage {
    final int size;

    /** Index in {@link io.github.lanewise.operators.Context#arrays}, 0 for the arena. */
    int array;

    int offset;
    int first = Integer.MAX_VALUE;
    int last = -1;

    Storage(int size, int array) {
      this.size = size;
      this.array = array;
    }

    void usedBy(int step) {
      first = Math.min(first, step);
      last = Math.max(last, step);
    }

    boolean livesWith(Storage other) {
      return first <= other.last && other.first <= last;
    }
  }

  /** Floats of a cache line, at whose start tensors begin where the collector allows it. */
  private static final int LINE = 16;

  /**
   * Where the first one is in a large array: G1 and ZGC place that on a page, and its first float
   * 16 bytes behind. Depthwise layers are 6 to 12 % faster then (AVX2, G1). Other arrays lie
   * anywhere.
   */
  static final int FIRST = 12;

  private Arena() {}

  /**
   * Sets every offset.
   *
   * @return the floats needed
   */
  static long place(List<Storage> storages) {
    List<Storage> bySize = new ArrayList<>(storages);
    bySize.sort(Comparator.comparingInt(s -> -s.size));
    List<Storage> placed = new ArrayList<>(); // by offset
    long end = 0;
    for (Storage s : bySize) {
      long at = FIRST;
      for (Storage p : placed) {
        if (s.livesWith(p)) {
          if (at + s.size <= p.offset) {
            break;
          }
          at = Math.max(at, aligned((long) p.offset + p.size));
        }
      }
      if (at + s.size > Integer.MAX_VALUE) {
        return at + s.size; // too large: the caller says so
      }
      s.offset = (int) at;
      int i = 0;
      while (i < placed.size() && placed.get(i).offset <= s.offset) {
        i++;
      }
      placed.add(i, s);
      end = Math.max(end, at + s.size);
    }
    return end;
  }

  /** The most that lives at the same time, which no placement can beat. */
  static long largestLive(List<Storage> storages, int steps) {
    long[] change = new long[steps + 2];
    for (Storage s : storages) {
      change[s.first] += s.size;
      change[s.last + 1] -= s.size;
    }
    long largest = 0;
    long live = 0;
    for (long c : change) {
      live += c;
      largest = Math.max(largest, live);
    }
    return largest;
  }

  private static long aligned(long offset) {
    return (offset - FIRST + LINE - 1) / LINE * LINE + FIRST;
  }
}
