package io.github.lanewise.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Creates arrays on the Java heap and closes them with itself. Thread-safe. */
class LanewiseNDManager extends BaseNDManager {
  /** Owns what nobody else does. */
  static final LanewiseNDManager SYSTEM = new SystemManager();

  private LanewiseNDManager(NDManager parent) {
    super(parent, Device.cpu());
    if (alternativeManager == null) {
      alternativeManager = Unsupported.MANAGER;
    }
  }

  /** Where arrays have the operations that those of this one lack. */
  NDManager alternative() {
    return alternativeManager;
  }

  LanewiseNDArray array(Object values, Shape shape, DataType type) {
    return new LanewiseNDArray(this, values, shape, type);
  }

  /** On the Java heap: direct memory would be copied to it and be freed late. */
  @Override
  public ByteBuffer allocateDirect(int capacity) {
    return ByteBuffer.allocate(capacity).order(ByteOrder.nativeOrder());
  }

  @Override
  public LanewiseNDArray from(NDArray array) {
    return array == null || array instanceof LanewiseNDArray
        ? (LanewiseNDArray) array
        : create(array.toByteBuffer(), array.getShape(), array.getDataType());
  }

  @Override
  public LanewiseNDArray create(Buffer data, Shape shape, DataType type) {
    return array(Values.read(data, type, Axes.size(shape)), shape, type);
  }

  @Override
  public NDArray zeros(Shape shape, DataType type) {
    return array(Values.allocate(type, Axes.size(shape)), shape, type);
  }

  @Override
  public NDArray ones(Shape shape, DataType type) {
    return full(shape, 1, type);
  }

  @Override
  public NDArray full(Shape shape, float value, DataType type) {
    double[] values = new double[Axes.size(shape)];
    Arrays.fill(values, value);
    return array(Values.of(values, type), shape, type);
  }

  @Override
  public NDArray arange(float start, float stop, float step, DataType type) {
    double count = Math.ceil(((double) stop - start) / step);
    if (!(Math.abs(count) <= Integer.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "start = %s, stop = %s and step = %s must be at most 2^31 - 1 steps"
              .formatted(start, stop, step));
    }
    double[] values = new double[Math.max(0, (int) count)];
    Arrays.setAll(values, i -> start + i * (double) step);
    return array(Values.of(values, type), new Shape(values.length), type);
  }

  @Override
  public LanewiseNDManager newSubManager(Device on) {
    if (on != null && !on.equals(Device.cpu())) {
      throw new IllegalArgumentException("device = " + on + " must be " + Device.cpu());
    }
    LanewiseNDManager manager = new LanewiseNDManager(this);
    attachUncappedInternal(manager.uid, manager);
    return manager;
  }

  @Override
  public Engine getEngine() {
    return LanewiseEngine.INSTANCE;
  }

  @Override
  public void close() {
    super.close();
    alternativeManager.close();
  }

  /** Is never closed and keeps nothing. */
  private static final class SystemManager extends LanewiseNDManager implements SystemNDManager {
    SystemManager() {
      super(null);
    }

    @Override
    public void attachInternal(String resourceId, AutoCloseable... resources) {}

    @Override
    public void attachUncappedInternal(String resourceId, AutoCloseable resource) {}

    @Override
    public void detachInternal(String resourceId) {}
  }
}
