package io.github.lanewise.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.modality.cv.ImageFactory;
import ai.djl.modality.cv.output.DetectedObjects;
import ai.djl.modality.cv.output.Joints;
import ai.djl.modality.cv.output.Joints.Joint;
import ai.djl.modality.cv.output.Rectangle;
import ai.djl.modality.cv.transform.Resize;
import ai.djl.modality.cv.transform.ToTensor;
import ai.djl.modality.cv.translator.SimplePoseTranslator;
import ai.djl.modality.cv.translator.SingleShotDetectionTranslator;
import ai.djl.modality.cv.translator.YoloPoseTranslator;
import ai.djl.modality.cv.translator.YoloTranslatorFactory;
import ai.djl.modality.cv.translator.YoloV5Translator;
import ai.djl.modality.cv.translator.YoloV8TranslatorFactory;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.Translator;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DJL's own translators, on networks whose answer to a red image is known. */
class DetectionAndPoseTest {
  private static final List<String> CLASSES = List.of("cat", "dog");

  @TempDir private Path folder;

  private static Image image(int argb) {
    int[] pixels = new int[64];
    Arrays.fill(pixels, argb);
    return ImageFactory.getInstance().fromPixels(pixels, 8, 8);
  }

  private static Criteria.Builder<Image, DetectedObjects> detection(Path model) {
    return Criteria.builder()
        .setTypes(Image.class, DetectedObjects.class)
        .optEngine("Lanewise")
        .optModelPath(model);
  }

  /** The answers to a red and to a black image, which a batch gives and single images do. */
  private static <T> T answer(Criteria<Image, T> criteria) throws Exception {
    try (ZooModel<Image, T> model = criteria.loadModel();
        Predictor<Image, T> predictor = model.newPredictor()) {
      List<T> answers = predictor.batchPredict(List.of(image(0xFFFF0000), image(0xFF000000)));
      assertThat(answers).hasSize(2);
      T single = predictor.predict(image(0xFFFF0000));
      assertThat(text(answers.getFirst())).isEqualTo(text(single));
      assertThat(text(answers.get(1))).isNotEqualTo(text(single));
      return single;
    }
  }

  private static String text(Object answer) {
    return answer instanceof Object[] all ? Arrays.toString(all) : answer.toString();
  }

  private static void box(
      DetectedObjects found, int i, String name, double probability, double... xywh) {
    DetectedObjects.DetectedObject object = found.item(i);
    assertThat(object.getClassName()).isEqualTo(name);
    assertThat(object.getProbability()).isCloseTo(probability, within(1e-6));
    Rectangle box = object.getBoundingBox().getBounds();
    assertThat(new double[] {box.getX(), box.getY(), box.getWidth(), box.getHeight()})
        .containsExactly(xywh, within(1e-6));
  }

  @Test
  void singleShotDetection() throws Exception {
    Path model =
        new RedNetwork()
            .output("labels", List.of(1L, 3L), 1, 0, 1)
            .output("scores", List.of(1L, 3L), 0.9f, 0.1f, 0.5f)
            .output(
                "boxes",
                List.of(1L, 3L, 4L),
                new float[] {0.1f, 0.2f, 0.5f, 0.8f, 0, 0, 1, 1, 0.25f, 0, 0.5f, 1})
            .write(folder);
    DetectedObjects found =
        answer(
            detection(model)
                .optTranslator(
                    SingleShotDetectionTranslator.builder()
                        .addTransform(new ToTensor())
                        .optSynset(CLASSES)
                        .build())
                .build());
    assertThat(found.getNumberOfObjects()).isEqualTo(2);
    box(found, 0, "dog", 0.9, 0.1, 0.2, 0.4, 0.6);
    box(found, 1, "dog", 0.5, 0.25, 0, 0.25, 1);
  }

  @Test
  void yoloV5() throws Exception {
    Path model =
        new RedNetwork()
            .output(
                "output",
                List.of(1L, 3L, 7L),
                new float[] {
                  4, 4, 2, 4, 1, 0.25f, 0.75f, // a dog
                  4, 4, 2, 4, 0.5f, 0, 1, // the same dog, less sure
                  2, 1, 2, 2, 0.5f, 1, 0 // a cat
                })
            .write(folder);
    DetectedObjects found =
        answer(
            detection(model)
                .optTranslator(
                    YoloV5Translator.builder().setImageSize(8, 8).optSynset(CLASSES).build())
                .build());
    assertThat(found.getNumberOfObjects()).isEqualTo(2);
    box(found, 0, "cat", 0.5, 1, 0, 2, 2);
    box(found, 1, "dog", 0.75, 3, 2, 2, 4);
  }

  @Test
  void yoloV8() throws Exception {
    Path model =
        new RedNetwork()
            .output(
                "output",
                List.of(1L, 6L, 3L), // of x, y, w, h and two classes three boxes each
                new float[] {0, 4, 2, 0, 4, 1, 0, 2, 2, 0, 4, 2, 0, 0, 0.5f, 0, 0.75f, 0})
            .write(folder);
    DetectedObjects found =
        answer(
            detection(model)
                .optArgument("width", 8)
                .optArgument("height", 8)
                .optArgument("synset", String.join(",", CLASSES))
                .optArgument("maxBox", 3)
                .optTranslatorFactory(new YoloV8TranslatorFactory())
                .build());
    assertThat(found.getNumberOfObjects()).isEqualTo(2);
    box(found, 0, "cat", 0.5, 1, 0, 2, 2);
    box(found, 1, "dog", 0.75, 3, 2, 2, 4);
  }

  @Test
  void yoloWithItsOwnSuppression() throws Exception {
    Path model =
        new RedNetwork()
            .output("labels", List.of(1L, 2L), 1, 0)
            .output("scores", List.of(1L, 2L), 0.75f, 0.5f)
            .output("boxes", List.of(1L, 2L, 4L), 2, -1, 4, 6, 0, 0, 9, 8)
            .write(folder);
    DetectedObjects found =
        answer(
            detection(model)
                .optArgument("width", 8)
                .optArgument("height", 8)
                .optArgument("synset", String.join(",", CLASSES))
                .optTranslatorFactory(new YoloTranslatorFactory())
                .build());
    assertThat(found.getNumberOfObjects()).isEqualTo(2);
    box(found, 0, "dog", 0.75, 0.25, 0, 0.25, 0.75);
    box(found, 1, "cat", 0.5, 0, 0, 1, 1);
  }

  private static Criteria<Image, Joints> pose(Path model, Translator<Image, Joints> translator) {
    return Criteria.builder()
        .setTypes(Image.class, Joints.class)
        .optEngine("Lanewise")
        .optModelPath(model)
        .optTranslator(translator)
        .build();
  }

  @Test
  void poseOfHeatMaps() throws Exception {
    float[] maps = new float[2 * 3 * 4];
    maps[6] = 0.5f; // joint 0: row 1, column 2
    maps[12 + 8] = 0.75f; // joint 1: row 2, column 0
    Path model = new RedNetwork().output("maps", List.of(1L, 2L, 3L, 4L), maps).write(folder);
    Joints found =
        answer(pose(model, SimplePoseTranslator.builder().addTransform(new ToTensor()).build()));
    assertThat(found.getJoints()).hasSize(2);
    joint(found.getJoints().get(0), 0.5, 1 / 3.0, 0.5);
    joint(found.getJoints().get(1), 0, 2 / 3.0, 0.75);
  }

  private static void joint(Joint joint, double x, double y, double confidence) {
    assertThat(new double[] {joint.getX(), joint.getY(), joint.getConfidence()})
        .containsExactly(new double[] {x, y, confidence}, within(1e-6));
  }

  @Test
  void yoloPose() throws Exception {
    float[] people = new float[56 * 3]; // of box, confidence and 17 joints three people each
    for (int joint = 0; joint < 17; joint++) {
      people[(5 + 3 * joint) * 3 + 1] = joint / 4f;
      people[(6 + 3 * joint) * 3 + 1] = 2;
      people[(7 + 3 * joint) * 3 + 1] = 0.5f;
    }
    people[1] = 4;
    people[3 + 1] = 4;
    people[6 + 1] = 2;
    people[9 + 1] = 2;
    people[12] = 0.125f;
    people[12 + 1] = 0.75f;
    Path model = new RedNetwork().output("people", List.of(1L, 56L, 3L), people).write(folder);
    YoloPoseTranslator translator =
        YoloPoseTranslator.builder().setImageSize(8, 8).addTransform(new ToTensor()).build();
    Joints[] found =
        answer(
            Criteria.builder()
                .setTypes(Image.class, Joints[].class)
                .optEngine("Lanewise")
                .optModelPath(model)
                .optTranslator(translator)
                .build());
    assertThat(found).hasSize(1);
    for (int joint = 0; joint < 17; joint++) {
      joint(found[0].getJoints().get(joint), joint / 32.0, 0.25, 0.5);
    }
  }

  /** A trained network, of whose four outputs the translator takes one. */
  @Test
  void poseOfAPhoto() throws Exception {
    ModelProto.Builder model =
        ModelProto.parseFrom(Files.readAllBytes(TestFiles.own("posenet-mnv1/model.onnx")))
            .toBuilder();
    ValueInfoProto maps =
        model.getGraph().getOutputList().stream()
            .filter(output -> output.getName().equals("heatmap_2"))
            .findFirst()
            .orElseThrow();
    model.getGraphBuilder().clearOutput().addOutput(maps);
    Path file = Files.write(folder.resolve("posenet.onnx"), model.build().toByteArray());
    SimplePoseTranslator translator =
        SimplePoseTranslator.builder()
            .addTransform(new Resize(385, 385))
            .addTransform(new ToTensor())
            .addTransform(array -> array.mul(2).sub(1))
            .optThreshold(2) // before the sigmoid
            .build();
    try (ZooModel<Image, Joints> posenet = pose(file, translator).loadModel();
        Predictor<Image, Joints> predictor = posenet.newPredictor()) {
      List<Joint> found = predictor.predict(TestFiles.photo()).getJoints();
      assertThat(found).hasSizeBetween(5, 17);
      Joint nose = found.getFirst();
      assertThat(nose.getX() * 25).isCloseTo(11, within(1e-4)); // the golden's cell
      assertThat(nose.getY() * 25).isCloseTo(6, within(1e-4));
    }
  }
}
