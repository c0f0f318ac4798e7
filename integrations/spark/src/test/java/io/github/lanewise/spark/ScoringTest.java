package io.github.lanewise.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lanewise.image.AwtPixels;
import io.github.lanewise.image.Classification;
import io.github.lanewise.image.ImageInput;
import io.github.lanewise.onnx.NetworkHandle;
import io.github.lanewise.onnx.OnnxReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.reflect.ClassTag;

/** What is in a table and what becomes of it, in one JVM. */
class ScoringTest {
  private static final int ROWS = 23;

  private static LocalCluster cluster;
  private static List<byte[]> images;
  private static List<List<Classification>> expected;

  @TempDir private Path folder;

  @BeforeAll
  static void start() throws IOException {
    images = Faces.images(ROWS);
    expected = Faces.expected(Faces.handle().network(), images);
    cluster = new LocalCluster("local[2]");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static Scoring.Builder scoring() throws IOException {
    return Scoring.builder(Faces.handle())
        .images(input -> input.range(-1, 1))
        .top(7)
        .labels(Faces.LABELS);
  }

  private static List<Row> scored(Dataset<Row> rows, Scoring.Builder scoring) {
    return scoring.build().score(rows, "content").collectAsList();
  }

  private static Dataset<Row> table() {
    return Faces.table(cluster.spark(), images, ROWS).repartition(2, col("id"));
  }

  /** Tables of numbers: the same images as the network takes them. */
  private static Dataset<Row> numbers(DataType type) throws IOException {
    ImageInput input =
        ImageInput.builder(OnnxReader.DEFAULT.read(Faces.MODEL).inputs().getFirst())
            .range(-1, 1)
            .build();
    List<Row> rows = new ArrayList<>();
    for (byte[] image : images) {
      float[] pixels = new float[input.length()];
      input.write(AwtPixels.of(ImageIO.read(new ByteArrayInputStream(image))), pixels);
      Double[] values = new Double[pixels.length];
      Arrays.setAll(values, i -> (double) pixels[i]);
      rows.add(RowFactory.create((long) rows.size(), values));
    }
    StructType schema =
        new StructType()
            .add("id", DataTypes.LongType, false)
            .add("content", DataTypes.createArrayType(DataTypes.DoubleType));
    return cluster
        .spark()
        .createDataset(rows, Encoders.row(schema))
        .withColumn("content", col("content").cast(DataTypes.createArrayType(type)));
  }

  /** Batches that fill a partition, that are larger, and that leave a rest. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 16, 100})
  void anyBatchGivesTheSameBits(int batch) throws Exception {
    List<Row> rows = scored(table(), scoring().batch(batch));
    assertThat(rows).hasSize(ROWS);
    for (Row row : rows) {
      assertThat(Faces.classes(row)).isEqualTo(expected.get((int) row.getLong(0)));
    }
  }

  @Test
  void arraysOfNumbersAreTakenAsTheyAre() throws Exception {
    for (DataType type : List.of(DataTypes.FloatType, DataTypes.DoubleType)) {
      List<Row> rows = scored(numbers(type), scoring());
      assertThat(rows).hasSize(ROWS);
      for (Row row : rows) {
        assertThat(Faces.classes(row)).isEqualTo(expected.get((int) row.getLong(0)));
      }
    }
  }

  @Test
  void otherColumnsStayAndTheClassesAreTheLast() throws Exception {
    Dataset<Row> rows =
        table().select(col("content"), lit("x").as("dotted.name"), col("id").as("number"));
    Dataset<Row> scored = scoring().top(2).build().score(rows, "content");
    assertThat(scored.schema().simpleString())
        .isEqualTo(
            "struct<dotted.name:string,number:bigint,"
                + "classes:array<struct<index:int,label:string,score:float>>>");
    for (Row row : scored.collectAsList()) {
      assertThat(row.getString(0)).isEqualTo("x");
      assertThat(Faces.classes(row)).isEqualTo(expected.get((int) row.getLong(1)).subList(0, 2));
    }
  }

  /** Without labels classes are called by their number. */
  @Test
  void labelsAndProbabilities() throws Exception {
    Scoring.Builder scoring =
        Scoring.builder(Faces.handle()).images(input -> input.range(-1, 1)).softmax();
    for (Row row : scored(table(), scoring)) {
      List<Classification> all = expected.get((int) row.getLong(0));
      float[] scores = new float[all.size()];
      all.forEach(each -> scores[each.index()] = each.score());
      Classification.softmax(scores, 0, scores.length);
      List<String> names = IntStream.range(0, scores.length).mapToObj(i -> "" + i).toList();
      assertThat(Faces.classes(row)).isEqualTo(Classification.top(scores, 5, names));
    }
  }

  @Test
  void whatIsNoImageHasNoClasses() throws Exception {
    byte[] png = images.getFirst();
    List<byte[]> damaged = new ArrayList<>(images);
    damaged.set(1, null);
    damaged.set(2, new byte[0]);
    damaged.set(3, new byte[] {1, 2, 3});
    damaged.set(4, Arrays.copyOf(png, png.length / 2));
    byte[] header = png.clone();
    Arrays.fill(header, 16, 24, (byte) 0xff); // its sizes
    damaged.set(5, header);
    List<Row> rows = scored(Faces.table(cluster.spark(), damaged, ROWS).repartition(2), scoring());
    assertThat(rows).hasSize(ROWS);
    for (Row row : rows) {
      int id = (int) row.getLong(0);
      if (id >= 1 && id <= 5) {
        assertThat(row.isNullAt(1)).as("%d", id).isTrue();
      } else {
        assertThat(Faces.classes(row)).isEqualTo(expected.get(id));
      }
    }
  }

  @Test
  void whatDeclaresToBeTooLargeIsNotDecoded() throws Exception {
    List<String> said = new CopyOnWriteArrayList<>();
    Handler handler =
        new StreamHandler() {
          @Override
          public void publish(LogRecord record) {
            said.add(record.getMessage());
          }
        };
    Logger logger = Logger.getLogger(ScoringTask.class.getName());
    logger.addHandler(handler);
    try {
      assertThat(scored(table(), scoring().maxPixels(64 * 64)))
          .hasSize(ROWS)
          .noneMatch(row -> row.isNullAt(1));
      assertThat(said).isEmpty();
      assertThat(scored(table().coalesce(1), scoring().maxPixels(64 * 64 - 1)))
          .hasSize(ROWS)
          .allMatch(row -> row.isNullAt(1));
      assertThat(said)
          .containsExactly(
              "column 'content' has an image without classes, maybe more: "
                  + "the image declares 64 x 64 pixels, must have at most 4095");
    } finally {
      logger.removeHandler(handler);
    }
  }

  @Test
  void aTableWithoutRowsOrImages() throws Exception {
    assertThat(scored(table().limit(0), scoring())).isEmpty();
    Dataset<Row> none = Faces.table(cluster.spark(), Collections.singletonList((byte[]) null), 3);
    assertThat(scored(none, scoring())).hasSize(3).allMatch(row -> row.isNullAt(1));
  }

  @Test
  void whatTheNetworkCannotTakeIsSaid() throws Exception {
    Dataset<Row> rows = numbers(DataTypes.FloatType);
    fails(
        rows.selectExpr("id", "slice(content, 1, 7) content"),
        scoring(),
        "column 'content' has an array of 7 numbers, must have 4096 for a row of input_1");
    fails(
        rows.selectExpr("id", "transform(content, (x, i) -> if(i = 9, null, x)) content"),
        scoring(),
        "column 'content' has an array whose element 9 is null, must be a number");
    fails(
        table(),
        scoring().labels(List.of("a", "b")),
        "there are 2 labels, must be 7: one for each score of predictions");
    fails(table(), scoring().output("none"), "output = none must be one of the network's [pred");
    Scoring.Builder several =
        Scoring.builder(
            NetworkHandle.of(
                OnnxReader.DEFAULT,
                Files.readAllBytes(Path.of("../../src/models/tinyxception/model.onnx"))));
    fails(table(), several, "output = null must be one of the network's [");
  }

  private static void fails(Dataset<Row> rows, Scoring.Builder scoring, String message) {
    assertThatThrownBy(() -> scored(rows, scoring)).hasStackTraceContaining(message);
  }

  @Test
  void anOutputOfSeveral() throws Exception {
    NetworkHandle handle =
        NetworkHandle.of(
            OnnxReader.DEFAULT,
            Files.readAllBytes(Path.of("../../src/models/tinyxception/model.onnx")));
    assertThat(scored(table(), Scoring.builder(handle).output("gender").top(100)))
        .hasSize(ROWS)
        .allSatisfy(row -> assertThat(Faces.classes(row)).hasSize(2));
  }

  @Test
  void argumentsAreChecked() throws Exception {
    Scoring scoring = scoring().build();
    Dataset<Row> rows = table();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scoring.score(rows, "none"))
        .withMessage("column = 'none' must be one of the columns [id, content]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scoring.score(rows, "id"))
        .withMessage("column 'id' has the type bigint, must be binary or an array of numbers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scoring.score(rows.withColumnRenamed("id", "classes"), "content"))
        .withMessage("rows has a column 'classes' already, must have none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scoring().top(0))
        .withMessage("most = 0 must be 1 or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> scoring().batch(-1))
        .withMessage("rows = -1 must be 1 or more");
  }

  /** Many clusters have it for all data, broadcasts included. */
  @Test
  void canBeSentByKryo() throws Exception {
    var kryo = new KryoSerializer(cluster.spark().sparkContext().conf()).newInstance();
    ClassTag<NetworkHandle> type = ClassTag.apply(NetworkHandle.class);
    NetworkHandle handle = NetworkHandle.of(OnnxReader.DEFAULT.withInputShape("x", 1), new byte[9]);
    NetworkHandle sent = kryo.deserialize(kryo.serialize(handle, type), type);
    assertThat(sent).hasToString(handle.toString());
    NetworkHandle faces = kryo.deserialize(kryo.serialize(Faces.handle(), type), type);
    assertThat(faces.network()).isSameAs(Faces.handle().network());
  }

  /** Images in a folder, as most have them. */
  @Test
  void theJobReadsFilesAndWritesJson() throws Exception {
    Path faces = Files.createDirectory(folder.resolve("faces"));
    for (int i = 0; i < ROWS; i++) {
      Files.write(faces.resolve(i + ".png"), images.get(i));
    }
    String output = folder.resolve("scored").toString();
    int code =
        ScoringJob.execute(
            "--model",
            Faces.MODEL.toString(),
            "--input",
            faces + "/*.png",
            "--range",
            "-1",
            "1",
            "--partitions",
            "3",
            "--top",
            "1",
            "--output-format",
            "json",
            "--output",
            output);
    assertThat(code).isZero();
    List<Row> rows = cluster.spark().read().json(output).collectAsList();
    assertThat(rows).hasSize(ROWS);
    for (Row row : rows) {
      String path = row.getAs("path");
      int id = Integer.parseInt(path.replaceAll(".*/(\\d+)\\.png", "$1"));
      Row first = row.<Row>getList(row.fieldIndex("classes")).getFirst();
      assertThat(first.<Long>getAs("index")).isEqualTo(expected.get(id).getFirst().index());
    }
  }

  /** Mean and standard deviation are those of pixels: here they give the range of -1 to 1. */
  @Test
  void theJobTakesMeanAndDeviation() throws Exception {
    String input = folder.resolve("faces").toString();
    table().write().orc(input);
    String output = folder.resolve("scored").toString();
    int code =
        ScoringJob.execute(
            "--model",
            Faces.MODEL.toString(),
            "--input",
            input,
            "--format",
            "orc",
            "--id",
            "id",
            "--mean",
            "127.5",
            "--std",
            "127.5",
            "--shorter-side",
            "64",
            "--output",
            output);
    assertThat(code).isZero();
    List<Row> rows = cluster.spark().read().parquet(output).collectAsList();
    assertThat(rows).hasSize(ROWS);
    for (Row row : rows) {
      Classification best = Faces.classes(row).getFirst();
      Classification wanted = expected.get((int) row.getLong(0)).getFirst();
      assertThat(best.index()).isEqualTo(wanted.index());
      assertThat(best.score()).isCloseTo(wanted.score(), within(1e-5f));
    }
  }

  @Test
  void theJobSaysWhatItWasNotGiven() {
    assertThat(ScoringJob.execute("--model", "model.onnx")).isEqualTo(2);
    assertThat(
            ScoringJob.execute(
                "--model", "model.onnx", "--input", "x", "--output", "y", "--mean", "1"))
        .isEqualTo(2);
  }
}
