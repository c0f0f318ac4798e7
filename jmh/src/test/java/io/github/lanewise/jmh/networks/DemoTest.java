package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.lanewise.image.Detection;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
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
    return Demo.faces(Demo.Run.of(MODELS.resolve("blazeface-front/model.onnx"), photo));
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

  /** Their coordinates are those of an input of 385 x 385. */
  @Test
  void theBodyIsWhereOtherEnginesSeeIt() throws Exception {
    Pose pose = Demo.pose(Demo.Run.of(MODELS.resolve("posenet-mnv1/model.onnx"), astronaut()));
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
