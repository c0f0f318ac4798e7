package io.github.lanewise.jmh.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a run ends with.
 *
 * @param facts about the machine and the run, a line each
 * @param sections the figures, one section a collector
 * @param problems what went wrong, a line each
 */
public record Report(List<String> facts, List<Section> sections, List<String> problems) {

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
      layers, each reading what the one before wrote; ours are one plan a separable block.\
      """;

  private static final String PEER_NOTES =
      """

      Other engines' columns are GFLOP/s, forks of their own beside ours: same weights and input, results
      checked before anything is timed (an output of n terms may be off by (n + 4) * 2^-23 times the
      sum of their absolute values, one of a chain by 1e-5 of the largest), bias and activation
      included, weights packed and tensors in the engine's own layout beforehand, called through its
      Java API. x best peer: our share of the peak over that of the fastest of them; x in best ms: the
      same of everyone's fastest millisecond.\
      """;

  /** Copies the lists. */
  public Report {
    facts = List.copyOf(facts);
    sections = List.copyOf(sections);
    problems = List.copyOf(problems);
  }

  /**
   * Markdown, padded so that it reads well on a terminal.
   *
   * @return the text, ending with a line break
   */
  public String render() {
    List<String> lines = new ArrayList<>();
    lines.add("# Lanewise benchmark");
    lines.add("");
    facts.forEach(fact -> lines.add("- " + fact));
    for (Section section : sections) {
      if (sections.size() > 1) {
        lines.add("");
        lines.add("## " + section.collector());
        lines.add("");
      }
      section.heading().forEach(fact -> lines.add("- " + fact));
      for (String network : section.networks()) {
        lines.add("");
        lines.add((sections.size() > 1 ? "### " : "## ") + network);
        lines.add("");
        lines.add(section.table(network).stripTrailing());
      }
      if (!section.tiles().isEmpty()) {
        lines.add("");
        lines.add(section.tileTable().stripTrailing());
      }
    }
    problems.forEach(problem -> lines.add("\nNot measured: " + problem));
    sections.stream()
        .map(Section::mainBackend)
        .flatMap(Optional::stream)
        .findFirst()
        .ifPresent(backend -> lines.add("\n" + NOTES.replace("%s", backend)));
    if (sections.stream().anyMatch(section -> !section.peers().isEmpty())) {
      lines.add(PEER_NOTES);
      sections.stream()
          .flatMap(section -> section.refusals().stream())
          .distinct()
          .forEach(refusal -> lines.add("Cannot: " + refusal));
    }
    return String.join("\n", lines) + "\n";
  }
}
