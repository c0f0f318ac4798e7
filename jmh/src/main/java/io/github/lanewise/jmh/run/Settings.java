package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.peer.Peer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What the user asked for.
 *
 * @param mode how much
 * @param lists names of layer lists
 * @param tiles whether to measure register tiles instead
 * @param threads threads that a plan runs on
 * @param collectors collectors to run under
 * @param directory where results go
 * @param jmh JMH's own options
 * @param peers other engines to measure beside ours
 */
public record Settings(
    Mode mode,
    List<String> lists,
    boolean tiles,
    int threads,
    List<Collector> collectors,
    Path directory,
    JmhOptions jmh,
    List<Peer> peers) {

  /** Copies the lists. */
  public Settings {
    lists = List.copyOf(lists);
    collectors = List.copyOf(collectors);
    peers = List.copyOf(peers);
  }

  /** The same with other engines. */
  Settings withPeers(List<Peer> others) {
    return new Settings(mode, lists, tiles, threads, collectors, directory, jmh, others);
  }

  /** Rounds: as many as forks of each benchmark. */
  int rounds() {
    return jmh.getForkCount().orElse(mode.rounds());
  }

  int warmups() {
    return jmh.getWarmupIterations().orElse(mode.warmups());
  }

  int iterations() {
    return jmh.getMeasurementIterations().orElse(mode.iterations());
  }

  /** The time that further rounds must fit into; null if the user chose the times. */
  Duration limit() {
    boolean chosen =
        jmh.getForkCount().hasValue()
            || jmh.getWarmupIterations().hasValue()
            || jmh.getMeasurementIterations().hasValue()
            || jmh.getWarmupTime().hasValue()
            || jmh.getMeasurementTime().hasValue();
    return chosen ? null : mode.limit();
  }
}
