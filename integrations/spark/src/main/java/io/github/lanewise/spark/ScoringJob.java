package io.github.lanewise.spark;

import io.github.lanewise.image.Fit;
import io.github.lanewise.onnx.NetworkHandle;
import io.github.lanewise.onnx.OnnxReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The program for {@code spark-submit}: reads a table, scores it and writes the classes. Paths are
 * those of any file system that Spark has.
 */
@Command(
    name = "spark-submit [options] lanewise-spark.jar",
    description = "Classifies images or rows of numbers by an ONNX network.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true)
public final class ScoringJob implements Callable<Integer> {
  @Option(names = "--model", required = true, description = "The network, an .onnx file.")
  private String model;

  @Option(
      names = "--input",
      required = true,
      arity = "1..*",
      description = "What to score: files, folders, patterns.")
  private List<String> input;

  @Option(names = "--output", required = true, description = "Folder to write, replaced.")
  private String output;

  @Option(
      names = "--format",
      defaultValue = "binaryFile",
      description = "Of the input: binaryFile (a row for each image file), parquet, orc, ...")
  private String format;

  @Option(
      names = "--output-format",
      defaultValue = "parquet",
      description = "Of the output: parquet, json, orc.")
  private String outputFormat;

  @Option(
      names = "--id",
      split = ",",
      defaultValue = "path",
      description = "Columns that the output has beside the classes.")
  private List<String> id;

  @Option(
      names = "--column",
      defaultValue = "content",
      description = "Encoded images, or arrays of numbers as the network takes them.")
  private String column;

  @Option(names = "--top", defaultValue = "5", description = "Classes of each row.")
  private int top;

  @Option(names = "--batch", defaultValue = "16", description = "Rows of a run.")
  private int batch;

  @Option(
      names = "--range",
      arity = "2",
      paramLabel = "N",
      description = "What pixels of 0 and of 255 become. Default: 0 1.",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private float[] range = {0, 1};

  @Option(
      names = "--mean",
      split = ",",
      paramLabel = "N",
      description =
          "Subtracted from pixels of 0 to 255, by channel; with --std instead of --range.")
  private float[] mean;

  @Option(
      names = "--std",
      split = ",",
      paramLabel = "N",
      description = "What the difference is divided by, by channel.")
  private float[] std;

  @Option(
      names = "--fit",
      defaultValue = "STRETCH",
      description = "Images of other proportions: ${COMPLETION-CANDIDATES}.")
  private Fit fit;

  @Option(
      names = "--shorter-side",
      paramLabel = "PIXELS",
      description = "What it is resized to before the image is cropped, as torchvision does.")
  private Integer shorterSide;

  @Option(
      names = "--max-pixels",
      defaultValue = "" + Scoring.MAX_PIXELS,
      description = "Images that declare to be larger are not decoded.")
  private int maxPixels;

  @Option(
      names = "--shape",
      split = ",",
      description = "Sizes of the network's input that the file leaves open, by NAME=1x3x224x224.")
  private Map<String, String> shapes = Map.of();

  @Option(names = "--scores", description = "The network's output with the scores, of several.")
  private String scores;

  @Option(names = "--softmax", description = "Turn scores into probabilities.")
  private boolean isSoftmax;

  @Option(names = "--labels", description = "A text file with the name of a class in each line.")
  private String labels;

  @Option(
      names = "--partitions",
      description = "Tasks to split the input into. Default: as it is stored.")
  private Integer partitions;

  @Option(
      names = "--warm-up",
      defaultValue = "20",
      paramLabel = "SECONDS",
      description = "For how long at most each JVM compiles the network before it begins.")
  private long warmUp;

  @Spec private CommandSpec spec;

  private ScoringJob() {}

  /** Runs the command and exits. */
  public static void main(String[] arguments) {
    int code = execute(arguments);
    if (SparkSession.getDefaultSession().isDefined()) {
      SparkSession.getDefaultSession().get().stop();
    }
    System.exit(code);
  }

  static int execute(String... arguments) {
    return new CommandLine(new ScoringJob())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(arguments);
  }

  @Override
  public Integer call() throws IOException {
    Scoring.Images images = images();
    SparkSession spark = SparkSession.builder().appName("Lanewise scoring").getOrCreate();
    Scoring.Builder scoring =
        Scoring.builder(handle(spark)).top(top).batch(batch).images(images).maxPixels(maxPixels);
    if (scores != null) {
      scoring.output(scores);
    }
    if (isSoftmax) {
      scoring.softmax();
    }
    if (labels != null) {
      scoring.labels(new String(bytes(spark, labels), StandardCharsets.UTF_8).lines().toList());
    }
    Dataset<Row> rows = spark.read().format(format).load(input.toArray(String[]::new));
    rows =
        rows.select(
            Stream.concat(id.stream(), Stream.of(column)).map(rows::col).toArray(Column[]::new));
    if (partitions != null) {
      rows = rows.repartition(partitions);
    }
    spark.sparkContext().setJobDescription("scores " + input + " by " + model);
    scoring.build().score(rows, column).write().mode("overwrite").format(outputFormat).save(output);
    return 0;
  }

  private NetworkHandle handle(SparkSession spark) throws IOException {
    OnnxReader reader = OnnxReader.DEFAULT;
    for (Map.Entry<String, String> shape : shapes.entrySet()) {
      reader = reader.withInputShape(shape.getKey(), sizes(shape.getValue()));
    }
    return NetworkHandle.of(reader, bytes(spark, model)).withWarmUp(Duration.ofSeconds(warmUp));
  }

  /** Of values alone, since the lambda is sent. */
  private Scoring.Images images() {
    if ((mean == null) != (std == null)) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--mean and --std must both be given, or none");
    }
    float[] shift = mean;
    float[] scale = std == null ? range : std.clone();
    for (int i = 0; std != null && i < std.length; i++) {
      scale[i] = 1 / std[i];
    }
    Fit how = fit;
    Integer side = shorterSide;
    return input -> {
      if (shift == null) {
        input.range(scale[0], scale[1]);
      } else {
        input.mean(shift).scale(scale);
      }
      return side == null ? input.fit(how) : input.shorterSide(side);
    };
  }

  private static int[] sizes(String text) {
    return Stream.of(text.split("x", -1)).mapToInt(Integer::parseInt).toArray();
  }

  private static byte[] bytes(SparkSession spark, String file) throws IOException {
    Path path = new Path(file);
    var configuration = spark.sparkContext().hadoopConfiguration();
    try (InputStream in = path.getFileSystem(configuration).open(path)) {
      return in.readAllBytes();
    }
  }
}
