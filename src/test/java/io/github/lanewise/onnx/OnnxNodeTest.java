package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.github.lanewise.Backend;
import io.github.lanewise.ConvOptions;
import io.github.lanewise.network.Network;
import io.github.lanewise.network.Port;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/**
 * ONNX's own node tests: a model of an operator or a few, inputs, and what ONNX says comes out.
 * Each is run as it is and with all inputs but the first as constants, on vector and scalar code. A
 * test passes when one of the forms can be read, and gives the right values in each that can.
 */
class OnnxNodeTest {
  private static final Path FILE = Path.of("../shared/onnx-node-tests.zip");

  /** Lists in a table what is left out, with what a refusal for it says. */
  private static final Path PAGE = Path.of("docs/onnx.md");

  private static final Pattern LISTED = Pattern.compile("\\| `(.+)` \\|");

  /** How many pass: these figures only rise. */
  private static final int PASSED = 840;

  private static final int PASSED_SINGLE = 545;

  /** Tests that are known to give other values, and why that is meant. */
  private static final Map<String, String> DIFFERENT =
      Map.of(
          "test_resize_downsample_scales_cubic_align_corners",
          "align_corners with sizes that are rounded down follows ONNX Runtime",
          "test_resize_downsample_scales_linear_align_corners",
          "align_corners with sizes that are rounded down follows ONNX Runtime");

  /** Types that the protocol's classes have no name for. */
  private static final int UINT2 = 25;

  private static final int INT2 = 26;

  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-7;

  /** A run does not round to the eight digits that this type has. */
  private static final double BFLOAT16_RELATIVE = 0x1p-8;

  /** The outcome of a test or of one of its forms, from worst to best as far as it decides. */
  private enum Outcome {
    WRONG,
    PASSED,
    REFUSED
  }

  private record Result(Outcome outcome, String why) {
    /** Of several forms: wrong if one is, else passed if one is. */
    Result and(Result other) {
      return outcome.compareTo(other.outcome) < 0 ? this : other;
    }
  }

  /** One folder of the file. */
  private record Case(
      String name, ModelProto model, List<TensorProto> inputs, List<TensorProto> outputs) {
    private static final String DATA = "test_data_set_0/";

    private static final Set<Integer> OTHER_REALS =
        Set.of(DataType.DOUBLE_VALUE, DataType.FLOAT16_VALUE, DataType.BFLOAT16_VALUE);

    static Case of(String name, Map<String, byte[]> files) throws IOException {
      return new Case(
          name,
          ModelProto.parseFrom(files.get("model.onnx")),
          tensors(files, DATA + "input_"),
          tensors(files, DATA + "output_"));
    }

    private static List<TensorProto> tensors(Map<String, byte[]> files, String prefix)
        throws IOException {
      List<TensorProto> tensors = new ArrayList<>();
      for (int i = 0; files.containsKey(prefix + i + ".pb"); i++) {
        tensors.add(TensorProto.parseFrom(files.get(prefix + i + ".pb")));
      }
      return tensors;
    }

    GraphProto graph() {
      return model.getGraph();
    }

    /** What the table lists it under. */
    String operator() {
      return graph().getNodeCount() == 1 ? graph().getNode(0).getOpType() : "(several)";
    }

    /** One operator that reads float32, and neither reads nor makes other real numbers. */
    boolean isSingleOnFloats() {
      Set<Integer> read = types(graph().getInputList());
      Set<Integer> all = types(graph().getOutputList());
      all.addAll(read);
      all.retainAll(OTHER_REALS);
      return graph().getNodeCount() == 1
          && !name.endsWith("_expanded")
          && read.contains(DataType.FLOAT_VALUE)
          && all.isEmpty();
    }

    private static Set<Integer> types(List<ValueInfoProto> values) {
      return values.stream()
          .map(value -> value.getType().getTensorType().getElemType())
          .collect(Collectors.toCollection(HashSet::new));
    }

    Result run(ConvOptions options) {
      Result asItIs = run(options, model, graph().getInputCount());
      return inputs.size() < 2 ? asItIs : asItIs.and(run(options, withConstants(), 1));
    }

    private ModelProto withConstants() {
      GraphProto.Builder constant = graph().toBuilder().clearInput().addInput(graph().getInput(0));
      for (int i = 1; i < inputs.size(); i++) {
        String input = graph().getInput(i).getName();
        constant.addInitializer(inputs.get(i).toBuilder().setName(input));
      }
      return model.toBuilder().setGraph(constant).build();
    }

    /** With the first inputs given, and the others in the file. */
    private Result run(ConvOptions options, ModelProto form, int given) {
      Network network;
      try {
        network = reader(given).withOptions(options).read(form.toByteArray());
      } catch (OnnxException e) {
        return new Result(Outcome.REFUSED, e.getMessage());
      }
      Map<String, float[]> in = new HashMap<>();
      for (int i = 0; i < given; i++) {
        in.put(graph().getInput(i).getName(), floats(inputs.get(i)));
      }
      Map<String, float[]> out = network.run(in);
      for (int i = 0; i < outputs.size(); i++) {
        String output = graph().getOutput(i).getName();
        String difference = difference(port(network, output), out.get(output), outputs.get(i));
        if (difference != null) {
          return new Result(Outcome.WRONG, difference);
        }
      }
      return new Result(Outcome.PASSED, "");
    }

    /** With the shapes of empty inputs, since a first size of 0 is an open batch otherwise. */
    private OnnxReader reader(int given) {
      OnnxReader reader = OnnxReader.DEFAULT;
      for (int i = 0; i < given; i++) {
        int[] shape = inputs.get(i).getDimsList().stream().mapToInt(Long::intValue).toArray();
        if (Arrays.stream(shape).anyMatch(size -> size == 0)) {
          reader = reader.withInputShape(graph().getInput(i).getName(), shape);
        }
      }
      return reader;
    }

    private static Port port(Network network, String name) {
      return network.outputs().stream()
          .filter(p -> p.name().equals(name))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void givesWhatOnnxSays() throws IOException {
    assumeTrue(
        Files.exists(FILE), FILE + " is not there: put ONNX's node tests beside the checkout");
    List<Case> cases = cases();
    Map<String, Map<Outcome, Integer>> table = new TreeMap<>();
    Map<String, Integer> refusals = new TreeMap<>();
    Map<String, String> wrong = new TreeMap<>();
    Map<String, String> unlisted = new TreeMap<>();
    List<String> leftOut = leftOut();
    int passed = 0;
    int single = 0;
    int passedSingle = 0;
    for (Case c : cases) {
      Result result =
          c.run(ConvOptions.DEFAULT).and(c.run(ConvOptions.DEFAULT.withBackend(Backend.scalar())));
      table
          .computeIfAbsent(c.operator(), _ -> new HashMap<>())
          .merge(result.outcome(), 1, Integer::sum);
      switch (result.outcome()) {
        case WRONG -> wrong.put(c.name(), result.why());
        case REFUSED -> {
          String reason = reason(result.why());
          refusals.merge(c.operator() + ": " + reason, 1, Integer::sum);
          if (leftOut.stream().noneMatch(reason::contains)) {
            unlisted.put(c.name(), reason);
          }
        }
        case PASSED -> passed++;
      }
      single += c.isSingleOnFloats() ? 1 : 0;
      passedSingle += c.isSingleOnFloats() && result.outcome() == Outcome.PASSED ? 1 : 0;
    }
    print(table, refusals);
    System.out.printf(
        "passed %d of %d, of one operator on float32 %d of %d, wrong %d%n",
        passed, cases.size(), passedSingle, single, wrong.size());
    wrong.forEach((name, why) -> System.out.println(name + ": " + why));
    assertThat(wrong).containsOnlyKeys(DIFFERENT.keySet());
    assertThat(unlisted).as("refused, and not for what %s lists as left out", PAGE).isEmpty();
    assertThat(passed).isGreaterThanOrEqualTo(PASSED);
    assertThat(passedSingle).isGreaterThanOrEqualTo(PASSED_SINGLE);
  }

  /** What the messages of refusals that are meant have in them. */
  private static List<String> leftOut() throws IOException {
    String page = Files.readString(PAGE);
    String table =
        page.substring(
            page.indexOf("<!-- refusals:start -->"), page.indexOf("<!-- refusals:end -->"));
    return LISTED.matcher(table).results().map(line -> line.group(1)).toList();
  }

  private static List<Case> cases() throws IOException {
    Map<String, Map<String, byte[]>> folders = new LinkedHashMap<>();
    try (InputStream file = Files.newInputStream(FILE);
        ZipInputStream zip = new ZipInputStream(file)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        int slash = entry.getName().indexOf('/');
        folders
            .computeIfAbsent(entry.getName().substring(0, slash), _ -> new HashMap<>())
            .put(entry.getName().substring(slash + 1), zip.readAllBytes());
      }
    }
    List<Case> cases = new ArrayList<>();
    for (Map.Entry<String, Map<String, byte[]>> folder : folders.entrySet()) {
      cases.add(Case.of(folder.getKey(), folder.getValue()));
    }
    return cases;
  }

  private static void print(
      Map<String, Map<Outcome, Integer>> table, Map<String, Integer> refusals) {
    System.out.printf("%-28s %6s %7s %5s%n", "operator", "passed", "refused", "wrong");
    table.forEach(
        (operator, counts) ->
            System.out.printf(
                "%-28s %6d %7d %5d%n",
                operator,
                counts.getOrDefault(Outcome.PASSED, 0),
                counts.getOrDefault(Outcome.REFUSED, 0),
                counts.getOrDefault(Outcome.WRONG, 0)));
    refusals.forEach((reason, count) -> System.out.printf("refused %3d %s%n", count, reason));
  }

  /** A message without what differs between tests that are refused for the same reason. */
  private static String reason(String message) {
    return message
        .replaceFirst("^node \\d+ of \\d+, '[^']*' \\(operator ('\\w+')[^)]*\\): ", "$1: ")
        .replaceAll("\\[[-0-9, ]*]", "[..]");
  }

  /** What is wrong with an output, or null. */
  private static String difference(Port port, float[] is, TensorProto expected) {
    if (!port.shape().stream().map(Long::valueOf).toList().equals(expected.getDimsList())) {
      return "%s should have the shape %s".formatted(port, expected.getDimsList());
    }
    float[] should = floats(expected);
    double relative =
        switch (DataType.forNumber(expected.getDataType())) {
          case FLOAT, DOUBLE, FLOAT16 -> RELATIVE;
          case BFLOAT16 -> BFLOAT16_RELATIVE;
          case null, default -> 0;
        };
    for (int i = 0; i < should.length; i++) {
      double allowed = relative == 0 ? 0 : ABSOLUTE + relative * Math.abs(should[i]);
      boolean isNear = Math.abs(is[i] - (double) should[i]) <= allowed;
      if (!isNear && Float.compare(is[i], should[i]) != 0) {
        return "%s[%d] is %s, should be %s".formatted(port, i, is[i], should[i]);
      }
    }
    return null;
  }

  /** The values of a tensor of numbers or truth values, as the network's arrays hold them. */
  private static float[] floats(TensorProto t) {
    int count = (int) t.getDimsList().stream().mapToLong(n -> n).reduce(1, (a, b) -> a * b);
    float[] out = new float[count];
    ByteBuffer raw = t.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    boolean isRaw = t.hasRawData();
    for (int i = 0; i < count; i++) {
      if (t.getDataType() == UINT2 || t.getDataType() == INT2) {
        out[i] = bits(t, i, 2, t.getDataType() == INT2);
        continue;
      }
      out[i] =
          switch (DataType.forNumber(t.getDataType())) {
            case FLOAT -> isRaw ? raw.getFloat() : t.getFloatData(i);
            case DOUBLE -> (float) (isRaw ? raw.getDouble() : t.getDoubleData(i));
            case INT64 -> isRaw ? raw.getLong() : t.getInt64Data(i);
            case UINT64 -> unsigned(isRaw ? raw.getLong() : t.getUint64Data(i));
            case UINT32 -> isRaw ? raw.getInt() & 0xffffffffL : t.getUint64Data(i);
            case INT32 -> isRaw ? raw.getInt() : t.getInt32Data(i);
            case INT16 -> isRaw ? raw.getShort() : t.getInt32Data(i);
            case UINT16 -> isRaw ? raw.getShort() & 0xffff : t.getInt32Data(i);
            case INT8 -> isRaw ? raw.get() : t.getInt32Data(i);
            case UINT8, BOOL -> isRaw ? raw.get() & 0xff : t.getInt32Data(i);
            case FLOAT16 ->
                Float.float16ToFloat(isRaw ? raw.getShort() : (short) t.getInt32Data(i));
            case BFLOAT16 ->
                Float.intBitsToFloat((isRaw ? raw.getShort() : t.getInt32Data(i)) << 16);
            case UINT4 -> bits(t, i, 4, false);
            case INT4 -> bits(t, i, 4, true);
            default -> throw new AssertionError("data type " + t.getDataType());
          };
    }
    return out;
  }

  /** Numbers of few bits share a byte, the first one in its lowest bits. */
  private static int bits(TensorProto t, int i, int bits, boolean isSigned) {
    int n = Byte.SIZE / bits;
    int all = t.hasRawData() ? t.getRawData().byteAt(i / n) : t.getInt32Data(i / n);
    int left = all << (Integer.SIZE - (i % n + 1) * bits);
    return isSigned ? left >> (Integer.SIZE - bits) : left >>> (Integer.SIZE - bits);
  }

  private static float unsigned(long value) {
    return value >= 0 ? value : ((value >>> 1) | (value & 1)) * 2f;
  }
}
