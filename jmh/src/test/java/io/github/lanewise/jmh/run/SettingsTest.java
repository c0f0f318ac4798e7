package io.github.lanewise.jmh.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lanewise.jmh.PeakProfiler;
import io.github.lanewise.jmh.layers.LayerList;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.report.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.options.ProfilerConfig;

class SettingsTest {

  /** What the options say. */
  static Settings parse(String... arguments) {
    Settings settings = new Settings();
    Folders.commandLine(settings).parseArgs(arguments);
    settings.readJmhOptions();
    return settings;
  }

  @Test
  void defaultsAreOneThreadG1AndMobileNetV1() {
    Settings settings = parse();
    assertThat(settings.mode()).isEqualTo(Mode.DEFAULT);
    assertThat(settings.threads).isEqualTo(1);
    assertThat(settings.tiles).isFalse();
    assertThat(settings.peers()).isEmpty();
    assertThat(settings.collectors()).containsExactly(Collector.G1);
    assertThat(settings.lists()).containsExactly("mobilenet_v1_1.0_224");
  }

  @Test
  void ownOptionsAreRead() {
    Settings settings =
        parse("--quick", "--threads", "2", "--gc", "parallel,ZGC", "--layers", "xception,odd");
    assertThat(settings.mode()).isEqualTo(Mode.QUICK);
    assertThat(settings.threads).isEqualTo(2);
    assertThat(settings.collectors()).containsExactly(Collector.PARALLEL, Collector.ZGC);
    assertThat(settings.lists()).containsExactly("xception_299", "odd");
    assertThat(parse("--layers", "all").lists()).isEqualTo(LayerList.NAMES);
    assertThat(parse("--tiles", "-p", "depth=64").tiles).isTrue();
    assertThat(parse("--peers").peers().stream().map(Peer::name)).containsExactly("test", "broken");
    assertThat(parse("--dir", "a", "--dir", "b").directory()).isEqualTo(Path.of("b"));
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
  void optionsOfJmhPassThrough() {
    Settings settings =
        parse("-wi", "2", "--quick", "-f", "3", "-prof", "gc", "-p", "layer=pw*", "Layer.*wise");
    assertThat(settings.mode()).isEqualTo(Mode.QUICK);
    assertThat(settings.warmups()).isEqualTo(2);
    assertThat(settings.rounds()).isEqualTo(3);
    Job job = Job.peak(Kind.FMA, Collector.G1);
    assertThat(new Forks(settings).options(job).getProfilers())
        .as("others do not see what ours does")
        .extracting(ProfilerConfig::getKlass)
        .containsExactly(PeakProfiler.class.getCanonicalName(), "gc");
    assertThat(settings.jmh().getParameter("layer").get()).containsExactly("pw*");
    assertThat(settings.lists()).isEqualTo(LayerList.NAMES);
  }
}
