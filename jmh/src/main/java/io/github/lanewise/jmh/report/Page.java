package io.github.lanewise.jmh.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lanewise.jmh.layers.Operator;
import io.github.lanewise.jmh.layers.Target;
import io.github.lanewise.jmh.peer.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The dashboard: one HTML page with everything in it, data, style, script and Chart.js. */
final class Page {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Page() {}

  /** The page of some runs of layers and of starts, either of which may be missing. */
  static String of(List<Run> runs, List<JsonNode> starts) {
    String version = resource("chart.js.version").strip();
    String charts = "/META-INF/resources/webjars/chart.js/" + version + "/";
    String licence = resource(charts + "LICENSE.md").strip();
    return resource("page.html")
        .replace("{{style}}", resource("page.css"))
        .replace("{{licence}}", "Chart.js " + version + "\n\n" + licence)
        .replace("{{chart.js}}", script(charts + "dist/chart.umd.min.js"))
        .replace("{{script}}", script("page.js"))
        .replace("{{data}}", data(runs, starts).replace("<", "\\u003c"));
  }

  private static String script(String name) {
    String text = resource(name).replaceAll("(?m)^//# sourceMappingURL=.*$", "");
    if (text.contains("</script")) {
      throw new IllegalStateException(name + " cannot stand in a page: it closes its own script");
    }
    return text;
  }

  private static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("resource " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the script draws, the oldest first. */
  private static String data(List<Run> runs, List<JsonNode> starts) {
    ObjectNode data = JSON.createObjectNode();
    data.set("runs", runs(runs));
    starts.stream()
        .sorted(Comparator.comparing(json -> json.path(RunInfo.KEY).path("started").asText()))
        .forEach(data.putArray("starts")::add);
    return data.toString();
  }

  private static ArrayNode runs(List<Run> unsorted) {
    List<Run> runs = new ArrayList<>(unsorted);
    runs.sort(Comparator.comparing(run -> run.info().order()));
    ArrayNode all = JSON.createArrayNode();
    for (int i = 0; i < runs.size(); i++) {
      Run run = runs.get(i);
      String machine = run.info().machine();
      Optional<Run> before =
          runs.subList(0, i).reversed().stream()
              .filter(other -> other.info().machine().equals(machine))
              .findFirst();
      all.add(run(run, before));
    }
    return all;
  }

  private static ObjectNode run(Run run, Optional<Run> before) {
    ObjectNode node = JSON.createObjectNode();
    node.set("info", JSON.valueToTree(run.info()));
    node.put("name", run.info().shortCommit());
    node.put("machine", run.info().machine());
    node.set("peak", JSON.valueToTree(Statistics.quartiles(run.peaks(Kind.LAYER))));
    node.set("copy", JSON.valueToTree(Statistics.quartiles(run.copies())));
    List<Change> pairs = before.map(b -> Change.pairs(b, run)).orElse(List.of());
    List<Change> changes =
        before.map(b -> Change.between(b, run, Change.THRESHOLD)).orElse(List.of());
    node.put("judged", pairs.stream().anyMatch(Change::isJudged));
    ArrayNode figures = node.putArray("figures");
    for (Figure figure : run.of(Kind.LAYER)) {
      ObjectNode entry = figure(figure, run);
      changes.stream()
          .filter(change -> change.fresh().equals(figure))
          .forEach(change -> entry.put("change", change.ratio() - 1));
      figures.add(entry);
    }
    return node;
  }

  private static ObjectNode figure(Figure figure, Run run) {
    Target target = figure.target();
    ObjectNode node = JSON.createObjectNode();
    node.put("network", target.network());
    node.put("layer", target.name());
    node.put("label", target.label());
    node.put("operator", target.operator().toString());
    node.put("standIn", target.isBlock() && target.operator() == Operator.STANDARD);
    node.put("shape", target.shapeText());
    node.put("engine", figure.backend());
    node.put("ours", !Peer.isNamedBy(figure.backend()));
    node.put("gflops", figure.median());
    node.put("share", figure.share());
    node.put("spread", figure.spread());
    figure.bestShare().ifPresent(share -> node.put("fastest", share));
    figure.lottery().ifPresent(ratio -> node.put("lottery", ratio));
    List<Double> forks = figure.forkShares();
    node.put("forks", forks.size());
    node.put("forkSpread", (Collections.max(forks) - Collections.min(forks)) / figure.share());
    node.put("intensity", (double) target.flops() / target.bytes());
    if (target.operator() == Operator.SEPARABLE) {
      node.put("theory", target.theory());
    }
    figure.speedup(run.of(Kind.LAYER)).ifPresent(times -> node.put("speedup", times));
    return node;
  }
}
