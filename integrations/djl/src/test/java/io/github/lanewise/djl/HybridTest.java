package io.github.lanewise.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Beside another engine, which is DJL's default for a whole JVM. */
class HybridTest {
  @Test
  void theOtherEngineComputesWhatIsMissing() throws Exception {
    String output = ChildJvm.java("-Dai.djl.default_engine=Lanewise", Beside.class.getName(), "5");
    assertThat(output).contains("alternative=Full", "exp=computed by Full");
    assertThat(output).contains("sigmoid=computed by Full", "add=[2.0, 3.0]");
  }

  @Test
  void anEngineBehindIsNotAsked() throws Exception {
    String output = ChildJvm.java("-Dai.djl.default_engine=Lanewise", Beside.class.getName(), "20");
    assertThat(output).contains("alternative=null", "exp=exp is none of", "add=[2.0, 3.0]");
  }

  @Test
  void anEngineThatDoesNotStartIsWarnedOf() throws Exception {
    String output = ChildJvm.java("-Dai.djl.default_engine=Lanewise", Beside.class.getName(), "-1");
    assertThat(output).contains("does not start, Lanewise goes on alone", "no native code");
    assertThat(output).contains("alternative=null", "sigmoid=sigmoid is none of");
  }

  /** Registers an engine of some rank, or one that does not start, and computes. */
  static final class Beside {
    private Beside() {}

    public static void main(String[] args) {
      Engine.getAllEngines(); // DJL has found Lanewise
      Full full = new Full(Integer.parseInt(args[0]));
      Engine.registerEngine(full);
      System.setProperty("ai.djl.default_engine", "Full");
      System.out.println(
          "alternative=" + name(Engine.getEngine("Lanewise").getAlternativeEngine()));
      try (NDManager manager = NDManager.newBaseManager("Lanewise")) {
        NDArray array = manager.create(new float[] {1, 2});
        System.out.println("add=" + Arrays.toString(array.add(1).toFloatArray()));
        System.out.println("exp=" + attempt(array::exp));
        System.out.println("sigmoid=" + attempt(() -> array.getNDArrayInternal().sigmoid()));
      }
    }

    private static String name(Engine engine) {
      return engine == null ? "null" : engine.getEngineName();
    }

    private static String attempt(Supplier<NDArray> operation) {
      try {
        return operation.get().getName();
      } catch (UnsupportedOperationException e) {
        return e.getMessage();
      }
    }
  }

  /** An engine that can do everything, and says so. */
  private static final class Full extends Engine implements EngineProvider {
    private final int rank;

    Full(int rank) {
      this.rank = rank;
    }

    @Override
    public Engine getEngine() {
      if (rank < 0) {
        throw new IllegalStateException("no native code for this machine");
      }
      return this;
    }

    @Override
    public int getEngineRank() {
      return rank;
    }

    @Override
    public int getRank() {
      return rank;
    }

    @Override
    public Engine getAlternativeEngine() {
      return null;
    }

    @Override
    public String getEngineName() {
      return "Full";
    }

    @Override
    public String getVersion() {
      return "1";
    }

    @Override
    public boolean hasCapability(String capability) {
      return false;
    }

    @Override
    public Model newModel(String name, Device device) {
      throw new UnsupportedOperationException(name);
    }

    @Override
    public NDManager newBaseManager() {
      return answer(NDManager.class);
    }

    @Override
    public NDManager newBaseManager(Device device) {
      return newBaseManager();
    }

    /** Of whose methods each returns another such object. */
    private static <T> T answer(Class<T> type) {
      InvocationHandler handler =
          (proxy, method, args) -> {
            Class<?> returned = method.getReturnType();
            if (returned == String.class) {
              return "computed by Full";
            }
            boolean isKnown =
                returned == NDManager.class
                    || returned == NDArray.class
                    || returned == NDArrayEx.class;
            return isKnown ? answer(returned) : null;
          };
      return type.cast(
          Proxy.newProxyInstance(
              HybridTest.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
  }
}
