package io.github.lanewise.spark;

import io.github.lanewise.image.AwtPixels;
import io.github.lanewise.image.Classification;
import io.github.lanewise.image.ImageInput;
import io.github.lanewise.network.Network;
import io.github.lanewise.onnx.NetworkHandle;
import io.github.lanewise.onnx.OnnxReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Images for the network of emotions: parts of a photo, as PNG files. */
final class Faces {
  static final Path MODEL = Path.of("../../src/models/emotion-minixception/model.onnx");

  static final List<String> LABELS =
      List.of("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral");

  static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false)
          .add("content", DataTypes.BinaryType, true);

  private Faces() {}

  /** As many of 64 x 64 pixels, the same each time. */
  static List<byte[]> images(int count) throws IOException {
    BufferedImage photo = ImageIO.read(Path.of("../../src/models/astronaut.png").toFile());
    Random random = new Random(1);
    List<byte[]> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int x = random.nextInt(photo.getWidth() - 64);
      int y = random.nextInt(photo.getHeight() - 64);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      ImageIO.write(photo.getSubimage(x, y, 64, 64), "png", bytes);
      images.add(bytes.toByteArray());
    }
    return images;
  }

  /** A table of as many rows, numbered from 0 on, which have one image after another, in turns. */
  static Dataset<Row> table(SparkSession spark, List<byte[]> images, int count) {
    List<Row> rows = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      rows.add(RowFactory.create((long) id, images.get(id % images.size())));
    }
    return spark.createDataset(rows, Encoders.row(SCHEMA));
  }

  static NetworkHandle handle() throws IOException {
    return NetworkHandle.of(OnnxReader.DEFAULT, Files.readAllBytes(MODEL));
  }

  /** What the network says, without Spark: one image after another. */
  static List<List<Classification>> expected(Network network, List<byte[]> images)
      throws IOException {
    ImageInput input = ImageInput.builder(network.inputs().getFirst()).range(-1, 1).build();
    List<List<Classification>> expected = new ArrayList<>();
    for (byte[] image : images) {
      float[] pixels = new float[input.length()];
      input.write(AwtPixels.of(ImageIO.read(new ByteArrayInputStream(image))), pixels);
      float[] scores = new float[LABELS.size()];
      network.run(pixels, scores);
      expected.add(Classification.top(scores, LABELS.size(), LABELS));
    }
    return expected;
  }

  /** The classes of a row. */
  static List<Classification> classes(Row row) {
    return row.<Row>getList(row.fieldIndex(Scoring.CLASSES)).stream()
        .map(each -> new Classification(each.getInt(0), each.getString(1), each.getFloat(2)))
        .toList();
  }
}
