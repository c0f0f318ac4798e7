package io.github.lanewise.spark;

import io.github.lanewise.image.ImageInput;
import io.github.lanewise.onnx.NetworkHandle;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructType;

/**
 * Classifies the rows of a table: a column of encoded images or of numbers becomes the column
 * {@value #CLASSES}. Immutable and thread-safe.
 *
 * <pre>{@code
 * Dataset<Row> photos = spark.read().format("binaryFile").load("photos").select("path", "content");
 * Scoring scoring = Scoring.builder(handle).images(input -> input.range(-1, 1)).build();
 * Dataset<Row> scored = scoring.score(photos, "content");
 * scored.selectExpr("path", "classes[0].index", "classes[0].score").show();
 * }</pre>
 *
 * <p>Each JVM of the cluster reads the network once, and all its tasks share it; a task has arrays
 * of its own. The bits of a score depend neither on the other rows nor on the JVM, among those
 * whose vectors are as wide.
 */
public final class Scoring {
  /**
   * The column that {@link #score} adds: an array of structs with the fields {@code index}, {@code
   * label} and {@code score}, the largest score first.
   */
  public static final String CLASSES = "classes";

  /** Beyond cameras, and within the heap of an executor. */
  static final int MAX_PIXELS = 100_000_000;

  private static final StructType CLASS =
      new StructType()
          .add("index", DataTypes.IntegerType, false)
          .add("label", DataTypes.StringType, false)
          .add("score", DataTypes.FloatType, false);

  private final NetworkHandle network;
  private final Settings settings;

  private Scoring(Builder b) {
    this.network = b.network.withBatch(b.batch);
    this.settings =
        new Settings(b.batch, b.top, b.images, b.maxPixels, b.isSoftmax, b.output, b.labels);
  }

  /**
   * What tasks are told beside the network.
   *
   * @param output null for the only one
   * @param labels null for the indices
   */
  record Settings(
      int batch,
      int top,
      Images images,
      int maxPixels,
      boolean isSoftmax,
      String output,
      ArrayList<String> labels)
      implements Serializable {}

  /** Sets how images become the network's input; sent to tasks, so what it captures is, too. */
  @FunctionalInterface
  public interface Images extends UnaryOperator<ImageInput.Builder>, Serializable {}

  /**
   * Starts one: five classes of the only output's scores as they are, labelled by their index; 16
   * rows a run; images of at most {@value #MAX_PIXELS} pixels, as {@link
   * ImageInput#builder(io.github.lanewise.network.Port)} has them.
   *
   * @param network of one input; a batch that the handle has is overridden
   * @return a builder
   */
  public static Builder builder(NetworkHandle network) {
    return new Builder(Objects.requireNonNull(network, "network is null"));
  }

  /**
   * Adds the classes of each row. Nothing is computed before the result is used.
   *
   * <p>Spark's pages show how far it is: of a running stage the accumulators "rows scored" and
   * "rows without classes", which a task that is repeated adds to again.
   *
   * @param rows the column, and others that are kept
   * @param column encoded images (binary: PNG, JPEG, BMP, GIF), or arrays of numbers as the
   *     network's input has them; it is dropped
   * @return the other columns and {@value #CLASSES}, which is null where the column is, or where it
   *     is no image that can be read, or declares to be larger than {@link Builder#maxPixels}
   * @throws IllegalArgumentException if there is no such column, it has another type, or another
   *     one is called {@value #CLASSES}
   */
  public Dataset<Row> score(Dataset<Row> rows, String column) {
    List<String> columns = Arrays.asList(rows.columns());
    if (!columns.contains(column)) {
      throw new IllegalArgumentException(
          "column = '%s' must be one of the columns %s".formatted(column, columns));
    }
    if (columns.contains(CLASSES) && !column.equals(CLASSES)) {
      throw new IllegalArgumentException(
          "rows has a column '%s' already, must have none".formatted(CLASSES));
    }
    Column values = rows.col("`" + column + "`");
    DataType type = rows.schema().apply(column).dataType();
    boolean isImage = type.equals(DataTypes.BinaryType);
    if (type instanceof ArrayType array && array.elementType() instanceof NumericType) {
      values = values.cast(DataTypes.createArrayType(DataTypes.FloatType, array.containsNull()));
    } else if (!isImage) {
      throw new IllegalArgumentException(
          "column '%s' has the type %s, must be binary or an array of numbers"
              .formatted(column, type.simpleString()));
    }
    Dataset<Row> others = rows.drop(column);
    List<Column> order = new ArrayList<>();
    for (String other : others.columns()) {
      order.add(rows.col("`" + other + "`"));
    }
    order.add(values.as(column)); // the last, where its classes will be
    SparkContext context = rows.sparkSession().sparkContext();
    Broadcast<NetworkHandle> sent = JavaSparkContext.fromSparkContext(context).broadcast(network);
    ScoringTask task =
        new ScoringTask(
            sent,
            settings,
            column,
            isImage,
            context.longAccumulator("rows scored"),
            context.longAccumulator("rows without classes"));
    return rows.select(order.toArray(Column[]::new))
        .mapPartitions(
            task,
            Encoders.row(
                others.schema().add(CLASSES, DataTypes.createArrayType(CLASS, false), true)));
  }

  /** What is scored, and how. Not thread-safe. */
  public static final class Builder {
    private final NetworkHandle network;
    private int batch = 16;
    private int top = 5;
    private Images images = input -> input;
    private int maxPixels = MAX_PIXELS;
    private boolean isSoftmax;
    private String output;
    private ArrayList<String> labels;

    private Builder(NetworkHandle network) {
      this.network = network;
    }

    /**
     * How many classes a row gets.
     *
     * @param most 1 or more; fewer where the network has fewer
     * @return this
     */
    public Builder top(int most) {
      this.top = atLeastOne("most", most);
      return this;
    }

    /**
     * How many rows a run takes. The scores do not depend on it.
     *
     * @param rows 1 or more; 1 for a network whose first size is not 1
     * @return this
     */
    public Builder batch(int rows) {
      this.batch = atLeastOne("rows", rows);
      return this;
    }

    /**
     * How large an image may declare to be; larger ones are not decoded. A task keeps one at a
     * time, most often three bytes a pixel.
     *
     * @param most width times height, 1 or more
     * @return this
     */
    public Builder maxPixels(int most) {
      this.maxPixels = atLeastOne("most", most);
      return this;
    }

    private static int atLeastOne(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " = " + value + " must be 1 or more");
      }
      return value;
    }

    /**
     * How images become the network's input.
     *
     * @param how is given a builder for that input, returns it
     * @return this
     */
    public Builder images(Images how) {
      this.images = Objects.requireNonNull(how, "how is null");
      return this;
    }

    /**
     * Turns the network's scores into probabilities that are 1 in sum.
     *
     * @return this
     */
    public Builder softmax() {
      this.isSoftmax = true;
      return this;
    }

    /**
     * Which output has the scores, of a network with several.
     *
     * @param name an output
     * @return this
     */
    public Builder output(String name) {
      this.output = Objects.requireNonNull(name, "name is null");
      return this;
    }

    /**
     * What the classes are called.
     *
     * @param names one for each score, in their order; copied
     * @return this
     */
    public Builder labels(List<String> names) {
      this.labels = new ArrayList<>(names);
      return this;
    }

    /**
     * Creates it.
     *
     * @return a scoring
     */
    public Scoring build() {
      return new Scoring(this);
    }
  }
}
