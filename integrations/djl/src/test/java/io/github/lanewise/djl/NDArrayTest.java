package io.github.lanewise.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.modality.cv.Image.Interpolation;
import ai.djl.modality.cv.util.NDImageUtils;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each operation against its definition, element by element. */
class NDArrayTest {
  enum Type {
    FLOAT32,
    FLOAT64,
    INT8,
    UINT8,
    INT32,
    INT64,
    BOOLEAN;

    final DataType of = DataType.valueOf(name());
  }

  private final NDManager manager = Engine.getEngine("Lanewise").newBaseManager();
  private final Random random = new Random(7);

  @AfterEach
  void close() {
    manager.close();
  }

  /** Whole numbers that the type has, none twice in a row of 2 at least. */
  private NDArray random(DataType type, long... sizes) {
    double[] values = random.ints(new Shape(sizes).size(), 0, 100).asDoubleStream().toArray();
    if (type == DataType.BOOLEAN) {
      Arrays.setAll(values, i -> values[i] % 2);
    } else if (type != DataType.UINT8) {
      Arrays.setAll(values, i -> values[i] - 50);
    }
    return manager.create(values, new Shape(sizes)).toType(type, false);
  }

  private static double[] values(NDArray array) {
    return Arrays.stream(array.toArray()).mapToDouble(Number::doubleValue).toArray();
  }

  private static double at(NDArray array, int... index) {
    int place = 0;
    for (int axis = 0; axis < index.length; axis++) {
      place = place * (int) array.size(axis) + index[axis];
    }
    return array.toArray()[place].doubleValue();
  }

  private static void check(
      NDArray found, DataType type, Shape shape, ToDoubleFunction<int[]> definition) {
    assertThat(found.getDataType()).isEqualTo(type);
    assertThat(found.getShape()).isEqualTo(shape);
    double[] expected = new double[(int) shape.size()];
    for (int i = 0; i < expected.length; i++) {
      int[] index = new int[shape.dimension()];
      for (int axis = index.length - 1, rest = i; axis >= 0; axis--) {
        index[axis] = rest % (int) shape.get(axis);
        rest /= (int) shape.get(axis);
      }
      expected[i] = definition.applyAsDouble(index) + 0.0; // -0 is 0
    }
    assertThat(DoubleStream.of(values(found)).map(value -> value + 0.0).toArray())
        .containsExactly(expected);
  }

  @ParameterizedTest
  @EnumSource
  void holdsValues(Type type) {
    NDArray array = random(type.of, 3, 4);
    double[] values = values(array);
    ByteBuffer bytes = array.toByteBuffer();
    assertThat(bytes.order()).isEqualTo(ByteOrder.nativeOrder());
    assertThat(bytes.remaining()).isEqualTo(12 * type.of.getNumOfBytes());
    assertThat(manager.create(bytes, array.getShape(), type.of)).isEqualTo(array);
    NDArray copy = array.duplicate();
    assertThat(copy).isEqualTo(array);
    copy.set(manager.zeros(new Shape(12), type.of).toByteBuffer());
    assertThat(values(copy)).containsOnly(0);
    assertThat(values(array)).containsExactly(values);
    assertThat(array.toString()).contains("(3, 4)", type.of.toString());
    assertThat(values(manager.ones(new Shape(2), type.of))).containsExactly(1, 1);
    assertThat(manager.create(new Shape(2, 0), type.of).isEmpty()).isTrue();
  }

  @Test
  void readsWhatDjlCreates() {
    assertThat(manager.create(new float[] {1.5f, 2}).toFloatArray()).containsExactly(1.5f, 2);
    assertThat(manager.create(new double[] {1.1}).toDoubleArray()).containsExactly(1.1);
    assertThat(manager.create(new int[][] {{1, 2}, {3, 4}}).toIntArray())
        .containsExactly(1, 2, 3, 4);
    assertThat(manager.create(new long[] {1L << 60}).toLongArray()).containsExactly(1L << 60);
    assertThat(manager.create(new boolean[] {true, false}).toBooleanArray())
        .containsExactly(true, false);
    ByteBuffer big = ByteBuffer.allocate(12).order(ByteOrder.BIG_ENDIAN);
    big.putInt(9).putInt(5).putInt(6).position(4);
    assertThat(manager.create(big, new Shape(2), DataType.INT32).toIntArray())
        .containsExactly(5, 6);
    assertThat(big.position()).isEqualTo(4);
    byte[] bytes = {-1, 2};
    assertThat(manager.create(ByteBuffer.wrap(bytes), new Shape(2), DataType.UINT8).toUint8Array())
        .containsExactly(255, 2);
    assertThat(manager.create(bytes, new Shape(2)).toByteArray()).containsExactly(bytes);
    NDArray truths = manager.create(ByteBuffer.wrap(bytes), new Shape(2), DataType.BOOLEAN);
    assertThat(truths.toByteArray()).containsExactly(1, 1);
    assertThatThrownBy(() -> manager.create(new float[3], new Shape(4)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data.remaining() = 3 must be 4 values of float32");
    assertThatThrownBy(() -> manager.create(big, new Shape(1), DataType.FLOAT16))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("type = float16 must be float32");
  }

  @Test
  void fillsAndCounts() {
    assertThat(manager.full(new Shape(2), 2.5f).toFloatArray()).containsExactly(2.5f, 2.5f);
    assertThat(manager.arange(2, 9, 3).toIntArray()).containsExactly(2, 5, 8);
    assertThat(manager.arange(1f, 0f, -0.25f).toFloatArray())
        .containsExactly(1, 0.75f, 0.5f, 0.25f);
    assertThat(manager.arange(0f).size()).isZero();
    assertThatThrownBy(() -> manager.arange(0f, 1f, 0f))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("step = 0.0");
  }

  @ParameterizedTest
  @EnumSource
  void converts(Type type) {
    NDArray from = random(type.of, 50);
    for (Type to : Type.values()) {
      check(
          from.toType(to.of, false),
          to.of,
          from.getShape(),
          i ->
              switch (to) {
                case UINT8 -> (int) at(from, i) & 255;
                case BOOLEAN -> at(from, i) == 0 ? 0 : 1;
                default -> at(from, i);
              });
    }
    assertThat(manager.create(new float[] {-1.7f, 2.9f}).toType(DataType.INT32, false).toIntArray())
        .containsExactly(-1, 2);
    assertThat(from.toType(type.of, false)).isSameAs(from);
    assertThat(from.toType(type.of, true)).isNotSameAs(from).isEqualTo(from);
  }

  @ParameterizedTest
  @EnumSource
  void changesShapes(Type type) {
    NDArray x = random(type.of, 2, 3, 4);
    DataType t = type.of;
    check(x.reshape(4, -1), t, new Shape(4, 6), i -> values(x)[i[0] * 6 + i[1]]);
    check(x.flatten(), t, new Shape(24), i -> values(x)[i[0]]);
    check(x.transpose(), t, new Shape(4, 3, 2), i -> at(x, i[2], i[1], i[0]));
    check(x.transpose(2, 0, 1), t, new Shape(4, 2, 3), i -> at(x, i[1], i[2], i[0]));
    check(x.swapAxes(0, 1), t, new Shape(3, 2, 4), i -> at(x, i[1], i[0], i[2]));
    check(x.expandDims(1), t, new Shape(2, 1, 3, 4), i -> at(x, i[0], i[2], i[3]));
    check(x.expandDims(-1), t, new Shape(2, 3, 4, 1), i -> at(x, i[0], i[1], i[2]));
    check(x.expandDims(1).squeeze(1), t, x.getShape(), i -> at(x, i));
    check(x.expandDims(0).expandDims(0).squeeze(), t, x.getShape(), i -> at(x, i));
    NDArray row = random(t, 3, 1);
    check(row.broadcast(2, 3, 4), t, new Shape(2, 3, 4), i -> at(row, i[1], 0));
    check(x.tile(1, 2), t, new Shape(2, 6, 4), i -> at(x, i[0], i[1] % 3, i[2]));
  }

  @ParameterizedTest
  @EnumSource
  void splitsAndJoins(Type type) {
    NDArray x = random(type.of, 2, 6, 2);
    NDArray y = random(type.of, 2, 1, 2);
    DataType t = type.of;
    NDList thirds = x.split(3, 1);
    assertThat(thirds).hasSize(3);
    check(thirds.get(2), t, new Shape(2, 2, 2), i -> at(x, i[0], 4 + i[1], i[2]));
    NDList parts = x.split(new long[] {1, 4}, 1);
    assertThat(parts).hasSize(3);
    check(parts.get(0), t, new Shape(2, 1, 2), i -> at(x, i[0], 0, i[2]));
    check(parts.get(1), t, new Shape(2, 3, 2), i -> at(x, i[0], 1 + i[1], i[2]));
    check(parts.get(2), t, new Shape(2, 2, 2), i -> at(x, i[0], 4 + i[1], i[2]));
    check(x.concat(y, 1), t, new Shape(2, 7, 2), i -> i[1] < 6 ? at(x, i) : at(y, i[0], 0, i[2]));
    NDArray z = random(t, 2, 6, 2);
    check(
        NDArrays.stack(new NDList(x, z)),
        t,
        new Shape(2, 2, 6, 2),
        i -> at(i[0] == 0 ? x : z, i[1], i[2], i[3]));
    check(x.stack(z, -1), t, new Shape(2, 6, 2, 2), i -> at(i[3] == 0 ? x : z, i[0], i[1], i[2]));
    check(
        y.pad(new Shape(1, 0, 2, 3), 1),
        t,
        new Shape(2, 6, 3),
        i -> i[1] != 2 || i[2] == 0 ? 1 : at(y, i[0], 0, i[2] - 1));
    NDArray mixed = x.concat(manager.ones(new Shape(2, 1, 2), DataType.FLOAT64), 1);
    assertThat(mixed.getDataType()).isEqualTo(DataType.FLOAT64);
  }

  @ParameterizedTest
  @EnumSource
  void readsParts(Type type) {
    NDArray x = random(type.of, 3, 4, 5);
    DataType t = type.of;
    check(x.get(1), t, new Shape(4, 5), i -> at(x, 1, i[0], i[1]));
    check(x.get(-1, 2), t, new Shape(5), i -> at(x, 2, 2, i[0]));
    check(x.get(":, 1:3, ::2"), t, new Shape(3, 2, 3), i -> at(x, i[0], i[1] + 1, 2 * i[2]));
    check(x.get("..., :2"), t, new Shape(3, 4, 2), i -> at(x, i));
    check(x.get("..., 2:"), t, new Shape(3, 4, 3), i -> at(x, i[0], i[1], i[2] + 2));
    check(x.get(1, 2, 3), t, new Shape(), i -> at(x, 1, 2, 3));
    NDArray chosen = manager.create(new long[] {2, 0, -1});
    check(x.get(chosen), t, new Shape(3, 4, 5), i -> at(x, i[0] == 1 ? 0 : 2, i[1], i[2]));
    check(
        x.get(":, {}", chosen),
        t,
        new Shape(3, 3, 5),
        i -> at(x, i[0], new int[] {2, 0, 3}[i[1]], i[2]));
    NDArray mask = manager.create(new boolean[] {true, false, true});
    check(x.get(mask), t, new Shape(2, 4, 5), i -> at(x, 2 * i[0], i[1], i[2]));
    NDArray all = manager.ones(x.getShape(), DataType.BOOLEAN);
    check(x.get(all), t, new Shape(60), i -> values(x)[i[0]]);
    check(
        x.booleanMask(manager.create(new boolean[] {false, true, true, false}), 1),
        t,
        new Shape(3, 2, 5),
        i -> at(x, i[0], i[1] + 1, i[2]));
    check(x.get(mask.gt(2)), t, new Shape(0, 4, 5), i -> 0);
    try (NDManager other = manager.newSubManager()) {
      assertThat(x.get(other, 1).getManager()).isSameAs(other);
    }
    assertThatThrownBy(() -> x.get("3"))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("axis 0");
    assertThatThrownBy(() -> x.get(manager.create(new int[] {3})))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("index 3 must be in [0, 3)");
  }

  @ParameterizedTest
  @EnumSource
  void writesParts(Type type) {
    NDArray x = random(type.of, 3, 4);
    NDArray before = x.duplicate();
    x.set(new NDIndex(":, 1"), manager.create(new int[] {0, 1, 0}));
    check(x, type.of, x.getShape(), i -> i[1] == 1 ? i[0] % 2 : at(before, i));
    x.set(new NDIndex("1:, ::2"), 1);
    check(
        x,
        type.of,
        x.getShape(),
        i -> i[1] == 1 ? i[0] % 2 : i[0] > 0 && i[1] % 2 == 0 ? 1 : at(before, i));
  }

  private static DataType common(DataType a, DataType b) {
    for (DataType type :
        new DataType[] {DataType.FLOAT64, DataType.FLOAT32, DataType.INT64, DataType.INT32}) {
      if (a == type || b == type) {
        return type;
      }
    }
    return a == b || b == DataType.BOOLEAN ? a : a == DataType.BOOLEAN ? b : DataType.INT32;
  }

  private static double wrap(double value, DataType type) {
    return switch (type) {
      case INT8 -> (byte) (int) value;
      case UINT8 -> (int) value & 255;
      case BOOLEAN -> value == 0 ? 0 : 1;
      case FLOAT32 -> (float) value;
      default -> value;
    };
  }

  @ParameterizedTest
  @EnumSource
  void combinesTypesAndShapes(Type type) {
    for (Type other : Type.values()) {
      NDArray x = random(type.of, 2, 1, 4);
      NDArray y = random(other.of, 3, 1);
      DataType t = common(type.of, other.of);
      Shape shape = new Shape(2, 3, 4);
      ToDoubleFunction<int[]> a = i -> at(x, i[0], 0, i[2]);
      ToDoubleFunction<int[]> b = i -> at(y, i[1], 0);
      check(x.add(y), t, shape, i -> wrap(a.applyAsDouble(i) + b.applyAsDouble(i), t));
      check(x.sub(y), t, shape, i -> wrap(a.applyAsDouble(i) - b.applyAsDouble(i), t));
      check(x.mul(y), t, shape, i -> wrap(a.applyAsDouble(i) * b.applyAsDouble(i), t));
      DataType quotient = t.isFloating() ? t : DataType.FLOAT32;
      check(
          x.div(y), quotient, shape, i -> wrap(a.applyAsDouble(i) / b.applyAsDouble(i), quotient));
      check(x.gt(y), DataType.BOOLEAN, shape, i -> a.applyAsDouble(i) > b.applyAsDouble(i) ? 1 : 0);
      NDArray divisor = y.mul(y).add(1).toType(other.of, false);
      if (Arrays.stream(values(divisor)).noneMatch(v -> v == 0)) {
        check(
            x.mod(divisor),
            t,
            shape,
            i -> {
              double d = at(divisor, i[1], 0);
              return wrap(a.applyAsDouble(i) - Math.floor(a.applyAsDouble(i) / d) * d, t);
            });
      }
    }
  }

  @Test
  void numbersKeepTheTypeOfArrays() {
    NDArray bytes =
        manager.create(ByteBuffer.wrap(new byte[] {-6, 3}), new Shape(2), DataType.UINT8);
    assertThat(bytes.add(10).toUint8Array()).containsExactly(4, 13);
    assertThat(bytes.mul(0.5).toFloatArray()).containsExactly(125, 1.5f);
    assertThat(bytes.div(4).toFloatArray()).containsExactly(62.5f, 0.75f);
    assertThat(bytes.gt(300).toBooleanArray()).containsExactly(false, false);
    assertThat(bytes.gt(249.5).toBooleanArray()).containsExactly(true, false);
    assertThat(bytes.clip(5, 640).toUint8Array()).containsExactly(250, 5);
    NDArray wide = manager.create(new long[] {(1L << 60) + 1});
    assertThat(wide.add(1).toLongArray()).containsExactly((1L << 60) + 2);
    assertThat(manager.create(true).add(1).toLongArray()).containsExactly(2);
    NDArray floats = manager.create(new float[] {-1.5f, 0.1f, Float.NaN});
    assertThat(floats.clip(-1, 0.05).toFloatArray()).containsExactly(-1, 0.05f, Float.NaN);
    assertThat(floats.floor().toFloatArray()).containsExactly(-2, 0, Float.NaN);
    assertThat(floats.mod(1).toFloatArray()).containsExactly(0.5f, 0.1f, Float.NaN);
    assertThat(floats.mod(-1).toFloatArray()).containsExactly(-0.5f, 0.1f - 1, Float.NaN);
    assertThat(floats.sub(0.1f).toFloatArray()).containsExactly(-1.6f, 0, Float.NaN);
    assertThat(bytes.floor().toUint8Array()).containsExactly(250, 3);
  }

  @Test
  void writesIntoItself() {
    NDArray x = manager.create(new float[] {1, 2});
    NDArray two = manager.create(new int[] {2, 2});
    assertThat(x.addi(1).subi(two).muli(two).divi(4).addi(two).subi(1).muli(2).divi(two))
        .isSameAs(x);
    assertThat(x.toFloatArray()).containsExactly(1, 1.5f);
    assertThat(two.divi(4).getDataType()).isEqualTo(DataType.INT32);
    assertThatThrownBy(() -> x.addi(manager.ones(new Shape(2, 2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(2, 2)");
  }

  @ParameterizedTest
  @EnumSource
  void findsTheLargest(Type type) {
    NDArray x = random(type.of, 3, 4, 5);
    DoubleBinaryOperator max = Math::max;
    check(x.max(), type.of, new Shape(), i -> DoubleStream.of(values(x)).reduce(max).orElseThrow());
    check(
        x.max(new int[] {1}),
        type.of,
        new Shape(3, 5),
        i ->
            IntStream.range(0, 4).mapToDouble(k -> at(x, i[0], k, i[1])).reduce(max).orElseThrow());
    check(
        x.max(new int[] {2, 0}, true),
        type.of,
        new Shape(1, 4, 1),
        i ->
            IntStream.range(0, 15)
                .mapToDouble(k -> at(x, k / 5, i[1], k % 5))
                .reduce(max)
                .orElseThrow());
    check(x.argMax(), DataType.INT64, new Shape(), i -> first(values(x)));
    check(
        x.argMax(1),
        DataType.INT64,
        new Shape(3, 5),
        i -> first(IntStream.range(0, 4).mapToDouble(k -> at(x, i[0], k, i[1])).toArray()));
  }

  private static int first(double[] values) {
    double max = DoubleStream.of(values).max().orElseThrow();
    return IntStream.range(0, values.length)
        .filter(i -> values[i] == max)
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @EnumSource
  void sorts(Type type) {
    NDArray x = random(type.of, 4, 6, 2);
    for (boolean ascending : new boolean[] {true, false}) {
      check(
          x.argSort(1, ascending),
          DataType.INT64,
          x.getShape(),
          i -> { // the element that so many of the others come before
            for (int k = 0; ; k++) {
              double own = at(x, i[0], k, i[2]);
              int before = 0;
              for (int j = 0; j < 6; j++) {
                double other = at(x, i[0], j, i[2]);
                before += other == own ? (j < k ? 1 : 0) : other < own == ascending ? 1 : 0;
              }
              if (before == i[1]) {
                return k;
              }
            }
          });
    }
    NDArray odd = manager.create(new float[] {Float.NaN, 0f, -0f, 1});
    assertThat(odd.argSort().toLongArray()).containsExactly(1, 2, 3, 0);
    assertThat(odd.argMax().toLongArray()).containsExactly(0);
  }

  @Test
  void softmax() {
    NDArray x = random(DataType.FLOAT32, 3, 4, 2).div(10).add(1000);
    NDArray found = x.softmax(1);
    assertThat(found.getShape()).isEqualTo(x.getShape());
    for (int i = 0; i < 24; i++) {
      int row = i / 8;
      int column = i % 2;
      double sum = 0;
      for (int k = 0; k < 4; k++) {
        sum += Math.exp(at(x, row, k, column) - 1000);
      }
      double expected = Math.exp(values(x)[i] - 1000) / sum;
      assertThat(values(found)[i]).isCloseTo(expected, within(1e-7));
    }
    assertThat(manager.create(new int[] {3, 3}).softmax(-1).toFloatArray())
        .containsExactly(0.5f, 0.5f);
  }

  @Test
  void images() {
    NDArray image = random(DataType.UINT8, 7, 5, 3);
    NDArray tensor = NDImageUtils.toTensor(image);
    check(
        tensor,
        DataType.FLOAT32,
        new Shape(3, 7, 5),
        i -> (float) (at(image, i[1], i[2], i[0]) / 255));
    check(
        NDImageUtils.toTensor(image.expandDims(0)),
        DataType.FLOAT32,
        new Shape(1, 3, 7, 5),
        i -> at(tensor, i[1], i[2], i[3]));
    float[] mean = {0.5f, 0.4f, 0.3f};
    float[] std = {0.25f, 0.5f, 2};
    check(
        NDImageUtils.normalize(tensor, mean, std),
        DataType.FLOAT32,
        tensor.getShape(),
        i -> ((float) at(tensor, i) - mean[i[0]]) / std[i[0]]);
    check(
        NDImageUtils.crop(image, 1, 2, 3, 4),
        DataType.UINT8,
        new Shape(4, 3, 3),
        i -> at(image, i[0] + 2, i[1] + 1, i[2]));
    check(
        NDImageUtils.centerCrop(image),
        DataType.UINT8,
        new Shape(5, 5, 3),
        i -> at(image, i[0] + 1, i[1], i[2]));
    check(
        NDImageUtils.resize(image, 10, 14, Interpolation.NEAREST),
        DataType.FLOAT32,
        new Shape(14, 10, 3),
        i -> at(image, i[0] / 2, i[1] / 2, i[2]));
    NDArray gray = random(DataType.UINT8, 6, 4, 1);
    check(
        NDImageUtils.resize(gray, 2, 3, Interpolation.AREA),
        DataType.FLOAT32,
        new Shape(3, 2, 1),
        i ->
            IntStream.range(0, 4)
                .mapToDouble(k -> at(gray, 2 * i[0] + k / 2, 2 * i[1] + k % 2, 0) / 4)
                .sum());
    NDArray larger = NDImageUtils.resize(gray, 8, 12);
    for (int y = 0; y < 12; y++) {
      for (int x = 0; x < 8; x++) {
        assertThat(at(larger, y, x, 0)).isCloseTo(bilinear(gray, y, x), within(1e-4));
      }
    }
  }

  /** Of an image twice as large. */
  private static double bilinear(NDArray gray, int y, int x) {
    double sum = 0;
    for (int i = 0; i < gray.size(0); i++) {
      for (int k = 0; k < gray.size(1); k++) {
        double dy = Math.clamp((y + 0.5) / 2 - 0.5, 0, (double) gray.size(0) - 1) - i;
        double dx = Math.clamp((x + 0.5) / 2 - 0.5, 0, (double) gray.size(1) - 1) - k;
        sum += Math.max(0, 1 - Math.abs(dy)) * Math.max(0, 1 - Math.abs(dx)) * at(gray, i, k, 0);
      }
    }
    return sum;
  }

  private void refused(String name, Consumer<NDArray> operation) {
    try (NDManager other = manager.newSubManager()) {
      NDArray array = manager.ones(new Shape(2, 2));
      NDArray attached = manager.ones(new Shape(2, 2));
      attached.attach(other);
      for (NDArray each : new NDArray[] {array, attached, attached.add(1)}) {
        assertThatThrownBy(() -> operation.accept(each))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageStartingWith(name + " is none of the array operations that Lanewise has");
      }
    }
  }

  @Test
  void whatIsMissingIsNamed() {
    refused("exp", NDArray::exp);
    refused("matMul", array -> array.matMul(array));
    refused("sum", array -> array.sum(new int[] {0}));
    refused("topK", array -> array.topK(1, 0));
    refused("negi", NDArray::negi);
    refused("sigmoid", array -> array.getNDArrayInternal().sigmoid());
    refused("neg", array -> array.getNDArrayInternal().rsub(1));
    refused("get with a pick index", array -> array.get(new NDIndex().addPickDim(array)));
    NDArray image = random(DataType.UINT8, 4, 4, 3);
    assertThatThrownBy(() -> NDImageUtils.resize(image, 2, 2, Interpolation.BICUBIC))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("interpolation = BICUBIC must be");
    assertThatThrownBy(() -> NDImageUtils.resize(image.toType(DataType.FLOAT32, false), 2, 2))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("resize of float32 (4, 4, 3) must be of uint8");
  }

  @Test
  void wrongArgumentsAreNamed() {
    NDArray x = manager.ones(new Shape(2, 3));
    wrong("shape = (4, -1)", () -> x.reshape(4, -1));
    wrong("axis = 2", () -> x.softmax(2));
    wrong("axes = [0, 0]", () -> x.transpose(0, 0));
    wrong("axes = [0]", () -> x.squeeze(0));
    wrong("sections = 2", () -> x.split(2, 1));
    wrong("indices = [4]", () -> x.split(new long[] {4}, 1));
    wrong("(2, 3) and (2, 4)", () -> x.concat(manager.ones(new Shape(2, 4)), 0));
    wrong("(2, 3) and (2)", () -> x.add(manager.ones(new Shape(2))));
    wrong("repeats = 0", () -> x.tile(0, 0));
    wrong("padding = (1)", () -> x.pad(new Shape(1), 0));
    wrong("[1] of (2, 0)", () -> manager.ones(new Shape(2, 0)).argMax(1));
    wrong("device = gpu(0)", () -> manager.newSubManager(Device.gpu()));
  }

  private static void wrong(String message, Runnable call) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void closesWithItsManager() {
    NDManager other = manager.newSubManager();
    NDArray inner = other.ones(new Shape(1));
    NDArray kept = other.ones(new Shape(1));
    kept.attach(manager);
    other.close();
    assertThat(inner.isReleased()).isTrue();
    assertThatThrownBy(inner::toFloatArray).isInstanceOf(IllegalStateException.class);
    assertThat(kept.toFloatArray()).containsExactly(1);
    kept.detach();
    assertThat(kept.toFloatArray()).containsExactly(1);
    kept.close();
    assertThatThrownBy(() -> kept.add(1)).isInstanceOf(IllegalStateException.class);
  }
}
