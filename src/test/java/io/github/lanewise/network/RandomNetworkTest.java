package io.github.lanewise.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fused, folded and placed in one arena, a network still computes what its definition says. */
@Tag("backend")
class RandomNetworkTest {
  private static final long SEED = Long.getLong("lanewise.test.seed", 20260101L);
  private static final double TOLERANCE = 2e-5;

  @Test
  void networksComputeWhatTheirDefinitionSays() {
    boolean auto = System.getProperty("lanewise.test.config", "auto").equals("auto");
    for (int i = 0; i < (auto ? 2000 : 150); i++) {
      check(SEED + i);
    }
  }

  private static void check(long seed) {
    RandomNetwork r = new RandomNetwork(seed);
    Network network = r.builder.build();
    String as = "-Dlanewise.test.seed=%d%n%s".formatted(seed, network);
    Map<String, float[]> in = new HashMap<>();
    for (Port port : network.inputs()) {
      in.put(port.name(), toLayout(r.inputs.get(port.name()), port));
    }
    Map<String, float[]> before = new HashMap<>();
    in.forEach((name, values) -> before.put(name, values.clone()));
    Map<String, float[]> first = network.run(in);
    Map<String, float[]> out = network.run(in); // the arena holds what the first run left
    before.forEach((name, values) -> assertThat(in.get(name)).as(as).isEqualTo(values));
    Interpreter interpreter = new Interpreter(r.inputs, r.weights, false);
    for (Port port : network.outputs()) {
      assertThat(out.get(port.name())).as(as).isEqualTo(first.get(port.name()));
      double[] golden = interpreter.value(r.outputs.get(port.name()));
      float[] values = fromLayout(out.get(port.name()), port);
      assertThat(values).as(as).hasSize(golden.length);
      double largest = Math.max(1, Arrays.stream(golden).map(Math::abs).max().orElse(0));
      for (int k = 0; k < golden.length; k++) {
        assertThat((double) values[k])
            .as("%s at %d, %s", port, k, as)
            .isCloseTo(golden[k], within(TOLERANCE * largest));
      }
    }
  }

  private static float[] toLayout(float[] nhwc, Port port) {
    return port.layout() == Layout.NHWC ? nhwc : moved(nhwc, port, true);
  }

  private static float[] fromLayout(float[] values, Port port) {
    return port.layout() == Layout.NHWC ? values : moved(values, port, false);
  }

  private static float[] moved(float[] values, Port port, boolean toNchw) {
    List<Integer> s = port.shape(); // NCHW
    int pixels = s.get(2) * s.get(3);
    float[] out = new float[values.length];
    for (int n = 0; n < s.get(0); n++) {
      for (int c = 0; c < s.get(1); c++) {
        for (int p = 0; p < pixels; p++) {
          int nchw = (n * s.get(1) + c) * pixels + p;
          int nhwc = (n * pixels + p) * s.get(1) + c;
          out[toNchw ? nchw : nhwc] = values[toNchw ? nhwc : nchw];
        }
      }
    }
    return out;
  }
}
