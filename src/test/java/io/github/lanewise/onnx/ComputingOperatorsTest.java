package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Functions, reductions and products in the forms that files state them in. */
class ComputingOperatorsTest {
  /** By channel 1 2 / 3 4 and 5 6 / 7 8; in memory the channels come last. */
  private static final float[] IMAGE = {1, 2, 3, 4, 5, 6, 7, 8};

  private static TestModel image() {
    return new TestModel().input("x", 1, 2, 2, 2).output("y");
  }

  private static TestModel of(long... shape) {
    return new TestModel().input("x", shape).output("y");
  }

  private static void gives(TestModel model, float[] input, double... expected) {
    float[] result = model.run(input);
    assertThat(result).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) result[i]).as("value %d", i).isEqualTo(expected[i], offset(1e-5));
    }
  }

  private static void hasShape(TestModel model, Integer... shape) {
    assertThat(model.read().outputs().getFirst().shape()).containsExactly(shape);
  }

  @Test
  void reductionsNameTheirAxesAsTheirOpsetDoes() {
    TestModel m = image().opset(11);
    m.node("ReduceSum", "x", "y", "axes", List.of(1), "keepdims", 0);
    gives(m, IMAGE, 6, 8, 10, 12);
    hasShape(m, 1, 2, 2);
    m = image().opset(18).longs("over", -1, 1).node("ReduceMax", "x over", "y");
    gives(m, IMAGE, 6, 8);
    hasShape(m, 1, 1, 2, 1);
    m = image().node("ReduceL2", "x", "y", "keepdims", 0);
    gives(m, IMAGE, Math.sqrt(204));
    hasShape(m);
    m = image().opset(18).node("ReduceSumSquare", "x", "y", "noop_with_empty_axes", 1);
    gives(m, IMAGE, 1, 2, 3, 4, 5, 6, 7, 8);
    gives(image().opset(18).longs("over").node("ReduceMin", "x over", "y"), IMAGE, 1);
    m = image().node("ReduceMean", "x", "y", "axes", List.of(2, 3), "keepdims", 0);
    gives(m, IMAGE, 2.5, 6.5);
    hasShape(m, 1, 2);
    m = image().node("ReduceMean", "x", "y", "axes", List.of(1, 3));
    gives(m, IMAGE, 3.5, 5.5);
    hasShape(m, 1, 1, 2, 1);
  }

  /** A product of a shape's sizes, which a reshape then takes, is known when the file is read. */
  @Test
  void functionsOfConstantsAreConstant() {
    TestModel m = image().longs("first", 0).node("Shape", "x", "s");
    m.node("ReduceProd", "s", "count", "axes", List.of(0)).node("Reshape", "x count", "y");
    gives(m, IMAGE, 1, 2, 3, 4, 5, 6, 7, 8);
    hasShape(m, 8);
    m = image().longs("open", -1, 4).longs("none", 0, 0).longs("two", 2, 2);
    m.node("Less", "open none", "isOpen").node("Where", "isOpen two open", "s");
    hasShape(m.node("Reshape", "x s", "y"), 2, 4);
    m = of(4).floats("c", List.of(2L), 4, 9).node("Sqrt", "c", "r").longs("s", 2, 2);
    m.node("Relu", "r", "q").node("Cast", "q", "i", "to", 7).node("ReduceSum", "i", "n");
    m.longs("one", 1).node("Sub", "n one", "four").node("Reshape", "x four", "y");
    gives(m, new float[] {1, 2, 3, 4}, 1, 2, 3, 4);
    TestModel large = of(1).longs("big", 1L << 25).node("Max", "big big", "b");
    large.node("Reshape", "x b", "y");
    assertThatThrownBy(large::read).isInstanceOf(OnnxException.class).hasMessageContaining("2^24");
  }

  @Test
  void placesOfExtremes() {
    float[] values = {3, 1, 3, 0, 3, 3, 1, 1};
    gives(image().node("ArgMax", "x", "y", "axis", 1), values, 0, 1, 0, 1);
    TestModel last = image();
    last.node("ArgMin", "x", "y", "axis", -1, "keepdims", 0, "select_last_index", 1);
    gives(last, values, 1, 1, 1, 1);
    hasShape(last, 1, 2, 2);
  }

  @Test
  void choicesAndComparisonsBroadcast() {
    TestModel m = image().floats("limit", List.of(2L, 1L, 1L), 2, 7);
    m.node("Greater", "x limit", "is").node("Where", "is x limit", "y");
    gives(m, IMAGE, 2, 2, 3, 4, 7, 7, 7, 8);
    m = image().floats("limit", List.of(2L), 2, 7).node("LessOrEqual", "x limit", "is");
    gives(m.node("Not", "is", "y"), IMAGE, 0, 0, 1, 0, 1, 0, 1, 1);
    m = of(2, 1).floats("c", List.of(3L), 0, 1, 2).node("Equal", "x c", "e");
    m.node("Cast", "e", "y", "to", 1);
    gives(m, new float[] {1, 2}, 0, 1, 0, 0, 0, 1);
    hasShape(m, 2, 3);
  }

  @Test
  void anyNumberOfInputs() {
    TestModel m = image().floats("c", List.of(2L, 1L), 4, 5).floats("d", List.of(), 3);
    gives(m.node("Max", "x c d", "y"), IMAGE, 4, 4, 5, 5, 5, 6, 7, 8);
    gives(image().node("Min", "x", "y"), IMAGE, 1, 2, 3, 4, 5, 6, 7, 8);
    m = image().floats("c", List.of(2L), 2, 5);
    gives(m.node("Mean", "x c x x", "y"), IMAGE, 1.25, 2.75, 2.75, 4.25, 4.25, 5.75, 5.75, 7.25);
    gives(image().node("Sum", "x x x", "y"), IMAGE, 3, 6, 9, 12, 15, 18, 21, 24);
  }

  @Test
  void parametersOfFunctions() {
    float[] x = {-1, 2};
    double e = Math.exp(-1) - 1;
    gives(of(2).node("Elu", "x", "y", "alpha", 2f), x, 2 * e, 2);
    gives(of(2).node("Elu", "x", "y"), x, e, 2);
    gives(of(2).node("Selu", "x", "y"), x, 1.05070098 * 1.67326324 * e, 2 * 1.05070098);
    gives(of(2).node("Selu", "x", "y", "alpha", 2f, "gamma", 3f), x, 6 * e, 6);
    gives(of(2).node("Celu", "x", "y", "alpha", 0.5f), x, 0.5 * (Math.exp(-2) - 1), 2);
    gives(of(2).node("ThresholdedRelu", "x", "y", "alpha", 2f), x, 0, 0);
    gives(of(2).node("Shrink", "x", "y", "lambd", 1.5f, "bias", 0.5f), x, 0, 1.5);
    gives(of(2).opset(20).node("Gelu", "x", "y"), x, -0.158655, 1.954500);
    TestModel tanh = of(2).opset(20).node("Gelu", "x", "y", "approximate", "tanh");
    gives(tanh, x, -0.158808, 1.954598);
    gives(of(2).opset(24).node("Swish", "x", "y"), x, -1 / (1 + Math.E), 2 / (1 + Math.exp(-2)));
    float[] infinite = {Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY};
    gives(of(2).node("IsInf", "x", "y", "detect_positive", 0), infinite, 1, 0);
    gives(of(2).node("IsInf", "x", "y", "detect_negative", 0), infinite, 0, 1);
    TestModel wrong = of(2).opset(20).node("Gelu", "x", "y", "approximate", "half");
    assertThatThrownBy(wrong::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("'half'");
  }

  @Test
  void remaindersAndPowers() {
    TestModel m = of(4).floats("d", List.of(), 3);
    gives(m.node("Mod", "x d", "y", "fmod", 1), new float[] {5, -5, 7.5f, -1}, 2, -2, 1.5, -1);
    m = new TestModel().typedInput("x", 6, 4).output("y").raw("d", 6, List.of(1L), 3, 0, 0, 0);
    gives(m.node("Mod", "x d", "y"), new float[] {5, -5, 6, -1}, 2, 1, 0, 2);
    m = new TestModel().typedInput("x", 6, 3).output("y").raw("d", 6, List.of(), 3, 0, 0, 0);
    gives(m.node("Div", "x d", "y"), new float[] {5, -5, 6}, 1, -1, 2);
    gives(of(2).floats("p", List.of(), 3).node("Pow", "x p", "y"), new float[] {2, -2}, 8, -8);
    m = new TestModel().typedInput("x", 6, 2).output("y").floats("p", List.of(), 0.5f);
    gives(m.node("Pow", "x p", "y"), new float[] {9, 8}, 3, 2);
  }

  @Test
  void castsKeepWhatTheTypeDoes() {
    float[] x = {-1.9f, 2.5f, 300.7f, 0};
    gives(of(4).node("Cast", "x", "y", "to", 7), x, -1, 2, 300, 0);
    gives(of(4).node("Cast", "x", "y", "to", 2), x, 255, 2, 44, 0);
    gives(of(4).node("Cast", "x", "y", "to", 9), x, 1, 1, 1, 0);
    gives(of(4).node("Cast", "x", "y", "to", 10), x, -1.900390625, 2.5, 300.75, 0);
    TestModel like = of(4).longs("l", 1).node("CastLike", "x l", "y");
    gives(like, x, -1, 2, 300, 0);
    TestModel back = of(4).node("Cast", "x", "i", "to", 3).node("Cast", "i", "y", "to", 1);
    gives(back, x, -1, 2, 44, 0);
  }

  @Test
  void outputsOfAShorterTypeAreRoundedToIt() {
    float[] x = {1.001f, 1.0003f};
    for (int type : new int[] {1, 10, 16}) {
      TestModel m = new TestModel().typedInput("x", type, 2).output("y").node("Elu", "x", "y");
      gives(m, x, type == 16 ? 1 : type == 10 ? 1.0009766 : x[0], type == 1 ? x[1] : 1);
    }
  }

  @Test
  void productsOfTwoTensors() {
    TestModel m = of(2, 2).node("Transpose", "x", "t").node("MatMul", "x t", "y");
    gives(m, new float[] {1, 2, 3, 4}, 5, 11, 11, 25);
    m = image().floats("row", List.of(2L), 1, 10).node("MatMul", "row x", "y");
    gives(m, IMAGE, 31, 42, 75, 86);
    hasShape(m, 1, 2, 2);
    m = image().floats("column", List.of(2L), 1, 10).node("MatMul", "x column", "y");
    gives(m, IMAGE, 21, 43, 65, 87);
    hasShape(m, 1, 2, 2);
    gives(of(3).node("MatMul", "x x", "y"), new float[] {1, 2, 3}, 14);
    m = image().floats("b", List.of(2L, 2L, 2L), 1, 0, 0, 1, 0, 1, 1, 0).node("MatMul", "x b", "y");
    gives(m, IMAGE, 1, 2, 3, 4, 6, 5, 8, 7);
  }

  @Test
  void gemmOfAnyMatricesAndBias() {
    float[] x = {1, 2, 3, 4};
    TestModel m = of(2, 2).node("Gemm", "x x x", "y", "transB", 1, "alpha", 2f, "beta", 0.5f);
    gives(m, x, 10.5, 23, 23.5, 52);
    m = of(2, 2).floats("b", List.of(2L, 2L), 1, 0, 0, 1).floats("c", List.of(2L, 1L), 10, 20);
    gives(m.node("Gemm", "x b c", "y"), x, 11, 12, 23, 24);
    gives(of(2, 2).node("Gemm", "x x", "y"), x, 7, 10, 15, 22);
    TestModel wrong = of(2, 2).floats("c", List.of(3L, 2L), 1, 2, 3, 4, 5, 6);
    wrong.node("Gemm", "x x c", "y");
    assertThatThrownBy(wrong::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("[3, 2]");
  }

  @Test
  void slopesOfAnyShape() {
    float[] x = {-1, -2, -3, 4, -5, -6, -7, -8};
    TestModel m = image().floats("s", List.of(2L, 2L), 1, 2, 3, 4).node("PRelu", "x s", "y");
    gives(m, x, -1, -4, -9, 4, -5, -12, -21, -32);
    m = image().node("Abs", "x", "s").node("PRelu", "x s", "y");
    gives(m, x, -1, -4, -9, 4, -25, -36, -49, -64);
  }

  @Test
  void boundsThatAreComputed() {
    TestModel m = image().node("ReduceMean", "x", "m").floats("least", List.of(), 2);
    gives(m.node("Clip", "x least m", "y"), IMAGE, 2, 2, 3, 4, 4.5, 4.5, 4.5, 4.5);
  }

  @Test
  void alongAnAxisBeforeOpset13() {
    double sum = Math.log(Math.exp(-3) + Math.exp(-2) + Math.exp(-1) + 1);
    double[] logs = {-3 - sum, -2 - sum, -1 - sum, -sum, -3 - sum, -2 - sum, -1 - sum, -sum};
    gives(image().opset(11).node("LogSoftmax", "x", "y", "axis", 2), IMAGE, logs);
    gives(image().node("Hardmax", "x", "y", "axis", 1), IMAGE, 0, 0, 0, 0, 1, 1, 1, 1);
    TestModel sums = image().longs("axis", 1);
    gives(sums.node("CumSum", "x axis", "y"), IMAGE, 1, 2, 3, 4, 6, 8, 10, 12);
  }

  /** The mask of a Dropout that does nothing: all is kept, be it no number. */
  @Test
  void dropoutHasAMask() {
    TestModel m = of(2);
    m.graph.addNode(
        NodeProto.newBuilder().setOpType("Dropout").addInput("x").addOutput("y").addOutput("mask"));
    m.graph.addOutput(ValueInfoProto.newBuilder().setName("mask"));
    Map<String, float[]> out = m.read().run(Map.of("x", new float[] {3, Float.NaN}));
    assertThat(out.get("y")).containsExactly(3, Float.NaN);
    assertThat(out.get("mask")).containsExactly(1, 1);
  }

  private static TestModel einsum(TestModel model, String inputs, String equation) {
    return model.node("Einsum", inputs, "y", "equation", equation);
  }

  @Test
  void sumsByEinstein() {
    float[] x = {1, 2, 3, 4, 5, 6};
    gives(einsum(of(2, 3), "x", "ij->ji"), x, 1, 4, 2, 5, 3, 6);
    gives(einsum(of(2, 3), "x", "ij->i"), x, 6, 15);
    gives(einsum(of(2, 3), "x", "ji"), x, 1, 4, 2, 5, 3, 6);
    gives(einsum(of(2, 3), "x x", "ij, kj -> ik"), x, 14, 32, 32, 77);
    gives(einsum(of(3), "x x", "i,i"), new float[] {1, 2, 3}, 14);
    gives(einsum(of(2), "x x", "i,j->ji"), new float[] {2, 3}, 4, 6, 6, 9);
    TestModel m = image().floats("w", List.of(2L, 3L), 1, 0, 1, 0, 1, 1);
    gives(einsum(m, "x w", "nchw,ck->nkhw"), IMAGE, 1, 2, 3, 4, 5, 6, 7, 8, 6, 8, 10, 12);
    hasShape(m, 1, 3, 2, 2);
    m = image().floats("v", List.of(2L, 2L), 1, 1, 0, 2);
    gives(einsum(m, "x v", "...ij,jk->...ik"), IMAGE, 1, 5, 3, 11, 5, 17, 7, 23);
    gives(einsum(image(), "x x", "bchw,bciw->bchi"), IMAGE, 5, 11, 11, 25, 61, 83, 83, 113);
    for (String wrong : List.of("ii->i", "ij->k", "i->i", "ij,ij->i", "ij->ii", "i$->i")) {
      TestModel refused = einsum(of(2, 2), "x", wrong);
      assertThatThrownBy(refused::read).as(wrong).isInstanceOf(OnnxException.class);
    }
    TestModel sizes = einsum(of(2, 3), "x x", "ij,jk->ik");
    assertThatThrownBy(sizes::read)
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("3 and 2");
  }

  @Test
  void meansAndVariancesBecomeZeroAndOne() {
    TestModel m = image().node("MeanVarianceNormalization", "x", "y");
    double edge = 1.5 / Math.sqrt(1.25);
    double inner = 0.5 / Math.sqrt(1.25);
    gives(m, IMAGE, -edge, -inner, inner, edge, -edge, -inner, inner, edge);
    TestModel same = of(2, 2).node("MeanVarianceNormalization", "x", "y", "axes", List.of(1));
    gives(same, new float[] {3, 3, 1, 3}, 0, 0, -1, 1);
  }

  /** PyTorch states of which precision the mean and the variance are, float32 by default. */
  @Test
  void normalizationsStateThePrecisionOfTheirSums() {
    TestModel m = of(1, 2).opset(23).floats("f", List.of(2L), 1, 1);
    m.node("LayerNormalization", "x f", "y", "axis", -1, "epsilon", 0f, "stash_type", 1);
    gives(m, new float[] {3, 5}, -1, 1);
    m = of(1, 2).opset(23).floats("f", List.of(2L), 5, 5);
    m.node("RMSNormalization", "x f", "y", "axis", -1, "epsilon", 0f, "stash_type", 1);
    gives(m, new float[] {1, 7}, 1, 7);
  }
}
