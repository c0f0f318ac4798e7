package io.github.lanewise.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights in other files: read where they lie below the model's folder, and nowhere else. */
@Tag("backend")
class ExternalDataTest {
  private static final int FLOAT = 1;
  private static final int INT4 = 22;

  @TempDir private Path outside;
  private Path folder;

  @BeforeEach
  void createFolder() throws IOException {
    folder = Files.createDirectory(outside.resolve("models"));
  }

  private static TensorProto.Builder tensor(int type, long... dims) {
    TensorProto.Builder t = TensorProto.newBuilder().setName("w").setDataType(type);
    for (long dim : dims) {
      t.addDims(dim);
    }
    return t.setDataLocation(TensorProto.DataLocation.EXTERNAL);
  }

  private static TensorProto.Builder with(TensorProto.Builder t, String key, Object value) {
    return t.addExternalData(
        StringStringEntryProto.newBuilder().setKey(key).setValue(value.toString()));
  }

  private static TestModel plus(TensorProto.Builder t) {
    TestModel m = new TestModel().input("x", 1).output("y");
    m.graph.addInitializer(t);
    return m.node("Cast", "w", "f", "to", FLOAT).node("Add", "x f", "y");
  }

  private Path write(TestModel m) throws IOException {
    return Files.write(folder.resolve("model.onnx"), m.model().toByteArray());
  }

  private float[] run(TensorProto.Builder t) throws IOException {
    Path file = write(plus(t));
    return OnnxReader.DEFAULT.read(file).run(Map.of("x", new float[1])).get("y");
  }

  private void refused(TensorProto.Builder t, String... parts) throws IOException {
    Path file = write(plus(t));
    assertThatThrownBy(() -> OnnxReader.DEFAULT.read(file))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("tensor 'w'")
        .hasMessageContainingAll(parts);
  }

  private static Path floats(Path file, float... values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Files.write(file, bytes.array());
  }

  @Test
  void isReadFromWhereTheTensorSays() throws IOException {
    floats(folder.resolve("w.data"), 1, 2, 3, 4);
    assertThat(run(with(tensor(FLOAT, 4), "location", "w.data"))).containsExactly(1, 2, 3, 4);
    TensorProto.Builder part = with(with(tensor(FLOAT, 2), "location", "w.data"), "offset", 4);
    assertThat(run(with(part, "length", 8))).containsExactly(2, 3);
    Files.createDirectory(folder.resolve("deep"));
    floats(folder.resolve("deep/w"), 7);
    assertThat(run(with(tensor(FLOAT, 1), "location", "deep/w"))).containsExactly(7);
    assertThat(run(with(with(tensor(FLOAT, 1), "location", "./deep/./w"), "checksum", "0")))
        .containsExactly(7);
  }

  /** More numbers than are read at a time, two of them in each byte. */
  @Test
  void isReadInParts() throws IOException {
    int n = 200_001;
    byte[] bytes = new byte[(n + 1) / 2];
    for (int i = 0; i < n; i++) {
      bytes[i / 2] |= (byte) (((i * 7) & 15) << (i % 2 * 4));
    }
    Files.write(folder.resolve("w"), bytes);
    float[] result = run(with(tensor(INT4, n), "location", "w"));
    for (int i = 0; i < n; i++) {
      assertThat(result[i]).as("%d", i).isEqualTo((i * 7 & 15) - (i * 7 & 8) * 2);
    }
    float[] values = new float[100_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    floats(folder.resolve("w"), values);
    assertThat(run(with(tensor(FLOAT, values.length), "location", "w"))).isEqualTo(values);
  }

  @Test
  void filesElsewhereAreNotOpened() throws IOException {
    Path secret = floats(outside.resolve("secret"), 42);
    for (String location :
        List.of(
            secret.toString(),
            "../secret",
            "deep/../../secret",
            "deep/../w",
            "..",
            "",
            "w\0",
            "/dev/zero")) {
      refused(with(tensor(FLOAT, 1), "location", location), "relative", "'..'");
    }
    refused(tensor(FLOAT, 1), "relative");
    Files.createDirectory(folder.resolve("deep"));
    refused(with(tensor(FLOAT, 1), "location", "deep"), "'deep'", "no file");
    refused(with(tensor(FLOAT, 1), "location", "."), "'.'", "no file");
    refused(with(tensor(FLOAT, 1), "location", "none"), "'none'", "NoSuchFileException");
  }

  @Test
  void linksOutOfTheFolderAreNotFollowed() throws IOException {
    floats(outside.resolve("secret"), 42);
    floats(folder.resolve("w"), 7);
    try {
      Files.createSymbolicLink(folder.resolve("file"), Path.of("../secret"));
      Files.createSymbolicLink(folder.resolve("up"), Path.of(".."));
      Files.createSymbolicLink(folder.resolve("inside"), Path.of("w"));
    } catch (IOException | UnsupportedOperationException e) {
      assumeTrue(false, "no symbolic links here: " + e);
    }
    refused(with(tensor(FLOAT, 1), "location", "file"), "'file'", "a link out of");
    refused(with(tensor(FLOAT, 1), "location", "up/secret"), "'up/secret'", "a link out of");
    assertThat(run(with(tensor(FLOAT, 1), "location", "inside"))).containsExactly(7);
  }

  @Test
  void sizesAreChecked() throws IOException {
    floats(folder.resolve("w"), 1, 2);
    TensorProto.Builder small = with(tensor(FLOAT, 2), "location", "w");
    refused(with(small.clone(), "offset", 4), "needs 8 bytes from 4 on", "which has 8");
    refused(with(small.clone(), "offset", Long.MAX_VALUE), "8 bytes from 9223372036854775807 on");
    refused(with(small.clone(), "offset", -4), "offset '-4'", "0 or more");
    refused(with(small.clone(), "offset", "1e3"), "offset '1e3'", "0 or more");
    refused(with(small.clone(), "length", 4), "4 bytes of values in another file", "needs 8");
    refused(with(tensor(FLOAT, 1 << 29), "location", "w"), "needs 2147483648 bytes", "has 8");
  }

  /** Once read the values are in memory like any others. */
  @Test
  void countsAgainstTheMemoryLimit() throws IOException {
    floats(folder.resolve("w"), new float[1 << 18]);
    Path file = write(plus(with(tensor(FLOAT, 1 << 18), "location", "w")));
    assertThatThrownBy(() -> OnnxReader.DEFAULT.withMemoryLimit(1 << 19).read(file))
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("memory limit");
  }

  @Test
  void bytesAloneDoNotSayWhereTheFilesAre() throws IOException {
    floats(folder.resolve("w"), 1);
    byte[] model = plus(with(tensor(FLOAT, 1), "location", "w")).model().toByteArray();
    assertThatThrownBy(() -> OnnxReader.DEFAULT.read(model))
        .isInstanceOf(OnnxException.class)
        .hasMessageContainingAll("tensor 'w'", "another file, 'w'", "read the model from a Path");
  }
}
