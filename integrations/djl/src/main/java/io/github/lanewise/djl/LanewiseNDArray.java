package io.github.lanewise.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;

/**
 * An array on the Java heap. Every operation returns a new one, but those that DJL defines to write
 * into this one. As thread-safe as a Java array.
 *
 * <p>Types mix as in PyTorch: the result of two arrays has the type of more range, floats above
 * integers; a number has the array's type, but a fraction makes float32 of integers; a quotient of
 * integers is float32, and a remainder has the divisor's sign.
 */
final class LanewiseNDArray extends MissingOperations {
  /** Pairs are combined as integers if both are, and that is defined; some results are boolean. */
  private record Operator(
      DoubleBinaryOperator floats, LongBinaryOperator integers, boolean isComparison) {
    static final Operator ADD = of((a, b) -> a + b, (a, b) -> a + b);
    static final Operator SUB = of((a, b) -> a - b, (a, b) -> a - b);
    static final Operator MUL = of((a, b) -> a * b, (a, b) -> a * b);
    static final Operator DIV = of((a, b) -> a / b, null);
    static final Operator MOD = of(Operator::mod, Math::floorMod);
    static final Operator MAX = of(Math::max, Math::max);
    static final Operator MIN = of(Math::min, Math::min);
    static final Operator GT = new Operator((a, b) -> a > b ? 1 : 0, (a, b) -> a > b ? 1 : 0, true);

    private static Operator of(DoubleBinaryOperator floats, LongBinaryOperator integers) {
      return new Operator(floats, integers, false);
    }

    private static double mod(double a, double b) {
      double rest = a % b;
      return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
    }
  }

  private Object values;

  LanewiseNDArray(LanewiseNDManager manager, Object values, Shape shape, DataType type) {
    super(manager, manager.alternative(), shape, type);
    this.values = values;
    manager.attachInternal(uid, this);
    NDScope.register(this);
  }

  /** The Java array itself. */
  Object values() {
    if (isReleased()) {
      throw new IllegalStateException("the array is closed");
    }
    return values;
  }

  private LanewiseNDManager own() {
    return manager instanceof LanewiseNDManager own ? own : LanewiseNDManager.SYSTEM;
  }

  private LanewiseNDArray array(Object result, Shape resultShape, DataType type) {
    LanewiseNDArray array = own().array(result, resultShape, type);
    if (!(manager instanceof LanewiseNDManager)) {
      array.attach(manager);
    }
    return array;
  }

  private int rank() {
    return getShape().dimension();
  }

  private int size(int from, int to) {
    return Axes.size(getShape(), from, to);
  }

  @Override
  public void detach() {
    manager.detachInternal(getUid());
    manager = LanewiseNDManager.SYSTEM;
  }

  /** Another engine's manager, or {@link Unsupported#MANAGER}. */
  NDManager alternative() {
    return alternativeManager;
  }

  @Override
  public void intern(NDArray replaced) {
    LanewiseNDArray from = own().from(replaced);
    if (!from.getShape().equals(getShape())) {
      throw new IllegalArgumentException(
          "replaced has the shape %s, which must be %s".formatted(from.getShape(), getShape()));
    }
    values = Values.convert(from.values(), from.getDataType(), getDataType());
    replaced.close();
  }

  @Override
  public void close() {
    super.close();
    values = null;
  }

  // Values in and out

  @Override
  public void set(Buffer buffer) {
    values = Values.read(buffer, getDataType(), Axes.size(getShape()));
  }

  @Override
  public ByteBuffer toByteBuffer(boolean tryDirect) {
    return Values.bytes(values(), getDataType(), Axes.size(getShape()));
  }

  @Override
  public float[] toFloatArray() {
    return values() instanceof float[] floats ? floats.clone() : super.toFloatArray();
  }

  @Override
  public NDArray toType(DataType type, boolean copy) {
    if (type == getDataType() && !copy) {
      return this;
    }
    NDArray array = array(Values.convert(values(), getDataType(), type), getShape(), type);
    array.setName(getName());
    return array;
  }

  // Shapes

  private LanewiseNDArray view(Shape result, int[] strides, int offset) {
    int[] from = Axes.places(result, strides, offset);
    Object dst = Values.allocate(getDataType(), from.length);
    Values.move(values(), from, dst, IntStream.range(0, from.length).toArray());
    return array(dst, result, getDataType());
  }

  @Override
  public LanewiseNDArray reshape(Shape wanted) {
    long[] sizes = wanted.getShape().clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] != -1) {
        known *= sizes[i];
      } else if (open < 0) {
        open = i;
      } else {
        throw new IllegalArgumentException("shape = " + wanted + " must have -1 once at most");
      }
    }
    if (open >= 0 && known > 0) {
      sizes[open] = size() / known;
    }
    Shape found = new Shape(sizes);
    if (Axes.size(found) != size()) {
      throw new IllegalArgumentException(
          "shape = %s must have the %d values of %s".formatted(wanted, size(), getShape()));
    }
    return view(found, Axes.strides(found), 0);
  }

  @Override
  public NDArray flatten() {
    return reshape(new Shape(size()));
  }

  @Override
  public NDArray expandDims(int axis) {
    return reshape(Axes.with(getShape(), Axes.axis(axis, rank() + 1), 1));
  }

  @Override
  public NDArray squeeze(int[] axes) {
    int[] found = Axes.axes(axes, rank());
    if (Axes.size(Axes.sizes(getShape(), found)) != 1) {
      throw new IllegalArgumentException(
          "axes = %s of %s must have the size 1".formatted(Arrays.toString(axes), getShape()));
    }
    return reshape(Axes.without(getShape(), found, false));
  }

  @Override
  public NDArray transpose() {
    return transpose(IntStream.range(0, rank()).map(axis -> rank() - 1 - axis).toArray());
  }

  @Override
  public LanewiseNDArray transpose(int... axes) {
    int[] order = Axes.axes(axes, rank());
    if (order.length != rank()) {
      throw new IllegalArgumentException(
          "axes = %s must be all %d axes".formatted(Arrays.toString(axes), rank()));
    }
    return view(Axes.sizes(getShape(), order), Axes.pick(Axes.strides(getShape()), order), 0);
  }

  @Override
  public NDArray broadcast(Shape wanted) {
    if (!Axes.broadcast(getShape(), wanted).equals(wanted)) {
      throw new IllegalArgumentException(
          "shape = %s must be what %s repeats to".formatted(wanted, getShape()));
    }
    return view(wanted, Axes.strides(getShape(), wanted), 0);
  }

  @Override
  public NDList split(long sections, int axis) {
    long size = getShape().get(Axes.axis(axis, rank()));
    if (sections < 1 || size % sections != 0) {
      throw new IllegalArgumentException(
          "sections = %d must divide the %d of axis %d".formatted(sections, size, axis));
    }
    return split(
        IntStream.range(1, (int) sections).mapToLong(i -> i * (size / sections)).toArray(), axis);
  }

  @Override
  public NDList split(long[] indices, int axis) {
    int along = Axes.axis(axis, rank());
    long end = size(along);
    NDList parts = new NDList(indices.length + 1);
    for (int i = 0; i <= indices.length; i++) {
      long from = i == 0 ? 0 : indices[i - 1];
      long to = i == indices.length ? end : indices[i];
      if (from < 0 || from > to || to > end) {
        throw new IllegalArgumentException(
            "indices = %s must ascend from 0 to %d".formatted(Arrays.toString(indices), end));
      }
      int[] strides = Axes.strides(getShape());
      Shape part = Shape.update(getShape(), along, to - from);
      parts.add(view(part, strides, (int) from * strides[along]));
    }
    return parts;
  }

  LanewiseNDArray concat(NDList others, int axis) {
    int along = Axes.axis(axis, rank());
    long sum = 0;
    for (NDArray each : with(others)) {
      Shape other = each.getShape();
      if (other.dimension() != rank()
          || !Axes.without(other, new int[] {along}, true)
              .equals(Axes.without(getShape(), new int[] {along}, true))) {
        throw new IllegalArgumentException(
            "shapes %s and %s must be equal, but in axis %d".formatted(getShape(), other, along));
      }
      sum += other.get(along);
    }
    return join(others, along, Shape.update(getShape(), along, sum));
  }

  LanewiseNDArray stack(NDList others, int axis) {
    int along = Axes.axis(axis, rank() + 1);
    for (NDArray each : others) {
      if (!each.getShape().equals(getShape())) {
        throw new IllegalArgumentException(
            "shapes %s and %s must be equal".formatted(getShape(), each.getShape()));
      }
    }
    return join(others, along, Axes.with(getShape(), along, others.size() + 1));
  }

  private List<LanewiseNDArray> with(NDList others) {
    List<LanewiseNDArray> all = new ArrayList<>(List.of(this));
    others.forEach(other -> all.add(own().from(other)));
    return all;
  }

  private LanewiseNDArray join(NDList others, int axis, Shape joined) {
    List<LanewiseNDArray> all = with(others);
    DataType type =
        all.stream().map(NDArray::getDataType).reduce(Values::common).orElse(getDataType());
    Object dst = Values.allocate(type, Axes.size(joined));
    int outer = size(0, axis);
    int at = 0;
    for (int i = 0; i < outer; i++) {
      for (LanewiseNDArray each : all) {
        int n = (int) each.size() / outer;
        Object src = each.values();
        if (each.getDataType() == type) {
          System.arraycopy(src, i * n, dst, at, n);
        } else {
          System.arraycopy(Values.convert(src, each.getDataType(), type), i * n, dst, at, n);
        }
        at += n;
      }
    }
    return array(dst, joined, type);
  }

  @Override
  public NDArray tile(int axis, long repeats) {
    if (repeats < 1) {
      throw new IllegalArgumentException("repeats = " + repeats + " must be 1 or more");
    }
    NDList copies = new NDList();
    for (long i = 1; i < repeats; i++) {
      copies.add(this);
    }
    return concat(copies, axis);
  }

  @Override
  public NDArray pad(Shape padding, double value) {
    if (padding.dimension() % 2 != 0 || padding.dimension() / 2 > rank()) {
      throw new IllegalArgumentException(
          "padding = %s must be two sizes for each of the last axes of %s"
              .formatted(padding, getShape()));
    }
    long[] sizes = getShape().getShape().clone();
    long[] begin = new long[rank()];
    for (int i = 0; i < padding.dimension() / 2; i++) { // the last axis first
      begin[rank() - 1 - i] = padding.get(2 * i);
      sizes[rank() - 1 - i] += padding.get(2 * i) + padding.get(2 * i + 1);
    }
    double[] fill = new double[Axes.size(new Shape(sizes))];
    Arrays.fill(fill, value);
    LanewiseNDArray padded = array(Values.of(fill, getDataType()), new Shape(sizes), getDataType());
    long[] ones = new long[rank()];
    Arrays.fill(ones, 1);
    padded.setSlice(begin, ones, getShape(), this);
    return padded;
  }

  // Indices

  @Override
  public NDArray get(NDIndex index) {
    return get(getManager(), index);
  }

  @Override
  public void set(NDIndex index, NDArray value) {
    new Indexer(getManager()).set(this, index, value);
  }

  @Override
  public void set(NDIndex index, Number value) {
    new Indexer(getManager()).set(this, index, value);
  }

  @Override
  public NDArray booleanMask(NDArray index, int axis) {
    int from = Axes.axis(axis, rank());
    int to = from + index.getShape().dimension();
    if (to > rank() || !index.getShape().equals(getShape().slice(from, to))) {
      throw new IllegalArgumentException(
          "index has the shape %s, which must be that of %s from axis %d on"
              .formatted(index.getShape(), getShape(), from));
    }
    boolean[] mask = index.toType(DataType.BOOLEAN, false).toBooleanArray();
    int[] chosen = IntStream.range(0, mask.length).filter(i -> mask[i]).toArray();
    return take(from, to, chosen);
  }

  /** Some of the elements that the axes of {@code [from, to)} count, which become one axis. */
  LanewiseNDArray take(int from, int to, int[] chosen) {
    int outer = size(0, from);
    int n = size(from, to);
    int inner = size(to, rank());
    Shape taken = getShape().slice(0, from).add(chosen.length).addAll(getShape().slice(to));
    Object dst = Values.allocate(getDataType(), Axes.size(taken));
    int at = 0;
    for (int i = 0; i < outer; i++) {
      for (int each : chosen) {
        if (each < 0 || each >= n) {
          throw new IndexOutOfBoundsException("index %d must be in [0, %d)".formatted(each, n));
        }
        System.arraycopy(values(), (i * n + each) * inner, dst, at, inner);
        at += inner;
      }
    }
    return array(dst, taken, getDataType());
  }

  /** Every step-th from each axis' beginning on, as many as {@code sizes} says. */
  LanewiseNDArray slice(long[] begin, long[] step, Shape sizes) {
    return view(sizes, sliced(step), offset(begin, step, sizes));
  }

  /** Writes to the places that {@link #slice} reads. */
  void setSlice(long[] begin, long[] step, Shape sizes, NDArray value) {
    LanewiseNDArray from = own().from(value);
    int[] to = Axes.places(sizes, sliced(step), offset(begin, step, sizes));
    if (!Axes.broadcast(from.getShape(), sizes).equals(sizes)) {
      throw new IllegalArgumentException(
          "value has the shape %s, which must repeat to %s".formatted(from.getShape(), sizes));
    }
    Values.move(
        Values.convert(from.values(), from.getDataType(), getDataType()),
        Axes.places(sizes, Axes.strides(from.getShape(), sizes), 0),
        values(),
        to);
  }

  private int[] sliced(long[] step) {
    int[] strides = Axes.strides(getShape());
    Arrays.setAll(strides, axis -> strides[axis] * (int) step[axis]);
    return strides;
  }

  private int offset(long[] begin, long[] step, Shape sizes) {
    int[] strides = Axes.strides(getShape());
    int offset = 0;
    for (int axis = 0; axis < strides.length; axis++) {
      long last = begin[axis] + (sizes.get(axis) - 1) * step[axis];
      if (begin[axis] < 0 || step[axis] < 1 || sizes.get(axis) < 0 || last >= size(axis)) {
        throw new IndexOutOfBoundsException(
            "index of axis %d, from %d to %d by %d, must ascend in [0, %d)"
                .formatted(axis, begin[axis], last, step[axis], size(axis)));
      }
      offset += (int) begin[axis] * strides[axis];
    }
    return offset;
  }

  // Elements

  private LanewiseNDArray combine(Operator operator, NDArray other) {
    LanewiseNDArray b = own().from(other);
    DataType type = Values.common(getDataType(), b.getDataType());
    if (!type.isFloating() && operator.integers == null) {
      type = DataType.FLOAT32;
    }
    Shape result = Axes.broadcast(getShape(), b.getShape());
    int[] i = Axes.places(result, Axes.strides(getShape(), result), 0);
    int[] j = Axes.places(result, Axes.strides(b.getShape(), result), 0);
    DataType resultType = operator.isComparison ? DataType.BOOLEAN : type;
    if (type.isFloating()) {
      double[] x = Values.toDoubles(values(), getDataType());
      double[] y = Values.toDoubles(b.values(), b.getDataType());
      double[] z = new double[i.length];
      Arrays.setAll(z, k -> operator.floats.applyAsDouble(x[i[k]], y[j[k]]));
      return array(Values.of(z, resultType), result, resultType);
    }
    long[] x = Values.toLongs(values(), getDataType());
    long[] y = Values.toLongs(b.values(), b.getDataType());
    long[] z = new long[i.length];
    Arrays.setAll(z, k -> operator.integers.applyAsLong(x[i[k]], y[j[k]]));
    return array(Values.of(z, resultType), result, resultType);
  }

  private LanewiseNDArray combine(Operator operator, Number number) {
    DataType type = Values.common(getDataType(), number);
    try (LanewiseNDArray scalar = scalar(number, type)) {
      return combine(operator, scalar);
    }
  }

  private LanewiseNDArray scalar(Number number, DataType type) {
    Object value =
        type.isFloating()
            ? Values.of(new double[] {number.doubleValue()}, type)
            : Values.of(new long[] {number.longValue()}, type);
    return own().array(value, new Shape(), type);
  }

  /** A number to compare with, which need not fit the array's type. */
  private LanewiseNDArray bound(Number number) {
    DataType type = Values.common(getDataType(), number);
    return scalar(number, type.isFloating() ? type : DataType.INT64);
  }

  private NDArray inPlace(NDArray result) {
    intern(result);
    return this;
  }

  @Override
  public NDArray add(Number n) {
    return combine(Operator.ADD, n);
  }

  @Override
  public NDArray add(NDArray other) {
    return combine(Operator.ADD, other);
  }

  @Override
  public NDArray addi(Number n) {
    return inPlace(add(n));
  }

  @Override
  public NDArray addi(NDArray other) {
    return inPlace(add(other));
  }

  @Override
  public NDArray sub(Number n) {
    return combine(Operator.SUB, n);
  }

  @Override
  public NDArray sub(NDArray other) {
    return combine(Operator.SUB, other);
  }

  @Override
  public NDArray subi(Number n) {
    return inPlace(sub(n));
  }

  @Override
  public NDArray subi(NDArray other) {
    return inPlace(sub(other));
  }

  @Override
  public NDArray mul(Number n) {
    return combine(Operator.MUL, n);
  }

  @Override
  public NDArray mul(NDArray other) {
    return combine(Operator.MUL, other);
  }

  @Override
  public NDArray muli(Number n) {
    return inPlace(mul(n));
  }

  @Override
  public NDArray muli(NDArray other) {
    return inPlace(mul(other));
  }

  @Override
  public NDArray div(Number n) {
    return combine(Operator.DIV, n);
  }

  @Override
  public NDArray div(NDArray other) {
    return combine(Operator.DIV, other);
  }

  @Override
  public NDArray divi(Number n) {
    return inPlace(div(n));
  }

  @Override
  public NDArray divi(NDArray other) {
    return inPlace(div(other));
  }

  @Override
  public NDArray mod(Number n) {
    return combine(Operator.MOD, n);
  }

  @Override
  public NDArray mod(NDArray other) {
    return combine(Operator.MOD, other);
  }

  @Override
  public NDArray gt(Number n) {
    try (NDArray bound = bound(n)) {
      return combine(Operator.GT, bound);
    }
  }

  @Override
  public NDArray gt(NDArray other) {
    return combine(Operator.GT, other);
  }

  @Override
  public NDArray clip(Number min, Number max) {
    DataType type = Values.common(Values.common(getDataType(), min), max);
    try (NDArray low = bound(min);
        NDArray high = bound(max);
        LanewiseNDArray above = combine(Operator.MAX, low);
        NDArray clipped = above.combine(Operator.MIN, high)) {
      return clipped.toType(type, true);
    }
  }

  @Override
  public NDArray floor() {
    if (!getDataType().isFloating()) {
      return toType(getDataType(), true);
    }
    double[] x = Values.toDoubles(values(), getDataType());
    Arrays.setAll(x, i -> Math.floor(x[i]));
    return array(Values.of(x, getDataType()), getShape(), getDataType());
  }

  // Along axes

  @Override
  public NDArray max() {
    return max(IntStream.range(0, rank()).toArray(), false);
  }

  @Override
  public NDArray max(int[] axes, boolean keepDims) {
    int[] along = Axes.axes(axes, rank());
    Shape result = Axes.without(getShape(), along, keepDims);
    int[] best = best(along);
    Object dst = Values.allocate(getDataType(), best.length);
    Values.move(values(), best, dst, IntStream.range(0, best.length).toArray());
    return array(dst, result, getDataType());
  }

  @Override
  public NDArray argMax() {
    return ((LanewiseNDArray) flatten()).argMax(0).reshape(new Shape());
  }

  @Override
  public LanewiseNDArray argMax(int axis) {
    int along = Axes.axis(axis, rank());
    int stride = Axes.strides(getShape())[along];
    long size = size(along);
    long[] index = Arrays.stream(best(along)).mapToLong(place -> place / stride % size).toArray();
    return array(index, Axes.without(getShape(), new int[] {along}, false), DataType.INT64);
  }

  /** The place of the largest, of each row along some axes; of equal ones the first. */
  private int[] best(int... along) {
    int[] places = Axes.places(getShape(), along);
    int n = Axes.size(Axes.sizes(getShape(), along));
    if (n == 0) {
      throw new IllegalArgumentException(
          "axes %s of %s must not be empty".formatted(Arrays.toString(along), getShape()));
    }
    Comparator<Integer> order = order();
    int[] best = new int[places.length / n];
    for (int row = 0; row < best.length; row++) {
      best[row] = places[row * n];
      for (int i = 1; i < n; i++) {
        if (order.compare(places[row * n + i], best[row]) > 0) {
          best[row] = places[row * n + i];
        }
      }
    }
    return best;
  }

  /** Compares elements by their places; NaN is the largest, and -0 is 0. */
  private Comparator<Integer> order() {
    if (getDataType().isFloating()) {
      double[] x = Values.toDoubles(values(), getDataType());
      return (i, j) -> Double.compare(x[i] + 0.0, x[j] + 0.0);
    }
    long[] x = Values.toLongs(values(), getDataType());
    return (i, j) -> Long.compare(x[i], x[j]);
  }

  @Override
  public NDArray argSort(int axis, boolean ascending) {
    int along = Axes.axis(axis, rank());
    int[] places = Axes.places(getShape(), along);
    int n = (int) size(along);
    Comparator<Integer> order = ascending ? order() : order().reversed();
    long[] sorted = new long[places.length];
    for (int row = 0; row < places.length; row += n) {
      int first = row;
      Integer[] index = new Integer[n];
      Arrays.setAll(index, i -> i);
      Arrays.sort(index, (i, j) -> order.compare(places[first + i], places[first + j]));
      for (int i = 0; i < n; i++) {
        sorted[places[row + i]] = index[i];
      }
    }
    return array(sorted, getShape(), DataType.INT64);
  }

  @Override
  public NDArray softmax(int axis) {
    int along = Axes.axis(axis, rank());
    int[] places = Axes.places(getShape(), along);
    int n = (int) size(along);
    double[] x = Values.toDoubles(values(), getDataType());
    for (int row = 0; row < places.length; row += n) {
      double max = Double.NEGATIVE_INFINITY;
      for (int i = row; i < row + n; i++) {
        max = Math.max(max, x[places[i]]);
      }
      double sum = 0;
      for (int i = row; i < row + n; i++) {
        x[places[i]] = Math.exp(x[places[i]] - max);
        sum += x[places[i]];
      }
      for (int i = row; i < row + n; i++) {
        x[places[i]] /= sum;
      }
    }
    DataType type = getDataType().isFloating() ? getDataType() : DataType.FLOAT32;
    return array(Values.of(x, type), getShape(), type);
  }

  @Override
  public NDArrayEx getNDArrayInternal() {
    return ArrayExtension.of(this);
  }
}
