package io.github.lanewise.peers;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.Loader;

/** The threads that oneDNN's OpenMP loops of the calling thread are spread over. */
final class OpenMp {

  private OpenMp() {}

  /** Loads oneDNN with its OpenMP and sets the number, which the environment could only preset. */
  @SuppressWarnings("restricted")
  static void setThreads(int threads) {
    Loader.load(dnnl.class);
    MethodHandle set =
        Linker.nativeLinker()
            .downcallHandle(
                SymbolLookup.loaderLookup().findOrThrow("omp_set_num_threads"),
                FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT));
    try {
      set.invokeExact(threads);
    } catch (Throwable e) {
      throw new IllegalStateException("omp_set_num_threads(" + threads + ") failed", e);
    }
  }
}
