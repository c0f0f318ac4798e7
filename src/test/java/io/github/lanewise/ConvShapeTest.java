package io.github.lanewise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.util.Locale;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Geometry, names and limits of {@link ConvShape} and {@link Padding}. */
class ConvShapeTest {

  /** Of a locale whose digits are others, too. */
  @Test
  void textIsTheSameInEveryLocale() {
    Locale before = Locale.getDefault();
    ConvShape shape =
        ConvShape.builder(56, 41, 8).padding(Padding.explicit(1, 2, 3, 4)).kernel(3).build();
    CostModel cost =
        CostModel.separable(ConvShape.builder(8, 8, 4).kernel(3).depthwise().build(), 7);
    String text = cost.toString();
    String plans = plansAndRefusals();
    try {
      Locale.setDefault(Locale.forLanguageTag("fa"));
      assertThat(ConvShape.parse(shape.toString())).isEqualTo(shape);
      assertThat(plansAndRefusals()).isEqualTo(plans);
      Locale.setDefault(Locale.GERMANY);
      assertThat(cost).hasToString(text);
    } finally {
      Locale.setDefault(before);
    }
  }

  /** What is said of plans, of the machine, and of arguments that are refused. */
  private static String plansAndRefusals() {
    StringBuilder text = new StringBuilder(Backend.current().describe());
    for (Operator operator : Operator.values()) {
      int kernel = operator == Operator.POINTWISE ? 1 : 3;
      ConvShape.Builder b = ConvShape.builder(9, 9, 3).kernel(kernel);
      ConvShape s = (operator.isDepthwiseShape() ? b.depthwise() : b).build();
      ConvCase c = ConvCase.of(operator, s);
      ConvPlan plan = ConvData.of(c).plan(c, ConvOptions.DEFAULT);
      float[] same = new float[300];
      text.append(plan).append(catchThrowable(() -> plan.run(same, 0, same, 1)).getMessage());
    }
    Throwable tooSmall =
        catchThrowable(() -> ConvShape.builder(4, 9, 1).kernel(5).padding(Padding.VALID).build());
    return text.append(tooSmall.getMessage()).toString();
  }

  @Test
  void builderAndParseGiveTheSameShape() {
    ConvShape block = ConvShape.builder(56, 56, 128).kernel(3).depthwise().build();
    assertThat(ConvShape.parse("n1_h56w56c128_o128_k3x3_s1x1_d1x1_pSAME_g128")).isEqualTo(block);
    ConvShape all =
        ConvShape.builder(9, 8, 6)
            .batch(2)
            .outChannels(4)
            .kernel(3, 2)
            .stride(2, 1)
            .dilation(1, 3)
            .padding(Padding.explicit(0, 1, 2, 3))
            .groups(2)
            .build();
    assertThat(all).hasToString("n2_h9w8c6_o4_k3x2_s2x1_d1x3_p0,1,2,3_g2");
    assertThat(ConvShape.parse(all.toString())).isEqualTo(all);
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void everyNameOfTheSweepParsesBack(Operator operator) {
    for (ConvCase c : new ShapeGrammar(operator, 8, 1).systematic()) {
      assertThat(ConvShape.parse(c.shape().toString())).isEqualTo(c.shape());
    }
  }

  @ParameterizedTest
  @EnumSource(Operator.class)
  void sizesFollowTheDefinition(Operator operator) {
    for (ConvCase c : new ShapeGrammar(operator, 8, 1).systematic()) {
      ConvShape s = c.shape();
      int[] out = NaiveConv.outSize(s);
      assertThat(new int[] {s.outHeight(), s.outWidth()}).as(s.toString()).isEqualTo(out);
      assertThat(s.srcLength()).as(s.toString()).isEqualTo(c.srcLength());
      assertThat((long) s.dstLength())
          .as(s.toString())
          .isEqualTo((long) s.batch() * out[0] * out[1] * s.outChannels());
      assertThat(s.bytes()).isEqualTo(4L * (s.srcLength() + s.weightsLength() + s.dstLength()));
      if (operator != Operator.SEPARABLE) {
        assertThat(s.multiplications()).as(s.toString()).isEqualTo(c.multiplications());
        assertThat(s.flops()).isEqualTo(2 * c.multiplications());
      }
    }
  }

  /** Examples of TensorFlow: an odd number of zeros has its larger half behind. */
  @ParameterizedTest
  @CsvSource({
    // in, kernel, stride, dilation, out, before
    "224, 3, 2, 1, 112, 0",
    "225, 3, 2, 1, 113, 1",
    "112, 3, 1, 1, 112, 1",
    "10, 4, 1, 1, 10, 1",
    "10, 4, 3, 1, 4, 1",
    "7, 5, 2, 1, 4, 2",
    "5, 1, 3, 1, 2, 0",
    "14, 3, 1, 2, 14, 2",
    "4, 7, 2, 1, 2, 2"
  })
  void sameFollowsTensorFlow(int in, int kernel, int stride, int dilation, int out, int before) {
    ConvShape.Builder b = ConvShape.builder(in, in, 1).kernel(kernel);
    ConvShape s = b.stride(stride).dilation(dilation).build();
    assertThat(s.outHeight()).isEqualTo(out).isEqualTo(s.outWidth());
    assertThat(s.padTop()).isEqualTo(before).isEqualTo(s.padLeft());
  }

  @Test
  void kindsOfShapes() {
    assertThat(ConvShape.builder(4, 4, 3).depthwise(2).build().isDepthwise()).isTrue();
    assertThat(ConvShape.builder(4, 4, 3).depthwise(2).build().outChannelsPerGroup()).isEqualTo(2);
    assertThat(ConvShape.builder(4, 4, 3).build().isDepthwise()).isFalse();
    assertThat(ConvShape.builder(4, 4, 3).stride(2).build().isPointwise()).isTrue();
    assertThat(ConvShape.builder(4, 4, 3).kernel(1, 2).build().isPointwise()).isFalse();
    assertThat(ConvShape.builder(4, 4, 4).groups(2).build().isPointwise()).isFalse();
    assertThat(ConvShape.builder(4, 4, 3).padding(Padding.explicit(1)).build().isPointwise())
        .isFalse();
    ConvShape huge = // whose four sides sum to 2^32
        ConvShape.builder(1, 1, 1).stride((1 << 30) + 1).padding(Padding.explicit(1 << 30)).build();
    assertThat(huge.isPointwise()).isFalse();
  }

  @Test
  void sizesBelowOneAreNamed() {
    refuses(() -> ConvShape.builder(0, 1, 1).build(), "inHeight = 0", "1 or more");
    refuses(() -> ConvShape.builder(1, -2, 1).build(), "inWidth = -2", "1 or more");
    refuses(() -> ConvShape.builder(1, 1, 0).build(), "inChannels = 0", "1 or more");
    refuses(() -> ConvShape.builder(1, 1, 1).batch(0).build(), "batch = 0", "1 or more");
    refuses(() -> ConvShape.builder(1, 1, 1).outChannels(-1).build(), "outChannels = -1");
    refuses(() -> ConvShape.builder(1, 1, 1).kernel(0, 1).build(), "kernelHeight = 0");
    refuses(() -> ConvShape.builder(1, 1, 1).kernel(1, 0).build(), "kernelWidth = 0");
    refuses(() -> ConvShape.builder(1, 1, 1).stride(0, 1).build(), "strideHeight = 0");
    refuses(() -> ConvShape.builder(1, 1, 1).stride(1, -1).build(), "strideWidth = -1");
    refuses(() -> ConvShape.builder(1, 1, 1).dilation(0, 1).build(), "dilationHeight = 0");
    refuses(() -> ConvShape.builder(1, 1, 1).dilation(1, 0).build(), "dilationWidth = 0");
    refuses(() -> ConvShape.builder(1, 1, 1).groups(0).build(), "groups = 0");
    refuses(() -> ConvShape.builder(1, 1, 1).depthwise(0), "multiplier = 0");
    refuses(() -> Padding.explicit(0, -1, 0, 0), "padding left = -1", "0 or more");
    refuses(() -> Padding.explicit(-3), "padding top = -3");
    refuses(() -> new Padding(Padding.Kind.SAME, 1, 0, 0, 0), "SAME", "explicit");
  }

  @Test
  void impossibleGeometryIsNamed() {
    refuses(
        () -> ConvShape.builder(4, 9, 1).kernel(5).padding(Padding.VALID).build(),
        "kernelHeight = 5",
        "inHeight = 4",
        "VALID");
    refuses(
        () ->
            ConvShape.builder(9, 4, 1)
                .kernel(3)
                .dilation(3)
                .padding(Padding.explicit(0, 1, 0, 1))
                .build(),
        "kernelWidth = 3",
        "dilationWidth = 3",
        "7",
        "inWidth = 4");
    refuses(() -> ConvShape.builder(4, 4, 3).groups(2).build(), "inChannels = 3", "groups = 2");
    refuses(
        () -> ConvShape.builder(4, 4, 4).groups(4).outChannels(6).build(),
        "outChannels = 6",
        "groups = 4");
  }

  @Test
  void sizesBeyondAnArrayAreNamed() {
    int max = Integer.MAX_VALUE;
    refuses(() -> ConvShape.builder(65536, 32768, 1).build(), "input", "65536 x 32768", "2^31 - 1");
    refuses(() -> ConvShape.builder(max, max, max).batch(max).build(), "input", "2^31 - 1");
    refuses(() -> ConvShape.builder(50000, 50000, 1).stride(max).build(), "input");
    refuses(() -> ConvShape.builder(1, 1, 65536).outChannels(32768).build(), "weights", "2^31 - 1");
    refuses(() -> ConvShape.builder(1, 1, 1).kernel(65536, 32768).build(), "weights");
    refuses(() -> ConvShape.builder(32768, 32768, 1).outChannels(2).build(), "output", "2^31 - 1");
    refuses(() -> ConvShape.builder(1, 1, 2).padding(Padding.explicit(30000)).build(), "output");
    refuses(() -> ConvShape.builder(1, 1, 1).padding(Padding.explicit(max)).build(), "2^31 - 1");
    refuses(() -> ConvShape.builder(2, 2, 1).kernel(2).dilation(max).build(), "inHeight");
    refuses(() -> ConvShape.builder(1, 1, 65536).depthwise(32768), "output channels", "2^31 - 1");
    // The largest that are possible: nothing overflows on the way.
    assertThat(ConvShape.builder(max, 1, 1).build().dstLength()).isEqualTo(max);
    assertThat(ConvShape.builder(1, max, 1).stride(max).build().outWidth()).isEqualTo(1);
  }

  private static void refuses(Supplier<?> action, String... words) {
    assertThatIllegalArgumentException().isThrownBy(action::get).withMessageContainingAll(words);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n1",
        "n1_h56w56c128_o128_k3x3_s1x1_d1x1_pSAME",
        "n-1_h5w5c1_o1_k3x3_s1x1_d1x1_pSAME_g1",
        "n1_h5w5c1_o1_k3x3_s1x1_d1x1_pOTHER_g1",
        "n1_h5w5c1_o1_k3x3_s1x1_d1x1_p1,2,3_g1",
        "n1_h5w5c1_o1_k3x3_s1x1_d1x1_p1,2,3,_g1",
        "n99999999999_h5w5c1_o1_k3x3_s1x1_d1x1_pSAME_g1",
        "n1_h5w5c1_o1_k3x3_s1x1_d1x1_p1,2,3,99999999999_g1",
        "n0_h5w5c1_o1_k3x3_s1x1_d1x1_pSAME_g1"
      })
  void textThatIsNoShapeIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConvShape.parse(text))
        .withMessageMatching("(?s).+ (must|exceed).+");
  }

  @Test
  void paddingParsesWhatItWrites() {
    Padding sides = Padding.explicit(1, 0, 1, 2);
    assertThat(sides).hasToString("1,0,1,2");
    assertThat(Padding.parse("1,0,1,2")).isEqualTo(sides);
    assertThat(Padding.parse("same")).isEqualTo(Padding.SAME).hasToString("SAME");
    assertThat(Padding.parse("VALID")).isEqualTo(Padding.VALID).hasToString("VALID");
    assertThat(Padding.explicit(2)).isEqualTo(Padding.explicit(2, 2, 2, 2));
  }

  @Test
  void nullsAreNamed() {
    assertThatNullPointerException()
        .isThrownBy(() -> ConvShape.parse(null))
        .withMessageContaining("shape");
    assertThatNullPointerException()
        .isThrownBy(() -> Padding.parse(null))
        .withMessageContaining("padding");
    assertThatNullPointerException()
        .isThrownBy(() -> ConvShape.builder(1, 1, 1).padding(null).build())
        .withMessageContaining("padding");
  }
}
