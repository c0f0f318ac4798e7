package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Constants are read and computed in their own type, and tensors of any type of number run. */
class ElementTypeTest {
  private static final int FLOAT = 1;
  private static final int UINT8 = 2;
  private static final int INT8 = 3;
  private static final int INT64 = 7;
  private static final int BOOL = 9;
  private static final int FLOAT16 = 10;
  private static final int DOUBLE = 11;
  private static final int UINT32 = 12;
  private static final int UINT64 = 13;
  private static final int BFLOAT16 = 16;
  private static final int UINT4 = 21;
  private static final int INT4 = 22;
  private static final int UINT2 = 25;
  private static final int INT2 = 26;

  private static TestModel model() {
    return new TestModel().input("x", 1).output("y");
  }

  /** A constant as float32, added to zeros. */
  private static float[] value(TestModel m, String name) {
    return m.node("Cast", name, "f", "to", FLOAT).node("Add", "x f", "y").run(0);
  }

  private static TestModel listed(String name, int type, int... values) {
    TestModel m = model();
    TensorProto.Builder t = TensorProto.newBuilder().setName(name).setDataType(type);
    t.addDims(type == INT4 || type == UINT4 ? 2L * values.length - 1 : values.length);
    for (int value : values) {
      t.addInt32Data(value);
    }
    m.graph.addInitializer(t);
    return m;
  }

  private static TestModel doubles(double... values) {
    TestModel m = model();
    for (int i = 0; i < values.length; i++) {
      m.graph.addInitializer(
          TensorProto.newBuilder().setName("d" + i).setDataType(DOUBLE).addDoubleData(values[i]));
    }
    return m;
  }

  @Test
  void wholeNumbersWrap() {
    TestModel bytes = model().raw("a", UINT8, List.of(2L), 200, 5).raw("b", UINT8, List.of(), 231);
    assertThat(value(bytes.node("Mul", "a b", "p"), "p")).containsExactly(200 * 231 % 256, 131);
    TestModel less = model().raw("a", UINT8, List.of(1L), 3).raw("b", UINT8, List.of(1L), 4);
    assertThat(value(less.node("Sub", "a b", "p"), "p")).containsExactly(255);
    TestModel signed = model().raw("a", INT8, List.of(1L), 127).raw("b", INT8, List.of(1L), 3);
    assertThat(value(signed.node("Add", "a b", "p"), "p")).containsExactly(-126);
    TestModel longs = model().longs("a", Long.MAX_VALUE).longs("b", 1);
    assertThat(value(longs.node("Add", "a b", "p"), "p")).containsExactly(-0x1p63f);
  }

  @Test
  void doublesStayDoubles() {
    TestModel product = doubles(1e200, 1e-200).node("Mul", "d0 d1", "p");
    assertThat(value(product, "p")).containsExactly(1);
    TestModel sum = doubles(1, 1e-9).node("Add", "d0 d1", "s").node("Sub", "s d0", "p");
    assertThat(value(sum, "p")).containsExactly((float) (1 + 1e-9 - 1));
    assertThat(value(doubles(1e300).node("IsInf", "d0", "p"), "p")).containsExactly(0);
    TestModel raw = model().raw("a", DOUBLE, List.of(), 0, 0, 0, 0, 0, 0, 0xf8, 0x3f);
    assertThat(value(raw, "a")).containsExactly(1.5f);
    TestModel large = doubles(1.9e10).node("Floor", "d0", "r").node("Cast", "r", "i", "to", INT64);
    TestModel rest = large.longs("n", 1_000_000_007).node("Div", "i n", "q");
    assertThat(value(rest, "q")).containsExactly(18);
  }

  @Test
  void unsignedNumbersOf32And64Bits() {
    TestModel m = model().raw("a", UINT32, List.of(2L), 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0);
    assertThat(value(m, "a")).containsExactly(0x1p32f, 1);
    TestModel sum = model().raw("a", UINT32, List.of(1L), 0xff, 0xff, 0xff, 0xff);
    sum.raw("b", UINT32, List.of(1L), 8, 0, 0, 0);
    assertThat(value(sum.node("Add", "a b", "s"), "s")).containsExactly(7);
    TestModel listed = model();
    listed.graph.addInitializer(
        TensorProto.newBuilder().setName("a").setDataType(UINT64).addUint64Data(-2).build());
    listed.graph.addInitializer(
        TensorProto.newBuilder().setName("b").setDataType(UINT64).addUint64Data(3).build());
    assertThat(value(listed.node("Div", "a b", "q"), "q")).containsExactly((float) (0x1p64 / 3));
    TestModel top = model().raw("a", UINT64, List.of(), 0, 0, 0, 0, 0, 0, 0, 0x80);
    assertThat(value(top, "a")).containsExactly(0x1p63f);
    TestModel back = doubles(0x1p63 + 0x1p62).node("Cast", "d0", "u", "to", UINT64);
    assertThat(value(back.node("Identity", "u", "v"), "v")).containsExactly(0x1.8p63f);
  }

  @Test
  void halvesOfBothKinds() {
    TestModel m = model().raw("a", BFLOAT16, List.of(2L), 0xc0, 0x3f, 0x80, 0x7f);
    assertThat(value(m, "a")).containsExactly(1.5f, Float.POSITIVE_INFINITY);
    assertThat(value(listed("a", BFLOAT16, 0x3fc0, 0xc000), "a")).containsExactly(1.5f, -2);
    // 8 bits: halfway goes to the even one
    TestModel even = model().raw("a", BFLOAT16, List.of(2L), 0x80, 0x3f, 0x81, 0x3f);
    even.raw("b", BFLOAT16, List.of(), 0x80, 0x3b).node("Add", "a b", "s");
    assertThat(value(even, "s")).containsExactly(1, 1.015625f);
    TestModel half = model().raw("a", FLOAT16, List.of(), 0, 0x68).floats("one", List.of(), 1);
    half.node("Cast", "one", "h", "to", FLOAT16).node("Add", "a h", "s");
    assertThat(value(half, "s")).containsExactly(2048);
    assertThat(value(doubles(Double.NaN).node("Cast", "d0", "n", "to", BFLOAT16), "n")[0]).isNaN();
    TestModel cut = doubles(1.0625).node("Cast", "d0", "h", "to", FLOAT16);
    assertThat(value(cut, "h")).containsExactly(1.0625f);
  }

  @Test
  void numbersOfFourBits() {
    assertThat(value(model().raw("a", INT4, List.of(3L), 0x8f, 0x07), "a"))
        .containsExactly(-1, -8, 7);
    assertThat(value(model().raw("a", UINT4, List.of(3L), 0x8f, 0x07), "a"))
        .containsExactly(15, 8, 7);
    assertThat(value(listed("a", INT4, 0x8f, 0x07), "a")).containsExactly(-1, -8, 7);
    assertThat(value(listed("a", UINT4, 0xf1, 0x03), "a")).containsExactly(1, 15, 3);
    assertThatThrownBy(model().raw("a", INT4, List.of(3L), 1).node("Relu", "x", "y")::read)
        .hasMessageContaining("tensor 'a' has 1 bytes of values, its shape needs 2");
  }

  @Test
  void numbersOfTwoBits() {
    assertThat(value(model().raw("a", INT2, List.of(5L), 0b11_10_01_00, 0b10), "a"))
        .containsExactly(0, 1, -2, -1, -2);
    assertThat(value(model().raw("a", UINT2, List.of(5L), 0b11_10_01_00, 0b10), "a"))
        .containsExactly(0, 1, 2, 3, 2);
    TestModel four = model();
    four.graph.addInitializer(
        TensorProto.newBuilder().setName("a").setDataType(INT2).addDims(4).addInt32Data(0xe4));
    assertThat(value(four, "a")).containsExactly(0, 1, -2, -1);
    assertThatThrownBy(model().raw("a", INT2, List.of(5L), 1).node("Relu", "x", "y")::read)
        .hasMessageContaining("tensor 'a' has 1 bytes of values, its shape needs 2");
  }

  /** Numbers that are one as floats, or infinite, differ; and 2^53 + 1 is none as a double. */
  @Test
  void comparisonsAreOfTheTypeItself() {
    TestModel more = doubles(1e300, 1e301).node("Less", "d0 d1", "is");
    assertThat(value(more, "is")).containsExactly(1);
    assertThat(value(doubles(1, 1 + 1e-12).node("Equal", "d0 d1", "is"), "is")).containsExactly(0);
    assertThat(value(doubles(1, Double.NaN).node("GreaterOrEqual", "d0 d1", "is"), "is"))
        .containsExactly(0);
    TestModel longs = model().longs("a", (1L << 53) + 1, -3).longs("b", 1L << 53, 2);
    assertThat(value(longs.node("Greater", "a b", "is"), "is")).containsExactly(1, 0);
    TestModel unsigned = model().raw("a", UINT64, List.of(1L), 0, 0, 0, 0, 0, 0, 0, 0x80);
    unsigned.raw("b", UINT64, List.of(1L), 1, 0, 0, 0, 0, 0, 0, 0);
    assertThat(value(unsigned.node("GreaterOrEqual", "a b", "is"), "is")).containsExactly(1);
    TestModel truth = model().raw("a", BOOL, List.of(2L), 0, 1).raw("b", BOOL, List.of(2L), 1, 1);
    assertThat(value(truth.node("And", "a b", "is"), "is")).containsExactly(0, 1);
  }

  @Test
  void truthIsZeroOrOne() {
    assertThat(value(model().raw("a", BOOL, List.of(2L), 0, 2), "a")).containsExactly(0, 1);
    TestModel m = doubles(-0.5).node("Cast", "d0", "b", "to", BOOL);
    assertThat(value(m, "b")).containsExactly(1);
    TestModel sum = model().raw("a", BOOL, List.of(1L), 1).node("Add", "a a", "b");
    assertThatThrownBy(sum.node("Relu", "x", "y")::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("of bool and bool, must be of one type of number");
  }

  @Test
  void typesThatAreNotRead() {
    TestModel m = listed("a", 18, 1).node("Relu", "x", "y");
    assertThatThrownBy(m::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("tensor 'a' is of data type FLOAT8E4M3FNUZ, which is not supported");
    TestModel mixed = model().longs("i", 1).floats("f", List.of(1L), 1).node("Mul", "i f", "z");
    assertThatThrownBy(mixed.node("Relu", "x", "y")::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("the operands are of int64 and float32, must be of one type");
    assertThatThrownBy(listed("a", 99, 1).node("Relu", "x", "y")::read)
        .hasMessageContaining("tensor 'a' is of data type 99, which is not supported");
    for (TensorProto.DataType type : TensorProto.DataType.values()) {
      ElementType read = ElementType.of(type.getNumber());
      String name = read == null ? type.name() : read.toString();
      assertThat(ElementType.name(type.getNumber())).isEqualTo(name);
      assertThat(name.toUpperCase(Locale.ROOT).replaceFirst("^FLOAT(32|64)$", "REAL$1"))
          .isEqualTo(
              type == TensorProto.DataType.FLOAT
                  ? "REAL32"
                  : type == TensorProto.DataType.DOUBLE ? "REAL64" : type.name());
    }
  }

  /** Exactly up to 2^24. */
  @Test
  void inputsOfOtherTypesAreFloats() {
    for (int type : new int[] {UINT8, INT64, FLOAT16, DOUBLE, BFLOAT16}) {
      TestModel m = new TestModel().typedInput("n", type, 2).output("y");
      m.node("Cast", "n", "f", "to", FLOAT).node("Relu", "f", "y");
      assertThat(m.read().run(Map.of("n", new float[] {16_777_216, -3})).get("y"))
          .containsExactly(16_777_216, 0);
    }
    TestModel whole = new TestModel().input("x", 1).output("y").node("Cast", "x", "y", "to", INT64);
    assertThat(whole.read().run(Map.of("x", new float[] {-2.7f})).get("y")).containsExactly(-2);
  }
}
