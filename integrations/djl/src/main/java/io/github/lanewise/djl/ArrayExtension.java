package io.github.lanewise.djl;

import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.lanewise.image.Channels;
import io.github.lanewise.image.ImageInput;
import io.github.lanewise.image.Interpolation;
import io.github.lanewise.image.Pixels;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/**
 * DJL's internal operations of an array. The interface has 60 methods, of which translators of
 * images need few, so calls come here by name; others go to another engine or are refused.
 */
final class ArrayExtension implements InvocationHandler {
  private final LanewiseNDArray array;

  private ArrayExtension(LanewiseNDArray array) {
    this.array = array;
  }

  static NDArrayEx of(LanewiseNDArray array) {
    return (NDArrayEx)
        Proxy.newProxyInstance(
            ArrayExtension.class.getClassLoader(),
            new Class<?>[] {NDArrayEx.class},
            new ArrayExtension(array));
  }

  @Override
  public Object invoke(Object proxy, Method method, Object[] args) throws Throwable {
    return switch (method.getName()) {
      case "getArray" -> array;
      case "getIndexer" -> new Indexer((NDManager) args[0]);
      case "stack" -> array.stack((NDList) args[0], args.length > 1 ? (int) args[1] : 0);
      case "concat" -> array.concat((NDList) args[0], args.length > 1 ? (int) args[1] : 0);
      case "resize" -> resize((int) args[0], (int) args[1], interpolation((int) args[2]));
      case "toTensor" -> toTensor();
      case "normalize" -> normalize((float[]) args[0], (float[]) args[1]);
      default -> other(proxy, method, args);
    };
  }

  private Object other(Object proxy, Method method, Object[] args) throws Throwable {
    if (method.isDefault()) {
      return InvocationHandler.invokeDefault(proxy, method, args);
    }
    Object target = this;
    if (method.getDeclaringClass() != Object.class) {
      if (array.alternative() instanceof Unsupported.None) {
        throw Unsupported.operation(method.getName());
      }
      target = array.alternative().from(array).getNDArrayInternal();
    }
    try {
      return method.invoke(target, args);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Of height, width and channels; float32, not rounded. */
  private NDArray resize(int width, int height, Interpolation interpolation) {
    Shape shape = array.getShape();
    boolean isImage = shape.dimension() == 3 && (shape.get(2) == 1 || shape.get(2) == 3);
    if (!isImage || array.getDataType() != DataType.UINT8) {
      throw new UnsupportedOperationException(
          "resize of %s %s must be of uint8, height, width and 1 or 3 channels"
              .formatted(array.getDataType(), shape));
    }
    Channels channels = shape.get(2) == 1 ? Channels.GRAY : Channels.RGB;
    ImageInput input =
        ImageInput.builder(height, width).channels(channels).interpolation(interpolation).build();
    float[] resized = new float[input.length()];
    input.write(
        Pixels.bytes(channels, (byte[]) array.values(), (int) shape.get(1), (int) shape.get(0)),
        resized);
    return array.getManager().create(resized, new Shape(height, width, shape.get(2)));
  }

  @SuppressWarnings("EnumOrdinal") // what DJL hands over
  private static Interpolation interpolation(int ordinal) {
    Image.Interpolation interpolation = Image.Interpolation.values()[ordinal];
    return switch (interpolation) {
      case NEAREST -> Interpolation.NEAREST;
      case BILINEAR -> Interpolation.BILINEAR;
      case AREA -> Interpolation.AREA;
      default ->
          throw new UnsupportedOperationException(
              "interpolation = " + interpolation + " must be NEAREST, BILINEAR or AREA");
    };
  }

  /** Channels first, 255 becomes 1. */
  private NDArray toTensor() {
    int[] order = array.getShape().dimension() == 3 ? new int[] {2, 0, 1} : new int[] {0, 3, 1, 2};
    try (NDArray planes = array.transpose(order);
        NDArray floats = planes.toType(DataType.FLOAT32, true)) {
      return floats.div(255);
    }
  }

  /** Of channels first. */
  private NDArray normalize(float[] mean, float[] std) {
    NDManager manager = array.getManager();
    try (NDArray offsets = manager.create(mean, new Shape(mean.length, 1, 1));
        NDArray scales = manager.create(std, new Shape(std.length, 1, 1));
        NDArray differences = array.sub(offsets)) {
      return differences.div(scales);
    }
  }
}
