package io.github.lanewise.kernel;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
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
   * The one array of such values.
   *
   * @param array is never changed again, and may be the one
   */
  public static float[] of(float[] array) {
    return (float[]) shared(array, hash(array));
  }

  /** The same for arrays of an array. */
  static float[][] of(float[][] arrays) {
    int hash = arrays.length;
    for (int i = 0, step = step(arrays.length); i < arrays.length; i += step) {
      hash = 31 * hash + hash(arrays[i]);
    }
    return (float[][]) shared(arrays, hash);
  }

  /** The same for arrays of float16. */
  static short[][] of(short[][] arrays) {
    int hash = arrays.length;
    for (short[] array : arrays) {
      for (int i = 0, step = step(array.length); i < array.length; i += step) {
        hash = 31 * hash + array[i];
      }
    }
    return (short[][]) shared(arrays, hash);
  }

  private static Object shared(Object array, int hash) {
    for (Reference<?> gone = FORGOTTEN.poll(); gone != null; gone = FORGOTTEN.poll()) {
      ENTRIES.remove(gone);
    }
    Entry mine = new Entry(array, hash);
    while (true) {
      Entry found = ENTRIES.putIfAbsent(mine, mine);
      if (found == null) {
        return array;
      }
      Object held = found.get();
      if (held != null) {
        return held;
      }
      ENTRIES.remove(found); // forgotten since it was found
    }
  }

  private static int hash(float[] array) {
    int hash = array.length;
    for (int i = 0, step = step(array.length); i < array.length; i += step) {
      hash = 31 * hash + Float.floatToIntBits(array[i]);
    }
    return hash;
  }

  /** Odd, so that samples do not fall on the same column of every row. */
  private static int step(int length) {
    return length / SAMPLES | 1;
  }
}
