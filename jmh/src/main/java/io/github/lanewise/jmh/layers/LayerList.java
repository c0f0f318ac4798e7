package io.github.lanewise.jmh.layers;

import io.github.lanewise.Activation;
import io.github.lanewise.ConvShape;
import io.github.lanewise.Padding;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
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

  private static final Map<String, Activation> ACTIVATIONS =
      Map.of("none", Activation.NONE, "relu", Activation.RELU, "relu6", Activation.RELU6);

  /** Every result that is read looks its layer up. */
  private static final Map<String, LayerList> READ = new ConcurrentHashMap<>();

  private final String name;
  private final List<Layer> layers;
  private final List<Target> targets;

  private LayerList(String name, List<Layer> layers) {
    this.name = name;
    this.layers = layers;
    this.targets = findTargets();
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
    List<String> names = rows.stream().map(row -> row[1]).toList();
    return new LayerList(
        name,
        rows.stream().map(row -> layer(row, Collections.frequency(names, row[1]) > 1)).toList());
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
    Activation activation = ACTIVATIONS.get(row[12]);
    if (activation == null) {
      throw new IllegalArgumentException(
          "activation '" + row[12] + "' must be one of " + ACTIVATIONS.keySet());
    }
    String name = ambiguous ? row[1] + "." + row[2] : row[1];
    return new Layer(row[0], name, operator, shape, activation, Long.parseLong(row[15]));
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
    Map<Object, Target> byWhatTheyCompute = new LinkedHashMap<>();
    BiConsumer<Object, Target> add =
        (what, target) -> byWhatTheyCompute.merge(what, target, (first, same) -> first.oneMore());
    layers.forEach(layer -> add.accept(layer.computation(), Target.of(layer)));
    for (int i = 1; i < layers.size(); i++) {
      Layer depthwise = layers.get(i - 1);
      Layer pointwise = layers.get(i);
      if (depthwise.feeds(pointwise)) {
        List<Object> both = List.of(depthwise.computation(), pointwise.computation());
        add.accept(both, Target.separable(depthwise, pointwise));
        add.accept(List.of(Operator.STANDARD, both), Target.standard(depthwise, pointwise));
      }
    }
    if (name.equals(CHAIN)) {
      add.accept(CHAIN, Target.chain(name, layers));
    }
    return List.copyOf(byWhatTheyCompute.values());
  }
}
