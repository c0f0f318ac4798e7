package io.github.lanewise;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Scratch memory for one run at a time. Plans own a small pool of these; a caller who wants to
 * decide where scratch lives, or to share it between plans that never run at the same time, hands
 * one to {@link ConvPlan#run(float[], int, float[], int, float[], int, Workspace)}. Not
 * thread-safe: two runs at the same time need two workspaces.
 */
public final class Workspace {
  private final float[][] scratch;
  private final int floats;

  Workspace(int workers, int floats) {
    this.scratch = new float[workers][floats];
    this.floats = floats;
  }

  /**
   * One workspace that serves any of several plans, one run at a time.
   *
   * @param plans the plans, one or more
   * @return a workspace as large as the most demanding of them
   */
  public static Workspace forPlans(ConvPlan... plans) {
    Checks.notNull("plans", plans);
    Checks.atLeast("plans.length", plans.length, 1);
    int workers = 1;
    int floats = 0;
    for (ConvPlan plan : plans) {
      Checks.notNull("plan", plan);
      workers = Math.max(workers, plan.workers());
      floats = Math.max(floats, plan.scratchFloats());
    }
    return new Workspace(workers, floats);
  }

  /**
   * Its size.
   *
   * @return bytes
   */
  public long bytes() {
    return 4L * scratch.length * floats;
  }

  float[] scratch(int worker) {
    return scratch[worker];
  }

  void check(int workers, int needed) {
    if (scratch.length < workers || floats < needed) {
      throw new IllegalArgumentException(
          "workspace of "
              + scratch.length
              + " x "
              + floats
              + " floats must have at least "
              + workers
              + " x "
              + needed
              + ": make it with newWorkspace() or Workspace.forPlans()");
    }
  }

  /** Idle workspaces of one plan: lock-free, bounded; what does not fit is left to the collector. */
  static final class Pool {
    private static final int SLOTS = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    private final AtomicReferenceArray<Workspace> idle = new AtomicReferenceArray<>(SLOTS);
    private final int workers;
    private final int floats;

    Pool(int workers, int floats) {
      this.workers = workers;
      this.floats = floats;
    }

    Workspace acquire() {
      for (int i = 0; i < SLOTS; i++) {
        Workspace found = idle.get(i);
        if (found != null && idle.compareAndSet(i, found, null)) {
          return found;
        }
      }
      return new Workspace(workers, floats);
    }

    void release(Workspace workspace) {
      for (int i = 0; i < SLOTS; i++) {
        if (idle.get(i) == null && idle.compareAndSet(i, null, workspace)) {
          return;
        }
      }
    }
  }
}
