package io.github.lanewise.jmh;

import io.github.lanewise.Backend;

/** Prints the backend of a JVM started like a fork. */
public final class Describe {

  private Describe() {}

  /**
   * Prints {@link Backend#describe}.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    System.out.print(Backend.current().describe());
  }
}
