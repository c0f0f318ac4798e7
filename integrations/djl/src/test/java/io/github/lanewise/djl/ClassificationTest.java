package io.github.lanewise.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Application;
import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.modality.cv.translator.ImageClassificationTranslator;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import io.github.lanewise.network.Network;
import io.github.lanewise.onnx.OnnxReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClassificationTest {
  private static final List<String> EMOTIONS =
      List.of("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral");
  private static final Path EMOTION = TestFiles.own("emotion-minixception/model.onnx");

  private static ImageClassificationTranslator translator() {
    return ImageClassificationTranslator.builder()
        .setImageSize(64, 64)
        .optFlag(Image.Flag.GRAYSCALE)
        .addTransform(new Resize(64))
        .addTransform(new ToTensor())
        .addTransform(array -> array.mul(2).sub(1))
        .optSynset(EMOTIONS)
        .build();
  }

  private static Criteria<Image, Classifications> criteria(Path model) {
    return Criteria.builder()
        .optApplication(Application.CV.IMAGE_CLASSIFICATION)
        .setTypes(Image.class, Classifications.class)
        .optEngine("Lanewise")
        .optModelPath(model)
        .optTranslator(translator())
        .build();
  }

  /** Parts of a photo, the first of them a face that smiles. */
  private static List<Image> faces(int count) throws Exception {
    List<Image> faces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faces.add(TestFiles.photo().getSubImage(155 + 20 * i, 50 + 30 * i, 140, 140));
    }
    return faces;
  }

  /** What the network itself makes of what the translator makes of an image. */
  private static float[] direct(ZooModel<?, ?> model, Image image) throws Exception {
    Network network = OnnxReader.DEFAULT.read(EMOTION);
    try (NDManager manager = model.getNDManager().newSubManager()) {
      NDArray pixels = image.toNDArray(manager, Image.Flag.GRAYSCALE);
      NDArray input = new ToTensor().transform(new Resize(64).transform(pixels)).mul(2).sub(1);
      float[] scores = new float[EMOTIONS.size()];
      network.run(input.toFloatArray(), scores);
      return scores;
    }
  }

  private static float[] floats(Classifications found) {
    List<Double> probabilities = found.getProbabilities();
    float[] values = new float[probabilities.size()];
    IntStream.range(0, values.length).forEach(i -> values[i] = probabilities.get(i).floatValue());
    return values;
  }

  @Test
  void aFaceSmiles() throws Exception {
    try (ZooModel<Image, Classifications> model = criteria(EMOTION).loadModel();
        Predictor<Image, Classifications> predictor = model.newPredictor()) {
      Classifications found = predictor.predict(faces(1).getFirst());
      float[] golden =
          TestFiles.floats(TestFiles.own("emotion-minixception/expected-predictions.bin"));
      assertThat(found.best().getClassName()).isEqualTo("happy");
      assertThat(floats(found)).containsExactly(golden, within(1e-3f)); // its gray is not rounded
      assertThat(floats(found)).containsExactly(direct(model, faces(1).getFirst()));
    }
  }

  @Test
  void aBatchHasTheBitsOfSingleImages() throws Exception {
    try (ZooModel<Image, Classifications> model = criteria(EMOTION).loadModel();
        Predictor<Image, Classifications> predictor = model.newPredictor()) {
      List<Image> faces = faces(5);
      List<Classifications> found = predictor.batchPredict(faces);
      assertThat(found).hasSize(faces.size());
      for (int i = 0; i < faces.size(); i++) {
        assertThat(floats(found.get(i))).containsExactly(direct(model, faces.get(i)));
      }
      assertThat(floats(found.get(1))).isNotEqualTo(floats(found.get(0)));
    }
  }

  @Test
  void predictorsRunAtTheSameTime() throws Exception {
    List<Image> faces = faces(6);
    try (ZooModel<Image, Classifications> model = criteria(EMOTION).loadModel();
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Callable<List<Classifications>>> tasks = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        int batch = t + 1;
        tasks.add(
            () -> {
              List<Classifications> found = new ArrayList<>();
              try (Predictor<Image, Classifications> predictor = model.newPredictor()) {
                for (int i = 0; i < faces.size(); i += batch) {
                  found.addAll(predictor.batchPredict(faces.subList(i, i + batch)));
                }
              }
              return found;
            });
      }
      for (Future<List<Classifications>> each : threads.invokeAll(tasks)) {
        for (int i = 0; i < faces.size(); i++) {
          assertThat(floats(each.get().get(i))).containsExactly(direct(model, faces.get(i)));
        }
      }
    }
  }

  @Test
  void goldenOfTheRepository() throws Exception {
    golden(EMOTION, "input.bin", "expected-predictions.bin", 1, 1, 64, 64);
  }

  @Test
  void goldenOfMobileNetV1() throws Exception {
    golden(
        TestFiles.other("mobilenet_v1_0.25_128/model-plain.onnx"),
        "input.bin",
        "expected-plain-probs.bin",
        1,
        3,
        128,
        128);
  }

  @Test
  void goldenOfMobileNetV2() throws Exception {
    golden(
        TestFiles.other("mobilenet_v2_1.0_224/model-plain.onnx"),
        "input.bin",
        "expected-plain-probs.bin",
        1,
        3,
        224,
        224);
  }

  private static void golden(Path file, String input, String expected, long... shape)
      throws Exception {
    Criteria<NDList, NDList> criteria =
        Criteria.builder()
            .setTypes(NDList.class, NDList.class)
            .optEngine("Lanewise")
            .optModelPath(file)
            .build();
    try (ZooModel<NDList, NDList> model = criteria.loadModel();
        Predictor<NDList, NDList> predictor = model.newPredictor();
        NDManager manager = model.getNDManager().newSubManager()) {
      NDArray array =
          manager.create(TestFiles.floats(file.resolveSibling(input)), new Shape(shape));
      float[] found = predictor.predict(new NDList(array)).singletonOrThrow().toFloatArray();
      assertThat(found)
          .containsExactly(TestFiles.floats(file.resolveSibling(expected)), within(1e-5f));
    }
  }
}
