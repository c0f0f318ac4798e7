package io.github.lanewise.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDArrayIndexer;
import ai.djl.ndarray.index.full.NDIndexFullPick;
import ai.djl.ndarray.index.full.NDIndexFullSlice;
import ai.djl.ndarray.index.full.NDIndexFullTake;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;

/** Reads and writes parts of an array; what is read belongs to a manager. */
final class Indexer extends NDArrayIndexer {
  private final NDManager manager;

  Indexer(NDManager manager) {
    this.manager = manager;
  }

  @Override
  public NDArray get(NDArray array, NDIndexFullPick pick) {
    throw Unsupported.operation("get with a pick index");
  }

  @Override
  public NDArray get(NDArray array, NDIndexFullTake take) {
    long size = array.size(take.getAxis());
    int[] chosen =
        Arrays.stream(take.getIndices().toType(DataType.INT64, false).toLongArray())
            .mapToInt(index -> Math.toIntExact(index < 0 ? index + size : index))
            .toArray();
    LanewiseNDArray from = (LanewiseNDArray) array;
    return owned(from.take(take.getAxis(), take.getAxis() + 1, chosen));
  }

  @Override
  public NDArray get(NDArray array, NDIndexFullSlice slice) {
    LanewiseNDArray from = (LanewiseNDArray) array;
    try (LanewiseNDArray part = from.slice(slice.getMin(), slice.getStep(), slice.getShape())) {
      return owned(part.reshape(slice.getSqueezedShape()));
    }
  }

  @Override
  public void set(NDArray array, NDIndexFullSlice slice, NDArray value) {
    try (NDArray whole = value.broadcast(slice.getSqueezedShape());
        NDArray part = whole.reshape(slice.getShape())) {
      ((LanewiseNDArray) array).setSlice(slice.getMin(), slice.getStep(), slice.getShape(), part);
    }
  }

  @Override
  public void set(NDArray array, NDIndexFullSlice slice, Number value) {
    try (NDArray scalar = array.getManager().create(value)) {
      ((LanewiseNDArray) array).setSlice(slice.getMin(), slice.getStep(), slice.getShape(), scalar);
    }
  }

  private NDArray owned(LanewiseNDArray part) {
    part.attach(manager);
    return part;
  }
}
