package io.github.lanewise.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.jmh.layers.LayerList;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.run.Collector;
import io.github.lanewise.jmh.run.Mode;
import io.github.lanewise.jmh.run.Settings;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class BenchTest {

  private static Settings parse(String... arguments) {
    CommandLine line = Bench.commandLine();
    line.parseArgs(arguments);
    return line.<Bench>getCommand().settings();
  }

  @Test
  void defaultsAreOneThreadG1AndMobileNetV1() {
    Settings settings = parse();
    assertThat(settings.mode()).isEqualTo(Mode.DEFAULT);
    assertThat(settings.threads()).isEqualTo(1);
    assertThat(settings.collectors()).containsExactly(Collector.G1);
    assertThat(settings.lists()).containsExactly("mobilenet_v1_1.0_224");
  }

  @Test
  void ownOptionsAreRead() {
    Settings settings =
        parse("--quick", "--threads", "2", "--gc", "parallel,ZGC", "--layers", "xception,odd");
    assertThat(settings.mode()).isEqualTo(Mode.QUICK);
    assertThat(settings.threads()).isEqualTo(2);
    assertThat(settings.collectors()).containsExactly(Collector.PARALLEL, Collector.ZGC);
    assertThat(settings.lists()).containsExactly("xception_299", "odd");
  }

  @Test
  void fullTakesAllListsUnderFourCollectors() {
    Settings settings = parse("--full");
    assertThat(settings.lists()).isEqualTo(LayerList.NAMES);
    assertThat(settings.collectors())
        .containsExactly(Collector.G1, Collector.ZGC, Collector.PARALLEL, Collector.SERIAL);
    assertThat(parse("--full", "--gc", "Serial").collectors()).containsExactly(Collector.SERIAL);
  }

  @Test
  void tilesAreMeasuredOnlyIfAskedFor() {
    assertThat(parse().tiles()).isFalse();
    assertThat(parse("--tiles", "-p", "depth=64").tiles()).isTrue();
  }

  @Test
  void optionsOfJmhPassThrough() {
    Settings settings =
        parse("-wi", "2", "--quick", "-f", "3", "-prof", "gc", "-p", "layer=pw*", "Layer.*wise");
    assertThat(settings.mode()).isEqualTo(Mode.QUICK);
    assertThat(settings.jmh().getWarmupIterations().get()).isEqualTo(2);
    assertThat(settings.jmh().getForkCount().get()).isEqualTo(3);
    assertThat(settings.jmh().getProfilers()).isEmpty();
    assertThat(settings.jmh().getParameter("layer").get()).containsExactly("pw*");
    assertThat(settings.lists()).isEqualTo(LayerList.NAMES);
  }

  @Test
  void peersAreThoseOnTheClassPathAndTheLastFolderCounts() {
    assertThat(parse().peers()).isEmpty();
    assertThat(parse("--peers").peers().stream().map(Peer::name)).containsExactly("test", "broken");
    assertThat(parse("--dir", "a", "--dir", "b").directory()).isEqualTo(Path.of("b"));
  }

  @Test
  void networksRefuseWhatTheyWouldIgnore() {
    assertThatThrownBy(() -> parse("--networks", "--threads", "2", "-f", "3"))
        .isInstanceOf(ParameterException.class)
        .hasMessage("--networks does not take --threads -f 3");
    assertThatThrownBy(() -> parse("--networks", "--models", "absent"))
        .hasMessage("--models absent is no folder");
    assertThatThrownBy(() -> parse("--models", "src"))
        .hasMessage("--models is for --networks and --start");
    assertThat(parse("--networks", "--dir", "a", "--models", "src").directory())
        .isEqualTo(Path.of("a"));
  }

  @Test
  void startHasOptionsOfItsOwn() {
    assertThat(
            parse("--start", "-n", "3", "--setups", "one,all-aot", "--seconds", "2", "--only", "v2")
                .mode())
        .isEqualTo(Mode.DEFAULT);
    assertThatThrownBy(() -> parse("--start", "--quick"))
        .isInstanceOf(ParameterException.class)
        .hasMessage("--start does not take --quick");
    assertThatThrownBy(() -> parse("--start", "--networks"))
        .hasMessage("--networks and --start exclude each other");
    assertThatThrownBy(() -> parse("-n", "3")).hasMessage("-n is for --start");
    assertThatThrownBy(() -> parse("--networks", "-n", "3"))
        .hasMessage("--networks does not take -n");
    assertThatThrownBy(() -> parse("--start", "-n", "0")).hasMessage("-n 0 must be 1 or more");
    assertThatThrownBy(() -> parse("--start", "--seconds", "0"))
        .hasMessage("--seconds 0 must be 1 or more");
    assertThatThrownBy(() -> parse("--start", "--setups", "two"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("all-aot");
  }

  @Test
  void whatNobodyKnowsIsRefused() {
    assertThatThrownBy(() -> parse("--nonsense"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("nonsense");
    assertThatThrownBy(() -> parse("--gc", "none")).isInstanceOf(ParameterException.class);
    assertThatThrownBy(() -> parse("--layers", "vgg"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("'vgg'");
    assertThatThrownBy(() -> parse("--quick", "--full"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("exclude");
    assertThatThrownBy(() -> parse("-f", "0"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("-f 0");
    assertThatThrownBy(() -> parse("-tu", "ms"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("-tu");
    assertThatThrownBy(() -> parse("-bm", "avgt"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("-bm");
    assertThatThrownBy(() -> parse("--threads", "0"))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("--threads 0");
  }
}
