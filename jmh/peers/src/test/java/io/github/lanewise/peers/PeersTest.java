package io.github.lanewise.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lanewise.jmh.layers.LayerList;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.layers.Workload;
import io.github.lanewise.jmh.peer.Peer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PeersTest {
  private static final Target POINTWISE =
      Target.find(Operator.POINTWISE, "mobilenet_v1_1.0_224/pw13");

  private static Stream<Target> targets() {
    return Stream.concat(
        LayerList.named("odd").targets().stream(),
        LayerList.named("mobilenet_v1").targets().stream()
            .filter(t -> t.shape().inHeight() <= 28 || t.operator() == Operator.CHAIN));
  }

  static Stream<Arguments> supported() {
    return Peer.all().stream()
        .flatMap(
            peer ->
                targets()
                    .filter(target -> peer.cannot(target, 1).isEmpty())
                    .map(target -> Arguments.of(peer.name(), target.operator(), target.layer())));
  }

  /** What does not load here cannot be tested here; the benchmark's report says so as well. */
  private static void assumeLoads(Peer peer) {
    try {
      assertThat(peer.describe(1)).contains("1 thread");
    } catch (LinkageError e) {
      assumeTrue(false, peer.name() + " does not load: " + e);
    }
  }

  @ParameterizedTest
  @MethodSource("supported")
  void everyEngineComputesEveryLayerItTakes(String name, Operator operator, String layer) {
    Peer peer = Peer.named(name);
    assumeLoads(peer);
    Workload workload = new Workload(Target.find(operator, layer));
    try (Peer.Run run = peer.prepare(workload, 1)) {
      run.run();
      run.run();
      float[] result = run.result();
      assertThatCode(() -> workload.check(result)).doesNotThrowAnyException();
    }
  }

  @Test
  void allOfThemAreThereAndAllMultiplyMatrices() {
    assertThat(Peer.all().stream().map(Peer::name))
        .containsExactly("onednn-blocked", "onednn-nhwc", "onnxruntime", "netlib");
    assertThat(Peer.all()).allMatch(peer -> peer.cannot(POINTWISE, 1).isEmpty());
    assertThat(Peer.named("netlib").cannot(POINTWISE, 2))
        .contains("computes on the caller's thread alone");
  }
}
