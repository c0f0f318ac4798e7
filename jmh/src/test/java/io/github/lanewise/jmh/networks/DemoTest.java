package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lanewise.image.Detection;
import io.github.lanewise.image.ImageInput;
import io.github.lanewise.image.Pixels;
import io.github.lanewise.image.Placement;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The demo finds what other engines find, in the photo and where the photo is moved to. */
class DemoTest {
  private static final Path MODELS = Path.of("../src/models");

  /** Rows and columns of the photo. */
  private static final double SIZE = 512;

  private static BufferedImage astronaut() throws Exception {
    return Demo.read(MODELS.resolve("astronaut.png"));
  }

  private static List<Face> faces(BufferedImage photo) throws Exception {
    return Demo.blazeFaces(Demo.blazeFace(MODELS, photo));
  }

  @Test
  void theFaceIsWhereOtherEnginesSeeIt() throws Exception {
    List<Face> faces = faces(astronaut());
    assertThat(faces).hasSize(1);
    Detection box = faces.getFirst().box();
    assertThat(box.score()).isEqualTo(0.9208f, offset(1e-3f));
    assertThat(box.left() / SIZE).isEqualTo(0.3490, offset(1e-3));
    assertThat(box.top() / SIZE).isEqualTo(0.1607, offset(1e-3));
    assertThat(box.right() / SIZE).isEqualTo(0.5296, offset(1e-3));
    assertThat(box.bottom() / SIZE).isEqualTo(0.3413, offset(1e-3));
    assertThat(faces.getFirst().points().getFirst() / SIZE).isEqualTo(0.404, offset(1e-3));
  }

  /** A cell of each grid: the candidates are at its place, whatever the others say. */
  @Test
  void theGridsOfYuNetLieOverItsInput() {
    Map<String, float[]> outputs = new HashMap<>();
    for (int stride : List.of(8, 16, 32)) {
      int cells = 64 / stride * (32 / stride);
      outputs.put("cls_" + stride, new float[cells]);
      outputs.put("obj_" + stride, new float[cells]);
      outputs.put("bbox_" + stride, new float[4 * cells]);
      outputs.put("kps_" + stride, new float[10 * cells]);
    }
    set(outputs, 8, 17, 0.9f, 0.5f); // column 1, row 2
    set(outputs, 16, 7, 0.5f, 0.98f); // column 3, row 1
    set(outputs, 32, 0, 0.5f, 0.5f); // below the least score
    ImageInput twice = ImageInput.builder(32, 64).build();
    Placement placement = twice.write(Pixels.argb(new int[128 * 64], 128, 64), new float[6144]);
    List<Face> faces = YuNet.decode(outputs::get, 64, placement);
    assertThat(faces).hasSize(2);
    // Their centres are half a cell right of and a quarter below the cell's corner, in the photo
    // twice as far; the width is e cells, the height one.
    isAt(faces.get(0), 0.7f, 2 * 3.5 * 16, 2 * 1.25 * 16, 2 * 16);
    isAt(faces.get(1), (float) Math.sqrt(0.45), 2 * 1.5 * 8, 2 * 2.25 * 8, 2 * 8);
  }

  private static void set(Map<String, float[]> outputs, int stride, int i, float cls, float obj) {
    outputs.get("cls_" + stride)[i] = cls;
    outputs.get("obj_" + stride)[i] = obj;
    System.arraycopy(new float[] {0.5f, 0.25f, 1, 0}, 0, outputs.get("bbox_" + stride), 4 * i, 4);
    for (int k = 0; k < 10; k++) {
      outputs.get("kps_" + stride)[10 * i + k] = k;
    }
  }

  private static void isAt(Face face, float score, double x, double y, double cell) {
    Detection box = face.box();
    assertThat(box.score()).isEqualTo(score, offset(1e-6f));
    assertThat((double) box.left()).isEqualTo(x - Math.E * cell / 2, offset(1e-4));
    assertThat((double) box.right()).isEqualTo(x + Math.E * cell / 2, offset(1e-4));
    assertThat((double) box.top()).isEqualTo(y - cell / 2, offset(1e-4));
    assertThat((double) box.bottom()).isEqualTo(y + cell / 2, offset(1e-4));
    for (int k = 0; k < 10; k++) {
      double corner = k % 2 == 0 ? x - cell / 2 : y - cell / 4;
      assertThat((double) face.points().get(k)).isEqualTo(corner + k * cell, offset(1e-4));
    }
  }

  @Test
  void yuNetSeesTheFaceThatBlazeFaceSees() throws Exception {
    Path model = Path.of("../../shared/networks/yunet_n_320/model.onnx");
    assumeTrue(Files.exists(model), () -> model + " is not there");
    List<Face> found = Demo.yuNetFaces(Demo.yuNet(model, astronaut()));
    assertThat(found).hasSize(1);
    Face face = found.getFirst();
    Face other = faces(astronaut()).getFirst();
    assertThat(face.box().iou(other.box())).isGreaterThan(0.5f);
    for (int k = 0; k < 6; k++) { // both eyes, then the nose
      assertThat(face.points().get(k)).as("%d", k).isEqualTo(other.points().get(k), offset(8f));
    }
  }

  /** Their coordinates are those of an input of 385 x 385. */
  @Test
  void theBodyIsWhereOtherEnginesSeeIt() throws Exception {
    Pose pose = Demo.pose(Demo.poseNet(MODELS, astronaut()));
    assertThat(pose.points().stream().filter(Pose.Point::isSeen)).hasSize(9);
    at(pose, "nose", 166.6, 95.1);
    at(pose, "left shoulder", 241.3, 204.9);
    at(pose, "right elbow", 54.2, 321.4);
    at(pose, "right wrist", 110.4, 381.8);
  }

  private static void at(Pose pose, String name, double x, double y) {
    Pose.Point point = pose.points().get(Pose.NAMES.indexOf(name));
    assertThat(point.x() * 385 / SIZE).as(name).isEqualTo(x, offset(0.2));
    assertThat(point.y() * 385 / SIZE).as(name).isEqualTo(y, offset(0.2));
  }

  /** A photo that is not square is put into the middle of a black square. */
  @Test
  void aWidePhotoKeepsItsProportions() throws Exception {
    BufferedImage wide = new BufferedImage(576, 512, BufferedImage.TYPE_INT_RGB);
    wide.getGraphics().drawImage(astronaut(), 32, 0, null);
    Face face = faces(wide).getFirst();
    assertThat((double) face.box().left()).isEqualTo(32 + 0.349 * SIZE, offset(12.0));
    assertThat((double) face.box().top()).isEqualTo(0.1607 * SIZE, offset(12.0));
    BufferedImage drawn =
        Demo.draw(wide, List.of(face), new Pose(Collections.nCopies(17, new Pose.Point(0, 0, 0))));
    int x = (int) face.box().left();
    int y = (int) (face.box().top() + face.box().bottom()) / 2;
    assertThat(drawn.getRGB(x, y) & 0xffffff).isEqualTo(0xffea00);
  }
}
