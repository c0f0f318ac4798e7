package io.github.lanewise.jmh.peer;

import io.github.lanewise.jmh.layers.Workload;

/** An engine whose native code does not load. */
public final class BrokenPeer implements Peer {

  /** For the service loader. */
  public BrokenPeer() {}

  @Override
  public String name() {
    return "broken";
  }

  @Override
  public String describe(int threads) {
    throw new UnsatisfiedLinkError("no broken in java.library.path");
  }

  @Override
  public Run prepare(Workload workload, int threads) {
    throw new UnsatisfiedLinkError("no broken in java.library.path");
  }
}
