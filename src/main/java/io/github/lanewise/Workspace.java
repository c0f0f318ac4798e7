package io.github.lanewise;

import io.github.lanewise.loops.Scratch;
import java.util.Arrays;

/**
 * Scratch memory for one run at a time. Plans own a small pool of these; a caller who wants to
 * decide where scratch lives, or to share it between plans that never run at the same time, hands
 * one to {@link ConvPlan#run(float[], int, float[], int, float[], int, Workspace)}. Not
 * thread-safe: two runs at the same time need two workspaces.
 */
public final class Workspace {
  private final Scratch[] scratch;
  private final Scratch.Size size;

  Workspace(int workers, Scratch.Size size) {
    this.scratch = new Scratch[workers];
    Arrays.setAll(scratch, i -> new Scratch(size));
    this.size = size;
  }

  /**
   * One workspace that serves any of several plans, one run at a time.
   *
   * @param plans the plans, one or more
   * @return a workspace as large as the most demanding of them
   */
  public static Workspace forPlans(ConvPlan... plans) {
    return new Workspace(workers(plans), size(plans));
  }

  /**
   * What {@link #forPlans} would take, without taking it.
   *
   * @param plans the plans, one or more
   * @return bytes
   */
  public static long bytesForPlans(ConvPlan... plans) {
    return workers(plans) * size(plans).bytes();
  }

  private static int workers(ConvPlan... plans) {
    Checks.notNull("plans", plans);
    Checks.atLeast("plans.length", plans.length, 1);
    int workers = 1;
    for (ConvPlan plan : plans) {
      Checks.notNull("plan", plan);
      workers = Math.max(workers, plan.workers());
    }
    return workers;
  }

  private static Scratch.Size size(ConvPlan... plans) {
    Scratch.Size size = new Scratch.Size(0);
    for (ConvPlan plan : plans) {
      size = size.union(plan.scratch());
    }
    return size;
  }

  /**
   * Its size.
   *
   * @return bytes
   */
  public long bytes() {
    return scratch.length * size.bytes();
  }

  Scratch scratch(int worker) {
    return scratch[worker];
  }

  void check(int workers, Scratch.Size needed) {
    if (scratch.length < workers || !size.covers(needed)) {
      throw new IllegalArgumentException(
          "workspace of "
              + scratch.length
              + " x "
              + size
              + " must have at least "
              + workers
              + " x "
              + needed
              + ": make it with this plan's newWorkspace() or Workspace.forPlans()");
    }
  }
}
