package io.github.lanewise.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoopTranslator;
import ai.djl.translate.TranslateException;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LanewiseModelTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void write() throws Exception {
    file =
        new RedNetwork(-1, -1)
            .output("a", List.of(1L, 2L), 1, 2)
            .output("b", List.of(1L, 1L), 3)
            .write(folder);
  }

  private static final Map<String, String> SHAPE = Map.of("shape.image", "1, 3, 8, 8");

  private static float[][] run(Model model, NDArray input) throws Exception {
    try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
      NDList found = predictor.predict(new NDList(input));
      assertThat(found.get(0).getName()).isEqualTo("a");
      assertThat(found.get(1).getName()).isEqualTo("b");
      return new float[][] {found.get(0).toFloatArray(), found.get(1).toFloatArray()};
    }
  }

  private static float[][] runOnes(Model model) throws Exception {
    return run(model, model.getNDManager().ones(new Shape(1, 3, 8, 8)));
  }

  @Test
  void readsFilesFoldersAndStreams() throws Exception {
    for (Path path : List.of(file, folder)) {
      try (Model model = Model.newInstance("red", "Lanewise")) {
        model.load(path, null, SHAPE);
        assertThat(runOnes(model)).isDeepEqualTo(new float[][] {{1, 2}, {3}});
        assertThat(model.getModelPath()).isEqualTo(folder.toAbsolutePath());
      }
    }
    try (Model model = Model.newInstance("any", "Lanewise");
        InputStream stream = Files.newInputStream(file)) {
      model.load(stream, SHAPE);
      assertThat(runOnes(model)).isDeepEqualTo(new float[][] {{1, 2}, {3}});
    }
  }

  /** As from a zoo: DJL fetches the archive and unpacks it. */
  @Test
  void readsAnArchiveByItsUrl() throws Exception {
    Path archive = folder.resolve("zoo.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
      zip.putNextEntry(new ZipEntry("red.onnx"));
      zip.write(Files.readAllBytes(file));
      zip.closeEntry();
    }
    String before = System.setProperty("DJL_CACHE_DIR", folder.resolve("cache").toString());
    try (ZooModel<NDList, NDList> model =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optEngine("Lanewise")
            .optModelUrls(archive.toUri().toString())
            .optOptions(SHAPE)
            .build()
            .loadModel()) {
      assertThat(runOnes(model.getWrappedModel())).isDeepEqualTo(new float[][] {{1, 2}, {3}});
    } finally {
      if (before == null) {
        System.clearProperty("DJL_CACHE_DIR");
      } else {
        System.setProperty("DJL_CACHE_DIR", before);
      }
    }
  }

  @Test
  void choosesAFileOfAFolder() throws Exception {
    try (Model model = Model.newInstance("none", "Lanewise")) {
      assertThatThrownBy(() -> model.load(folder, "absent", SHAPE))
          .isInstanceOf(FileNotFoundException.class);
      model.load(folder, null, SHAPE); // the only one
    }
    Files.copy(file, folder.resolve("other.onnx"));
    try (Model model = Model.newInstance("none", "Lanewise")) {
      assertThatThrownBy(() -> model.load(folder, null, SHAPE))
          .isInstanceOf(FileNotFoundException.class)
          .hasMessageContaining("must have none.onnx, model.onnx or only one")
          .hasMessageContaining("other.onnx");
      assertThatThrownBy(() -> model.load(folder, "absent", SHAPE))
          .isInstanceOf(FileNotFoundException.class)
          .hasMessageContaining("absent.onnx");
      model.load(folder, "other", SHAPE);
      assertThat(runOnes(model)).isDeepEqualTo(new float[][] {{1, 2}, {3}});
      assertThatThrownBy(() -> model.load(folder, "other", SHAPE))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("block must not be set");
    }
  }

  @Test
  void saysWhatIsWrongWithAFile() throws Exception {
    Path damaged = Files.write(folder.resolve("damaged.onnx"), new byte[] {1, 2, 3});
    try (Model model = Model.newInstance("damaged", "Lanewise")) {
      assertThatThrownBy(() -> model.load(damaged))
          .isInstanceOf(MalformedModelException.class)
          .hasMessageContaining("ONNX");
      assertThatThrownBy(() -> model.load(file, null, Map.of("shape.image", "1,x")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("option shape.image = 1,x must be sizes");
    }
  }

  @Test
  void takesOtherSizesAndBatchesOfThem() throws Exception {
    Criteria<NDList, NDList> criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optEngine("Lanewise")
            .optModelPath(file)
            .optOption("shape.image", "1,3,8,8")
            .build();
    try (ZooModel<NDList, NDList> model = criteria.loadModel()) {
      for (int size = 4; size < 16; size++) { // more than are kept
        NDArray images = model.getNDManager().ones(new Shape(2, 3, size, 6));
        images.set(new NDIndex(1), 2);
        assertThat(run(model.getWrappedModel(), images))
            .isDeepEqualTo(new float[][] {{1, 2, 2, 4}, {3, 6}});
      }
      NDArray bytes = model.getNDManager().ones(new Shape(1, 3, 8, 8), DataType.UINT8);
      assertThat(run(model.getWrappedModel(), bytes)).isDeepEqualTo(new float[][] {{1, 2}, {3}});
    }
  }

  @Test
  void saysWhichInputsItTakes() throws Exception {
    try (Model model = Model.newInstance("red", "Lanewise")) {
      model.load(file, null, SHAPE);
      Block block = model.getBlock();
      assertThat(model.describeInput().keys()).containsExactly("image");
      assertThat(model.describeInput().values()).containsExactly(new Shape(1, 3, 8, 8));
      assertThat(model.describeOutput().keys()).containsExactly("a", "b");
      assertThat(model.describeOutput().values()).containsExactly(new Shape(1, 2), new Shape(1, 1));
      assertThat(block.getInputShapes()).containsExactly(new Shape(1, 3, 8, 8));
      NDArray image = model.getNDManager().ones(new Shape(1, 3, 8, 8));
      try (Predictor<NDList, NDList> predictor = model.newPredictor(new NoopTranslator())) {
        assertThatThrownBy(() -> predictor.predict(new NDList(image, image)))
            .isInstanceOf(TranslateException.class)
            .hasRootCauseMessage("inputs.size() = 2 must be 1, for [image [1, 3, 8, 8] NCHW]");
        assertThatThrownBy(() -> predictor.predict(new NDList(image.squeeze(0))))
            .isInstanceOf(TranslateException.class)
            .rootCause()
            .hasMessageContaining("must have as many sizes as [1, 3, 8, 8]");
      }
    }
  }

  @Test
  void aloneItHasNoAlternative() {
    Engine engine = Engine.getInstance();
    assertThat(engine.getEngineName()).isEqualTo("Lanewise");
    assertThat(engine.getAlternativeEngine()).isNull();
    assertThat(engine.getGpuCount()).isZero();
    assertThat(engine.toString()).startsWith("Lanewise:");
  }
}
