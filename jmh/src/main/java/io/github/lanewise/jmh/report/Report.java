package io.github.lanewise.jmh.report;

import io.github.lanewise.jmh.peer.Peer;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a run ends with.
 *
 * @param facts about the machine and the run, a line each
 * @param runs the figures, a run a collector
 * @param peers other engines that took part
 * @param problems what went wrong, a line each
 */
public record Report(List<String> facts, List<Run> runs, List<Peer> peers, List<String> problems) {

  private static final String NOTES =
      """
      FLOPs are 2 x multiplications, taps on padding counted. GFLOP/s: median over iterations and
      forks. % of peak (%s): median of each iteration's ratio to the FMA peak measured right before
      and after it in the same JVM; spread: distance of the quartiles of that ratio over its median;
      in best ms: the fastest millisecond of all iterations over the fastest of the peak: what the code does
      with the core to itself, if it ever had it (a low figure of one fork may be chance); forks: the JVMs behind all three; lottery: the best fork's fastest millisecond over the worst's. Another column's are in its heading; of one fork, take it as a hint.
      x standard: time of our standard convolution of the same kernel, stride and channels over the
      time of the fused separable block, both relative to the peak of their moment; theory: the
      ratio of their multiplications. (xN): the list has N such layers, measured once. chain: all
      layers, each reading what the one before wrote; ours are one plan a separable block.
      """;

  private static final String PEER_NOTES =
      """

      Other engines' columns are GFLOP/s, forks of their own beside ours: same weights and input, results
      checked before anything is timed (an output of n terms may be off by (n + 4) * 2^-23 times the
      sum of their absolute values, one of a chain by 1e-5 of the largest), bias and activation
      included, weights packed and tensors in the engine's own layout beforehand, called through its
      Java API. x best peer: our share of the peak over that of the fastest of them; x in best ms: the
      same of everyone's fastest millisecond.
      """;

  /** Facts as a list in Markdown. */
  public static String lines(List<String> facts) {
    return facts.stream().map(fact -> "- " + fact + "\n").collect(Collectors.joining());
  }

  /** Markdown, padded so that it reads well on a terminal. */
  public String render() {
    List<Section> sections = runs.stream().map(run -> new Section(run, peers)).toList();
    boolean several = sections.size() > 1;
    StringBuilder text = new StringBuilder("# Lanewise benchmark\n\n" + lines(facts));
    for (Section section : sections) {
      text.append(several ? "\n## " + section.run().info().collector() + "\n\n" : "");
      text.append(lines(section.heading()));
      for (String network : section.networks()) {
        text.append(several ? "\n### " : "\n## ").append(network).append("\n\n");
        text.append(section.table(network));
      }
      text.append(section.tileTable().map(table -> "\n" + table).orElse(""));
    }
    problems.forEach(problem -> text.append("\nNot measured: " + problem + "\n"));
    sections.stream()
        .flatMap(section -> section.mainBackend().stream())
        .findFirst()
        .ifPresent(backend -> text.append("\n" + NOTES.replace("%s", backend)));
    if (!peers.isEmpty()) {
      text.append(PEER_NOTES);
      sections.stream()
          .flatMap(section -> section.refusals().stream())
          .distinct()
          .forEach(refusal -> text.append("Cannot: " + refusal + "\n"));
    }
    return text.toString();
  }
}
