package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import io.github.lanewise.network.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Operators that move values: of a tensor when it runs and of constants when they are read. */
class MoveOpsTest {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  /** A node under test, whose first input is {@code x} of the values 1, 2, 3 and so on. */
  private static final class Case {
    private final long[] shape;
    private final TestModel model = new TestModel();
    private String operator;
    private String inputs;
    private Object[] attributes;

    Case(long... shape) {
      this.shape = shape;
    }

    Case longs(String name, long... values) {
      model.longs(name, values);
      return this;
    }

    Case opset(int opset) {
      model.opset(opset);
      return this;
    }

    Case node(String name, String more, Object... values) {
      this.operator = name;
      this.inputs = more.isEmpty() ? "" : " " + more;
      this.attributes = values;
      return this;
    }

    private float[] values() {
      int n = 1;
      for (long size : shape) {
        n *= (int) size;
      }
      float[] out = new float[n];
      for (int i = 0; i < n; i++) {
        out[i] = i + 1;
      }
      return out;
    }

    /** The same of a tensor, of whole constants, and of doubles. */
    void gives(List<Integer> expectedShape, double... expected) {
      var initializers = List.copyOf(model.graph.getInitializerList());
      model.input("x", shape).node(operator, "x" + inputs, "y", attributes).output("y");
      check(expectedShape, expected, Map.of("x", values()));
      for (int type : new int[] {INT64, 11}) {
        model.graph.clear();
        model.graph.addAllInitializer(initializers);
        model
            .input("zero", 1)
            .floats(
                "x", IntStream.range(0, shape.length).mapToObj(i -> shape[i]).toList(), values());
        model.node("Cast", "x", "typed", "to", type);
        model.node(operator, "typed" + inputs, "moved", attributes);
        model.node("Cast", "moved", "f", "to", FLOAT).node("Add", "f zero", "y").output("y");
        check(expectedShape, expected, Map.of("zero", new float[1]));
      }
    }

    private void check(List<Integer> shape, double[] expected, Map<String, float[]> inputs) {
      Network network = model.read();
      Port y = network.outputs().getFirst();
      assertThat(y.shape()).isEqualTo(shape);
      float[] result = network.run(inputs).get("y");
      assertThat(result).hasSize(expected.length);
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) result[i]).as("value %d", i).isEqualTo(expected[i]);
      }
    }

    void refused(String... parts) {
      model.input("x", shape).node(operator, "x" + inputs, "y", attributes).output("y");
      assertThatThrownBy(model::read)
          .isInstanceOf(OnnxException.class)
          .hasMessageContainingAll(parts);
    }
  }

  private static Case of(long... shape) {
    return new Case(shape);
  }

  @Test
  void slices() {
    Case c = of(2, 4).longs("from", -1, 1).longs("to", -9, 4).longs("a", 0, -1);
    c.longs("by", -1, 2).node("Slice", "from to a by").gives(List.of(2, 2), 6, 8, 2, 4);
    Case rows = of(3, 1, 2, 2).longs("from", 1).longs("to", Long.MAX_VALUE);
    rows.node("Slice", "from to").gives(List.of(2, 1, 2, 2), 5, 6, 7, 8, 9, 10, 11, 12);
    Case old = of(1, 3, 1, 2).opset(9);
    old.node("Slice", "", "starts", List.of(1), "ends", List.of(-1), "axes", List.of(1));
    old.gives(List.of(1, 1, 1, 2), 3, 4);
    of(2, 2)
        .longs("from", 0)
        .longs("to", 1)
        .longs("a", 2)
        .node("Slice", "from to a")
        .refused("axis 2");
  }

  /** Of a slice of no values the shape is known, which is all that there is to know. */
  @Test
  void slicesOfNothing() {
    TestModel m = new TestModel().input("x", 2, 3).longs("none", 0).output("y");
    m.node("Slice", "x none none", "s").node("Concat", "x s", "y", "axis", 0);
    assertThat(m.run(1, 2, 3, 4, 5, 6)).containsExactly(1, 2, 3, 4, 5, 6);
    TestModel end =
        new TestModel().input("x", 2).longs("none", 0).node("Slice", "x none none", "y");
    assertThat(end.output("y").read().outputs().getFirst().shape()).containsExactly(0);
    assertThat(end.run(1, 2)).isEmpty();
  }

  private static List<float[]> split(TestModel m, int outputs, float... x) {
    for (int i = 1; i < outputs; i++) {
      m.graph.getNodeBuilder(0).addOutput("y" + i);
    }
    for (int i = 0; i < outputs; i++) {
      m.output("y" + i);
    }
    Map<String, float[]> results = m.read().run(Map.of("x", x));
    List<float[]> parts = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      parts.add(results.get("y" + i));
    }
    return parts;
  }

  @Test
  void splits() {
    float[] x = {1, 2, 3, 4, 5};
    TestModel sizes = new TestModel().input("x", 5).longs("s", 1, 0, 4).node("Split", "x s", "y0");
    sizes.graph.getNodeBuilder(0).addOutput("nothing");
    sizes.graph.getNodeBuilder(0).addOutput("y1");
    Map<String, float[]> own = sizes.output("y0").output("y1").read().run(Map.of("x", x));
    assertThat(own.get("y0")).containsExactly(1);
    assertThat(own.get("y1")).containsExactly(2, 3, 4, 5);
    TestModel rest =
        new TestModel().opset(18).input("x", 5).node("Split", "x", "y0", "num_outputs", 3);
    assertThat(split(rest, 3, x))
        .containsExactly(new float[] {1, 2}, new float[] {3, 4}, new float[] {5});
    TestModel channels = new TestModel().input("x", 1, 4, 1, 2).node("Split", "x", "y0", "axis", 1);
    assertThat(split(channels, 2, 1, 2, 3, 4, 5, 6, 7, 8))
        .containsExactly(new float[] {1, 2, 3, 4}, new float[] {5, 6, 7, 8});
    TestModel old = new TestModel().opset(11).input("x", 5);
    old.node("Split", "x", "y0", "split", List.of(2, 3));
    assertThat(split(old, 2, x)).containsExactly(new float[] {1, 2}, new float[] {3, 4, 5});
    of(5).node("Split", "", "axis", 1).refused("axis 1");
    of(5).longs("s", 2).node("Split", "s").refused("1 sizes", "sum to 5");
    TestModel uneven = new TestModel().input("x", 5).node("Split", "x", "y0");
    assertThatThrownBy(() -> split(uneven, 2, x))
        .hasMessageContaining("size 5 has no 2 equal parts");
  }

  @Test
  void gathers() {
    of(3, 2).longs("i", 2, -3).node("Gather", "i").gives(List.of(2, 2), 5, 6, 1, 2);
    Case channels = of(1, 3, 1, 2).longs("i", 1, 1).node("Gather", "i", "axis", 1);
    channels.gives(List.of(1, 2, 1, 2), 3, 4, 3, 4);
    Case one = of(2, 3);
    one.model.raw("i", INT64, List.of(), 1, 0, 0, 0, 0, 0, 0, 0);
    one.node("Gather", "i", "axis", -1).gives(List.of(2), 2, 5);
    Case matrix = of(3);
    matrix.model.raw("i", 3, List.of(2L, 2L), 0, 1, 2, 255);
    matrix.node("Gather", "i").gives(List.of(2, 2), 1, 2, 3, 3);
    of(3).longs("i", 3).node("Gather", "i").refused("index 3 must be within the size 3");
    Case real = of(3);
    real.model.floats("r", List.of(1L), 1);
    real.node("Gather", "r").refused("indices must be whole numbers, not float32");
  }

  private static float[] indexed(
      String operator, long[] at, float[] indices, Object... attributes) {
    TestModel m = new TestModel().input("x", 2, 3).typedInput("i", INT64, at).output("y");
    Network network = m.node(operator, "x i", "y", attributes).read();
    return network.run(Map.of("x", new float[] {1, 2, 3, 4, 5, 6}, "i", indices)).get("y");
  }

  @Test
  void indicesThatAreKnownWhenItRuns() {
    assertThat(indexed("Gather", new long[] {2}, new float[] {2, -3}, "axis", 1))
        .containsExactly(3, 1, 6, 4);
    assertThat(indexed("Gather", new long[] {}, new float[] {-1})).containsExactly(4, 5, 6);
    assertThat(indexed("GatherElements", new long[] {1, 2}, new float[] {1, 0}))
        .containsExactly(4, 2);
    assertThat(indexed("GatherND", new long[] {2, 2}, new float[] {1, 2, 0, -1}))
        .containsExactly(6, 3);
    assertThatThrownBy(() -> indexed("Gather", new long[] {1}, new float[] {2}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("index 2.0 must be within the size 2");
  }

  @Test
  void gathersElementsAndPlaces() {
    Case elements = of(3, 2);
    elements.model.raw(
        "i", 6, List.of(2L, 2L), 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255);
    elements.node("GatherElements", "i").gives(List.of(2, 2), 5, 2, 3, 6);
    Case places = of(2, 3, 2);
    places.model.raw("i", 3, List.of(2L, 2L), 1, 2, 0, 255);
    places.node("GatherND", "i").gives(List.of(2, 2), 11, 12, 5, 6);
    Case batches = of(2, 3);
    batches.model.raw("i", 3, List.of(2L, 1L), 2, 0);
    batches.node("GatherND", "i", "batch_dims", 1).gives(List.of(2), 3, 4);
    Case wrong = of(2, 3);
    wrong.model.raw("i", 3, List.of(1L, 1L), 5);
    wrong.node("GatherElements", "i").refused("index 5.0 must be within the size 2");
  }

  @Test
  void scatters() {
    Case elements = of(2, 2);
    elements.model.raw("i", 3, List.of(1L, 2L), 1, 0);
    elements
        .model
        .input("u", 1, 2)
        .node("ScatterElements", "x i u", "y")
        .output("y")
        .input("x", 2, 2);
    assertThat(
            elements
                .model
                .read()
                .run(Map.of("x", new float[] {1, 2, 3, 4}, "u", new float[] {8, 9}))
                .get("y"))
        .containsExactly(1, 9, 8, 4);
    TestModel constants = new TestModel().input("zero", 1).longs("d", 1, 2, 3).output("y");
    constants.raw("i", 3, List.of(2L, 1L), 2, 0).longs("u", 8, 9);
    constants.node("ScatterND", "d i u", "s").node("Cast", "s", "f", "to", FLOAT);
    assertThat(constants.node("Add", "f zero", "y").run(0)).containsExactly(9, 2, 8);
    Map<String, Double> rules = Map.of("add", 12.0, "mul", 36.0, "max", 9.0, "min", 3.0);
    rules.forEach(
        (rule, expected) -> {
          TestModel m = new TestModel().opset(18).input("x", 3).output("y");
          m.raw("i", 3, List.of(1L), 2).floats("u", List.of(1L), rule.equals("mul") ? 12 : 9);
          m.node("ScatterElements", "x i u", "y", "reduction", rule);
          assertThat(m.run(1, 2, 3)).containsExactly(1, 2, (float) (double) expected);
        });
  }

  @Test
  void repetitions() {
    of(2, 1)
        .longs("s", 2, 1, 3)
        .node("Expand", "s")
        .gives(List.of(2, 2, 3), 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2);
    of(1, 1, 2, 1).longs("s", 2).node("Expand", "s").gives(List.of(1, 1, 2, 2), 1, 1, 2, 2);
    of(1, 2).longs("r", 2, 2).node("Tile", "r").gives(List.of(2, 4), 1, 2, 1, 2, 1, 2, 1, 2);
    of(3).longs("s", 2).node("Expand", "s").refused("[3] does not broadcast to [2]");
    of(3).longs("r", -1).node("Tile", "r").refused("repeats");
    of(1).longs("r", 1 << 30).node("Tile", "r").refused("memory limit");
    of(1, 1).longs("s", 1 << 20, 1 << 20).node("Expand", "s").refused("memory limit");
  }

  @Test
  void pads() {
    of(3)
        .longs("p", 2, 3)
        .node("Pad", "p", "mode", "reflect")
        .gives(List.of(8), 3, 2, 1, 2, 3, 2, 1, 2);
    of(3)
        .longs("p", 2, 3)
        .node("Pad", "p", "mode", "edge")
        .gives(List.of(8), 1, 1, 1, 2, 3, 3, 3, 3);
    of(3)
        .longs("p", 2, 4)
        .node("Pad", "p", "mode", "wrap")
        .gives(List.of(9), 2, 3, 1, 2, 3, 1, 2, 3, 1);
    of(2, 3)
        .longs("p", 1, -1, 0, 1)
        .node("Pad", "p")
        .gives(List.of(3, 3), 0, 0, 0, 2, 3, 0, 5, 6, 0);
    of(3).longs("p", -1, 2).node("Pad", "p", "mode", "wrap").gives(List.of(4), 2, 3, 2, 3);
    of(1).longs("p", 1, 1).node("Pad", "p", "mode", "reflect").gives(List.of(3), 1, 1, 1);
    of(3).longs("p", -2, -2).node("Pad", "p").refused("pads -2 and -2 do not fit the size 3");
    of(3).longs("p", 1, 1).node("Pad", "p", "mode", "mirror").refused("mode 'mirror'");
  }

  @Test
  void blocks() {
    Case dcr = of(1, 8, 1, 1).node("DepthToSpace", "", "blocksize", 2);
    dcr.gives(List.of(1, 2, 2, 2), 1, 3, 5, 7, 2, 4, 6, 8);
    Case crd = of(1, 8, 1, 1).node("DepthToSpace", "", "blocksize", 2, "mode", "CRD");
    crd.gives(List.of(1, 2, 2, 2), 1, 2, 3, 4, 5, 6, 7, 8);
    Case back = of(1, 2, 2, 2).node("SpaceToDepth", "", "blocksize", 2);
    back.gives(List.of(1, 8, 1, 1), 1, 5, 2, 6, 3, 7, 4, 8);
    of(1, 6, 1, 1).node("DepthToSpace", "", "blocksize", 2).refused("blocksize 2");
    TestModel m = new TestModel().input("x", 1, 8, 3, 3).output("y");
    m.node("Relu", "x", "r").node("DepthToSpace", "r", "y", "blocksize", 2);
    assertThat(m.read().steps().stream().filter(s -> s.description().equals("transpose")))
        .as("those of the input, the blocks and the output")
        .hasSize(3);
  }

  /** Of channels that are dealt out anew only the channels move, not the whole image. */
  @Test
  void aShuffleOfChannelsIsOneStep() {
    TestModel m = new TestModel().input("x", 1, 6, 2, 2).output("y");
    m.longs("five", 1, 2, 3, 2, 2).longs("four", 1, 6, 2, 2).node("Relu", "x", "r");
    m.node("Reshape", "r five", "a").node("Transpose", "a", "b", "perm", List.of(0, 2, 1, 3, 4));
    m.node("Reshape", "b four", "c").node("Relu", "c", "y");
    float[] x = new float[24];
    for (int i = 0; i < x.length; i++) {
      int channel = i / 4;
      x[i] = channel;
    }
    float[] result = m.run(x);
    int[] channels = {0, 3, 1, 4, 2, 5};
    for (int i = 0; i < x.length; i++) {
      assertThat(result[i]).isEqualTo(channels[i / 4]);
    }
    assertThat(m.read().steps().stream().map(Step::description).filter(s -> !s.equals("relu")))
        .as("of the input, the channels and the output")
        .containsExactly("transpose", "selection", "transpose");
  }

  @Test
  void triangles() {
    of(2, 3).node("Trilu", "").gives(List.of(2, 3), 1, 2, 3, 0, 5, 6);
    of(2, 3).longs("k", -1).node("Trilu", "k", "upper", 0).gives(List.of(2, 3), 0, 0, 0, 4, 0, 0);
    of(1, 2, 2, 2)
        .longs("k", 1)
        .node("Trilu", "k")
        .gives(List.of(1, 2, 2, 2), 0, 2, 0, 0, 0, 6, 0, 0);
  }

  @Test
  void choices() {
    Case c = of(2, 3);
    c.model.raw("c", 9, List.of(3L), 1, 0, 1);
    c.node("Compress", "c", "axis", 1).gives(List.of(2, 2), 1, 3, 4, 6);
    Case flat = of(2, 3);
    flat.model.raw("c", 9, List.of(4L), 0, 0, 1, 1);
    flat.node("Compress", "c").gives(List.of(2), 3, 4);
    Case hot = of(2).longs("depth", 3);
    hot.model.floats("v", List.of(2L), -1, 7);
    hot.node("OneHot", "depth v").gives(List.of(2, 3), -1, 7, -1, -1, -1, 7);
    Case first = of(2).longs("depth", 2);
    first.model.floats("v", List.of(2L), 0, 1);
    first.node("OneHot", "depth v", "axis", 0).gives(List.of(2, 2), 0, 0, 1, 0);
  }

  private static float[] constant(TestModel m, String name) {
    return m.node("Cast", name, "f", "to", FLOAT).node("Add", "f x", "y").output("y").run(0);
  }

  @Test
  void constantsOfShapesAndNumbers() {
    TestModel m = new TestModel().input("x", 1);
    assertThat(constant(m.longs("d", 4, 5, 6).node("Size", "d", "n"), "n")).containsExactly(3);
    TestModel range = new TestModel().input("x", 1).longs("a", 7).longs("b", 1).longs("c", -2);
    assertThat(constant(range.node("Range", "a b c", "r"), "r")).containsExactly(7, 5, 3);
    TestModel eye = new TestModel().input("x", 1).floats("m", List.of(2L, 3L), new float[6]);
    eye.node("EyeLike", "m", "e", "k", 1, "dtype", INT64);
    assertThat(constant(eye, "e")).containsExactly(0, 1, 0, 0, 0, 1);
    TestModel not = new TestModel().input("x", 1).floats("m", List.of(2L, 2L), 0, 3, 4, 0);
    assertThat(constant(not.node("NonZero", "m", "z"), "z")).containsExactly(0, 1, 1, 0);
  }

  @Test
  void enlargements() {
    Case nearest = of(1, 1, 1, 2).opset(9);
    nearest.model.floats("s", List.of(4L), 1, 2, 1, 2);
    nearest.node("Upsample", "s").gives(List.of(1, 2, 1, 4), 1, 1, 2, 2, 1, 1, 2, 2);
    Case line =
        of(1, 1, 2).opset(7).node("Upsample", "", "mode", "linear", "scales", List.of(1f, 1f, 2f));
    line.gives(List.of(1, 1, 4), 1, 1.5, 2, 2);
    of(2).opset(10).node("Upsample", "", "scales", List.of(2f)).refused("one of opset 7 to 9");
  }
}
