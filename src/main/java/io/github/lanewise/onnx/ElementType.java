package io.github.lanewise.onnx;

/**
 * The type of a tensor's numbers, as the file states it. Numbers that are known when the file is
 * read are computed in it; a tensor of the network holds float32 whatever its type.
 */
enum ElementType {
  FLOAT32(1, 32, Kind.REAL),
  FLOAT64(11, 64, Kind.REAL),
  FLOAT16(10, 16, Kind.REAL),
  BFLOAT16(16, 16, Kind.REAL),
  INT2(26, 2, Kind.SIGNED),
  INT4(22, 4, Kind.SIGNED),
  INT8(3, 8, Kind.SIGNED),
  INT16(5, 16, Kind.SIGNED),
  INT32(6, 32, Kind.SIGNED),
  INT64(7, 64, Kind.SIGNED),
  UINT2(25, 2, Kind.UNSIGNED),
  UINT4(21, 4, Kind.UNSIGNED),
  UINT8(2, 8, Kind.UNSIGNED),
  UINT16(4, 16, Kind.UNSIGNED),
  UINT32(12, 32, Kind.UNSIGNED),
  UINT64(13, 64, Kind.UNSIGNED),
  BOOL(9, 8, Kind.TRUTH);

  private enum Kind {
    REAL,
    SIGNED,
    UNSIGNED,
    TRUTH
  }

  private static final ElementType[] BY_NUMBER = new ElementType[INT2.number + 1];

  static {
    for (ElementType type : values()) {
      BY_NUMBER[type.number] = type;
    }
  }

  /** TensorProto.DataType's number of it. */
  private final int number;

  /** Of one number in a file. */
  private final int bits;

  private final Kind kind;

  ElementType(int number, int bits, Kind kind) {
    this.number = number;
    this.bits = bits;
    this.kind = kind;
  }

  /** The type that a file gives a number to, or null: strings, complex numbers and 8-bit floats. */
  static ElementType of(int number) {
    return number < 0 || number >= BY_NUMBER.length ? null : BY_NUMBER[number];
  }

  /** As {@link #of}, refusing what there is not, {@code what} being the tensor or attribute. */
  static ElementType of(int number, String what) {
    ElementType type = of(number);
    if (type == null) {
      throw new OnnxException(
          what + " is of data type " + name(number) + ", which is not supported");
    }
    return type;
  }

  /** Any data type in words. */
  static String name(int number) {
    ElementType type = of(number);
    if (type != null) {
      return type.toString();
    }
    return switch (number) { // as TensorProto.DataType does
      case 0 -> "UNDEFINED";
      case 8 -> "STRING";
      case 14 -> "COMPLEX64";
      case 15 -> "COMPLEX128";
      case 17 -> "FLOAT8E4M3FN";
      case 18 -> "FLOAT8E4M3FNUZ";
      case 19 -> "FLOAT8E5M2";
      case 20 -> "FLOAT8E5M2FNUZ";
      case 23 -> "FLOAT4E2M1";
      case 24 -> "FLOAT8E8M0";
      default -> "" + number;
    };
  }

  int bits() {
    return bits;
  }

  /** Whether its numbers have fractions; the others are whole, false and true among them. */
  boolean isReal() {
    return kind == Kind.REAL;
  }

  boolean isUnsigned() {
    return kind == Kind.UNSIGNED;
  }

  /** Whether a tensor of the network holds numbers of another type as it does those of this one. */
  boolean holds(ElementType other) {
    if (isReal()) {
      return this == FLOAT32 || this == FLOAT64 || (other.bits < 16 && !other.isReal());
    }
    return !other.isReal()
        && this != BOOL
        && other.bits <= bits
        && (isUnsigned() == other.isUnsigned() || (!isUnsigned() && other.bits < bits));
  }

  /** The lowest whole number that it wraps around at; of 32 bits and more none that floats have. */
  float lowest() {
    return bits >= 32 ? -0x1p63f : isUnsigned() ? 0 : -(1 << (bits - 1));
  }

  /** The highest one. */
  float highest() {
    return bits >= 32 ? 0x1p63f : (1 << (isUnsigned() ? bits : bits - 1)) - 1;
  }

  /** A whole number as this type keeps it: its lowest bits. */
  long wrapped(long value) {
    return switch (kind) {
      case REAL -> throw new IllegalStateException(this + " is not whole");
      case TRUTH -> value == 0 ? 0 : 1;
      case SIGNED -> (value << (Long.SIZE - bits)) >> (Long.SIZE - bits);
      case UNSIGNED -> (value << (Long.SIZE - bits)) >>> (Long.SIZE - bits);
    };
  }

  /** A real number as this type keeps it: the nearest one, ties to even. */
  double rounded(double value) {
    return switch (this) {
      case FLOAT64 -> value;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
      case BFLOAT16 -> {
        int exact = Float.floatToRawIntBits((float) value);
        int up = 0x7fff + ((exact >>> 16) & 1);
        yield Double.isNaN(value) ? value : Float.intBitsToFloat((exact + up) & 0xffff_0000);
      }
      default -> (float) value;
    };
  }

  /** A whole number of this type as the real number that it is, or is next to. */
  double real(long value) {
    return this == UINT64 && value < 0 ? ((value >>> 1) | (value & 1)) * 2.0 : value;
  }

  /**
   * A real number without its fraction, as this type keeps it. Out of range the standard leaves
   * open what it is: here the lowest bits of the nearest 64-bit number.
   */
  long whole(double value) {
    if (kind == Kind.TRUTH) {
      return value == 0 ? 0 : 1;
    }
    boolean isBeyond = this == UINT64 && value >= 0x1p63;
    return wrapped(isBeyond ? (long) (value - 0x1p63) ^ Long.MIN_VALUE : (long) value);
  }

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
