package io.github.lanewise;

import io.github.lanewise.kernel.Kernels;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;

/** The arrays of numbers that objects of the product hold, directly or through others of it. */
public final class HeldArrays {
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Object> found = new ArrayDeque<>();

  private HeldArrays() {}

  /** Their bytes, of an array that is held twice once; objects may be arrays and lists. */
  public static long bytes(Object... roots) throws IllegalAccessException {
    HeldArrays held = new HeldArrays();
    held.add(roots);
    long bytes = 0;
    while (!held.found.isEmpty()) {
      switch (held.found.pop()) {
        case float[] floats -> bytes += (long) Float.BYTES * floats.length;
        case short[] halves -> bytes += (long) Short.BYTES * halves.length;
        case byte[] each -> bytes += each.length;
        case Object[] objects -> held.addAll(objects);
        case Iterable<?> list -> list.forEach(held::add);
        case Kernels _ -> {} // which share what they have
        case Object object -> held.addFields(object);
      }
    }
    return bytes;
  }

  private void add(Object object) {
    if (object != null && seen.add(object)) {
      found.push(object);
    }
  }

  private void addAll(Object[] objects) {
    for (Object object : objects) {
      add(object);
    }
  }

  private void addFields(Object object) throws IllegalAccessException {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      if (!type.getName().startsWith("io.github.lanewise.") || type.isEnum()) {
        return; // neither a list nor ours
      }
      for (Field field : type.getDeclaredFields()) {
        if (!field.getType().isPrimitive() && !Modifier.isStatic(field.getModifiers())) {
          field.setAccessible(true);
          add(field.get(object));
        }
      }
    }
  }
}
