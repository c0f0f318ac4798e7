package io.github.lanewise.jmh.run;

import io.github.lanewise.jmh.layers.LayerList;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.peer.Peer;
import io.github.lanewise.jmh.report.Kind;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The order of the forks: rounds over everything, each from the peaks through all layers, rather
 * than all forks of one layer after another, so that a bad minute of the machine does not fall on
 * one layer alone.
 */
final class Schedule {
  private static final String SCALAR = "scalar";
  private static final List<String> DEPTHS = List.of("32", "128", "512");
  private static final List<String> TILES = List.of("8x1v", "6x2v", "4x3v", "5x4v");

  private final Settings settings;
  private final List<String> backends;
  private final boolean chosen;
  private final List<String> layers;

  private Schedule(Settings settings, List<Peer> peers) {
    this.settings = settings;
    List<String> values = settings.jmh().values("backend");
    this.chosen = !values.isEmpty();
    this.backends =
        chosen
            ? values
            : Stream.concat(Stream.of("vector", SCALAR), peers.stream().map(Peer::name)).toList();
    this.layers = settings.jmh().values("layer");
  }

  /** The jobs of each round in order. */
  static List<List<Job>> of(Settings settings, List<Peer> peers) {
    Schedule schedule = new Schedule(settings, peers);
    return IntStream.range(0, settings.rounds()).mapToObj(schedule::round).toList();
  }

  private List<Job> round(int round) {
    List<Job> jobs = new ArrayList<>();
    for (Collector collector : settings.collectors()) {
      jobs.add(Job.peak(Kind.FMA, collector));
      if (settings.tiles) {
        addTiles(jobs, collector);
        continue;
      }
      jobs.add(Job.peak(Kind.COPY, collector));
      for (String list : settings.lists()) {
        for (Target target : LayerList.named(list).targets()) {
          if (selected(target)) {
            addJobs(jobs, target, collector, round);
          }
        }
      }
    }
    jobs.removeIf(job -> !settings.jmh().selects(job.benchmark()));
    return jobs;
  }

  private void addTiles(List<Job> jobs, Collector collector) {
    for (String depth : settings.jmh().getParameter("depth").orElse(DEPTHS)) {
      for (String tile : settings.jmh().getParameter("tile").orElse(TILES)) {
        jobs.add(Job.tile(depth, tile, collector));
      }
    }
  }

  private boolean selected(Target target) {
    return layers.isEmpty()
        || layers.stream().anyMatch(l -> glob(l, target.layer()) || glob(l, target.name()));
  }

  private static boolean glob(String pattern, String name) {
    return FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(Path.of(name));
  }

  /** Whether a backend runs a target: ours run everything. */
  private boolean can(String backend, Target target) {
    return !Peer.isNamedBy(backend)
        || Peer.named(backend).cannot(target, settings.threads).isEmpty();
  }

  private void addJobs(List<Job> jobs, Target target, Collector collector, int round) {
    for (String backend : backends) {
      if (!can(backend, target) || (!chosen && !wants(backend, target, round))) {
        continue;
      }
      jobs.add(Job.of(Kind.LAYER, target, backend, collector));
      boolean standsForPlan = !target.isBlock() || target.operator() == Operator.SEPARABLE;
      if (wantsCreation() && standsForPlan && !Peer.isNamedBy(backend)) {
        jobs.add(Job.of(Kind.CREATION, target, backend, collector));
      }
    }
  }

  /**
   * What is measured unless the user chose backends. Nobody waits for the scalar standard
   * convolution of a block, and one round must do; other engines' are for whoever has the time.
   */
  private boolean wants(String backend, Target target, int round) {
    boolean standIn = target.isBlock() && target.operator() == Operator.STANDARD;
    if (Peer.isNamedBy(backend)) {
      return !standIn || settings.mode() == Mode.FULL;
    }
    if (!backend.equals(SCALAR)) {
      return true;
    }
    return switch (settings.mode()) {
      case QUICK -> !target.isBlock() && target.operator() != Operator.CHAIN;
      case DEFAULT -> round == 0 && !standIn;
      case FULL -> !standIn;
    };
  }

  private boolean wantsCreation() {
    return settings.mode() == Mode.FULL || !settings.jmh().includes().isEmpty();
  }
}
