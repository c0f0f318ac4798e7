package io.github.lanewise.jmh.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import io.github.lanewise.Activation;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerListTest {

  static Stream<LayerList> lists() {
    return LayerList.NAMES.stream().map(LayerList::named);
  }

  private static List<String> names(LayerList list, Operator operator) {
    return list.targets().stream()
        .filter(t -> t.operator() == operator && !t.isBlock())
        .map(Target::label)
        .toList();
  }

  /** Of equal ones the first one's name again. */
  private static List<String> blockNames(LayerList list) {
    return list.targets().stream()
        .filter(target -> target.operator() == Operator.SEPARABLE)
        .flatMap(target -> Collections.nCopies(target.count(), target.name()).stream())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("lists")
  void everyRowsMultiplicationsAreThoseOfItsShape(LayerList list) {
    assertThat(list.layers()).isNotEmpty();
    for (Layer layer : list.layers()) {
      assertThat(layer.shape().multiplications())
          .as("%s/%s", list.name(), layer.name())
          .isEqualTo(layer.multiplications());
    }
  }

  @ParameterizedTest
  @MethodSource("lists")
  void namesAreUniqueAndTargetsAreFoundByThem(LayerList list) {
    assertThat(list.layers().stream().map(Layer::name)).doesNotHaveDuplicates();
    for (Target target : list.targets()) {
      assertThat(Target.find(target.operator(), target.layer())).isEqualTo(target);
      Target created = Target.findToCreate(target.layer());
      assertThat(created.layer()).isEqualTo(target.layer());
      assertThat(created.operator() == Operator.STANDARD && created.isBlock()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("lists")
  void everyLayerIsCountedOnce(LayerList list) {
    int layers =
        list.targets().stream()
            .filter(t -> !t.isBlock() && t.operator() != Operator.CHAIN)
            .mapToInt(Target::count)
            .sum();
    assertThat(layers).isEqualTo(list.layers().size());
  }

  @Test
  void mobileNetV1HasNineDistinctBlocksOfThirteen() {
    LayerList list = LayerList.named("mobilenet_v1");
    assertThat(list.name()).isEqualTo("mobilenet_v1_1.0_224");
    assertThat(names(list, Operator.DEPTHWISE))
        .containsExactly("dw1", "dw2", "dw3", "dw4", "dw5", "dw6", "dw7 (x5)", "dw12", "dw13");
    assertThat(names(list, Operator.STANDARD)).containsExactly("conv0");
    assertThat(blockNames(list)).hasSize(13).startsWith("dw1+pw1", "dw2+pw2");
    List<Target> fused =
        list.targets().stream().filter(t -> t.operator() == Operator.SEPARABLE).toList();
    assertThat(fused.stream().map(Target::label))
        .containsExactly(
            "dw1+pw1",
            "dw2+pw2",
            "dw3+pw3",
            "dw4+pw4",
            "dw5+pw5",
            "dw6+pw6",
            "dw7+pw7 (x5)",
            "dw12+pw12",
            "dw13+pw13");
    Target block = fused.get(2);
    assertThat(block.shapeText()).isEqualTo("56x56x128->128 3x3");
    assertThat(block.theory()).isEqualTo(1 / (1.0 / 128 + 1.0 / 9));
    assertThat(block.flops()).isEqualTo(2 * (3612672 + 51380224));
    assertThat(block.layers().getFirst().activation()).isEqualTo(Activation.RELU6);
  }

  @Test
  void mobileNetV1IsAlsoOneChain() {
    Target chain = Target.find(Operator.CHAIN, "mobilenet_v1_1.0_224/chain");
    assertThat(chain.layers()).hasSize(27);
    assertThat(chain.parts()).hasSize(14).first().asInstanceOf(LIST).hasSize(1);
    assertThat(chain.shapeText()).isEqualTo("224x224x3->7x7x1024");
    assertThat(chain.flops()).isEqualTo(2 * 567_716_352L);
    assertThat(chain.isBlock()).isFalse();
    for (String other : LayerList.NAMES.subList(1, LayerList.NAMES.size())) {
      assertThatThrownBy(() -> Target.find(Operator.CHAIN, other + "/chain"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void everySeparableBlockHasItsStandardConvolution() {
    List<Target> targets = LayerList.named("mobilenet_v1").targets();
    List<Target> standard =
        targets.stream().filter(t -> t.isBlock() && t.operator() == Operator.STANDARD).toList();
    assertThat(standard).hasSize(9).extracting(Target::count).contains(5);
    assertThat(standard.get(1).shapeText()).isEqualTo("112x112x64->128 3x3/2");
    assertThat(standard.get(1).flops()).isEqualTo(2L * 56 * 56 * 9 * 64 * 128);
  }

  @Test
  void blocksOfMobileNetV2AndXceptionSayTheirCommonPrefixOnce() {
    assertThat(blockNames(LayerList.named("mobilenet_v2"))).startsWith("b0.dw+project");
    LayerList xception = LayerList.named("xception");
    assertThat(blockNames(xception)).startsWith("entry1.sep1.dw+pw").hasSize(34);
    assertThat(xception.targets().stream().map(Target::label)).contains("entry3.shortcut", "conv1");
  }

  /** About what the papers state. */
  @Test
  void wholeNetworksAreWhole() {
    assertThat(millions("mobilenet_v1")).isEqualTo(568);
    assertThat(millions("mobilenet_v3")).isEqualTo(217);
    assertThat(millions("efficientnet")).isEqualTo(385);
    assertThat(millions("mnasnet")).isEqualTo(314);
  }

  private static long millions(String name) {
    long all = LayerList.named(name).layers().stream().mapToLong(Layer::multiplications).sum();
    return Math.round(all / 1e6);
  }

  @Test
  void theListForAudioIsOfOneDimension() {
    assertThat(blockNames(LayerList.named("audio")))
        .containsExactly(
            "keywords.dw+pw",
            "quartznet.b1.dw+pw",
            "quartznet.b3.dw+pw",
            "k101.dw+pw",
            "k51.dw+pw");
    assertThat(Target.find(Operator.DEPTHWISE, "audio/k101.dw").shapeText())
        .isEqualTo("1x200x128 1x101");
  }

  @Test
  void oddShapesHaveNoBlocksAndKindsTellEqualNamesApart() {
    LayerList odd = LayerList.named("odd");
    assertThat(odd.targets()).noneMatch(Target::isBlock);
    assertThat(odd.layers().stream().map(Layer::name)).contains("c728.dw", "c728.pw", "k4");
    assertThat(Target.find(Operator.DEPTHWISE, "odd/k2").shapeText())
        .isEqualTo("28x28x64 2x2/2 VALID");
    assertThat(Target.find(Operator.DEPTHWISE, "odd/dilated2").shapeText())
        .isEqualTo("33x33x96 3x3 dilation 2");
  }

  @Test
  void ofOtherNetworksThereAreTheKernelsThatNoWholeListHas() {
    LayerList others = LayerList.named("other");
    assertThat(others.targets()).noneMatch(Target::isBlock);
    assertThat(others.targets().stream().map(t -> t.label() + " " + t.shapeText()))
        .containsExactly(
            "mobilenet_v3.5x5 28x28x120 5x5",
            "efficientnet_b0.5x5 14x14x672 5x5",
            "convnext.7x7 56x56x96 7x7",
            "resnet18.conv4 14x14x256->256 3x3",
            "mobileclip.7x7 64x64x64->128 7x7/2",
            "mobileclip.7x7b 32x32x128->256 7x7/2",
            "mobileclip.7x7c 16x16x256->512 7x7/2");
  }

  @Test
  void whatIsNotThereIsNamed() {
    assertThatThrownBy(() -> LayerList.named("mobilenet"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'mobilenet'")
        .hasMessageContaining("mobilenet_v2_1.0_224");
    assertThatThrownBy(() -> Target.find(Operator.POINTWISE, "odd/k4"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("odd/k4")
        .hasMessageContaining("pointwise");
    assertThatThrownBy(() -> Target.find(Operator.POINTWISE, "pw7"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'pw7'");
  }
}
