package io.github.lanewise.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Reads Protocol Buffers' wire format, in which ONNX files are written, see <a
 * href="https://protobuf.dev/programming-guides/encoding/">its description</a>. What is damaged is
 * refused with an {@link OnnxException}, and so is what would become more objects in memory than a
 * limit allows: a message of two bytes becomes a hundred. Made for a process that is new, whose
 * code is interpreted: plain loops.
 */
final class WireReader {
  /** What a message's fields are read into. Where a message occurs again, it is read into, too. */
  interface Message {
    /** Reads the value of a field, or skips it. */
    void set(int field, WireReader in);
  }

  /** No numbers. */
  static final LongBuffer NO_LONGS = LongBuffer.allocate(0);

  /** No bytes. */
  static final ByteBuffer NO_BYTES = ByteBuffer.allocate(0);

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  /** What an object for a message takes at most, with the lists in it and its place in a list. */
  private static final int OBJECT = 256;

  /** The same for a text, beside its characters. */
  private static final int TEXT = 64;

  /** Messages inside of one another, at most: as many as Protocol Buffers' own readers allow. */
  private static final int MAX_DEPTH = 100;

  private final byte[] bytes;
  private final long memoryLimit;
  private long budget;
  private int position;
  private int depth;

  /** Where the message ends that is read. */
  private int limit;

  private int field;

  /** How the value of the field is written. */
  private int type;

  private WireReader(byte[] bytes, long memoryLimit) {
    this.bytes = bytes;
    this.memoryLimit = memoryLimit;
    this.budget = memoryLimit;
    this.limit = bytes.length;
  }

  /**
   * Reads a file.
   *
   * @param bytes of the file, which views of the values keep
   * @param memoryLimit for all objects that are made, in bytes
   */
  static <M extends Message> M read(byte[] bytes, long memoryLimit, M message) {
    new WireReader(bytes, memoryLimit).fields(message);
    return message;
  }

  private void fields(Message message) {
    while (position < limit) {
      int tag = (int) rawVarint();
      field = tag >>> 3;
      type = tag & 7;
      if (field == 0) {
        throw damaged("a field without a number");
      }
      message.set(field, this);
    }
  }

  private OnnxException damaged(String what) {
    return new OnnxException(
        "not an ONNX file, or truncated: "
            + what
            + " (before byte "
            + position
            + " of "
            + bytes.length
            + ")");
  }

  private void charge(long memory) {
    budget -= memory;
    if (budget < 0) {
      throw new OnnxException(
          "nodes, names, shapes and lists of numbers need more than the memory limit of "
              + memoryLimit
              + " bytes");
    }
  }

  private void expect(int wanted) {
    if (type != wanted) {
      throw damaged("field " + field + " of wire type " + type + " instead of " + wanted);
    }
  }

  /** Steps over so many bytes, and returns where they start. */
  private int step(int count) {
    if (count < 0 || count > limit - position) {
      throw damaged(
          "a value needs "
              + Integer.toUnsignedString(count)
              + " bytes, its message has "
              + (limit - position)
              + " more");
    }
    int start = position;
    position += count;
    return start;
  }

  private long rawVarint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = bytes[step(1)];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw damaged("a number of more than 10 bytes");
  }

  /** The length of what follows, of whose 64 bits 32 count. */
  private int length() {
    expect(BYTES);
    return (int) rawVarint();
  }

  private ByteBuffer view(int start, int count) {
    return ByteBuffer.wrap(bytes, start, count).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Steps over a value that nobody asks for, whatever it is. */
  void skip() {
    switch (type) {
      case VARINT -> rawVarint();
      case FIXED64 -> step(Long.BYTES);
      case BYTES -> step(length());
      case FIXED32 -> step(Integer.BYTES);
      default -> throw damaged("field " + field + " of wire type " + type); // groups, or none
    }
  }

  long varint() {
    expect(VARINT);
    return rawVarint();
  }

  float real() {
    expect(FIXED32);
    return view(step(Float.BYTES), Float.BYTES).getFloat();
  }

  /** A view of the file, little-endian. */
  ByteBuffer bytes() {
    int length = length();
    return view(step(length), length);
  }

  String text() {
    int length = length();
    int start = step(length);
    charge(TEXT + 2L * length);
    return new String(bytes, start, length, StandardCharsets.UTF_8);
  }

  /** Goes into a value, whose end becomes the limit; returns the one to be set behind it. */
  private int enter() {
    int length = length();
    int start = step(length);
    int outer = limit;
    position = start;
    limit = start + length;
    return outer;
  }

  /** Reads a message into an object, which is new or has what came before. */
  <M extends Message> M message(M into) {
    charge(OBJECT);
    if (++depth > MAX_DEPTH) {
      throw damaged("messages are nested more than " + MAX_DEPTH + " deep");
    }
    int outer = enter();
    fields(into);
    limit = outer;
    depth--;
    return into;
  }

  /**
   * Reads one or many numbers of a repeated field.
   *
   * @param before the numbers that came before; not to be used any more
   * @return all of them, from 0 to the limit
   */
  LongBuffer varints(LongBuffer before) {
    if (type == VARINT) {
      return with(before, rawVarint());
    }
    int outer = enter();
    LongBuffer all = before;
    while (position < limit) {
      all = with(all, rawVarint());
    }
    limit = outer;
    return all;
  }

  private LongBuffer with(LongBuffer before, long number) {
    int size = before.limit();
    LongBuffer all = before;
    if (size == before.capacity()) {
      int room = room(size + 1L);
      charge((long) Long.BYTES * (room - size));
      all = LongBuffer.allocate(room).put(0, before, 0, size);
    }
    return all.limit(size + 1).put(size, number);
  }

  /** Twice as much as is needed, so that numbers are moved a few times only. */
  private static int room(long needed) {
    return (int) Math.min(2 * needed, Integer.MAX_VALUE - 8L);
  }

  /**
   * Reads one or many numbers of a repeated field, of 4 or 8 bytes each.
   *
   * @param before the bytes of those that came before; not to be used any more
   * @return all of them, from 0 to the limit, little-endian: a view of the file where it has them
   *     in one piece
   */
  ByteBuffer fixed(ByteBuffer before, int width) {
    int count = width;
    if (type == BYTES) {
      count = length();
    } else {
      expect(width == Long.BYTES ? FIXED64 : FIXED32);
    }
    int start = step(count);
    if (count % width != 0) {
      throw damaged("numbers of " + width + " bytes in " + count);
    }
    int size = before.limit();
    if (size == 0) {
      return view(start, count);
    }
    ByteBuffer all = before;
    if (count > before.capacity() - size) {
      int room = room((long) size + count);
      charge(room - size);
      all = ByteBuffer.allocate(room).order(ByteOrder.LITTLE_ENDIAN).put(0, before, 0, size);
    }
    return all.limit(size + count).put(size, bytes, start, count);
  }
}
