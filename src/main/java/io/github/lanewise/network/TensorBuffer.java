package io.github.lanewise.network;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Memory of an input or output that is no array of floats: on the heap or outside of it, of another
 * type or byte order. {@link Network#run(TensorBuffer[], TensorBuffer[])} copies the values from or
 * to its beginning, where no value need be aligned. Immutable; the memory is the caller's, and as
 * thread-safe as that.
 *
 * <pre>{@code
 * TensorBuffer pixels = TensorBuffer.uint8(frame, 1 / 127.5f, 128); // -1 to 1
 * TensorBuffer scores = TensorBuffer.of(FloatBuffer.allocate(1000));
 * network.run(new TensorBuffer[] {pixels}, new TensorBuffer[] {scores});
 * }</pre>
 */
public final class TensorBuffer {
  private enum Type {
    FLOAT32(Float.BYTES),
    FLOAT16(Short.BYTES),
    UINT8(Byte.BYTES);

    final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }
  }

  private static final ValueLayout.OfFloat LITTLE =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat BIG =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  /** Whose memory other threads may reach is asked for one that is none of the caller's. */
  private static final Thread OTHER = Thread.ofPlatform().unstarted(() -> {});

  private final MemorySegment memory;
  private final Type type;
  private final ByteOrder order;
  private final float scale;
  private final int zeroPoint;

  private TensorBuffer(
      MemorySegment memory, Type type, ByteOrder order, float scale, int zeroPoint) {
    this.memory = Shapes.notNull("memory", memory);
    this.type = type;
    this.order = Shapes.notNull("order", order);
    this.scale = scale;
    this.zeroPoint = zeroPoint;
  }

  /**
   * The floats between a buffer's position and its limit, as they are now, in its byte order.
   *
   * @param values on the heap or direct; its position does not move
   * @return a view of them
   */
  public static TensorBuffer of(FloatBuffer values) {
    return float32(MemorySegment.ofBuffer(Shapes.notNull("values", values)), values.order());
  }

  /**
   * Floats.
   *
   * @param memory 4 bytes a value
   * @param order of these bytes
   * @return a view of them
   */
  public static TensorBuffer float32(MemorySegment memory, ByteOrder order) {
    return new TensorBuffer(memory, Type.FLOAT32, order, 1, 0);
  }

  /**
   * Floats of IEEE 754's binary16. An output is rounded to the nearest one.
   *
   * @param memory 2 bytes a value
   * @param order of these bytes
   * @return a view of them
   */
  public static TensorBuffer float16(MemorySegment memory, ByteOrder order) {
    return new TensorBuffer(memory, Type.FLOAT16, order, 1, 0);
  }

  /**
   * Whole numbers 0 to 255 of an input, each of which stands for {@code (number - zeroPoint) *
   * scale}.
   *
   * @param memory 1 byte a value
   * @param scale positive and finite
   * @param zeroPoint 0 to 255
   * @return a view of them
   */
  public static TensorBuffer uint8(MemorySegment memory, float scale, int zeroPoint) {
    if (!(scale > 0) || Float.isInfinite(scale)) {
      throw new IllegalArgumentException("scale = " + scale + " must be positive and finite");
    }
    if (zeroPoint < 0 || zeroPoint > 255) {
      throw new IllegalArgumentException("zeroPoint = " + zeroPoint + " must be 0 to 255");
    }
    return new TensorBuffer(memory, Type.UINT8, ByteOrder.nativeOrder(), scale, zeroPoint);
  }

  /** How many values it has. */
  long length() {
    return memory.byteSize() / type.bytes;
  }

  /** What forbids to write to it, or null. */
  String readOnly() {
    return type == Type.UINT8
        ? "is of uint8, which is for inputs"
        : memory.isReadOnly() ? "is read-only" : null;
  }

  boolean overlaps(TensorBuffer other) {
    return memory.asOverlappingSlice(other.memory).isPresent();
  }

  /** Whether threads that the caller has not started may read and write it. */
  boolean isShared() {
    return memory.isAccessibleBy(OTHER);
  }

  /** Copies {@code count} values from one on to the beginning of an array. */
  void read(long first, float[] to, int count) {
    long at = first * type.bytes;
    switch (type) {
      case FLOAT32 -> MemorySegment.copy(memory, floats(), at, to, 0, count);
      case FLOAT16 -> {
        boolean isSwapped = isSwapped();
        for (int i = 0; i < count; i++) {
          short bits = memory.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 2L * i);
          to[i] = Float.float16ToFloat(isSwapped ? Short.reverseBytes(bits) : bits);
        }
      }
      case UINT8 -> {
        for (int i = 0; i < count; i++) {
          int number = memory.get(ValueLayout.JAVA_BYTE, at + i) & 0xff;
          to[i] = (number - zeroPoint) * scale;
        }
      }
    }
  }

  /** Copies {@code count} values from the beginning of an array to one and those behind. */
  void write(long first, float[] from, int count) {
    long at = first * type.bytes;
    if (type == Type.FLOAT32) {
      MemorySegment.copy(from, 0, memory, floats(), at, count);
      return;
    }
    boolean isSwapped = isSwapped();
    for (int i = 0; i < count; i++) {
      short bits = Float.floatToFloat16(from[i]);
      memory.set(
          ValueLayout.JAVA_SHORT_UNALIGNED,
          at + 2L * i,
          isSwapped ? Short.reverseBytes(bits) : bits);
    }
  }

  private ValueLayout.OfFloat floats() {
    return order == ByteOrder.LITTLE_ENDIAN ? LITTLE : BIG;
  }

  private boolean isSwapped() {
    return order != ByteOrder.nativeOrder();
  }

  @Override
  public String toString() {
    return "%s %s".formatted(type, memory);
  }
}
