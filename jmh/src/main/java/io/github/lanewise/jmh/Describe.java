package io.github.lanewise.jmh;

import io.github.lanewise.Backend;
import io.github.lanewise.jmh.peer.Peer;

/** Says what a JVM started like a fork runs on. */
public final class Describe {
  /** How the lines start that tell it. */
  public static final String GOOD = "is";

  /** How the line starts that tells why it cannot be had. */
  public static final String BAD = "none:";

  private Describe() {}

  /** Prints {@link Backend#describe}, or with the name of another engine what that is. */
  public static void main(String[] arguments) {
    try {
      String text =
          arguments.length == 0
              ? Backend.current().describe()
              : Peer.named(arguments[0]).describe(PeakProfiler.planThreads());
      text.lines().forEach(line -> System.out.println(GOOD + " " + line));
    } catch (LinkageError | RuntimeException e) {
      System.out.println(BAD + " " + e);
    }
  }
}
