package io.github.lanewise.jmh.networks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import io.github.lanewise.network.Layout;
import io.github.lanewise.network.Network;
import io.github.lanewise.onnx.OnnxReader;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The demo finds what other engines find, in the photo and where the photo is moved to. */
class DemoTest {
  private static final Path MODELS = Path.of("../src/models");

  private static Photo astronaut() throws Exception {
    return Photo.read(MODELS.resolve("astronaut.png"));
  }

  private static List<Face> faces(Photo photo) throws Exception {
    Network network =
        OnnxReader.DEFAULT
            .read(MODELS.resolve("blazeface-front/model.onnx"))
            .withLayout("input", Layout.NHWC);
    Map<String, float[]> out = network.run(Map.of("input", photo.input(Face.SIZE)));
    return Face.decode(
        out.get("classificators_1"),
        out.get("regressors_1"),
        out.get("classificators_2"),
        out.get("regressors_2"));
  }

  @Test
  void theFaceIsWhereOtherEnginesSeeIt() throws Exception {
    List<Face> faces = faces(astronaut());
    assertThat(faces).hasSize(1);
    Face face = faces.getFirst();
    assertThat(face.score()).isEqualTo(0.9208, offset(1e-3));
    assertThat(face.x() / Face.SIZE).isEqualTo(0.3490, offset(1e-3));
    assertThat(face.y() / Face.SIZE).isEqualTo(0.1607, offset(1e-3));
    assertThat((face.x() + face.width()) / Face.SIZE).isEqualTo(0.5296, offset(1e-3));
    assertThat((face.y() + face.height()) / Face.SIZE).isEqualTo(0.3413, offset(1e-3));
    assertThat(face.points().getFirst() / Face.SIZE).isEqualTo(0.404, offset(1e-3));
  }

  @Test
  void theBodyIsWhereOtherEnginesSeeIt() throws Exception {
    Network network =
        OnnxReader.DEFAULT
            .read(MODELS.resolve("posenet-mnv1/model.onnx"))
            .withLayout("image", Layout.NHWC)
            .withLayout("heatmap_2", Layout.NHWC)
            .withLayout("offset_2", Layout.NHWC);
    Map<String, float[]> out = network.run(Map.of("image", astronaut().input(Pose.SIZE)));
    Pose pose = Pose.decode(out.get("heatmap_2"), out.get("offset_2"));
    assertThat(pose.points().stream().filter(Pose.Point::isSeen)).hasSize(9);
    at(pose, "nose", 166.6, 95.1);
    at(pose, "left shoulder", 241.3, 204.9);
    at(pose, "right elbow", 54.2, 321.4);
    at(pose, "right wrist", 110.4, 381.8);
  }

  private static void at(Pose pose, String name, double x, double y) {
    Pose.Point point = pose.points().get(Pose.NAMES.indexOf(name));
    assertThat(point.x()).as(name).isEqualTo(x, offset(0.2));
    assertThat(point.y()).as(name).isEqualTo(y, offset(0.2));
  }

  /** A photo that is not square is put into the middle of a black square. */
  @Test
  void aWidePhotoKeepsItsProportions() throws Exception {
    BufferedImage square = astronaut().image();
    Photo wide = new Photo(new BufferedImage(576, 512, BufferedImage.TYPE_INT_RGB));
    wide.image().getGraphics().drawImage(square, 32, 0, null);
    assertThat(wide.top()).isEqualTo(-32);
    Face face = faces(wide).getFirst();
    double scale = wide.scale(Face.SIZE);
    assertThat(face.x() * scale + wide.left()).isEqualTo(32 + 0.349 * 512, offset(12.0));
    assertThat(face.y() * scale + wide.top()).isEqualTo(0.1607 * 512, offset(12.0));
    BufferedImage drawn = Demo.draw(wide, List.of(face), new Pose(noPoints()));
    int x = (int) (face.x() * scale) + wide.left();
    int y = (int) ((face.y() + face.height() / 2) * scale) + wide.top();
    assertThat(drawn.getRGB(x, y) & 0xffffff).isEqualTo(0xffea00);
  }

  private static List<Pose.Point> noPoints() {
    return java.util.Collections.nCopies(Pose.NAMES.size(), new Pose.Point(0, 0, 0));
  }
}
