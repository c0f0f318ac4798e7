package io.github.lanewise.jmh;

import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.ConvPlan;
import io.github.lanewise.Workspace;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.layers.Workload;
import io.github.lanewise.jmh.peer.Peer;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.BenchmarkParams;

/**
 * One layer on one backend: its plans, checked and compiled before anything is timed, and its
 * arrays.
 */
@State(Scope.Thread)
public class LayerState {
  /**
   * List and name of a layer, such as {@code mobilenet_v1_1.0_224/dw3}, of a block, such as {@code
   * mobilenet_v1_1.0_224/dw3+pw3}, or of the chain of all layers, {@code
   * mobilenet_v1_1.0_224/chain}, as the operator demands.
   */
  @Param("mobilenet_v1_1.0_224/dw3+pw3")
  public String layer;

  /**
   * {@code scalar}; {@code vector} at the width that the library picks; or {@code vector128},
   * {@code vector256}, {@code vector512} in a JVM started with {@code -Dlanewise.vectorBits} of
   * that width; or the name of another engine on the class path.
   */
  @Param({"scalar", "vector"})
  public String backend;

  /**
   * Waits in a loop for a millisecond before its thread parks, as the threads of OpenMP and ONNX
   * Runtime do: waking a parked one takes longer than the small layers.
   */
  private static final class SpinningQueue extends LinkedBlockingQueue<Runnable> {
    private static final long serialVersionUID = 1;
    private static final long SPIN_NANOS = 1_000_000;

    @Override
    public Runnable take() throws InterruptedException {
      long start = System.nanoTime();
      Runnable task = poll();
      while (task == null && System.nanoTime() - start < SPIN_NANOS) {
        Thread.onSpinWait();
        task = poll();
      }
      return task == null ? super.take() : task;
    }
  }

  private ExecutorService executor;
  private Workload workload;
  private List<ConvPlan> plans;
  private Workspace workspace;
  private Peer.Run peer;
  private double gflop;
  private final FastestMillisecond fastest = new FastestMillisecond();

  /** Creates and checks the plans for the benchmark method that the parameters name. */
  @Setup
  public void setup(BenchmarkParams params) {
    String benchmark = params.getBenchmark();
    Operator operator = Operator.named(benchmark.substring(benchmark.lastIndexOf('.') + 1));
    Target target = Target.find(operator, layer);
    workload = new Workload(target);
    gflop = target.flops() * 1e-9;
    if (Peer.isNamedBy(backend)) {
      peer = Peer.named(backend).prepare(workload, PeakProfiler.planThreads());
      peer.run();
      workload.check(peer.result());
      return;
    }
    Backend chosen = backend(backend);
    plans = workload.createPlans(threads(ConvOptions.DEFAULT.withBackend(chosen)));
    long flops = plans.stream().mapToLong(ConvPlan::flops).sum();
    if (flops != target.flops()) {
      throw new IllegalStateException(
          "the plans count " + flops + " operations, the layers have " + target.flops());
    }
    workload.check(plans);
    workspace = Workspace.forPlans(plans.toArray(ConvPlan[]::new));
    WarmUp.run(chosen, () -> workload.run(plans, workspace));
  }

  private ConvOptions threads(ConvOptions options) {
    int threads = PeakProfiler.planThreads();
    if (threads == 1) {
      return options;
    }
    executor =
        new ThreadPoolExecutor(
            threads - 1,
            threads - 1,
            0,
            TimeUnit.SECONDS,
            new SpinningQueue(),
            Thread.ofPlatform().daemon().name("run-").factory());
    return options.withExecutor(executor, threads);
  }

  /** The backend of a value of {@link #backend}. */
  static Backend backend(String name) {
    if (name.equals("scalar")) {
      return Backend.scalar();
    }
    Backend current = Backend.current();
    boolean fits =
        name.equals("vector")
            ? current.vectorBits() > 0
            : name.equals("vector" + current.vectorBits());
    if (!fits) {
      throw new IllegalStateException(
          "backend '" + name + "' was asked for, but this JVM runs on " + current);
    }
    return current;
  }

  /** Runs the layer once and counts its operations. */
  void run(FlopCounter counter) {
    if (peer == null) {
      workload.run(plans, workspace);
    } else {
      peer.run();
    }
    counter.gflops += gflop;
    fastest.add(gflop, System.nanoTime());
  }

  /** Begins an iteration. */
  @Setup(Level.Iteration)
  public void begin() {
    fastest.begin(System.nanoTime());
  }

  /** Ends an iteration. */
  @TearDown(Level.Iteration)
  public void end() {
    PeakProfiler.addFastest(fastest.gflops());
  }

  /** Ends the threads, frees what is not ours. */
  @TearDown
  public void close() {
    if (peer != null) {
      peer.close();
    }
    if (executor != null) {
      executor.shutdownNow();
    }
  }
}
