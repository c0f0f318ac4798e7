package io.github.lanewise.jvm;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.lang.reflect.Array;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Large arrays that nobody changes, each in memory once however often it is made: networks that are
 * planned again for other shapes, or read twice, pack the same weights. Equal is what has equal
 * values; an array that nobody else holds any more is forgotten. Thread-safe.
 */
public final class SharedArrays {

  /** Values that the hash looks at: enough to tell trained weights apart. */
  private static final int SAMPLES = 32;

  private static final ConcurrentHashMap<Entry, Entry> ENTRIES = new ConcurrentHashMap<>();
  private static final ReferenceQueue<Object> FORGOTTEN = new ReferenceQueue<>();

  /** An array by its values, or by itself once it is forgotten. */
  private static final class Entry extends WeakReference<Object> {
    private final int hash;

    Entry(Object array, int hash) {
      super(array, FORGOTTEN);
      this.hash = hash;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      Object array = get();
      return this == other
          || (other instanceof Entry entry
              && hash == entry.hash
              && array != null
              && Objects.deepEquals(array, entry.get()));
    }
  }

  private SharedArrays() {}

  /**
   * The one array of such values, or of arrays of such values.
   *
   * @param array is never changed again, and may be the one
   */
  @SuppressWarnings("unchecked") // what is equal has one class
  public static <T> T of(T array) {
    for (Reference<?> gone = FORGOTTEN.poll(); gone != null; gone = FORGOTTEN.poll()) {
      ENTRIES.remove(gone);
    }
    Entry mine = new Entry(array, hash(array));
    while (true) {
      Entry found = ENTRIES.putIfAbsent(mine, mine);
      if (found == null) {
        return array;
      }
      Object held = found.get();
      if (held != null) {
        return (T) held;
      }
      ENTRIES.remove(found); // forgotten since it was found
    }
  }

  private static int hash(Object array) {
    int length = Array.getLength(array);
    int hash = 31 * length + array.getClass().hashCode();
    int step = length / SAMPLES | 1; // odd, so that samples do not fall on one column of every row
    for (int i = 0; i < length; i += step) {
      Object value = Array.get(array, i);
      hash = 31 * hash + (value.getClass().isArray() ? hash(value) : value.hashCode());
    }
    return hash;
  }
}
