package io.github.lanewise.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.charset.Charset;

/**
 * Refuses by name what DJL's adapter refuses without naming it, and does not hand to another
 * engine. Other missing operations reach {@link Unsupported#MANAGER}.
 */
abstract class MissingOperations extends NDArrayAdapter {
  MissingOperations(NDManager manager, NDManager alternative, Shape shape, DataType type) {
    super(manager, alternative, shape, type, NDManager.nextUid());
  }

  @Override
  public void setRequiresGradient(boolean requiresGrad) {
    throw Unsupported.operation("setRequiresGradient");
  }

  @Override
  public NDArray getGradient() {
    throw Unsupported.operation("getGradient");
  }

  @Override
  public NDArray stopGradient() {
    throw Unsupported.operation("stopGradient");
  }

  @Override
  public String[] toStringArray(Charset charset) {
    throw Unsupported.operation("toStringArray");
  }

  @Override
  public NDArray take(NDManager manager, NDArray index) {
    throw Unsupported.operation("take");
  }

  @Override
  public NDArray put(NDArray index, NDArray value) {
    throw Unsupported.operation("put");
  }

  @Override
  public NDArray scatter(NDArray index, NDArray value, int axis) {
    throw Unsupported.operation("scatter");
  }

  @Override
  public NDArray modi(Number n) {
    throw Unsupported.operation("modi");
  }

  @Override
  public NDArray modi(NDArray other) {
    throw Unsupported.operation("modi");
  }

  @Override
  public NDArray powi(Number n) {
    throw Unsupported.operation("powi");
  }

  @Override
  public NDArray powi(NDArray other) {
    throw Unsupported.operation("powi");
  }

  @Override
  public NDArray signi() {
    throw Unsupported.operation("signi");
  }

  @Override
  public NDArray negi() {
    throw Unsupported.operation("negi");
  }

  @Override
  public NDArray flatten(int startDim, int endDim) {
    throw Unsupported.operation("flatten");
  }

  @Override
  public NDArray fft(long length, long axis) {
    throw Unsupported.operation("fft");
  }

  @Override
  public NDArray ifft(long length, long axis) {
    throw Unsupported.operation("ifft");
  }

  @Override
  public NDArray rfft(long length, long axis) {
    throw Unsupported.operation("rfft");
  }

  @Override
  public NDArray irfft(long length, long axis) {
    throw Unsupported.operation("irfft");
  }

  @Override
  public NDArray stft(
      long nFft,
      long hopLength,
      boolean center,
      NDArray window,
      boolean normalize,
      boolean returnComplex) {
    throw Unsupported.operation("stft");
  }

  @Override
  public NDArray fft2(long[] sizes, long[] axes) {
    throw Unsupported.operation("fft2");
  }

  @Override
  public NDArray ifft2(long[] sizes, long[] axes) {
    throw Unsupported.operation("ifft2");
  }

  @Override
  public NDList unique(Integer dim, boolean sorted, boolean returnInverse, boolean returnCounts) {
    throw Unsupported.operation("unique");
  }

  @Override
  public NDArray batchMatMul(NDArray other) {
    throw Unsupported.operation("batchMatMul");
  }

  @Override
  public NDArray xlogy(NDArray other) {
    throw Unsupported.operation("xlogy");
  }

  @Override
  public NDList topK(int k, int axis, boolean largest, boolean sorted) {
    throw Unsupported.operation("topK");
  }

  @Override
  public NDArray complex() {
    throw Unsupported.operation("complex");
  }

  @Override
  public NDArray real() {
    throw Unsupported.operation("real");
  }

  @Override
  public NDArray conj() {
    throw Unsupported.operation("conj");
  }

  @Override
  public NDArray diff(int n, int dim) {
    throw Unsupported.operation("diff");
  }
}
