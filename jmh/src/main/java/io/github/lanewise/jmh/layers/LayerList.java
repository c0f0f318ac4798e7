package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.Padding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/**
 * A named list of layers, kept as a table of tab-separated values: {@code network layer kind inH
 * inW inC outC kh kw stride dilation padding activation outH outW multiplications}. Where a network
 * has another activation than ReLU the layer has none; of squeeze-and-excite its two layers are
 * there.
 */
public final class LayerList {

  /** The lists there are. */
  public static final List<String> NAMES =
      List.of(
          "mobilenet_v1_1.0_224",
          "mobilenet_v2_1.0_224",
          "mobilenet_v3_large_1.0_224",
          "efficientnet_lite0_224",
          "mnasnet_1.0_224",
          "xception_299",
          "audio",
          "other_networks",
          "odd");

  /** The list that is one chain; in the others residuals or shortcuts go round layers. */
  private static final String CHAIN = "mobilenet_v1_1.0_224";

  /** Every result that is read looks its layer up. */
  private static final Map<String, LayerList> READ = new ConcurrentHashMap<>();

  private final String name;
  private final List<Layer> layers;
  private final List<Target> targets;

  private LayerList(String name, List<Layer> layers) {
    this.name = name;
    this.layers = List.copyOf(layers);
    this.targets = List.copyOf(findTargets());
  }

  /**
   * The list of a name, one of {@link #NAMES}, or of the beginning of just one, such as {@code
   * mobilenet_v1}.
   *
   * @throws IllegalArgumentException if no name, or more than one, begins like this
   */
  public static LayerList named(String name) {
    List<String> found = NAMES.stream().filter(n -> n.startsWith(name)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(
          "layer list '" + name + "' must be, or begin just one of, " + String.join(", ", NAMES));
    }
    return READ.computeIfAbsent(found.getFirst(), LayerList::read);
  }

  private static LayerList read(String name) {
    String resource = name + ".tsv";
    try (InputStream in = LayerList.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing");
      }
      return parse(name, new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the lines of a list, the first being its heading. */
  private static LayerList parse(String name, List<String> lines) {
    List<String[]> rows =
        lines.stream().skip(1).filter(l -> !l.isBlank()).map(l -> l.split("\t", -1)).toList();
    Map<String, Integer> uses = new HashMap<>();
    rows.forEach(row -> uses.merge(row[1], 1, Integer::sum));
    List<Layer> layers = new ArrayList<>();
    for (String[] row : rows) {
      layers.add(layer(row, uses.getOrDefault(row[1], 0) > 1));
    }
    return new LayerList(name, layers);
  }

  /** A name that a list uses twice gets the kind appended, so that names are unique. */
  private static Layer layer(String[] row, boolean ambiguous) {
    int[] n = IntStream.range(3, 11).map(i -> Integer.parseInt(row[i])).toArray();
    Operator operator = Operator.ofKind(row[2]);
    ConvShape shape =
        ConvShape.builder(n[0], n[1], n[2])
            .outChannels(n[3])
            .kernel(n[4], n[5])
            .stride(n[6])
            .dilation(n[7])
            .padding(Padding.parse(row[11]))
            .groups(operator == Operator.DEPTHWISE ? n[2] : 1)
            .build();
    Activation activation =
        switch (row[12]) {
          case "none" -> Activation.NONE;
          case "relu" -> Activation.RELU;
          case "relu6" -> Activation.RELU6;
          default ->
              throw new IllegalArgumentException(
                  "activation '" + row[12] + "' must be none, relu or relu6");
        };
    String name = ambiguous ? row[1] + "." + row[2] : row[1];
    return new Layer(row[0], name, operator, shape, activation, Long.parseLong(row[15]));
  }

  /**
   * The separable blocks in network order: depthwise layers followed by the pointwise one that
   * reads them.
   */
  public List<Block> blocks() {
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i + 1 < layers.size(); i++) {
      if (layers.get(i).feeds(layers.get(i + 1))) {
        blocks.add(new Block(layers.get(i), layers.get(i + 1)));
      }
    }
    return blocks;
  }

  /**
   * What there is to measure: every layer, every separable block, the standard convolution of every
   * block, and all layers as one chain where they are one; what occurs several times is there once,
   * with its count and the first one's name.
   */
  public List<Target> targets() {
    return targets;
  }

  /** The list's name. */
  public String name() {
    return name;
  }

  /** Its layers in network order. */
  List<Layer> layers() {
    return layers;
  }

  private List<Target> findTargets() {
    List<Target> targets = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      if (layers.subList(0, i).stream().noneMatch(layer::sameAs)) {
        targets.add(Target.of(layer, (int) layers.stream().filter(layer::sameAs).count()));
      }
    }
    List<Block> blocks = blocks();
    for (int i = 0; i < blocks.size(); i++) {
      Block block = blocks.get(i);
      if (blocks.subList(0, i).stream().noneMatch(block::sameAs)) {
        int count = (int) blocks.stream().filter(block::sameAs).count();
        targets.add(Target.separable(block, count));
        targets.add(Target.standard(block, count));
      }
    }
    if (name.equals(CHAIN)) {
      targets.add(Target.chain(this));
    }
    return targets;
  }
}
