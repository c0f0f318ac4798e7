package io.github.lanewise.jmh.networks;

import io.github.lanewise.jmh.run.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A process of {@link StartFork}, watched to its full speed, then there for turns with others. */
final class StartJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader printed;
  private final Start watched;
  private double bestMillis = Double.POSITIVE_INFINITY;

  /** Starts the process and waits until it was watched. */
  StartJvm(List<String> command) throws IOException {
    long startMillis = System.currentTimeMillis();
    process = new ProcessBuilder(command).redirectErrorStream(true).start();
    printed = process.inputReader(StandardCharsets.UTF_8);
    try (CpuTimes cpu = new CpuTimes()) {
      cpu.watch(process.toHandle());
      watched = Start.of(Program.until("runs ", printed), startMillis, cpu);
    } catch (IllegalStateException e) {
      close();
      throw e;
    }
  }

  /**
   * Has the process run its network for a while.
   *
   * @throws IllegalStateException if it has ended
   */
  private void turn() throws IOException {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new IllegalStateException("ended before its turn", e);
    }
    long nanos = Long.parseLong(Program.until("turn ", printed).line("turn").text());
    bestMillis = Math.min(bestMillis, nanos / 1e6);
  }

  /** Ends the process. */
  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }

  /** The figures of all, after as many turns each, one after the other. */
  static List<Start> inTurns(List<StartJvm> jvms, int turns) throws IOException {
    for (int turn = 0; turn < turns; turn++) {
      for (StartJvm jvm : jvms) {
        jvm.turn();
      }
    }
    List<Start> starts = new ArrayList<>();
    jvms.forEach(jvm -> starts.add(jvm.watched.withBest(jvm.bestMillis)));
    return starts;
  }
}
