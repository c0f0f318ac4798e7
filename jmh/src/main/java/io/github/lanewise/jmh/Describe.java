package io.github.lanewise.jmh;

import io.github.lanewise.Backend;
import io.github.lanewise.jmh.peer.Peer;

/** Prints the backend, or another engine, of a JVM started like a fork. */
public final class Describe {

  private Describe() {}

  /**
   * Prints {@link Backend#describe}, or with a name {@link Peer#describe}.
   *
   * @param arguments none, or the name of another engine
   */
  public static void main(String[] arguments) {
    System.out.print(
        arguments.length == 0
            ? Backend.current().describe()
            : Peer.named(arguments[0]).describe(PeakProfiler.planThreads()));
  }
}
