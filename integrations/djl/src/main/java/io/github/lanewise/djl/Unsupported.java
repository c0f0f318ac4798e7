package io.github.lanewise.djl;

import ai.djl.ndarray.NDArrayAdapter;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Proxy;

/** Operations that neither this engine nor another one has. */
final class Unsupported {
  /** No engine's manager. */
  interface None extends NDManager {}

  /**
   * Stands where DJL expects the manager of another engine: the adapter hands it an array whenever
   * an operation is missing.
   */
  static final None MANAGER =
      (None)
          Proxy.newProxyInstance(
              Unsupported.class.getClassLoader(),
              new Class<?>[] {None.class},
              (proxy, method, args) -> {
                if (method.getName().equals("close")) {
                  return null;
                }
                throw operation(caller());
              });

  private Unsupported() {}

  /** The operation of the adapter that is missing. */
  private static String caller() {
    return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
        .walk(
            frames ->
                frames
                    .dropWhile(frame -> frame.getDeclaringClass() != NDArrayAdapter.class)
                    .map(StackWalker.StackFrame::getMethodName)
                    .filter(name -> !name.equals("getAlternativeArray"))
                    .findFirst()
                    .orElse("an operation"));
  }

  static UnsupportedOperationException operation(String name) {
    return new UnsupportedOperationException(
        name
            + " is none of the array operations that Lanewise has, which are those of DJL's"
            + " translators for classification, detection and pose; with another engine that DJL"
            + " takes as its default, that one computes it where it can");
  }
}
